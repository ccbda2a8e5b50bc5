//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::estimate::{CORE, Estimate, FIRING, GPU};
use super::output::{note, say};
use super::{ConfigArguments, Outcome};
use anyhow::Result;
use clap::Args;
use snn_ensemble::config::{Experiment, Realisations};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::progress::engineering;
use snn_ensemble::model::{DriveKind, Population};
use snn_ensemble::validate::bins::wide_bins;
use snn_ensemble::validate::convergence::{Convergence, Halved, convergence};

#[derive(Args)]
pub struct CheckArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Run the first and the middle point shortly with this time step and half of it, and say whether the rates agree; exit
    /// code 3 if they do not
    #[arg(long)]
    converge: bool,
}

impl CheckArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let ensemble = Ensemble::new(self.config.load(&[])?, false)?;
        let experiment = &ensemble.experiment;
        super::warnings::print(experiment);
        super::warnings::print_of_branches(experiment);
        say!("{}", experiment.to_yaml().trim_end());
        describe(experiment, ensemble.schema.points.len());
        print_costs(experiment, &Estimate::of(&ensemble)?);
        for wide in wide_bins(experiment)? {
            note!("warning: {wide}");
        }
        super::skipped::print(&ensemble);
        let outcome = super::skipped::outcome(&ensemble);
        match self.converge {
            true => Ok(outcome.max(converge(experiment)?)),
            false => Ok(outcome),
        }
    }
}

/// What will be computed, with the numbers that the config leaves to the program.
fn describe(experiment: &Experiment, points: usize) {
    let (time, dt) = (&experiment.time, experiment.network.dt);
    say!("# units: times in ms, drive rates in 1/ms, frequencies and reported rates in Hz");
    let steps = time.steps(dt);
    say!("# {steps} steps of {dt} ms per member, statistics over ({}, {}] ms", time.discard, time.duration);
    let passes = if experiment.passes() == 2 { ", those of both directions," } else { "" };
    say!("# {points} points{passes} x {} realisations at most", experiment.realisations.max());
    for (population, bins) in experiment.used_bins() {
        say!("# voltage bins of {population}: {bins}");
    }
    for (population, bins) in experiment.continued_bins() {
        say!("# voltage bins of {population} on branches: {bins}");
    }
}

fn print_costs(experiment: &Experiment, estimate: &Estimate) {
    for model in &estimate.models {
        let [least, most] = model.members;
        let range = if least < most { format!("{least} to {most}") } else { most.to_string() };
        let bins: Vec<String> = model.bins.iter().map(|(count, of)| format!("{count} of {of}")).collect();
        let bins = if bins.is_empty() { String::new() } else { format!(", bins: {}", bins.join(", ")) };
        say!(
            "#   {}: {range} members{bins}; memory for each under way: {}B of state, about {}B of statistics",
            model.label,
            engineering(model.state),
            engineering(model.statistics)
        );
    }
    let cores = rayon::current_num_threads() as f64;
    let most = if matches!(experiment.realisations, Realisations::Adaptive { .. }) { "at most " } else { "" };
    let steps = [(estimate.neuron_steps, "neuron-steps"), (estimate.trajectory_steps, "steps of dsode")];
    let steps = steps.iter().filter(|(steps, _)| *steps > 0.0);
    let steps: String = steps.map(|(steps, of)| format!(", {} {of}", engineering(*steps).trim_end())).collect();
    say!("# {most}{} members{steps}", estimate.members());
    if estimate.drawn > 0.0 {
        say!(
            "# the graph is too large to be kept: it is drawn again at each spike, of which each neuron is taken to have {FIRING} a second"
        );
    }
    let on_cores = (estimate.seconds(CORE) / cores).max(1.0);
    let on_gpu = estimate.seconds(GPU);
    let cores = if cores == 1.0 { "1 core".to_string() } else { format!("{cores} cores") };
    say!("# about {on_cores:.0} s on {cores} of a CPU of 2023, {on_gpu:.1} s on a large GPU");
    let results = engineering(estimate.results);
    match estimate.series > 0.0 {
        false => say!("# about {results}B of results"),
        true => say!(
            "# about {results}B of results and {}B of recorded series; a recorded member takes {}B of memory",
            engineering(estimate.series),
            engineering(estimate.held)
        ),
    }
}

/// Rates at dt and dt/2 side by side, and what they say of dt.
fn converge(experiment: &Experiment) -> Result<Outcome> {
    let dt = experiment.network.dt;
    say!("# rates in Hz at dt and dt/2, means and standard errors over realisations:");
    let rates = convergence(experiment, |rate| say!("#   {rate}"))?;
    let verdict = |of: &dyn Fn(&&Halved) -> bool| rates.iter().filter(of).map(Halved::verdict).max();
    let (text, outcome) = match verdict(&|_| true).unwrap_or(Convergence::Undecided) {
        Convergence::Converged => ("small enough: no rate changes by more than 2 %", Outcome::Done),
        Convergence::Undecided => (
            "not told: by its error (three standard errors) a rate may change by more than 2 %, or by less",
            Outcome::Done,
        ),
        Convergence::TooLarge if verdict(&|rate| !rate.is_of_bins) < Some(Convergence::TooLarge) => (
            "too large, or bins of dsode are too wide: a rate changes by more than 2 %; shorter steps ask for narrower bins, so try \
             density: linear first, or half the bin",
            Outcome::Different,
        ),
        Convergence::TooLarge => ("too large: a rate changes by more than 2 %; try half of it", Outcome::Different),
    };
    say!("# time.dt = {dt} ms is {text}");
    let has_gaussian = |p: &Population| p.tau_m.is_some() && p.drive.kind == DriveKind::Gaussian;
    if outcome == Outcome::Done && experiment.network.populations.iter().any(has_gaussian) {
        say!("# with a Gaussian drive and a leak dt = 0 may be 3.4 times as far from dt as dt/2 is (docs/accuracy.md)");
    }
    Ok(outcome)
}
