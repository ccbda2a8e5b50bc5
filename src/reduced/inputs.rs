//! The beginning of a step: what neurons receive, as far as it does not depend on where they are.

use super::closure::residual_variance;
use super::moments::{births_variance, next_covariance, next_mean, next_variance, risen_variance};
use super::real::Real;
use super::shape::Incoming;
use super::step::Step;
use super::workspace::Workspace;

/// Bins with fewer neurons are empty: keeps squares and quotients of counts normal numbers in f32.
pub(crate) const EMPTY: f64 = 1e-30;
/// Neurons that a bin has lost where a trajectory beside another one has fewer than none: more than rounding.
pub(crate) const MISSING: f64 = -1e-8;

impl<T: Real> Step<'_, T> {
    /// Births at a target of projection `x` in this step: spikes, or kicks of a source, and their variance.
    pub(super) fn births(&self, x: usize) -> (T, T) {
        match self.shape.projections[x].1.checked_sub(self.shape.populations()) {
            None => {
                let (p, c) = (&self.parameters.projections[x], self.arriving(x));
                (c, births_variance(p.p, c, p.taken))
            }
            Some(outside) => [self.parameters.drives.kicks(self.number, outside); 2].into(),
        }
    }

    /// Moments of the kick count of projection `x`.
    pub(super) fn update_kicks(&mut self, x: usize) {
        let (p, (c, births)) = (&self.parameters.projections[x], self.births(x));
        if p.rise > T::zero() {
            return self.update_rising(x, c, births);
        }
        let (mu, s2) = (self.state.kick_mean[x], self.state.kick_variance[x]);
        self.state.kick_variance[x] = next_variance(mu, s2, p.q, p.stochastic_decay, births);
        self.state.kick_mean[x] = next_mean(mu, p.q, p.p, c);
    }

    /// The same of kicks that rise before they act, given `c` births and their variance.
    fn update_rising(&mut self, x: usize, c: T, births: T) {
        let (p, state) = (&self.parameters.projections[x], &mut self.state);
        let (mu, s2) = (state.kick_mean[x], state.kick_variance[x]);
        let (rising, spread, joint) = (state.rising_mean[x], state.rising_variance[x], state.covariance[x]);
        let dying = p.stochastic_decay * rising;
        let variance = next_variance(mu, s2, p.q, p.stochastic_decay, T::zero());
        let scatter = p.rise * (T::one() - p.rise) * dying;
        state.kick_variance[x] = risen_variance(variance, p.q, p.rise, spread, joint, scatter);
        state.covariance[x] = next_covariance(joint, p.q, p.rise, spread, dying);
        state.rising_variance[x] = next_variance(rising, spread, p.rise, p.stochastic_decay, births);
        state.kick_mean[x] = next_mean(mu, p.q, p.rise, rising);
        state.rising_mean[x] = next_mean(rising, p.rise, p.p, c);
    }

    /// Mean voltages of the bins of a strand of population `q`, the mean fluctuations of their neurons' kick counts, and their
    /// part of the variance between bins.
    pub(super) fn update_average(&self, work: &mut Workspace<T>, q: usize, strand: usize) {
        let (p, state) = (&self.parameters.populations[q], &self.state);
        let start = self.shape.start(q);
        for input in self.shape.incoming(q) {
            work.between[input.projection * T::STRANDS + strand] = T::zero();
        }
        for k in (strand..self.shape.bins[q]).step_by(T::STRANDS) {
            let n = state.counts[start + k];
            let filled = n > T::of(EMPTY);
            let mut mean = T::zero();
            if filled {
                mean = (state.moments[start + k] / n).clamp(T::zero(), p.h);
            }
            work.voltage[start + k] = p.v_min + T::of(k as f64) * p.h + mean;
            for &Incoming { projection, offset, acting_offset, .. } in self.shape.incoming(q) {
                let mut c = T::zero();
                if filled {
                    c = state.drifts[offset + k] / n;
                }
                work.fluctuation[offset + k] = c;
                work.between[projection * T::STRANDS + strand] += c * state.drifts[acting_offset + k];
            }
        }
    }

    /// Variance of the kick count of projection `x` that acts as noise; beyond the projections, covariance of `acting` kicks with rising ones.
    pub(super) fn update_residual(&self, work: &mut Workspace<T>, x: usize, acting: usize) {
        let q = self.shape.projections[acting].0;
        let p = &self.parameters.populations[q];
        if self.shape.is_local() {
            return;
        }
        if !self.shape.coloured {
            work.residual[x] = self.state.kick_variance[x] / self.parameters.projections[x].white_time;
            return;
        }
        let mut between = T::zero();
        for strand in 0..T::STRANDS {
            between += work.between[x * T::STRANDS + strand];
        }
        if p.delay > T::zero() {
            between += self.between_delayed(q, x, acting);
        } else if self.state.refractory[q] > T::of(EMPTY) {
            let g = self.state.refractory_drift[x];
            between += g / self.state.refractory[q] * self.state.refractory_drift[acting];
        }
        if acting != x {
            work.residual[x] = self.state.covariance[acting] - between / p.size;
            return;
        }
        work.residual[x] = residual_variance(self.state.kick_variance[x], between, p.size);
    }

    /// What `update_residual` takes away for the delay line of population `q`, whose places have mean fluctuations of their own. The line
    /// has them as they were when neurons entered; where next to nobody did, they are what rounding left.
    fn between_delayed(&self, q: usize, x: usize, acting: usize) -> T {
        let (p, delay) = (&self.parameters.projections[acting], self.parameters.populations[q].delay.to_i32() as u32);
        let risen_from = self.shape.rising.iter().position(|&j| j == acting).map(|i| self.shape.projections.len() + i);
        let (mut kept, mut risen, mut rising, mut between) = (T::one(), T::zero(), T::one(), T::zero());
        for age in 1..=delay {
            kept = kept * (T::one() - p.q);
            risen = (T::one() - p.q) * risen + p.rise * rising;
            rising = rising * (T::one() - p.rise);
            let place = ((self.number + delay - age) % delay) as usize;
            let n = self.state.delayed[q * self.shape.delay + place];
            if n > T::ROUNDING * self.parameters.populations[q].size {
                let line = |y: usize| self.state.delayed_drift[y * self.shape.delay + place];
                let mut g = kept * line(acting);
                if let Some(y) = risen_from {
                    g += risen * line(y);
                }
                let other = if acting == x { g } else { rising * line(x) };
                between += other / n * g;
            }
        }
        between
    }
}
