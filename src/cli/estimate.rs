//! What an experiment costs, from rates that were measured: steps, time, memory, files.

use snn_ensemble::config::Experiment;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::model_at_point::PointError;
use snn_ensemble::model::bins::counts;
use snn_ensemble::model::{Closure, Density, Network, Noise, Variant};
use snn_ensemble::network::shape::{Model, NetworkShape, ProjectionShape};
use snn_ensemble::network::state::state_words;
use snn_ensemble::network::wiring::Wiring;

/// Neuron-steps per second, and trajectory-steps of two populations of 35 bins, that one CPU core and a large GPU are taken to do.
pub const CORE: (f64, f64) = (1.3e8, 1.1e5);
pub const GPU: (f64, f64) = (4e10, 1.5e8);
/// Pairs of a spike and a target looked up in a graph that is drawn again at each spike, per neuron-step (measured with 30 000 to 65 536
/// neurons on the CPU), and how often neurons are taken to fire, in Hz.
const PAIRS: f64 = 8.0;
pub const FIRING: f64 = 20.0;
/// Bytes of statistics under way, per population.
const STATISTICS: f64 = 75e3;
/// Bytes of results per member and population without recorded series; with histograms of voltages or joint rates as many again. The
/// report and the dictionary of columns, whatever there is to report.
const RESULTS: f64 = 2e3;
const REPORT: f64 = 1.7e6;
/// Memory of recorded series while a member is under way, in units of their bytes.
const HELD: f64 = 1.4;

/// Bytes of a number of a trace and of a spike, in the log, compressed, and in Parquet together.
const TRACED: f64 = 10.0;
const SPIKE: f64 = 8.0;
/// The same of a row of a neuron, without its kicks: time, voltage and spikes.
const NEURON: f64 = 24.0;
/// Spikes of a neuron per ms: 50 Hz.
const RATE: f64 = 0.05;

/// What an experiment costs, at most.
#[derive(Default)]
pub struct Estimate {
    pub models: Vec<ModelEstimate>,
    pub neuron_steps: f64,
    pub trajectory_steps: f64,
    /// Trajectory-steps, each in units of one of two populations of 35 bins.
    examples: f64,
    /// Pairs of a spike and a target that are looked up in graphs too large to be kept.
    pub drawn: f64,
    /// Bytes of result files, without recorded series.
    pub results: f64,
    /// Bytes of recorded series, and of what a member holds of them while it is under way.
    pub series: f64,
    pub held: f64,
}

/// Of one of its models.
pub struct ModelEstimate {
    pub label: String,
    /// At all of its points, as they are begun with and at most.
    pub members: [f64; 2],
    /// Bytes of a member's state, and of its statistics.
    pub state: f64,
    pub statistics: f64,
    /// Of a `dsode` per population: how many, and whose.
    pub bins: Vec<(u32, String)>,
}

impl Estimate {
    /// Of all models at all points.
    ///
    /// # Errors
    /// A first point that cannot be computed.
    pub fn of(ensemble: &Ensemble) -> Result<Estimate, PointError> {
        let experiment = &ensemble.experiment;
        let network = &experiment.network;
        let (points, populations) = (ensemble.schema.points.len(), network.populations.len() as f64);
        let mut estimate = Estimate::default();
        for index in 0..experiment.models.len() {
            estimate.add(ensemble, index as u32)?;
        }
        let histograms = if experiment.record.voltage || experiment.record.attractor { 2.0 } else { 1.0 };
        estimate.results = REPORT + estimate.members() * RESULTS * histograms * populations;
        let (of_member, of_point) = recorded(experiment);
        Ok(Estimate { series: of_point * points as f64, held: HELD * of_member, ..estimate })
    }

    fn add(&mut self, ensemble: &Ensemble, index: u32) -> Result<(), PointError> {
        let experiment = &ensemble.experiment;
        let (network, model) = (&experiment.network, &experiment.models[index as usize]);
        let realisations = [ensemble.realisations(index), experiment.most_realisations(model)].map(f64::from);
        let costs = experiment.each_point(|point| Cost::of(experiment, model, &point.network));
        let runs = (0..ensemble.schema.points.len() as u32).filter(|&point| !ensemble.skipped.holds(index, point));
        // the passes of a sweep are each over the whole grid
        let costs: Vec<&Cost> = runs.map(|point| &costs[point as usize % costs.len()]).collect();
        let most = |of: fn(&Cost) -> f64| costs.iter().map(|cost| of(cost)).fold(0.0, f64::max);
        let all = |of: fn(&Cost) -> f64| realisations[1] * costs.iter().map(|cost| of(cost)).sum::<f64>();
        self.neuron_steps += all(|cost| cost.neuron_steps);
        self.drawn += all(|cost| cost.drawn);
        self.trajectory_steps += all(|cost| cost.trajectory_steps);
        self.examples += all(|cost| cost.examples);
        let (state, bins) = match Model::of(model) {
            Some(_) => (most(|cost| cost.state), vec![]),
            None => {
                let at_point = ensemble.at_point(index, 0)?;
                let names = network.populations.iter().map(|population| population.name.clone());
                (8.0 * at_point.size() as f64 * 2.0, at_point.bin_counts().into_iter().zip(names).collect())
            }
        };
        let members = realisations.map(|n| n * costs.len() as f64);
        let statistics = STATISTICS * network.populations.len() as f64;
        self.models.push(ModelEstimate { label: model.label(), members, state, statistics, bins });
        Ok(())
    }

    /// Members of all models, at most.
    pub fn members(&self) -> f64 {
        self.models.iter().map(|model| model.members[1]).sum()
    }

    /// Seconds on a device of such rates ([`CORE`], [`GPU`]).
    pub fn seconds(&self, (neurons, trajectories): (f64, f64)) -> f64 {
        (self.neuron_steps + self.drawn / PAIRS) / neurons + self.examples / trajectories
    }
}

/// What a member of a model costs at a point.
#[derive(Default)]
struct Cost {
    neuron_steps: f64,
    drawn: f64,
    trajectory_steps: f64,
    examples: f64,
    /// Bytes of a network's.
    state: f64,
}

impl Cost {
    fn of(experiment: &Experiment, model: &Variant, network: &Network) -> Cost {
        let steps = f64::from(experiment.time.steps(network.dt));
        let Some(of) = Model::of(model) else {
            let bins = counts(network, &experiment.bins(network, model));
            let examples = bins.into_iter().map(cost).sum::<f64>() * dearer(experiment, model);
            return Cost { trajectory_steps: steps, examples: steps * examples, ..Cost::default() };
        };
        let shape = NetworkShape::new(network, of);
        let is_drawn = shape.quenched && Wiring::new(&shape, false) == Wiring::Drawn;
        Cost {
            neuron_steps: steps * network.neurons() as f64,
            drawn: if is_drawn { steps * pairs(&shape) * FIRING * 1e-3 * network.dt } else { 0.0 },
            state: 4.0 * state_words(&shape) as f64,
            ..Cost::default()
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

/// What a step of a `dsode` takes beside one of the plain white closure.
fn dearer(experiment: &Experiment, model: &Variant) -> f64 {
    let Variant::Dsode { closure, density, noise, .. } = model else { return 1.0 };
    let time = &experiment.time;
    let exponents = experiment.analysis.lyapunov && model.is_deterministic();
    let factors = [
        (*closure == Closure::Coloured, 1.4),
        (*density == Density::Linear, 1.2),
        (*noise == Noise::FiniteSize, 1.9),
        // a second trajectory, in the window alone
        (exponents, 1.0 + 1.2 * (1.0 - time.discard / time.duration)),
    ];
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
