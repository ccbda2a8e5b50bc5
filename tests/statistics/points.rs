//! Reduction over realisations, and distances between models.

use crate::support::Random;
use rand::Rng;
use snn_ensemble::random::MemberStream;
use snn_ensemble::statistics::compare::Realisations;
use snn_ensemble::statistics::student::quantile_975;
use snn_ensemble::statistics::{
    BinAxis, Deviation, Domain, Histogram, HistogramKind, Precision, Sampling, Summary, wasserstein,
};
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
fn deviations_carry_both_uncertainties() {
    let of = |values: &[f64]| Summary::of(values.iter().copied().map(Some));
    let single = |mean| of(&[mean]);
    // means 44 and 40, standard errors 1/sqrt(3) and 2/sqrt(3)
    let (model, reference) = (of(&[43.0, 44.0, 45.0]), of(&[38.0, 40.0, 42.0]));
    let deviation = Deviation::new(&model, Sampling::Independent, &reference).unwrap();
    assert!((deviation.difference.value - 4.0).abs() < 1e-12);
    // Welch: variances a = 1/3 and b = 4/3, degrees (a + b)^2/((a^2 + b^2)/2) = 50/17, of which 2 are whole: t = 4.3027
    let t2 = 0.95 * (2.0 / (1.0 - 0.95_f64.powi(2))).sqrt();
    assert!((deviation.difference.half.unwrap() - t2 * (5.0_f64 / 3.0).sqrt()).abs() < 1e-9);
    // d(m/r) = dm/r and m dr/r^2
    let relative = deviation.relative.unwrap();
    let se = ((1.0_f64 / 3.0) / 1600.0 + (4.0 / 3.0) * (44.0_f64 / 1600.0).powi(2)).sqrt();
    assert!((relative.value - 0.1).abs() < 1e-12 && (relative.half.unwrap() - t2 * se).abs() < 1e-9);
    assert_eq!((deviation.difference.holds_zero(), relative.holds_zero()), (Some(true), Some(true)));
    // a deterministic model adds nothing to the reference's interval
    let exact = Deviation::new(&single(44.0), Sampling::Exact, &reference).unwrap().difference;
    assert!((exact.half.unwrap() - t2 * 2.0 / 3.0_f64.sqrt()).abs() < 1e-9);
    // one realisation, and equal ones, leave it unknown
    for model in [single(44.0), of(&[44.0; 9])] {
        let deviation = Deviation::new(&model, Sampling::Independent, &reference).unwrap();
        assert_eq!((deviation.difference.half, deviation.difference.holds_zero()), (None, None));
    }
    assert_eq!(Deviation::new(&of(&[]), Sampling::Independent, &reference), None);
}

#[test]
fn near_zero_a_deviation_is_no_share() {
    let of = |values: &[f64]| Summary::of(values.iter().copied().map(Some));
    let model = of(&[-0.25, -0.24, -0.26]);
    for reference in [of(&[1e-17, -2e-17, 2e-17]), of(&[0.0; 4]), of(&[1e-16])] {
        let deviation = Deviation::new(&model, Sampling::Independent, &reference).unwrap();
        assert_eq!(deviation.relative, None);
        assert!((deviation.difference.value + 0.25).abs() < 1e-12);
    }
    let told = Deviation::new(&model, Sampling::Independent, &of(&[1e-3, 1.1e-3, 0.9e-3])).unwrap();
    assert!((told.relative.unwrap().value + 251.0).abs() < 1e-9);
    assert!(Deviation::new(&model, Sampling::Independent, &of(&[0.5])).unwrap().relative.is_some());
}

