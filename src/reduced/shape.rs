//! What of a `dsode` run is structure: populations, bins, projections, options. One shape, one shader.

#![expect(clippy::neg_cmp_op_on_partial_ord, reason = "What is not a number has to be refused")]

use crate::model::bins::resolve;
use crate::model::{Bins, Closure, Density, Network, Noise, Population, Refractory, Variant};
use std::ops::Range;

/// Bins, projections and options that trajectories of one batch share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DsodeShape {
    /// Number of voltage bins of each population.
    pub bins: Vec<usize>,
    /// (target, source) of each projection, indices of populations, and beyond them of sources.
    pub projections: Vec<(usize, usize)>,
    /// Projections whose kicks rise before they act.
    pub rising: Vec<usize>,
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
    /// Intervals per bin of the table of a nonlinear population's flow; 0 of a leaky one.
    pub intervals: Vec<usize>,
    /// First bin of each population among those of all.
    starts: Vec<usize>,
    /// What comes in to each population.
    incoming: Vec<Vec<Incoming>>,
}

/// Intervals of the table of a flow, at least.
const FLOW_INTERVALS: usize = 4096;

/// A projection, seen from its target: its pending kicks or, with the coloured closure, its rising ones, whose fluctuations have a number
/// of their own beyond those of all projections. Those that act come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Incoming {
    /// Its number, x.
    pub projection: usize,
    /// First of its drift moments among those of all: one per bin of its target.
    pub offset: usize,
    /// The projection whose kicks they are: another one than x where they rise.
    pub acting: usize,
    /// First of the drift moments of its kicks that act.
    pub acting_offset: usize,
}

/// Steps that a fixed refractory time has at most.
const MOST_REFRACTORY: u32 = 1_000_000;

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
    #[error("projections.{projection}.tau: found {tau}, allowed: 0, or at least time.dt = {dt} ms")]
    TimeConstant { projection: String, tau: f64, dt: f64 },
    /// A membrane that would decay within a step.
    #[error("population {population}: tau_m {tau_m} is too short for a step of dt = {dt} ms")]
    Leak { population: String, tau_m: f64, dt: f64 },
    /// Neurons that are refractory for more steps than are kept.
    #[error(
        "populations.{population}.tau_ref: found {tau_ref}, {steps} steps with refractory: fixed, allowed: at most {MOST_REFRACTORY} steps, each \
         of which dsode keeps; take a longer time.dt, or refractory: exponential"
    )]
    Refractory { population: String, tau_ref: f64, steps: u32 },
    /// A flow that takes a voltage past a higher one.
    #[error(
        "population {population}: a step takes {v} below where it takes lower voltages, which bins cannot follow; choose a higher `v_min`, a \
         shorter time.dt or, for `euler`, `step: exact`"
    )]
    Folded { population: String, v: f64 },
    /// Kicks of two stages, of which bins keep no second moments.
    #[error(
        "projections.{projection}.tau_rise: none with `closure: coloured` and `density: linear`; choose `density: uniform`, or white"
    )]
    Rise { projection: String },
    /// More neurons than f32 counts exactly.
    #[error("population {population}: finite-size noise in f32 counts at most {max} neurons exactly, found {size}")]
    Size { population: String, size: u32, max: u32 },
}

/// Number of a population's bins.
fn count(p: &Population, &Bins { v_min, width: bin }: &Bins, dt: f64) -> Result<usize, ShapeError> {
    let population = p.name.clone();
    let count = (p.v_th - v_min) / bin;
    if !(bin > 0.0 && count > 0.5 && (count - count.round()).abs() < 1e-6 * count && count < 65_536.0) {
        return Err(ShapeError::Bins { population, v_min, v_th: p.v_th, bin });
    }
    if !(p.v_reset >= v_min && p.v_reset < p.v_th) {
        return Err(ShapeError::Reset { population, v_reset: p.v_reset, v_min, v_th: p.v_th });
    }
    if let Some(tau_m) = p.tau_m.filter(|tau| !(*tau >= p.step.least(dt))) {
        return Err(ShapeError::Leak { population, tau_m, dt });
    }
    let steps = p.refractory_steps(dt);
    if p.refractory == Refractory::Fixed && steps > MOST_REFRACTORY {
        return Err(ShapeError::Refractory { population, tau_ref: p.tau_ref, steps });
    }
    Ok(count.round() as usize)
}

