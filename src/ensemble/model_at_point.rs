//! What the members of one model at one point share, and the schema of a whole experiment.

use super::observer::layout;
use super::sweep;
use crate::config::{Experiment, Realisations};
use crate::model::{Bins, Network, Variant, member_key};
use crate::network::arithmetic::{RangeError, Scale};
use crate::network::cpu_member::MemberSetup;
use crate::network::shape::{Model, NetworkShape};
use crate::reduced::{Dsode, DsodeShape, Real, ShapeError};
use crate::results::{AxisValue, Identity, Key, ResultSchema, SchemaModel, SchemaPoint};
use crate::statistics::{LayoutError, StatisticsPlan};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Changes whenever equal configs would give other numbers.
pub const ARITHMETIC_VERSION: u32 = 3;

/// A point at which a model cannot run.
#[derive(Debug, thiserror::Error)]
pub enum PointError {
    #[error("point {point}: {range}")]
    Range { point: usize, range: RangeError },
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// An experiment with the order and names of its results.
pub struct Ensemble {
    pub experiment: Experiment,
    pub schema: ResultSchema,
    /// The first point's plan, whose transform the others share.
    plan: StatisticsPlan,
}

/// One model at one point.
pub struct ModelAtPoint {
    pub variant: Variant,
    pub network: Network,
    pub plan: StatisticsPlan,
    pub steps: u32,
    /// Steps of the transient.
    pub discard_steps: u32,
    /// Steps between samples of voltages and kicks; beyond the last step where none are wanted.
    pub sample_every: u32,
    /// Bins of each population's voltage histogram.
    pub bins: Vec<Bins>,
    /// Those that `dsode` computes in; none of other models.
    pub dsode_bins: Vec<Bins>,
    key: String,
    point: String,
    canonical: String,
}

/// A member by its place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId {
    pub model: u32,
    pub point: u32,
    pub realisation: u32,
}

impl Ensemble {
    /// Errors: a point that the integer arithmetic cannot hold; an analysis that no statistics can be computed for.
    pub fn new(mut experiment: Experiment, gpu: bool) -> Result<Ensemble, PointError> {
        experiment.choose_bins();
        let mut points = Vec::with_capacity(experiment.points());
        let models: Vec<Model> = experiment.models.iter().filter_map(Model::of).collect();
        for index in 0..experiment.points() {
            let point = experiment.point(index);
            for &model in &models {
                let network = model.network(&point.network);
                for target in 0..network.populations.len() {
                    Scale::new(&network, target, model).map_err(|range| PointError::Range { point: index, range })?;
                }
            }
            if experiment.sweep.is_none() {
                let values = point.coordinates.iter().map(|&x| AxisValue::Number(x)).collect();
                points.push(SchemaPoint { key: hex(point.network.canonical().as_bytes()), values });
            }
        }
        if experiment.sweep.is_some() {
            points = sweep::schema(&experiment);
        }
        let first = experiment.point(0);
        let plan = StatisticsPlan::new(layout(&experiment, &first.network, &experiment.models[0]))?;
        let populations: Vec<String> = first.network.populations.iter().map(|p| p.name.clone()).collect();
        let traces = experiment.record.traces.map_or(vec![], |_| {
            let rates = populations.iter().map(|p| format!("rate_{p}"));
            let kicks = first.network.projections.iter().map(|j| format!("kicks_{}", first.network.projection_name(j)));
            rates.chain(kicks).collect()
        });
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
            axes: axes.chain(experiment.sweep.iter().map(|_| sweep::COLUMN.to_string())).collect(),
            points: points.into(),
            populations,
            statistics: plan.columns.iter().map(|c| c.name.clone()).collect(),
            traces,
            until,
        };
        Ok(Ensemble { experiment, schema, plan })
    }

    pub fn at_point(&self, model: u32, point: u32) -> Result<ModelAtPoint, PointError> {
        let experiment = &self.experiment;
        let variant = experiment.models[model as usize];
        // A sweep's passes follow each other in the schema, each over the whole grid.
        let network = experiment.point(point as usize % experiment.points()).network;
        let record = &experiment.record;
        let steps = experiment.time.steps(network.dt);
        let every = crate::statistics::layout::steps_within(1.0, network.dt).max(1) as u32;
        Ok(ModelAtPoint {
            variant,
            plan: self.plan.another(layout(experiment, &network, &variant))?,
            steps,
            discard_steps: experiment.time.discarded_steps(network.dt),
            sample_every: if record.voltage || record.attractor { every } else { steps + 1 },
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
        let record = &self.experiment.record;
        let members = record.traces.map_or(0, |t| t.members).max(record.spikes.map_or(0, |s| s.members));
        member.realisation < members
    }
}

impl ModelAtPoint {
    /// The shape of the members, by which they are sorted into batches; `dsode` goes by that of its network.
    pub fn shape(&self) -> NetworkShape {
        NetworkShape::new(&self.network, self.model())
    }

    /// What the members' neurons receive; for `dsode`, which has none, as in its network.
    pub fn model(&self) -> Model {
        Model::of(&self.variant).unwrap_or(Model::Snn)
    }

    /// Neurons, or voltage bins, that a step advances.
    pub fn size(&self) -> u64 {
        match self.variant {
            Variant::Dsode { .. } => self.bin_counts().iter().sum::<u32>().into(),
            _ => self.network.neurons() as u64,
        }
    }

    /// Voltage bins of each population: those that `dsode` computes in, or of a network's histograms.
    pub fn bin_counts(&self) -> Vec<u32> {
        let bins = if let Variant::Dsode { .. } = self.variant { &self.dsode_bins } else { &self.bins };
        self.network.populations.iter().zip(bins).map(|(p, bins)| bins.count(p.v_th)).collect()
    }

    /// A trajectory of `dsode` at time 0.
    pub fn dsode<T: Real>(&self, key: [u32; 4]) -> Result<Dsode<T>, ShapeError> {
        Dsode::with_bins(&self.network, &self.variant, &self.dsode_bins, key)
    }

    /// The shape of these trajectories.
    pub fn dsode_shape(&self) -> Result<DsodeShape, ShapeError> {
        DsodeShape::with_bins(&self.network, &self.variant, &self.dsode_bins)
    }

    /// What its members share, for those that are computed outside a run.
    pub fn case(&self) -> MemberSetup<'_> {
        MemberSetup {
            network: &self.network,
            model: self.model(),
            bins: &self.bins,
            steps: self.steps,
            discard_steps: self.discard_steps,
            sample_every: self.sample_every,
        }
    }

    /// Steps in `time` ms from time 0, at least one and at most all.
    pub fn steps_in(&self, time: f64) -> u32 {
        ((time / self.network.dt).round() as u32).clamp(1, self.steps)
    }

    pub fn record_key(&self, realisation: u32) -> Key {
        Key { model: self.key.clone(), point: self.point.clone(), realisation }
    }
}

/// What the members of an experiment share with all others of their directory.
pub fn identity(experiment: &Experiment, gpu: bool) -> Identity {
    let Experiment { seed, seeding, time, analysis, record, .. } = *experiment;
    let dsode = experiment.models.iter().any(|m| matches!(m, Variant::Dsode { .. }));
    let voltage_bins = experiment.bins_identity(&Variant::DSODE).filter(|_| record.voltage);
    let dsode_on_gpu = dsode && gpu;
    Identity { arithmetic: ARITHMETIC_VERSION, seed, seeding, time, analysis, record, dsode_on_gpu, voltage_bins }
}

pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