/// How often an interval of two exact models of three realisations each misses 0; 1.96 standard errors miss it in one case of eight.
#[test]
fn intervals_of_few_realisations_cover_what_they_claim() {
    let mut random = Random(5);
    let mut normal = || (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
    let mut three = |sd: f64| Summary::of((0..3).map(|_| Some(100.0 + sd * normal())));
    let outside = (0..4000).filter(|_| {
        let deviation = Deviation::new(&three(1.0), Sampling::Independent, &three(3.0)).unwrap();
        deviation.difference.holds_zero() == Some(false)
    });
    // whole degrees are on the safe side: 200 at most, standard deviation 14; five of them are false alarms of 3e-7
    let outside = outside.count();
    assert!(outside < 270, "{outside} of 4000");
    assert!(outside > 40, "intervals that are too wide: {outside} of 4000");
}

/// Realisations of the same number have their random numbers in common: the interval of the difference is that of the differences.
#[test]
fn pairs_of_realisations_have_the_interval_of_their_differences() {
    let summary = |values: &[f64]| Summary::of(values.iter().copied().map(Some));
    let numbers: Vec<i64> = (0..5).collect();
    let (model, reference) = ([44.0, 49.5, 38.0, 52.0, 41.0], [40.0, 45.0, 35.0, 47.0, 38.0]);
    let of = |values: &[f64], numbers: &[i64], other: &[f64]| {
        let [a, b] = [values, other].map(|values| values.iter().copied().map(Some).collect::<Vec<_>>());
        let a = Realisations { numbers, values: &a };
        let sampling = Sampling::of(Domain::Real, a, Realisations { numbers: &[0, 1, 2, 3, 4], values: &b });
        (sampling, Deviation::new(&summary(values), sampling, &summary(other)).unwrap())
    };
    let (_, deviation) = of(&model, &numbers, &reference);
    let differences = summary(&[4.0, 4.5, 3.0, 5.0, 3.0]);
    let half = differences.ci95.unwrap().1 - differences.mean.unwrap();
    assert!((deviation.difference.half.unwrap() - half).abs() < 1e-9, "{deviation:?}, {half}");
    // to first order m/r - 1 varies as m/r (dm/m - dr/r)
    let (m, r) = (44.9, 41.0);
    let relative = summary(&std::array::from_fn::<f64, 5, _>(|i| model[i] / r - m * reference[i] / (r * r)));
    let half = relative.ci95.unwrap().1 - relative.mean.unwrap();
    assert!((deviation.relative.unwrap().half.unwrap() - half).abs() < 1e-9, "{deviation:?}, {half}");
    // where some are missing, what the others have in common counts: 3 of 3 and 5
    let (sampling, some) = of(&[49.5, 38.0, 41.0], &[1, 2, 4], &reference);
    let Sampling::Paired { pairs: 3, correlation } = sampling else { panic!("{sampling:?}") };
    let (a, b) = (summary(&[49.5, 38.0, 41.0]).sem.unwrap(), summary(&reference).sem.unwrap());
    let variance = a * a + b * b - 2.0 * correlation * 3.0 / 15.0_f64.sqrt() * a * b;
    assert!(correlation > 0.99 && (some.difference.half.unwrap() - quantile_975(2) * variance.sqrt()).abs() < 1e-9);
    // no common ones, or equal ones: independent
    for (values, numbers) in [(model, [5, 6, 7, 8, 9]), ([1.0; 5], [0, 1, 2, 3, 4])] {
        assert_eq!(of(&values, &numbers, &reference).0, Sampling::Independent);
    }
}

/// Angles near pi and -pi are neighbours.
#[test]
fn angles_are_averaged_on_the_circle() {
    let pi = std::f64::consts::PI;
    let angles = [pi - 0.1, 0.2 - pi, pi - 0.3, pi].map(Some);
    let summary = Summary::on(Domain::Angle, angles);
    // vectors around pi, with distances -0.1, 0.2, -0.3 and 0
    let plain = Summary::of([-0.1, 0.2, -0.3, 0.0].map(Some));
    let mean = summary.mean.unwrap();
    assert!((mean - (pi - 0.05)).abs() < 2e-3, "{mean}");
    // of small distances that of a line, to second order
    assert!((summary.sem.unwrap() / plain.sem.unwrap() - 1.0).abs() < 0.02, "{summary:?}");
    let (low, high) = summary.ci95.unwrap();
    assert!((0.5 * (low + high) - mean).abs() < 1e-12 && high > pi, "{summary:?}");
    assert_eq!(Summary::on(Domain::Angle, [None]), Summary::default());
    assert_eq!(Summary::on(Domain::Angle, [Some(1.0), None]).mean, Some(1.0));
}

#[test]
fn opposite_directions_tell_nothing_of_their_mean() {
    let summary = Summary::on(Domain::Angle, [0.0, 0.0, std::f64::consts::PI].map(Some));
    let (low, high) = summary.ci95.unwrap();
    assert!(high - low > 6.2 && summary.sem.unwrap() > 1.0, "{summary:?}");
}

/// Intervals of directions hold them as often as they say, however much the angles scatter; of angles that may be any, they are all of
/// the circle.
#[test]
fn directions_lie_in_their_intervals() {
    // 1 + a cos(angle) over its largest value: a resultant of length a/2
    for (n, a) in [5, 20].into_iter().flat_map(|n| [0.0, 0.2, 0.9].map(|a| (n, a))) {
        let mut within = 0;
        for seed in 0..400 {
            let mut stream = MemberStream::new([seed, n, (100.0 * a) as u32, 7], 0);
            let mut uniform = || f64::from(stream.next_u32()) / f64::from(u32::MAX);
            let mut angle = || loop {
                let angle = std::f64::consts::TAU * (uniform() - 0.5);
                if uniform() * (1.0 + a) < 1.0 + a * angle.cos() {
                    return angle;
                }
            };
            let angles: Vec<Option<f64>> = (0..n).map(|_| Some(angle())).collect();
            let (low, high) = Summary::on(Domain::Angle, angles).ci95.unwrap();
            within += usize::from((low..=high).contains(&0.0) || high - low > 6.2);
        }
        assert!(within >= 355, "{within} of 400 with n = {n}, a = {a}");
    }
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

/// Of 0, 5 and 10 of ten: z^2 = 3.8415, so 0 to z^2/(10 + z^2), and 0.5 +- z/2 /sqrt(10 + z^2).
#[test]
fn outcomes_have_intervals_within_0_and_1() {
    let of = |ones: usize, n: usize| Summary::of((0..n).map(|i| Some(f64::from(u8::from(i < ones))))).of_outcomes();
    let ends = |ones| of(ones, 10).ci95.unwrap();
    let z = 1.959963984540054_f64;
    let (none, half) = (z * z / (10.0 + z * z), 0.5 * z / (10.0 + z * z).sqrt());
    let expected = [(0, (0.0, none)), (5, (0.5 - half, 0.5 + half)), (10, (1.0 - none, 1.0))];
    for (ones, (low, high)) in expected {
        let found = ends(ones);
        assert!((found.0 - low).abs() < 1e-12 && (found.1 - high).abs() < 1e-12, "{ones} of 10: {found:?}");
    }
    assert_eq!((of(3, 10).mean, of(3, 10).n, of(1, 1).ci95), (Some(0.3), 10, None));
    // What it is for: of all samples from a probability, how many have intervals that hold it. Student's hold it in 28 % at 0.02.
    for p in [0.02, 0.1, 0.3, 0.5, 0.9, 0.98] {
        let mut held = 0.0;
        let mut share = (1.0_f64 - p).powi(16);
        for ones in 0..=16 {
            let (low, high) = of(ones, 16).ci95.unwrap();
            held += if low <= p && p <= high { share } else { 0.0 };
            share *= (16 - ones) as f64 / (ones + 1) as f64 * p / (1.0 - p);
        }
        assert!(held > 0.9, "{held} of all samples from {p}");
    }
}
