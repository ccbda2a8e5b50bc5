//! Is the time step small against what a step advances?
//!
//! | compared with dt | warned about from | because |
//! |---|---|---|
//! | tau of a projection, of adaptation | dt > tau/5 | kicks act in steps: the example network fires 1 % too fast at tau/dt = 4.8, 5 % at 2.4 |
//! | tau_m, unless its steps are exact | dt > tau_m/20 | the leak 1 - dt/tau_m stands for exp(-dt/tau_m): a time constant 2.5 % too short |
//! | drift of a step's drive, and its noise (Gaussian) | 1/20 of v_th - v_reset | a threshold looked at once per step lies 0.58 of the noise, or half of the drift, too high |
//! | leak and inhibition of a step, every neuron as fast as it can | 1, where a shorter step stays below | a voltage jumps past its reversal potential |

use super::ranges::largest_conductance;
use crate::model::{DriveKind, Network, Population, Projection, Stepping, round12};

/// Steps per tau, and per tau_m, that are enough.
const STEPS_PER_TAU: f64 = 5.0;
const STEPS_PER_TAU_M: f64 = 20.0;
/// Share of v_th - v_reset that is little enough.
const SHARE: f64 = 0.05;

/// A number that the time step is too long for.
#[derive(Clone, Debug, PartialEq)]
pub struct CoarseStep {
    /// Its key.
    pub key: String,
    /// What dt does to it.
    pub what: String,
    /// How many times too long dt is.
    pub excess: f64,
    /// Time step in ms.
    pub dt: f64,
}

impl std::fmt::Display for CoarseStep {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let CoarseStep { key, what, excess, dt } = self;
        write!(f, "{key}: time.dt = {dt} ms {what}; a dt of {} ms would do", downwards(dt / excess))
    }
}

/// What a network's step is too long for, in the order of the network.
pub fn coarse_steps(network: &Network) -> Vec<CoarseStep> {
    let of_populations = (0..network.populations.len()).flat_map(|target| of_population(network, target));
    of_populations.chain(network.projections.iter().flat_map(|projection| of_projection(network, projection))).collect()
}

fn of_population(network: &Network, target: usize) -> Vec<CoarseStep> {
    let (population, dt) = (&network.populations[target], network.dt);
    let mut coarse = Coarse { of: format!("populations.{}", population.name), dt, found: vec![] };
    if let (Some(tau), Stepping::Euler) = (population.tau_m, population.step) {
        let what = format!("is {} of the membrane time constant, {tau} ms", percent(dt / tau));
        coarse.check("tau_m", dt / tau * STEPS_PER_TAU_M, what);
    }
    if let Some(adaptation) = population.adaptation {
        coarse.time_constant("adaptation.tau", adaptation.tau);
    }
    let range = population.v_th - population.v_reset;
    let (drift, noise) = of_drive(population, dt);
    let what = |share: f64, who: &str| format!("lets {who} move by {} of v_th - v_reset in a step", percent(share));
    coarse.check("drive", drift / range / SHARE, what(drift / range, "the drive"));
    // Noise grows with the root of dt.
    coarse.check("drive", (noise / range / SHARE).powi(2), what(noise / range, "the noise of the drive"));
    // None where more kicks are pending than a neuron can count.
    if let Ok((conductance, strongest)) = largest_conductance(network, target) {
        let what = format!(
            "lets leak and inhibition (mostly {strongest}) reach {conductance:.2} per step: past the reversal potential"
        );
        coarse.check("", conductance_excess(network, target), what);
    }
    coarse.found
}

fn of_projection(network: &Network, projection: &Projection) -> Vec<CoarseStep> {
    let of = format!("projections.{}", network.projection_name(projection));
    let mut coarse = Coarse { of, dt: network.dt, found: vec![] };
    if !projection.is_delta() {
        coarse.time_constant("tau", projection.tau);
    }
    if let Some(tau_rise) = projection.tau_rise {
        coarse.time_constant("tau_rise", tau_rise);
    }
    coarse.found
}

struct Coarse {
    of: String,
    dt: f64,
    found: Vec<CoarseStep>,
}

impl Coarse {
    fn check(&mut self, key: &str, excess: f64, what: String) {
        if excess > 1.0 + 1e-9 {
            let key = if key.is_empty() { self.of.clone() } else { format!("{}.{key}", self.of) };
            self.found.push(CoarseStep { key, what, excess, dt: self.dt });
        }
    }

    fn time_constant(&mut self, key: &str, tau: f64) {
        let what = format!("is {} of the time constant, {tau} ms", percent(self.dt / tau));
        self.check(key, self.dt / tau * STEPS_PER_TAU, what);
    }
}

/// Largest mean of a step's drive in size, and its standard deviation where the increments are Gaussian.
fn of_drive(population: &Population, dt: f64) -> (f64, f64) {
    let (rate, weight) = (population.drive.rate.max(), population.drive.weight.abs());
    let noise = if population.drive.kind == DriveKind::Poisson { 0.0 } else { population.drive.deviation(rate, dt) };
    (rate * weight * dt, noise)
}

/// How many times too long dt is for leak and inhibition to stay below 1; 1 where it is not, and where no step is short
/// enough: kicks of neurons that fire in every step, however many those are, add up to what does not depend on it.
fn conductance_excess(network: &Network, target: usize) -> f64 {
    let holds = |excess: f64| {
        let shorter = Network { dt: network.dt / excess, ..network.clone() };
        largest_conductance(&shorter, target).is_ok_and(|(reached, _)| reached <= 1.0)
    };
    (0..=10).map(|halvings| f64::from(1 << halvings)).find(|&excess| holds(excess)).unwrap_or(1.0)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A time step below `dt` that divides a millisecond: of 1, 2 or 5 times a power of ten.
fn downwards(dt: f64) -> f64 {
    let power = libm::exp10(libm::floor(libm::log10(dt)));
    let digit = [5.0, 2.0, 1.0].into_iter().find(|digit| digit * power <= dt * (1.0 + 1e-9)).unwrap_or(1.0);
    round12(digit * power)
}
