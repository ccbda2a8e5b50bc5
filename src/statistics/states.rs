//! Two states: how long the smoothed rate stays above and below a threshold.

use super::moments::Moments;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// State of the last step; absent before the first.
    now: Option<bool>,
    /// Steps since the last change.
    length: u64,
    /// The beginning of the present stretch was seen.
    begun: bool,
    steps: u64,
    above: u64,
    /// Lengths in steps of the stretches whose both ends were seen, below and above.
    dwell: [Moments; 2],
}

impl States {
    #[inline]
    pub fn push(&mut self, above: bool) {
        self.steps += 1;
        self.above += u64::from(above);
        if self.now == Some(above) {
            self.length += 1;
            return;
        }
        if self.begun {
            self.dwell[usize::from(!above)].push(self.length as f64);
        }
        self.begun = self.now.is_some();
        self.now = Some(above);
        self.length = 1;
    }

    pub fn fraction_above(&self) -> Option<f64> {
        (self.steps > 0).then(|| self.above as f64 / self.steps as f64)
    }

    /// Mean dwell time in ms.
    pub fn dwell(&self, above: bool, dt: f64) -> Option<f64> {
        self.dwell[usize::from(above)].mean().map(|steps| steps * dt)
    }
}
