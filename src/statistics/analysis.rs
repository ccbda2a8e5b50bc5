//! The options of the statistics: a config's `analysis`.

use super::choice::Choice;
use super::psth::Psth;
use serde::{Deserialize, Serialize};

/// Parameters of the statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// What counts as a burst.
    pub burst: Burst,
    /// Band of the spectral peak in Hz, both ends included.
    pub psd_band: [f64; 2],
    /// What separates two states of a population; absent: states are not told apart.
    pub states: Option<TwoStates>,
    /// Bins of the joint histogram of rates.
    pub attractor: Attractor,
    /// More windows (from, to] in ms, each with the statistics of its spike counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<[f64; 2]>,
    /// Populations that compete; absent: none is compared with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Bins of time; absent: not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psth: Option<Psth>,
    /// Exponent and period of deterministic trajectories.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lyapunov: bool,
}

/// [`Analysis::psd_band`] of a config that says nothing of it.
pub const PSD_BAND: [f64; 2] = [5.0, 200.0];

impl Default for Analysis {
    fn default() -> Self {
        Analysis {
            burst: Burst::DEFAULT,
            psd_band: PSD_BAND,
            states: None,
            attractor: Attractor::DEFAULT,
            windows: vec![],
            choice: None,
            psth: None,
            lyapunov: false,
        }
    }
}

/// What counts as a burst.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burst {
    /// Smallest peak of the smoothed population rate in spikes/ms per 300 neurons.
    pub height: f64,
    /// Time in ms around a peak without a higher one.
    pub distance: f64,
}

impl Burst {
    /// What a config has that says nothing of it.
    pub const DEFAULT: Burst = Burst { height: 10.0, distance: 9.0 };
}

/// How two states of the rate per neuron are told apart, see [`super::states`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoStates {
    /// In Hz: the lower state begins at or below `low`, the upper one above `high`.
    pub low: f64,
    /// In Hz, at least `low`.
    pub high: f64,
    /// Moving average in ms: over the largest odd number of steps within it.
    pub smooth: f64,
    /// Shortest state in ms.
    pub minimum: f64,
}

impl TwoStates {
    /// Two states on either side of one threshold in Hz, on the rate that bursts are sought in, however short.
    pub fn around(threshold: f64) -> TwoStates {
        TwoStates { low: threshold, high: threshold, smooth: SMOOTHED, minimum: 0.0 }
    }
}

/// Length in ms of the moving average that gives the smoothed rate.
pub const SMOOTHED: f64 = 1.0;

/// Bins of the joint histogram of two populations' smoothed rates, in Hz; the last bin is open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attractor {
    /// Width of a bin.
    pub bin: f64,
    /// Upper end of the bins; the last, open one begins a bin below.
    pub max: f64,
}

impl Attractor {
    /// What a config has that says nothing of it.
    pub const DEFAULT: Attractor = Attractor { bin: 12.5, max: 1000.0 };
}
