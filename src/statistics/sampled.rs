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
    "share of refractory neurons, mean over samples every 1 ms",
)];

impl Sampled {
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
