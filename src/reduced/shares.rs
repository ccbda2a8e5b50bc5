//! What neighbouring source bins send to the bins around them.
//!
//! Bin k sends its share of row r to bin k + first + r: a row is a piece of a diagonal of the transition matrix, and sources
//! and destinations are both neighbours in memory.

use super::edges::{EdgeTails, find_edge};
use super::lanes::{LANES, Lanes};
use super::linear::{scatter, scatter_of, second_above, second_between};
use super::noise::{Stream, binomial, words};
use super::real::Real;
use super::scheme::Scheme;
use super::transition::{BinLaw, DEEPEST, Edge, Share, share_above, share_between, share_of};

/// The rows that some law of the lanes reaches.
#[derive(Clone, Debug)]
pub struct TransitionDiagonals<T> {
    /// Destinations of row 0, counted from the source.
    pub first: i32,
    /// Some lane reaches beyond the threshold.
    pub fires: bool,
    /// What lands above it.
    pub leaving: Share<Lanes<T>>,
    /// Its squared distances from its mean, where bins keep second moments.
    pub leaving_scatter: Lanes<T>,
    /// Threshold of each lane.
    pub threshold: Edge<Lanes<T>>,
    /// Rows in use; behind them and behind as many edges and one lies what earlier bins needed.
    reached: usize,
    rows: Vec<Share<Lanes<T>>>,
    scatters: Vec<Lanes<T>>,
    edges: Vec<Edge<Lanes<T>>>,
    ends: EdgeTails<T>,
    /// What lands above each destination of the lane at hand, the last first.
    above: Vec<T>,
}

impl<T: Real> Default for TransitionDiagonals<T> {
    fn default() -> TransitionDiagonals<T> {
        let (leaving, threshold) = (Share::zero(), Edge::zero());
        TransitionDiagonals {
            first: 0,
            fires: false,
            leaving,
            leaving_scatter: [T::zero(); LANES],
            threshold,
            reached: 0,
            rows: vec![],
            scatters: vec![],
            edges: vec![Edge::zero()],
            ends: EdgeTails::default(),
            above: vec![],
        }
    }
}

impl<T: Real> TransitionDiagonals<T> {
    /// Per neuron of the source; 0 beyond what a lane's own law reaches, and beyond the threshold.
    pub fn rows(&self) -> &[Share<Lanes<T>>] {
        &self.rows[..self.reached]
    }

    /// Squared distances of each row's shares from their means; of zero length where bins keep no second moments.
    pub fn scatters(&self) -> &[Lanes<T>] {
        &self.scatters[..self.reached.min(self.scatters.len())]
    }

    /// Shares out the laws of those of the first `len` lanes that are `filled`, one at least, over bins of width `h`; the others' are
    /// numbers without meaning. `origin` is the bin of the first lane.
    #[inline(always)]
    pub fn share_out<S: Scheme>(
        &mut self,
        laws: &BinLaw<Lanes<T>>,
        filled: &[bool; LANES],
        origin: usize,
        len: usize,
        h: T,
    ) {
        let (mut first, mut last) = (i32::MAX, i32::MIN);
        self.ends.begin();
        self.fires = false;
        for lane in (0..len.min(LANES)).filter(|&lane| filled[lane]) {
            let s = laws.lane(lane);
            first = first.min(s.first.to_i32());
            last = last.max(s.last.min(s.top).to_i32());
            self.fires |= s.last > s.top;
            self.ends.sort_out::<S>(lane, &s);
        }
        self.first = first;
        self.reached = (last - first).max(0) as usize;
        if self.rows.len() < self.reached {
            self.rows.resize(self.reached, Share::zero());
            self.edges.resize(self.reached + 1, Edge::zero());
            if S::LOCAL {
                self.scatters.resize(self.reached, [T::zero(); LANES]);
            }
        }
        // No lane's law lies below its first edge: the first of all is zero for ever.
        for (index, edge) in (first + 1..=last).zip(&mut self.edges[1..]) {
            find_edge::<T, S>(edge, &mut self.ends, laws, |_| T::of(f64::from(index)), len, h);
        }
        for ((index, edges), row) in (first + 1..=last).zip(self.edges.windows(2)).zip(&mut self.rows) {
            find_row(row, &edges[0], &edges[1], laws, index, origin, len, h);
        }
        if S::LOCAL {
            let rows = self.edges.windows(2).zip(&self.rows).zip(&mut self.scatters);
            for ((edges, row), scatters) in rows.take(self.reached) {
                find_scatter(scatters, &edges[0], &edges[1], row, laws, len, h);
            }
        }
        if self.fires {
            find_edge::<T, S>(&mut self.threshold, &mut self.ends, laws, |lane| laws.top[lane], len, h);
            for lane in 0..len.min(LANES) {
                self.leaving.set(lane, share_above(&self.threshold.lane(lane)));
            }
            if S::LOCAL {
                for lane in 0..len.min(LANES) {
                    let (share, edge) = (self.leaving.lane(lane), self.threshold.lane(lane));
                    let second = second_above(&edge, laws.spread[lane]);
                    self.leaving_scatter[lane] = scatter(&share, second, T::of(DEEPEST));
                }
            }
        } else {
            self.leaving.mass[..len].fill(T::zero());
            self.leaving.moment[..len].fill(T::zero());
            self.leaving_scatter[..len].fill(T::zero());
        }
    }

