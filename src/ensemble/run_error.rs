//! Why a run did not end.

use super::batch::BatchError;
use super::model_at_point::PointError;
use crate::results::ResultError;
use std::path::PathBuf;

/// Why a run did not end; what its directory holds by then is kept.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum RunError {
    /// A file of the result directory.
    #[error(transparent)]
    Result(#[from] ResultError),
    /// A point at which a model cannot run.
    #[error(transparent)]
    Point(#[from] PointError),
    /// The device failed, or cannot hold a model.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The self-check found that the GPU computes other numbers than the CPU.
    #[error(
        "self-check: the GPU's spike counts of {model} at point {point} ({place}), realisation {realisation}, differ from the CPU's \
         between steps {} and {}; the {members} members that this run had finished are set aside in {}. Compute them with \
         --backend cpu, and please report this with what `snn-ensemble validate` says",
        steps.0, steps.1, aside.display()
    )]
    WrongDevice {
        model: String,
        point: u32,
        place: String,
        realisation: u32,
        steps: (u32, u32),
        members: usize,
        aside: PathBuf,
    },
}
