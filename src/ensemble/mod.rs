//! Whole experiments: which members run, where, in which batches, and what is kept of them.

pub mod batch;
pub mod checkpoint;
pub mod cpu;
pub mod gpu;
pub mod merge;
pub mod model_at_point;
pub mod networks;
pub mod observer;
pub mod progress;
pub mod provenance;
pub mod recorder;
pub mod reduced;
pub mod run;
pub mod schedule;
pub mod self_check;
pub mod sink;
pub mod sweep;
pub mod trajectories;

pub use model_at_point::{Ensemble, MemberId, ModelAtPoint};
