//! What the members of one model at one point share.

use super::carry_error::CarryError;
use crate::model::bins::counts;
use crate::model::{Bins, Network, Variant, round12};
use crate::network::arithmetic::RangeError;
use crate::network::cpu_member::MemberSetup;
use crate::network::shape::{Model, NetworkShape};
use crate::reduced::layout::KernelError;
use crate::reduced::{Dsode, DsodeShape, Real, ShapeError};
use crate::results::Key;
use crate::statistics::{LayoutError, StatisticsPlan};

/// Why a model cannot run at a point.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum PointError {
    /// The integer arithmetic of `snn` and `markov` cannot hold the network.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// Random numbers would repeat.
    #[error(
        "time.duration: found {duration}, which is {steps} steps; after {most} the random numbers of a neuron with so many inputs repeat; \
         allowed: at most {} ms, or sources that are joined", round12(*most as f64 * dt)
    )]
    Long { duration: f64, dt: f64, steps: u32, most: u64 },
    /// `dsode` cannot hold the network.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A device has too little memory for a `dsode`.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// No statistics can be computed with these times and analysis options.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A state cannot be carried to this point.
    #[error(transparent)]
    Carry(#[from] CarryError),
    /// A state cannot be carried beyond a point before this one, at `place`.
    #[error("the state is carried from {place}, which is skipped")]
    Behind { place: String },
    /// No model runs at any of `points` points; at `place`, the first, because of `reason`.
    #[error("none of the {points} points can be computed; at {place}: {reason}")]
    Nowhere { points: usize, place: String, reason: Box<PointError> },
}

/// One model at one point.
pub struct ModelAtPoint {
    /// The model, one of the experiment's.
    pub variant: Variant,
    /// The base network with the point's values.
    pub network: Network,
    /// What all members' statistics are computed by.
    pub plan: StatisticsPlan,
    /// Steps of a member, the transient included.
    pub steps: u32,
    /// Steps of the transient.
    pub discard_steps: u32,
    /// Steps between samples of voltages and kicks; beyond the last step where none are wanted.
    pub sample_every: u32,
    /// Bins of each population's voltage histogram.
    pub bins: Vec<Bins>,
    /// Those that `dsode` computes in; none of other models.
    pub dsode_bins: Vec<Bins>,
    /// Names that its results are stored under, and all of its numbers as text.
    pub(super) key: String,
    pub(super) point: String,
    pub(super) canonical: String,
}

/// A member by its place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId {
    /// Index into [`crate::results::ResultSchema::models`].
    pub model: u32,
    /// Index into [`crate::results::ResultSchema::points`].
    pub point: u32,
    /// Counted from 0.
    pub realisation: u32,
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
        counts(&self.network, bins)
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
    pub fn member_setup(&self) -> MemberSetup<'_> {
        MemberSetup {
            network: &self.network,
            model: self.model(),
            bins: &self.bins,
            steps: self.steps,
            discard_steps: self.discard_steps,
            sample_every: self.sample_every,
        }
    }

    /// Whether its members' regime is followed, in f64 on the CPU.
    pub fn follows_regime(&self) -> bool {
        self.plan.layout.analysis.lyapunov && self.variant.is_deterministic()
    }

    /// Steps in `time` ms from time 0, at least one and at most all.
    pub fn steps_in(&self, time: f64) -> u32 {
        ((time / self.network.dt).round() as u32).clamp(1, self.steps)
    }

    /// What the member's results are stored under.
    pub fn record_key(&self, realisation: u32) -> Key {
        Key { model: self.key.clone(), point: self.point.clone(), realisation }
    }
}
