//! Models at the points of an experiment, and the order and names of their results.

use super::identity::{hex, identity};
use super::layout::layout;
use super::model_at_point::{MemberId, ModelAtPoint, PointError};
use super::skipped::{Skipped, refusal};
use super::sweep;
use crate::config::{Experiment, Realisations};
use crate::gpu::Gpu;
use crate::model::{Variant, member_key};
use crate::reduced::gpu::DsodeKernel;
use crate::reduced::layout::Room;
use crate::results::{AxisValue, Key, ResultSchema, SchemaModel, SchemaPoint};
use crate::statistics::StatisticsPlan;
use std::collections::BTreeMap;

/// An experiment with the order and names of its results.
pub struct Ensemble {
    /// With its voltage bins chosen.
    pub experiment: Experiment,
    /// Models, points and columns in the order of the results.
    pub schema: ResultSchema,
    /// Where models cannot run.
    pub skipped: Skipped,
    /// The first point's plan, whose transform the others share.
    plan: StatisticsPlan,
}

impl Ensemble {
    /// For the CPU, or for a GPU of which nothing is known.
    ///
    /// Errors: no point at which a model can run; an analysis that no statistics can be computed for.
    pub fn new(experiment: Experiment, gpu: bool) -> Result<Ensemble, PointError> {
        Ensemble::with_room(experiment, gpu, &[])
    }

