//! How large a neuron's step can get, and the scales in which it fits.
//!
//! Every input of a neuron is one [`Term`]: what it adds to current and conductance in a step at most, in voltage units. The sums
//! over the terms choose the scales, so that an input that is not in [`Scale::terms`] does not exist for them. With `top` the
//! highest voltage that a step can begin with,
//!
//! | intermediate | type | holds because |
//! |---|---|---|
//! | every partial sum of the current, half a unit of rounding included | i32 | the terms' sizes sum to 2^-A (2^31 - `SLACK`) at most |
//! | the same, of `markov`, as a product with 31 or 32 fractional bits | u32 | half of that |
//! | every partial sum of the conductance | u32; i32 (`markov`) | below 4 - 2^-16 |
//! | a fixed-point multiplier of the conductance (deterministic decay) | u32 | below 2 - 2^-16 of one projection |
//! | a normal variate times a deviation, half a unit of rounding included | i32 | 3.8 2^13 2^16 + 2^23, for shifts up to 24 |
//! | the difference between two drifts of a table, and what is between them | i32 | both images lie in 17/16 of the way from v_floor to the threshold |
//! | W after a step | i32 | the farthest that a step reaches from v_floor is 2^-F (2^31 - `SLACK`) at most |
//! | adaptation | u32, shifted i32 | more spikes than `most_spikes` do not happen |
//!
//! The slack is for what the integers are off by: a term is off by 256 units at most (the kicks of a Poisson drive half a unit each,
//! those of a projection 2^-13 each), and there are at most 40. `tests/ranges` walks the extremes of every term in
//! 128-bit integers, for sums at and around every power of two.

use super::error::RangeError;
use super::moments::deviation_bound;
use super::scale::{CONDUCTANCE_BITS, KICKS, SIGNED_CONDUCTANCE_BITS, Scale, VOLTAGE_BITS, exp2, exponent};
use super::shape::Model;
use crate::model::{Adaptation, Closure, DriveKind, Initial, Network, Origin, Population, Projection, Refractory};
use crate::random::alias::{SMALL_BITS, Weights};
use crate::random::draws::ROWS;

/// Units of a sum that are left for rounding.
const SLACK: f64 = 65536.0;
/// Largest sum of an i32.
const MOST: f64 = 2_147_483_648.0 - SLACK;
/// A current is kept with at most this many bits below the voltage's last one.
const EXTRA_BITS: i32 = 8;
/// Largest normal variate of the table, rounded up.
const NORMAL_MAX: f64 = 4.0;
/// Largest drift in a step, and difference between two points of its table, as a share of the way from v_floor to the threshold.
const DRIFT_MOST: f64 = 1.125;
/// What a conductance stays below its bound by.
const CONDUCTANCE_SLACK: f64 = 1.0 / 65536.0;

/// One input of a neuron in one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Term {
    /// The key that it comes from.
    pub key: String,
    /// Largest current in size, in voltage units.
    pub current: f64,
    /// How far down it can take the voltage besides its conductance, in voltage units.
    pub down: f64,
    /// Largest conductance in size.
    pub conductance: f64,
    /// Mean and standard deviation of what a drive adds.
    pub drift: f64,
    pub noise: f64,
    /// Current of one pending kick.
    pub kick: f64,
}

impl Scale {
    /// The finest scales that hold every sum, whatever a step is worth in them.
    pub(super) fn that_fits(network: &Network, target: usize, model: Model) -> Result<(Scale, Vec<Term>), RangeError> {
        let population = &network.populations[target];
        let conductance = if model == Model::Snn { CONDUCTANCE_BITS } else { SIGNED_CONDUCTANCE_BITS } as i32;
        let lowest = lowest_voltage(network, target);
        let span = population.v_th - lowest;
        if network.is_walk(target) {
            return Err(RangeError::Walk { population: population.name.clone() });
        }
        // How deep v_floor lies below the lowest reset or reversal voltage.
        let depth = span.max(2.0 * volley(network, target));
        let v_floor = lowest - depth;
        let (v_th, dt) = (population.v_th, network.dt);
        let mut scale = Scale { v_floor, voltage: 0, current: 0, conductance, model, v_th, dt };
        let terms = scale.terms(network, target)?;
        let sum = |of: fn(&Term) -> f64| terms.iter().map(of).sum::<f64>();
        let (current, conductance) = (sum(|t| t.current).max(sum(|t| t.down)), sum(|t| t.conductance));
        if conductance >= 4.0 - CONDUCTANCE_SLACK {
            let of = format!("population {}", population.name);
            return Err(RangeError::Conductance { of, conductance, allowed: 4, instead: "" });
        }
        let extended = network.incoming(target).any(|(_, j)| j.synapse.v_rev.is_some() && is_extended(network, j));
        let (steady, mostly) = largest_conductance(network, target)?;
        if extended && steady >= 1.0 {
            return Err(RangeError::Conductance { of: mostly, conductance: steady, allowed: 1, instead: "" });
        }
        let above = v_th - v_floor;
        // A carried voltage can begin above the threshold.
        let top = if population.initial == Initial::Carry { 1.5 * above } else { above };
        let largest = current.max(1e-12);
        let (bits, reach) = match model {
            // A conductance pulls toward voltages no lower than the lowest reversal voltage.
            Model::Snn => (exponent(MOST / largest), (conductance * (top - depth) - top).max(top) + current),
            // Noise can push from there.
            Model::Markov(_) => (exponent(MOST / largest) - 1, top * (1.0 + conductance) + current),
        };
        let room = exponent(exp2(VOLTAGE_BITS as i32) / (1.5 * above)).min(exponent(MOST / reach));
        scale.current = bits.min(room + EXTRA_BITS);
        scale.voltage = room.min(scale.current - 1);
        Ok((scale, terms))
    }

