//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::output::{note, say};
use super::{ConfigArguments, Outcome};
use anyhow::Result;
use clap::Args;
use snn_ensemble::config::{Experiment, Realisations};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::progress::engineering;
use snn_ensemble::model::Variant;
use snn_ensemble::network::shape::{Model, NetworkShape, ProjectionShape};
use snn_ensemble::network::state::state_words;
use snn_ensemble::network::wiring::Wiring;
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

/// Neuron-steps per second, and trajectory-steps of two populations of 35 bins, that one CPU core and a large GPU are taken to do.
const CORE: (f64, f64) = (8e7, 8e4);
const GPU: (f64, f64) = (4e10, 1.5e8);
/// Pairs of a spike and a target looked up in a graph that is drawn again at each spike, per neuron-step (measured with 30 000 to 65 536
/// neurons on the CPU), and how often neurons are taken to fire, in Hz.
const PAIRS: f64 = 8.0;
const FIRING: f64 = 20.0;
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
        super::warnings::print_of_branches(experiment);
        say!("{}", experiment.to_yaml().trim_end());
        let network = &experiment.network;
        let steps = experiment.time.steps(network.dt);
        say!("# units: times in ms, drive rates in 1/ms, frequencies and reported rates in Hz");
        say!(
            "# {} steps of {} ms per member, statistics over ({}, {}] ms",
            steps,
            network.dt,
            experiment.time.discard,
            experiment.time.duration
        );
        let points = ensemble.schema.points.len();
        let passes = if experiment.passes() == 2 { ", those of both directions," } else { "" };
        say!("# {points} points{passes} x {} realisations at most", experiment.realisations.max());
        for (population, bins) in experiment.used_bins() {
            say!("# voltage bins of {population}: {bins}");
        }
        for (population, bins) in experiment.continued_bins() {
            say!("# voltage bins of {population} on branches: {bins}");
        }
        let (mut members, mut neuron_steps, mut trajectory_steps, mut examples) = (0.0, 0.0, 0.0, 0.0);
        let mut drawn = 0.0;
        for (index, model) in experiment.models.iter().enumerate() {
            let points = points - ensemble.skipped.of_model(index as u32);
            let [least, of_model] = [ensemble.realisations(index as u32), experiment.most_realisations(model)]
                .map(|realisations| points as f64 * f64::from(realisations));
            members += of_model;
            let range = if least < of_model { format!("{least} to {of_model}") } else { of_model.to_string() };
            let (state, bins) = match Model::of(model) {
                Some(of) => {
                    let shape = NetworkShape::new(network, of);
                    neuron_steps += of_model * network.neurons() as f64 * f64::from(steps);
                    if shape.quenched && Wiring::new(&shape, false) == Wiring::Drawn {
                        drawn += of_model * f64::from(steps) * pairs(&shape) * FIRING * 1e-3 * network.dt;
                    }
                    (4.0 * state_words(&shape) as f64, String::new())
                }
                None => {
                    let at_point = ensemble.at_point(index as u32, 0)?;
                    let counts = at_point.bin_counts();
                    trajectory_steps += of_model * f64::from(steps);
                    examples += of_model * f64::from(steps) * counts.iter().map(|&count| cost(count)).sum::<f64>();
                    let of_each =
                        network.populations.iter().zip(&counts).map(|(p, count)| format!("{count} of {}", p.name));
                    let bins = format!(", bins: {}", of_each.collect::<Vec<_>>().join(", "));
                    (8.0 * at_point.size() as f64 * 2.0, bins)
                }
            };
            let statistics = STATISTICS * network.populations.len() as f64;
            say!(
                "#   {}: {range} members{bins}; memory for each under way: {}B of state, about {}B of statistics",
                model.label(),
                engineering(state),
                engineering(statistics)
            );
        }
        let cores = rayon::current_num_threads() as f64;
        let most = if matches!(experiment.realisations, Realisations::Adaptive { .. }) { "at most " } else { "" };
        let steps = [(neuron_steps, "neuron-steps"), (trajectory_steps, "dsode steps")];
        let steps = steps.iter().filter(|(steps, _)| *steps > 0.0);
        let steps: String = steps.map(|(steps, of)| format!(", {}{of}", engineering(*steps))).collect();
        say!("# {most}{members} members{steps}");
        if drawn > 0.0 {
            say!(
                "# the graph is too large to be kept: it is drawn again at each spike, of which each neuron is taken to have {FIRING} a second"
            );
        }
        let seconds =
            |(neurons, trajectories): (f64, f64)| (neuron_steps + drawn / PAIRS) / neurons + examples / trajectories;
        say!("# about {:.0} s on {cores} CPU cores, {:.1} s on a large GPU", seconds(CORE) / cores, seconds(GPU));
        let populations = network.populations.len() as f64;
        let kept = engineering(members * RESULTS * populations);
        match recorded(experiment, points) {
            0.0 => say!("# about {kept}B of results"),
            series => say!("# about {kept}B of results and {}B of recorded series", engineering(series)),
        }
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

