//! Step counts, thresholds and transforms derived once from a [`Layout`] and shared by all members.

use super::fft::FftScratch;
use super::histogram::BinAxis;
use super::layout::{Layout, LayoutError, steps_within};
use super::population_plan::PopulationPlan;
use super::table::{Column, columns};
use super::welch::WelchPlan;
use std::sync::Arc;

/// Shared by all members of a layout, on any number of threads.
#[derive(Clone, Debug)]
pub struct StatisticsPlan {
    /// What it was made from.
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

/// Joint histograms have at most this many bins on a side: 8 MB per member.
const MOST_BINS: usize = 1000;

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

    /// Work space of the right size, one for each thread.
    pub fn scratch(&self) -> StatisticsScratch {
        StatisticsScratch { fft: self.welch.as_ref().map(|welch| welch.scratch()).unwrap_or_default() }
    }

    /// Whether the state after `step` (counted from 0) is sampled: once per ms, within the window.
    pub fn samples(&self, step: u64) -> bool {
        (self.first..self.last).contains(&step) && (step + 1).is_multiple_of(self.sample_every)
    }
}
