//! Networks and runs that several tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Bins;
use snn_ensemble::network::member::{Context, Dispatch, Output};
use snn_ensemble::network::shape::{Model, Shape};
use snn_ensemble::network::stepping::Member;
use snn_ensemble::network::tables::Tables;

pub const BINS: Bins = Bins { v_min: -40.0, width: 4.0 };

pub fn population(name: &str, size: u32) -> Population {
    Population {
        name: name.into(),
        size,
        v_th: 100.0,
        v_reset: 0.0,
        e_leak: 0.0,
        tau_m: None,
        tau_ref: 4.0,
        refractory: Refractory::Exponential,
        initial: Initial::Reset,
        drive: Drive { kind: DriveKind::Gaussian, weight: 1.0, rate: Rate::Constant(7.0) },
        adaptation: None,
    }
}

pub fn projection(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { target, source, synapse: Synapse::Excitatory, p: 0.8, s, tau, decay: Decay::Stochastic }
}

pub fn inhibitory(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { synapse: Synapse::Inhibitory { v_rev: -66.0 }, ..projection(target, source, s, tau) }
}

/// The example network of Chang et al. (2025).
pub fn paper() -> Network {
    Network {
        dt: 0.1,
        populations: vec![population("E", 300), population("I", 100)],
        projections: vec![
            projection(0, 0, 0.95, 1.4),
            inhibitory(0, 1, 2.71, 4.5),
            projection(1, 0, 1.25, 1.2),
            inhibitory(1, 1, 2.45, 4.5),
        ],
        connectivity: Connectivity::Annealed,
    }
}

pub fn every_population(mut network: Network, change: impl Fn(&mut Population)) -> Network {
    network.populations.iter_mut().for_each(change);
    network
}

pub fn every_projection(mut network: Network, change: impl Fn(&mut Projection)) -> Network {
    network.projections.iter_mut().for_each(change);
    network
}

/// How a CPU run is cut up; results do not depend on it.
#[derive(Clone, Copy)]
pub struct CpuCut {
    /// Share the steps of a large network out over threads.
    pub threads: bool,
    pub stored_wiring: bool,
}

/// `steps` steps of a model on the CPU in stretches of `stretch`.
pub fn run_cpu(
    network: &Network,
    model: Model,
    key: [u32; 4],
    steps: u32,
    stretch: u32,
    window: u32,
    cut: CpuCut,
) -> Vec<Output> {
    watch_cpu(network, model, key, steps, stretch, window, cut, |_, _| {})
}

/// The same, and `watch` sees the member after each step.
#[allow(clippy::too_many_arguments, reason = "a run is cut up in many ways")]
pub fn watch_cpu(
    network: &Network,
    model: Model,
    key: [u32; 4],
    steps: u32,
    stretch: u32,
    window: u32,
    cut: CpuCut,
    mut watch: impl FnMut(u32, &Member),
) -> Vec<Output> {
    let shape = Shape::new(network, model);
    let mut tables = Tables::new(stretch);
    let point = tables.place(network, model, BINS).unwrap();
    let bins: Vec<u32> = network.populations.iter().map(|p| BINS.count(p.v_th)).collect();
    let mut outputs = Vec::new();
    let mut member = None;
    let mut first = 0;
    while first < steps {
        let now = stretch.min(steps - first);
        let (drive, rows) = tables.drive(first, now);
        let words = tables.with_rows(&rows);
        let context = Context {
            shape: &shape,
            populations: &point.populations,
            projections: &point.projections,
            tables: &words,
            normal: tables.normal,
            drive: &drive,
            key,
            dispatch: Dispatch::new(first, now, window, (1.0 / network.dt).round() as u32),
            bins: &bins,
        };
        let member = member.get_or_insert_with(|| Member::new(&context, cut.stored_wiring));
        outputs.push(member.stepping(&context, cut.threads, &mut watch));
        first += now;
    }
    outputs
}

