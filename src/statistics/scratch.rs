//! What statistics compute in.

use super::fft::FftScratch;

/// Work space of a thread, for members of any plan.
#[derive(Clone, Debug, Default)]
pub struct StatisticsScratch {
    pub(super) fft: FftScratch,
    pub(super) counts: Vec<f64>,
    pub(super) sums: Vec<f64>,
}
