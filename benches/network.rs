//! One step of the example network on one core: the update of its neurons, births with it, and the other models.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::network::cpu_member::{CpuMember, CpuSplit};

const EXAMPLE: &str = include_str!("../configs/quickstart.yaml");
/// Steps of one iteration, and before the first: the network has found its rhythm.
const STEPS: u32 = 100;
const WARM: u32 = 500;

fn step(criterion: &mut Criterion, name: &str, set: &[&str]) {
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    let experiment = load(EXAMPLE, "the example", &set).expect("the example loads");
    let ensemble = Ensemble::new(experiment, false).expect("the example runs");
    let at_point = ensemble.at_point(0, 0).expect("the example has a point");
    let case = at_point.case();
    let key = ensemble.random_key(&at_point, 0);
    let mut cpu_member = CpuMember::new(&case, key, CpuSplit::default()).expect("the example fits the arithmetic");
    cpu_member.run(WARM);
    let mut group = criterion.benchmark_group("network");
    group.throughput(Throughput::Elements(u64::from(STEPS) * at_point.size()));
    group.bench_function(BenchmarkId::from_parameter(name), |b| {
        b.iter(|| cpu_member.run(STEPS).steps);
    });
    group.finish();
}

fn networks(criterion: &mut Criterion) {
    let silent = [
        "populations.E.drive.rate=0.5",
        "populations.I.drive.rate=0.5",
        "populations.E.tau_m=5",
        "populations.I.tau_m=5",
    ];
    step(criterion, "update", &silent);
    step(criterion, "update and births", &[]);
    step(criterion, "update and quenched births", &["connectivity=quenched"]);
    step(criterion, "poisson drive", &["populations.E.drive.kind=poisson", "populations.I.drive.kind=poisson"]);
    step(criterion, "markov", &["models=[markov]"]);
    step(criterion, "markov coloured", &["models=[{markov: {closure: coloured}}]"]);
}

criterion_group!(benches, networks);
criterion_main!(benches);
