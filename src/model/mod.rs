//! What is simulated: a network as resolved numbers, and the variants of a model that run over it.
//!
//! Nothing here knows about YAML, devices or files. Times are in ms, drive rates in 1/ms, voltages in the network's own unit.

pub mod bins;
mod canonical;
pub mod drive;
pub mod flow;
pub mod identity;
mod kept;
pub mod network;
pub mod neuron;
mod step_noise;
pub mod synapse;
pub mod variant;

pub use bins::{AutomaticBins, BinLimit, Bins};
pub use canonical::round12;
pub use drive::{Drive, DriveKind, Rate};
pub use flow::Increments;
pub use identity::{Seeding, member_key};
pub use kept::Kept;
pub use network::{
    Adaptation, Connectivity, Decay, Initial, Network, Origin, Population, Projection, Refractory, Source,
};
pub use neuron::Neuron;
pub use synapse::{Stepping, Synapse, SynapseKind};
pub use variant::{Closure, Density, Noise, Precision, Variant};
