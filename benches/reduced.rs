//! One step of `dsode` on one core, and what most of it is: the edges that neurons reach.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::config::load;
use snn_ensemble::reduced::lanes::{LANES, piece};
use snn_ensemble::reduced::shares::Shares;
use snn_ensemble::reduced::transition::{Spread, spread_over};
use snn_ensemble::reduced::{Dsode, Real};
use std::hint::black_box;

const EXAMPLE: &str = include_str!("../configs/quickstart.yaml");
/// Steps before the first that is timed: every bin is occupied.
const WARM: u32 = 500;
const STEPS: u32 = 20;

fn steps<T: Real>(criterion: &mut Criterion, name: &str, model: &str) {
    let experiment = load(EXAMPLE, "the example", &[format!("models=[{model}]")]).expect("the example loads");
    let mut dsode =
        Dsode::<T>::new(&experiment.network, &experiment.models[0], [1, 2, 3, 4]).expect("its shape is fine");
    (0..WARM).for_each(|_| {
        dsode.step();
    });
    let mut group = criterion.benchmark_group("dsode");
    group.throughput(Throughput::Elements(STEPS.into()));
    group.bench_function(name, |b| {
        b.iter(|| {
            (0..STEPS).for_each(|_| {
                black_box(dsode.step());
            });
        })
    });
    group.finish();
}

/// 35 source bins of width 4 with the drive's noise and more.
fn transition<T: Real>(criterion: &mut Criterion, name: &str) {
    let h = T::of(4.0);
    let mut laws = Spread::zero();
    for k in 0..LANES {
        let origin = T::of(k as f64);
        laws.set(k, spread_over(origin, T::of(1.7), T::of(1.2), T::of(1.1), h, T::of(35.0)));
    }
    let mut filled = [false; LANES];
    filled[..35].fill(true);
    let mut shares = Shares::default();
    criterion.benchmark_group("transition").bench_function(name, |b| {
        b.iter(|| {
            shares.share_out(black_box(&laws), &filled, piece::<T>(35), h);
            shares.leaving.mass[34]
        });
    });
}

fn reduced(criterion: &mut Criterion) {
    transition::<f64>(criterion, "35 bins, f64");
    transition::<f32>(criterion, "35 bins, f32");
    steps::<f64>(criterion, "white, 35 bins, f64", "dsode");
    steps::<f32>(criterion, "white, 35 bins, f32", "dsode");
    steps::<f64>(criterion, "white, 140 bins, f64", "{dsode: {bin: 1}}");
    steps::<f64>(criterion, "coloured, 35 bins, f64", "{dsode: {closure: coloured}}");
    steps::<f64>(criterion, "finite size, 35 bins, f64", "{dsode: {noise: finite_size}}");
}

criterion_group!(benches, reduced);
criterion_main!(benches);
