//! Whether the members of a point tell a statistic as precisely as it is asked for.
//!
//! An interval needs a variance, and members that all have one value give none: the first realisations of a point that fires now
//! and then may all be silent. Of n members that are all alike one can say, at 95 %, that at most a share 3/n of the ensemble is
//! otherwise (0.05^(1/n) = 1 - 3/n), so they are asked for more until that share is the relative half width.

use super::summary::Summary;

/// Members that are all alike leave room for so many others, over their number (95 %).
const RULE_OF_THREE: f64 = 3.0;

/// What members say of a statistic whose 95 % interval shall be small relative to its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The interval is as small as asked for.
    Reached,
    /// All members have the same value, and they are many enough to say so.
    AllEqual,
    /// No member has a value: nothing is claimed, so nothing more is asked for.
    Undefined,
    /// More members are needed.
    NotReached,
}

impl Precision {
    /// `limit`: half width of the 95 % interval relative to the mean.
    pub fn of(summary: &Summary, limit: f64) -> Precision {
        match (summary.n, summary.mean, summary.sem, summary.ci95) {
            (0, ..) => Precision::Undefined,
            (n, _, Some(0.0), _) if RULE_OF_THREE <= limit * n as f64 => Precision::AllEqual,
            (_, Some(mean), Some(sem), Some((low, high))) if sem > 0.0 && 0.5 * (high - low) <= limit * mean.abs() => {
                Precision::Reached
            }
            _ => Precision::NotReached,
        }
    }

    /// Whether more members are needed.
    pub fn asks_for_more(self) -> bool {
        self == Precision::NotReached
    }

    /// In words, for people.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Reached => "reached",
            Precision::AllEqual => "equal in all members",
            Precision::Undefined => "undefined",
            Precision::NotReached => "not reached",
        }
    }
}
