//! Bursts (multiple firing events): maxima of the smoothed population rate.
//!
//! A burst is a time whose smoothed rate is at least the threshold, larger than at every earlier time within the burst
//! distance and not smaller than at every later one (of equals the first counts). Times are those at which the smoothed rate is
//! defined; a maximum at the first or last of them is a flank whose peak was not seen, and does not count.

use super::histogram::{Histogram, HistogramKind};
use super::history::History;
use super::moments::{Moments, Pairs};
use super::population_plan::PopulationPlan;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A time that may become a burst.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Peak {
    step: u64,
    /// Spikes in the smoothing window around `step`.
    height: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bursts {
    /// Values above the threshold within the burst distance that no later one exceeds, falling from the front.
    recent: VecDeque<Peak>,
    /// Larger than everything within the distance before it, and not yet exceeded.
    candidate: Option<Peak>,
    last: Option<Peak>,
    /// Steps of bursts whose 4 ms after the peak are still to come.
    unmeasured: VecDeque<u64>,
    /// In spikes per smoothing window.
    peaks: Moments,
    sizes: Moments,
    /// In steps.
    intervals: Moments,
    consecutive: Pairs,
    peak_counts: Vec<u64>,
    size_counts: Vec<u64>,
    delta_counts: Vec<u64>,
}

/// Bursts of a member in the units of the table.
pub struct BurstStatistics {
    pub count: u64,
    pub peak: [Option<f64>; 2],
    pub size: [Option<f64>; 2],
    pub interval_mean: Option<f64>,
    pub interval_cv: Option<f64>,
    pub lag1: Option<f64>,
}

impl Default for Bursts {
    fn default() -> Bursts {
        let counts = |axis: super::BinAxis| vec![0; axis.bins as usize];
        Bursts {
            recent: VecDeque::new(),
            candidate: None,
            last: None,
            unmeasured: VecDeque::new(),
            peaks: Moments::default(),
            sizes: Moments::default(),
            intervals: Moments::default(),
            consecutive: Pairs::default(),
            peak_counts: counts(HistogramKind::BURST_PEAKS),
            size_counts: counts(HistogramKind::BURST_SIZES),
            delta_counts: counts(HistogramKind::BURST_DELTAS),
        }
    }
}

impl Bursts {
    /// `height`: sum of the counts in the smoothing window centred at `step`.
    #[inline]
    pub fn push(&mut self, plan: &PopulationPlan, history: &History, step: u64, height: f64) {
        if height >= plan.burst_threshold {
            self.compare(plan, Peak { step, height });
        }
        if let Some(peak) = self.candidate
            && step - peak.step >= plan.burst_distance
        {
            self.confirm(plan, peak);
        }
        if !self.unmeasured.is_empty() {
            self.measure(plan, history);
        }
    }

    fn compare(&mut self, plan: &PopulationPlan, new: Peak) {
        while self.recent.front().is_some_and(|old| old.step + plan.burst_distance < new.step) {
            self.recent.pop_front();
        }
        // the front is the largest within the distance, so whatever exceeds it also ends the present candidate
        let largest = self.recent.front().is_none_or(|old| new.height > old.height);
        while self.recent.back().is_some_and(|old| old.height <= new.height) {
            self.recent.pop_back();
        }
        self.recent.push_back(new);
        if largest {
            self.candidate = (new.step != plan.smooth_half()).then_some(new);
        }
    }

    fn confirm(&mut self, plan: &PopulationPlan, peak: Peak) {
        self.candidate = None;
        self.peaks.push(peak.height);
        self.peak_counts[HistogramKind::BURST_PEAKS.bin(peak.height * plan.height_per_300)] += 1;
        if let Some(last) = self.last {
            self.intervals.push((peak.step - last.step) as f64);
            self.consecutive.push(last.height, peak.height);
            let delta = (peak.height - last.height) * plan.height_per_300;
            self.delta_counts[HistogramKind::BURST_DELTAS.bin(delta)] += 1;
        }
        self.last = Some(peak);
        if peak.step >= plan.size_half {
            self.unmeasured.push_back(peak.step);
        }
    }

    /// Takes the sizes of the bursts whose surroundings are complete.
    fn measure(&mut self, plan: &PopulationPlan, history: &History) {
        while let Some(step) = self.unmeasured.front().copied().filter(|step| step + plan.size_half < history.steps) {
            self.unmeasured.pop_front();
            let size: f64 = (step - plan.size_half..=step + plan.size_half).map(|s| history.at(s)).sum();
            self.sizes.push(size);
            self.size_counts[HistogramKind::BURST_SIZES.bin(size / plan.size)] += 1;
        }
    }

    /// Decides what the end of the window leaves open.
    pub fn close(&mut self, plan: &PopulationPlan, history: &History) {
        let last_smoothed = history.steps.saturating_sub(1 + plan.smooth_half());
        if let Some(peak) = self.candidate.filter(|peak| peak.step != last_smoothed) {
            self.confirm(plan, peak);
        }
        self.measure(plan, history);
    }

    pub fn statistics(&self, plan: &PopulationPlan) -> BurstStatistics {
        let scaled = |moments: &Moments, unit: f64| [moments.mean(), moments.sd()].map(|x| x.map(|x| x * unit));
        let [interval_mean, interval_sd] = scaled(&self.intervals, plan.dt);
        BurstStatistics {
            count: self.peaks.n,
            peak: scaled(&self.peaks, plan.height_per_count),
            size: scaled(&self.sizes, 1.0),
            interval_mean,
            interval_cv: interval_mean.zip(interval_sd).map(|(mean, sd)| sd / mean),
            lag1: self.consecutive.correlation(),
        }
    }

    pub fn histograms(&self, population: usize) -> [Histogram; 3] {
        [
            (HistogramKind::BurstPeak, HistogramKind::BURST_PEAKS, &self.peak_counts),
            (HistogramKind::BurstSize, HistogramKind::BURST_SIZES, &self.size_counts),
            (HistogramKind::BurstDelta, HistogramKind::BURST_DELTAS, &self.delta_counts),
        ]
        .map(|(kind, axis, counts)| Histogram::of_counts(kind, population, axis, counts))
    }
}
