//! Step counts, thresholds and transforms derived once from a [`Layout`] and shared by all members.

use super::histogram::BinAxis;
use super::layout::{Layout, LayoutError, steps_within};
use super::table::{Column, columns};
use super::window::WindowPlan;

/// Shared by all members of a layout, on any number of threads.
#[derive(Clone, Debug)]
pub struct StatisticsPlan {
    /// What it was made from.
    pub layout: Layout,
    /// Names and order of [`super::MemberStatistics::values`].
    pub columns: Vec<Column>,
    /// The window (discard, duration].
    pub(super) whole: WindowPlan,
    /// Those of [`super::Analysis::windows`].
    pub(super) windows: Vec<WindowPlan>,
    /// Joint histogram of rates: bins of both axes.
    pub(super) joint_rate: Option<BinAxis>,
    /// Steps between samples: 1 ms.
    sample_every: u64,
}

/// Joint histograms have at most this many bins on a side: 8 MB per member.
const MOST_BINS: usize = 1000;

impl StatisticsPlan {
    /// Errors: a layout that no statistics can be computed over.
    pub fn new(layout: Layout) -> Result<StatisticsPlan, LayoutError> {
        StatisticsPlan::build(layout, None)
    }

    /// The plan of another point. It shares the transform, of some 200 kB, if dt is the same.
    pub fn another(&self, layout: Layout) -> Result<StatisticsPlan, LayoutError> {
        StatisticsPlan::build(layout, Some(self))
    }

    fn build(layout: Layout, other: Option<&StatisticsPlan>) -> Result<StatisticsPlan, LayoutError> {
        layout.validate()?;
        let columns = columns(&layout)?;
        let dt = layout.dt;
        let sample_every = steps_within(1.0, dt).max(1);
        let joint_rate = match layout.attractor() {
            Some(attractor) if layout.populations.len() > 1 => Some(BinAxis::from_zero(attractor.bin, attractor.max)),
            _ => None,
        };
        if let Some(bins) = joint_rate.map(|axis| axis.bins as usize).filter(|&bins| bins > MOST_BINS) {
            return Err(LayoutError::TooManyBins { bins, most: MOST_BINS });
        }
        let joint_every = joint_rate.map(|_| sample_every);
        let whole = WindowPlan::new(&layout, joint_every, other.map(|plan| (plan.layout.dt, &plan.whole)))?;
        let windows = layout.windows().map(|window| WindowPlan::new(&window, None, Some((dt, &whole))));
        let windows = windows.collect::<Result<_, _>>()?;
        Ok(StatisticsPlan { layout, columns, whole, windows, joint_rate, sample_every })
    }

    /// Whether the state after `step` (counted from 0) is sampled: once per ms, within the window.
    pub fn samples(&self, step: u64) -> bool {
        (self.whole.span.first..self.whole.span.last).contains(&step) && (step + 1).is_multiple_of(self.sample_every)
    }
}
