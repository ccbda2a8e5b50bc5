//! The regime of a deterministic `dsode` member, followed beside its trajectory.

use super::model_at_point::ModelAtPoint;
use super::observer::Observer;
use crate::bifurcation::MapError;
use crate::bifurcation::course::{Follower, LEVELLED};
use crate::reduced::stepping::{DsodeDispatch, DsodeOutput};
use crate::reduced::{Dsode, Real};

/// Follows the regime of one member; what it has seen is in the member's observer.
pub struct RegimeWatch<'a> {
    at_point: &'a ModelAtPoint,
    follower: Follower,
}

impl<'a> RegimeWatch<'a> {
    /// `None` where the regime is not followed.
    pub fn of(at_point: &'a ModelAtPoint) -> Result<Option<Self>, MapError> {
        if !at_point.follows_regime() {
            return Ok(None);
        }
        let steps = u64::from(at_point.steps - at_point.discard_steps);
        let follower = Follower::new(&at_point.network, &at_point.variant, &at_point.dsode_bins, steps)?;
        Ok(Some(RegimeWatch { at_point, follower }))
    }

    /// Steps between the kick means that it takes.
    pub fn row_every(&self) -> u32 {
        Follower::look_every(self.at_point.network.dt)
    }

    /// Takes a step, of the time after the transient.
    pub fn see(&mut self, trajectory: &Dsode<f64>, observer: &mut Observer) {
        if let Some(course) = observer.course.as_mut().filter(|course| course.has_begun()) {
            self.follower.see(course, trajectory);
        }
    }

    /// Takes the output of a run that ends with the transient, or before or after it, and the trajectory at its end.
    pub fn take<T: Real>(
        &mut self,
        run: &DsodeDispatch,
        output: &DsodeOutput<T>,
        trajectory: Option<&Dsode<f64>>,
        observer: &mut Observer,
    ) {
        let course = observer.course.get_or_insert_default();
        let discard = self.at_point.discard_steps;
        if run.end() > discard {
            if run.end() == self.at_point.steps {
                observer.accumulator.set_regime(self.follower.regime(course));
            }
            return;
        }
        let projections = self.at_point.network.projections.len();
        let levelled = discard.saturating_sub((LEVELLED / self.at_point.network.dt) as u32);
        let rows = output.kicks.chunks(projections.max(1)).zip(1..);
        for (row, i) in rows {
            let now = run.first_step - run.first_step % run.row_every + i * run.row_every;
            if now > levelled && now.is_multiple_of(self.row_every()) {
                course.look(row.iter().map(|mu| mu.to_f64()));
            }
        }
        if let Some(trajectory) = trajectory.filter(|_| run.end() == discard) {
            self.follower.begin(course, trajectory);
        }
    }
}
