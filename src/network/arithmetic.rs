//! The network's parameters as integers: scales, constants and the range of every product.
//!
//! | quantity | representation | range |
//! |---|---|---|
//! | voltage W = V - v_floor | u32 in units of 2^-F | W < 2^30 up to the threshold's margin |
//! | current (all increments that do not depend on V) | i32 in units of 2^-A, F < A | below 2^31 in size |
//! | conductance g (leak and inhibition) | u32 in units of 2^-30 | g < 4 |
//! | kicks H, stochastic decay | u32 | at most [`KICKS`] |
//! | kicks H, deterministic decay | u32 in units of 2^-fraction | below 2^31 |
//! | adaptation a dt | u32 in units of 2^-(A + shift) | below 2^31 |
//!
//! `markov` has a signed conductance and moments of its own ([`super::markov`]).
//!
//! One step is W += (current >> (A - F)) - W g with both terms rounded to nearest. An inhibitory kick is worth
//! -c (V - v_rev), c = s q/(v_th - v_rev): c (v_rev - v_floor) of current and c of conductance. v_floor lies one span (from
//! the lowest of reset and reversal voltages to the threshold) below the lowest of them; a voltage that falls to it is an
//! error of the member, never a silent clamp.
//!
//! The scales follow from bounds: the kick count of a projection never needs more than `kick_bound`, so the largest current
//! and conductance are known before anything runs; A is the largest scale in which they fit. Where no scale is
//! precise enough ([`RangeError`]), `check` and `run` refuse the network. A kick constant carries 12 bits more than the current
//! or conductance that it adds to, so that even the sum over all pending kicks is off by less than one unit in 2^5.

use super::moments::deviation_bound;
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::shape::Model;
use crate::model::{Closure, Decay, DriveKind, Network, Population, Projection, Refractory, Synapse};
use crate::random::alias::{SMALL_BITS, Weights};
use crate::random::draws::ROWS;
use crate::random::normal_table::FRACTION as NORMAL_FRACTION;

/// Bits of a voltage.
pub const VOLTAGE_BITS: u32 = 30;
/// Fractional bits of a conductance per step.
pub const CONDUCTANCE_BITS: u32 = 30;
/// The same where noise can make it negative (`markov`).
pub const SIGNED_CONDUCTANCE_BITS: u32 = 28;
/// Bits of the low part of a kick constant.
pub const LOW_BITS: u32 = 12;
/// Largest kick count of one target and projection.
pub const KICKS: u32 = (1 << 20) - 1;
/// A current is kept with at most this many bits below the voltage's last one.
const EXTRA_BITS: i32 = 8;
/// A voltage has at least this many bits between v_floor and the threshold.
const FINEST_BITS: i32 = 25;
/// Largest normal variate of the table, rounded up.
const NORMAL_MAX: f64 = 4.0;

/// A network that the integer arithmetic cannot hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RangeError {
    #[error(
        "population {population}: up to {current:.3} voltage units in one step from its drive and synapses leave only \
         2^-{bits} as a unit of the current, needed: 2^-{needed}; reduce s, dt or the drive"
    )]
    Current { population: String, current: f64, bits: i32, needed: i32 },
    #[error(
        "population {population}: leak and inhibition together can reach {conductance:.3} per step, allowed: below 4; \
         reduce s or dt"
    )]
    Conductance { population: String, conductance: f64 },
    #[error(
        "projection {target}<-{source_name}: up to {kicks} pending kicks per neuron, allowed: {KICKS}; reduce the source's \
         size or tau"
    )]
    Kicks { target: String, source_name: String, kicks: f64 },
    #[error("population {population}: {mean} Poisson kicks per step need outcomes above 255; use `kind: gaussian`")]
    PoissonDrive { population: String, mean: f64 },
}

/// Grid of voltage bins for histograms: lower edge, width, number of bins up to the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    pub v_min: f64,
    pub width: f64,
}

