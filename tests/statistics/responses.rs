//! What a stimulus does: windows, choices, rates over time and phases.

use crate::support::{Random, bursting, layout, run, value};
use snn_ensemble::statistics::{
    Accumulator, Analysis, Choice, HistogramKind, Layout, PopulationLayout, Psth, Rhythm, StatisticsPlan,
    StatisticsScratch,
};
use std::f64::consts::{PI, TAU};

/// Populations `A` and `B`, of 100 and 200 neurons.
fn two(analysis: Analysis) -> Layout {
    let one = layout(0.1, 1000.0, 100.0, 100);
    let population = |name: &str, size| PopulationLayout { name: name.into(), size, ..one.populations[0].clone() };
    Layout { populations: vec![population("A", 100), population("B", 200)], analysis, ..one }
}

#[test]
fn a_window_has_the_statistics_of_a_run_over_it_alone() {
    let counts = bursting(3, 0.1, 30_000, 300.0, true);
    let windows = vec![[0.0, 250.0], [1000.0, 3000.0], [1500.0, 1700.0]];
    let analysis = Analysis { windows: windows.clone(), ..Analysis::default() };
    let (plan, statistics) = run(Layout { analysis, ..layout(0.1, 3000.0, 500.0, 300) }, &counts);
    let columns = plan.columns.len();
    assert_eq!(statistics.values.len(), 4 * columns);
    for (i, [from, to]) in windows.into_iter().enumerate() {
        let (_, alone) = run(layout(0.1, to, from, 300), &counts);
        assert_eq!(statistics.values[(i + 1) * columns..][..columns], alone.values, "{from} to {to} ms");
        assert!(alone.values[0].is_some());
    }
    let (_, without) = run(layout(0.1, 3000.0, 500.0, 300), &counts);
    assert_eq!(statistics.values[..columns], without.values);
}

#[test]
fn responses_do_not_depend_on_how_counts_are_cut() {
    let analysis = Analysis {
        windows: vec![[50.0, 151.3], [300.0, 900.0]],
        choice: Some(Choice { populations: vec![1, 0], from: 33.3, to: 700.0 }),
        psth: Some(Psth { from: 12.3, to: 990.0, bin: 2.5 }),
        ..Analysis::default()
    };
    let mut layout = two(analysis);
    layout.populations[1].rhythm = Some(Rhythm { frequency: 37.0, phase: 0.4 });
    let plan = StatisticsPlan::new(layout).unwrap();
    let [a, b] = [7, 8].map(|seed| bursting(seed, 0.1, 10_000, 100.0, true));
    let counts: Vec<f64> = a.into_iter().zip(b).flat_map(|(a, b)| [a, b]).collect();
    let finish = |chunks: &mut dyn Iterator<Item = usize>| {
        let mut accumulator = Accumulator::new(&plan);
        let mut rest = &counts[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at((2 * chunks.next().unwrap()).min(rest.len()));
            accumulator.feed(&plan, &mut StatisticsScratch::default(), now);
            rest = later;
        }
        accumulator.finish(&plan)
    };
    let whole = finish(&mut std::iter::repeat(10_000));
    let mut random = Random(5);
    assert_eq!(whole, finish(&mut std::iter::repeat_with(|| (random.bits() % 700) as usize)));
    assert_eq!(whole, finish(&mut std::iter::repeat(1)));
}

