//! `bench`: how fast this machine is, model by model and size by size, next to how fast it could be.
//!
//! Members are stepped by the same functions that `run` calls. Their number is doubled until the rate is flat or they no longer
//! fit; then the kernels alone and a whole run of the same members (statistics, log and files included) are timed in turn.

pub mod kernel;
pub mod operations;
pub mod peak;
pub mod suite;
pub mod table;

use crate::config::ConfigErrors;
use crate::ensemble::batch::BatchError;
use crate::ensemble::gpu::Device;
use crate::ensemble::model_at_point::PointError;
use crate::ensemble::run::{Options, RunError, run};
use crate::ensemble::{Ensemble, ModelAtPoint};
use crate::model::Variant;
use crate::network::shape::{Model, NetworkShape};
use crate::network::state::state_words;
use kernel::KernelRun;
use operations::Activity;
use peak::Peak;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use suite::{Case, Law};

/// A doubling of members that gains less than this is none; two in a row end the doubling.
const GAIN: f64 = 1.1;
/// Fewest steps of a measurement, and of one with statistics.
const FEWEST: u32 = 20;
const FEWEST_WITH_STATISTICS: u32 = 200;
const MOST: u32 = 2_000_000;
/// Bytes of members under way on the CPU, states and statistics.
const HOST_BYTES: u64 = 2 << 30;
const STATISTICS_BYTES: u64 = 200_000;
/// Most members on the CPU of a case that asks how cost grows with them.
const MEMBERS_OF_LAW: usize = 256;
/// The share of a case's time that doubling members may take.
const DOUBLING: f64 = 0.5;

#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    #[error(transparent)]
    Point(#[from] PointError),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{}: {source}", path.display())]
    TemporaryDirectory { path: PathBuf, source: std::io::Error },
}

/// What was measured on one case.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub name: String,
    /// Cost law and place along it.
    pub law: Option<(Law, f64)>,
    /// Neurons of a network; 0 for `dsode`.
    pub neurons: u64,
    /// What a step advances: `neuron-steps` or `trajectory-steps`.
    pub unit: &'static str,
    /// Kernel rates on the way up.
    pub suite: Vec<Doubling>,
    /// Members and steps of the final measurement; its kernel rate in units per second.
    pub members: usize,
    pub steps: u32,
    pub rate: f64,
    /// Units per second of a whole run; `None` where only the kernel was asked for.
    pub end_to_end: Option<f64>,
    /// Kicks delivered per second; `None` for `dsode`, which has none.
    pub synaptic_events: Option<f64>,
    /// Simulated seconds, of all members, per second.
    pub biological: f64,
    /// Mean firing rate in Hz (networks).
    pub firing: Option<f64>,
    /// Operations per unit, and the units per second that the device's peak would allow.
    pub operations: f64,
    pub ceiling: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Doubling {
    pub members: usize,
    /// Units per second.
    pub rate: f64,
    /// Microseconds per step of all members.
    pub step: f64,
}

/// Measures one case within about `budget` seconds.
pub fn measure(case: &Case, budget: f64, mut device: Option<&mut Device>, peak: &Peak) -> Result<Row, BenchError> {
    let begun = Instant::now();
    let slice = budget / 20.0;
    let all_members = matches!(case.law, Some((Law::Members, _)));
    let mut steps = FEWEST;
    let mut bench = Bench::new(case, 1, steps)?;
    let most = match device.as_deref_mut() {
        Some(device) => kernel::most_members(device, &bench.at_points[0])?,
        None => (HOST_BYTES / bench.bytes()) as usize,
    };
    let most = if all_members && device.is_none() { most.min(MEMBERS_OF_LAW) } else { most };
    let doubling = if all_members { 1.0 } else { DOUBLING };
    if device.is_some() {
        // Drivers compile a kernel when it first runs.
        bench.kernel(&mut device)?;
    }
    let mut kernel_run = bench.kernel(&mut device)?;
    while kernel_run.seconds < slice / 2.0 && steps < MOST {
        let factor = (slice / kernel_run.seconds.max(1e-6)).clamp(2.0, 32.0);
        steps = ((f64::from(steps) * factor) as u32).min(MOST);
        bench = Bench::new(case, 1, steps)?;
        kernel_run = bench.kernel(&mut device)?;
    }
    let mut suite = vec![bench.doubling(&kernel_run)];
    let mut flat = 0;
    while flat < 2 && 2 * bench.members <= most && begun.elapsed().as_secs_f64() < doubling * budget {
        let last = suite[suite.len() - 1];
        steps = whole(slice / (2e-6 * last.step), FEWEST);
        bench = Bench::new(case, 2 * bench.members, steps)?;
        let next = bench.doubling(&bench.kernel(&mut device)?);
        let best = suite.iter().map(|doubling| doubling.rate).fold(0.0, f64::max);
        flat = if next.rate > GAIN * best || all_members { 0 } else { flat + 1 };
        suite.push(next);
    }
    let best = suite.iter().copied().max_by(|a, b| a.rate.total_cmp(&b.rate)).unwrap_or(suite[0]);
    let rest = (budget - begun.elapsed().as_secs_f64()).max(slice);
    let parts = if case.law.is_some() { 1.0 } else { 3.5 };
    let bench = Bench::new(case, best.members, whole(rest / parts / (1e-6 * best.step), FEWEST_WITH_STATISTICS))?;
    let before = bench.kernel(&mut device)?;
    let (mut kernels, mut end_to_end) = (vec![before], None);
    if case.law.is_none() {
        end_to_end = Some(bench.work() / bench.whole(&mut device)?);
        kernels.push(bench.kernel(&mut device)?);
    }
    Ok(bench.row(case, suite, &kernels, end_to_end, device.is_some(), peak))
}

