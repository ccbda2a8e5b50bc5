//! The statistics of one member: spike counts of one second in, a row of the table out.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::network::cpu_member::{CpuMember, CpuSplit};
use snn_ensemble::statistics::{Accumulator, StatisticsScratch};

const EXAMPLE: &str = include_str!("../configs/quickstart.yaml");

fn statistics(criterion: &mut Criterion) {
    let experiment = load(EXAMPLE, "the example", &[]).expect("the example loads");
    let ensemble = Ensemble::new(experiment, false).expect("the example runs");
    let at_point = ensemble.at_point(0, 0).expect("the example has a point");
    let (case, key) = (at_point.member_setup(), ensemble.random_key(&at_point, 0));
    let mut cpu_member = CpuMember::new(&case, key, CpuSplit::default()).expect("the example fits the arithmetic");
    let counts = cpu_member.run(at_point.steps).counts;
    let (plan, mut scratch) = (&at_point.plan, StatisticsScratch::default());
    let mut group = criterion.benchmark_group("statistics");
    group.throughput(Throughput::Elements(at_point.steps.into()));
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
