//! The end of a step: what fired passes through the refractory pool, or the delay line, and returns to v_reset.

#![expect(clippy::neg_cmp_op_on_partial_ord, reason = "What is not a number has to fail the guard")]

use super::dsode::{Dsode, EMPTY};
use super::noise::{self, Stream, binomial, word};
use super::real::Real;

/// A step that loses a larger share of a population than this is not rounding but a number that is not finite.
const LOSS_MAX: f64 = 1e-3;

impl<T: Real> Dsode<T> {
    /// Refractory neurons of population `q`: those that fired enter, those whose time is up return to v_reset.
    pub(super) fn settle(&mut self, q: usize) {
        let p = self.parameters.populations[q];
        let fired = self.work.fired[q];
        let refractory = self.state.refractory[q] + fired;
        let delay = p.delay.to_i32() as u32;
        let mut released = refractory * p.release;
        if delay > 0 {
            let place = q * self.shape.delay + (self.state.step % delay) as usize;
            released = self.state.delayed[place].min(refractory);
            self.state.delayed[place] = fired;
        } else if self.shape.finite_size {
            let (step, purpose) = (self.state.step, noise::RELEASE);
            let stream = Stream { key: self.key, step, population: q as u32, bin: 0, purpose };
            released = binomial(&stream, 0, word(&stream, 0), refractory, p.release, T::one() - p.release);
        }
        let mut share = T::zero();
        if refractory > T::of(EMPTY) {
            share = released / refractory;
        }
        self.settle_drifts(q, share);
        self.state.refractory[q] = refractory - released;
        let j = self.work.start[q] + p.reset_bin.to_i32() as usize;
        self.state.counts[j] += released;
        self.state.moments[j] += released * p.reset_voltage;
        let a = self.state.adaptation[q];
        self.state.adaptation[q] = a * (T::one() - p.adaptation_decay) + p.adaptation_jump * fired;
        self.state.fired[q] = fired;
        self.balance(q);
    }

    /// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, return to the reset bin; then
    /// all of them decay.
    fn settle_drifts(&mut self, q: usize, share: T) {
        if !self.shape.coloured {
            return;
        }
        let target = self.parameters.populations[q];
        let delay = target.delay.to_i32() as u32;
        for &(x, offset) in &self.work.incoming[q] {
            let p = self.parameters.projections[x];
            let fired = self.work.fired_drift[x];
            let g = self.state.refractory_drift[x] + fired;
            let mut released = g * share;
            if delay > 0 {
                let place = x * self.shape.delay + (self.state.step % delay) as usize;
                released = self.state.delayed_drift[place] * p.keep_delayed;
                self.state.delayed_drift[place] = fired;
            }
            self.state.refractory_drift[x] = (T::one() - p.q) * (g - released);
            self.state.drifts[offset + target.reset_bin.to_i32() as usize] += (T::one() - p.q) * released;
        }
    }

    /// Gives what rounding has taken from population `q` to its fullest bin, or to R where that holds more.
    fn balance(&mut self, q: usize) {
        let start = self.work.start[q];
        let mut sum = self.state.refractory[q];
        let mut fullest = start;
        for j in start..start + self.shape.bins[q] {
            sum += self.state.counts[j];
            if self.state.counts[j] > self.state.counts[fullest] {
                fullest = j;
            }
        }
        let size = self.parameters.populations[q].size;
        let remainder = size - sum;
        if !(remainder.abs() <= T::of(LOSS_MAX) * size) {
            self.state.unsound = 1;
        }
        if self.state.counts[fullest] >= self.state.refractory[q] {
            self.state.counts[fullest] += remainder;
        } else {
            self.state.refractory[q] += remainder;
        }
    }
}
