//! Spike counts of all populations in one window: the whole one, or one around a stimulus.

use super::layout::{Layout, LayoutError};
use super::population::PopulationAccumulator;
use super::population_plan::PopulationPlan;
use super::scratch::StatisticsScratch;
use super::span::Span;
use super::welch::WelchPlan;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What members share of a window.
#[derive(Clone, Debug)]
pub struct WindowPlan {
    pub span: Span,
    pub populations: Vec<PopulationPlan>,
    pub welch: Option<Arc<WelchPlan>>,
}

/// One member's counts in a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowCounts {
    pub populations: Vec<PopulationAccumulator>,
}

impl WindowPlan {
    /// The window (discard, duration] of a layout. `joint_every`: steps between samples of the first two populations' rates, for their
    /// joint histogram; the transforms of another window are shared if its dt, which comes with it, is the same.
    pub fn new(
        layout: &Layout,
        joint_every: Option<u64>,
        other: Option<(f64, &WindowPlan)>,
    ) -> Result<WindowPlan, LayoutError> {
        let span = Span::new(layout.dt, layout.discard, layout.duration);
        let mut populations = Vec::with_capacity(layout.populations.len());
        for (i, population) in layout.populations.iter().enumerate() {
            populations.push(PopulationPlan::new(layout, population.size, joint_every.filter(|_| i < 2))?);
        }
        let welch = match other {
            Some((dt, WindowPlan { welch: Some(welch), .. })) if dt == layout.dt => {
                (span.steps() >= welch.segment() as u64).then(|| welch.clone())
            }
            _ => WelchPlan::new(layout.dt, span.steps()).map(Arc::new),
        };
        Ok(WindowPlan { span, populations, welch })
    }
}

impl WindowCounts {
    pub fn new(plan: &WindowPlan) -> WindowCounts {
        let welch = plan.welch.as_deref();
        let populations = plan.populations.iter().map(|population| PopulationAccumulator::new(population, welch));
        WindowCounts { populations: populations.collect() }
    }

    /// Takes the counts of all populations from `step` on, those outside of the window without effect.
    pub fn feed<C: Copy + Into<f64>>(
        &mut self,
        plan: &WindowPlan,
        scratch: &mut StatisticsScratch,
        step: u64,
        counts: &[C],
    ) {
        let stride = self.populations.len();
        let (_, counts) = plan.span.cut(step, stride, counts);
        let welch = plan.welch.as_deref();
        for (pop, (state, plan)) in self.populations.iter_mut().zip(&plan.populations).enumerate() {
            state.extend(plan, welch, scratch, (pop, stride), counts);
        }
    }
}
