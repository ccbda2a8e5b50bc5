//! Bursts (multiple firing events): maxima of the smoothed population rate.
//!
//! A burst is a time whose smoothed rate is at least the threshold, larger than at every earlier time within the burst
//! distance and not smaller than at every later one (of equals the first counts). Times are those at which the smoothed rate is
//! defined; a maximum at the first or last of them is a flank whose peak was not seen, and does not count.

use super::histogram::{Histogram, HistogramKind};
use super::history::Line;
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
    /// `heights`: sums of the counts of `line` in the smoothing windows centred at `first` and the steps after it.
    pub fn extend(&mut self, plan: &PopulationPlan, line: Line, first: u64, heights: &[f64]) {
        let mut at = 0;
        while at < heights.len() {
            // The next step at which anything happens: it is high enough, or the candidate has stood for long enough.
            let due = self.candidate.map(|peak| (peak.step + plan.burst_distance).saturating_sub(first) as usize);
            let until = due.unwrap_or(heights.len()).clamp(at, heights.len());
            let high = heights[at..until].iter().position(|&height| height >= plan.burst_threshold);
            at = high.map_or(until, |high| at + high);
            let Some(&height) = heights.get(at) else { break };
            let step = first + at as u64;
            if height >= plan.burst_threshold {
                self.compare(plan, Peak { step, height });
            }
            if let Some(peak) = self.candidate
                && step - peak.step >= plan.burst_distance
            {
                self.confirm(plan, peak);
            }
            at += 1;
        }
        self.measure(plan, line);
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
    fn measure(&mut self, plan: &PopulationPlan, line: Line) {
        while let Some(step) = self.unmeasured.front().copied().filter(|step| step + plan.size_half < line.end()) {
            self.unmeasured.pop_front();
            let size: f64 = line.from(step - plan.size_half, 2 * plan.size_half + 1).iter().sum();
            self.sizes.push(size);
            self.size_counts[HistogramKind::BURST_SIZES.bin(size / plan.size)] += 1;
        }
    }

    /// Decides what the end of the window leaves open.
    ///
    /// `kept`: the last counts.
    pub fn close(&mut self, plan: &PopulationPlan, kept: Line) {
        let last_smoothed = kept.end().saturating_sub(1 + plan.smooth_half());
        if let Some(peak) = self.candidate.filter(|peak| peak.step != last_smoothed) {
            self.confirm(plan, peak);
        }
        self.measure(plan, kept);
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
