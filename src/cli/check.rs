//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::{ConfigArguments, Outcome};
use anyhow::Result;
use clap::Args;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::progress::engineering;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::state_words;

#[derive(Args)]
pub struct CheckArguments {
    #[command(flatten)]
    config: ConfigArguments,
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
        Ok(Outcome::Done)
    }
}
