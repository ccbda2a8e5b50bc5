//! The last counts of a population.

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
    pub fn new(capacity: usize) -> History {
        History { kept: vec![0.0; capacity], steps: 0 }
    }

    /// Lays the counts of population `pop` out behind the kept ones, in `line`; `counts[step * stride + population]` are new.
    pub fn line<'a, C: Copy + Into<f64>>(
        &self,
        pop: usize,
        stride: usize,
        counts: &[C],
        line: &'a mut Vec<f64>,
    ) -> Line<'a> {
        line.clear();
        line.extend_from_slice(&self.kept);
        match (stride, counts.as_chunks::<2>().0) {
            (1, _) => line.extend(counts.iter().map(|&count| count.into())),
            // A width that the compiler knows makes vectors of it.
            (2, steps) if pop == 0 => line.extend(steps.iter().map(|step| step[0].into())),
            (2, steps) => line.extend(steps.iter().map(|step| step[1].into())),
            _ => line.extend(counts.chunks_exact(stride).map(|step| step[pop].into())),
        }
        Line { counts: line, kept: self.kept.len(), first: self.steps }
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

    /// The new counts, and the `steps` before them.
    pub fn reaching_back(self, steps: usize) -> &'a [f64] {
        &self.counts[self.kept - steps..]
    }

    /// The counts of `steps` steps from `step` on, none of them older than the kept ones.
    pub fn from(self, step: u64, steps: u64) -> &'a [f64] {
        let at = (step + self.kept as u64 - self.first) as usize;
        &self.counts[at..at + steps as usize]
    }
}