    /// Makes the shares numbers of neurons.
    #[inline(always)]
    pub fn multiply<S: Scheme>(&mut self, n: &[T]) {
        if S::LOCAL {
            for numbers in self.scatters[..self.reached].iter_mut() {
                numbers.iter_mut().zip(n).for_each(|(number, n)| *number = *n * *number);
            }
        }
        for share in self.rows[..self.reached].iter_mut().chain([&mut self.leaving]) {
            for numbers in [&mut share.mass, &mut share.moment] {
                numbers.iter_mut().zip(n).for_each(|(number, n)| *number = *n * *number);
            }
        }
    }

    /// Makes the shares of a lane 0.
    #[inline(always)]
    pub fn clear<S: Scheme>(&mut self, lane: usize) {
        if S::LOCAL {
            self.scatters[..self.reached].iter_mut().for_each(|scatters| scatters[lane] = T::zero());
            self.leaving_scatter[lane] = T::zero();
        }
        for share in self.rows[..self.reached].iter_mut().chain([&mut self.leaving]) {
            share.set(lane, Share::default());
        }
    }

    /// Draws how many of the `n` neurons of a lane go where: the shares become theirs.
    #[inline(always)]
    pub fn draw<S: Scheme>(&mut self, s: &Stream, lane: usize, laws: &BinLaw<Lanes<T>>, n: T) {
        let law = laws.lane(lane);
        let row = |index: T| (index.to_i32() - self.first) as usize;
        let reached = row(law.first)..row(law.last.min(law.top));
        let mut beyond = self.leaving.mass[lane];
        self.above.clear();
        for row in self.rows[reached.clone()].iter().rev() {
            self.above.push(beyond);
            beyond += row.mass[lane];
        }
        let mut bits = [0; 4];
        let mut left = n;
        let rows = (reached.clone()).zip(&mut self.rows[reached]).zip(self.above.iter().rev());
        for (draw, ((index, row), above)) in (0..).zip(rows) {
            if draw % 4 == 0 {
                bits = words(s, s.purpose, draw / 4, 0);
            }
            let part = row.lane(lane);
            let count = binomial(s, draw, bits[draw as usize % 4], left, part.mass, *above);
            row.set(lane, share_of(&part, count));
            if S::LOCAL {
                let scatters = &mut self.scatters[index];
                scatters[lane] = scatter_of(&part, scatters[lane], count);
            }
            left -= count;
        }
        let leaving = self.leaving.lane(lane);
        if S::LOCAL {
            self.leaving_scatter[lane] = scatter_of(&leaving, self.leaving_scatter[lane], left);
        }
        self.leaving.set(lane, share_of(&leaving, left));
    }
}

/// What lies between edge `index` of each lane and the one before, 0 above the threshold.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "Two edges, and where they are")]
fn find_row<T: Real>(
    row: &mut Share<Lanes<T>>,
    lower: &Edge<Lanes<T>>,
    upper: &Edge<Lanes<T>>,
    laws: &BinLaw<Lanes<T>>,
    index: i32,
    origin: usize,
    len: usize,
    h: T,
) {
    let (lowest, index) = (1 - index - origin as i32, T::of(f64::from(index)));
    for lane in 0..len.min(LANES) {
        let share = share_between(&lower.lane(lane), &upper.lane(lane), h, T::zero());
        let inside = index <= laws.top[lane];
        row.mass[lane] = if inside { share.mass } else { T::zero() };
        row.moment[lane] = if inside { share.moment } else { T::zero() };
    }
    // The lane whose destination is the lowest bin.
    if let Some(lane) = usize::try_from(lowest).ok().filter(|&lane| lane < len.min(LANES) && index <= laws.top[lane]) {
        row.set(lane, share_between(&lower.lane(lane), &upper.lane(lane), h, T::of(-DEEPEST)));
    }
}

/// Squared distances from the mean of what lies between two edges of each lane.
#[allow(clippy::needless_range_loop, reason = "one index into several arrays")]
#[inline(always)]
fn find_scatter<T: Real>(
    scatters: &mut Lanes<T>,
    lower: &Edge<Lanes<T>>,
    upper: &Edge<Lanes<T>>,
    row: &Share<Lanes<T>>,
    laws: &BinLaw<Lanes<T>>,
    len: usize,
    h: T,
) {
    for lane in 0..len.min(LANES) {
        let second = second_between(&lower.lane(lane), &upper.lane(lane), h, laws.spread[lane]);
        scatters[lane] = scatter(&row.lane(lane), second, h);
    }
}