    /// For these devices, without any for the CPU; what one of them has no room for is skipped.
    ///
    /// Errors: as of [`Ensemble::new`].
    pub fn on<'a>(experiment: Experiment, gpus: impl Iterator<Item = &'a Gpu>) -> Result<Ensemble, PointError> {
        let rooms: Vec<Room> = gpus.map(DsodeKernel::room).collect();
        Ensemble::with_room(experiment, !rooms.is_empty(), &rooms)
    }

    fn with_room(mut experiment: Experiment, gpu: bool, rooms: &[Room]) -> Result<Ensemble, PointError> {
        experiment.choose_bins();
        let with_sweep = experiment.sweep.is_some();
        let of_points: Vec<_> = experiment.each_point(|point| {
            let models = (0..).zip(&experiment.models);
            let refused = models.filter_map(|(model, variant)| {
                let reason = refusal(&experiment, &point.network, variant, (gpu, rooms)).err()?;
                Some((model, point.index as u32, reason))
            });
            let values = point.coordinates.iter().map(|&x| AxisValue::Number(x)).collect();
            let named = || SchemaPoint { key: hex(point.network.canonical().as_bytes()), values };
            (refused.collect::<Vec<_>>(), (!with_sweep).then(named))
        });
        let (mut points, mut refused) = (Vec::with_capacity(of_points.len()), Vec::new());
        for (of_point, point) in of_points {
            refused.extend(of_point);
            points.extend(point);
        }
        if with_sweep {
            points = sweep::schema(&experiment);
        }
        let first = experiment.point(0);
        let plan_at =
            |index| StatisticsPlan::new(layout(&experiment, &experiment.point(index).network, &experiment.models[0]));
        let plan =
            plan_at(0).or_else(|error| (1..experiment.points()).find_map(|index| plan_at(index).ok()).ok_or(error))?;
        let populations: Vec<String> = first.network.populations.iter().map(|p| p.name.clone()).collect();
        let kicks: Vec<String> =
            first.network.projections.iter().map(|j| format!("kicks_{}", first.network.projection_name(j))).collect();
        let traces = experiment.record.traces.map_or(vec![], |_| {
            let rates = populations.iter().map(|p| format!("rate_{p}"));
            rates.chain(kicks.iter().cloned()).collect()
        });
        let kicks = if experiment.record.neurons.is_some() { kicks } else { vec![] };
        let models = experiment
            .models
            .iter()
            .map(|m| SchemaModel {
                label: m.label(),
                deterministic: m.is_deterministic(),
                bins: experiment.bins_identity(m),
            })
            .collect();
        let until = match &experiment.realisations {
            Realisations::Adaptive { until, .. } => until.clone(),
            Realisations::Fixed(_) => BTreeMap::new(),
        };
        let axes = experiment.axis_paths().into_iter().map(str::to_string);
        let schema = ResultSchema {
            identity: identity(&experiment, gpu),
            models,
            dt: first.network.dt,
            axes: axes.chain(experiment.sweep.iter().map(|_| sweep::COLUMN.to_string())).collect(),
            points: points.into(),
            populations,
            statistics: plan.columns.iter().map(|c| c.name.clone()).collect(),
            traces,
            kicks,
            until,
        };
        let skipped = Skipped::new(&experiment, &schema, refused)?;
        Ok(Ensemble { experiment, schema, skipped, plan })
    }

    /// Model number `model` at point number `point`, both counted from 0 as in the schema.
    pub fn at_point(&self, model: u32, point: u32) -> Result<ModelAtPoint, PointError> {
        let experiment = &self.experiment;
        let variant = experiment.models[model as usize];
        // A sweep's passes follow each other in the schema, each over the whole grid.
        let mut network = experiment.point(point as usize % experiment.points()).network;
        if let Some(before) = sweep::before(experiment, point as usize).filter(|_| !network.sources.is_empty()) {
            let before = experiment.point(before).network;
            let end = f64::from(experiment.time.steps(before.dt) - 1) * before.dt;
            network.sent_before = before.sources.iter().map(|source| source.rate.at(end)).collect();
        }
        let record = &experiment.record;
        let steps = experiment.time.steps(network.dt);
        let dsode = matches!(variant, Variant::Dsode { .. });
        let bottomless = dsode && network.projections.iter().any(|projection| projection.synapse.is_bottomless());
        let every = crate::statistics::layout::steps_within(1.0, network.dt).max(1) as u32;
        Ok(ModelAtPoint {
            variant,
            plan: self.plan.another(layout(experiment, &network, &variant))?,
            steps,
            discard_steps: experiment.time.discarded_steps(network.dt),
            sample_every: if record.voltage || record.attractor || bottomless { every } else { steps + 1 },
            bins: experiment.bins(&network, &Variant::DSODE),
            dsode_bins: experiment.bins(&network, &variant),
            key: self.schema.models[model as usize].key(),
            point: self.schema.points[point as usize].key.clone(),
            canonical: network.canonical(),
            network,
        })
    }

    /// Realisations of a model at a point before any adaptive rule.
    pub fn realisations(&self, model: u32) -> u32 {
        if self.experiment.models[model as usize].is_deterministic() {
            return 1;
        }
        match self.experiment.realisations {
            Realisations::Fixed(n) => n,
            Realisations::Adaptive { min, .. } => min,
        }
    }

    /// The key that a member's result is stored under.
    pub fn record_key(&self, member: MemberId) -> Key {
        Key {
            model: self.schema.models[member.model as usize].key(),
            point: self.schema.points[member.point as usize].key.clone(),
            realisation: member.realisation,
        }
    }

    /// A member for a reader: model, values of the axes, realisation.
    pub fn name(&self, member: MemberId) -> String {
        let MemberId { model, point, realisation } = member;
        let place = Some(self.schema.place(point)).filter(|place| !place.is_empty());
        let place = place.map_or(String::new(), |place| format!("{place}, "));
        format!("{}, {place}realisation {realisation}", self.schema.models[model as usize].label)
    }

    /// The key of a member's random numbers.
    pub fn random_key(&self, at_point: &ModelAtPoint, realisation: u32) -> [u32; 4] {
        member_key(self.experiment.seeding, self.experiment.seed, &at_point.canonical, realisation)
    }

    /// Whether series of this member are recorded.
    pub fn records(&self, member: MemberId) -> bool {
        member.realisation < self.experiment.record.members()
    }
}
