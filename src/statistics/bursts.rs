//! Bursts (multiple firing events): maxima of the smoothed population rate.
//!
//! A burst is a time whose smoothed rate is at least the threshold, larger than at every earlier time within the burst
//! distance and not smaller than at every later one (of equals the first counts). Times are those at which the smoothed rate is
//! defined; a maximum at the first or last of them is a flank whose peak was not seen, and does not count. Nor does one that stands less
//! than a [`ROUNDING`] part of itself above all before it, within the burst distance: it is rounding of a rate that did not change, though it
//! may fall now.

use super::histogram::{Histogram, HistogramKind};
use super::history::Line;
use super::moments::{Moments, Pairs, ROUNDING};
use super::population_plan::PopulationPlan;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ops::Range;

/// A burst's time and height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Peak {
    step: u64,
    /// Spikes in the smoothing window around `step`.
    height: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bursts {
    /// Of the steps before [`Bursts::end`]: those for which it is not decided whether they are bursts, and the burst distance before them.
    heights: Vec<f64>,
    /// One past the last step with a height.
    end: u64,
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
            heights: Vec::new(),
            end: 0,
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
    /// `heights`: sums of the counts of `line` in the smoothing windows of the next steps that have one; `space` is work space.
    pub fn extend(&mut self, plan: &PopulationPlan, line: Line, heights: &[f64], space: &mut Vec<f64>) {
        let before = self.undecided(plan);
        self.end = self.end.max(plan.smooth_half()) + heights.len() as u64;
        space.clear();
        space.append(&mut self.heights);
        space.extend_from_slice(heights);
        self.decide(plan, space, before..self.undecided(plan));
        let needed = self.end - self.undecided(plan).saturating_sub(plan.burst_distance).max(plan.smooth_half());
        self.heights.extend_from_slice(&space[space.len() - needed as usize..]);
        self.measure(plan, line);
    }

    /// The first step for which later ones may still decide whether it is a burst.
    fn undecided(&self, plan: &PopulationPlan) -> u64 {
        self.end.saturating_sub(plan.burst_distance).max(plan.smooth_half())
    }

    /// Finds the bursts among `steps`, given the heights up to the present end.
    fn decide(&mut self, plan: &PopulationPlan, heights: &[f64], steps: Range<u64>) {
        let (begin, last) = (self.end - heights.len() as u64, self.end);
        let between =
            |from: u64, to: u64| &heights[(from.max(begin) - begin) as usize..(to.min(last) - begin) as usize];
        let distance = plan.burst_distance;
        let mut next = steps.start;
        // A burst is the first of the largest in any stretch no longer than the burst distance.
        while next < steps.end {
            let end = steps.end.min(next + distance.max(1));
            let stretch = between(next, end);
            let height = largest(stretch);
            if height >= plan.burst_threshold {
                let step = next + stretch.iter().take_while(|&&other| other < height).count() as u64;
                let (earlier, later) =
                    (between(step.saturating_sub(distance), step), between(step + 1, step + 1 + distance));
                let is_flat = || earlier.iter().all(|&other| other > (1.0 - ROUNDING) * height);
                if step != plan.smooth_half() && largest(earlier) < height && largest(later) <= height && !is_flat() {
                    self.confirm(plan, Peak { step, height });
                }
            }
            next = end;
        }
    }

    fn confirm(&mut self, plan: &PopulationPlan, peak: Peak) {
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
        let heights = std::mem::take(&mut self.heights);
        self.decide(plan, &heights, self.undecided(plan)..self.end.saturating_sub(1));
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

/// The largest of some heights; below all of them where there are none.
fn largest(heights: &[f64]) -> f64 {
    let mut parts = [f64::NEG_INFINITY; 8];
    let (whole, rest) = heights.as_chunks::<8>();
    let mut raise = |of: &[f64]| {
        for (part, &height) in parts.iter_mut().zip(of) {
            *part = if height > *part { height } else { *part };
        }
    };
    whole.iter().for_each(|chunk| raise(chunk));
    raise(rest);
    parts.into_iter().fold(f64::NEG_INFINITY, |most, part| if part > most { part } else { most })
}
