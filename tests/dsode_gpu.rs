//! Does the GPU compute the `dsode` that the CPU computes?

mod cases;

use cases::{dsode, linear, network};
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::fault::Faults;
use snn_ensemble::model::*;
use snn_ensemble::reduced::gpu::{DsodeBatch, DsodeBatchError, DsodeKernel};
use snn_ensemble::reduced::layout::{Room, TrajectoryLayout};
use snn_ensemble::reduced::prelude::compose;
use snn_ensemble::reduced::state::Place;
use snn_ensemble::reduced::stepping::{DsodeDispatch, DsodeOutput, stepping};
use snn_ensemble::reduced::{Dsode, DsodeShape, ShapeError, StateFields};
use snn_ensemble::validate::reduced::{HORIZON, Horizon, STEP, horizon, one_step};
use wgpu::naga;

/// Any adapter; a machine without one fails the test. Shaders run with bounds checks.
fn device() -> Gpu {
    let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    gpu.checked = true;
    gpu
}

/// Every option of the kernel.
fn variants() -> Vec<Variant> {
    use Closure::{Coloured, White};
    use Noise::{FiniteSize, None};
    [(White, None), (White, FiniteSize), (Coloured, None), (Coloured, FiniteSize)]
        .into_iter()
        .flat_map(|(closure, noise)| [dsode(closure, noise, 4.0), linear(closure, noise, 4.0)])
        .collect()
}

/// The device's smallest promise: 16 KiB of workgroup memory, 256 invocations.
fn layout(shape: &DsodeShape) -> TrajectoryLayout {
    TrajectoryLayout::new(shape, Room { memory: 16_384, invocations: 256 }).expect("fits")
}

#[test]
fn every_composed_module_is_valid() {
    let networks = [
        network("default"),
        cases::three_populations(),
        cases::every_input(),
        cases::one_population(),
        cases::nonlinear(),
    ];
    let pairs = networks.iter().flat_map(|n| variants().into_iter().map(move |v| (n, v)));
    for (network, variant) in pairs {
        let shape = DsodeShape::new(network, &variant).expect("a shape");
        let source =
            compose(&shape, &TrajectoryLayout::new(&shape, Room { memory: 1 << 15, invocations: 256 }).expect("fits"));
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source)));
        let flags = naga::valid::ValidationFlags::all();
        let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
        if let Err(e) = validator.validate(&module) {
            panic!("{}", e.emit_to_string(&source));
        }
    }
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
        let shape = DsodeShape::new(&network("default"), &variant).expect("a shape");
        let kernel = DsodeKernel::new(&gpu, &shape).expect("a kernel");
        for steps in [0, 1, 60, 118, 125, 300] {
            let mut twins = trajectories(&variant, steps);
            for (i, error) in one_step(&gpu, &kernel, &network("default"), &mut twins).expect("runs").iter().enumerate()
            {
                assert_eq!(error.step, steps as u32);
                // Draws that differ in the last bit of their probability are another number once in 1e5 steps: none here.
                assert!(error.units <= STEP, "{} trajectory {i}: {error:?}", variant.label());
            }
        }
    }
}

/// The CPU takes up to 64 bins side by side, the shader one; numbers of bins around one piece and two.
#[test]
fn any_number_of_bins_is_the_twins() {
    let gpu = device();
    let network = network("default");
    for bins in [1, 2, 63, 64, 65, 127, 129] {
        for (closure, density) in [
            (Closure::White, Density::Uniform),
            (Closure::Coloured, Density::Uniform),
            (Closure::Coloured, Density::Linear),
        ] {
            if density == Density::Linear && bins > 65 {
                // More workgroup memory than every device has.
                continue;
            }
            let of = if density == Density::Linear { linear } else { dsode };
            let variant = of(closure, Noise::None, 140.0 / f64::from(bins));
            let kernel =
                DsodeKernel::new(&gpu, &DsodeShape::new(&network, &variant).expect("a shape")).expect("a kernel");
            let mut twins = trajectories(&variant, 130);
            for error in one_step(&gpu, &kernel, &network, &mut twins).expect("runs") {
                let tolerance = STEP * (f64::from(bins) / 35.0).max(1.0);
                assert!(error.units <= tolerance, "{bins} bins, {}: {error:?}", variant.label());
            }
        }
    }
}

