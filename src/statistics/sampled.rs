//! Sums over samples of a population's state, taken every 1 ms.

use super::histogram::{BinAxis, Histogram, HistogramKind};
use super::layout::PopulationLayout;
use super::statistic::{Entry, Group};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    pub voltage: Vec<f64>,
    pub samples: u64,
    /// Refractory neurons.
    pub refractory: f64,
    /// Neurons in the lowest bin of `dsode`, and samples of them.
    bottom: (f64, u64),
}

/// Means over the samples of a population.
pub struct Occupation {
    /// Share of the neurons.
    refractory: f64,
}

/// How a value is read.
type Value = fn(&Occupation) -> Option<f64>;

pub static STATISTICS: [Entry<Value>; 1] = [Entry::new(
    "refractory",
    "1",
    Group::More,
    |o| Some(o.refractory),
    "share of refractory neurons, mean over samples every 1 ms (of the whole steps in it); with `record.voltage`",
)];

type Share = fn(f64) -> Option<f64>;

/// Of `dsode`, where currents pull the voltage down.
pub static BOTTOM: [Entry<Share>; 1] = [Entry::new(
    "bottom_share",
    "1",
    Group::More,
    Some,
    "share of the neurons in the lowest voltage bin, mean over samples every 1 ms (`dsode` with inhibition that has no v_rev, which \
     would take them lower)",
)];

impl Sampled {
    /// Adds a sample of the neurons in the lowest bin.
    pub fn add_bottom(&mut self, count: f64) {
        self.bottom.0 += count;
        self.bottom.1 += 1;
    }

    /// Mean share of the neurons in the lowest bin; `None` without samples.
    pub fn bottom_share(&self, neurons: u32) -> Option<f64> {
        let (sum, samples) = self.bottom;
        (samples > 0).then(|| sum / samples as f64 / f64::from(neurons))
    }

    pub fn new(layout: &PopulationLayout) -> Sampled {
        let bins = layout.voltage.map_or(0, |axis| axis.bins as usize);
        Sampled { voltage: vec![0.0; bins], ..Sampled::default() }
    }

    /// `None` without samples.
    pub fn occupation(&self, neurons: u32) -> Option<Occupation> {
        let all = f64::from(neurons) * self.samples as f64;
        (self.samples > 0).then(|| Occupation { refractory: self.refractory / all })
    }

    /// Of voltages, on the bins of [`PopulationLayout::voltage`]; `None` without samples.
    pub fn histogram(&self, population: usize, voltage: Option<BinAxis>) -> Option<Histogram> {
        let x = voltage.filter(|_| self.samples > 0)?;
        let (kind, values) = (HistogramKind::Voltage, self.voltage.clone());
        Some(Histogram { kind, population: population as u32, x, y: None, values })
    }
}
