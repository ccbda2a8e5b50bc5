//! Are a step's changes of the voltage more than the rounding of its integers?
//!
//! The 30 bits of a voltage reach from one span below the lowest of reset and reversal voltages to one above the threshold; with
//! a reversal voltage far away they are few between reset and threshold. In a step of a population let the drive have mean mu
//! and standard deviation sigma, u = 2^-F be the unit of the voltage, 2^-A that of the current, and 2^-c that of the conductance. Then
//!
//! | | asked for | because |
//! |---|---|---|
//! | noise | sigma >= 2^5 u; `markov`, which rounds products with a conductance to 4 u, 2^7 u | rounding adds u^2/6 (1.5 u^2) of variance: at most 1.7e-4 of sigma^2; its mean is 0 to exp(-2 pi^2 sigma^2/u^2) |
//! | or drift | mu >= 2^10 u, where there is less noise | half a unit is 1/2048 of mu |
//! | or kicks | the largest kick of a step is 2^10 u, where there is no drive | the same |
//! | mean | mu >= 2^10 2^-A; the weight of a Poisson kick as well | the same |
//! | rest | the error of leak and current, (v_th - v_floor) 2^-(c+1) + 2^-A in a step, adds up over tau_m to at most 2^-10 of the larger of sigma_V = sigma sqrt(tau_m/(2 dt)) and (v_th - v_reset)/256; without noise to 2^-12 of v_th - v_reset | it moves the voltage at rest |
//! | ... rounding | where noise is less, or not in every step (Poisson), an error of u in every step adds up to at most 2^-8 of the same | a bound that is far off: between kicks the voltage crosses many units, and their roundings cancel |
//! | shares | a probability or share per step that is rounded to 2^-n is 0 or at least 50 2^-n | wrong by 1 % at most |
//!
//! A rate changes by d ln r/dV times a voltage: for a neuron whose threshold is k sigma_V above its rest by k 2^-10 of the rate, for k up
//! to 5 by 0.5 % at most, and by 0.2 % through the variance. Measured with the farthest reversal voltage that is allowed
//! (`tests/single_neuron.rs`, a leaky neuron that noise makes fire at 12 Hz): 0.015 % (`snn`) and 0.05 % (`markov`), where one 70 (260)
//! times as far, refused, gave 1 % and 11 %.

use super::error::{PrecisionError, RangeError};
use super::ranges::{Term, lowest_voltage};
use super::scale::{CONDUCTANCE_BITS, SIGNED_CONDUCTANCE_BITS, Scale, exp2, exponent};
use super::shape::Model;
use crate::model::{Adaptation, Connectivity, DriveKind, Network, Population, Refractory};
use crate::random::alias::SMALL_BITS;

/// A voltage has at least this many bits between v_floor and the threshold.
const FINEST_BITS: i32 = 25;
/// Units of a drift, a kick or a mean.
const DRIFT: f64 = 1024.0;
/// Units of a share.
const SHARE: f64 = 50.0;

/// What a population's scales must have.
pub(super) struct Needed {
    voltage: i32,
    current: i32,
    /// Steps in tau_m over which errors may add up; `None` without a leak.
    steps: Option<(f64, f64)>,
}

impl Needed {
    pub fn new(scale: &Scale, population: &Population, terms: &[Term]) -> Needed {
        let sum = |of: fn(&Term) -> f64| terms.iter().map(of).sum::<f64>();
        let (drift, noise) = (sum(|t| t.drift), sum(|t| t.noise * t.noise).sqrt());
        let kick = terms.iter().map(|t| t.kick).fold(0.0, f64::max);
        let bits = |units: f64, of: f64| if of > 0.0 { exponent(units / of) + 1 } else { i32::MIN };
        let units = if scale.model() == Model::Snn || sum(|t| t.conductance) == 0.0 { 32.0 } else { 128.0 };
        let least = exponent(exp2(FINEST_BITS) / (population.v_th - scale.v_floor)) + 1;
        let of_step = match drift > 0.0 {
            true if noise > 0.0 => bits(units, noise).min(bits(DRIFT, drift)),
            true => bits(DRIFT, drift),
            false => bits(DRIFT, kick),
        };
        let of_mean = match population.drive.kind {
            DriveKind::Poisson => drift.min(population.drive.weight.abs()),
            _ => drift,
        };
        Needed {
            voltage: least.max(of_step),
            current: bits(DRIFT, of_mean),
            steps: population.tau_m.map(|tau| {
                let steps = tau / scale.dt();
                let smooth = population.drive.kind == DriveKind::Gaussian && noise >= units * exp2(-scale.voltage);
                let error = (population.v_th - scale.v_floor) * exp2(-scale.conductance - 1) + exp2(-scale.current);
                let range = population.v_th - population.v_reset;
                let deviation = (noise * (steps / 2.0).sqrt()).max(range / 256.0);
                let most = match noise > 0.0 {
                    true if smooth => deviation / 1024.0 / error,
                    true => (deviation / 1024.0 / error).min(deviation / 256.0 / (error + exp2(-scale.voltage))),
                    false => range / 4096.0 / error,
                };
                (steps, most)
            }),
        }
    }

