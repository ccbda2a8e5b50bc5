//! `check CONFIG`: what an experiment is and what it costs, without running it.

use super::output::{note, say};
use super::{ConfigArguments, Outcome};
use anyhow::Result;
use clap::Args;
use snn_ensemble::config::{Experiment, Realisations};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::progress::engineering;
use snn_ensemble::model::{Closure, Density, Noise, Variant};
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
const CORE: (f64, f64) = (1.3e8, 1.1e5);
const GPU: (f64, f64) = (4e10, 1.5e8);
/// Pairs of a spike and a target looked up in a graph that is drawn again at each spike, per neuron-step (measured with 30 000 to 65 536
/// neurons on the CPU), and how often neurons are taken to fire, in Hz.
const PAIRS: f64 = 8.0;
const FIRING: f64 = 20.0;
/// Bytes of statistics under way, per population.
const STATISTICS: f64 = 75e3;
/// Bytes of results per member and population without recorded series; with histograms of voltages or joint rates as many again. The
/// report and the dictionary of columns, whatever there is to report.
const RESULTS: f64 = 2e3;
const REPORT: f64 = 1.7e6;
/// Memory of recorded series while a member is under way, in units of their bytes.
const HELD: f64 = 1.4;

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
                    let cost: f64 = counts.iter().map(|&count| cost(count)).sum();
                    examples += of_model * f64::from(steps) * cost * dearer(model);
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
        let on_cores = (seconds(CORE) / cores).max(1.0);
        say!("# about {on_cores:.0} s on {cores} cores of a CPU of 2023, {:.1} s on a large GPU", seconds(GPU));
        let populations = network.populations.len() as f64;
        let histograms = if experiment.record.voltage || experiment.record.attractor { 2.0 } else { 1.0 };
        let kept = engineering(REPORT + members * RESULTS * histograms * populations);
        match recorded(experiment) {
            (0.0, _) => say!("# about {kept}B of results"),
            (of_member, of_point) => say!(
                "# about {kept}B of results and {}B of recorded series; a recorded member takes {}B of memory",
                engineering(of_point * points as f64),
                engineering(HELD * of_member)
            ),
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

/// What a step of a `dsode` takes beside one of the plain white closure.
fn dearer(model: &Variant) -> f64 {
    let Variant::Dsode { closure, density, noise, .. } = model else { return 1.0 };
    let factors =
        [(*closure == Closure::Coloured, 1.4), (*density == Density::Linear, 1.2), (*noise == Noise::FiniteSize, 1.9)];
    factors.iter().filter(|(is, _)| *is).map(|(_, factor)| factor).product()
}

/// Bytes of the recorded series of the member that has most, and of all members of a point.
fn recorded(experiment: &Experiment) -> (f64, f64) {
    let network = &experiment.network;
    let recorded = |members: u32, model: &Variant| match model.is_deterministic() {
        true => 1.0,
        false => f64::from(members.min(experiment.realisations.max())),
    };
    let of_network = |bytes: f64| move |model: &Variant| if let Variant::Dsode { .. } = model { 0.0 } else { bytes };
    let columns = (network.populations.len() + network.projections.len() + 1) as f64;
    let record = &experiment.record;
    let traces = record
        .traces
        .map_or((0, 0.0), |traces| (traces.members, TRACED * columns * experiment.time.duration / traces.every));
    let spikes = record.spikes.map_or((0, 0.0), |spikes| {
        (spikes.members, SPIKE * RATE * network.neurons() as f64 * (spikes.to - spikes.from))
    });
    let neurons = record.neurons.as_ref().map_or((0, 0.0), |neurons| {
        let rows = |&pop: &usize| {
            let incoming = network.incoming(pop).count() as f64;
            f64::from(neurons.count.min(network.populations[pop].size)) * (NEURON + TRACED * incoming)
        };
        let rows = neurons.populations.iter().map(rows).sum::<f64>();
        (neurons.members, rows * (neurons.to - neurons.from) / neurons.every)
    });
    let (mut of_member, mut of_point) = (0.0, 0.0);
    for model in &experiment.models {
        let series =
            [(traces.0, traces.1), (spikes.0, of_network(spikes.1)(model)), (neurons.0, of_network(neurons.1)(model))];
        of_member = f64::max(of_member, series.iter().map(|(_, bytes)| bytes).sum());
        of_point += series.iter().map(|(members, bytes)| recorded(*members, model) * bytes).sum::<f64>();
    }
    (of_member, of_point)
}

/// Rates at dt and dt/2 side by side, and what they say of dt.
fn converge(experiment: &Experiment) -> Result<Outcome> {
    let dt = experiment.network.dt;
    say!("# rates in Hz at dt and dt/2, means and standard errors over realisations:");
    let rates = convergence(experiment, |rate| say!("#   {rate}"))?;
    let worst = rates.iter().max_by_key(|rate| rate.verdict());
    let (text, outcome) = match worst.map_or(Convergence::Undecided, Halved::verdict) {
        Convergence::Converged => ("small enough: no rate changes by more than 2 %", Outcome::Done),
        Convergence::Undecided => (
            "not told: by its error (three standard errors) a rate may change by more than 2 %, or by less",
            Outcome::Done,
        ),
        Convergence::TooLarge => ("too large: a rate changes by more than 2 %; try half of it", Outcome::Different),
    };
    say!("# time.dt = {dt} ms is {text}");
    Ok(outcome)
}
