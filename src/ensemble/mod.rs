//! Whole experiments: which members run, where, in which batches, and what is kept of them.

pub mod gpu;
pub mod merge;
pub mod model_at_point;
pub mod points;
pub mod run;
pub mod schedule;
pub mod self_check;

// Internals that tests and benchmarks reach; may change with any version.
#[doc(hidden)]
pub mod batch;
#[doc(hidden)]
pub mod batches;
mod beside;
#[doc(hidden)]
pub mod carry_error;
#[doc(hidden)]
pub mod chain;
#[doc(hidden)]
pub mod checkpoint;
#[doc(hidden)]
pub mod cpu;
#[doc(hidden)]
pub mod devices;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod identity;
#[doc(hidden)]
pub mod kernel;
#[doc(hidden)]
pub mod layout;
#[doc(hidden)]
pub mod networks;
#[doc(hidden)]
pub mod neurons;
#[doc(hidden)]
pub mod observer;
#[doc(hidden)]
pub mod progress;
#[doc(hidden)]
pub mod provenance;
#[doc(hidden)]
pub mod queue;
#[doc(hidden)]
pub mod recorder;
#[doc(hidden)]
pub mod reduced;
#[doc(hidden)]
pub mod regime;
#[doc(hidden)]
pub mod run_error;
#[doc(hidden)]
pub mod shown;
#[doc(hidden)]
pub mod sink;
#[doc(hidden)]
pub mod skipped;
#[doc(hidden)]
pub mod sweep;
#[doc(hidden)]
pub mod trajectories;

pub use model_at_point::{MemberId, ModelAtPoint};
pub use points::Ensemble;
