//! External drive: Poisson kicks of weight w at rate lambda(t), Gaussian increments with the same two moments, or their mean.

use serde::{Deserialize, Serialize};

/// The external input of every neuron of a population, independent between neurons and steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drive {
    /// Law of one step's increment in `snn`.
    pub kind: DriveKind,
    /// Voltage per kick, w.
    pub weight: f64,
    /// Kicks per ms, lambda(t).
    pub rate: Rate,
}

/// The law of one step's increment in `snn`; the reduced models take the Gaussian one in place of the Poisson one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriveKind {
    /// Mean lambda w dt, variance lambda w^2 dt.
    Gaussian,
    /// w times Poisson(lambda dt).
    Poisson,
    /// lambda w dt, without variance.
    Deterministic,
    /// No drive: the weight and the rate are 0.
    None,
}

/// Rate of the drive in 1/ms as a function of time, never negative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// The same at all times.
    Constant(f64),
    /// (t in ms, value from then on), sorted by t; before the first entry its value holds.
    Steps(Vec<(f64, f64)>),
    /// mean (1 + amplitude sin(2 pi frequency t + phase)), frequency in Hz.
    Sinusoid {
        /// In 1/ms.
        mean: f64,
        /// Relative to the mean, from -1 to 1.
        amplitude: f64,
        /// In Hz.
        frequency: f64,
        /// At time 0, in radians.
        phase: f64,
    },
}

impl Rate {
    /// Value at time `t` (ms), in 1/ms.
    pub fn at(&self, t: f64) -> f64 {
        match self {
            Rate::Constant(rate) => *rate,
            Rate::Steps(table) => {
                let after = table.partition_point(|&(from, _)| from <= t);
                table[after.saturating_sub(1)].1
            }
            Rate::Sinusoid { mean, amplitude, frequency, phase } => {
                let angle = 2.0 * core::f64::consts::PI * frequency * t / 1000.0 + phase;
                mean * (1.0 + amplitude * libm::sin(angle))
            }
        }
    }

    /// An upper bound of the rate over all times, in 1/ms.
    pub fn max(&self) -> f64 {
        match self {
            Rate::Constant(rate) => *rate,
            Rate::Steps(table) => table.iter().map(|&(_, v)| v).fold(0.0, f64::max),
            Rate::Sinusoid { mean, amplitude, .. } => mean * (1.0 + amplitude.abs()),
        }
    }
    /// Whether it is the same at all times.
    pub fn is_constant(&self) -> bool {
        matches!(self, Rate::Constant(_))
    }
}

impl Drive {
    /// No drive.
    pub const NONE: Drive = Drive { kind: DriveKind::None, weight: 0.0, rate: Rate::Constant(0.0) };

    /// Kicks of weight 1 as a Gaussian, 7 per ms: what a config takes for granted.
    pub const DEFAULT: Drive = Drive { kind: DriveKind::Gaussian, weight: 1.0, rate: Rate::Constant(7.0) };

    /// Whether it fluctuates.
    pub fn is_noisy(&self) -> bool {
        matches!(self.kind, DriveKind::Gaussian | DriveKind::Poisson)
    }

    /// Standard deviation of one step's increment at a rate in 1/ms.
    pub fn deviation(&self, rate: f64, dt: f64) -> f64 {
        if self.is_noisy() { self.weight.abs() * (rate * dt).sqrt() } else { 0.0 }
    }

    /// Mean of one step's increment at time `t`: lambda w dt.
    pub fn mean(&self, t: f64, dt: f64) -> f64 {
        self.rate.at(t) * self.weight * dt
    }

    /// Variance of one step's increment at time `t`: lambda w^2 dt.
    pub fn variance(&self, t: f64, dt: f64) -> f64 {
        if self.is_noisy() { self.rate.at(t) * self.weight * self.weight * dt } else { 0.0 }
    }
}
