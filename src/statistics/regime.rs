//! The regime of a deterministic trajectory: steady, periodic or chaotic. It belongs to the network as a whole, so each of these
//! statistics has one column, named as it is.

use super::statistic::{Entry, Group};
use serde::{Deserialize, Serialize};

/// What a trajectory was found to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Regime {
    /// Transverse Lyapunov exponent in 1/s; `None` where there was too little to tell.
    pub exponent: Option<f64>,
    /// Standard error of the exponent.
    pub error: Option<f64>,
    /// In returns: 0 steady, -1 aperiodic.
    pub period: Option<i32>,
    /// Bursts in a period; `None` where there is no period.
    pub bursts: Option<f64>,
}

/// How a value is read.
type Value = fn(&Regime) -> Option<f64>;

pub(super) static STATISTICS: [Entry<Value>; 4] = [
    Entry::new(
        "lyapunov",
        "1/s",
        Group::Regime,
        |r| r.exponent,
        "largest Lyapunov exponent across the flow, of a deterministic `dsode` (`analysis.lyapunov`): growth of the tangent on the section \
         where a mean kick count falls through its mean; of an orbit the logarithm of its leading multiplier over its period, of a steady state the growth of its \
         leading mode; above 0: chaos",
    ),
    Entry::new(
        "lyapunov_se",
        "1/s",
        Group::Regime,
        |r| r.error,
        "standard error of `lyapunov` over ten batches of returns, each of whole periods; of a steady state what half of the time changes",
    ),
    Entry::new(
        "period",
        "returns",
        Group::Regime,
        |r| r.period.map(f64::from),
        "returns to that section after which the trajectory repeats, at most 16; 0: steady, -1: none (chaos, a torus, not settled, or a window too short to tell)",
    ),
    Entry::new(
        "period_bursts",
        "1",
        Group::Regime,
        |r| r.bursts,
        "bursts in a period: maxima of that mean kick count between a rise and a fall by more than 5 % of the range of its logarithm; small ones \
         count, whether or not they return to the section, a second peak of the same burst does not",
    ),
];
