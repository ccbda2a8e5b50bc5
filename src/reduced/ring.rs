//! Neurons whose spikes are on their way: c of the last L steps, for projections with a delay.
//!
//! The kicks born in a step are of the spikes D steps before the last one ([`crate::model::Projection::delay_steps`]). L is a power of
//! two above every D; c of step t is at place t mod L. Without any delay L is 1, and nothing is kept.

use super::real::Real;
use super::step::Step;

impl<T: Real> Step<'_, T> {
    /// Neurons whose spikes arrive through projection `x` at the beginning of this step.
    pub(super) fn arriving(&self, x: usize) -> T {
        let source = self.shape.projections[x].1;
        let delay = self.parameters.projections[x].delay.to_i32() as u32;
        if delay == 0 {
            return self.state.fired[source];
        }
        let place = self.number.wrapping_sub(1 + delay) as usize % self.shape.ring;
        self.state.sent[source * self.shape.ring + place]
    }

    /// What fired in this step in population `q` goes on its way.
    pub(super) fn keep_fired(&mut self, q: usize) {
        if self.shape.ring > 1 {
            self.state.sent[q * self.shape.ring + self.number as usize % self.shape.ring] = self.state.fired[q];
        }
    }
}

/// The places of `to` at time 0, of those after `step` steps of another ring, as far as both reach back.
pub(super) fn copy_ring<T: Real>(step: usize, from: &[T], to: &mut [T]) {
    for back in 1..=from.len().min(to.len()) {
        to[to.len() - back] = from[(step + from.len() - back) % from.len()];
    }
}
