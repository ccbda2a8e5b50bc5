//! The streaming form against the plain one, and its invariance under chunking and checkpoints.

use crate::plain::Plain;
use crate::support::{Random, bursting, layout, value};
use snn_ensemble::statistics::{
    Accumulator, BinAxis, Intervals, Layout, Sample, StatisticsPlan, StatisticsScratch, TwoStates,
};

const SIZE: u32 = 60;
const THRESHOLD: f64 = 30.0;

fn two_states(dt: f64, duration: f64, discard: f64, whole: bool) -> Layout {
    let mut layout = layout(dt, duration, discard, SIZE);
    layout.analysis.states = Some(TwoStates::around(THRESHOLD));
    layout.whole_counts = whole;
    layout
}

/// Largest difference from the plain form, relative to the value or 1.
fn compare(layout: Layout, counts: &[f64], tolerance: f64) {
    let plain = Plain {
        dt: layout.dt,
        size: f64::from(SIZE),
        height: layout.analysis.burst.height,
        distance: layout.analysis.burst.distance,
        band: layout.analysis.psd_band.into(),
        states: layout.analysis.states.unwrap(),
    };
    let window = (layout.discard / layout.dt + 1e-6) as usize..(layout.duration / layout.dt + 1e-6) as usize;
    let case = format!("dt {}, ({}, {}]", layout.dt, layout.discard, layout.duration);
    let (plan, statistics) = crate::support::run(layout, counts);
    for (name, expected) in plain.statistics(&counts[window]) {
        let found = value(&plan, &statistics, &format!("{name}_E"));
        match (found, expected) {
            (None, None) => {}
            (Some(a), Some(b)) => {
                assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{case}: {name} is {a}, plainly {b}");
            }
            _ => panic!("{case}: {name} is {found:?}, plainly {expected:?}"),
        }
    }
}

/// f64 sums of at most 1e5 terms in different order: 1e-10 leaves two digits of reserve.
const ROUNDING: f64 = 1e-10;

#[test]
fn whole_counts_match_the_plain_definitions_at_every_dt() {
    for (seed, dt) in [0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0, 2.0].into_iter().enumerate() {
        let (discard, duration) = (30.0 * dt, 2400.0);
        let counts = bursting(seed as u64, dt, (duration / dt + 1e-6) as usize, f64::from(SIZE), true);
        compare(two_states(dt, duration, discard, true), &counts, ROUNDING);
    }
}

#[test]
fn real_counts_match_the_plain_definitions() {
    for (seed, dt) in [0.1, 0.25, 1.0].into_iter().enumerate() {
        let counts = bursting(seed as u64, dt, (2400.0 / dt) as usize, f64::from(SIZE), false);
        // the segments of the spectrum are kept in f32: relative rounding 6e-8 of each count
        compare(two_states(dt, 2400.0, 20.0, false), &counts, 1e-6);
    }
}

#[test]
fn short_windows_match_the_plain_definitions() {
    let counts = bursting(5, 0.1, 400, f64::from(SIZE), true);
    for steps in 1..=300 {
        // 4.0 ms discarded: bursts begin before, and end after, many of the windows
        compare(two_states(0.1, 0.1 * f64::from(40 + steps), 4.0, true), &counts, ROUNDING);
    }
}

#[test]
fn other_burst_distances_match_the_plain_definitions() {
    let counts = bursting(11, 0.1, 20_000, f64::from(SIZE), true);
    for distance in [0.1, 0.7, 3.0, 4.0, 25.0, 300.0] {
        let mut layout = two_states(0.1, 2000.0, 100.0, true);
        layout.analysis.burst.distance = distance;
        layout.analysis.burst.height = 4.0;
        compare(layout, &counts, ROUNDING);
    }
}

#[test]
fn states_match_the_plain_definition_for_every_gap_window_and_minimum() {
    let (mut stays, mut differ) = (0, 0);
    for (seed, dt) in [0.1, 0.3, 1.0].into_iter().enumerate() {
        let counts = bursting(seed as u64 + 20, dt, (4000.0 / dt) as usize, f64::from(SIZE), true);
        let mut before = None;
        for (low, high) in [(30.0, 30.0), (10.0, 60.0), (2.0, 90.0)] {
            for smooth in [0.05, 1.0, 7.0, 20.0, 600.0] {
                for minimum in [0.0, 1.0, 12.5, 100.0] {
                    let mut layout = two_states(dt, 4000.0 - dt, 30.0, true);
                    layout.analysis.states = Some(TwoStates { low, high, smooth, minimum });
                    let (plan, statistics) = crate::support::run(layout.clone(), &counts);
                    let mean = value(&plan, &statistics, "dwell_above_mean_E");
                    stays += u32::from(mean.is_some());
                    differ += u32::from(before.replace(mean) != Some(mean));
                    compare(layout, &counts, ROUNDING);
                }
            }
        }
    }
    // each of the three options matters in most of the cases
    assert!(stays > 80 && differ > 80, "{stays} cases with stays, {differ} changes");
}

/// A rhythm of 12 ms that pauses: 300 ms on, 200 ms off, a beat missing now and then.
#[test]
fn a_rhythm_is_one_state_if_the_window_covers_its_beat() {
    let counts: Vec<f64> = (0..200_000)
        .map(|t| {
            let (in_cycle, in_beat, beat) = (t % 5000, t % 120, t / 120);
            if in_cycle < 3000 && in_beat < 20 && beat % 7 != 3 { 3.0 } else { 0.0 }
        })
        .collect();
    let dwell = |states: TwoStates| {
        let mut layout = layout(0.1, 20_000.0, 0.0, SIZE);
        layout.analysis.states = Some(states);
        let (plan, statistics) = crate::support::run(layout, &counts);
        ["dwell_above_mean_E", "dwell_below_mean_E"].map(|name| value(&plan, &statistics, name).unwrap())
    };
    // 60 spikes on 60 neurons every 12 ms, 83 Hz: beats of 2 ms by themselves, with 1 ms
    let [above, below] = dwell(TwoStates::around(40.0));
    assert!(above < 3.0 && below < 25.0, "{above} and {below}");
    // a window of two beats and a minimum of three: whole episodes, their ends known to half a window
    let [above, below] = dwell(TwoStates { low: 15.0, high: 40.0, smooth: 24.0, minimum: 36.0 });
    assert!((above - 300.0).abs() < 24.0 && (below - 200.0).abs() < 24.0, "{above} and {below}");
}

