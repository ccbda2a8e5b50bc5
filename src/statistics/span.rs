//! Consecutive steps of a run.

use super::layout::steps_within;

/// The steps whose spikes lie in (from, to].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Counted from 0 at t = 0.
    pub first: u64,
    /// One past the last one.
    pub last: u64,
}

impl Span {
    /// Between two times in ms.
    pub fn new(dt: f64, from: f64, to: f64) -> Span {
        Span { first: steps_within(from, dt), last: steps_within(to, dt) }
    }

    /// Number of steps.
    pub fn steps(self) -> u64 {
        self.last - self.first
    }

    /// Those of `counts`, rows of `stride` from `step` on, that lie in it, and the step that they begin with.
    pub fn cut<C>(self, step: u64, stride: usize, counts: &[C]) -> (u64, &[C]) {
        let steps = (counts.len() / stride) as u64;
        let [begin, end] = [self.first, self.last].map(|edge| edge.saturating_sub(step).min(steps));
        (step + begin, &counts[begin as usize * stride..end as usize * stride])
    }
}
