//! The numbers of one trajectory, resolved to what a step multiplies with.

use super::real::Real;
use crate::model::{Bins, Decay, Network, Population, Projection, Refractory, Synapse};

/// The numbers of a parameter struct, in the order of its fields, which is the shader's.
pub trait Fields {
    fn fields(&self) -> Vec<f32>;
}

/// One population. Voltages in the network's unit, rates per step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PopulationParameters<T> {
    /// N.
    pub size: T,
    /// Lower edge of the lowest bin.
    pub v_min: T,
    /// Bin width h.
    pub h: T,
    pub dt: T,
    /// dt/tau_m; 0: no leak.
    pub leak: T,
    pub e_leak: T,
    /// Bin of v_reset, and v_reset relative to its lower edge.
    pub reset_bin: T,
    pub reset_voltage: T,
    /// Share of the refractory neurons that leave per step (without a delay line).
    pub release: T,
    /// Length of the delay line in steps; 0: none.
    pub delay: T,
    /// Jump of the mean adaptation per spike of the population, b/N, and its decay per step.
    pub adaptation_jump: T,
    pub adaptation_decay: T,
}

/// One projection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProjectionParameters<T> {
    /// Share of the pending kicks that act and disappear per step, dt/tau.
    pub q: T,
    /// Connection probability.
    pub p: T,
    /// Increment per pending kick: base + slope (v - v_rev).
    pub base: T,
    pub slope: T,
    pub v_rev: T,
    /// 1 where kicks die at random, 0 where they decay.
    pub stochastic_decay: T,
    /// Share of a fluctuation that outlives the target's delay line.
    pub keep_delayed: T,
}

/// Everything that a step multiplies with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters<T> {
    pub populations: Vec<PopulationParameters<T>>,
    pub projections: Vec<ProjectionParameters<T>>,
}

impl<T: Real> Parameters<T> {
    /// Of a network that has a [`super::DsodeShape`] with these bins of its populations.
    pub fn new(network: &Network, bins: &[Bins]) -> Self {
        let dt = network.dt;
        let populations = network.populations.iter().zip(bins);
        let populations = populations.map(|(p, &bins)| PopulationParameters::new(p, bins, dt)).collect();
        let projections = network
            .projections
            .iter()
            .map(|p| ProjectionParameters::new(p, &network.populations[p.target], dt))
            .collect();
        Parameters { populations, projections }
    }
}

impl<T: Real> PopulationParameters<T> {
    fn new(p: &Population, bins: Bins, dt: f64) -> Self {
        let Bins { v_min, width: h } = bins;
        let fixed = p.refractory == Refractory::Fixed;
        // A reset within rounding of the threshold is in the highest bin.
        let reset_bin = ((p.v_reset - v_min) / h + 1e-9).floor().min(f64::from(bins.count(p.v_th)) - 1.0);
        let (jump, decay) = p.adaptation.map_or((0.0, 0.0), |a| (a.b / f64::from(p.size), dt / a.tau));
        PopulationParameters {
            size: T::of(f64::from(p.size)),
            v_min: T::of(v_min),
            h: T::of(h),
            dt: T::of(dt),
            leak: T::of(p.tau_m.map_or(0.0, |tau| dt / tau)),
            e_leak: T::of(p.e_leak),
            reset_bin: T::of(reset_bin),
            reset_voltage: T::of((p.v_reset - v_min - reset_bin * h).max(0.0)),
            release: T::of(if fixed { 1.0 } else { p.release_probability(dt) }),
            delay: T::of(if fixed { f64::from(p.refractory_steps(dt)) } else { 0.0 }),
            adaptation_jump: T::of(jump),
            adaptation_decay: T::of(decay),
        }
    }
}

impl<T: Real> ProjectionParameters<T> {
    fn new(p: &Projection, target: &Population, dt: f64) -> Self {
        let delay = if target.refractory == Refractory::Fixed { target.refractory_steps(dt) } else { 0 };
        let q = p.per_step(dt);
        let (base, slope, v_rev) = match p.synapse {
            Synapse::Excitatory => (p.s * q, 0.0, 0.0),
            Synapse::Inhibitory { v_rev } => (0.0, -p.s * q / (target.v_th - v_rev), v_rev),
        };
        ProjectionParameters {
            q: T::of(q),
            p: T::of(p.p),
            base: T::of(base),
            slope: T::of(slope),
            v_rev: T::of(v_rev),
            stochastic_decay: T::of(if p.decay == Decay::Stochastic { 1.0 } else { 0.0 }),
            keep_delayed: T::of(libm::pow(1.0 - q, f64::from(delay))),
        }
    }
}

impl Fields for PopulationParameters<f32> {
    fn fields(&self) -> Vec<f32> {
        let PopulationParameters { size, v_min, h, dt, leak, e_leak, reset_bin, reset_voltage, release, .. } = *self;
        let PopulationParameters { delay, adaptation_jump, adaptation_decay, .. } = *self;
        let first = [size, v_min, h, dt, leak, e_leak, reset_bin, reset_voltage, release];
        [&first[..], &[delay, adaptation_jump, adaptation_decay]].concat()
    }
}

impl Fields for ProjectionParameters<f32> {
    fn fields(&self) -> Vec<f32> {
        let ProjectionParameters { q, p, base, slope, v_rev, stochastic_decay, keep_delayed } = *self;
        vec![q, p, base, slope, v_rev, stochastic_decay, keep_delayed]
    }
}