impl Bins {
    pub fn count(&self, v_th: f64) -> u32 {
        ((v_th - self.v_min) / self.width).round() as u32
    }
}

/// The scales of one population's voltage and current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Voltage of W = 0.
    pub v_floor: f64,
    /// F.
    pub voltage: i32,
    /// A.
    pub current: i32,
    /// Fractional bits of the conductance.
    pub conductance: i32,
    model: Model,
    v_th: f64,
    dt: f64,
}

impl Scale {
    pub fn new(network: &Network, target: usize, model: Model) -> Result<Scale, RangeError> {
        let population = &network.populations[target];
        let (v_floor, mut voltage) = voltage_scale(network, target);
        let conductance_bits = if model == Model::Snn { CONDUCTANCE_BITS } else { SIGNED_CONDUCTANCE_BITS } as i32;
        let (v_th, dt) = (population.v_th, network.dt);
        let mut scale = Scale { v_floor, voltage, current: 0, conductance: conductance_bits, model, v_th, dt };
        let leak = population.tau_m.map_or(0.0, |tau| network.dt / tau);
        let mut current = scale.drive_max(population) + (leak * (population.e_leak - v_floor)).abs();
        if let Some(adaptation) = population.adaptation {
            current += adaptation_max(adaptation.b, adaptation.tau, population, network.dt);
        }
        let mut conductance = leak;
        for (_, projection) in network.incoming(target) {
            let kicks = input_bound(model, kick_bound(network, projection)?, network.dt);
            let (kick_current, kick_conductance) = scale.kick(projection);
            current += kicks * kick_current;
            conductance += kicks * kick_conductance;
        }
        if conductance >= 4.0 {
            return Err(RangeError::Conductance { population: population.name.clone(), conductance });
        }
        let mut bits = (exp2(31) / current.max(1e-12)).log2().floor() as i32;
        if model != Model::Snn {
            bits -= 1;
            let reach = (1.0 + conductance) * (v_th - v_floor) + current;
            voltage = voltage.min((exp2(31) / reach).log2().floor() as i32);
        }
        scale.current = bits.min(voltage + EXTRA_BITS);
        scale.voltage = voltage.min(scale.current - 1);
        let needed = (exp2(FINEST_BITS) / (population.v_th - v_floor)).log2().ceil() as i32;
        if scale.voltage < needed {
            return Err(RangeError::Current { population: population.name.clone(), current, bits, needed: needed + 1 });
        }
        Ok(scale)
    }

    /// Time step in ms.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Current (in voltage units) and conductance of one pending kick in one step.
    pub fn kick(&self, projection: &Projection) -> (f64, f64) {
        let q = projection.per_step(self.dt);
        match projection.synapse {
            Synapse::Excitatory => (projection.s * q, 0.0),
            Synapse::Inhibitory { v_rev } => {
                let conductance = projection.s * q / (self.v_th - v_rev);
                (conductance * (v_rev - self.v_floor), conductance)
            }
        }
    }

    /// `v` as an integer voltage.
    pub fn to_voltage(&self, v: f64) -> u32 {
        ((v - self.v_floor) * exp2(self.voltage)).round() as u32
    }

    /// The voltage that an integer stands for.
    pub fn from_voltage(&self, w: u32) -> f64 {
        self.v_floor + f64::from(w) / exp2(self.voltage)
    }

    /// Voltage units as an integer current.
    pub fn to_current(&self, v: f64) -> i32 {
        (v * exp2(self.current)).round() as i32
    }

    fn drive_max(&self, population: &Population) -> f64 {
        let drive = &population.drive;
        let (rate, weight) = (drive.rate.max(), drive.weight.abs());
        match drive.kind {
            DriveKind::Gaussian => rate * weight * self.dt + NORMAL_MAX * weight * (rate * self.dt).sqrt(),
            DriveKind::Poisson => weight * f64::from(Weights::poisson(rate * self.dt, SMALL_BITS).last()),
        }
    }

