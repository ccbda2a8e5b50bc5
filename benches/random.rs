//! The generator and the draws, eight lanes side by side with the vector instructions of this processor.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use multiversion::multiversion;
use snn_ensemble::lanes::{Lanes, U32};
use snn_ensemble::random::alias::SmallTable;
use snn_ensemble::random::draws::small_binomial;
use snn_ensemble::random::threefry::threefry;
use std::hint::black_box;

/// Draws of one iteration.
const DRAWS: u32 = 4096;
const LANES: usize = 8;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn blocks(key: [u32; 4]) -> U32<LANES> {
    let mut sum = U32::splat(0);
    for at in (0..DRAWS).step_by(LANES) {
        let counter = [Lanes::from_fn(|l| at + l as u32), Lanes::splat(0), Lanes::splat(0), Lanes::splat(0)];
        let [a, b, c, d] = threefry(key, counter);
        sum = sum ^ a ^ b ^ c ^ d;
    }
    sum
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn binomials(table: &SmallTable, words: &[u32]) -> U32<LANES> {
    let mut sum = U32::splat(0);
    for words in words.chunks_exact(LANES) {
        let words = U32::from_fn(|l| words[l]);
        sum = sum + small_binomial(&table.entries, 0, table.log2_columns, words & 0x7f, words);
    }
    sum
}

fn random(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random");
    group.throughput(Throughput::Elements(DRAWS.into()));
    group.bench_function("threefry blocks", |b| b.iter(|| blocks(black_box([1, 2, 3, 4]))));
    let table = SmallTable::binomial(0.08, 255);
    let words: Vec<u32> = (0..DRAWS).map(|i| i.wrapping_mul(2_654_435_761)).collect();
    group.bench_function("binomials", |b| b.iter(|| binomials(&table, black_box(&words))));
    group.finish();
}

criterion_group!(benches, random);
criterion_main!(benches);
