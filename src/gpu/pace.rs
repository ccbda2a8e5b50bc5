//! Keeps a device busy: two dispatches on their way, so that the host reads one while the device computes the other.

use super::device::GpuError;
use std::time::{Duration, Instant};

/// A dispatch is tuned to take about this long: a desktop stays usable and watchdogs asleep.
const DISPATCH: Duration = Duration::from_millis(50);
/// Most steps of a dispatch, and fewest: below, its own cost would hide that of the steps.
const STEPS: u32 = 1000;
const FEWEST_STEPS: u32 = 20;
/// Dispatches on their way.
const UNDER_WAY: usize = 2;

/// Members on a device that step together.
pub trait Stepped {
    /// Submits `steps` steps from step `first` on, which the dispatch before ended with.
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError>;

    /// Stretches that were started and not finished; at most two.
    fn under_way(&self) -> usize;

    /// Waits for the oldest dispatch, takes its outputs, and tells its steps.
    fn finish(&mut self) -> Result<u32, GpuError>;
}

/// How many steps to ask for next.
#[derive(Clone)]
pub struct Pace {
    most: u32,
    next: u32,
}

impl Pace {
    /// Most steps of any dispatch on a device that finishes `limit`.
    pub fn most(limit: u32) -> u32 {
        STEPS.min(limit)
    }

    /// Begins with few.
    pub fn new(limit: u32) -> Pace {
        let most = Pace::most(limit);
        Pace { most, next: FEWEST_STEPS.min(most) }
    }

    /// Submits what may be under way at once of the steps from `first` up to `last`: the step that comes next.
    pub fn begin(&self, batch: &mut impl Stepped, mut first: u32, last: u32) -> Result<u32, GpuError> {
        while first < last && batch.under_way() < UNDER_WAY {
            let steps = self.next.min(last - first);
            batch.start(first, steps)?;
            first += steps;
        }
        Ok(first)
    }

    /// Steps a batch, of which everything before `first` was submitted, up to `last`, or until it should no longer go on: the step
    /// that it then is at, with nothing under way. `meanwhile` is done once, when all is submitted and the device still computes.
    pub fn step(
        &mut self,
        batch: &mut impl Stepped,
        mut first: u32,
        last: u32,
        goes_on: impl Fn() -> bool,
        mut meanwhile: impl FnMut(&Pace),
    ) -> Result<u32, GpuError> {
        let mut clock = Instant::now();
        loop {
            if first < last && goes_on() {
                first = self.begin(batch, first, last)?;
                if first == last {
                    meanwhile(self);
                }
            }
            if batch.under_way() == 0 {
                return Ok(first);
            }
            let steps = batch.finish()?;
            self.tune(steps, clock.elapsed().max(Duration::from_micros(100)));
            clock = Instant::now();
        }
    }

    /// Steps that would have taken [`DISPATCH`], at most four times as many as before.
    fn tune(&mut self, steps: u32, took: Duration) {
        let wanted = f64::from(steps) * DISPATCH.as_secs_f64() / took.as_secs_f64();
        self.next = (wanted.min(4.0 * f64::from(steps)) as u32).clamp(FEWEST_STEPS.min(self.most), self.most);
    }
}
