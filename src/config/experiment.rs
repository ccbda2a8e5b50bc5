//! An experiment with every default resolved: what runs, at which points, how often, and what is kept.

use super::parameter::Parameter;
use super::scan::Scan;
use crate::model::{AutomaticBins, Bins, Network, Seeding, Variant};
use crate::statistics::Analysis;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A validated config. Every point of its scan satisfies every rule; none of them is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Name of the experiment, and of its result directory.
    pub name: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Length of every member.
    pub time: Time,
    /// The network before any axis moves it; holds the time step.
    pub network: Network,
    /// What runs at every point. Bins of `dsode` that are the automatic ones are `None`.
    pub models: Vec<Variant>,
    /// Automatic voltage bins of each population, for all points of the scan.
    pub automatic_bins: Vec<AutomaticBins>,
    /// The grid of points.
    pub scan: Scan,
    /// The axis along which states are carried.
    pub sweep: Option<Sweep>,
    /// Realisations of each stochastic model at each point.
    pub realisations: Realisations,
    /// Whether points share their random numbers.
    pub seeding: Seeding,
    /// Parameters of the statistics.
    pub analysis: Analysis,
    /// What is stored besides the statistics.
    pub record: Recording,
    /// What `branches` follows.
    pub continuation: Option<Continuation>,
}

/// Branches of fixed points and orbits along a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    /// What moves.
    pub parameter: Parameter,
    /// Its lowest and highest value.
    pub range: [f64; 2],
    /// Where branches start.
    pub from: Vec<Start>,
    /// Values at which there are points on every branch, in order.
    pub at: Vec<f64>,
    /// Period doublings in a row that are followed; an orbit of k returns counts as one that was doubled log2(k) times.
    pub doublings: u32,
    /// Deterministic ones of `dsode`.
    pub models: Vec<Variant>,
    /// In which plane bifurcations are followed.
    pub second: Option<Second>,
}

/// Curves of bifurcations in the plane of two parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Second {
    /// What moves besides.
    pub parameter: Parameter,
    /// Its lowest and highest value.
    pub range: [f64; 2],
    /// The network's own value, in the range.
    pub own: f64,
    /// What is followed.
    pub curves: Vec<Followed>,
}

/// A bifurcation that is followed in two parameters, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Followed {
    /// Hopf.
    HB,
    /// Period doubling.
    PD,
    /// Fold, of fixed points or orbits.
    LP,
    /// Neimark-Sacker of an orbit.
    NS,
}

impl Followed {
    /// All of them, in the order in which they are followed and named (`keys::CURVES`).
    pub const ALL: [Followed; 4] = [Followed::HB, Followed::PD, Followed::LP, Followed::NS];
}

/// Where branches start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Start {
    /// Simulations at both ends and in the middle of the range.
    Settled,
    /// The attractors of a sweep up and of one down.
    Sweep,
    /// A simulation at a value.
    Value(f64),
    /// A stored point: numbers of its branch and of the point, both from 1.
    Stored(usize, usize),
}

/// One parameter point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its place in the grid, the last axis fastest.
    pub index: usize,
    /// One value per [`Experiment::axis_paths`].
    pub coordinates: Vec<f64>,
    /// The network there.
    pub network: Network,
}

/// Length of a member in ms; multiples of every point's dt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Time {
    /// The transient included.
    pub duration: f64,
    /// The transient.
    pub discard: f64,
}

/// The order of the points when state is carried from one to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// One of [`Experiment::axis_paths`].
    pub axis: String,
    /// Which way along the axis.
    pub direction: Direction,
}

/// Passes of a sweep over its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the first value to the last.
    Forward,
    /// From the last value to the first.
    Backward,
    /// Forward, then backward.
    Both,
}

/// Realisations of every stochastic model at every point; a deterministic one runs once.
#[derive(Clone, Debug, PartialEq)]
pub enum Realisations {
    /// So many.
    Fixed(u32),
    /// Until every statistic is precise enough, tested at `min` times powers of two, `max` at most.
    Adaptive {
        /// Before the rule is looked at.
        min: u32,
        /// Whatever the rule says.
        max: u32,
        /// Half width of the 95 % interval relative to the mean, by statistic and population (`rate_E`).
        until: BTreeMap<String, f64>,
    },
}

/// What is stored besides the statistics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Rates and kick means over time.
    pub traces: Option<Traces>,
    /// Single spikes.
    pub spikes: Option<Spikes>,
    /// Histograms of the voltages.
    pub voltage: bool,
    /// Joint histograms of rates and of kicks.
    pub attractor: bool,
    /// Single neurons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neurons: Option<Neurons>,
}

/// Traces of the first `members` realisations of each point, every `every` ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// The first realisations of each point.
    pub members: u32,
    /// In ms, a multiple of dt.
    pub every: f64,
}

/// Spikes of the first `members` realisations of each point in the window (`from`, `to`] in ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spikes {
    /// The first realisations of each point.
    pub members: u32,
    /// In ms, itself excluded.
    pub from: f64,
    /// In ms, itself included.
    pub to: f64,
}

/// Voltages and kick counts of the first neurons of some populations, of the first `members` realisations of each point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neurons {
    /// The first realisations of each point.
    pub members: u32,
    /// Indices, each once.
    pub populations: Vec<usize>,
    /// The first neurons of each population, at most all of them.
    pub count: u32,
    /// In ms, itself excluded.
    pub from: f64,
    /// In ms, itself included.
    pub to: f64,
    /// In ms, a multiple of dt.
    pub every: f64,
}

