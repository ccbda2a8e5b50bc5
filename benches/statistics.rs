//! The statistics of one member: spike counts of one second in, a row of the table out.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::cpu::{NetworkSetting, STRETCH};
use snn_ensemble::statistics::Accumulator;

const EXAMPLE: &str = include_str!("../configs/quickstart.yaml");

fn statistics(criterion: &mut Criterion) {
    let experiment = load(EXAMPLE, "the example", &[]).expect("the example loads");
    let ensemble = Ensemble::new(experiment, false).expect("the example runs");
    let setting = ensemble.setting(0, 0).expect("the example has a point");
    let network = NetworkSetting::new(&setting, ensemble.bins).expect("the example fits the arithmetic");
    let (key, mut member) = (ensemble.random_key(&setting, 0), None);
    let counts: Vec<u32> = (0..setting.steps)
        .step_by(STRETCH as usize)
        .flat_map(|first| {
            let steps = STRETCH.min(setting.steps - first);
            network.stretch(&setting, key, (first, steps), false, &None, &mut member, |_, _, _| {}).counts
        })
        .collect();
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
