//! `dsode` on the CPU and on a GPU, in three tiers.
//!
//! 1. One step: f32 on the GPU against its f32 twin from the same state, in units of N 2^-23, one rounding of N. A count sums
//!    the shares of the bins within reach, each to some roundings: [`STEP`] for `BINS` of them, more for more.
//! 2. A short horizon: f32 on the GPU against f64, [`HORIZON`] of the rate's peak over [`HORIZON_MS`] from time 0: rounding times
//!    the map's instability, the limit is the model's specification, or [`ALIKE`] times what f32 on the CPU is from f64 where that is more.
//!    With finite-size noise there is no such tier: a draw whose probability differs in the last bit is another number, and the trajectory
//!    another realisation.
//! 3. Statistics: mean rates of the run, f32 on the GPU against f64. Trajectories are chaotic, so in the long run the two differ
//!    like independent ones: [`ERRORS`] standard errors of their difference, estimated from `BLOCKS` blocks of each member, or from
//!    the members, which may end on different attractors, where that is more; besides [`RATE`] of the rate for what rounding does to a
//!    limit cycle, and [`ALIKE`] times what f32 on the CPU does to a deterministic trajectory. With 9 degrees of freedom, those of one
//!    member, 6 standard errors are a false alarm in 5000 comparisons.

use super::verdict::{Check, Tier};
use super::{Chosen, ValidateError};
use crate::ensemble::ModelAtPoint;
use crate::ensemble::self_check::{HORIZON_MS, PEAK_MS};
use crate::gpu::Gpu;
use crate::gpu::pace::Pace;
use crate::model::Network;
use crate::reduced::gpu::{DsodeBatch, DsodeBatchError, DsodeKernel};
use crate::reduced::state::NEURONS;
use crate::reduced::stepping::DsodeDispatch;
use crate::reduced::{Dsode, Real, ShapeError, StateFields};
use crate::statistics::sample::mean_and_error;
use rayon::prelude::*;

/// Units of N 2^-23, for as many bins as the example network has per population.
pub const STEP: f64 = 8.0;
const BINS: f64 = 35.0;
/// Of the peak.
pub const HORIZON: f64 = 1e-4;
/// Of the rate; the example network keeps 5e-5 over 3 s.
pub const RATE: f64 = 1e-3;
pub const ERRORS: f64 = 6.0;
const BLOCKS: u32 = 10;
/// Times as far from f64 as f32 on the CPU is.
pub const ALIKE: f64 = 2.0;
/// One step is compared from this many states on, within the first [`STEPS_MS`].
const STARTS: u32 = 12;
const STEPS_MS: f64 = 30.0;
/// Share of the steps with finite-size noise in which a draw may be another number, besides the first one.
const DRAWS: f64 = 1e-3;

