//! Do the CPU and a GPU compute the same? Sampled members of an experiment on both, compared number by number; or stored ones,
//! from another machine or version, computed again.
//!
//! `snn` and `markov` consist of integers: everything has to be equal. `dsode` is compared in tiers, from one step in
//! f32 to the mean rates of a whole run, see [`reduced`].

pub mod against;
pub mod bins;
pub mod convergence;
pub mod network;
pub mod reduced;
pub mod sample;
pub mod verdict;

pub use sample::{Chosen, sample};
pub use verdict::{Check, Tier, Validation, Verdict};

use crate::ensemble::batch::BatchError;
use crate::ensemble::model_at_point::PointError;
use crate::ensemble::{Ensemble, ModelAtPoint};
use crate::gpu::Gpu;
use crate::model::Variant;
use crate::network::arithmetic::RangeError;
use crate::results::{Differences, ResultError};

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Point(#[from] PointError),
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Member(#[from] crate::ensemble::observer::MemberError),
    #[error(transparent)]
    Result(#[from] ResultError),
    #[error("{directory} holds results of another experiment: {differences}")]
    OtherExperiment { directory: String, differences: Differences },
    #[error("{directory} holds no finished member of this experiment")]
    NothingStored { directory: String },
}

impl From<crate::gpu::GpuError> for ValidateError {
    fn from(error: crate::gpu::GpuError) -> Self {
        ValidateError::Batch(error.into())
    }
}

impl From<crate::reduced::gpu::DsodeBatchError> for ValidateError {
    fn from(error: crate::reduced::gpu::DsodeBatchError) -> Self {
        ValidateError::Batch(error.into())
    }
}

impl From<crate::reduced::ShapeError> for ValidateError {
    fn from(error: crate::reduced::ShapeError) -> Self {
        ValidateError::Batch(error.into())
    }
}

/// Compares the chosen members on the CPU and on `gpu`; `done` sees each check as soon as it is made. Members begin at
/// time 0 in the state that `initial` names, those of a sweep at reset.
pub fn validate(
    ensemble: &Ensemble,
    chosen: &[Chosen],
    gpu: &Gpu,
    mut done: impl FnMut(&Check),
) -> Result<Vec<Check>, ValidateError> {
    let mut checks = Vec::new();
    for chosen in chosen {
        let at_point = ensemble.at_point(chosen.model, chosen.point)?;
        let keys: Vec<[u32; 4]> = chosen.realisations.iter().map(|&r| ensemble.random_key(&at_point, r)).collect();
        let made = match at_point.variant {
            Variant::Dsode { .. } => reduced::checks(gpu, &at_point, chosen, &keys)?,
            _ => vec![spike_counts(&at_point, chosen, gpu, &keys)?],
        };
        made.iter().for_each(&mut done);
        checks.extend(made);
    }
    Ok(checks)
}

/// Every number of every step of some members of a network.
fn spike_counts(
    at_point: &ModelAtPoint,
    chosen: &Chosen,
    gpu: &Gpu,
    keys: &[[u32; 4]],
) -> Result<Check, ValidateError> {
    let case = at_point.member_setup();
    let found = network::compare(gpu, &case, keys, &network::Cut::default())?;
    let mut location = match &found.difference {
        Some(difference) => format!("realisation {}, {difference}", chosen.realisations[difference.member]),
        None => format!("{} spikes of {} steps", found.spikes, at_point.steps),
    };
    for &(member, step) in &found.stopped {
        let realisation = chosen.realisations[member];
        location += &format!("; realisation {realisation} left the range of its arithmetic in step {step}, on both");
    }
    Ok(Check {
        model: at_point.variant.label(),
        tier: Tier::SpikeCounts,
        point: chosen.point,
        members: keys.len() as u32,
        compared: found.compared,
        largest_error: None,
        tolerance: None,
        location,
        ok: found.difference.is_none(),
    })
}
