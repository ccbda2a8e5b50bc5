//! Are the random numbers equidistributed and independent as the networks use them, and do the tables draw their laws?
//!
//! Every statistic is a chi-square or a normal deviate under the hypothesis of randomness; with p below [`ALARM`] = 1e-6 a
//! test fails. The file makes about 470 such comparisons, so with other seeds it would fail wrongly once in 2000 times.
use snn_ensemble::network::tables::Tables;
use snn_ensemble::random::alias::{LargeRow, SmallTable};
use snn_ensemble::random::draws::*;
use snn_ensemble::random::normal_table::VALUES;
use snn_ensemble::wgsl::Word;
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete, DiscreteCDF, Normal};

const ALARM: f64 = 1e-6;
const KEY: [u32; 4] = [0x2545_f491, 0x4f6c_dd1d, 3, 4];

/// Word `k` of a neuron's words of a step and purpose, where it has `words` of them.
fn word(key: [u32; 4], neuron: u32, step: u32, purpose: u32, words: u32, k: u32) -> u32 {
    let at = (step * words + k) & 3;
    word_block(key, Word(neuron), step, purpose, words, k >> 2)[at as usize].0
}

/// The parts of a pair of words that different draws read: normal variate, both deaths, release (its leading bits).
fn fields(pair: [u32; 2]) -> [(&'static str, u32); 4] {
    let release = release_bits(Word(pair[1])).0;
    [
        ("normal", pair[0] & 0xfff),
        ("deaths of projection 0", pair[0] >> 20),
        ("deaths of projection 1", pair[1] >> 20),
        ("release", release >> 19),
    ]
}

/// Counts against expected counts.
fn chi_square(what: &str, counts: &[f64], expected: &[f64]) {
    let statistic: f64 = counts.iter().zip(expected).map(|(c, e)| (c - e).powi(2) / e).sum();
    let law = ChiSquared::new(counts.len() as f64 - 1.0).unwrap();
    let p = law.sf(statistic).min(law.cdf(statistic));
    assert!(p > ALARM, "{what}: chi-square {statistic:.1} with {} degrees of freedom, p {p:.1e}", counts.len() - 1);
}

fn uniform(what: &str, counts: &[f64]) {
    let expected = counts.iter().sum::<f64>() / counts.len() as f64;
    chi_square(what, counts, &vec![expected; counts.len()]);
}

/// Correlation of pairs of uniform numbers below `range`; n pairs make it normal with variance 1/n.
fn uncorrelated(what: &str, pairs: &[(f64, f64)], range: f64) {
    let centre = (range - 1.0) / 2.0;
    let variance = (range * range - 1.0) / 12.0;
    let n = pairs.len() as f64;
    let sum: f64 = pairs.iter().map(|(a, b)| (a - centre) * (b - centre)).sum();
    normal(what, sum / (variance * n.sqrt()));
}

fn normal(what: &str, z: f64) {
    let p = 2.0 * Normal::standard().sf(z.abs());
    assert!(p > ALARM, "{what}: {z:.2} standard deviations off, p {p:.1e}");
}

/// A neighbour of a word in each of the directions in which a network walks.
type Neighbour = fn([u32; 4], u32, u32, u32) -> u32;

fn neighbours() -> Vec<(&'static str, Neighbour)> {
    vec![
        ("next neuron", |key, neuron, step, k| word(key, neuron + 1, step, UPDATE, 2, k)),
        ("next step", |key, neuron, step, k| word(key, neuron, step + 1, UPDATE, 2, k)),
        ("step after next", |key, neuron, step, k| word(key, neuron, step + 2, UPDATE, 2, k)),
        ("other word", |key, neuron, step, k| word(key, neuron, step, UPDATE, 2, 1 - k)),
        ("births", |key, neuron, step, k| word(key, neuron, step, BIRTHS, 2, k)),
        ("large deaths", |key, neuron, step, k| word(key, neuron, step, LARGE_DEATHS, 2, k)),
        ("next member", |[a, b, c, d], neuron, step, k| word([a, b, c, d + 1], neuron, step, UPDATE, 2, k)),
        ("member of one other bit", |[a, b, c, d], neuron, step, k| word([a ^ 1, b, c, d], neuron, step, UPDATE, 2, k)),
        ("network of four words", |key, neuron, step, k| word(key, neuron, step, UPDATE, 4, k + 2)),
    ]
}

/// Every byte of the words of 400 neurons in 500 steps, and of 10 000 members at one place.
#[test]
fn bytes_are_equidistributed() {
    let mut counts = [[[0.0; 256]; 4]; 3];
    for neuron in 0..400 {
        for step in 0..500 {
            for (purpose, counts) in [UPDATE, BIRTHS].into_iter().zip(&mut counts) {
                for (byte, counts) in word(KEY, neuron, step, purpose, 2, step & 1).to_le_bytes().iter().zip(counts) {
                    counts[*byte as usize] += 1.0;
                }
            }
        }
    }
    for member in 0..200_000 {
        for (byte, counts) in word([member, 0, 0, 0], 7, 0, UPDATE, 2, 0).to_le_bytes().iter().zip(&mut counts[2]) {
            counts[*byte as usize] += 1.0;
        }
    }
    for (source, counts) in ["updates", "births", "members"].into_iter().zip(&counts) {
        for (byte, counts) in counts.iter().enumerate() {
            uniform(&format!("byte {byte} of {source}"), counts);
        }
    }
}

/// Linear correlation, each bit's agreement, and the joint law of leading and of trailing hexadecimal digits.
#[test]
fn neighbours_are_independent() {
    for (what, neighbour) in neighbours() {
        let mut pairs = vec![];
        let mut agreements = [0.0f64; 32];
        let (mut leading, mut trailing) = (vec![0.0; 256], vec![0.0; 256]);
        for neuron in 0..300 {
            for step in (0..600).step_by(2) {
                let k = (neuron >> 3) & 1;
                let (a, b) = (word(KEY, neuron, step, UPDATE, 2, k), neighbour(KEY, neuron, step, k));
                pairs.push((f64::from(a), f64::from(b)));
                for (bit, agreements) in agreements.iter_mut().enumerate() {
                    *agreements += f64::from(!(a ^ b) >> bit & 1);
                }
                leading[(a >> 28 << 4 | b >> 28) as usize] += 1.0;
                trailing[((a & 15) << 4 | b & 15) as usize] += 1.0;
            }
        }
        let n = pairs.len() as f64;
        uncorrelated(what, &pairs, 4_294_967_296.0);
        for (bit, agreements) in agreements.into_iter().enumerate() {
            normal(&format!("{what}, bit {bit}"), (agreements - n / 2.0) / (n / 4.0).sqrt());
        }
        uniform(&format!("{what}, leading digits"), &leading);
        uniform(&format!("{what}, trailing digits"), &trailing);
    }
}

/// Drive, deaths and release of one neuron in one step: every pair of the fields' leading four bits, and their correlation.
#[test]
fn fields_of_a_pair_are_independent() {
    let mut rows = vec![];
    for neuron in 0..400 {
        for step in 0..500 {
            rows.push(fields([0, 1].map(|k| word(KEY, neuron, step, UPDATE, 2, k))));
        }
    }
    for a in 0..4 {
        let mut alone = vec![0.0; 4096];
        rows.iter().for_each(|row| alone[row[a].1 as usize] += 1.0);
        uniform(rows[0][a].0, &alone);
        for b in 0..a {
            let what = format!("{} and {}", rows[0][a].0, rows[0][b].0);
            let mut joint = vec![0.0; 256];
            let mut pairs = vec![];
            for row in &rows {
                joint[(row[a].1 >> 8 << 4 | row[b].1 >> 8) as usize] += 1.0;
                pairs.push((f64::from(row[a].1), f64::from(row[b].1)));
            }
            uniform(&what, &joint);
            uncorrelated(&what, &pairs, 4096.0);
        }
    }
}

/// The sum over many steps of one neuron's normal variates is as wide as that of independent ones, and so is the sum over
/// neurons in one step: what a hidden period or a common part would change first.
#[test]
fn sums_of_the_drive_have_the_variance_of_independent_ones() {
    let normal_table = snn_ensemble::random::normal_table::normal_table();
    let z = |neuron, step| f64::from(normal_table[word(KEY, neuron, step, UPDATE, 2, 0) as usize % VALUES]) / 8192.0;
    let (lines, length) = (1000, 1000);
    for (what, along) in [("steps", false), ("neurons", true)] {
        let sums = (0..lines).map(|i| {
            let sum: f64 = (0..length).map(|j| if along { z(j, i) } else { z(i, j) }).sum();
            sum * sum / f64::from(length)
        });
        // Chi-square with one degree of freedom per line, up to the kurtosis of the table, 1e-5 after the sum.
        let law = ChiSquared::new(f64::from(lines)).unwrap();
        let statistic: f64 = sums.sum();
        let p = law.sf(statistic).min(law.cdf(statistic));
        assert!(p > ALARM, "sums over {what}: {statistic:.1} for {lines}, p {p:.1e}");
    }
}

/// Counts of outcomes against a binomial law, outcomes of expected count below 10 joined to their neighbours.
fn binomial_law(what: &str, n: u32, q: f64, draws: &[u32]) {
    let law = Binomial::new(q, u64::from(n)).unwrap();
    let total = draws.len() as f64;
    let (low, high) = (*draws.iter().min().unwrap(), *draws.iter().max().unwrap());
    let mut histogram = vec![0.0; (high - low + 1) as usize];
    draws.iter().for_each(|&k| histogram[(k - low) as usize] += 1.0);
    let (mut counts, mut expected) = (vec![], vec![]);
    let (mut count, mut weight) = (0.0, if low > 0 { law.cdf(u64::from(low) - 1) * total } else { 0.0 });
    for (k, seen) in (low..=high).zip(histogram) {
        count += seen;
        weight += law.pmf(u64::from(k)) * total;
        if weight >= 10.0 {
            counts.push(count);
            expected.push(weight);
            (count, weight) = (0.0, 0.0);
        }
    }
    let last = counts.len() - 1;
    counts[last] += count;
    expected[last] += weight + law.sf(u64::from(high)) * total;
    if last > 0 {
        chi_square(what, &counts, &expected);
    }
    let (mean, variance) = (f64::from(n) * q, f64::from(n) * q * (1.0 - q));
    let found = draws.iter().map(|&k| f64::from(k) - mean).sum::<f64>() / total;
    normal(&format!("{what}: mean"), found / (variance / total).sqrt());
    if n == 1 {
        return;
    }
    let square = draws.iter().map(|&k| (f64::from(k) - mean).powi(2)).sum::<f64>() / total;
    let fourth = 3.0 * variance * variance + variance * (1.0 - 6.0 * q * (1.0 - q));
    normal(&format!("{what}: variance"), (square - variance) / ((fourth - variance * variance) / total).sqrt());
}

#[test]
fn small_tables_draw_the_binomial_law() {
    for q in [0.1 / 4.5, 0.1 / 1.4, 0.5, 0.8] {
        let SmallTable { log2_columns, mut entries } = SmallTable::binomial(q, 255);
        entries.extend([0; REACH]);
        for n in [1, 2, 7, 30, 100, 255] {
            let draws: Vec<u32> = (0..100_000)
                .map(|i| {
                    let word = Word(word(KEY, i % 400, i / 400, UPDATE, 2, 0));
                    small_binomial(small_table(&entries, 0), log2_columns, Word(n), word).0
                })
                .collect();
            binomial_law(&format!("binomial of {n}, {q}"), n, q, &draws);
        }
    }
}

/// n above 255, as a network draws it: the low eight bits from the small table, each power of two from its own row.
#[test]
fn large_binomials_have_their_law() {
    for q in [0.1 / 14.0, 0.1 / 1.4, 0.8] {
        let mut tables: Vec<u32> = SmallTable::binomial(q, 255).entries;
        let log2_columns = SmallTable::binomial(q, 255).log2_columns;
        let large = tables.len();
        let powers = 8..17;
        tables.resize(large + LARGE_HEADER as usize * powers.len(), 0);
        for (i, power) in powers.enumerate() {
            let row = LargeRow::binomial(power, q);
            let header = [tables.len() as u32, row.log2_columns, row.base];
            tables[large + LARGE_HEADER as usize * i..][..3].copy_from_slice(&header);
            tables.extend(row.entries);
        }
        tables.extend([0; REACH]);
        let mut words = [[Word(0); CHUNK]; 4];
        for n in [256, 300, 1000, 4095, 20_000, 100_000] {
            let draws: Vec<u32> = (0..40_000)
                .map(|i| {
                    let (neuron, step) = (i % 400, i / 400);
                    let word = Word(word(KEY, neuron, step, UPDATE, 2, 0));
                    let mut drawn = [small_binomial(small_table(&tables, 0), log2_columns, Word(n), word).0];
                    let draw = Draw { key: KEY, first: neuron, step, purpose: LARGE_DEATHS };
                    large_binomial(&tables, large as u32, draw, &[n], &mut words, &mut drawn);
                    drawn[0]
                })
                .collect();
            binomial_law(&format!("binomial of {n}, {q}"), n, q, &draws);
        }
    }
}

/// The tables begin with the normal values, where the kernels look for them.
#[test]
fn tables_begin_with_the_normal_values() {
    let tables = Tables::new(1);
    assert!(tables.words.iter().zip(tables.normal).all(|(&word, &z)| word as i32 == z));
    assert_eq!(tables.words.len(), VALUES);
}