/// Pairs of neurons that a graph may connect.
fn pairs(shape: &NetworkShape) -> f64 {
    let of = |proj: &ProjectionShape| {
        f64::from(shape.source_neurons(proj)) * f64::from(shape.populations[proj.target as usize].size)
    };
    shape.projections.iter().map(of).sum()
}

/// Time of a step of a population with so many bins, as a share of the time of two with 35: neurons move to the more of them the
/// narrower they are (measured with 35, 140 and 700).
fn cost(bins: u32) -> f64 {
    let times = f64::from(bins) / 35.0;
    0.5 * times * (0.4 + 0.6 * times)
}

/// Bytes of a number of a trace and of a spike, in the log, compressed, and in Parquet together.
const TRACED: f64 = 10.0;
const SPIKE: f64 = 8.0;
/// The same of a row of a neuron, without its kicks: time, voltage and spikes.
const NEURON: f64 = 24.0;
/// Spikes of a neuron per ms: 50 Hz.
const RATE: f64 = 0.05;

/// Bytes of all recorded series.
fn recorded(experiment: &Experiment, points: usize) -> f64 {
    let network = &experiment.network;
    let recorded = |members: u32, model: &Variant| match model.is_deterministic() {
        true => 1.0,
        false => f64::from(members.min(experiment.realisations.max())),
    };
    let all = |members: u32, of: &dyn Fn(&Variant) -> f64| -> f64 {
        experiment.models.iter().map(|model| recorded(members, model) * of(model)).sum()
    };
    let columns = (network.populations.len() + network.projections.len() + 1) as f64;
    let traces = experiment
        .record
        .traces
        .map_or(0.0, |traces| all(traces.members, &|_| TRACED * columns * experiment.time.duration / traces.every));
    let spikes = experiment.record.spikes.map_or(0.0, |spikes| {
        let of = SPIKE * RATE * network.neurons() as f64 * (spikes.to - spikes.from);
        all(spikes.members, &|model| if let Variant::Dsode { .. } = model { 0.0 } else { of })
    });
    let neurons = experiment.record.neurons.as_ref().map_or(0.0, |neurons| {
        let rows = |&pop: &usize| {
            let incoming = network.incoming(pop).count() as f64;
            f64::from(neurons.count.min(network.populations[pop].size)) * (NEURON + TRACED * incoming)
        };
        let of = neurons.populations.iter().map(rows).sum::<f64>() * (neurons.to - neurons.from) / neurons.every;
        all(neurons.members, &|model| if let Variant::Dsode { .. } = model { 0.0 } else { of })
    });
    points as f64 * (traces + spikes + neurons)
}

/// Rates at dt and dt/2 side by side, and what they say of dt.
fn converge(experiment: &Experiment) -> Result<Outcome> {
    let dt = experiment.network.dt;
    say!("# rates in Hz at dt and dt/2, means and standard errors over realisations:");
    let rates = convergence(experiment, |rate| say!("#   {rate}"))?;
    let worst = rates.iter().max_by_key(|rate| rate.verdict());
    let (text, outcome) = match worst.map_or(Convergence::Undecided, Halved::verdict) {
        Convergence::Converged => ("small enough: no rate changes by more than 2 %", Outcome::Done),
        Convergence::Undecided => ("not known to be too large: the changes are within their errors", Outcome::Done),
        Convergence::TooLarge => ("too large: a rate changes by more than 2 %; try half of it", Outcome::Different),
    };
    say!("# time.dt = {dt} ms is {text}");
    Ok(outcome)
}
