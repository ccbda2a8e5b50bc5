//! Networks and runs that several tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod random;

use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::workgroup::WorkgroupLayout;
use snn_ensemble::model::*;
use snn_ensemble::network::cpu_member::{self, CpuMember, MemberSetup};
use snn_ensemble::network::member::NetworkOutput;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::stepping::NetworkMember;
use snn_ensemble::network::wiring::Wiring;
use snn_ensemble::validate::network::{Comparison, compare};

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
        step: Stepping::Euler,
        neuron: Neuron::Lif,
    }
}

pub fn projection(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { p: 0.8, ..Projection::excitatory(target, source, s, tau) }
}

pub fn inhibitory(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { synapse: Synapse::inhibitory(-66.0), ..projection(target, source, s, tau) }
}

/// The example network of Chang et al. (2025).
pub fn paper() -> Network {
    Network {
        populations: vec![population("E", 300), population("I", 100)],
        projections: vec![
            projection(0, 0, 0.95, 1.4),
            inhibitory(0, 1, 2.71, 4.5),
            projection(1, 0, 1.25, 1.2),
            inhibitory(1, 1, 2.45, 4.5),
        ],
        ..Network::new(0.1)
    }
}

/// A quadratic, an exponential and a tabulated neuron, on the voltages of the example network.
pub fn neurons() -> [Neuron; 3] {
    let table = vec![(-60.0, 3.0), (10.0, 0.3), (50.0, 1.0), (90.0, 12.0)];
    [Neuron::Qif([0.002, -0.02, 0.5]), Neuron::Eif { v_t: 60.0, delta_t: 6.0 }, Neuron::Table(table)]
}

/// Every population with another of these neurons, in turn from the first; those that have a leak have one.
pub fn nonlinear(mut network: Network, first: usize, step: Stepping) -> Network {
    for (i, population) in network.populations.iter_mut().enumerate() {
        population.neuron = neurons()[(first + i) % 3].clone();
        population.step = step;
        let has_leak = matches!(population.neuron, Neuron::Eif { .. });
        (population.tau_m, population.e_leak) = if has_leak { (Some(15.0), -5.0) } else { (None, 0.0) };
    }
    network
}

/// Kicks that rise before they act, of all projections but the third.
pub fn rising(network: Network) -> Network {
    let mut network = network;
    let each = network.projections.iter_mut().enumerate().filter(|(i, p)| *i != 2 && p.tau > 0.0);
    each.for_each(|(i, p)| p.tau_rise = Some([0.8, 3.0][i % 2]));
    network
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
pub struct CpuSplit {
    /// Share the steps of a large network out over threads.
    pub threads: bool,
    pub stored_wiring: bool,
}

/// `steps` steps of a model on the CPU in dispatches of `dispatch_steps`.
pub fn run_cpu(
    network: &Network,
    model: Model,
    key: [u32; 4],
    steps: u32,
    dispatch_steps: u32,
    window: u32,
    cut: CpuSplit,
) -> Vec<NetworkOutput> {
    watch_cpu(network, model, key, steps, dispatch_steps, window, cut, |_, _| {})
}

/// The same, and `watch` sees the member after each step.
#[allow(clippy::too_many_arguments, reason = "a run is cut up in many ways")]
pub fn watch_cpu(
    network: &Network,
    model: Model,
    key: [u32; 4],
    steps: u32,
    dispatch_steps: u32,
    window: u32,
    cut: CpuSplit,
    mut watch: impl FnMut(u32, &NetworkMember),
) -> Vec<NetworkOutput> {
    let mut member = CpuMember::new(&case(network, model, steps, window), key, cut.of(dispatch_steps)).unwrap();
    member.dispatches(steps, |_, step, member| watch(step, member))
}

/// The same, sampled once per ms.
pub fn case(network: &Network, model: Model, steps: u32, window: u32) -> MemberSetup<'_> {
    MemberSetup {
        network,
        model,
        bins: &[BINS; 64],
        steps,
        discard_steps: window,
        sample_every: (1.0 / network.dt).round() as u32,
    }
}

impl CpuSplit {
    fn of(self, piece: u32) -> cpu_member::CpuSplit {
        let wiring = Some(Wiring::Drawn).filter(|_| !self.stored_wiring);
        cpu_member::CpuSplit { dispatch_steps: piece, threads: self.threads, wiring }
    }
}

/// The best adapter there is, software or not; a machine without one fails the test. Shaders run with bounds checks.
pub fn gpu() -> Gpu {
    let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    gpu.checked = true;
    gpu
}

/// How a GPU run is cut up; results do not depend on it.
#[derive(Clone, Copy)]
pub struct Cut {
    pub dispatch_steps: u32,
    /// Threads of a workgroup, residency, stored wiring; `None`: the kernel's own choice.
    pub workgroup_layout: Option<(u32, bool, bool)>,
}

/// Members of a model with every key on both backends, the CPU in pieces of `piece` steps.
#[allow(clippy::too_many_arguments, reason = "a run is cut up in many ways")]
pub fn compared(
    gpu: &Gpu,
    network: &Network,
    model: Model,
    keys: &[[u32; 4]],
    (steps, window): (u32, u32),
    cut: Cut,
    piece: u32,
    cpu: CpuSplit,
) -> Comparison {
    let workgroup_layout = cut.workgroup_layout.map(|(workgroup, resident, stored_wiring)| {
        let shape = NetworkShape::new(network, model);
        let layout = if resident { WorkgroupLayout::resident } else { WorkgroupLayout::streamed };
        let layout = layout(&shape, workgroup);
        let wiring = if stored_wiring { layout.wiring } else { Wiring::Drawn };
        WorkgroupLayout { wiring, ..layout }
    });
    let cut = snn_ensemble::validate::network::Cut {
        dispatch_steps: cut.dispatch_steps,
        workgroup_layout,
        cpu: cpu.of(piece),
    };
    compare(gpu, &case(network, model, steps, window), keys, &cut).unwrap()
}