/// Two populations with everything recorded.
fn full(whole: bool) -> Layout {
    let mut layout = two_states(0.1, 1900.0, 25.0, whole);
    layout.analysis.states = Some(TwoStates { low: 10.0, high: 40.0, smooth: 20.0, minimum: 5.0 });
    layout.joint = true;
    layout.populations[0].voltage = Some(BinAxis::voltage(-40.0, 100.0, 4.0));
    let mut second = layout.populations[0].clone();
    second.name = "I".into();
    second.size = 25;
    layout.populations.push(second);
    layout
}

#[test]
fn chunks_and_checkpoints_change_no_bit() {
    for whole in [true, false] {
        let plan = StatisticsPlan::new(full(whole)).unwrap();
        let e = bursting(1, 0.1, 19_000, 60.0, whole);
        let i = bursting(2, 0.1, 19_000, 25.0, whole);
        let counts: Vec<f64> = e.iter().zip(&i).flat_map(|(&e, &i)| [e, i]).collect();
        let mut scratch = StatisticsScratch::default();
        let mut at_once = Accumulator::new(&plan);
        at_once.feed(&plan, &mut scratch, &counts);
        let expected = at_once.finish(&plan);

        let mut step_by_step = Accumulator::new(&plan);
        for step in counts.chunks_exact(2) {
            step_by_step.feed(&plan, &mut scratch, step);
        }
        assert_eq!(step_by_step, at_once);

        let mut random = Random(9);
        let mut in_chunks = Accumulator::new(&plan);
        let mut rest = &counts[..];
        while !rest.is_empty() {
            let chunk = (2 * (random.bits() % 3000) as usize).min(rest.len());
            in_chunks.feed(&plan, &mut scratch, &rest[..chunk]);
            rest = &rest[chunk..];
            let text = serde_json::to_string(&in_chunks).unwrap();
            in_chunks = serde_json::from_str(&text).unwrap();
            // looking at the statistics midway leaves the state alone
            in_chunks.finish(&plan);
        }
        assert_eq!(in_chunks, at_once);
        assert_eq!(in_chunks.finish(&plan), expected);
        assert_eq!(expected.spike_hash.is_some(), whole);
        assert_eq!(expected.rate_hash.is_some(), !whole);
    }
}

#[test]
fn integer_types_and_f64_give_the_same_state() {
    let plan = StatisticsPlan::new(two_states(0.1, 1900.0, 25.0, true)).unwrap();
    let counts = bursting(4, 0.1, 19_000, 60.0, true);
    let narrow: Vec<u16> = counts.iter().map(|&c| c as u16).collect();
    let (mut a, mut b) = (Accumulator::new(&plan), Accumulator::new(&plan));
    a.feed(&plan, &mut StatisticsScratch::default(), &counts);
    b.feed(&plan, &mut StatisticsScratch::default(), &narrow);
    assert_eq!(a, b);
}

#[test]
fn samples_and_intervals_add_up() {
    let plan = StatisticsPlan::new(full(true)).unwrap();
    assert!(!plan.samples(248) && !plan.samples(239) && plan.samples(259) && plan.samples(18_999));
    assert!(!plan.samples(249), "the state at the end of the transient is not in the window");
    let mut accumulator = Accumulator::new(&plan);
    let mut voltage = vec![0.0; 35];
    voltage[10] = 50.0;
    accumulator.add_sample(0, &Sample { times: 1, voltage: &voltage, refractory: 10.0 });
    accumulator.add_sample(0, &Sample { times: 3, voltage: &voltage, refractory: 26.0 });
    accumulator.add_kicks(&plan, 1, 10.0, 250.0);
    accumulator.add_kicks(&plan, 1, 20.0, 0.0);
    let mut intervals = Intervals::default();
    [10, 20, 30].into_iter().for_each(|steps| intervals.push(steps));
    accumulator.add_intervals(0, &intervals);
    let statistics = accumulator.finish(&plan);
    let value = |name| value(&plan, &statistics, name);
    // 36 of 4 x 60 neurons
    assert_eq!(value("refractory_E"), Some(36.0 / 240.0));
    assert_eq!(value("refractory_I"), None);
    assert_eq!((value("kicks_exc_I"), value("kicks_inh_I")), (Some(15.0), Some(125.0)));
    assert_eq!((value("kicks_exc_E"), value("cv_isi_I")), (None, None));
    // mean 20, standard deviation 10 (n - 1)
    assert_eq!(value("cv_isi_E"), Some(0.5));
    let names: Vec<_> = statistics.histograms.iter().map(|h| (h.kind.name(), h.population)).collect();
    assert!(names.contains(&("voltage", 0)) && !names.contains(&("voltage", 1)), "{names:?}");
    let kicks = statistics.histograms.iter().find(|h| h.kind.name() == "joint_kicks").unwrap();
    // 10 of 100 in 64 bins is bin 6, 250 lies beyond the last one
    assert_eq!((kicks.values[6 * 64 + 63], kicks.values[12 * 64], kicks.values.iter().sum()), (1.0, 1.0, 2.0));
}