    /// Every input of a neuron.
    pub fn terms(&self, network: &Network, target: usize) -> Result<Vec<Term>, RangeError> {
        let population = &network.populations[target];
        let of = |key: &str| format!("populations.{}.{key}", population.name);
        let mut terms = vec![Term { key: of("drive"), ..self.drive(population)? }];
        let leak = population.leak_per_step(self.dt());
        if leak > 0.0 {
            let current = (leak * (population.e_leak - self.v_floor)).abs();
            terms.push(Term { key: of("tau_m"), current, conductance: leak, ..Term::default() });
        }
        if !population.neuron.is_lif() {
            // Images lie between v_floor and a 16th of the way to it above the threshold; neighbours differ by no more.
            let above = population.v_th - self.v_floor;
            terms.push(Term { key: of("neuron"), current: DRIFT_MOST * above, down: above, ..Term::default() });
        }
        if let Some(adaptation) = population.adaptation {
            let current = adaptation_bound(adaptation, population, self.dt());
            let down = adaptation.b * self.dt() * most_spikes(adaptation.tau, population, self.dt());
            terms.push(Term { key: of("adaptation"), current, down, ..Term::default() });
        }
        for (_, projection) in network.incoming(target) {
            terms.push(self.synapses(network, projection)?);
        }
        Ok(terms)
    }

    fn drive(&self, population: &Population) -> Result<Term, RangeError> {
        let drive = &population.drive;
        let (rate, weight) = (drive.rate.max(), drive.weight.abs());
        let (drift, noise) = (rate * weight * self.dt(), drive.deviation(rate, self.dt()));
        let current = match drive.kind {
            DriveKind::Gaussian | DriveKind::Deterministic | DriveKind::None => drift + NORMAL_MAX * noise,
            DriveKind::Poisson => {
                let most = Weights::poisson(rate * self.dt(), SMALL_BITS).last();
                if most >= ROWS {
                    return Err(RangeError::PoissonDrive {
                        population: population.name.clone(),
                        mean: rate * self.dt(),
                    });
                }
                weight * f64::from(most)
            }
        };
        Ok(Term { current, down: current, drift, noise, ..Term::default() })
    }

    fn synapses(&self, network: &Network, projection: &Projection) -> Result<Term, RangeError> {
        // The Markov approximation takes their mean.
        if let Some(source) = network.source(projection).filter(|_| self.model() == Model::Snn) {
            let mean = source.rate.max() * self.dt();
            if Weights::poisson(mean, SMALL_BITS).last() >= ROWS {
                return Err(RangeError::Source { name: source.name.clone(), mean });
            }
        }
        let pending = kick_bound(network, projection)?;
        let kicks = input_bound(self.model(), projection, pending, self.dt());
        let (current, conductance) = self.kick(projection);
        let key = format!("projections.{}", network.projection_name(projection));
        if projection.has_deterministic_decay()
            && self.model() == Model::Snn
            && kicks * conductance >= 2.0 - CONDUCTANCE_SLACK
        {
            let instead = ", or take decay: stochastic";
            return Err(RangeError::Conductance { of: key, conductance: kicks * conductance, allowed: 2, instead });
        }
        // Of what is added, the noise of `markov` alone can be negative.
        let lowering = if projection.synapse.is_bottomless() { kicks } else { kicks - pending };
        let down = lowering * current;
        Ok(Term {
            key,
            current: kicks * current,
            down,
            conductance: kicks * conductance,
            kick: current,
            ..Term::default()
        })
    }
}

/// Largest input of one projection in pending kicks: at most `kicks` of them, and the noise of `markov` on top, given that
/// the variance of the kick count never exceeds its mean.
fn input_bound(model: Model, projection: &Projection, kicks: f64, dt: f64) -> f64 {
    kicks
        + match model {
            Model::Snn => 0.0,
            Model::Markov(_) if projection.is_delta() => NORMAL_MAX * kicks.sqrt(),
            Model::Markov(Closure::White) => NORMAL_MAX * (kicks / dt).sqrt(),
            Model::Markov(Closure::Coloured) => deviation_bound(kicks),
        }
}

/// The lowest of reset, rest, reversal and initial voltages.
pub(super) fn lowest_voltage(network: &Network, target: usize) -> f64 {
    let population = &network.populations[target];
    let reversals = network.incoming(target).filter_map(|(_, projection)| projection.synapse.v_rev);
    population
        .rest()
        .into_iter()
        .chain(reversals)
        .chain([population.initial_range().0])
        .fold(population.v_reset, f64::min)
}

