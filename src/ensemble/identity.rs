//! What decides which numbers belong together: the version of the arithmetic, the names of points, what a directory holds.

use crate::config::Experiment;
use crate::model::Variant;
use crate::results::Identity;
use sha2::{Digest, Sha256};

/// Changes whenever equal configs would give other numbers.
pub const ARITHMETIC_VERSION: u32 = 10;

/// What the members of an experiment share with all others of their directory.
pub fn identity(experiment: &Experiment, gpu: bool) -> Identity {
    let Experiment { seed, seeding, time, .. } = *experiment;
    let (analysis, record) = (experiment.analysis.clone(), experiment.record.clone());
    // Those whose regime is followed run on the CPU.
    let on_device = |m: &Variant| matches!(m, Variant::Dsode { .. }) && !(analysis.lyapunov && m.is_deterministic());
    let dsode = experiment.models.iter().any(on_device);
    let voltage_bins = experiment.bins_identity(&Variant::DSODE).filter(|_| record.voltage);
    let dsode_on_gpu = dsode && gpu;
    Identity { arithmetic: ARITHMETIC_VERSION, seed, seeding, time, analysis, record, dsode_on_gpu, voltage_bins }
}

pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