/// Populations of different sizes, each driven by the next two: tables that are no progressions.
fn many_populations() -> Network {
    let mut network = network("default");
    let (population, projection) = (network.populations[0].clone(), network.projections[0].clone());
    network.populations = (0..11)
        .map(|q| {
            let v_th = 60.0 + 4.0 * f64::from(q * q % 7);
            Population { name: format!("P{q}"), size: 100 + q, v_th, ..population.clone() }
        })
        .collect();
    network.projections = (0..22)
        .map(|x| Projection { target: 3 * x % 11, source: (3 * x + 1 + x / 11) % 11, p: 0.2, ..projection.clone() })
        .collect();
    network
}

#[test]
fn any_number_of_populations_is_the_twins() {
    let (gpu, network) = (device(), many_populations());
    for variant in variants() {
        let shape = DsodeShape::new(&network, &variant).expect("a shape");
        // More workgroup memory than the least that a device has, which is 16 KiB.
        let kernel = match DsodeKernel::new(&gpu, &shape) {
            // Second moments of all these take 42 KiB, which not every device has.
            Err(DsodeBatchError::Kernel(_)) if shape.is_local() => continue,
            kernel => kernel.expect("a kernel"),
        };
        let mut twin = Dsode::new(&network, &variant, [7, 6, 5, 4]).expect("a dsode");
        for _ in 0..40 {
            twin.step();
        }
        for error in one_step(&gpu, &kernel, &network, &mut [twin]).expect("runs") {
            assert!(error.units <= STEP, "{}: {error:?}", variant.label());
        }
    }
}

/// What a layout says of workgroup memory decides whether a device takes the kernel.
#[test]
fn workgroup_memory_is_what_the_layout_says() {
    let networks =
        [network("default"), cases::three_populations(), cases::one_population(), many_populations(), cases::rising()];
    for network in networks {
        for variant in variants() {
            let shape = match DsodeShape::new(&network, &variant) {
                Err(ShapeError::Rise { .. }) => continue,
                shape => shape.expect("a shape"),
            };
            let layout = TrajectoryLayout::new(&shape, Room { memory: 1 << 16, invocations: 256 }).expect("fits");
            let module = naga::front::wgsl::parse_str(&compose(&shape, &layout)).expect("valid");
            let held = module.global_variables.iter().filter(|(_, v)| v.space == naga::AddressSpace::WorkGroup);
            let bytes: u32 = held.map(|(_, v)| module.types[v.ty].inner.size(module.to_ctx())).sum();
            assert_eq!(bytes as usize, layout.memory, "{}, {} populations", variant.label(), shape.populations());
        }
    }
}

/// Networks that have every option, with every variant that takes them.
fn options() -> Vec<(Network, Variant)> {
    let networks =
        [cases::three_populations(), cases::every_input(), cases::nonlinear(), cases::rising(), cases::inhibited()];
    let pairs =
        networks.iter().flat_map(|network| variants().into_iter().map(move |variant| (network.clone(), variant)));
    let taken = |(network, variant): &(Network, Variant)| {
        !matches!(Dsode::<f32>::new(network, variant, [0; 4]), Err(ShapeError::Rise { .. }))
    };
    pairs.filter(taken).collect()
}

/// What `tests/run.sh` does not have a second driver do.
mod one_driver {
    use super::*;

    #[test]
    fn one_step_of_every_option_is_the_twins() {
        let gpu = device();
        for (network, variant) in options() {
            let mut twin = Dsode::<f32>::new(&network, &variant, [4, 3, 2, 1]).expect("a dsode");
            let kernel = DsodeKernel::new(&gpu, twin.shape()).expect("a kernel");
            for step in 0..90 {
                if step % 6 == 0 {
                    let error = &one_step(&gpu, &kernel, &network, &mut [twin.clone()]).expect("runs")[0];
                    assert!(error.units <= STEP, "{}: {error:?}", variant.label());
                }
                twin.step();
            }
        }
    }
}