    /// Shift of the product of a normal variate (13 fractional bits) and a 16-bit deviation.
    fn drive_shift(&self, population: &Population) -> u32 {
        let deviation = population.drive.weight.abs() * (population.drive.rate.max() * self.dt).sqrt();
        let mut shift = 30;
        while shift > 0 && deviation * exp2(self.current + shift - NORMAL_FRACTION as i32) >= 65535.5 {
            shift -= 1;
        }
        shift as u32
    }

    /// Mean current and 16-bit deviation of the Gaussian drive at a rate in 1/ms.
    pub fn gaussian_drive(&self, population: &Population, rate: f64) -> (i32, u32) {
        let weight = population.drive.weight;
        let exponent = self.current + self.drive_shift(population) as i32 - NORMAL_FRACTION as i32;
        let deviation = weight.abs() * (rate * self.dt).sqrt() * exp2(exponent);
        (self.to_current(rate * weight * self.dt), deviation.round() as u32)
    }

    pub fn population(&self, population: &Population, bins: Bins) -> PopulationParameters {
        let leak = population.tau_m.map_or(0.0, |tau| self.dt / tau);
        let threshold = self.to_voltage(population.v_th);
        let reset = self.to_voltage(population.v_reset);
        let uniform = population.initial == crate::model::Initial::Uniform;
        let (bin_scale, bin_shift) = bin_multiplier(bins.width * exp2(self.voltage));
        let mut parameters = PopulationParameters {
            threshold,
            reset,
            spread: if uniform { threshold - reset } else { 0 },
            leak: (leak * exp2(self.conductance)).round() as u32,
            leak_current: self.to_current(leak * (population.e_leak - self.v_floor)),
            current_shift: (self.current - self.voltage) as u32,
            release: (population.release_probability(self.dt) * exp2(31)).round() as u32,
            refractory_steps: match population.refractory {
                Refractory::Exponential => 0,
                Refractory::Fixed => population.refractory_steps(self.dt),
            },
            adaptation_decay: 0,
            adaptation_jump: 0,
            adaptation_jump_low: 0,
            adaptation_shift: 0,
            drive: 0,
            drive_stride: 0,
            drive_shift: self.drive_shift(population),
            drive_kick: self.to_current(population.drive.weight),
            bin_origin: ((bins.v_min - self.v_floor) * exp2(self.voltage)).round() as i32,
            bin_scale,
            bin_shift,
        };
        if let Some(adaptation) = population.adaptation {
            let max = adaptation_max(adaptation.b, adaptation.tau, population, self.dt);
            let bits = (exp2(31) / max.max(1e-12)).log2().floor() as i32;
            let shift = (bits - self.current).clamp(0, 20);
            parameters.adaptation_shift = shift as u32;
            parameters.adaptation_decay = (self.dt / adaptation.tau * exp2(32)).round() as u32;
            let jump = adaptation.b * self.dt * exp2(self.current + shift);
            (parameters.adaptation_jump, parameters.adaptation_jump_low) = match self.model {
                Model::Snn => (jump.round() as u32, 0),
                Model::Markov(_) => high_and_low(jump / f64::from(population.size)),
            };
        }
        parameters
    }

