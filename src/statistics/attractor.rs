//! The attractor as joint histograms: rate against rate, and excitatory against inhibitory kicks.

use super::histogram::{BinAxis, Histogram, HistogramKind};
use super::layout::{Layout, PopulationLayout};
use super::statistic::{Entry, Group};
use serde::{Deserialize, Serialize};

/// Bins on either side of the histogram of kicks.
const KICK_BINS: u32 = 64;
/// Populations that have joint histograms: the first two.
const JOINT: usize = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttractorCounts {
    /// Empty where there is one population only.
    rates: Vec<u64>,
    /// Of the first populations.
    kicks: Vec<Vec<u64>>,
    /// Per population: samples, and sums of the mean excitatory and inhibitory kick counts.
    sums: Vec<(u64, f64, f64)>,
}

/// Pending kicks per neuron, means over the samples of a population.
pub struct MeanKicks {
    excitatory: f64,
    inhibitory: f64,
}

/// How a value is read.
type Value = fn(&MeanKicks) -> Option<f64>;

#[rustfmt::skip]
pub static STATISTICS: [Entry<Value>; 2] = [
    Entry::new("kicks_exc", "kicks", Group::More, |k| Some(k.excitatory), "pending excitatory kicks per neuron (of `markov` and `dsode` the mean that they follow), mean over samples every 1 ms (of the whole steps in it); with `record.attractor`"),
    Entry::new("kicks_inh", "kicks", Group::More, |k| Some(k.inhibitory), "pending inhibitory kicks per neuron (of `markov` and `dsode` the mean that they follow), mean over samples every 1 ms (of the whole steps in it); with `record.attractor`"),
];

/// Bins of (excitatory, inhibitory) kicks, the last ones open.
fn kick_axes(population: &PopulationLayout) -> (BinAxis, BinAxis) {
    let axis = |max: f64| BinAxis::from_zero(max / f64::from(KICK_BINS), max);
    (axis(population.kicks_max.0), axis(population.kicks_max.1))
}

impl AttractorCounts {
    /// `rates`: bins of both axes of the rates, where there are two populations.
    pub fn new(rates: Option<BinAxis>, populations: usize) -> AttractorCounts {
        let side = rates.map_or(0, |axis| axis.bins as usize);
        AttractorCounts {
            rates: vec![0; side * side],
            kicks: vec![vec![0; (KICK_BINS * KICK_BINS) as usize]; populations.min(JOINT)],
            sums: vec![(0, 0.0, 0.0); populations],
        }
    }

    /// Smoothed rates in Hz of the first two populations at the same times.
    pub fn add_rates(&mut self, axis: BinAxis, first: &[f64], second: &[f64]) {
        for (&x, &y) in first.iter().zip(second) {
            self.rates[axis.bin(x) * axis.bins as usize + axis.bin(y)] += 1;
        }
    }

    /// Mean kick counts of one population at one time.
    pub fn add_kicks(&mut self, layout: &PopulationLayout, population: usize, excitatory: f64, inhibitory: f64) {
        let (n, sum_e, sum_i) = &mut self.sums[population];
        *n += 1;
        *sum_e += excitatory;
        *sum_i += inhibitory;
        if let Some(counts) = self.kicks.get_mut(population) {
            let (x, y) = kick_axes(layout);
            counts[x.bin(excitatory) * KICK_BINS as usize + y.bin(inhibitory)] += 1;
        }
    }

    /// `None` without samples.
    pub fn mean_kicks(&self, population: usize) -> Option<MeanKicks> {
        let (n, excitatory, inhibitory) = self.sums[population];
        (n > 0).then(|| MeanKicks { excitatory: excitatory / n as f64, inhibitory: inhibitory / n as f64 })
    }

    pub fn histograms(&self, rates: Option<BinAxis>, layout: &Layout) -> Vec<Histogram> {
        let mut histograms = Vec::new();
        if let Some(axis) = rates {
            let rates = Histogram::of_counts(HistogramKind::JointRate, 0, axis, &self.rates);
            histograms.push(Histogram { y: Some(axis), ..rates });
        }
        for (population, counts) in self.kicks.iter().enumerate().filter(|&(pop, _)| self.sums[pop].0 > 0) {
            let (x, y) = kick_axes(&layout.populations[population]);
            let kicks = Histogram::of_counts(HistogramKind::JointKicks, population, x, counts);
            histograms.push(Histogram { y: Some(y), ..kicks });
        }
        histograms
    }
}
