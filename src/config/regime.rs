//! What the regime of trajectories asks of an experiment: a deterministic step in f64 that does not depend on time, and a transient over
//! which the level of its section is found.

use super::error::Problem;
use super::experiment::Time;
use super::limits::LEAST_TRANSIENT;
use super::section::{Report, Section};
use crate::model::{Network, Precision, Variant};
use crate::statistics::Analysis;

/// Reports why the regime of no trajectory can be found.
pub(super) fn check(
    root: &Section,
    network: &Network,
    models: &[Variant],
    (time, analysis): (&Time, &Analysis),
    report: &mut Report,
) {
    if !analysis.lyapunov {
        return;
    }
    let mut fail = |found: String, allowed: &str, fix: String| {
        root.fail_at(report, "analysis.lyapunov", Problem::fixable(format!("true with {found}"), allowed, fix));
    };
    let deterministic = || models.iter().filter(|model| model.is_deterministic());
    if deterministic().next().is_none() && !models.is_empty() {
        let labels: Vec<String> = models.iter().map(Variant::label).collect();
        let found = format!("no deterministic model ({})", labels.join(", "));
        let fix = "add dsode, with noise: none, to the models".into();
        fail(found, "at least one dsode without finite-size noise: what draws random numbers has no exponent", fix);
    }
    let is_f32 = |model: &&Variant| matches!(model, Variant::Dsode { precision: Precision::F32, .. });
    if let Some(model) = deterministic().find(is_f32) {
        let fix = "remove precision: f32; the members are computed on the CPU, in a run on a GPU too".into();
        fail(model.label(), "dsode in f64: tangents of f32 are lost in rounding", fix);
    }
    let constant = "rates that are constant: the regime is that of a step that does not depend on time";
    for rate in network.varying() {
        fail(format!("{rate}, which changes with time"), constant, format!("give {rate} a number"));
    }
    if time.discard < LEAST_TRANSIENT {
        let allowed = format!("a transient of at least {LEAST_TRANSIENT} ms, whose end gives the level of the section");
        let fix = "settling takes some times 1/|lyapunov|: 1000 ms are rarely too short".into();
        fail(format!("time.discard = {} ms", time.discard), &allowed, fix);
    }
}
