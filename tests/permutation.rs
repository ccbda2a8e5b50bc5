//! Is a network with a fixed in-degree what it says? The same graph stored, drawn again and on a device; exactly K sources of each
//! target, none twice; and nothing else that a random choice would not have.
//!
//! Variances are compared with those of a random choice by how far a chi-square of so many degrees of freedom may be: 4.5 standard
//! deviations, once in 1e5 for each of some 60 numbers.
mod common;
use snn_ensemble::network::wiring::chosen_word;
use snn_ensemble::random::permutation::{permuted, permuted_back, sides};
use snn_ensemble::wgsl::Word;

const KEY: [u32; 4] = [8, 6, 7, 5];

fn words(target: u32) -> [Word<u32>; 4] {
    snn_ensemble::random::threefry::threefry(KEY, [Word(target), Word(0), Word(5 | 3 << 8), Word(1)])
}

/// Sources of targets 0 to `targets` among `size`, as the graph has them.
fn sources(size: u32, indegree: u32, targets: usize) -> Vec<Vec<u32>> {
    let mut of_targets = vec![vec![]; targets];
    let mut bits = vec![0; targets];
    for word in 0..size.div_ceil(32) {
        chosen_word(KEY, 3, size, 0, word, u32::MAX, indegree, &mut bits);
        for (sources, bits) in of_targets.iter_mut().zip(&bits) {
            sources.extend((0..32).filter(|bit| bits >> bit & 1 == 1).map(|bit| 32 * word + bit));
        }
    }
    of_targets
}

/// A permutation of any size has each number once, and going back undoes it.
#[test]
fn every_number_has_one_place() {
    for size in (1..70).chain([100, 127, 128, 129, 1000, 65_536]) {
        let sides = sides(size);
        assert!(u64::from(sides[0]) * u64::from(sides[1]) >= u64::from(size));
        for target in [0, 1, 77] {
            let mut seen = vec![false; size as usize];
            for x in 0..size {
                let Word(y) = permuted(words(target), sides, size, x);
                assert!(!std::mem::replace(&mut seen[y as usize], true), "{y} twice in {size}");
                assert_eq!(permuted_back(words(target), sides, size, y).0, x);
            }
        }
    }
}

/// Exactly K, all of them distinct and neurons; all for K = N.
#[test]
fn every_target_has_as_many_sources() {
    for (size, indegree) in [(1, 1), (5, 2), (100, 10), (250, 250), (1000, 100), (1000, 999)] {
        for sources in sources(size, indegree, 50) {
            assert_eq!(sources.len() as u32, indegree);
            assert!(sources.windows(2).all(|pair| pair[0] < pair[1]) && sources.iter().all(|&j| j < size));
        }
    }
}

/// Variance of numbers around a known mean.
fn variance(numbers: &[f64], mean: f64) -> f64 {
    numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64
}

/// That of `count` numbers is within 4.5 standard deviations of `expected`, which Gaussian numbers would have.
fn is_as_expected(what: &str, found: f64, expected: f64, count: usize) {
    let z = (found / expected - 1.0) / (2.0 / count as f64).sqrt();
    println!("{what}: variance {found:.4} for {expected:.4}, z {z:.2}");
    assert!(z.abs() < 4.5, "{what}: {found} for {expected}");
}

/// Sources of a target among some neurons: hypergeometric, whatever these have in common.
#[test]
fn sources_among_some_are_hypergeometric() {
    const TARGETS: usize = 20_000;
    for (size, indegree) in [(1000, 100), (250, 25), (997, 300)] {
        let sources = sources(size, indegree, TARGETS);
        for (what, chosen) in [
            ("contiguous", (0..size).map(|j| j < size / 10).collect::<Vec<bool>>()),
            ("in the middle", (0..size).map(|j| j / (size / 10) == 4).collect()),
            ("every tenth", (0..size).map(|j| j % 10 == 0).collect()),
            ("a column", (0..size).map(|j| j % sides(size)[1] == 3).collect()),
            ("a half", (0..size).map(|j| j < size / 2).collect()),
        ] {
            let (n, s) = (f64::from(size), chosen.iter().filter(|chosen| **chosen).count() as f64);
            let p = f64::from(indegree) / n;
            let hit = |sources: &Vec<u32>| sources.iter().filter(|&&j| chosen[j as usize]).count() as f64;
            let hits: Vec<f64> = sources.iter().map(hit).collect();
            let (mean, expected) = (s * p, s * p * (1.0 - p) * (n - s) / (n - 1.0));
            let found = hits.iter().sum::<f64>() / TARGETS as f64;
            let z = (found - mean) / (expected / TARGETS as f64).sqrt();
            assert!(z.abs() < 4.5, "{indegree} of {size}, {what}: mean {found} for {mean}");
            is_as_expected(&format!("{indegree} of {size}, {what}"), variance(&hits, mean), expected, TARGETS);
        }
    }
}

/// Targets of a source: binomial; and of two sources no more in common than that.
#[test]
fn targets_of_sources_are_binomial_and_independent() {
    let (size, indegree, targets) = (2000u32, 200, 3000);
    let mut of_sources = vec![vec![0u64; targets / 64 + 1]; size as usize];
    for (target, sources) in sources(size, indegree, targets).iter().enumerate() {
        sources.iter().for_each(|&j| of_sources[j as usize][target / 64] |= 1 << (target % 64));
    }
    let (p, targets) = (f64::from(indegree) / f64::from(size), targets as f64);
    let degree = |bits: &Vec<u64>| f64::from(bits.iter().map(|word| word.count_ones()).sum::<u32>());
    let degrees: Vec<f64> = of_sources.iter().map(degree).collect();
    // The sum is known, which takes 1/N of the variance.
    let expected = targets * p * (1.0 - p);
    is_as_expected("out-degrees", variance(&degrees, targets * p), expected, size as usize);
    // Of a target that has one source, the chance of another is (K-1)/(N-1).
    let both = p * f64::from(indegree - 1) / f64::from(size - 1);
    for apart in [1, 2, 45, 1000] {
        let common = (0..size as usize - apart).map(|j| {
            let and = of_sources[j].iter().zip(&of_sources[j + apart]).map(|(a, b)| (a & b).count_ones());
            f64::from(and.sum::<u32>())
        });
        let common: Vec<f64> = common.collect();
        let mean = common.iter().sum::<f64>() / common.len() as f64;
        // Pairs that share a source are not independent, but their covariance is p times smaller.
        let z = (mean - targets * both) / (targets * both / common.len() as f64).sqrt();
        println!("sources {apart} apart: {mean:.3} targets in common for {:.3}, z {z:.2}", targets * both);
        assert!(z.abs() < 4.5, "{apart} apart: {mean} for {}", targets * both);
        is_as_expected(
            "targets in common",
            variance(&common, targets * both),
            targets * both * (1.0 - both),
            common.len(),
        );
    }
}
