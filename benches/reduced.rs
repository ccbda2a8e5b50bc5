//! One step of `dsode` on one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::bifurcation::course::{Course, Follower};
use snn_ensemble::config::load;
use snn_ensemble::model::bins::resolve;
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

/// A step with that of its tangent.
fn followed(criterion: &mut Criterion, name: &str, model: &str) {
    let experiment = load(EXAMPLE, "the example", &[format!("models=[{model}]")]).expect("the example loads");
    let (network, variant) = (&experiment.network, &experiment.models[0]);
    let mut dsode = Dsode::<f64>::new(network, variant, [0; 4]).expect("its shape is fine");
    let mut follower = Follower::new(network, variant, &resolve(network, variant), u64::from(STEPS)).expect("a map");
    let mut begun = Course::default();
    for _ in 0..WARM {
        dsode.step();
        begun.look(dsode.fields().kick_mean.iter().copied());
    }
    follower.begin(&mut begun, &dsode);
    let mut group = criterion.benchmark_group("dsode");
    group.throughput(Throughput::Elements(STEPS.into()));
    group.bench_function(name, |b| {
        b.iter(|| {
            let (mut dsode, mut course) = (dsode.clone(), begun.clone());
            for _ in 0..STEPS {
                dsode.step();
                follower.see(&mut course, &dsode);
            }
            black_box(course);
        })
    });
    group.finish();
}

fn reduced(criterion: &mut Criterion) {
    steps::<f64>(criterion, "white, 35 bins, f64", "dsode");
    steps::<f32>(criterion, "white, 35 bins, f32", "dsode");
    steps::<f64>(criterion, "white, 140 bins, f64", "{dsode: {bin: 1}}");
    steps::<f64>(criterion, "coloured, 35 bins, f64", "{dsode: {closure: coloured}}");
    steps::<f64>(criterion, "coloured linear, 35 bins, f64", "{dsode: {closure: coloured, density: linear}}");
    steps::<f64>(criterion, "finite size, 35 bins, f64", "{dsode: {noise: finite_size}}");
    followed(criterion, "white, 35 bins, f64, with its tangent", "dsode");
    followed(criterion, "coloured, 35 bins, f64, with its tangent", "{dsode: {closure: coloured}}");
}

criterion_group!(benches, reduced);
criterion_main!(benches);
