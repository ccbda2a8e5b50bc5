//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::{ConfigArguments, Outcome};
use anyhow::Result;
use clap::Args;
use snn_ensemble::config::Experiment;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::progress::engineering;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::state_words;
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

/// Neuron-steps and trajectory-steps per second that one CPU core and a large GPU are taken to do.
const CORE: (f64, f64) = (4e7, 3e4);
const GPU: (f64, f64) = (1e10, 1e8);
/// Bytes of statistics under way, per population.
const STATISTICS: f64 = 75e3;
/// Bytes of results per member and population without recorded series.
const RESULTS: f64 = 2e3;

impl CheckArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let experiment = self.config.load(&[])?;
        let ensemble = Ensemble::new(experiment, false)?;
        let experiment = &ensemble.experiment;
        super::warnings::print(experiment);
        print!("{}", experiment.to_yaml());
        let network = &experiment.network;
        let steps = experiment.time.steps(network.dt);
        println!("# units: times in ms, drive rates in 1/ms, frequencies and reported rates in Hz");
        println!(
            "# {} steps of {} ms per member, statistics over ({}, {}] ms",
            steps, network.dt, experiment.time.discard, experiment.time.duration
        );
        let points = experiment.points();
        println!("# {points} points x {} realisations at most", experiment.realisations.max());
        for (population, bins) in experiment.used_bins() {
            println!("# voltage bins of {population}: {bins}");
        }
        let (mut members, mut neuron_steps, mut trajectory_steps) = (0.0, 0.0, 0.0);
        for (index, model) in experiment.models.iter().enumerate() {
            let of_model = points as f64 * f64::from(ensemble.realisations(index as u32));
            members += of_model;
            let state = match Model::of(model) {
                Some(of) => {
                    neuron_steps += of_model * network.neurons() as f64 * f64::from(steps);
                    4.0 * state_words(&NetworkShape::new(network, of)) as f64
                }
                None => {
                    trajectory_steps += of_model * f64::from(steps);
                    8.0 * ensemble.at_point(index as u32, 0)?.size() as f64 * 2.0
                }
            };
            let statistics = STATISTICS * network.populations.len() as f64;
            println!(
                "#   {}: {of_model} members; memory for each under way: {}B of state, about {}B of statistics",
                model.label(),
                engineering(state),
                engineering(statistics)
            );
        }
        let cores = rayon::current_num_threads() as f64;
        println!(
            "# {members} members, {}neuron-steps, {}dsode steps",
            engineering(neuron_steps),
            engineering(trajectory_steps)
        );
        let seconds = |(neurons, trajectories): (f64, f64)| neuron_steps / neurons + trajectory_steps / trajectories;
        println!("# about {:.0} s on {cores} CPU cores, {:.1} s on a large GPU", seconds(CORE) / cores, seconds(GPU));
        println!(
            "# about {}B of results besides recorded series",
            engineering(members * RESULTS * network.populations.len() as f64)
        );
        if self.converge { converge(experiment) } else { Ok(Outcome::Done) }
    }
}

/// Rates at dt and dt/2 side by side, and what they say of dt.
fn converge(experiment: &Experiment) -> Result<Outcome> {
    let dt = experiment.network.dt;
    println!("# rates in Hz at dt and dt/2, means and standard errors over realisations:");
    let rates = convergence(experiment, |rate| println!("#   {rate}"))?;
    let worst = rates.iter().max_by_key(|rate| rate.verdict());
    let (text, outcome) = match worst.map_or(Convergence::Undecided, Halved::verdict) {
        Convergence::Converged => ("small enough: no rate changes by more than 2 %", Outcome::Done),
        Convergence::Undecided => ("not known to be too large: the changes are within their errors", Outcome::Done),
        Convergence::TooLarge => ("too large: a rate changes by more than 2 %; try half of it", Outcome::Different),
    };
    println!("# time.dt = {dt} ms is {text}");
    Ok(outcome)
}
