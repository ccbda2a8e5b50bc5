//! The numbers of one trajectory's equations, resolved to what a step multiplies with: made from a network, then free to be
//! changed.

use super::drives::Drives;
use super::fields::fields;
use super::real::Real;
use super::shape::{DsodeShape, ShapeError};
use crate::model::bins::resolve;
use crate::model::{Bins, Decay, Increments, Network, Population, Projection, Refractory, Variant};

/// What rounding may make of images that are equal, relative to the distance of voltages.
const ORDERED: f64 = 1e-6;

fields! {
    /// One population, on both sides of the device's bus. Each field with its unit; voltages in the network's.
    pub struct PopulationParameters: &'static str {
        /// N.
        size: "neurons",
        /// Lower edge of the lowest bin.
        v_min: "voltage",
        /// Bin width.
        h: "voltage",
        /// Length of a step.
        dt: "ms",
        /// Share of the way to e_leak in a step, dt/tau_m; 0: no leak.
        leak: "1",
        /// Where the leak goes to.
        e_leak: "voltage",
        /// Bin of v_reset.
        reset_bin: "1",
        /// v_reset above its bin's lower edge.
        reset_voltage: "voltage",
        /// Share of the refractory neurons that leave per step (without a delay line).
        release: "1",
        /// Length of the delay line; 0: none.
        delay: "steps",
        /// Which of the tables on a device its flow is; without meaning where it has none.
        flow: "tables",
        /// Jump of the mean adaptation per spike of the population, b/N.
        adaptation_jump: "voltage/ms",
        /// Share of the adaptation that decays per step.
        adaptation_decay: "1",
    }
}

fields! {
    /// One projection, on both sides of the device's bus. Each field with its unit; voltages in the network's.
    pub struct ProjectionParameters: &'static str {
        /// Share of the pending kicks that act and disappear per step, dt/tau.
        q: "1",
        /// Connection probability.
        p: "1",
        /// Share of a birth's variance that each further spike of a step takes away: with a fixed in-degree 1/(N_X - 1), else 0.
        taken: "1",
        /// Increment per pending kick: base + slope (v - v_rev).
        base: "voltage",
        /// Per voltage; 0 of a current.
        slope: "1",
        /// Reversal voltage of a conductance.
        v_rev: "voltage",
        /// 1 where kicks die at random, 0 where they decay.
        stochastic_decay: "1",
        /// What the variance of the kick count is divided by where it acts as white noise: dt, or 1 of kicks that act once.
        white_time: "ms",
        /// From the last step back to that whose spikes arrive, D.
        delay: "steps",
        /// Share of a fluctuation that outlives the target's delay line.
        keep_delayed: "1",
        /// Share of the rising kicks that begin to act per step, dt/tau_rise; 0: none rise.
        rise: "1",
        /// Share of a fluctuation of rising kicks that still rises at the end of the target's delay line.
        rising_delayed: "1",
        /// Share of it that acts then.
        risen_delayed: "1",
    }
}

/// The equations of one trajectory: structure, drives, and everything that a step multiplies with.
#[derive(Clone, Debug)]
pub struct Parameters<T> {
    shape: DsodeShape,
    /// The external input of every population.
    pub drives: Drives,
    /// In the order of the network.
    pub populations: Vec<PopulationParameters<T>>,
    /// In the order of the network.
    pub projections: Vec<ProjectionParameters<T>>,
    /// Phi(V) - V of each population from v_min to v_th; of leaky ones nothing.
    pub flows: Vec<Vec<T>>,
}

impl<T: Real> Parameters<T> {
    /// With the bins that the variant has on this network.
    pub fn new(network: &Network, variant: &Variant) -> Result<Self, ShapeError> {
        Parameters::with_bins(network, variant, &resolve(network, variant))
    }

    /// With bins of each population.
    pub fn with_bins(network: &Network, variant: &Variant, bins: &[Bins]) -> Result<Self, ShapeError> {
        let shape = DsodeShape::with_bins(network, variant, bins)?;
        let single = T::one() + T::of(f64::EPSILON) == T::one();
        let uncountable = |p: &&Population| shape.finite_size && single && p.size > DsodeShape::F32_COUNT;
        if let Some(p) = network.populations.iter().find(uncountable) {
            let (population, size, max) = (p.name.clone(), p.size, DsodeShape::F32_COUNT);
            return Err(ShapeError::Size { population, size, max });
        }
        let dt = network.dt;
        let of_flow = |q: usize| flow(&network.populations[q], bins[q], shape.intervals[q], dt);
        let flows = (0..shape.populations()).map(of_flow).collect::<Result<_, _>>()?;
        let populations = network.populations.iter().zip(bins);
        let populations = populations.map(|(p, &bins)| PopulationParameters::new(p, bins, dt)).collect();
        let projections = network.projections.iter().map(|p| ProjectionParameters::new(p, network)).collect();
        Ok(Parameters { shape, drives: Drives::new(network), populations, projections, flows })
    }

