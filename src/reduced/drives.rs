//! What the drives of all populations add to the voltage in a step.

use super::real::Real;
use crate::model::{Drive, Network};

/// The drives of one trajectory.
#[derive(Clone, Debug)]
pub struct Drives {
    populations: Vec<Drive>,
    dt: f64,
}

impl Drives {
    /// The drives of a network's populations.
    pub fn new(network: &Network) -> Drives {
        Drives { populations: network.populations.iter().map(|p| p.drive.clone()).collect(), dt: network.dt }
    }

    /// Whether any rate changes with time.
    pub fn vary(&self) -> bool {
        self.populations.iter().any(|drive| !drive.rate.is_constant())
    }

    /// Mean and variance of the increment of a neuron of population `q` in the step that begins after `step` others.
    pub fn at<T: Real>(&self, step: u32, q: usize) -> [T; 2] {
        let t = f64::from(step) * self.dt;
        let drive = &self.populations[q];
        [T::of(drive.mean(t, self.dt)), T::of(drive.variance(t, self.dt))]
    }

    /// The increments of all populations in `steps` steps from `first` on: (step, population).
    pub fn rows<T: Real>(&self, first: u32, steps: u32) -> impl Iterator<Item = [T; 2]> {
        (first..first + steps).flat_map(move |step| (0..self.populations.len()).map(move |q| self.at(step, q)))
    }
}