#[test]
fn every_option_is_the_twins() {
    let gpu = device();
    // A drive without noise leaves jumps of the slopes that the coloured closure takes from neighbouring bins: one step is the
    // twin's, ninety are not.
    let smooth =
        |(network, variant): &(Network, Variant)| network.sources.is_empty() || variant.closure() == Closure::White;
    for (network, variant) in options().into_iter().filter(smooth) {
        let mut twin = Dsode::<f32>::new(&network, &variant, [4, 3, 2, 1]).expect("a dsode");
        let kernel = DsodeKernel::new(&gpu, twin.shape()).expect("a kernel");
        let starting = vec![twin.clone(); 3];
        let mut batch = DsodeBatch::new(&gpu, &kernel, &starting, &DsodeDispatch::new(0, 30, 4, 12)).expect("a batch");
        for first in [0, 30, 60] {
            let run = DsodeDispatch::new(first, 30, 4, 12);
            let expected = stepping(&mut twin, &run, |_| ());
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
                    let apart = gpu.iter().zip(cpu).map(|(a, b)| (a - b).abs()).max_by(f32::total_cmp).unwrap();
                    assert!(apart < 1e-3, "{}: {apart} neurons or kicks apart", variant.label());
                }
            }
        }
        let states = batch.states().expect("states");
        assert_eq!(states[0], states[2]);
        let (table, places) = (StateFields::TABLE.list(), StateFields::of(twin.shape()).list());
        for (field, Place { first, len }) in table.iter().zip(places) {
            let pairs = states[0].numbers[first..first + len].iter().zip(&twin.state().numbers[first..first + len]);
            for (i, (gpu, cpu)) in pairs.enumerate() {
                // Moments are up to 4 N = 1600, drift moments up to 1e3: 40 roundings of those in 90 steps.
                assert!((gpu - cpu).abs() < 8e-3, "{}, {} {i}: {gpu} against {cpu}", variant.label(), field.name);
            }
        }
    }
}

/// Spikes of 90 steps from the middle of a burst, in dispatches of `steps`.
fn run(layout: Option<TrajectoryLayout>, steps: u32) -> Vec<f32> {
    let gpu = device();
    let variant = dsode(Closure::Coloured, Noise::None, 4.0);
    let start = trajectories(&variant, 100);
    let kernel = match layout {
        Some(layout) => DsodeKernel::with_layout(&gpu, start[0].shape(), layout),
        None => DsodeKernel::new(&gpu, start[0].shape()),
    };
    let kernel = kernel.expect("a kernel");
    let mut batch =
        DsodeBatch::new(&gpu, &kernel, &start, &DsodeDispatch::new(100, steps, 1000, 1000)).expect("a batch");
    let dispatched =
        |first: u32| batch.run(DsodeDispatch::new(first, steps, 1000, 1000)).expect("runs").swap_remove(1).spikes;
    (100..190).step_by(steps as usize).flat_map(dispatched).collect()
}

#[test]
fn results_do_not_depend_on_dispatches_or_workgroups() {
    let shape = DsodeShape::new(&network("default"), &dsode(Closure::Coloured, Noise::None, 4.0)).expect("a shape");
    let whole = run(None, 90);
    assert_eq!(whole, run(None, 15), "dispatches of 15 steps");
    assert_eq!(whole, run(Some(TrajectoryLayout { workgroup: 32, ..layout(&shape) }), 90), "32 invocations");
    for together in [1, 2, 3] {
        let layout = TrajectoryLayout::with_most(&shape, 1 << 15, 1024, 6, together).expect("fits");
        assert_eq!(layout.together, together);
        assert_eq!(whole, run(Some(layout), 90), "{together} trajectories of a workgroup");
    }
    // Passes change the order of sums: rounding, which grows by the map's instability.
    let passes = run(Some(TrajectoryLayout { slots: 3, passes: 12, ..layout(&shape) }), 90);
    for (a, b) in whole.iter().zip(&passes) {
        assert!((a - b).abs() < 1e-3, "several passes: {a} against {b}");
    }
}

/// A device whose trajectories tell in place of their soundness how often the busiest invocation went round a loop.
fn counting_device() -> Gpu {
    let faults = Faults::default()
        .shader("const HEADER: u32", "var<private> rounds: u32; var<workgroup> most: atomic<u32>; const HEADER: u32")
        .shader("++) {", "++) { rounds += 1u;")
        .shader("+= WORKGROUP) {", "+= WORKGROUP) { rounds += 1u;")
        .shader("+= STRANDS) {", "+= STRANDS) { rounds += 1u;")
        .shader("k < last {", "k < last { rounds += 1u;")
        .shader("atomicStore(&spaces[mine].unsound, 0u);", "atomicStore(&most, 0u);")
        .shader("store(first, held, thread);", "store(first, held, thread); atomicMax(&most, rounds);")
        .shader("atomicLoad(&spaces[mine].unsound)", "atomicLoad(&most)");
    let mut gpu = device();
    gpu.faults = faults;
    gpu
}

