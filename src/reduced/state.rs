//! The state of one trajectory between two steps.

use super::parameters::Parameters;
use super::real::Real;
use super::shape::DsodeShape;
use serde::{Deserialize, Serialize};

/// All that a step reads and writes; voltages of bins are relative to the bin's lower edge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State<T> {
    /// Steps done since time 0.
    pub step: u32,
    /// 1 once a step has lost neurons beyond rounding, which takes a number that is not finite.
    pub unsound: u32,
    /// n: neurons in each bin, populations one after the other.
    pub counts: Vec<T>,
    /// m: sum of their voltages.
    pub moments: Vec<T>,
    /// g: sum of the fluctuations of their kick counts, per projection and bin of its target; empty with the white closure.
    pub drifts: Vec<T>,
    /// R of each population.
    pub refractory: Vec<T>,
    /// c: neurons of each population that fired in the last step.
    pub fired: Vec<T>,
    /// Mean adaptation of each population in voltage/ms.
    pub adaptation: Vec<T>,
    /// mu and s2 of each projection.
    pub kick_mean: Vec<T>,
    pub kick_variance: Vec<T>,
    /// g of the refractory neurons, per projection.
    pub refractory_drift: Vec<T>,
    /// Neurons that fired, per population and place in its delay line; place step mod delay leaves in this step.
    pub delayed: Vec<T>,
    /// Their g, per projection and place in its target's delay line.
    pub delayed_drift: Vec<T>,
}

impl<T: Real> State<T> {
    /// No neuron anywhere, no kicks.
    pub fn empty(shape: &DsodeShape) -> Self {
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let zeros = |n: usize| vec![T::zero(); n];
        State {
            step: 0,
            unsound: 0,
            counts: zeros(shape.total_bins()),
            moments: zeros(shape.total_bins()),
            drifts: zeros(shape.drifts()),
            refractory: zeros(populations),
            fired: zeros(populations),
            adaptation: zeros(populations),
            kick_mean: zeros(projections),
            kick_variance: zeros(projections),
            refractory_drift: zeros(projections),
            delayed: zeros(populations * shape.delay),
            delayed_drift: zeros(if shape.coloured { projections * shape.delay } else { 0 }),
        }
    }

    /// All numbers, in the order of the fields.
    pub fn parts(&self) -> [&[T]; 11] {
        [
            &self.counts,
            &self.moments,
            &self.drifts,
            &self.refractory,
            &self.fired,
            &self.adaptation,
            &self.kick_mean,
            &self.kick_variance,
            &self.refractory_drift,
            &self.delayed,
            &self.delayed_drift,
        ]
    }

    /// The same to write to.
    pub fn parts_mut(&mut self) -> [&mut [T]; 11] {
        [
            &mut self.counts,
            &mut self.moments,
            &mut self.drifts,
            &mut self.refractory,
            &mut self.fired,
            &mut self.adaptation,
            &mut self.kick_mean,
            &mut self.kick_variance,
            &mut self.refractory_drift,
            &mut self.delayed,
            &mut self.delayed_drift,
        ]
    }

    /// Neurons of population `q`, refractory ones included.
    pub fn mass(&self, shape: &DsodeShape, q: usize) -> T {
        self.counts[shape.bins_of(q)].iter().copied().sum::<T>() + self.refractory[q]
    }

    /// Whether no step has lost neurons, every number is finite and no count negative.
    pub fn is_sound(&self) -> bool {
        let mut counts = self.counts.iter().chain(&self.refractory).chain(&self.delayed);
        self.unsound == 0
            && counts.all(|x| *x >= T::zero())
            && self.parts().into_iter().flatten().all(|x| x.is_finite())
    }

    /// The same neurons and kicks at time 0 of another trajectory with as many bins; delay lines keep the time left, as far
    /// as the other's are long enough.
    pub fn restarted(&self, from: (&DsodeShape, &Parameters<T>), to: (&DsodeShape, &Parameters<T>)) -> Self {
        let mut state = State { step: 0, ..self.clone() };
        let empty = State::empty(to.0);
        (state.delayed, state.delayed_drift) = (empty.delayed, empty.delayed_drift);
        let length = |parameters: &Parameters<T>, q: usize| parameters.populations[q].delay.to_i32() as usize;
        for q in 0..to.0.populations() {
            let lines = Lines {
                step: self.step as usize,
                strides: (from.0.delay, to.0.delay),
                lengths: (length(from.1, q), length(to.1, q)),
            };
            lines.copy(&self.delayed, &mut state.delayed, q);
            if to.0.coloured {
                for x in (0..to.0.projections.len()).filter(|&x| to.0.projections[x].0 == q) {
                    lines.copy(&self.delayed_drift, &mut state.delayed_drift, x);
                }
            }
        }
        state
    }
}

/// A delay line at a step, and another at step 0: places between one line and the next, and places of each.
struct Lines {
    step: usize,
    strides: (usize, usize),
    lengths: (usize, usize),
}

impl Lines {
    /// Line number `index`; what the shorter line has no place for leaves it last.
    fn copy<T: Real>(&self, from: &[T], to: &mut [T], index: usize) {
        if self.lengths.1 == 0 {
            return;
        }
        for left in 0..self.lengths.0 {
            let place = from[index * self.strides.0 + (self.step + left) % self.lengths.0];
            to[index * self.strides.1 + left.min(self.lengths.1 - 1)] += place;
        }
    }
}
