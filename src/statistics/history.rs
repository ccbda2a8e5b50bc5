//! The last counts of a population, and sums over windows that end at the newest one.

use serde::{Deserialize, Serialize};

/// Ring of the newest counts; its length is a power of two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    ring: Vec<f64>,
    /// Counts pushed so far.
    pub steps: u64,
}

impl History {
    /// Room for `capacity` counts.
    pub fn new(capacity: usize) -> History {
        History { ring: vec![0.0; capacity.next_power_of_two()], steps: 0 }
    }

    #[inline]
    pub fn push(&mut self, count: f64) {
        let slot = self.slot(self.steps);
        self.ring[slot] = count;
        self.steps += 1;
    }

    /// The count of `step`, which is one of the last `capacity`; 0 for the slots before the first step.
    #[inline]
    pub fn at(&self, step: u64) -> f64 {
        self.ring[self.slot(step)]
    }

    /// The count `lag` steps before the newest one (0); 0 before the first step.
    #[inline]
    pub fn back(&self, lag: usize) -> f64 {
        self.ring[self.slot(self.steps.wrapping_sub(1 + lag as u64))]
    }

    #[inline]
    fn slot(&self, step: u64) -> usize {
        step as usize & (self.ring.len() - 1)
    }
}

/// Sum of the newest `window` counts of a [`History`] with room for one more.
///
/// Whole numbers add exactly. Real ones drift, so the sum is taken afresh whenever the ring wraps: at fixed steps, not chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunningSum {
    sum: f64,
}

impl RunningSum {
    /// To be called after every push.
    #[inline]
    pub fn update(&mut self, history: &History, window: usize) -> f64 {
        if history.slot(history.steps) == 0 {
            self.sum = (0..window).rev().map(|lag| history.back(lag)).sum();
        } else {
            self.sum += history.back(0) - history.back(window);
        }
        self.sum
    }
}
