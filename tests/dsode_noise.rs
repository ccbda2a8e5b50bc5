//! Are the binomial variates of finite-size noise binomial, in both precisions?

use snn_ensemble::reduced::Real;
use snn_ensemble::reduced::noise::{Stream, binomial, ln_binomial, word};
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete};

/// Means below and above 10, both sides of p = 1/2, whole populations of 3 10^6.
const CASES: [(u64, f64); 10] = [
    (1, 0.3),
    (7, 0.9),
    (300, 0.02),
    (300, 0.5),
    (30, 0.4),
    (30, 0.34),
    (2_000_000, 3e-6),
    (3_000_000, 2e-5),
    (3_000_000, 0.45),
    (3_000_000, 0.999_99),
];
const DRAWS: u32 = 100_000;

/// Pearson's statistic over intervals of k that hold at least 50 expected draws, and its degrees of freedom.
fn chi_squared<T: Real>(n: u64, p: f64) -> (f64, f64) {
    let law = Binomial::new(p, n).expect("a law");
    let mut draws: Vec<u64> = (0..DRAWS)
        .map(|step| {
            let stream = Stream { key: [1, 2, 3, 4], step, population: 0, bin: 9, purpose: 64 };
            let word = word(&stream, step % 7);
            let k = binomial(&stream, step % 7, word, T::of(n as f64), T::of(p), T::one() - T::of(p)).to_f64();
            assert!(k.fract() == 0.0 && k >= 0.0 && k <= n as f64, "{k} of {n}");
            k as u64
        })
        .collect();
    draws.sort_unstable();
    let sd = (n as f64 * p * (1.0 - p)).sqrt();
    let low = (n as f64 * p - 8.0 * sd - 30.0).max(0.0) as u64;
    let high = ((n as f64 * p + 8.0 * sd + 30.0) as u64).min(n);
    let (mut statistic, mut cells, mut expected, mut from) = (0.0, 0.0, 0.0, 0);
    for k in low..=high {
        expected += law.pmf(k) * f64::from(DRAWS);
        if expected >= 50.0 || k == high {
            let until = draws.partition_point(|&d| d <= k);
            let seen = (until - from) as f64;
            // The last interval may hold too few for the limit law: it joins the others only from 5 on.
            if expected >= 5.0 {
                statistic += (seen - expected) * (seen - expected) / expected;
                cells += 1.0;
            }
            (expected, from) = (0.0, until);
        }
    }
    (statistic, cells - 1.0)
}

#[test]
fn draws_follow_the_law() {
    for (n, p) in CASES {
        for (precision, (statistic, freedom)) in [("f64", chi_squared::<f64>(n, p)), ("f32", chi_squared::<f32>(n, p))]
        {
            let tail = 1.0 - ChiSquared::new(freedom).expect("a law").cdf(statistic);
            println!("{precision} n {n} p {p}: chi squared {statistic:.1} of {freedom}, tail {tail:.2e}");
            // 20 tests with fixed seeds: one in 500 000 choices of seeds would fail.
            assert!(tail > 1e-7, "{precision}, n {n}, p {p}: chi squared {statistic} of {freedom}");
        }
    }
}

/// Largest error of ln P(k) within 6 standard deviations.
fn worst<T: Real>(n: u64, p: f64) -> f64 {
    // The law of the rounded p.
    let p = T::of(p).to_f64();
    let law = Binomial::new(p, n).expect("a law");
    let sd = (n as f64 * p * (1.0 - p)).sqrt();
    (-60..=60)
        .map(|i| (n as f64 * p + f64::from(i) * 0.1 * sd).round())
        .filter(|k| *k >= 1.0 && *k < n as f64)
        .map(|k| {
            let ln = ln_binomial(T::of(n as f64), T::of(p), T::one() - T::of(p), T::of(k));
            (ln.to_f64() - law.ln_pmf(k as u64)).abs() * law.pmf(k as u64) * sd.max(1.0)
        })
        .max_by(f64::total_cmp)
        .expect("outcomes")
}

#[test]
fn probabilities_keep_their_digits() {
    for (n, p) in CASES.into_iter().filter(|(n, p)| *n as f64 * p.min(0.5) >= 10.0) {
        let (double, single) = (worst::<f64>(n, p), worst::<f32>(n, p));
        println!("n {n} p {p}: {double:e} {single:e}");
        // statrs sums logarithms of factorials of about n ln n = 5e7, each to a rounding or two: 2e-8 in f64. In f32, n p is
        // rounded to 6e-8 of itself, which moves the law by 6e-8 sqrt(n p) standard deviations, 7e-5 at the largest n.
        assert!(double < 5e-8, "n {n}, p {p}: {double:e} in f64");
        assert!(single < 1e-4, "n {n}, p {p}: {single:e} in f32");
    }
}
