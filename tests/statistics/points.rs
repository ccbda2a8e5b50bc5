//! Reduction over realisations, and distances between models.

use snn_ensemble::statistics::student::quantile_975;
use snn_ensemble::statistics::{BinAxis, Histogram, HistogramKind, Precision, Summary, relative_error, wasserstein};
use statrs::distribution::{ContinuousCDF, StudentsT};

#[test]
fn student_quantiles_match_an_independent_implementation() {
    // beyond some thousands it is the other implementation that loses digits
    for dof in (1..=60).chain([99, 100, 199, 200, 201, 1000, 4095]) {
        let expected = StudentsT::new(0.0, 1.0, dof as f64).unwrap().inverse_cdf(0.975);
        // the other implementation inverts its cdf by bisection to about 1e-9
        let found = quantile_975(dof);
        assert!((found / expected - 1.0).abs() < 1e-7, "{dof}: {found} instead of {expected}");
    }
    // the normal limit, next order (x^3 + x)/(4 n)
    let normal = 1.959963984540054_f64;
    assert!((quantile_975(1_000_000) - normal - (normal.powi(3) + normal) / 4e6).abs() < 1e-10);
    // tables: t(1) = tan(0.475 pi), t(2) = 0.95 sqrt(2/(1 - 0.95^2))
    assert!((quantile_975(1) - (0.475 * std::f64::consts::PI).tan()).abs() < 1e-13);
    assert!((quantile_975(2) - 0.95 * (2.0 / (1.0 - 0.95_f64.powi(2))).sqrt()).abs() < 1e-13);
}

#[test]
fn a_point_is_summarised_over_its_defined_values() {
    let summary = Summary::of([Some(1.0), None, Some(2.0), Some(3.0), Some(6.0)]);
    assert_eq!((summary.n, summary.mean), (4, Some(3.0)));
    // deviations -2, -1, 0, 3: variance 14/3, standard error sqrt(14/12)
    let sem = (14.0_f64 / 12.0).sqrt();
    assert!((summary.sem.unwrap() - sem).abs() < 1e-15);
    let (low, high) = summary.ci95.unwrap();
    // t(3) = 3.182446305284263
    assert!((high - 3.0 - 3.182446305284263 * sem).abs() < 1e-12 && (low + high - 6.0).abs() < 1e-12);
    let one = Summary::of([Some(5.0)]);
    assert_eq!((one.n, one.mean, one.sem, one.ci95), (1, Some(5.0), None, None));
    assert_eq!(Summary::of([None, None]), Summary::default());
}

#[test]
fn relative_errors_carry_both_uncertainties() {
    let of = |mean, sem| Summary { n: 9, mean: Some(mean), sem, ci95: None };
    let error = relative_error(&of(44.0, Some(0.3)), false, &of(40.0, Some(0.4))).unwrap();
    assert!((error.error - 0.1).abs() < 1e-15);
    // d(m/r) = dm/r and m dr/r^2: 0.0075 and 0.011
    assert!((error.se.unwrap() - (0.0075_f64.powi(2) + 0.011_f64.powi(2)).sqrt()).abs() < 1e-15);
    let deterministic = relative_error(&of(44.0, None), true, &of(40.0, Some(0.4))).unwrap();
    assert!((deterministic.se.unwrap() - 0.011).abs() < 1e-15);
    assert_eq!(relative_error(&of(44.0, None), false, &of(40.0, Some(0.4))).unwrap().se, None);
    assert_eq!(relative_error(&of(1.0, None), true, &of(0.0, None)), None);
}

fn histogram(low: f64, width: f64, values: &[f64]) -> Histogram {
    let x = BinAxis { low, width, bins: values.len() as u32, open_low: true, open_high: false };
    Histogram { kind: HistogramKind::Voltage, population: 0, x, y: None, values: values.to_vec() }
}

#[test]
fn wasserstein_distances_of_simple_shapes() {
    let distance = |a: &Histogram, b: &Histogram| wasserstein(a, b).unwrap();
    let a = histogram(0.0, 4.0, &[2.0, 0.0, 0.0, 0.0]);
    let shifted = histogram(0.0, 4.0, &[0.0, 0.0, 70.0, 0.0]);
    assert_eq!(distance(&a, &a), 0.0);
    assert_eq!((distance(&a, &shifted), distance(&shifted, &a)), (8.0, 8.0));
    // the same density on finer bins is at distance 0
    let finer = histogram(-4.0, 2.0, &[0.0, 0.0, 1.0, 1.0]);
    assert!(distance(&a, &finer) < 1e-15);
    // uniform on [0, 4] and on [1, 3]: F - G = x/4 on [0, 1], symmetric, crossing 0 at 2: 2 (1/8 + 1/8)
    let narrow = histogram(1.0, 2.0, &[5.0]);
    assert!((distance(&a, &narrow) - 0.5).abs() < 1e-15);
    assert_eq!(wasserstein(&a, &histogram(0.0, 4.0, &[0.0, 0.0])), None);
}

/// An ensemble goes on while its members tell nothing of how much they vary.
#[test]
fn equal_members_are_no_evidence_until_there_are_enough_of_them() {
    let of = |values: &[Option<f64>], limit| Precision::of(&Summary::of(values.iter().copied()), limit);
    let equal = |x: f64, n: usize| vec![Some(x); n];
    for x in [0.0, 10.0, -3.0] {
        // rule of three: 3/0.1
        assert_eq!(of(&equal(x, 2), 0.1), Precision::NotReached);
        assert_eq!(of(&equal(x, 29), 0.1), Precision::NotReached);
        assert_eq!(of(&equal(x, 30), 0.1), Precision::AllEqual);
        assert_eq!(of(&[equal(x, 29), vec![None]].concat(), 0.1), Precision::NotReached);
    }
    // what 0.05^(1/n) leaves to others is at most the limit
    let others = 1.0 - 0.05_f64.powf(1.0 / 30.0);
    assert!(others < 0.1 && others > 0.09, "{others}");
    assert_eq!(of(&[], 0.1), Precision::Undefined);
    assert_eq!(of(&[None; 16], 0.1), Precision::Undefined);
    assert_eq!(of(&[None, Some(1.0)], 1.0), Precision::NotReached);
    assert!(!Precision::Undefined.asks_for_more() && Precision::NotReached.asks_for_more());
    // 9, 10 and 11: standard error 1/sqrt(3), half width 4.303 of it, a quarter of the mean
    let three = [Some(9.0), Some(10.0), Some(11.0)];
    assert_eq!((of(&three, 0.24), of(&three, 0.25)), (Precision::NotReached, Precision::Reached));
    assert_eq!(of(&[Some(-1.0), Some(1.0)], 1.0), Precision::NotReached);
}
