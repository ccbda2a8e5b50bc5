//! The last counts of a population, and sums over windows that end at each of the newest.

use serde::{Deserialize, Serialize};

/// The newest counts, the oldest of them first: as many as any statistic looks back to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    kept: Vec<f64>,
    /// Counts pushed so far.
    pub steps: u64,
}

/// New counts behind those that were kept; before the first step of all are zeros.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    counts: &'a [f64],
    kept: usize,
    /// Step of the first new one.
    pub first: u64,
}

impl History {
    /// Keeps at least `capacity` counts; how many is a power of two, since [`RunningSum`] begins afresh after as many.
    pub fn new(capacity: usize) -> History {
        History { kept: vec![0.0; capacity.next_power_of_two()], steps: 0 }
    }

    /// Lays `new` counts out behind the kept ones, in `counts`.
    pub fn line<'a>(&self, new: impl Iterator<Item = f64>, counts: &'a mut Vec<f64>) -> Line<'a> {
        counts.clear();
        counts.extend_from_slice(&self.kept);
        counts.extend(new);
        Line { counts, kept: self.kept.len(), first: self.steps }
    }

    /// Keeps the newest counts of a line.
    pub fn push(&mut self, line: Line) {
        self.steps = line.end();
        self.kept.copy_from_slice(&line.counts[line.counts.len() - line.kept..]);
    }

    /// The kept counts alone.
    pub fn kept(&self) -> Line<'_> {
        Line { counts: &self.kept, kept: self.kept.len(), first: self.steps }
    }
}

impl<'a> Line<'a> {
    /// One past the last step.
    pub fn end(self) -> u64 {
        self.first + (self.counts.len() - self.kept) as u64
    }

    /// For each new step the count `lag` steps before it.
    pub fn lagged(self, lag: usize) -> &'a [f64] {
        &self.counts[self.kept - lag..self.counts.len() - lag]
    }

    /// The counts of `steps` steps from `step` on, none of them older than the kept ones.
    pub fn from(self, step: u64, steps: u64) -> &'a [f64] {
        let at = (step + self.kept as u64 - self.first) as usize;
        &self.counts[at..at + steps as usize]
    }
}

/// Sum of the newest `window` counts of a [`History`] with room for one more.
///
/// Whole numbers add exactly. Real ones drift, so the sum is taken afresh every so many steps, as many as the history keeps: at
/// fixed steps, however they come in lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunningSum {
    sum: f64,
}

impl RunningSum {
    /// The sums of the windows that end at each of the new steps, into `sums`.
    pub fn over(&mut self, line: Line, window: usize, sums: &mut Vec<f64>) {
        sums.clear();
        let (entering, leaving) = (line.lagged(0), line.lagged(window));
        let period = line.kept as u64;
        let mut sum = self.sum;
        let mut begin = 0;
        while begin < entering.len() {
            // The step before the sum is taken afresh.
            let last = (period - 1 - (line.first + begin as u64) % period) as usize;
            let end = (begin + last).min(entering.len());
            sums.extend(entering[begin..end].iter().zip(&leaving[begin..end]).map(|(entering, leaving)| {
                sum += entering - leaving;
                sum
            }));
            if end < entering.len() {
                let newest = line.first + end as u64;
                sum = line.from(newest + 1 - window as u64, window as u64).iter().sum();
                sums.push(sum);
            }
            begin = end + 1;
        }
        self.sum = sum;
    }
}