/// How far the inhibitory currents onto a target take it down where every source neuron fires once, in voltage units.
fn volley(network: &Network, target: usize) -> f64 {
    let bottomless = network.incoming(target).filter(|(_, projection)| projection.synapse.is_bottomless());
    bottomless.map(|(_, projection)| births_max(network, projection) * projection.s).sum()
}

/// Whether a projection uses what the first networks did not have.
fn is_extended(network: &Network, projection: &Projection) -> bool {
    projection.is_extended() || network.source(projection).is_some()
}

/// What leak and kicks reach in a step, every neuron as fast as it can, and what contributes most.
pub(super) fn largest_conductance(network: &Network, target: usize) -> Result<(f64, String), RangeError> {
    let population = &network.populations[target];
    let leak = population.leak_per_step(network.dt);
    let (mut sum, mut most, mut name) = (leak, leak, "the leak".to_string());
    for (_, projection) in network.incoming(target) {
        if let Some((_, distance)) = projection.synapse.reversal(population.v_th) {
            let kicks = kick_bound(network, projection)?;
            let conductance = kicks * projection.s * projection.per_step(network.dt) / distance.abs();
            sum += conductance;
            if conductance > most {
                (most, name) = (conductance, network.projection_name(projection));
            }
        }
    }
    Ok((sum, name))
}

/// More kicks than are born at a target in a step in which every source neuron fires, or that a source sends while a target remembers
/// them: eight standard deviations of a Poisson number above its mean, and eight more for small ones, whose distributions are wider;
/// with a fixed in-degree that.
pub(super) fn births_max(network: &Network, projection: &Projection) -> f64 {
    if let Some(k) = projection.indegree {
        return f64::from(k);
    }
    let (most, mean) = match network.origin(projection) {
        Origin::Population(source) => (f64::from(source.size), f64::from(source.size) * projection.p),
        Origin::Source(source) => {
            let tau = projection.tau.max(network.dt);
            let memory = network.populations[projection.target].tau_m.map_or(tau, |tau_m| tau_m.max(tau));
            (f64::INFINITY, source.rate.max() * memory)
        }
    };
    most.min(mean + 8.0 * mean.sqrt() + 8.0)
}

/// More pending kicks than a target can gather: every source neuron firing once per refractory time (once per step without
/// one) for several tau, and half as many again; of kicks that act in one step, those born in one. Of an extended projection no more than
/// are connected, at eight standard deviations of their number, and after fixed refractory times what is left of the kicks before. A
/// source's are Poisson: the bound is at least eleven standard deviations above their mean.
pub(super) fn kick_bound(network: &Network, projection: &Projection) -> Result<f64, RangeError> {
    let bound = of_origin(network, projection);
    if bound > f64::from(KICKS) {
        return Err(RangeError::Kicks {
            target: network.populations[projection.target].name.clone(),
            source_name: network.source_name(projection).to_string(),
            kicks: bound,
        });
    }
    Ok(bound)
}

fn of_origin(network: &Network, projection: &Projection) -> f64 {
    let source = match network.origin(projection) {
        Origin::Population(source) => source,
        Origin::Source(source) => return 64.0 + 1.5 * source.rate.max() * projection.longest().max(network.dt),
    };
    let between = source.tau_ref.max(network.dt);
    let (size, p) = (f64::from(source.size), network.probability(projection));
    if projection.is_delta() {
        births_max(network, projection)
    } else if projection.is_extended() {
        let volleys = match source.refractory {
            Refractory::Fixed => 1.0 / -libm::expm1(-between / projection.longest()),
            Refractory::Exponential => 1.0 + projection.longest() / between,
        };
        let mean = size * volleys * p;
        (8.0 + (size * volleys).min(mean + 8.0 * mean.sqrt())).max(64.0)
    } else {
        64.0 + 1.5 * size * (1.0 + p * projection.tau / between)
    }
}

/// a dt of a neuron that fires once per refractory time, and half as much again, in voltage units.
pub(super) fn adaptation_bound(adaptation: Adaptation, population: &Population, dt: f64) -> f64 {
    1.5 * adaptation.b * dt * (1.0 + adaptation.tau / population.tau_ref.max(dt))
}

/// More spikes than adaptation of decay time `tau` remembers of a neuron that fires whenever it may. Where refractoriness ends at
/// random they are a sum of weights up to 1 with mean m; Chernoff's bound exp(m x (1 - ln x) - m) of m x or more is 1e-12 here.
pub(super) fn most_spikes(tau: f64, population: &Population, dt: f64) -> f64 {
    let mean = 1.0 + tau / population.tau_ref.max(dt);
    if population.refractory == Refractory::Fixed || population.tau_ref == 0.0 {
        return 1.5 * mean;
    }
    let unlikely = |spikes: f64| spikes * ((spikes / mean).ln() - 1.0) + mean >= 27.6;
    let (mut low, mut high) = (mean, 10.0 * mean + 30.0);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if unlikely(middle) { high = middle } else { low = middle }
    }
    // One in every step.
    high.min(tau / dt).max(1.5 * mean)
}