#[test]
fn the_choice_is_whose_neurons_fire_most_in_the_window() {
    let choice = Choice { populations: vec![0, 1], from: 200.0, to: 300.0 };
    let analysis = Analysis { choice: Some(choice), ..Analysis::default() };
    // What happens in and outside of (200, 300] ms: step 2000 is the first in it, 2999 the last.
    let chosen = |spikes: &[(usize, f64, f64)]| {
        let mut counts = vec![0.0; 20_000];
        for &(step, a, b) in spikes {
            (counts[2 * step], counts[2 * step + 1]) = (a, b);
        }
        let (plan, statistics) = run(two(analysis.clone()), &counts);
        ["choice_A", "choice_B"].map(|column| value(&plan, &statistics, column))
    };
    assert_eq!(chosen(&[(2000, 3.0, 0.0), (1999, 0.0, 99.0), (3000, 0.0, 99.0)]), [Some(1.0), Some(0.0)]);
    assert_eq!(chosen(&[(2999, 0.0, 1.0)]), [Some(0.0), Some(1.0)]);
    // B has twice the neurons.
    assert_eq!(chosen(&[(2500, 10.0, 19.0)]), [Some(1.0), Some(0.0)]);
    assert_eq!(chosen(&[(2500, 10.0, 20.0)]), [None, None]);
    assert_eq!(chosen(&[]), [None, None]);
    // Rounding of a rate decides nothing, a spike does.
    assert_eq!(chosen(&[(2500, 10.0, 20.0 + 2e-14)]), [None, None]);
    assert_eq!(chosen(&[(2500, 1e6, 2e6 + 1.0)]), [Some(0.0), Some(1.0)]);
}

#[test]
fn rates_over_time_are_those_of_the_bins() {
    let psth = Psth { from: 150.0, to: 154.0, bin: 1.5 };
    let (_, statistics) = run(two(Analysis { psth: Some(psth), ..Analysis::default() }), &{
        let mut counts = vec![0.0; 20_000];
        // The last step before, the first and last of the first bin, the second bin, and what no whole bin is left for.
        for (step, a) in [(1499, 50.0), (1500, 1.0), (1514, 2.0), (1515, 6.0), (1530, 50.0)] {
            counts[2 * step] = a;
        }
        counts
    });
    let of_a = statistics.histograms.iter().find(|h| h.kind == HistogramKind::Psth && h.population == 0).unwrap();
    // 3 and 6 spikes of 100 neurons in 1.5 ms each
    assert_eq!(of_a.values.len(), 2);
    assert!((of_a.values[0] - 20.0).abs() < 1e-9 && (of_a.values[1] - 40.0).abs() < 1e-9, "{:?}", of_a.values);
    assert_eq!((of_a.x.low, of_a.x.edges(1).1), (150.0, 153.0));
}

#[test]
fn a_modulated_poisson_train_has_half_its_modulation_and_its_phase() {
    const STEPS: usize = 200_000;
    let rhythm = Rhythm { frequency: 23.0, phase: 1.1 };
    for (seed, modulation, ahead) in [(1, 0.8, -0.7), (2, 0.3, 2.5), (3, 1.0, 0.0)] {
        let mut random = Random(seed);
        let rate = |step: usize| {
            let theta = TAU * rhythm.frequency * step as f64 * 1e-4 + rhythm.phase;
            1.0 + modulation * (theta + ahead).sin()
        };
        let counts: Vec<f64> = (0..STEPS).map(|step| random.poisson(0.5 * rate(step))).collect();
        let mut of = layout(0.1, 0.1 * STEPS as f64, 123.4, 100);
        of.populations[0].rhythm = Some(rhythm);
        let (plan, statistics) = run(of, &counts);
        let [strength, phase] = ["vector_strength_E", "phase_E"].map(|c| value(&plan, &statistics, c).unwrap());
        // Five standard errors: sqrt(1/(2 n)) of either part of the mean vector, n = 100 000 spikes.
        let error = 5.0 * (0.5 / 1e5_f64).sqrt();
        assert!((strength - modulation / 2.0).abs() < error, "{strength} for {}", modulation / 2.0);
        let off = (phase - ahead + PI).rem_euclid(TAU) - PI;
        assert!(off.abs() < error / (modulation / 2.0), "{phase} for {ahead}");
    }
}

#[test]
fn less_than_a_period_has_no_phase() {
    let mut of = layout(0.1, 1000.0, 100.0, 100);
    of.populations[0].rhythm = Some(Rhythm { frequency: 1.0, phase: 0.0 });
    let (plan, statistics) = run(of, &vec![1.0; 10_000]);
    assert_eq!(value(&plan, &statistics, "vector_strength_E"), None);
}
