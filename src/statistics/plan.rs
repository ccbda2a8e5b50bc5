//! Step counts, thresholds and transforms derived once from a [`Layout`] and shared by all members.

use super::fft::FftScratch;
use super::histogram::BinAxis;
use super::layout::{Layout, LayoutError, steps_within};
use super::table::{Column, columns};
use super::welch::WelchPlan;
use std::sync::Arc;

/// Shared by all members of a layout, on any number of threads.
#[derive(Clone, Debug)]
pub struct StatisticsPlan {
    pub layout: Layout,
    /// Names and order of [`super::MemberStatistics::values`].
    pub columns: Vec<Column>,
    pub(super) populations: Vec<PopulationPlan>,
    pub(super) welch: Option<Arc<WelchPlan>>,
    /// Joint histogram of rates: bins of both axes.
    pub(super) joint_rate: Option<BinAxis>,
    pub(super) first: u64,
    pub(super) last: u64,
    /// Steps between samples: 1 ms.
    sample_every: u64,
}

/// Work space of a thread.
#[derive(Clone, Debug, Default)]
pub struct StatisticsScratch {
    pub(super) fft: FftScratch,
}

#[derive(Clone, Debug)]
pub struct PopulationPlan {
    pub dt: f64,
    /// First step of the window, counted from t = 0.
    pub first: u64,
    /// N.
    pub size: f64,
    /// Steps of the moving average: the largest odd number within 1 ms.
    pub smooth: usize,
    /// Steps on either side of a spike that count as synchronous: 0.5 ms.
    pub synchrony_half: usize,
    /// Steps of a window of the Fano factor: 10 ms.
    pub fano: u64,
    pub burst_distance: u64,
    /// In spikes per smoothing window.
    pub burst_threshold: f64,
    /// Steps on either side of a peak that belong to the burst: 4 ms.
    pub size_half: u64,
    /// Spikes/ms per spike in the smoothing window.
    pub height_per_count: f64,
    /// The same, per 300 neurons.
    pub height_per_300: f64,
    /// In spikes per smoothing window.
    pub state_threshold: Option<f64>,
    /// Hz per neuron of one spike in the smoothing window.
    pub rate_per_count: f64,
    /// Counts that a [`super::history::History`] keeps.
    pub history: usize,
    /// Samples of the smoothed rate are taken for the joint histogram, every so many steps.
    pub joint_every: Option<u64>,
}

/// Joint histograms have at most this many bins on a side: 8 MB per member.
const MOST_BINS: usize = 1000;
/// Counts kept per population: 8 MB per member.
const MOST_STEPS: u64 = 1 << 20;
/// Heights of bursts are compared per this many neurons.
const REFERENCE_SIZE: f64 = 300.0;

/// Steps of the moving average: the largest odd number within 1 ms.
pub fn smoothing_steps(dt: f64) -> u64 {
    let per_ms = steps_within(1.0, dt).max(1);
    per_ms - u64::from(per_ms.is_multiple_of(2))
}

impl StatisticsPlan {
    /// Errors: a layout that no statistics can be computed over.
    pub fn new(layout: Layout) -> Result<StatisticsPlan, LayoutError> {
        StatisticsPlan::build(layout, None)
    }

    /// The plan of another point. It shares the transform, of some 200 kB, if dt and the window are the same.
    pub fn another(&self, layout: Layout) -> Result<StatisticsPlan, LayoutError> {
        StatisticsPlan::build(layout, Some(self))
    }

    fn build(layout: Layout, other: Option<&StatisticsPlan>) -> Result<StatisticsPlan, LayoutError> {
        layout.validate()?;
        let columns = columns(&layout)?;
        let dt = layout.dt;
        let (first, last) = (layout.first(), layout.last());
        let sample_every = steps_within(1.0, dt).max(1);
        let joint_rate = match layout.analysis.attractor {
            Some(attractor) if layout.populations.len() > 1 => Some(BinAxis::from_zero(attractor.bin, attractor.max)),
            _ => None,
        };
        if let Some(bins) = joint_rate.map(|axis| axis.bins as usize).filter(|&bins| bins > MOST_BINS) {
            return Err(LayoutError::TooManyBins { bins, most: MOST_BINS });
        }
        let mut populations = Vec::with_capacity(layout.populations.len());
        for (i, population) in layout.populations.iter().enumerate() {
            let joint_every = joint_rate.filter(|_| i < 2).map(|_| sample_every);
            populations.push(PopulationPlan::new(&layout, population.size, joint_every)?);
        }
        let welch = match other {
            Some(plan) if (plan.layout.dt, plan.first, plan.last) == (dt, first, last) => plan.welch.clone(),
            _ => WelchPlan::new(dt, last - first).map(Arc::new),
        };
        Ok(StatisticsPlan { layout, columns, populations, welch, joint_rate, first, last, sample_every })
    }

    pub fn scratch(&self) -> StatisticsScratch {
        StatisticsScratch { fft: self.welch.as_ref().map(|welch| welch.scratch()).unwrap_or_default() }
    }

    /// Whether the state after `step` (counted from 0) is sampled: once per ms, within the window.
    pub fn samples(&self, step: u64) -> bool {
        (self.first..self.last).contains(&step) && (step + 1).is_multiple_of(self.sample_every)
    }
}

impl PopulationPlan {
    fn new(layout: &Layout, size: u32, joint_every: Option<u64>) -> Result<PopulationPlan, LayoutError> {
        let Layout { dt, ref analysis, .. } = *layout;
        let steps = |name, time| {
            let steps = steps_within(time, dt);
            if steps > MOST_STEPS {
                Err(LayoutError::TooManySteps { name, steps, most: MOST_STEPS })
            } else {
                Ok(steps)
            }
        };
        steps("1 ms", 1.0)?;
        let smooth = smoothing_steps(dt);
        let synchrony_half = steps("0.5 ms", 0.5)?;
        let size_half = steps("4 ms", 4.0)?;
        let burst_distance = steps("burst distance", analysis.burst_distance)?;
        let n = f64::from(size);
        let smoothed = smooth as f64 * dt;
        let rate_per_count = 1000.0 / (n * smoothed);
        let history = (burst_distance + smooth + 2 * size_half + 2).max(2 * synchrony_half + 2);
        Ok(PopulationPlan {
            dt,
            first: layout.first(),
            size: n,
            smooth: smooth as usize,
            synchrony_half: synchrony_half as usize,
            fano: steps_within(10.0, dt).max(1),
            burst_distance,
            // whole counts that meet the threshold exactly shall not miss it by rounding
            burst_threshold: analysis.burst_height * n / REFERENCE_SIZE * smoothed * (1.0 - 1e-12),
            size_half,
            height_per_count: 1.0 / smoothed,
            height_per_300: REFERENCE_SIZE / (n * smoothed),
            state_threshold: analysis.state_threshold.map(|hz| hz / rate_per_count),
            rate_per_count,
            history: history as usize,
            joint_every,
        })
    }

    /// Steps on either side of the centre of the moving average; also the first step, counted from that of the window, that
    /// has a smoothed rate.
    pub fn smooth_half(&self) -> u64 {
        self.smooth as u64 / 2
    }
}