/// Every tier for some members of one model at one point.
pub fn checks(
    gpu: &Gpu,
    at_point: &ModelAtPoint,
    chosen: &Chosen,
    keys: &[[u32; 4]],
) -> Result<Vec<Check>, ValidateError> {
    let (network, variant) = (&at_point.network, &at_point.variant);
    let kernel = DsodeKernel::new(gpu, &at_point.dsode_shape()?)?;
    let check = |tier, compared, error, tolerance, location, ok| Check {
        model: variant.label(),
        tier,
        point: chosen.point,
        members: keys.len() as u32,
        compared,
        largest_error: Some(error),
        tolerance: Some(tolerance),
        location,
        ok,
    };
    let mut checks = Vec::new();

    let mut errors = Vec::new();
    let mut twins = keys.iter().map(|&key| at_point.dsode(key)).collect::<Result<Vec<_>, _>>()?;
    let every = (at_point.steps_in(STEPS_MS) / STARTS).max(1);
    for start in 0..STARTS.min(at_point.steps_in(STEPS_MS)) {
        errors.extend(one_step(gpu, &kernel, network, &mut twins)?);
        let further = if start == 0 { 0 } else { every - 1 };
        for twin in &mut twins {
            (0..further).for_each(|_| {
                twin.step();
            });
        }
    }
    let tolerance = STEP * (kernel.shape.bins.iter().copied().max().unwrap_or(1) as f64 / BINS).max(1.0);
    // A neuron more or less: a draw that is another number.
    let (drawn, rounded): (Vec<&StepError>, Vec<&StepError>) =
        errors.iter().partition(|e| kernel.shape.finite_size && e.neurons >= 0.5);
    let worst = rounded.iter().max_by(|a, b| a.units.total_cmp(&b.units));
    let error = worst.map_or(0.0, |e| e.units);
    let location =
        worst.map_or(String::new(), |e| format!("largest after step {} at {}, in units of N 2^-23", e.step, e.place));
    let location = if drawn.is_empty() { location } else { format!("{location}; {} draws differ", drawn.len()) };
    let few = drawn.len() <= 1 + (DRAWS * errors.len() as f64) as usize;
    let numbers = errors.len() as u64
        * (kernel.shape.total_bins() + kernel.shape.populations() * (2 + kernel.shape.delay)) as u64;
    // Draws that differ make other trajectories, which a few blocks cannot tell from wrong ones.
    let enough = !kernel.shape.finite_size || keys.len() * blocks(at_point) >= BLOCKS as usize;
    let location = if enough { location } else { format!("{location}; too short for rates to be compared") };
    checks.push(check(Tier::Step, numbers, error, tolerance, location, error <= tolerance && few));

    if !kernel.shape.finite_size {
        let (short, long) = (at_point.steps_in(HORIZON_MS), at_point.steps_in(PEAK_MS));
        let found = horizon(gpu, &kernel, at_point.dsode([0; 4])?, at_point.dsode([0; 4])?, short, long)?;
        let error = found.within[0] / found.peak;
        let tolerance = HORIZON.max(ALIKE * found.rounding / found.peak);
        let location = format!("step {}, of a peak of {:.3} neurons", found.step, found.peak);
        let numbers = u64::from(short) * network.populations.len() as u64;
        checks.push(check(Tier::ShortHorizon, numbers, error, tolerance, location, error <= tolerance));
    }

    if enough {
        let (error, tolerance, location) = statistics(gpu, &kernel, at_point, keys)?;
        let numbers = (keys.len() * network.populations.len()) as u64;
        checks.push(check(Tier::Statistics, numbers, error, tolerance, location, error <= tolerance));
    }
    Ok(checks)
}

/// How far one step on the GPU is from one step on the CPU.
#[derive(Clone, Debug)]
pub struct StepError {
    /// Step that was done, from 0.
    pub step: u32,
    /// Largest difference of a count in units of its population's N 2^-23, and in neurons.
    pub units: f64,
    pub neurons: f64,
    /// Field, entry and population of the former.
    pub place: String,
}

/// Lets every trajectory do one step on both; the twins have done it afterwards.
pub fn one_step(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    network: &Network,
    twins: &mut [Dsode<f32>],
) -> Result<Vec<StepError>, DsodeBatchError> {
    let run = dispatch(twins.first().map_or(0, |twin| twin.state().step), 1);
    let mut batch = DsodeBatch::new(gpu, kernel, twins, &run)?;
    batch.run(run)?;
    let states = batch.states()?;
    let mut errors = Vec::new();
    for (state, twin) in states.iter().zip(twins) {
        let step = twin.state().step;
        twin.step();
        let (on_gpu, on_cpu) = (state.fields(&kernel.shape), twin.fields());
        let mut worst = StepError { step, units: 0.0, neurons: 0.0, place: String::new() };
        let fields = StateFields::TABLE.list().into_iter().zip(on_gpu.list()).zip(on_cpu.list());
        for ((field, on_gpu), on_cpu) in fields.filter(|((field, _), _)| field.entry.unit == NEURONS) {
            let rows = field.entry.extent.rows(&kernel.shape);
            let places = rows.iter().flat_map(|row| (0..row.len).map(move |k| (row.population, k)));
            for ((q, k), (a, b)) in places.zip(on_gpu.iter().zip(on_cpu)) {
                let neurons = apart(f64::from(*a), f64::from(*b));
                let units = neurons / (f64::from(network.populations[q].size) * f64::from(f32::EPSILON));
                if units > worst.units {
                    worst.place = format!("{}[{k}] of {}", field.name, network.populations[q].name);
                    worst.units = units;
                }
                worst.neurons = worst.neurons.max(neurons);
            }
        }
        errors.push(worst);
    }
    Ok(errors)
}