/// What comes in to each population: kicks that act, and after them, of projections that rise, those that will.
fn incoming(bins: &[usize], projections: &[(usize, usize)], rising: &[usize]) -> Vec<Vec<Incoming>> {
    let mut incoming = vec![vec![]; bins.len()];
    let mut offset = 0;
    let mut offsets = Vec::with_capacity(projections.len());
    let acting = (0..projections.len()).map(|x| (x, x));
    let to_act = rising.iter().enumerate().map(|(i, &acting)| (projections.len() + i, acting));
    for (projection, acting) in acting.chain(to_act) {
        let target = projections[acting].0;
        offsets.push(offset);
        incoming[target].push(Incoming { projection, offset, acting, acting_offset: offsets[acting] });
        offset += bins[target];
    }
    incoming
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
        let counts = network.populations.iter().zip(of).map(|(p, of)| count(p, of, network.dt));
        let bins = counts.collect::<Result<Vec<_>, _>>()?;
        if let Some(p) = network.projections.iter().find(|p| !(p.is_delta() || p.tau >= network.dt)) {
            let projection = network.projection_name(p);
            return Err(ShapeError::TimeConstant { projection, tau: p.tau, dt: network.dt });
        }
        let projections: Vec<_> = network.projections.iter().map(|p| (p.target, p.source)).collect();
        let (coloured, finite_size) = (closure == Closure::Coloured, noise == Noise::FiniteSize);
        let linear = density == Density::Linear;
        let rises = |x: &usize| network.projections[*x].tau_rise.is_some();
        let rising: Vec<usize> = (0..projections.len()).filter(rises).collect();
        if let (true, true, Some(&x)) = (coloured, linear, rising.first()) {
            return Err(ShapeError::Rise { projection: network.projection_name(&network.projections[x]) });
        }
        let of_flow =
            |(p, &bins): (&Population, &usize)| if p.neuron.is_lif() { 0 } else { FLOW_INTERVALS.div_ceil(bins) };
        let intervals = network.populations.iter().zip(&bins).map(of_flow).collect();
        let starts = bins.iter().scan(0, |end, count| Some(std::mem::replace(end, *end + count))).collect();
        let incoming = incoming(&bins, &projections, if coloured { &rising } else { &[] });
        let fixed = network.populations.iter().filter(|p| p.refractory == Refractory::Fixed);
        let delay = fixed.map(|p| p.refractory_steps(network.dt) as usize).max().unwrap_or(0);
        let ring = (network.delay_max() as usize + 1).next_power_of_two();
        let sources = network.sources.len();
        Ok(DsodeShape {
            bins,
            projections,
            rising,
            sources,
            delay,
            ring,
            coloured,
            linear,
            finite_size,
            intervals,
            starts,
            incoming,
        })
    }

    /// Whether bins keep second moments of the fluctuations of kick counts.
    pub fn is_local(&self) -> bool {
        self.coloured && self.linear
    }

    /// Points of the longest table of a flow; 0 without nonlinear populations.
    pub fn flow_points(&self) -> usize {
        let points = self.intervals.iter().zip(&self.bins).filter(|(intervals, _)| **intervals > 0);
        points.map(|(intervals, bins)| intervals * bins + 1).max().unwrap_or(0)
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

    /// Whose fluctuations there are, as projections: of pending kicks, then, with the coloured closure, of rising ones.
    pub fn fluctuations(&self) -> impl Iterator<Item = usize> {
        (0..self.projections.len()).chain(self.rising.iter().copied().filter(|_| self.coloured))
    }

    /// First of the drift moments of fluctuation `x` among those of all: one per bin of its target.
    pub fn drift_offset(&self, x: usize) -> usize {
        self.fluctuations().take(x).map(|projection| self.bins[self.projections[projection].0]).sum()
    }

    /// Drift moments of all fluctuations: 0 with the white closure.
    pub fn drifts(&self) -> usize {
        if self.coloured { self.drift_offset(self.fluctuations().count()) } else { 0 }
    }
}
