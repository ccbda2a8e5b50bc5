//! The network's parameters as integers: scales, constants and the range of every product.
//!
//! | quantity | representation | range |
//! |---|---|---|
//! | voltage W = V - v_floor | u32 in units of 2^-F | W < 2^30 up to the threshold's margin |
//! | current (all increments that do not depend on V) | i32 in units of 2^-A, F < A | below 2^31 in size |
//! | conductance g (leak and kicks) | u32 in units of 2^-30 | g < 4 |
//! | kicks H, stochastic decay | u32 | at most [`KICKS`](super::scale::KICKS) |
//! | kicks H, deterministic decay | u32 in units of 2^-fraction | below 2^31 |
//! | adaptation a dt | u32 in units of 2^-(A + shift) | below 2^32 |
//!
//! `markov` has a signed conductance and moments of its own ([`super::markov`]).
//!
//! One step is W += (current >> (A - F)) - W g with both terms rounded to nearest. A kick of either sign with a reversal voltage
//! is worth -c (V - v_rev), c = s q/|v_norm - v_rev|: c (v_rev - v_floor) of current and c of conductance; one without is worth
//! +-s q of current. v_floor lies one span (from the lowest of reset and reversal voltages to the threshold) below the lowest of
//! them, or deeper where currents pull down ([`super::ranges`]); a voltage that falls to it is an error of the member, never a
//! silent clamp.
//!
//! The scales follow from bounds ([`super::ranges`]): the kick count of a projection never needs more than `kick_bound`, so the
//! largest current and conductance are known before anything runs; A is the largest scale in which they fit. Where it leaves
//! a step too few bits ([`super::precision`]), `check` and `run` refuse the network. A kick constant carries 12 bits more than the
//! current or conductance that it adds to, so that even the sum over all pending kicks is off by less than one unit in 2^5.

pub use super::error::RangeError;
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::precision::{Needed, check_shares};
use super::ranges::{adaptation_bound, kick_bound, most_spikes};
pub use super::scale::Scale;
use super::scale::{CONDUCTANCE_BITS, exp2, exponent};
use super::shape::Model;
use crate::model::{Bins, Connectivity, Network, Population, Projection, Refractory};
use crate::random::draws::ROWS;
use crate::random::normal_table::FRACTION as NORMAL_FRACTION;
use bytemuck::Zeroable;

/// A voltage this little below the edge of a bin lies on it: what rounding the edge and the width may leave, in units.
const ON_EDGE: i32 = 2;
/// Bits of the low part of a kick constant.
const LOW_BITS: u32 = 12;
/// Largest shift of a normal variate times a deviation: half a unit of it fits above their product.
const DRIVE_SHIFT_MAX: i32 = 24;

impl Scale {
    /// The scales of a population; the error says which number does not fit, or is lost.
    pub fn new(network: &Network, target: usize, model: Model) -> Result<Scale, RangeError> {
        check_shares(network, target, model)?;
        let (scale, terms) = Scale::that_fits(network, target, model)?;
        let needed = Needed::new(&scale, &network.populations[target], &terms);
        match needed.holds(&scale) {
            true => Ok(scale),
            false => Err(needed.error(&scale, network, target, &terms)),
        }
    }

    /// Shift of the product of a normal variate (13 fractional bits) and a 16-bit deviation.
    fn drive_shift(&self, population: &Population) -> u32 {
        let deviation = population.drive.deviation(population.drive.rate.max(), self.dt);
        let mut shift = DRIVE_SHIFT_MAX;
        while shift > 0 && deviation * exp2(self.current + shift - NORMAL_FRACTION as i32) >= 65535.5 {
            shift -= 1;
        }
        shift as u32
    }

    /// Mean current and 16-bit deviation of a Gaussian drive at a rate in 1/ms; of a deterministic one the deviation is 0.
    pub fn gaussian_drive(&self, population: &Population, rate: f64) -> (i32, u32) {
        let weight = population.drive.weight;
        let exponent = self.current + self.drive_shift(population) as i32 - NORMAL_FRACTION as i32;
        let deviation = population.drive.deviation(rate, self.dt) * exp2(exponent);
        (self.to_current(rate * weight * self.dt), deviation.round() as u32)
    }

