//! The statistics of one member: spike counts of one second in, a row of the table out.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::network::solo::{CpuCut, Solo};
use snn_ensemble::statistics::Accumulator;

const EXAMPLE: &str = include_str!("../configs/quickstart.yaml");

fn statistics(criterion: &mut Criterion) {
    let experiment = load(EXAMPLE, "the example", &[]).expect("the example loads");
    let ensemble = Ensemble::new(experiment, false).expect("the example runs");
    let setting = ensemble.setting(0, 0).expect("the example has a point");
    let (case, key) = (setting.case(ensemble.bins), ensemble.random_key(&setting, 0));
    let mut solo = Solo::new(&case, key, CpuCut::default()).expect("the example fits the arithmetic");
    let counts = solo.stretch(setting.steps).counts;
    let (plan, mut scratch) = (&setting.plan, setting.plan.scratch());
    let mut group = criterion.benchmark_group("statistics");
    group.throughput(Throughput::Elements(setting.steps.into()));
    group.bench_function("feed", |b| {
        b.iter(|| {
            let mut accumulator = Accumulator::new(plan);
            accumulator.feed(plan, &mut scratch, &counts);
            accumulator.step()
        });
    });
    let mut accumulator = Accumulator::new(plan);
    accumulator.feed(plan, &mut scratch, &counts);
    group.bench_function("finish", |b| b.iter(|| accumulator.clone().finish(plan).values.len()));
    group.finish();
}

criterion_group!(benches, statistics);
criterion_main!(benches);
