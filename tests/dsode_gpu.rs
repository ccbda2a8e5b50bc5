//! Does the GPU compute the `dsode` that the CPU computes?

mod cases;

use cases::{dsode, network};
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::model::*;
use snn_ensemble::reduced::gpu::{DsodeBatch, DsodeKernel};
use snn_ensemble::reduced::prelude::{Layout, compose};
use snn_ensemble::reduced::stepping::{Run, stepping};
use snn_ensemble::reduced::{Dsode, Shape, State};
use wgpu::naga;

/// Any adapter; a machine without one fails the test.
fn device() -> Gpu {
    Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter")
}

/// Every option of the kernel.
fn variants() -> Vec<Variant> {
    use Closure::{Coloured, White};
    use Noise::{FiniteSize, None};
    [(White, None), (White, FiniteSize), (Coloured, None), (Coloured, FiniteSize)]
        .map(|(closure, noise)| dsode(closure, noise, 4.0))
        .to_vec()
}

/// The device's smallest promise: 16 KiB of workgroup memory, 256 invocations.
fn layout(shape: &Shape) -> Layout {
    Layout::new(shape, 16_384, 256).expect("fits")
}

#[test]
fn every_composed_module_is_valid() {
    let networks = [network("default"), cases::three_populations(), cases::one_population()];
    let pairs = networks.iter().flat_map(|n| variants().into_iter().map(move |v| (n, v)));
    for (network, variant) in pairs {
        let shape = Shape::new(network, &variant).expect("a shape");
        let source = compose(&shape, &layout(&shape));
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source)));
        let flags = naga::valid::ValidationFlags::all();
        let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
        if let Err(e) = validator.validate(&module) {
            panic!("{}", e.emit_to_string(&source));
        }
    }
}

/// Largest difference of a count between two states, in units of N 2^-23.
fn difference(a: &State<f32>, b: &State<f32>, n: f32) -> f32 {
    let counts = a.counts.iter().chain(&a.refractory).zip(b.counts.iter().chain(&b.refractory));
    counts.map(|(x, y)| (x - y).abs()).fold(0.0, f32::max) / (n * f32::EPSILON)
}

/// Trajectories of one shape at different parameters, after `steps` steps.
fn trajectories(variant: &Variant, steps: usize) -> Vec<Dsode<f32>> {
    let points = [(0.6, 7.0), (0.8, 7.0), (0.9, 5.0), (1.0, 9.0)];
    let points = points.iter().enumerate().map(|(i, &(p_ei, rate))| {
        let mut network = network("default");
        network.projections[1].p = p_ei;
        network.populations[0].drive.rate = Rate::Constant(rate);
        let mut model = Dsode::new(&network, variant, [i as u32, 1, 2, 3]).expect("a dsode");
        for _ in 0..steps {
            model.step();
        }
        model
    });
    points.collect()
}

#[test]
fn one_step_is_the_twins() {
    let gpu = device();
    for variant in variants() {
        let shape = Shape::new(&network("default"), &variant).expect("a shape");
        let kernel = DsodeKernel::new(&gpu, &shape).expect("a kernel");
        for steps in [0, 1, 60, 118, 125, 300] {
            let mut twins = trajectories(&variant, steps);
            let run = Run::new(steps as u32, 1, 1, 1);
            let mut batch = DsodeBatch::new(&gpu, &kernel, &twins, &run).expect("a batch");
            let outputs = batch.run(run).expect("runs");
            for (i, (state, twin)) in batch.states().expect("states").iter().zip(&mut twins).enumerate() {
                twin.step();
                let apart = difference(state, twin.state(), 300.0);
                assert_eq!(state.step, twin.state().step);
                // A count sums about 8 shares of at most N, each to some roundings, and 300 2^-23 is one rounding of N. A
                // draw whose probability differs by 1e-7 is another number once in 1e5 steps.
                assert!(apart <= 8.0, "{} at step {steps}, trajectory {i}: {apart} N 2^-23", variant.label());
                for (gpu, cpu) in outputs[i].spikes.iter().zip(twin.fired()) {
                    assert!((gpu - cpu).abs() <= 8.0 * 300.0 * f32::EPSILON, "{gpu} against {cpu} spikes");
                }
            }
        }
    }
}