    pub fn population(&self, population: &Population, bins: Bins) -> PopulationParameters {
        let leak = population.leak_per_step(self.dt);
        let threshold = self.to_voltage(population.v_th);
        let reset = self.to_voltage(population.v_reset);
        let (start, end) = population.initial_range();
        let start = self.to_voltage(start);
        let below = bins.v_min - self.v_floor;
        let bin_unit =
            (0..self.voltage.max(0)).find(|unit| below.abs() * exp2(self.voltage - unit) < exp2(30)).unwrap_or(0);
        let (bin_scale, bin_shift) = bin_multiplier(bins.width * exp2(self.voltage - bin_unit));
        let mut parameters = PopulationParameters {
            threshold,
            reset,
            start,
            spread: self.to_voltage(end) - start,
            leak: (leak * exp2(self.conductance)).round() as u32,
            leak_current: self.to_current(leak * (population.e_leak - self.v_floor)),
            current_shift: (self.current - self.voltage) as u32,
            release: (population.release_probability(self.dt) * exp2(31)).round() as u32,
            refractory_steps: match population.refractory {
                Refractory::Exponential => 0,
                Refractory::Fixed => population.refractory_steps(self.dt),
            },
            drive_shift: self.drive_shift(population),
            drive_kick: self.to_current(population.drive.weight),
            bin_unit: bin_unit as u32,
            bin_origin: (below * exp2(self.voltage - bin_unit)).round() as i32 - ON_EDGE,
            bin_scale,
            bin_shift,
            drift_shift: if population.neuron.is_lif() { 0 } else { self.drift_shift(population) },
            // Places of its drive and drifts are known to whoever lays out the tables; adaptation follows.
            ..PopulationParameters::zeroed()
        };
        if let Some(adaptation) = population.adaptation {
            let usual = adaptation_bound(adaptation, population, self.dt);
            let most = adaptation.b * self.dt * most_spikes(adaptation.tau, population, self.dt);
            let bits = exponent(exp2(31) / usual.max(1e-12)).min(exponent((exp2(32) - 1.0) / most.max(1e-12)));
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
        if self.model == Model::Snn
            && let (Some(found), Connectivity::Annealed) = (projection.indegree, network.connectivity)
        {
            return Err(RangeError::Annealed { projection: network.projection_name(projection), found });
        }
        if self.model != Model::Snn {
            return Ok(self.moments(network, projection, bound));
        }
        let fraction = (30 - exponent(bound)) as u32;
        let (current, conductance) = self.kick(projection);
        let (current, conductance) = (current * exp2(self.current), conductance * exp2(CONDUCTANCE_BITS as i32));
        let (kicks_max, current, conductance) = match projection.has_deterministic_decay() {
            false => {
                let current = if projection.synapse.is_bottomless() { -current } else { current };
                (bound as u32, high_and_low(current), high_and_low(conductance))
            }
            true => {
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
            connect: projection.indegree.unwrap_or((projection.p * exp2(31)).round() as u32),
            delay: projection.delay_steps(self.dt),
            rise: (projection.rise_per_step(self.dt) * exp2(32)).round() as u32,
            sampled: left_out(network.populations[projection.target].size, kicks_max),
            // Places of its tables, known to whoever lays them out, and what is of `markov` alone.
            ..ProjectionParameters::zeroed()
        })
    }
}

/// Whole units, and 2^-12 of them above; of a negative number the whole ones are its two's complement, which products keep.
fn high_and_low(x: f64) -> (u32, u32) {
    let scaled = (x * exp2(LOW_BITS as i32)).round() as i64;
    ((scaled >> LOW_BITS) as u32, scaled as u32 & ((1 << LOW_BITS) - 1))
}

/// (scale, shift) so that (x scale >> 32) >> shift is x / width, for x below 2^31, known to half a unit, and a width above 1.
fn bin_multiplier(width: f64) -> (u32, u32) {
    let scale = |shift: i32| (exp2(32 + shift) / width).round();
    let shift = (0..32).rev().find(|&shift| scale(shift) <= f64::from(u32::MAX)).unwrap_or(0);
    (scale(shift) as u32, shift as u32)
}

const _: () = assert!(ROWS == 256, "outcomes of a small table are eight bits wide");

/// Last bits of a kick count that samples leave out, so that the sum over `size` targets with at most `kicks_max` each stays below 2^32,
/// however it is rounded.
fn left_out(size: u32, kicks_max: u32) -> u32 {
    (u64::from(size) * u64::from(kicks_max)).max(1).ilog2().saturating_sub(30)
}

#[cfg(test)]
mod tests {
    use super::left_out;

    #[test]
    fn sums_over_all_targets_fit() {
        for (size, kicks_max) in (0..=16).flat_map(|i| (0..31).map(move |j| (1_u32 << i, (1_u32 << j) | 1))) {
            for (size, kicks_max) in [(size, kicks_max), (2 * size - 1, 2 * kicks_max - 1)] {
                let bits = left_out(size, kicks_max);
                let rounded_up = (u64::from(kicks_max) + (1 << bits) - 1) >> bits;
                assert!(u64::from(size) * rounded_up < 1 << 32, "{size} of {kicks_max}");
                assert!(bits == 0 || u64::from(size) * (u64::from(kicks_max) >> (bits - 1)) >= 1 << 30, "too few bits");
            }
        }
    }
}
