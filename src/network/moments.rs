//! The constants with which `markov` carries mean and variance of the kick counts, and turns them into noise.
//!
//! Both moments are in units of 2^-fraction kicks, below 2^30; the variance never exceeds the mean, because a step that
//! starts with s2 <= mu ends with s2 <= (1-q) mu + p (1-p) c <= mu; of a source, whose kicks are Poisson, the two are equal but for
//! rounding. [`super::markov`] has the ranges that follow.

use super::parameters::ProjectionParameters;
use super::scale::{Scale, exp2, exponent};
use crate::model::{Decay, Network, Origin, Projection};
use bytemuck::Zeroable;

/// Largest deviation of a neuron's kick count from a mean of `kicks`: eight standard deviations.
pub fn deviation_bound(kicks: f64) -> f64 {
    8.0 * kicks.sqrt()
}

impl Scale {
    /// Constants of one projection whose mean kick count stays below `bound`.
    pub(super) fn moments(&self, network: &Network, projection: &Projection, bound: f64) -> ProjectionParameters {
        // Where few of the source's spikes reach a target, they are counted in a coarser unit than the kicks that they bring. What a source
        // sends is counted in kicks.
        let (outside, spikes) = match network.origin(projection) {
            Origin::Population(source) => (false, f64::from(source.size)),
            Origin::Source(_) => (true, 0.0),
        };
        let fraction = 29 - exponent(bound);
        let spikes_fraction = 29 - exponent(bound.max(spikes));
        let unit = exp2(fraction);
        // Below 2^32, since p N is at most the bound.
        let per_spike = |births: f64| (births * exp2(31 + fraction - spikes_fraction)).round() as u32;
        let (current, conductance) = self.kick(projection);
        let (current, conductance) = (current * exp2(self.current), conductance * exp2(self.conductance));
        let multiplier = |x: f64| (x * exp2(31) / unit).round() as u32;
        // A step's noise of white kicks; kicks that act once are as noisy as they are many.
        let root = if projection.is_delta() { 1.0 } else { self.dt().sqrt() };
        let (current_noise, current_noise_exponent) = size_and_exponent(current / root);
        let (conductance_noise, conductance_noise_exponent) = size_and_exponent(conductance / root);
        let (p, q) = (network.probability(projection), projection.per_step(self.dt()));
        let r = projection.rise_per_step(self.dt());
        let share = |x: f64| (x * exp2(32)).round() as u32;
        ProjectionParameters {
            kicks_max: (bound * unit) as u32,
            fraction: fraction as u32,
            spikes_fraction: spikes_fraction as u32,
            current_high: multiplier(current),
            conductance_high: multiplier(conductance),
            decay: share(q),
            rise: share(r),
            rise_square: share(r * r),
            rise_variance: share(r * (2.0 - r)),
            rise_scatter: share(r * (1.0 - r)),
            rise_kept: share(r * (1.0 - q)),
            covariance_decay: share(q + r - q * r),
            connect: per_spike(p),
            delay: projection.delay_steps(self.dt()),
            variance_decay: share(q * (2.0 - q)),
            deaths_variance: match projection.decay {
                Decay::Stochastic => share(q * (1.0 - q)),
                Decay::Deterministic => 0,
            },
            // Births of a source are Poisson.
            births_variance: per_spike(if outside { 1.0 } else { p * (1.0 - p) }),
            // Never more than 1 for all of the source's spikes.
            births_taken: projection.indegree.map_or(0, |_| u32::MAX / (spikes as u32).saturating_sub(1).max(1)),
            current_noise,
            current_noise_exponent,
            conductance_noise,
            conductance_noise_exponent,
            deviation_max: (deviation_bound(bound) * unit) as u32,
            // What is of `snn` alone.
            ..ProjectionParameters::zeroed()
        }
    }
}

/// (size, exponent) so that x = size 2^-exponent, size of 16 bits; below 2^-25 size has fewer, and nothing notices.
fn size_and_exponent(x: f64) -> (u32, i32) {
    if x == 0.0 {
        return (0, 0);
    }
    let bits = (15 - exponent(x)).min(40);
    ((x * exp2(bits)).round().min(65535.0) as u32, bits)
}
