//! Points at which a model cannot run: known before anything runs, left out, and told at the end. The others are computed.

use super::carry_error::CarryError;
use super::layout::layout;
use super::model_at_point::PointError;
use super::sweep::Lines;
use crate::config::Experiment;
use crate::model::bins::counts;
use crate::model::{Network, Variant};
use crate::network::arithmetic::Scale;
use crate::network::shape::{Model, NetworkShape};
use crate::reduced::layout::{Room, TrajectoryLayout};
use crate::reduced::{DsodeShape, Parameters};
use crate::results::ResultSchema;
use crate::statistics::StatisticsPlan;
use std::collections::BTreeMap;

/// Points at which models cannot run, and why.
#[derive(Debug, Default)]
pub struct Skipped {
    /// By model and point of the schema.
    reasons: BTreeMap<(u32, u32), PointError>,
    /// `snn, projections.E<-I.p = 0.6: why`, in the order of the schema.
    lines: Vec<String>,
}

impl Skipped {
    /// From (model, point of the grid, why); in a sweep also what lies behind these in their lines.
    ///
    /// Errors: nothing is left.
    pub(super) fn new(
        experiment: &Experiment,
        schema: &ResultSchema,
        refused: Vec<(u32, u32, PointError)>,
    ) -> Result<Skipped, PointError> {
        if refused.is_empty() && experiment.sweep.is_none() {
            return Ok(Skipped::default());
        }
        let grid = experiment.points() as u32;
        let refused: BTreeMap<(u32, u32), PointError> =
            refused.into_iter().map(|(model, point, reason)| ((model, point), reason)).collect();
        let mut reasons = BTreeMap::new();
        for model in 0..schema.models.len() as u32 {
            for line in Lines::new(experiment).iter() {
                let (mut before, mut bins) = (None, None);
                for &point in line {
                    let after = bin_counts(experiment, &experiment.models[model as usize], point % grid);
                    let carried = match bins.replace(after.clone()) {
                        Some(before) if before != after => Some(CarryError::Bins { before, after }.into()),
                        _ => None,
                    };
                    let reason = refused.get(&(model, point % grid)).cloned().or(carried);
                    let behind = || Some(PointError::Behind { place: before.clone()? });
                    if let Some(reason) = reason.or_else(behind) {
                        before.get_or_insert_with(|| schema.place(point));
                        reasons.insert((model, point), reason);
                    }
                }
            }
        }
        if reasons.len() == schema.models.len() * schema.points.len() {
            let Some((&(_, point), reason)) = reasons.first_key_value() else { return Ok(Skipped::default()) };
            let (points, place) = (schema.points.len(), schema.place(point));
            return Err(match points {
                1 => reason.clone(),
                _ => PointError::Nowhere { points, place, reason: Box::new(reason.clone()) },
            });
        }
        let name = |point| Some(schema.place(point)).filter(|place| !place.is_empty());
        let place = |point| name(point).map_or(String::new(), |place| format!(", {place}"));
        let line = |(&(model, point), reason): (&(u32, u32), &PointError)| {
            format!("{}{}: {reason}", schema.models[model as usize].label, place(point))
        };
        let lines = reasons.iter().map(line).collect();
        Ok(Skipped { reasons, lines })
    }

    /// Whether a model does not run at a point, both counted as in the schema.
    pub fn holds(&self, model: u32, point: u32) -> bool {
        self.reasons.contains_key(&(model, point))
    }

    /// What is skipped and why, a line for each model and point.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether every model runs at every point.
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Voltage bins of a `dsode` at a point of the grid, population by population; none of other models.
fn bin_counts(experiment: &Experiment, variant: &Variant, point: u32) -> Vec<u32> {
    if Model::of(variant).is_some() {
        return vec![];
    }
    let network = experiment.point(point as usize).network;
    counts(&network, &experiment.bins(&network, variant))
}

/// Whether a model cannot run over the network of a point; in f32 on a `gpu`, each of which has so much room.
pub(super) fn refusal(
    experiment: &Experiment,
    network: &Network,
    variant: &Variant,
    (gpu, rooms): (bool, &[Room]),
) -> Result<(), PointError> {
    match Model::of(variant) {
        Some(model) => {
            let network = model.network(network);
            (0..network.populations.len()).try_for_each(|target| Scale::new(&network, target, model).map(drop))?;
            let (steps, most) = (experiment.time.steps(network.dt), NetworkShape::new(&network, model).most_steps());
            if u64::from(steps) > most {
                return Err(PointError::Long { duration: experiment.time.duration, dt: network.dt, steps, most });
            }
        }
        None => {
            let bins = experiment.bins(network, variant);
            if gpu {
                Parameters::<f32>::with_bins(network, variant, &bins)?;
                let shape = DsodeShape::with_bins(network, variant, &bins)?;
                rooms.iter().try_for_each(|&room| TrajectoryLayout::new(&shape, room).map(drop))?;
            } else {
                Parameters::<f64>::with_bins(network, variant, &bins)?;
            }
        }
    }
    let layout = layout(experiment, network, variant);
    // Only another time step changes the counts of steps.
    match experiment.scan.paths().any(|path| path == "time.dt") {
        true => StatisticsPlan::new(layout).map(drop)?,
        false => layout.validate()?,
    }
    Ok(())
}
