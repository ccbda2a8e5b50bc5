//! Step counts and thresholds of one population.

use super::analysis::{SMOOTHED, TwoStates};
use super::layout::{Layout, LayoutError, MOST_STEPS, steps_within};
use super::states::StatesPlan;

#[derive(Clone, Debug)]
pub struct PopulationPlan {
    pub dt: f64,
    /// First step of the window, counted from t = 0.
    pub first: u64,
    /// N.
    pub size: f64,
    /// Steps of the moving average: the largest odd number within 1 ms.
    pub smooth: usize,
    /// Steps on either side of a spike that count as synchronous: 0.5 ms.
    pub synchrony_half: usize,
    /// Steps of a window of the Fano factor: 10 ms.
    pub fano: u64,
    pub burst_distance: u64,
    /// In spikes per smoothing window.
    pub burst_threshold: f64,
    /// Steps on either side of a peak that belong to the burst: 4 ms.
    pub size_half: u64,
    /// Spikes/ms per spike in the smoothing window.
    pub height_per_count: f64,
    /// The same, per 300 neurons.
    pub height_per_300: f64,
    pub states: Option<StatesPlan>,
    /// Hz per neuron of one spike in the smoothing window.
    pub rate_per_count: f64,
    /// Counts that a [`super::history::History`] keeps.
    pub history: usize,
    /// Samples of the smoothed rate are taken for the joint histogram, every so many steps.
    pub joint_every: Option<u64>,
}

/// Heights of bursts are compared per this many neurons.
const REFERENCE_SIZE: f64 = 300.0;

/// Steps of a centred moving average over `time` ms: the largest odd number of them.
pub fn smoothing_steps(time: f64, dt: f64) -> u64 {
    let steps = steps_within(time, dt).max(1);
    steps - u64::from(steps.is_multiple_of(2))
}

impl PopulationPlan {
    pub fn new(layout: &Layout, size: u32, joint_every: Option<u64>) -> Result<PopulationPlan, LayoutError> {
        let Layout { dt, ref analysis, .. } = *layout;
        let steps = |name, time| {
            let steps = steps_within(time, dt);
            if steps > MOST_STEPS {
                Err(LayoutError::TooManySteps { name, steps, most: MOST_STEPS })
            } else {
                Ok(steps)
            }
        };
        steps("1 ms", 1.0)?;
        let smooth = smoothing_steps(SMOOTHED, dt);
        let synchrony_half = steps("0.5 ms", 0.5)?;
        let size_half = steps("4 ms", 4.0)?;
        let burst_distance = steps("burst distance", analysis.burst.distance)?;
        let n = f64::from(size);
        let smoothed = smooth as f64 * dt;
        let hz_per_count = |steps: u64| 1000.0 / (n * (steps as f64 * dt));
        let states = |TwoStates { low, high, smooth, minimum }: TwoStates| {
            steps("moving average of the states", smooth)?;
            let smooth = smoothing_steps(smooth, dt);
            let hz = hz_per_count(smooth);
            let minimum = steps_within(minimum, dt).max(1);
            Ok(StatesPlan { smooth: smooth as usize, low: low / hz, high: high / hz, minimum, dt })
        };
        let states = analysis.states.map(states).transpose()?;
        let longest = states.map_or(0, |states| states.smooth as u64);
        let history = (burst_distance + smooth + 2 * size_half + 2).max(2 * synchrony_half + 1).max(longest);
        Ok(PopulationPlan {
            dt,
            first: layout.first(),
            size: n,
            smooth: smooth as usize,
            synchrony_half: synchrony_half as usize,
            fano: steps_within(10.0, dt).max(1),
            burst_distance,
            // whole counts that meet the threshold exactly shall not miss it by rounding
            burst_threshold: analysis.burst.height * n / REFERENCE_SIZE * smoothed * (1.0 - 1e-12),
            size_half,
            height_per_count: 1.0 / smoothed,
            height_per_300: REFERENCE_SIZE / (n * smoothed),
            states,
            rate_per_count: hz_per_count(smooth),
            history: history as usize,
            joint_every,
        })
    }

    /// Steps on either side of the centre of the moving average; also the first step, counted from that of the window, that
    /// has a smoothed rate.
    pub fn smooth_half(&self) -> u64 {
        self.smooth as u64 / 2
    }
}
