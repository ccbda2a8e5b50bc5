//! The edges that a law reaches, and what lands between them, several side by side.
//!
//! A law that reaches the bins `first..end` has an entry for each edge from `first` to `end`. Nothing lies beyond the first, nor
//! beyond the last, unless that is the threshold.

use super::real::Real;
use super::transition::{Edge, Spread, edge_distance, is_narrow, narrow_tail, share_between, wide_tail};

/// Entries that are computed side by side.
const LANES: usize = 8;

/// One number per entry in each; buffers end with whole lanes.
#[derive(Clone, Debug)]
pub struct Edges<T> {
    /// Distance above the law's mean.
    y: Vec<T>,
    tail: Vec<T>,
    excess: Vec<T>,
    /// Neurons between this edge and the next, per neuron of the source, and their first moment; meaningless at the last.
    pub mass: Vec<T>,
    pub moment: Vec<T>,
}

impl<T: Real> Edges<T> {
    /// For laws that reach at most `bins` bins.
    pub fn new(bins: usize) -> Edges<T> {
        let numbers = || vec![T::zero(); (bins + 1).next_multiple_of(LANES) + 1];
        Edges { y: numbers(), tail: numbers(), excess: numbers(), mass: numbers(), moment: numbers() }
    }

    /// Computes all entries of a law over bins of width `h`.
    #[inline(always)]
    pub fn sort_out(&mut self, s: &Spread<T>, h: T) {
        let last = (s.end - s.first) as usize;
        let chunks = last / LANES + 1;
        let y = self.y.chunks_exact_mut(LANES);
        let results = self.tail.chunks_exact_mut(LANES).zip(self.excess.chunks_exact_mut(LANES));
        let mut index = s.first;
        for (y, (tail, excess)) in y.zip(results).take(chunks) {
            let mut distance = [T::zero(); LANES];
            for (lane, y) in (0..).zip(&mut distance) {
                *y = edge_distance(s, index + lane, h);
            }
            let (mut tails, mut excesses) = ([T::zero(); LANES], [T::zero(); LANES]);
            if is_narrow(s) {
                for lane in 0..LANES {
                    (tails[lane], excesses[lane]) = narrow_tail(s, distance[lane].abs());
                }
            } else {
                for lane in 0..LANES {
                    (tails[lane], excesses[lane]) = wide_tail(s, distance[lane].abs());
                }
            }
            y.copy_from_slice(&distance);
            tail.copy_from_slice(&tails);
            excess.copy_from_slice(&excesses);
            index += LANES as i32;
        }
        // The lowest bin takes all that falls below it, even where its lower edge lies above the mean.
        self.y[0] = self.y[0].min(T::zero());
        let closed = if s.open { 0..1 } else { 0..last + 1 };
        for entry in closed.step_by(last.max(1)) {
            (self.tail[entry], self.excess[entry]) = (T::zero(), T::zero());
        }
        for (chunk, (mass, moment)) in
            self.mass.chunks_exact_mut(LANES).zip(self.moment.chunks_exact_mut(LANES)).take(chunks).enumerate()
        {
            let entries = chunk * LANES..chunk * LANES + LANES + 1;
            let (y, tail, excess) = (&self.y[entries.clone()], &self.tail[entries.clone()], &self.excess[entries]);
            let (mut masses, mut moments) = ([T::zero(); LANES], [T::zero(); LANES]);
            for lane in 0..LANES {
                let edge = |at: usize| Edge { y: y[at], tail: tail[at], excess: excess[at], above: y[at] > T::zero() };
                let share = share_between(&edge(lane), &edge(lane + 1), h);
                (masses[lane], moments[lane]) = (share.mass, share.moment);
            }
            mass.copy_from_slice(&masses);
            moment.copy_from_slice(&moments);
        }
    }

    /// Entry `at`, which is not the first of several.
    #[inline(always)]
    pub fn edge(&self, at: usize) -> Edge<T> {
        let y = self.y[at];
        Edge { y, tail: self.tail[at], excess: self.excess[at], above: y > T::zero() }
    }
}