#[test]
fn every_option_is_the_twins() {
    let gpu = device();
    let network = cases::three_populations();
    for variant in variants() {
        let mut twin = Dsode::<f32>::new(&network, &variant, [4, 3, 2, 1]).expect("a dsode");
        let kernel = DsodeKernel::new(&gpu, twin.shape()).expect("a kernel");
        let starting = vec![twin.clone(); 3];
        let mut batch = DsodeBatch::new(&gpu, &kernel, &starting, &Run::new(0, 30, 4, 12)).expect("a batch");
        for first in [0, 30, 60] {
            let run = Run::new(first, 30, 4, 12);
            let expected = stepping(&mut twin, &run);
            for output in batch.run(run).expect("runs") {
                assert!(!output.unsound);
                let pairs = [
                    (&output.spikes, &expected.spikes),
                    (&output.kicks, &expected.kicks),
                    (&output.samples, &expected.samples),
                ];
                for (gpu, cpu) in pairs {
                    assert!(gpu.len() == cpu.len() && !cpu.is_empty(), "{} against {}", gpu.len(), cpu.len());
                    // Rounding in 90 steps; draws agree as long as no probability differs by more than 1e-7.
                    let apart = gpu.iter().zip(cpu).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                    assert!(apart < 1e-3, "{}: {apart} neurons or kicks apart", variant.label());
                }
            }
        }
        let states = batch.states().expect("states");
        assert_eq!(states[0], states[2]);
        let pairs = states[0].parts().into_iter().flatten().zip(twin.state().parts().into_iter().flatten());
        for (gpu, cpu) in pairs {
            // Moments are up to 4 N = 1600, drift moments up to 1e3: 40 roundings of those in 90 steps.
            assert!((gpu - cpu).abs() < 8e-3, "{}: {gpu} against {cpu}", variant.label());
        }
    }
}

/// Spikes of 90 steps from the middle of a burst, in dispatches of `steps`.
fn run(layout: Option<Layout>, steps: u32) -> Vec<f32> {
    let gpu = device();
    let variant = dsode(Closure::Coloured, Noise::None, 4.0);
    let start = trajectories(&variant, 100);
    let kernel = match layout {
        Some(layout) => DsodeKernel::with_layout(&gpu, start[0].shape(), layout),
        None => DsodeKernel::new(&gpu, start[0].shape()),
    };
    let kernel = kernel.expect("a kernel");
    let mut batch = DsodeBatch::new(&gpu, &kernel, &start, &Run::new(100, steps, 1000, 1000)).expect("a batch");
    let stretch = |first: u32| batch.run(Run::new(first, steps, 1000, 1000)).expect("runs").swap_remove(1).spikes;
    (100..190).step_by(steps as usize).flat_map(stretch).collect()
}

#[test]
fn results_do_not_depend_on_stretches_or_workgroups() {
    let shape = Shape::new(&network("default"), &dsode(Closure::Coloured, Noise::None, 4.0)).expect("a shape");
    let whole = run(None, 90);
    assert_eq!(whole, run(None, 15), "stretches of 15 steps");
    assert_eq!(whole, run(Some(Layout { workgroup: 32, ..layout(&shape) }), 90), "32 invocations");
    // Passes change the order of sums: rounding, which grows by the map's instability.
    let passes = run(Some(Layout { slots: 3, passes: 12, ..layout(&shape) }), 90);
    for (a, b) in whole.iter().zip(&passes) {
        assert!((a - b).abs() < 1e-3, "several passes: {a} against {b}");
    }
}

#[test]
fn f32_follows_f64() {
    let gpu = device();
    for closure in [Closure::White, Closure::Coloured] {
        let variant = dsode(closure, Noise::None, 4.0);
        let mut exact = Dsode::<f64>::new(&network("default"), &variant, [0; 4]).expect("a dsode");
        let start = Dsode::<f32>::new(&network("default"), &variant, [0; 4]).expect("a dsode");
        let kernel = DsodeKernel::new(&gpu, start.shape()).expect("a kernel");
        let run = |stretch: u32| Run::new(50 * stretch, 50, 1000, 1000);
        let mut batch = DsodeBatch::new(&gpu, &kernel, &[start], &run(0)).expect("a batch");
        let (mut peak, mut early, mut late) = (0.0_f64, 0.0_f64, 0.0_f64);
        for stretch in 0..20 {
            let outputs = batch.run(run(stretch)).expect("runs");
            for (step, spikes) in outputs[0].spikes.chunks(2).enumerate() {
                for (gpu, cpu) in spikes.iter().zip(exact.step()) {
                    peak = peak.max(*cpu);
                    late = late.max((f64::from(*gpu) - cpu).abs());
                }
                if stretch as usize * 50 + step < 200 {
                    early = late;
                }
            }
        }
        println!("{closure:?}: {:e} within 20 ms, {:e} within 100 ms", early / peak, late / peak);
        // Rounding of f32 times the map's instability; the limits are the model's specification.
        assert!(early < 1e-4 * peak && late < 1e-3 * peak, "{early:e} and {late:e} of a peak of {peak}");
    }
}

#[test]
fn a_number_that_is_not_finite_marks_its_trajectory() {
    let gpu = device();
    let variant = dsode(Closure::White, Noise::None, 4.0);
    let mut broken = trajectories(&variant, 0);
    let mut state = broken[2].state().clone();
    state.kick_mean[0] = f32::INFINITY;
    broken[2].resume(state);
    let kernel = DsodeKernel::new(&gpu, broken[0].shape()).expect("a kernel");
    let run = |first| Run::new(first, 5, 1, 5);
    let mut batch = DsodeBatch::new(&gpu, &kernel, &broken, &run(0)).expect("a batch");
    for first in [0, 5] {
        let unsound: Vec<bool> = batch.run(run(first)).expect("runs").iter().map(|output| output.unsound).collect();
        assert_eq!(unsound, [false, false, true, false], "the others go on");
    }
}