    pub fn holds(&self, scale: &Scale) -> bool {
        self.steps.is_none_or(|(steps, most)| steps <= most)
            && scale.voltage >= self.voltage
            && scale.current >= self.current
    }

    /// What is in the way: currents that are large, a reversal voltage that is far, or steps that are small.
    pub fn error(&self, scale: &Scale, network: &Network, target: usize, terms: &[Term]) -> RangeError {
        let population = &network.populations[target];
        let unit = exp2(-scale.voltage);
        if let Some(error) = far(network, target, scale.model(), &step(terms), unit) {
            return error.into();
        }
        let needed = self.current.max(self.voltage + 1);
        if scale.current < needed {
            let current = terms.iter().map(|t| t.current).sum();
            let largest =
                terms.iter().max_by(|a, b| a.current.total_cmp(&b.current)).map_or("", |t| &t.key).to_string();
            let population = population.name.clone();
            return RangeError::Current { population, current, largest, bits: scale.current, needed };
        }
        if let (Some((steps, most)), Some(found)) = (self.steps, population.tau_m)
            && steps > most
        {
            let (key, dt) = (format!("populations.{}.tau_m", population.name), scale.dt());
            return PrecisionError::Rest { key, found, steps, most: found * most / steps, dt: dt * steps / most }
                .into();
        }
        // What `step` speaks of.
        let driven = terms.iter().any(|term| term.drift > 0.0);
        let size = |term: &&Term| if driven { term.drift } else { term.kick };
        let largest = terms.iter().max_by(|a, b| size(a).total_cmp(&size(b))).filter(|term| size(term) > 0.0);
        let key = largest.map_or(format!("populations.{}.drive", population.name), |term| term.key.clone());
        PrecisionError::Small { key, step: step(terms), unit }.into()
    }
}

/// What a step does, in words.
fn step(terms: &[Term]) -> String {
    let sum = |of: fn(&Term) -> f64| terms.iter().map(of).sum::<f64>();
    let (drift, noise) = (sum(|t| t.drift), sum(|t| t.noise * t.noise).sqrt());
    if drift > 0.0 {
        return format!("a drive of {drift:.1e} ± {noise:.1e}");
    }
    let kick = terms.iter().map(|t| t.kick).fold(0.0, f64::max);
    format!("kicks of at most {kick:.1e}")
}

/// The lowest reversal voltage, where the network would do with a nearer one.
fn far(network: &Network, target: usize, model: Model, step: &str, unit: f64) -> Option<PrecisionError> {
    let population = &network.populations[target];
    let found = lowest_voltage(network, target);
    let reset = population.v_reset;
    let of_projection = network.incoming(target).find(|(_, projection)| projection.synapse.v_rev == Some(found));
    let of_projection = of_projection.map(|(_, j)| format!("projections.{}.v_rev", network.projection_name(j)));
    let key = of_projection.unwrap_or_else(|| format!("populations.{}.e_leak", population.name));
    let holds = |lowest: f64| {
        let network = raised(network, target, lowest);
        Scale::that_fits(&network, target, model)
            .is_ok_and(|(scale, terms)| Needed::new(&scale, &network.populations[target], &terms).holds(&scale))
    };
    let steps = (1..=100).map(|i| reset - (reset - found) * exp2(-i).max(1e-30));
    let nearer = steps.take_while(|&lowest| lowest < reset).find(|&lowest| holds(lowest))?;
    let (name, step) = (population.name.clone(), step.to_string());
    Some(PrecisionError::Far { key, found, population: name, unit, step, allowed: upwards(nearer) })
}