    /// Constants of one projection; the tables' places are filled in by whoever lays out the tables.
    pub fn projection(&self, network: &Network, projection: &Projection) -> Result<ProjectionParameters, RangeError> {
        let bound = kick_bound(network, projection)?;
        if self.model != Model::Snn {
            return Ok(self.moments(projection, bound));
        }
        let fraction = 30 - bound.log2().floor() as u32;
        let (current, conductance) = self.kick(projection);
        let (current, conductance) = (current * exp2(self.current), conductance * exp2(CONDUCTANCE_BITS as i32));
        let (kicks_max, current, conductance) = match projection.decay {
            Decay::Stochastic => (bound as u32, high_and_low(current), high_and_low(conductance)),
            Decay::Deterministic => {
                let multiplier = exp2(31 - fraction as i32);
                let whole = |x: f64| ((x * multiplier).round() as u32, 0);
                ((bound * exp2(fraction as i32)) as u32, whole(current), whole(conductance))
            }
        };
        Ok(ProjectionParameters {
            kicks_max,
            fraction,
            current_high: current.0,
            current_low: current.1,
            conductance_high: conductance.0,
            conductance_low: conductance.1,
            decay: (projection.per_step(self.dt) * exp2(32)).round() as u32,
            connect: (projection.p * exp2(31)).round() as u32,
            // Places of its tables, known to whoever lays them out.
            deaths: 0,
            deaths_columns: 0,
            deaths_large: 0,
            births: 0,
            births_columns: 0,
            births_large: 0,
            // Of `markov` alone.
            variance_decay: 0,
            deaths_variance: 0,
            births_variance: 0,
            current_noise: 0,
            current_noise_exponent: 0,
            conductance_noise: 0,
            conductance_noise_exponent: 0,
            deviation_max: 0,
        })
    }
}

/// Largest input of one projection in pending kicks: at most `kicks` of them, and the noise of `markov` on top, given that
/// the variance of the kick count never exceeds its mean.
fn input_bound(model: Model, kicks: f64, dt: f64) -> f64 {
    kicks
        + match model {
            Model::Snn => 0.0,
            Model::Markov(Closure::White) => NORMAL_MAX * (kicks / dt).sqrt(),
            Model::Markov(Closure::Coloured) => deviation_bound(kicks),
        }
}

/// Lowest voltage and scale: one span below the lowest reset or reversal voltage, and one above the threshold, in 30 bits.
fn voltage_scale(network: &Network, target: usize) -> (f64, i32) {
    let population = &network.populations[target];
    let mut lowest = population.v_reset;
    if population.tau_m.is_some() {
        lowest = lowest.min(population.e_leak);
    }
    for (_, projection) in network.incoming(target) {
        if let Synapse::Inhibitory { v_rev } = projection.synapse {
            lowest = lowest.min(v_rev);
        }
    }
    let span = population.v_th - lowest;
    let voltage = (exp2(VOLTAGE_BITS as i32) / (3.0 * span)).log2().floor() as i32;
    (lowest - span, voltage)
}

/// More pending kicks than a target can gather: every source neuron firing once per refractory time (once per step without
/// one) for several tau, and half as many again.
fn kick_bound(network: &Network, projection: &Projection) -> Result<f64, RangeError> {
    let source = &network.populations[projection.source];
    let between = source.tau_ref.max(network.dt);
    let bound = 64.0 + 1.5 * f64::from(source.size) * (1.0 + projection.p * projection.tau / between);
    if bound > f64::from(KICKS) {
        return Err(RangeError::Kicks {
            target: network.populations[projection.target].name.clone(),
            source_name: source.name.clone(),
            kicks: bound,
        });
    }
    Ok(bound)
}

/// Largest a dt of a neuron that fires once per refractory time, and half as much again, in voltage units.
fn adaptation_max(b: f64, tau: f64, population: &Population, dt: f64) -> f64 {
    1.5 * b * dt * (1.0 + tau / population.tau_ref.max(dt))
}

/// Whole units, and 2^-12 of them.
fn high_and_low(x: f64) -> (u32, u32) {
    let scaled = (x * exp2(LOW_BITS as i32)).round() as u64;
    ((scaled >> LOW_BITS) as u32, scaled as u32 & ((1 << LOW_BITS) - 1))
}

/// (scale, shift) so that (x >> 14) * scale >> shift is x / width, for x below 2^31.
fn bin_multiplier(width: f64) -> (u32, u32) {
    let mut shift = 31;
    while shift > 0 && exp2(14 + shift) / width >= 32767.5 {
        shift -= 1;
    }
    ((exp2(14 + shift) / width).round() as u32, shift as u32)
}

pub(super) fn exp2(exponent: i32) -> f64 {
    libm::exp2(f64::from(exponent))
}

const _: () = assert!(ROWS == 256, "outcomes of a small table are eight bits wide");