/// A software adapter ends a shader silently after so many rounds of loops; windows that reach all bins take all passes.
#[test]
fn no_step_goes_round_more_loops_than_its_layout_says() {
    let gpu = counting_device();
    let mut wide = network("default");
    wide.populations.iter_mut().for_each(|population| population.drive.weight = 30.0);
    // White and coloured, uniform and linear, with draws and without.
    for variant in [0, 3, 6, 7].map(|i| variants()[i]) {
        let start = Dsode::<f32>::new(&wide, &variant, [1, 2, 3, 4]).expect("a dsode");
        let shape = start.shape().clone();
        for slots in [1, 10] {
            let layout = TrajectoryLayout { slots, passes: shape.bins[0].div_ceil(slots), ..layout(&shape) };
            let of_step = layout.iterations_per_step(&shape);
            let kernel = DsodeKernel::with_layout(&gpu, &shape, layout).expect("a kernel");
            let steps = kernel.steps_max(&gpu).min(12);
            let (run, allowed) = (DsodeDispatch::new(0, steps, 1, 1), steps as usize * of_step);
            let mut batch = DsodeBatch::new(&gpu, &kernel, std::slice::from_ref(&start), &run).expect("a batch");
            let mut rounds = 0;
            batch.start(run).expect("starts");
            batch.finish(|_, words| rounds = words[1] as usize).expect("runs");
            println!("{} {slots}: {rounds} of {allowed}", variant.label());
            assert!(
                rounds <= allowed && rounds > allowed / 5,
                "{}, {slots} slots: {rounds} of {allowed}",
                variant.label()
            );
        }
    }
}

#[test]
fn f32_follows_f64() {
    let gpu = device();
    for variant in variants().into_iter().filter(Variant::is_deterministic) {
        let network = network("default");
        let kernel = DsodeKernel::new(&gpu, &DsodeShape::new(&network, &variant).expect("a shape")).expect("a kernel");
        let Horizon { peak, within, .. } = horizon(
            &gpu,
            &kernel,
            Dsode::new(&network, &variant, [0; 4]).expect("a dsode"),
            Dsode::new(&network, &variant, [0; 4]).expect("a dsode"),
            200,
            1000,
        )
        .expect("runs");
        println!("{}: {:e} within 20 ms, {:e} within 100 ms", variant.label(), within[0] / peak, within[1] / peak);
        // Rounding of f32 times the map's instability; the limits are the model's specification.
        assert!(within[0] < HORIZON * peak && within[1] < 1e-3 * peak, "{within:?} of a peak of {peak}");
        assert!(peak > 10.0, "no burst: {peak}");
    }
}

#[test]
fn a_number_that_is_not_finite_marks_its_trajectory() {
    let gpu = device();
    let variant = dsode(Closure::White, Noise::None, 4.0);
    let mut broken = trajectories(&variant, 0);
    let mut state = broken[2].state().clone();
    state.fields_mut(broken[2].shape()).kick_mean[0] = f32::INFINITY;
    broken[2].resume(state);
    let kernel = DsodeKernel::new(&gpu, broken[0].shape()).expect("a kernel");
    let run = |first| DsodeDispatch::new(first, 5, 1, 5);
    let mut batch = DsodeBatch::new(&gpu, &kernel, &broken, &run(0)).expect("a batch");
    for first in [0, 5] {
        let mut unsound = vec![];
        batch.start(run(first)).expect("starts");
        let all = |run: &DsodeDispatch, words: &[u32]| {
            let outputs = words.chunks_exact(run.output_stride as usize);
            unsound = outputs.map(|words| DsodeOutput::read(run, &kernel.shape, words).unsound).collect();
        };
        batch.finish(all).expect("runs");
        assert_eq!(unsound, [false, false, true, false], "the others go on");
    }
    let error = batch.run(run(10)).expect_err("one is unsound");
    assert!(matches!(error, DsodeBatchError::Unsound { trajectory: 2, step: 15 }), "{error}");
}
