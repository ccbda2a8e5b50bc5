//! What statistics compute in.

use super::fft::FftScratch;
use super::sum::MovingSums;

/// Work space of a thread, for members of any plan.
#[derive(Clone, Debug, Default)]
pub struct StatisticsScratch {
    pub(super) fft: FftScratch,
    pub(super) counts: Vec<f64>,
    pub(super) sums: MovingSums,
    pub(super) heights: Vec<f64>,
}
