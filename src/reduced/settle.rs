//! The end of a step: what fired passes through the refractory pool, or the delay line, and returns to v_reset; what landed in
//! bins becomes the state.

#![expect(clippy::neg_cmp_op_on_partial_ord, reason = "What is not a number has to fail the guard")]

use super::inputs::EMPTY;
use super::lanes::LANES;
use super::noise::{self, Stream, binomial, word};
use super::real::Real;
use super::shape::Incoming;
use super::step::Step;
use super::workspace::Workspace;

/// A step that loses a larger share of a population than this is not rounding but a number that is not finite.
const LOSS_MAX: f64 = 1e-3;

impl<T: Real> Step<'_, T> {
    /// Refractory neurons of population `q`: those that fired enter, those whose time is up leave.
    pub(super) fn settle(&mut self, work: &mut Workspace<T>, q: usize) {
        let p = &self.parameters.populations[q];
        let fired = work.fired[q];
        let entering = self.state.refractory[q] + fired;
        let delay = p.delay.to_i32() as u32;
        let mut released = entering * p.release;
        if delay > 0 {
            let place = q * self.shape.delay + (self.number % delay) as usize;
            released = self.state.delayed[place].min(entering);
            self.state.delayed[place] = fired;
        } else if self.shape.finite_size {
            let (step, purpose) = (self.number, noise::RELEASE);
            let stream = Stream { key: self.key, step, population: q as u32, bin: 0, purpose };
            released = binomial(&stream, 0, word(&stream, 0), entering, p.release, T::one() - p.release);
        }
        let mut share = T::zero();
        if entering > T::of(EMPTY) {
            share = released / entering;
        }
        if self.shape.is_local() {
            self.settle_local(work, q, share, released);
        } else {
            self.settle_drifts(work, q, share);
        }
        self.state.refractory[q] = entering - released;
        work.released[q] = released;
        let a = self.state.adaptation[q];
        self.state.adaptation[q] = a * (T::one() - p.adaptation_decay) + p.adaptation_jump * fired;
        self.state.fired[q] = fired;
        self.keep_fired(q);
    }

    /// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, leave; the others decay.
    fn settle_drifts(&mut self, work: &mut Workspace<T>, q: usize, share: T) {
        if !self.shape.coloured {
            return;
        }
        let delay = self.parameters.populations[q].delay.to_i32() as u32;
        for &Incoming { projection: x, acting, .. } in self.shape.incoming(q) {
            let p = &self.parameters.projections[acting];
            let fired = work.fired_drift[x];
            let g = self.state.refractory_drift[x] + fired;
            let mut released = g * share;
            if delay > 0 {
                let place = x * self.shape.delay + (self.number % delay) as usize;
                let line = self.state.delayed_drift[place];
                released = line * if acting == x { p.keep_delayed } else { p.rising_delayed };
                self.state.delayed_drift[place] = fired;
                if acting != x {
                    work.released_drift[acting] += line * p.risen_delayed;
                    self.state.refractory_drift[acting] -= (T::one() - p.q) * line * p.risen_delayed;
                }
            }
            let keep = T::one() - if acting == x { p.q } else { p.rise };
            self.state.refractory_drift[x] = keep * (g - released);
            if acting != x {
                self.state.refractory_drift[acting] += p.rise * (g - released);
            }
            work.released_drift[x] = released;
        }
    }

    /// Makes the sums over sources the state of population `q`, with what returns to v_reset; drift moments decay.
    pub(super) fn advance(&mut self, work: &Workspace<T>, q: usize) {
        let (state, p) = (&mut self.state, &self.parameters.populations[q]);
        let (bins, reset) = (self.shape.bins_of(q), p.reset_bin.to_i32() as usize);
        let landed = LANES..LANES + bins.len();
        state.counts[bins.clone()].copy_from_slice(&work.counts[q][landed.clone()]);
        state.moments[bins.clone()].copy_from_slice(&work.moments[q][landed.clone()]);
        state.counts[bins.start + reset] += work.released[q];
        state.moments[bins.start + reset] += work.released[q] * p.reset_voltage;
        if !self.shape.coloured {
            return;
        }
        if self.shape.is_local() {
            return self.advance_local(work, q);
        }
        for &Incoming { projection: x, offset, acting, acting_offset } in self.shape.incoming(q) {
            let p = &self.parameters.projections[acting];
            let (landed, released) = (&work.drifts[x][landed.clone()], work.released_drift[x]);
            let keep = T::one() - if acting == x { p.q } else { p.rise };
            let drifts = &mut state.drifts[offset..offset + bins.len()];
            for (drift, sum) in drifts.iter_mut().zip(landed) {
                *drift = keep * *sum;
            }
            drifts[reset] += keep * released;
            if acting != x {
                let drifts = &mut state.drifts[acting_offset..acting_offset + bins.len()];
                for (drift, sum) in drifts.iter_mut().zip(landed) {
                    *drift += p.rise * *sum;
                }
                drifts[reset] += p.rise * released;
            }
        }
    }

    /// Neurons in the bins of a strand of population `q`, with the refractory ones in the first, and its fullest bin.
    pub(super) fn tally(&self, work: &mut Workspace<T>, q: usize, strand: usize) {
        let bins = self.shape.bins_of(q);
        let mut sum = if strand == 0 { self.state.refractory[q] } else { T::zero() };
        let mut fullest = bins.start + strand.min(bins.len() - 1);
        for j in (bins.start + strand..bins.end).step_by(T::STRANDS) {
            sum += self.state.counts[j];
            if self.state.counts[j] > self.state.counts[fullest] {
                fullest = j;
            }
        }
        work.tallies[q * T::STRANDS + strand] = (sum, fullest);
    }

    /// Gives what rounding has taken from population `q` to its fullest bin, or to R where that holds more.
    pub(super) fn balance(&mut self, work: &Workspace<T>, q: usize) {
        let (mut sum, mut fullest) = work.tallies[q * T::STRANDS];
        for strand in 1..T::STRANDS {
            let (part, j) = work.tallies[q * T::STRANDS + strand];
            sum += part;
            if self.state.counts[j] > self.state.counts[fullest] {
                fullest = j;
            }
        }
        let size = self.parameters.populations[q].size;
        let remainder = size - sum;
        if !(remainder.abs() <= T::of(LOSS_MAX) * size) {
            *self.unsound = 1;
        }
        if self.state.counts[fullest] >= self.state.refractory[q] {
            self.state.counts[fullest] += remainder;
        } else {
            self.state.refractory[q] += remainder;
        }
    }
}