/// What is no number is infinitely far away.
fn apart(a: f64, b: f64) -> f64 {
    let apart = (a - b).abs();
    if apart.is_nan() { f64::INFINITY } else { apart }
}

/// How far a trajectory in f32 on the GPU is from f64.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Most neurons of a population that fired in a step, at least 1.
    pub peak: f64,
    /// Largest difference of such a number within the short and within the long time.
    pub within: [f64; 2],
    /// Step of the former.
    pub step: u32,
    /// Largest difference between f32 on the CPU and f64 within the short time.
    pub rounding: f64,
}

/// Compares the first `long` steps of a trajectory in both precisions; the largest difference within `short` counts apart.
pub fn horizon(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    mut exact: Dsode<f64>,
    start: Dsode<f32>,
    short: u32,
    long: u32,
) -> Result<Horizon, DsodeBatchError> {
    let most = Pace::most(kernel.steps_max(gpu));
    let mut twin = start.clone();
    let mut batch = DsodeBatch::new(gpu, kernel, &[start], &dispatch(0, most))?;
    let mut found = Horizon { peak: 1.0, within: [0.0; 2], step: 0, rounding: 0.0 };
    let mut step = 0;
    while step < long {
        let steps = most.min(long - step);
        let outputs = batch.run(dispatch(step, steps))?;
        for (i, spikes) in (0..).zip(outputs[0].spikes.chunks(kernel.shape.populations())) {
            let on_cpu = if step + i < short { twin.step() } else { &[] };
            let exact = exact.step();
            for (on_cpu, exact) in on_cpu.iter().zip(exact) {
                found.rounding = found.rounding.max(apart(f64::from(*on_cpu), *exact));
            }
            for (on_gpu, exact) in spikes.iter().zip(exact) {
                let apart = apart(f64::from(*on_gpu), *exact);
                found.peak = found.peak.max(*exact);
                found.within[1] = found.within[1].max(apart);
                if step + i < short && apart > found.within[0] {
                    (found.within[0], found.step) = (apart, step + i);
                }
            }
        }
        step += steps;
    }
    Ok(found)
}

/// Steps of which only spikes are wanted.
fn dispatch(first: u32, steps: u32) -> DsodeDispatch {
    DsodeDispatch::new(first, steps, u32::MAX, u32::MAX)
}

/// Mean rates of blocks of the window: (population, member and block).
pub struct BlockRates(pub Vec<Vec<f64>>);

/// How many blocks the window has.
fn blocks(at_point: &ModelAtPoint) -> usize {
    BLOCKS.min(at_point.steps - at_point.discard_steps) as usize
}

/// Adds up spikes in blocks of the window.
struct Blocks<'a> {
    at_point: &'a ModelAtPoint,
    /// (population, block).
    spikes: Vec<Vec<f64>>,
}

