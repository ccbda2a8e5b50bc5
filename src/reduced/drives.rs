//! What the drives of all populations add to the voltage in a step, and what sources send.

use super::real::Real;
use crate::model::{Drive, Network, Rate};

/// The drives and sources of one trajectory.
#[derive(Clone, Debug)]
pub struct Drives {
    populations: Vec<Drive>,
    sources: Vec<Rate>,
    /// Of each source in the step before the first.
    before: Vec<f64>,
    dt: f64,
}

impl Drives {
    /// The drives of a network's populations.
    pub fn new(network: &Network) -> Drives {
        let populations = network.populations.iter().map(|p| p.drive.clone()).collect();
        let sources = network.sources.iter().map(|source| source.rate.clone()).collect();
        let before = (0..network.sources.len()).map(|source| network.kicks_before(source)).collect();
        Drives { populations, sources, before, dt: network.dt }
    }

    /// Whether anything changes with time; sources send nothing before step 0, unless a state is carried on.
    pub fn vary(&self) -> bool {
        !self.sources.is_empty() || self.populations.iter().any(|drive| !drive.rate.is_constant())
    }

    /// Kicks of a target that source `i` has sent in the step before the one that begins after `step` others: its mean and variance.
    pub fn kicks<T: Real>(&self, step: u32, i: usize) -> T {
        let before = step.checked_sub(1).map_or(self.before[i], |step| self.sources[i].at(f64::from(step) * self.dt));
        T::of(before * self.dt)
    }

    /// Mean and variance of the increment of a neuron of population `q` in the step that begins after `step` others.
    pub fn at<T: Real>(&self, step: u32, q: usize) -> [T; 2] {
        let t = f64::from(step) * self.dt;
        let drive = &self.populations[q];
        [T::of(drive.mean(t, self.dt)), T::of(drive.variance(t, self.dt))]
    }

    /// The increments of all populations in `steps` steps from `first` on, after those of each step what sources have sent in the one
    /// before: (step, population, then source).
    pub fn rows<T: Real>(&self, first: u32, steps: u32) -> impl Iterator<Item = [T; 2]> {
        (first..first + steps).flat_map(move |step| {
            let sources = (0..self.sources.len()).map(move |i| [self.kicks(step, i); 2]);
            (0..self.populations.len()).map(move |q| self.at(step, q)).chain(sources)
        })
    }
}
