//! What `check`, `run` and `branches` warn about before anything runs: on stderr, once, and without consequences.

use super::output::note;
use snn_ensemble::config::Experiment;
use snn_ensemble::network::time_step::{CoarseStep, coarse_steps};

/// Points of a scan that are looked at.
const POINTS: usize = 10_000;

/// Prints every warning of an experiment.
pub fn print(experiment: &Experiment) {
    experiment.warnings().iter().for_each(|warning| note!("warning: {warning}"));
    let coarse = time_steps(experiment);
    coarse.iter().for_each(|coarse| note!("warning: {coarse}"));
    if !coarse.is_empty() {
        note!("warning: `snn-ensemble check CONFIG --converge` shows what a step of half the length changes");
    }
}

/// Prints every warning of branches.
pub fn print_of_branches(experiment: &Experiment) {
    experiment.branch_warnings().iter().for_each(|warning| note!("warning: {warning}"));
}

/// Numbers that the time step is too long for, each at the worst of the points.
fn time_steps(experiment: &Experiment) -> Vec<CoarseStep> {
    let points = experiment.points();
    let looked_at = points.min(POINTS);
    let mut worst: Vec<CoarseStep> = Vec::new();
    for i in 0..looked_at {
        let point = experiment.point(i * (points - 1) / (looked_at - 1).max(1));
        for coarse in coarse_steps(&point.network) {
            match worst.iter_mut().find(|other| other.key == coarse.key) {
                None => worst.push(coarse),
                Some(other) if other.excess < coarse.excess => *other = coarse,
                Some(_) => {}
            }
        }
    }
    worst
}
