//! What of a `dsode` run is structure: populations, bins, projections, options. One shape, one shader.

#![expect(clippy::neg_cmp_op_on_partial_ord, reason = "What is not a number has to be refused")]

use crate::model::bins::resolve;
use crate::model::{Bins, Closure, Density, Network, Noise, Refractory, Variant};
use std::ops::Range;

/// Bins, projections and options that trajectories of one batch share.
#[derive(Clone, Debug, PartialEq)]
pub struct DsodeShape {
    /// Number of voltage bins of each population.
    pub bins: Vec<usize>,
    /// (target, source) of each projection, indices of populations, and beyond them of sources.
    pub projections: Vec<(usize, usize)>,
    /// Number of sources.
    pub sources: usize,
    /// Longest delay line of a population with fixed refractoriness, in steps; 0: none.
    pub delay: usize,
    /// Steps whose spikes are kept, a power of two above the delay of every projection; 1: none has one.
    pub ring: usize,
    /// Closure that keeps fluctuations of kick counts from step to step; otherwise the white one.
    pub coloured: bool,
    /// Linear density of voltages in a bin; otherwise uniform.
    pub linear: bool,
    /// Steps draw finite-size noise.
    pub finite_size: bool,
    /// First bin of each population among those of all.
    starts: Vec<usize>,
    /// What comes in to each population.
    incoming: Vec<Vec<Incoming>>,
}

/// A projection, seen from its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its number, x.
    pub projection: usize,
    /// First of its drift moments among those of all: one per bin of its target.
    pub offset: usize,
}

/// Why a network has no `dsode` of these options.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum ShapeError {
    /// The variant is `snn` or `markov`.
    #[error("`{label}` is no variant of dsode")]
    OtherModel { label: String },
    /// Bins that do not end at the threshold.
    #[error(
        "population {population}: bins of width {bin} from v_min {v_min} do not end at v_th {v_th}; \
         choose `bin` so that (v_th - v_min)/bin is a whole number"
    )]
    Bins { population: String, v_min: f64, v_th: f64, bin: f64 },
    /// A reset outside of the bins.
    #[error("population {population}: v_reset {v_reset} is outside [v_min, v_th) = [{v_min}, {v_th}); lower `v_min`")]
    Reset { population: String, v_reset: f64, v_min: f64, v_th: f64 },
    /// Kicks that would decay within a step.
    #[error("projection {index}: {name} {value} must be 0 or at least the step dt = {dt} ms")]
    TimeConstant { index: usize, name: &'static str, value: f64, dt: f64 },
    /// A membrane that would decay within a step.
    #[error("population {population}: tau_m {tau_m} must be longer than the step dt = {dt} ms")]
    Leak { population: String, tau_m: f64, dt: f64 },
    /// More neurons than f32 counts exactly.
    #[error("population {population}: finite-size noise in f32 counts at most {max} neurons exactly, found {size}")]
    Size { population: String, size: u32, max: u32 },
}

impl DsodeShape {
    /// Largest whole number up to which f32 counts in steps of 1.
    pub const F32_COUNT: u32 = 1 << 24;

    /// With the bins that the variant has on this network.
    pub fn new(network: &Network, variant: &Variant) -> Result<Self, ShapeError> {
        DsodeShape::with_bins(network, variant, &resolve(network, variant))
    }

    /// With bins of each population.
    pub fn with_bins(network: &Network, variant: &Variant, of: &[Bins]) -> Result<Self, ShapeError> {
        let &Variant::Dsode { closure, density, noise, .. } = variant else {
            return Err(ShapeError::OtherModel { label: variant.label() });
        };
        let dt = network.dt;
        let mut bins = Vec::new();
        let mut delay = 0;
        for (p, &Bins { v_min, width: bin }) in network.populations.iter().zip(of) {
            let population = p.name.clone();
            let count = (p.v_th - v_min) / bin;
            if !(bin > 0.0 && count > 0.5 && (count - count.round()).abs() < 1e-6 * count && count < 65_536.0) {
                return Err(ShapeError::Bins { population, v_min, v_th: p.v_th, bin });
            }
            if !(p.v_reset >= v_min && p.v_reset < p.v_th) {
                return Err(ShapeError::Reset { population, v_reset: p.v_reset, v_min, v_th: p.v_th });
            }
            if let Some(tau_m) = p.tau_m.filter(|tau| !(*tau > dt)) {
                return Err(ShapeError::Leak { population, tau_m, dt });
            }
            if p.refractory == Refractory::Fixed {
                delay = delay.max(p.refractory_steps(dt) as usize);
            }
            bins.push(count.round() as usize);
        }
        for (index, p) in network.projections.iter().enumerate() {
            if !(p.is_delta() || p.tau >= dt) {
                return Err(ShapeError::TimeConstant { index, name: "tau", value: p.tau, dt });
            }
        }
        let projections: Vec<_> = network.projections.iter().map(|p| (p.target, p.source)).collect();
        let (coloured, finite_size) = (closure == Closure::Coloured, noise == Noise::FiniteSize);
        let linear = density == Density::Linear;
        let starts = bins.iter().scan(0, |end, count| Some(std::mem::replace(end, *end + count))).collect();
        let mut incoming = vec![vec![]; bins.len()];
        let mut offset = 0;
        for (projection, &(target, _)) in projections.iter().enumerate() {
            incoming[target].push(Incoming { projection, offset });
            offset += bins[target];
        }
        let ring = (network.delay_max() as usize + 1).next_power_of_two();
        let sources = network.sources.len();
        Ok(DsodeShape { bins, projections, sources, delay, ring, coloured, linear, finite_size, starts, incoming })
    }

    /// Whether bins keep second moments of the fluctuations of kick counts.
    pub fn is_local(&self) -> bool {
        self.coloured && self.linear
    }

    /// Number of populations.
    pub fn populations(&self) -> usize {
        self.bins.len()
    }

    /// Bins of all populations.
    pub fn total_bins(&self) -> usize {
        self.bins.iter().sum()
    }

    /// First bin of population `q` among those of all.
    pub fn start(&self, q: usize) -> usize {
        self.starts[q]
    }

    /// Bins of population `q` among those of all.
    pub fn bins_of(&self, q: usize) -> Range<usize> {
        self.starts[q]..self.starts[q] + self.bins[q]
    }

    /// Projections onto population `q`.
    pub fn incoming(&self, q: usize) -> &[Incoming] {
        &self.incoming[q]
    }

    /// First of the drift moments of projection `x` among those of all: one per bin of its target.
    pub fn drift_offset(&self, x: usize) -> usize {
        self.projections[..x].iter().map(|&(target, _)| self.bins[target]).sum()
    }

    /// Drift moments of all projections: 0 with the white closure.
    pub fn drifts(&self) -> usize {
        if self.coloured { self.drift_offset(self.projections.len()) } else { 0 }
    }
}
