//! Two states of a population, and how long it stays in each.
//!
//! A rate, smoothed by a centred moving average of its own, rises above `high` or falls to `low` and below; in between it keeps the
//! level that it had, and before the first of the two it has none. A state begins with a run of one level that lasts at least the
//! minimum; shorter runs belong to the state around them. What comes before the first such run, or is too short at the end of
//! the window to tell, belongs to no state.

use super::history::Line;
use super::moments::Moments;
use super::statistic::{Entry, Group};
use super::sum::MovingSums;
use serde::{Deserialize, Serialize};

/// In steps, and in spikes per smoothing window.
#[derive(Clone, Copy, Debug)]
pub struct StatesPlan {
    /// Steps of the moving average, an odd number.
    pub smooth: usize,
    /// The lower state begins at or below it.
    pub low: f64,
    /// The upper state begins above it.
    pub high: f64,
    /// Shortest state.
    pub minimum: u64,
    /// ms.
    pub dt: f64,
}

/// The states of a population while it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// Whether the rate is high.
    level: Option<bool>,
    /// Steps since the level last differed from the state.
    undecided: u64,
    state: Option<bool>,
    /// Steps in the state, those between its runs included.
    length: u64,
    /// The beginning of the state was seen.
    begun: bool,
    /// Steps in the lower and upper state.
    steps: [u64; 2],
    /// Lengths in steps of the stays whose both ends were seen, in the lower and upper state.
    stays: [Moments; 2],
}

/// The states of a population that has ended.
pub struct Visited<'a> {
    /// At the window's end.
    pub states: &'a States,
    /// What told the states apart.
    pub plan: &'a StatesPlan,
}

/// How a value is read.
type Value = fn(&Visited) -> Option<f64>;

/// What `members.parquet` holds of the states.
#[rustfmt::skip]
pub static STATISTICS: [Entry<Value>; 3] = [
    Entry::new("fraction_above", "1", Group::States, |v| v.fraction_above(), "share of time in the upper of two states, of the time that belongs to either"),
    Entry::new("dwell_above_mean", "ms", Group::States, |v| v.dwell(true), "mean length of the stays in the upper state whose both ends were seen: too short where stays are not much shorter than the window, of the order of `states.smooth` that of the filter"),
    Entry::new("dwell_below_mean", "ms", Group::States, |v| v.dwell(false), "mean length of the stays in the lower state whose both ends were seen: too short where stays are not much shorter than the window, of the order of `states.smooth` that of the filter"),
];

impl States {
    /// Takes the new counts of a line; `sums` is work space.
    pub fn extend(&mut self, plan: &StatesPlan, line: Line, sums: &mut MovingSums) {
        let sums = sums.of(line.reaching_back(plan.smooth - 1), plan.smooth);
        let unfilled = (plan.smooth as u64 - 1).saturating_sub(line.first) as usize;
        sums.iter().skip(unfilled).for_each(|&sum| self.push(plan, sum));
    }

    /// `sum`: counts in a window of the moving average.
    fn push(&mut self, plan: &StatesPlan, sum: f64) {
        let before = self.level;
        if sum > plan.high {
            self.level = Some(true);
        } else if sum <= plan.low {
            self.level = Some(false);
        }
        let Some(level) = self.level else { return };
        if self.state == self.level {
            self.stay(level, self.undecided + 1);
            self.undecided = 0;
            return;
        }
        // where there is no state yet, a run ends with its level; otherwise only the other level is undecided
        self.undecided = if before == self.level { self.undecided + 1 } else { 1 };
        if self.undecided >= plan.minimum {
            self.change(level);
        }
    }

    fn stay(&mut self, state: bool, steps: u64) {
        self.length += steps;
        self.steps[usize::from(state)] += steps;
    }

    fn change(&mut self, to: bool) {
        if self.begun {
            self.stays[usize::from(!to)].push(self.length as f64);
        }
        self.begun = self.state.is_some();
        self.state = Some(to);
        self.length = 0;
        self.stay(to, self.undecided);
        self.undecided = 0;
    }
}

impl Visited<'_> {
    fn fraction_above(&self) -> Option<f64> {
        let [below, above] = self.states.steps;
        (below + above > 0).then(|| above as f64 / (below + above) as f64)
    }

    /// ms.
    fn dwell(&self, above: bool) -> Option<f64> {
        self.states.stays[usize::from(above)].mean().map(|steps| steps * self.plan.dt)
    }
}
