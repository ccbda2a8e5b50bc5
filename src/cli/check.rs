//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::{ConfigArguments, Outcome};
use crate::ensemble::Ensemble;
use crate::ensemble::progress::engineering;
use crate::model::Variant;
use anyhow::Result;
use clap::Args;

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    config: ConfigArguments,
}

/// Neuron-steps/s that one CPU core and a large GPU are taken to do for the estimates of time.
const CORE: f64 = 4e7;
const GPU: f64 = 1e10;

impl Check {
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
        let (mut members, mut work) = (0.0, 0.0);
        for (index, model) in experiment.models.iter().enumerate() {
            let of_model = points as f64 * f64::from(ensemble.realisations(index as u32));
            members += of_model;
            let neurons = match model {
                Variant::Dsode { .. } => 0.0,
                _ => network.neurons() as f64,
            };
            work += of_model * neurons * f64::from(steps);
            println!("#   {}: {of_model} members", model.label());
        }
        let cores = rayon::current_num_threads() as f64;
        println!("# {members} members, {}neuron-steps", engineering(work));
        println!("# about {:.0} s on {cores} CPU cores, {:.1} s on a large GPU", work / CORE / cores, work / GPU);
        println!("# about {}B of results", engineering(members * 3000.0));
        Ok(Outcome::Done)
    }
}
