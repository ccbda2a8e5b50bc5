//! The generator and the draws, in loops that become the vector instructions of this processor.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use multiversion::multiversion;
use snn_ensemble::random::alias::SmallTable;
use snn_ensemble::random::draws::{REACH, small_binomial, small_table};
use snn_ensemble::random::threefry::threefry;
use snn_ensemble::wgsl::{U32, Word};
use std::hint::black_box;

/// Draws of one iteration.
const DRAWS: usize = 4096;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn blocks(key: [u32; 4], drawn: &mut [U32; DRAWS]) {
    for (i, drawn) in (0..).zip(drawn) {
        let [a, b, c, d] = threefry(key, [Word(i), Word(0), Word(0), Word(0)]);
        *drawn = a ^ b ^ c ^ d;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn binomials(table: &[u32; REACH], log2_columns: u32, words: &[U32; DRAWS], drawn: &mut [U32; DRAWS]) {
    for (drawn, &word) in drawn.iter_mut().zip(words) {
        *drawn = small_binomial(table, log2_columns, word & 0x7f, word);
    }
}

fn random(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random");
    group.throughput(Throughput::Elements(DRAWS as u64));
    let mut drawn = [Word(0); DRAWS];
    group.bench_function("threefry blocks", |b| b.iter(|| blocks(black_box([1, 2, 3, 4]), &mut drawn)));
    let SmallTable { log2_columns, mut entries } = SmallTable::binomial(0.08, 255);
    entries.extend([0; REACH]);
    let words = std::array::from_fn(|i| Word((i as u32).wrapping_mul(2_654_435_761)));
    group.bench_function("binomials", |b| {
        b.iter(|| binomials(small_table(&entries, 0), log2_columns, black_box(&words), &mut drawn))
    });
    group.finish();
}

criterion_group!(benches, random);
criterion_main!(benches);