    /// Populations, bins, projections and options: what parameters have to fit.
    pub fn shape(&self) -> &DsodeShape {
        &self.shape
    }
}

impl<T: Real> PopulationParameters<T> {
    fn new(p: &Population, bins: Bins, dt: f64) -> Self {
        let Bins { v_min, width: h } = bins;
        let fixed = p.refractory == Refractory::Fixed;
        let (reset_bin, reset_voltage) = bin_at(p.v_reset, v_min, h, bins.count(p.v_th) as usize);
        let (jump, decay) = p.adaptation.map_or((0.0, 0.0), |a| (a.b / f64::from(p.size), dt / a.tau));
        PopulationParameters {
            size: T::of(f64::from(p.size)),
            v_min: T::of(v_min),
            h: T::of(h),
            dt: T::of(dt),
            leak: T::of(p.leak_per_step(dt)),
            e_leak: T::of(p.e_leak),
            reset_bin: T::of(reset_bin as f64),
            reset_voltage: T::of(reset_voltage),
            release: T::of(if fixed { 1.0 } else { p.release_probability(dt) }),
            delay: T::of(if fixed { f64::from(p.refractory_steps(dt)) } else { 0.0 }),
            flow: T::zero(),
            adaptation_jump: T::of(jump),
            adaptation_decay: T::of(decay),
        }
    }
}

/// The table of a population's flow, whose images are in the order of the voltages.
fn flow<T: Real>(p: &Population, bins: Bins, intervals: usize, dt: f64) -> Result<Vec<T>, ShapeError> {
    if intervals == 0 {
        return Ok(vec![]);
    }
    let Bins { v_min: from, width } = bins;
    let spacing = width / intervals as f64;
    let points = bins.count(p.v_th) * intervals as u32 + 1;
    let (least, most) = (f64::NEG_INFINITY, Increments::most(from, p.v_th));
    let table = Increments { from, spacing, points, least, most }.kept(p, dt);
    if let Some(i) = table.windows(2).position(|pair| pair[1] - pair[0] < -(1.0 + ORDERED) * spacing) {
        return Err(ShapeError::Folded { population: p.name.clone(), v: from + (i + 1) as f64 * spacing });
    }
    Ok(table.iter().map(|&x| T::of(x)).collect())
}

/// The bin of voltage `v`, and `v` above its lower edge; within rounding of the threshold it is in the highest bin.
pub(super) fn bin_at(v: f64, v_min: f64, h: f64, bins: usize) -> (usize, f64) {
    let bin = ((v - v_min) / h + 1e-9).floor().min(bins as f64 - 1.0);
    (bin as usize, (v - v_min - bin * h).max(0.0))
}

impl<T: Real> ProjectionParameters<T> {
    fn new(p: &Projection, network: &Network) -> Self {
        let (target, size, dt) = (&network.populations[p.target], network.source_size(p), network.dt);
        let delay = if target.refractory == Refractory::Fixed { target.refractory_steps(dt) } else { 0 };
        let q = p.per_step(dt);
        let worth = p.synapse.sign() * p.s * q;
        let (base, slope, v_rev) = match p.synapse.reversal(target.v_th) {
            None => (worth, 0.0, 0.0),
            Some((v_rev, distance)) => (0.0, worth / distance, v_rev),
        };
        let rise = p.rise_per_step(dt);
        let step = |(rising, risen): (f64, f64)| ((1.0 - rise) * rising, (1.0 - q) * risen + rise * rising);
        let (rising_delayed, risen_delayed) = (0..delay).fold((1.0, 0.0), |shares, _| step(shares));
        ProjectionParameters {
            q: T::of(q),
            p: T::of(network.probability(p)),
            taken: T::of(p.indegree.map_or(0.0, |_| 1.0 / (f64::from(size) - 1.0).max(1.0))),
            base: T::of(base),
            slope: T::of(slope),
            v_rev: T::of(v_rev),
            stochastic_decay: T::of(if p.decay == Decay::Stochastic { 1.0 } else { 0.0 }),
            white_time: T::of(if p.is_delta() { 1.0 } else { dt }),
            delay: T::of(f64::from(p.delay_steps(dt))),
            keep_delayed: T::of(libm::pow(1.0 - q, f64::from(delay))),
            rise: T::of(rise),
            rising_delayed: T::of(rising_delayed),
            risen_delayed: T::of(risen_delayed),
        }
    }
}