impl<'a> Blocks<'a> {
    fn new(at_point: &'a ModelAtPoint) -> Blocks<'a> {
        Blocks { at_point, spikes: vec![vec![0.0; blocks(at_point)]; at_point.network.populations.len()] }
    }

    fn count(&mut self, step: u32, fired: impl Iterator<Item = f64>) {
        let Some(after) = step.checked_sub(self.at_point.discard_steps) else { return };
        let window = u64::from(self.at_point.steps - self.at_point.discard_steps);
        for (spikes, fired) in self.spikes.iter_mut().zip(fired) {
            let block = u64::from(after) * spikes.len() as u64 / window;
            spikes[block as usize] += fired;
        }
    }

    /// Hz; (population, block).
    fn rates(self) -> Vec<Vec<f64>> {
        let window = f64::from(self.at_point.steps - self.at_point.discard_steps) * self.at_point.network.dt / 1000.0;
        let of = |spikes: Vec<f64>, size: u32| {
            let scale = spikes.len() as f64 / (window * f64::from(size));
            spikes.into_iter().map(|s| s * scale).collect()
        };
        self.spikes.into_iter().zip(&self.at_point.network.populations).map(|(s, p)| of(s, p.size)).collect()
    }
}

/// Rates of blocks of every member on the CPU in precision T.
pub fn cpu_rates<T: Real>(at_point: &ModelAtPoint, keys: &[[u32; 4]]) -> Result<BlockRates, ShapeError> {
    let members: Result<Vec<_>, ShapeError> = keys
        .par_iter()
        .map(|&key| {
            let mut model = at_point.dsode::<T>(key)?;
            let mut blocks = Blocks::new(at_point);
            for step in 0..at_point.steps {
                let fired = model.step().iter().map(|fired| fired.to_f64());
                blocks.count(step, fired);
            }
            Ok(blocks.rates())
        })
        .collect();
    Ok(united(members?))
}

/// All members' blocks of a population side by side.
fn united(members: Vec<Vec<Vec<f64>>>) -> BlockRates {
    let mut all: Vec<Vec<f64>> = Vec::new();
    for member in members {
        all.resize(member.len(), Vec::new());
        all.iter_mut().zip(member).for_each(|(all, rates)| all.extend(rates));
    }
    BlockRates(all)
}

/// Largest relative error of a mean rate, its tolerance, and where it is.
fn statistics(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    at_point: &ModelAtPoint,
    keys: &[[u32; 4]],
) -> Result<(f64, f64, String), ValidateError> {
    let start = keys.iter().map(|&key| at_point.dsode(key));
    let most = Pace::most(kernel.steps_max(gpu));
    let mut batch = DsodeBatch::new(gpu, kernel, &start.collect::<Result<Vec<_>, _>>()?, &dispatch(0, most))?;
    let mut blocks: Vec<Blocks> = keys.iter().map(|_| Blocks::new(at_point)).collect();
    let mut step = 0;
    while step < at_point.steps {
        let steps = most.min(at_point.steps - step);
        for (blocks, output) in blocks.iter_mut().zip(batch.run(dispatch(step, steps))?) {
            for (i, spikes) in (0..).zip(output.spikes.chunks(at_point.network.populations.len())) {
                blocks.count(step + i, spikes.iter().map(|&x| f64::from(x)));
            }
        }
        step += steps;
    }
    let on_gpu = united(blocks.into_iter().map(Blocks::rates).collect());
    let exact = cpu_rates::<f64>(at_point, keys)?;
    let rounding = rounding(at_point, keys, &exact)?;
    let compared = at_point.network.populations.iter().enumerate().map(|(q, population)| {
        let (expected, _) = mean_and_error(&exact.0[q]);
        // Block by block: as long as the trajectories stay together, nearly nothing is allowed.
        let apart: Vec<f64> = on_gpu.0[q].iter().zip(&exact.0[q]).map(|(on_gpu, exact)| on_gpu - exact).collect();
        let (difference, by_blocks) = mean_and_error(&apart);
        let members: Vec<f64> =
            apart.chunks((apart.len() / keys.len()).max(1)).map(|blocks| mean_and_error(blocks).0).collect();
        let (error, tolerance) = relative((difference, by_blocks.max(mean_and_error(&members).1)), expected);
        let tolerance = tolerance + ALIKE * rounding[q];
        let rate = mean_and_error(&on_gpu.0[q]).0;
        (error, tolerance, format!("rate_{}: {rate:.3} Hz on the GPU, {expected:.3} Hz in f64", population.name))
    });
    Ok(compared.max_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1))).unwrap_or((0.0, RATE, String::new())))
}

/// What f32 on the CPU does to the mean rate of each population, relative to f64, where nothing but rounding can.
pub fn rounding(at_point: &ModelAtPoint, keys: &[[u32; 4]], exact: &BlockRates) -> Result<Vec<f64>, ShapeError> {
    if !at_point.variant.is_deterministic() {
        return Ok(vec![0.0; exact.0.len()]);
    }
    let single = cpu_rates::<f32>(at_point, keys)?;
    let of = |(single, exact): (&Vec<f64>, &Vec<f64>)| {
        let expected = mean_and_error(exact).0;
        relative((mean_and_error(single).0 - expected, 0.0), expected).0
    };
    Ok(single.0.iter().zip(&exact.0).map(of).collect())
}

/// Error and tolerance of a mean rate relative to the expected one, from their difference and its standard error.
pub fn relative((apart, error): (f64, f64), expected: f64) -> (f64, f64) {
    // A rate below this is silence.
    let scale = expected.abs().max(1e-3);
    (apart.abs() / scale, ERRORS * error / scale + RATE)
}