use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::compose::Spread;
use snn_ensemble::gpu::network::{NetworkBatch, NetworkKernel};
use snn_ensemble::gpu::{Gpu, GpuError};
use snn_ensemble::network::member::MemberParameters;

/// The best adapter there is, software or not; a machine without one fails the test. Shaders run with bounds checks.
pub fn gpu() -> Gpu {
    let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    gpu.checked = true;
    gpu
}

/// How a GPU run is cut up; results do not depend on it.
#[derive(Clone, Copy)]
pub struct Cut {
    pub stretch: u32,
    /// Threads of a workgroup, residency, stored wiring; `None`: the kernel's own choice.
    pub spread: Option<(u32, bool, bool)>,
}

/// `steps` steps of a model on the GPU for every key, all in one batch: outputs by member, then by stretch.
pub fn run_gpu(
    gpu: &Gpu,
    network: &Network,
    model: Model,
    keys: &[[u32; 4]],
    steps: u32,
    window: u32,
    cut: Cut,
) -> Result<Vec<Vec<Output>>, GpuError> {
    let shape = Shape::new(network, model);
    let bins: Vec<u32> = network.populations.iter().map(|p| BINS.count(p.v_th)).collect();
    let mut spread = Spread::new(&shape, gpu.limits.max_compute_invocations_per_workgroup);
    if let Some((workgroup, resident, stored_wiring)) = cut.spread {
        let slots = shape.populations.iter().map(|p| p.size.div_ceil(workgroup)).collect();
        spread = Spread { workgroup, slots, resident, stored_wiring };
    }
    let kernel = NetworkKernel::with_spread(gpu, &shape, &bins, spread)?;
    let stretch = cut.stretch.min(kernel.steps_max(gpu));
    let mut tables = Tables::new(stretch);
    let point = tables.place(network, model, BINS).unwrap();
    let members: Vec<MemberParameters> =
        keys.iter().map(|&key| MemberParameters { key, ..bytemuck::Zeroable::zeroed() }).collect();
    let every = (1.0 / network.dt).round() as u32;
    let mut batch = NetworkBatch::new(gpu, &kernel, &tables, &[point], &members, stretch, stretch / every + 1)?;
    let mut outputs = vec![Vec::new(); keys.len()];
    let mut first = 0;
    while first < steps || batch.under_way() > 0 {
        if first < steps {
            let now = stretch.min(steps - first);
            batch.start(Dispatch::new(first, now, window, every))?;
            first += now;
        }
        if batch.under_way() == 2 || first == steps {
            batch.finish(|dispatch, words| {
                for (outputs, words) in outputs.iter_mut().zip(words.chunks(dispatch.output_stride as usize)) {
                    outputs.push(kernel.output(dispatch, words));
                }
            })?;
        }
    }
    Ok(outputs)
}

/// One stretch from many: counts and samples appended, histograms and intervals added.
#[derive(PartialEq)]
pub struct Joined {
    pub counts: Vec<u32>,
    pub samples: Vec<u32>,
    pub voltage: Vec<u64>,
    pub intervals: Vec<u64>,
    pub flags: u32,
}

pub fn joined(outputs: &[Output]) -> Joined {
    let add = |field: fn(&Output) -> Vec<u64>| {
        let mut sum = field(&outputs[0]);
        for output in &outputs[1..] {
            for (sum, v) in sum.iter_mut().zip(field(output)) {
                *sum += v;
            }
        }
        sum
    };
    Joined {
        counts: outputs.iter().flat_map(|o| o.counts.iter().copied()).collect(),
        samples: outputs.iter().flat_map(|o| o.samples.iter().copied()).collect(),
        voltage: add(|o| o.voltage.iter().map(|&v| u64::from(v)).collect()),
        intervals: add(|o| {
            let pair = |w: &[u32]| u64::from(w[0]) | u64::from(w[1]) << 32;
            o.intervals.chunks(5).flat_map(|w| [u64::from(w[0]), pair(&w[1..3]), pair(&w[3..5])]).collect()
        }),
        flags: outputs.iter().fold(0, |f, o| f | o.flags),
    }
}
