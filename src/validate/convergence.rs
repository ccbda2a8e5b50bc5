//! Is the time step small enough? The first and the middle point of an experiment once more, shortly, with the time step and with half
//! of it, rate by rate.
//!
//! Realisations are added until a change is known to be below, or above, `TOLERANCE`, or until the work is `WORK`. Halving a step
//! halves an error of first order: dt is as far from 0 as what is shown, once more. A threshold that voltages with a Gaussian drive are held
//! against once a step has an error of order 1/2: with it dt is up to 3.4 times as far from 0 as what is shown.

use super::ValidateError;
use super::against::recompute;
use crate::config::{Experiment, Realisations, Recording, Scan, Time};
use crate::ensemble::Ensemble;
use crate::model::{Density, Network, Variant};
use crate::statistics::sample::mean_and_error;
use rayon::prelude::*;

/// Change of a rate that is small, and rates in Hz whose changes do not count.
const TOLERANCE: f64 = 0.02;
const NO_RATE: f64 = 0.05;
/// Standard errors that a change must be clear of.
const ERRORS: f64 = 3.0;
/// Neuron-steps at dt of one model at one point.
const WORK: f64 = 3e8;
/// ms of statistics, and of transient, where the experiment has more.
const WINDOW: f64 = 1000.0;
const TRANSIENT: f64 = 500.0;
const FIRST: u32 = 8;
/// Realisations of which a change that is too large is believed: fewer know little of their own spread where networks choose between
/// attractors, and each look is another chance to be wrong.
const SURE: u32 = 32;

/// What halving the step shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Convergence {
    Converged,
    Undecided,
    TooLarge,
}

/// One rate with a time step and with half of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Halved {
    /// Of a `dsode` with a uniform density, whose bins have to be the narrower the shorter the step.
    pub is_of_bins: bool,
    /// Model and place in the scan.
    pub what: String,
    pub population: String,
    /// Time step in ms.
    pub dt: f64,
    /// Mean and standard error in Hz, with dt and with dt/2.
    pub rates: [(f64, f64); 2],
    /// Whether there are realisations enough to believe that a change is too large.
    pub is_sure: bool,
}

impl Halved {
    pub fn verdict(&self) -> Convergence {
        let [(a, a_error), (b, b_error)] = self.rates;
        let (change, error) = ((a - b).abs(), ERRORS * a_error.hypot(b_error));
        let allowed = (TOLERANCE * b).max(NO_RATE);
        if change + error <= allowed {
            Convergence::Converged
        } else if self.is_sure && change - error > allowed {
            Convergence::TooLarge
        } else {
            Convergence::Undecided
        }
    }
}

impl std::fmt::Display for Halved {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Halved { what, population, dt, rates: [(a, a_error), (b, b_error)], .. } = self;
        let change = if *b > 0.0 { format!(", {:+.1} %", 100.0 * (a / b - 1.0)) } else { String::new() };
        let half = 0.5 * dt;
        write!(
            f,
            "{what}, rate_{population}: {a:.3} ± {a_error:.3} at {dt} ms, {b:.3} ± {b_error:.3} at {half} ms{change}"
        )
    }
}

/// Every rate of every model at the first and the middle point; `done` sees each as soon as it is known.
pub fn convergence(experiment: &Experiment, mut done: impl FnMut(&Halved)) -> Result<Vec<Halved>, ValidateError> {
    let points = experiment.points();
    let mut all = Vec::new();
    for index in if points > 1 { vec![0, points / 2] } else { vec![0] } {
        let point = experiment.point(index);
        for &model in &experiment.models {
            let coordinates = experiment.axis_paths().into_iter().zip(&point.coordinates);
            let place: String = coordinates.map(|(path, x)| format!(", {path} = {x}")).collect();
            let short = shortened(&Experiment { models: vec![model], ..experiment.clone() }, &point.network);
            let halved = of_model(&short, &format!("{}{place}", model.label()))?;
            halved.iter().for_each(&mut done);
            all.extend(halved);
        }
    }
    Ok(all)
}

fn of_model(short: &Experiment, what: &str) -> Result<Vec<Halved>, ValidateError> {
    let network = &short.network;
    let half = Experiment { network: Network { dt: 0.5 * network.dt, ..network.clone() }, ..short.clone() };
    let ensembles = [Ensemble::new(short.clone(), false)?, Ensemble::new(half, false)?];
    let work = network.neurons() as f64 * f64::from(short.time.steps(network.dt));
    let most = if short.models[0].is_deterministic() { 1 } else { ((WORK / work) as u32).clamp(FIRST, 256) };
    let mut found: [Vec<Vec<f64>>; 2] = Default::default();
    loop {
        let from = found[0].len() as u32;
        let to = (2 * from).max(FIRST).min(most);
        for (found, ensemble) in found.iter_mut().zip(&ensembles) {
            found.extend(rates_of(ensemble, from, to)?);
        }
        let of = |pop: usize| {
            found.each_ref().map(|members| mean_and_error(&members.iter().map(|m| m[pop]).collect::<Vec<_>>()))
        };
        let halved = network.populations.iter().enumerate().map(|(pop, population)| Halved {
            is_of_bins: matches!(short.models[0], Variant::Dsode { density: Density::Uniform, .. }),
            what: what.to_string(),
            population: population.name.clone(),
            dt: network.dt,
            rates: of(pop),
            is_sure: to >= SURE || short.models[0].is_deterministic(),
        });
        let halved: Vec<Halved> = halved.collect();
        if to == most || halved.iter().all(|rate| rate.verdict() != Convergence::Undecided) {
            return Ok(halved);
        }
    }
}

/// The rates of the first model's members `from..to` at the first point, each population by population.
pub(super) fn rates_of(ensemble: &Ensemble, from: u32, to: u32) -> Result<Vec<Vec<f64>>, ValidateError> {
    let at_point = ensemble.at_point(0, 0)?;
    let member = |r: u32| Ok(rates(ensemble, &recompute(ensemble, &at_point, r)?.statistics.values));
    (from..to).into_par_iter().map(member).collect()
}

/// The rates of a member, population by population; one that is undefined is 0.
fn rates(ensemble: &Ensemble, values: &[Option<f64>]) -> Vec<f64> {
    let schema = &ensemble.schema;
    let column = |population: &String| schema.statistics.iter().position(|name| *name == format!("rate_{population}"));
    schema.populations.iter().map(|p| column(p).and_then(|c| values[c]).unwrap_or(0.0)).collect()
}

/// One point of an experiment alone, recording nothing, no longer than needed.
fn shortened(experiment: &Experiment, network: &Network) -> Experiment {
    // Whole steps.
    let whole = |time: f64| (time / network.dt).round().max(1.0) * network.dt;
    let Time { duration, discard } = experiment.time;
    let transient = discard.min(whole(TRANSIENT));
    let time = Time { discard: transient, duration: transient + (duration - discard).min(whole(WINDOW)) };
    Experiment { time, ..alone(experiment, network) }
}

/// One point of an experiment alone, recording nothing.
pub(super) fn alone(experiment: &Experiment, network: &Network) -> Experiment {
    Experiment {
        network: network.clone().without_carry(),
        scan: Scan::default(),
        sweep: None,
        realisations: Realisations::Fixed(FIRST),
        record: Recording::default(),
        ..experiment.clone()
    }
}