/// The network with no reversal voltage of a population below `lowest`.
fn raised(network: &Network, target: usize, lowest: f64) -> Network {
    let mut network = network.clone();
    let population = &mut network.populations[target];
    population.e_leak = population.e_leak.max(lowest);
    for projection in network.projections.iter_mut().filter(|projection| projection.target == target) {
        projection.synapse.v_rev = projection.synapse.v_rev.map(|v_rev| v_rev.max(lowest));
    }
    network
}

/// Two digits of a number, rounded up.
fn upwards(x: f64) -> f64 {
    let digit = libm::exp10(libm::floor(libm::log10(x.abs())) - 1.0);
    crate::model::round12(libm::ceil(x / digit) * digit)
}

/// A probability or share per step that is rounded to 2^-bits.
struct Share {
    key: String,
    found: f64,
    share: f64,
    bits: i32,
    /// Found is a time, whose share is the smaller the longer it is.
    is_time: bool,
    /// Another way out.
    instead: &'static str,
}

/// Are the probabilities and shares of a step more than a few of their units?
pub(super) fn check_shares(network: &Network, target: usize, model: Model) -> Result<(), PrecisionError> {
    let least = |share: &Share| SHARE * exp2(-share.bits);
    let lost = |share: &Share| share.share > 0.0 && share.share < least(share);
    let Some(lost) = shares(network, target, model).into_iter().find(lost) else { return Ok(()) };
    let (times, instead) = (lost.share / least(&lost), lost.instead);
    let allowed = match lost.is_time {
        true => format!("at most {:.2e} ms{instead}", lost.found * times),
        false => format!("0, or at least {:.2e}{instead}", lost.found / times),
    };
    Err(PrecisionError::Share { key: lost.key, found: lost.found, share: lost.share, allowed })
}

fn shares(network: &Network, target: usize, model: Model) -> Vec<Share> {
    let (population, dt) = (&network.populations[target], network.dt);
    let snn = model == Model::Snn;
    let (table, conductance) = (SMALL_BITS as i32, if snn { CONDUCTANCE_BITS } else { SIGNED_CONDUCTANCE_BITS } as i32);
    let of = |key: &str| format!("populations.{}.{key}", population.name);
    let time =
        |key: String, found: f64, share: f64, bits: i32| Share { key, found, share, bits, is_time: true, instead: "" };
    let mut shares = vec![];
    if let Some(tau) = population.tau_m {
        let leak = population.leak_per_step(dt);
        shares.push(Share { instead: ", or none", ..time(of("tau_m"), tau, leak, conductance) });
    }
    if let Some(Adaptation { tau, .. }) = population.adaptation {
        shares.push(time(of("adaptation.tau"), tau, dt / tau, 32));
    }
    if population.refractory == Refractory::Exponential {
        shares.push(time(of("tau_ref"), population.tau_ref, population.release_probability(dt), 31));
    }
    if population.drive.kind == DriveKind::Poisson && snn {
        let (found, instead) = (population.drive.rate.max(), " per ms, or kind: gaussian");
        shares.push(Share { key: of("drive.rate"), found, share: found * dt, bits: table, is_time: false, instead });
    }
    for (_, projection) in network.incoming(target) {
        let of = |key: &str| format!("projections.{}.{key}", network.projection_name(projection));
        let (found, tau) = (projection.p, projection.tau);
        if let Some(source) = network.source(projection).filter(|_| snn) {
            let (key, found) = (format!("sources.{}.rate", source.name), source.rate.max());
            shares.push(Share { key, found, share: found * dt, bits: table, is_time: false, instead: " per ms" });
        }
        let (bits, instead) = match snn && network.connectivity == Connectivity::Annealed {
            true => (table, ", or connectivity: quenched"),
            false => (31, ""),
        };
        if projection.indegree.is_none() {
            shares.push(Share { key: of("p"), found, share: found, bits, is_time: false, instead });
        }
        let (bits, instead) = match snn && !projection.has_deterministic_decay() {
            true => (table, ", or decay: deterministic"),
            false => (32, ""),
        };
        shares.push(Share { instead, ..time(of("tau"), tau, projection.per_step(dt), bits) });
        if let Some(tau_rise) = projection.tau_rise {
            shares.push(Share { instead, ..time(of("tau_rise"), tau_rise, projection.rise_per_step(dt), bits) });
        }
    }
    shares
}
