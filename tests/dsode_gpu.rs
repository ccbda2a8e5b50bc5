//! Does the GPU compute the `dsode` that the CPU computes?

mod common;

use common::{dsode, network};
use snn_ensemble::model::*;
use snn_ensemble::reduced::gpu::{DsodeBatch, DsodeKernel};
use snn_ensemble::reduced::prelude::{Layout, compose};
use snn_ensemble::reduced::{Dsode, Shape};
use wgpu::naga;

/// Any adapter; a machine without one fails the test.
fn device() -> (wgpu::Device, wgpu::Queue) {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    let instance = wgpu::Instance::new(descriptor);
    let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect("an adapter");
    pollster::block_on(adapter.request_device(&Default::default())).expect("a device")
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
    for variant in variants() {
        let shape = Shape::new(&network("default"), &variant).expect("a shape");
        let source = compose(&shape, &layout(&shape));
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source)));
        let flags = naga::valid::ValidationFlags::all();
        let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
        if let Err(e) = validator.validate(&module) {
            panic!("{}", e.emit_to_string(&source));
        }
    }
}

fn trajectory(case: &str, variant: &Variant, key: u32) -> Dsode<f32> {
    Dsode::new(&network(case), variant, [key, 1, 2, 3]).expect("a dsode")
}

/// Largest difference of a count between the states, in units of N 2^-23.
fn difference(a: &snn_ensemble::reduced::State<f32>, b: &snn_ensemble::reduced::State<f32>, n: f32) -> f32 {
    let counts = a.counts.iter().chain(&a.refractory).zip(b.counts.iter().chain(&b.refractory));
    counts.map(|(x, y)| (x - y).abs()).fold(0.0, f32::max) / (n * f32::EPSILON)
}

#[test]
fn probe() {
    let (device, queue) = device();
    for variant in variants() {
        let mut cpu = trajectory("default", &variant, 7);
        let kernel = DsodeKernel::new(&device, cpu.shape()).expect("a kernel");
        println!("{} {:?}", variant.label(), kernel.layout);
        let mut batch = DsodeBatch::upload(&device, &queue, &kernel, vec![cpu.clone()]).expect("a batch");
        let t = std::time::Instant::now();
        for stretch in 0..40 {
            let spikes = batch.dispatch(25).expect("runs");
            for _ in 0..25 {
                cpu.step();
            }
            let state = &batch.states().unwrap()[0];
            println!(
                "{stretch} {} {} diff {} {:?} {:?}",
                state.step,
                cpu.state().step,
                difference(state, cpu.state(), 300.0),
                spikes.at(0, 24),
                cpu.fired()
            );
        }
        println!("{:?}", t.elapsed());
    }
}