/// A whole number of steps.
fn whole(steps: f64, fewest: u32) -> u32 {
    (steps as u32).clamp(fewest, MOST)
}

/// Members of one case.
struct Bench {
    ensemble: Ensemble,
    at_points: Vec<ModelAtPoint>,
    members: usize,
    steps: u32,
}

impl Bench {
    fn new(case: &Case, members: usize, steps: u32) -> Result<Bench, BenchError> {
        let ensemble = Ensemble::new(case.experiment(members, steps)?, false)?;
        let points = 0..ensemble.schema.points.len() as u32;
        let at_points = points.map(|point| ensemble.at_point(0, point)).collect::<Result<_, _>>()?;
        Ok(Bench { ensemble, at_points, members, steps })
    }

    /// Bytes that a member takes on the host while it runs.
    fn bytes(&self) -> u64 {
        let at_point = &self.at_points[0];
        let state = match Model::of(&at_point.variant) {
            Some(model) => 4 * state_words(&NetworkShape::new(&at_point.network, model)),
            None => 100 * at_point.size(),
        };
        state + STATISTICS_BYTES
    }

    /// Steps times neurons, or trajectories.
    fn work(&self) -> f64 {
        self.members as f64 * f64::from(self.steps) * self.neurons().max(1) as f64
    }

    fn neurons(&self) -> u64 {
        match self.at_points[0].variant {
            Variant::Dsode { .. } => 0,
            _ => self.at_points[0].size(),
        }
    }

    fn kernel(&self, device: &mut Option<&mut Device>) -> Result<KernelRun, BenchError> {
        Ok(kernel::run(&self.ensemble, &self.at_points, device.as_deref_mut())?)
    }

    fn doubling(&self, kernel_run: &KernelRun) -> Doubling {
        let step = kernel_run.seconds / f64::from(self.steps) * 1e6;
        Doubling { members: self.members, rate: self.work() / kernel_run.seconds, step }
    }

    /// Seconds of a whole run, its files included.
    fn whole(&self, device: &mut Option<&mut Device>) -> Result<f64, BenchError> {
        let scratch = TemporaryDirectory::new()?;
        let stop = AtomicBool::new(false);
        let options = Options { quiet: true, ..Options::new(&stop) };
        let begun = Instant::now();
        let devices = device.as_deref_mut().map_or(&mut [][..], std::slice::from_mut);
        run(&self.ensemble, &scratch.path, devices, &options)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    fn row(
        &self,
        case: &Case,
        suite: Vec<Doubling>,
        kernels: &[KernelRun],
        end_to_end: Option<f64>,
        gpu: bool,
        peak: &Peak,
    ) -> Row {
        let at_point = &self.at_points[0];
        let network = &at_point.network;
        let seconds = kernels.iter().map(|kernel_run| kernel_run.seconds).sum::<f64>() / kernels.len() as f64;
        let rate = self.work() / seconds;
        let activity = kernels.iter().fold(Activity::default(), |sum, kernel_run| sum.merge(&kernel_run.activity));
        let steps_per_second = self.members as f64 * f64::from(self.steps) / seconds;
        let (operations, of_peak) = match Model::of(&at_point.variant) {
            Some(model) => (operations::of_neuron(&NetworkShape::new(network, model), &activity), peak.integers),
            None => {
                let variances: Vec<f64> =
                    network.populations.iter().map(|p| p.drive.variance(0.0, network.dt)).collect();
                let operations =
                    operations::of_trajectory(&variances, &at_point.dsode_bins, &at_point.bin_counts(), gpu);
                (operations, peak.floats)
            }
        };
        let per_step = |spikes: f64| spikes / activity.steps.max(1.0);
        let events = network.projections.iter().map(|projection| {
            let targets = f64::from(network.populations[projection.target].size);
            per_step(activity.spikes.get(projection.source).copied().unwrap_or(0.0))
                * network.probability(projection)
                * targets
        });
        let networks = self.neurons() > 0;
        let spikes: f64 = activity.spikes.iter().sum();
        Row {
            name: case.name.clone(),
            law: case.law,
            neurons: self.neurons(),
            unit: suite::unit(at_point),
            suite,
            members: self.members,
            steps: self.steps,
            rate,
            end_to_end,
            synaptic_events: networks.then(|| events.sum::<f64>() * steps_per_second),
            biological: steps_per_second * network.dt / 1000.0,
            firing: networks.then(|| per_step(spikes) / self.neurons() as f64 / network.dt * 1000.0),
            operations,
            ceiling: of_peak / operations,
        }
    }
}

/// A directory that goes with its owner.
struct TemporaryDirectory {
    path: PathBuf,
}

impl TemporaryDirectory {
    fn new() -> Result<TemporaryDirectory, BenchError> {
        // A process of the same number may have been killed.
        let name = |i: u32| format!("snn-ensemble-bench-{}-{i}", std::process::id());
        let mut i = 0;
        loop {
            let path = std::env::temp_dir().join(name(i));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(TemporaryDirectory { path }),
                Err(there) if there.kind() == std::io::ErrorKind::AlreadyExists => i += 1,
                Err(source) => return Err(BenchError::TemporaryDirectory { path, source }),
            }
        }
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // What stays behind lies in the system's directory for such things.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
