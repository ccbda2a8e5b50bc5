//! Is a transition where the means cross, and as sure as its realisations make it?

use rand::Rng;
use snn_ensemble::random::MemberStream;
use snn_ensemble::statistics::crossing::{Crossing, LEAST, crossings};

const KEY: [u32; 4] = [1, 2, 3, 4];

/// A mean that falls through 0 at 0.712, with realisations that scatter uniformly.
fn scan(n: usize, seed: u32) -> (Vec<f64>, Vec<Vec<f64>>) {
    let x: Vec<f64> = (0..11).map(|i| 0.6 + 0.02 * f64::from(i)).collect();
    let realisations = x.iter().zip(0..).map(|(x, point)| {
        let mut stream = MemberStream::new([seed, 9, 9, 9], point);
        let mut noise = || f64::from(stream.next_u32()) / f64::from(u32::MAX) - 0.5;
        (0..n).map(|_| 10.0 * (0.712 - x) + noise()).collect()
    });
    let realisations = realisations.collect();
    (x, realisations)
}

#[test]
fn intervals_hold_the_place_and_halve_with_four_times_the_realisations() {
    let (mut within, mut widths) = (0, [0.0; 2]);
    for seed in 0..40 {
        for (n, width) in [400, 1600].into_iter().zip(&mut widths) {
            let (x, realisations) = scan(n, seed);
            let found = crossings(&x, &realisations, LEAST, 0.0, KEY);
            let [Crossing { value, ci95: Some((low, high)), rises: false, .. }] = found[..] else {
                panic!("{found:?}")
            };
            assert!(low < value && value < high && (value - 0.712).abs() < 0.01);
            within += usize::from(low < 0.712 && 0.712 < high);
            *width += (high - low) / 40.0;
        }
    }
    // Of 80 intervals 76 are expected to hold it, 4 standard deviations are 8.
    assert!(within >= 68, "{within} of 80");
    let ratio = widths[0] / widths[1];
    assert!((ratio - 2.0).abs() < 0.1, "{widths:?}");
}

#[test]
fn what_is_undecided_is_enclosed_and_what_comes_back_crosses_again() {
    let x = [0.0, 1.0, 2.0, 3.0, 4.0];
    let of = |mean: f64| vec![mean - 0.03, mean, mean + 0.03];
    let there = [1.0, 0.1, -1.0, -1.0, 1.0].map(of);
    let found = crossings(&x, &there, LEAST, 0.0, KEY);
    assert_eq!(found.iter().map(|crossing| crossing.rises).collect::<Vec<_>>(), [false, true]);
    // Through (1, 0.1) and (2, -1).
    assert!((found[0].value - 12.0 / 11.0).abs() < 1e-9 && found[0].n == 3, "{found:?}");
    assert_eq!(found[0].between, (0.0, 2.0));
    assert_eq!(found, crossings(&x, &there, LEAST, 0.0, KEY));
    assert!(crossings(&x, &[1.0, 0.1, 0.2, 0.1, 1.0].map(of), LEAST, 0.0, KEY).is_empty());
}

/// Means that lie about the level without an order are pooled; the crossing is between the decided ones.
#[test]
fn a_crossing_is_where_it_is_enclosed() {
    let x = [0.0, 1.0, 2.0, 3.0, 4.0];
    let of = |mean: f64| vec![mean - 0.03, mean, mean + 0.03];
    let means = [0.4, 0.3, 0.32, 0.3, -0.37];
    let loose = |mean: f64| vec![mean - 3.0, mean, mean + 3.0];
    let there = [of(means[0]), loose(means[1]), loose(means[2]), loose(2.0), of(means[4])];
    let found = crossings(&x, &there, LEAST, 0.0, KEY);
    let [Crossing { value, ci95: Some((low, high)), .. }] = found[..] else { panic!("{found:?}") };
    assert!([low, value, high].iter().all(|at| (0.0..=4.0).contains(at)), "{found:?}");
    // What scatters a hundred times as much hardly moves the pool of the first four.
    let pool = (0.4 + 1e-4 * (0.3 + 0.32 + 2.0)) / 1.0003;
    assert!((value - (3.0 + pool / (pool + 0.37))).abs() < 1e-9, "{value}");
}

#[test]
fn a_deterministic_model_has_a_place_without_an_interval() {
    let found = crossings(&[0.0, 1.0], &[vec![1.0], vec![-3.0]], 1, 0.0, KEY);
    assert!(
        matches!(found[..], [Crossing { value: 0.25, ci95: None, n: 1, rises: false, between: (0.0, 1.0) }]),
        "{found:?}"
    );
    let gap = crossings(&[0.0, 1.0, 2.0], &[vec![1.0], vec![], vec![-1.0]], 1, 0.0, KEY);
    assert!(matches!(gap[..], [Crossing { value: 1.0, between: (0.0, 2.0), .. }]), "{gap:?}");
}

/// A mean that stays near the level does not cross it at many points by chance.
#[test]
fn noise_about_the_level_is_no_crossing() {
    for (n, points) in [3, 5, 16].into_iter().flat_map(|n| [21, 51].map(|points| (n, points))) {
        let mut found = 0;
        for seed in 0..100 {
            let x: Vec<f64> = (0..points).map(f64::from).collect();
            let of = |point| {
                let mut stream = MemberStream::new([seed, n, 9, 9], point);
                (0..n).map(|_| f64::from(stream.next_u32()) / f64::from(u32::MAX) - 0.5).collect()
            };
            let realisations: Vec<Vec<f64>> = (0..points).map(of).collect();
            found += usize::from(!crossings(&x, &realisations, LEAST, 0.0, KEY).is_empty());
        }
        assert!(found <= 7, "{found} of 100 with {n} realisations at {points} points");
    }
}

/// Few realisations tell little of their scatter: their intervals are as much wider.
#[test]
fn intervals_of_few_realisations_hold_the_place() {
    let (mut within, mut all) = (0_u32, 0_u32);
    for seed in 0..200 {
        let (x, realisations) = scan(5, seed);
        for Crossing { ci95, .. } in crossings(&x, &realisations, LEAST, 0.0, KEY) {
            let (low, high) = ci95.unwrap();
            within += u32::from(low < 0.712 && 0.712 < high);
            all += 1;
        }
    }
    assert!(all > 150 && f64::from(within) > 0.9 * f64::from(all), "{within} of {all}");
}

#[test]
fn too_few_realisations_of_a_random_model_decide_nothing() {
    let few = [vec![1.0, 1.1], vec![-3.0, -3.1]];
    assert!(crossings(&[0.0, 1.0], &few, LEAST, 0.0, KEY).is_empty());
    let once = [vec![1.0, 1.1, 1.2], vec![-3.0]];
    assert!(crossings(&[0.0, 1.0], &once, LEAST, 0.0, KEY).is_empty());
    let thrice = few.map(|values| vec![values[0], values[1], values[0]]);
    assert_eq!(crossings(&[0.0, 1.0], &thrice, LEAST, 0.0, KEY).len(), 1);
}