impl Recording {
    /// Realisations of each point of which any series is recorded.
    pub fn members(&self) -> u32 {
        let of_neurons = self.neurons.as_ref().map_or(0, |neurons| neurons.members);
        self.traces
            .map_or(0, |traces| traces.members)
            .max(self.spikes.map_or(0, |spikes| spikes.members))
            .max(of_neurons)
    }
}

impl Experiment {
    /// Number of parameter points; 1 without a scan.
    pub fn points(&self) -> usize {
        self.scan.points()
    }

    /// Point `index` of the grid, the last axis fastest. `index` must be below [`Experiment::points`].
    pub fn point(&self, index: usize) -> Point {
        assert!(index < self.points(), "point {index} of {}", self.points());
        let mut network = self.network.clone();
        self.scan.apply(index, &mut network);
        Point { index, coordinates: self.scan.coordinates(index), network }
    }

    /// What `of` makes of every point of the grid, in its order; the threads share the points.
    pub fn each_point<T: Send>(&self, of: impl Fn(Point) -> T + Sync) -> Vec<T> {
        let scan = self.scan.tabulated();
        (0..self.points())
            .into_par_iter()
            .map(|index| {
                let mut network = self.network.clone();
                scan.apply(index, &mut network);
                of(Point { index, coordinates: scan.coordinates(index), network })
            })
            .collect()
    }

    /// Automatic bins anew, for a network or a scan that was changed after reading.
    pub fn choose_bins(&mut self) {
        self.automatic_bins = self.scan.automatic_bins(&self.network);
    }

    /// Voltage bins of each population in `dsode` with a variant's options at a point; none of other models.
    pub fn bins(&self, network: &Network, variant: &Variant) -> Vec<Bins> {
        let Variant::Dsode { bin, v_min, .. } = *variant else { return vec![] };
        let populations = network.populations.iter().zip(&self.automatic_bins);
        populations.map(|(p, automatic)| automatic.bins(p.v_th, bin, v_min)).collect()
    }

    /// Populations with their automatic bins where these matter: to `dsode` without a width of its own, or to recorded voltages.
    pub fn used_bins(&self) -> impl Iterator<Item = (&str, &AutomaticBins)> {
        let used = self.record.voltage || self.models.iter().any(Variant::has_automatic_bins);
        let populations = self.network.populations.iter().zip(&self.automatic_bins);
        populations.filter(move |_| used).map(|(p, bins)| (p.name.as_str(), bins))
    }

    /// Populations with the automatic bins that they have on every branch of the continuation, where one has.
    pub fn continued_bins(&self) -> Vec<(&str, AutomaticBins)> {
        let continued = self.continuation.iter().filter(|c| c.models.iter().any(Variant::has_automatic_bins));
        let bins = continued.flat_map(|continuation| continuation.automatic_bins(&self.network));
        self.network.populations.iter().map(|population| population.name.as_str()).zip(bins).collect()
    }

    /// What tells a variant's automatic bins from those of the same experiment with other points; `None` for the usual ones.
    pub fn bins_identity(&self, variant: &Variant) -> Option<String> {
        let Variant::Dsode { bin, v_min, .. } = *variant else { return None };
        let populations = self.network.populations.iter().zip(&self.automatic_bins);
        let unusual = populations.filter_map(|(p, bins)| Some(format!("{} {}", p.name, bins.identity(bin, v_min)?)));
        Some(unusual.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    }

    /// Names of the coordinates, in the order of [`Point::coordinates`].
    pub fn axis_paths(&self) -> Vec<&str> {
        self.scan.paths().collect()
    }

    /// How often the whole grid is gone through: twice by a sweep in both directions.
    pub fn passes(&self) -> usize {
        let both = self.sweep.as_ref().is_some_and(|sweep| sweep.direction == Direction::Both);
        if both { 2 } else { 1 }
    }

    /// Realisations of a model at a point, at most.
    pub fn most_realisations(&self, model: &Variant) -> u32 {
        if model.is_deterministic() { 1 } else { self.realisations.max() }
    }

    /// Members of the whole run, at most: points times realisations over all models and passes.
    pub fn max_members(&self) -> u64 {
        let per_point = |model: &Variant| u64::from(self.most_realisations(model));
        self.models
            .iter()
            .map(per_point)
            .fold(0u64, u64::saturating_add)
            .saturating_mul((self.points() * self.passes()) as u64)
    }

    /// SHA-256 of the resolved config as text, in hexadecimal.
    pub fn hash(&self) -> String {
        Sha256::digest(self.to_yaml()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Realisations {
    /// The most of any point.
    pub fn max(&self) -> u32 {
        match *self {
            Realisations::Fixed(n) => n,
            Realisations::Adaptive { max, .. } => max,
        }
    }
}

impl Time {
    /// Steps of a member, the transient included.
    pub fn steps(&self, dt: f64) -> u32 {
        steps(self.duration, dt)
    }

    /// Steps of the transient.
    pub fn discarded_steps(&self, dt: f64) -> u32 {
        steps(self.discard, dt)
    }
}

/// Steps of length `dt` in `time`, a multiple of it.
pub fn steps(time: f64, dt: f64) -> u32 {
    (time / dt).round() as u32
}
