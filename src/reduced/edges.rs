//! The edges of many laws side by side: vectors run over them, whatever the number of edges that each law reaches.
//!
//! A law that reaches the bins `first..end` has an entry for each edge from `first` to `end`. Nothing lies beyond the first, nor
//! beyond the last, unless that is the threshold.

use super::real::Real;
use super::transition::{Edge, Share, Spread, edge_distance, is_narrow, narrow_tail, share_between, wide_tail};

/// Entries that are computed side by side.
const LANES: usize = 8;

/// One number per entry in each, and room for whole lanes behind the last.
#[derive(Clone, Debug, Default)]
pub struct Edges<T> {
    entries: usize,
    /// Distance above the law's mean.
    y: Vec<T>,
    half: Vec<T>,
    sigma: Vec<T>,
    inverse_sigma: Vec<T>,
    inverse_width: Vec<T>,
    /// 0 where nothing lies beyond.
    weight: Vec<T>,
    tail: Vec<T>,
    excess: Vec<T>,
    /// Between this edge and the next.
    mass: Vec<T>,
    moment: Vec<T>,
}

impl<T: Real> Edges<T> {
    /// Entries of a law.
    pub fn of(s: &Spread<T>) -> usize {
        (s.end - s.first) as usize + 1
    }

    pub fn clear(&mut self) {
        self.entries = 0;
    }

    /// Appends the edges of a law over bins of width `h`.
    #[inline(always)]
    pub fn push(&mut self, s: &Spread<T>, h: T) {
        let entries = self.entries..self.entries + Edges::of(s);
        if self.y.len() < entries.end + LANES + 1 {
            self.grow(2 * entries.end + LANES + 1);
        }
        for (y, index) in self.y[entries.clone()].iter_mut().zip(s.first..) {
            *y = edge_distance(s, index, h);
        }
        self.half[entries.clone()].fill(s.half);
        self.sigma[entries.clone()].fill(s.sigma);
        self.inverse_sigma[entries.clone()].fill(s.inverse_sigma);
        self.inverse_width[entries.clone()].fill(s.inverse_width);
        self.weight[entries.clone()].fill(T::one());
        self.weight[entries.start] = T::zero();
        if !s.open {
            self.weight[entries.end - 1] = T::zero();
        }
        self.entries = entries.end;
    }

    #[cold]
    fn grow(&mut self, entries: usize) {
        let Edges { entries: _, y, half, sigma, inverse_sigma, inverse_width, weight, tail, excess, mass, moment } = self;
        for numbers in [y, half, sigma, inverse_sigma, inverse_width, weight, tail, excess, mass, moment] {
            numbers.resize(entries, T::one());
        }
    }

    /// Computes tails and shares of all entries.
    #[inline(always)]
    pub fn sort_out(&mut self, h: T) {
        for at in (0..self.entries).step_by(LANES) {
            self.tails(at);
        }
        for at in (0..self.entries).step_by(LANES) {
            self.shares(at, h);
        }
    }

    /// tail and excess of the lanes from entry `at` on.
    #[inline(always)]
    fn tails(&mut self, at: usize) {
        let lanes = |numbers: &[T]| -> [T; LANES] { numbers[at..at + LANES].try_into().expect("whole lanes") };
        let (y, half, sigma) = (lanes(&self.y), lanes(&self.half), lanes(&self.sigma));
        let (inverse_sigma, inverse_width, weight) =
            (lanes(&self.inverse_sigma), lanes(&self.inverse_width), lanes(&self.weight));
        let law = |lane: usize| Spread {
            half: half[lane],
            sigma: sigma[lane],
            inverse_sigma: inverse_sigma[lane],
            inverse_width: inverse_width[lane],
            ..Spread::default()
        };
        let mut narrow = [false; LANES];
        let mut count = 0;
        for lane in 0..LANES {
            narrow[lane] = is_narrow(&law(lane));
            count += usize::from(narrow[lane]);
        }
        let (mut tail, mut excess) = ([T::zero(); LANES], [T::zero(); LANES]);
        if count < LANES {
            for lane in 0..LANES {
                (tail[lane], excess[lane]) = wide_tail(&law(lane), y[lane].abs());
            }
        }
        if count > 0 {
            let (mut narrow_tails, mut narrow_excesses) = ([T::zero(); LANES], [T::zero(); LANES]);
            for lane in 0..LANES {
                (narrow_tails[lane], narrow_excesses[lane]) = narrow_tail(&law(lane), y[lane].abs());
            }
            for lane in 0..LANES {
                tail[lane] = if narrow[lane] { narrow_tails[lane] } else { tail[lane] };
                excess[lane] = if narrow[lane] { narrow_excesses[lane] } else { excess[lane] };
            }
        }
        for lane in 0..LANES {
            self.tail[at + lane] = weight[lane] * tail[lane];
            self.excess[at + lane] = weight[lane] * excess[lane];
        }
    }

    /// Shares between the lanes from entry `at` on and their next; without meaning behind the last entry of a law.
    #[inline(always)]
    fn shares(&mut self, at: usize, h: T) {
        let (mut mass, mut moment) = ([T::zero(); LANES], [T::zero(); LANES]);
        let (y, tail, excess) =
            (&self.y[at..at + LANES + 1], &self.tail[at..at + LANES + 1], &self.excess[at..at + LANES + 1]);
        let weight = &self.weight[at..at + LANES + 1];
        for lane in 0..LANES {
            // The lowest bin takes all that falls below it, so its lower edge may lie above the mean.
            let above = y[lane] > T::zero() && weight[lane] > T::zero();
            let lower = Edge { y: y[lane], tail: tail[lane], excess: excess[lane], above };
            let (y, tail, excess) = (y[lane + 1], tail[lane + 1], excess[lane + 1]);
            let upper = Edge { y, tail, excess, above: y > T::zero() };
            let share = share_between(&lower, &upper, h);
            (mass[lane], moment[lane]) = (share.mass, share.moment);
        }
        self.mass[at..at + LANES].copy_from_slice(&mass);
        self.moment[at..at + LANES].copy_from_slice(&moment);
    }

    /// Per neuron, what lands between entry `at` and the next.
    #[inline(always)]
    pub fn share(&self, at: usize) -> Share<T> {
        Share { mass: self.mass[at], moment: self.moment[at] }
    }

    /// Entry `at`, which is not a law's first, or which is its only one.
    #[inline(always)]
    pub fn edge(&self, at: usize) -> Edge<T> {
        let y = self.y[at];
        Edge { y, tail: self.tail[at], excess: self.excess[at], above: y > T::zero() }
    }
}
