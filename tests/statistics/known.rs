//! Trains whose statistics are known.

use crate::support::{Random, bursting, layout, run, value};
use snn_ensemble::statistics::hash::Fnv1a;
use snn_ensemble::statistics::{
    Accumulator, Attractor, BinAxis, Choice, HistogramKind, Intervals, LayoutError, PopulationLayout, Regime, Rhythm,
    Sample, StatisticsPlan, StatisticsScratch, TwoStates, table,
};
use std::collections::HashSet;

#[test]
fn a_regular_train_has_no_variance() {
    // ten neurons fire every 5 ms in the same step
    let counts: Vec<f64> = (0..30_000).map(|t| if t % 50 == 27 { 10.0 } else { 0.0 }).collect();
    let plan = StatisticsPlan::new(layout(0.1, 3000.0, 100.0, 10)).unwrap();
    let mut accumulator = Accumulator::new(&plan);
    accumulator.feed(&plan, &mut StatisticsScratch::default(), &counts);
    let mut intervals = Intervals::default();
    (0..5790).for_each(|_| intervals.push(50));
    accumulator.add_intervals(0, &intervals);
    let statistics = accumulator.finish(&plan);
    let value = |name| value(&plan, &statistics, name);
    assert_eq!(value("fano_E"), Some(0.0));
    assert_eq!(value("cv_isi_E"), Some(0.0));
    assert_eq!(value("ssi_E"), Some(1.0));
    // 580 volleys of 10 in 2900 ms; the quotient rounds once
    assert!((value("rate_E").unwrap() - 200.0).abs() < 1e-10);
    assert_eq!(statistics.spikes, [5800.0]);
    // 5 ms apart is within the burst distance of 9 ms and of equal height: only the first is a burst
    assert_eq!(value("burst_rate_E"), Some(1000.0 / 2900.0));
}

#[test]
fn a_poisson_train_has_fano_factor_and_cv_one() {
    // A Bernoulli train per neuron: variance and interval statistics of the geometric law, 1 - p instead of 1.
    const P: f64 = 0.01;
    let (neurons, steps) = (20, 200_000);
    let mut random = Random(2024);
    let mut counts = vec![0.0; steps];
    let mut intervals = Intervals::default();
    for _ in 0..neurons {
        let mut last = None;
        for (t, count) in counts.iter_mut().enumerate() {
            if random.uniform() < P {
                *count += 1.0;
                if let Some(last) = last.replace(t) {
                    intervals.push((t - last) as u64);
                }
            }
        }
    }
    let plan = StatisticsPlan::new(layout(0.1, 20_000.0, 0.0, neurons)).unwrap();
    let mut accumulator = Accumulator::new(&plan);
    accumulator.feed(&plan, &mut StatisticsScratch::default(), &counts);
    accumulator.add_intervals(0, &intervals);
    let statistics = accumulator.finish(&plan);
    let value = |name| value(&plan, &statistics, name).unwrap();
    // Five standard errors: false-alarm rate 6e-7 each. Standard errors: Fano factor sqrt(2/windows), 2000 windows; cv of
    // exponential intervals 1/sqrt(n), 40 000 intervals; rate 1/sqrt(spikes).
    assert!((value("fano_E") - (1.0 - P)).abs() < 5.0 * (2.0_f64 / 2000.0).sqrt());
    assert!((value("cv_isi_E") - (1.0 - P).sqrt()).abs() < 5.0 / 40_000_f64.sqrt());
    assert!((value("rate_E") / (1e4 * P) - 1.0).abs() < 5.0 / 40_000_f64.sqrt());
    // ssi: own spike 1/N, and p from each of the 10 other steps and the others in the same step; standard error below
    // sqrt(mean/spikes) of the number of neighbours, about 3 in 20
    let expected = 1.0 / 20.0 + 10.0 * P + P * 19.0 / 20.0;
    assert!((value("ssi_E") - expected).abs() < 5.0 * 3.0 / 20.0 / 40_000_f64.sqrt());
    // white spectrum: 2 rate/N Hz^2/Hz, less the factor 1 - p; 160 frequencies x 47 half-overlapping segments, about
    // 1.9 segments' worth of variance per two of them
    let spectrum = statistics.histograms.iter().find(|h| h.kind == HistogramKind::Psd).unwrap();
    let mean = spectrum.values[4..164].iter().sum::<f64>() / 160.0;
    let white = 2.0 * 1e4 * P / 20.0 * (1.0 - P);
    assert!((mean / white - 1.0).abs() < 5.0 / (160.0_f64 * 23.0).sqrt(), "{mean} instead of {white}");
}

#[test]
fn alternating_bursts_are_found_and_measured() {
    // every 20 ms a triangle of spikes 2.1 ms wide, alternately 30 and 12 high, on 300 neurons
    let mut counts = vec![0.0; 10_000];
    for (k, peak) in (100..10_000).step_by(200).enumerate() {
        let height: i32 = if k % 2 == 0 { 30 } else { 12 };
        for d in -10_i32..=10 {
            counts[(peak + d) as usize] = f64::from((height * (11 - d.abs()) / 11).max(0));
        }
    }
    let (plan, statistics) = run(layout(0.1, 1000.0, 0.0, 300), &counts);
    let value = |name| value(&plan, &statistics, name).unwrap();
    let smooth = |height: i32| (-4_i32..=4).map(|d| f64::from(height * (11 - d.abs()) / 11)).sum::<f64>() / 0.9;
    let size = |height: i32| (-10_i32..=10).map(|d| f64::from(height * (11 - d.abs()) / 11)).sum::<f64>();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b.abs(), "{a} instead of {b}");
    close(value("burst_rate_E"), 50.0);
    close(value("burst_interval_mean_E"), 20.0);
    assert_eq!(value("burst_interval_cv_E"), 0.0);
    close(value("burst_lag1_E"), -1.0);
    close(value("burst_peak_mean_E"), 0.5 * (smooth(30) + smooth(12)));
    // two values with equal weights: half their distance, times sqrt(n/(n - 1))
    close(value("burst_peak_sd_E"), 0.5 * (smooth(30) - smooth(12)) * (50.0_f64 / 49.0).sqrt());
    close(value("burst_size_mean_E"), 0.5 * (size(30) + size(12)));
    let delta = statistics.histograms.iter().find(|h| h.kind == HistogramKind::BurstDelta).unwrap();
    let jump = smooth(30) - smooth(12);
    let counted: Vec<_> = (0..122).filter(|&b| delta.values[b] > 0.0).map(|b| (b, delta.values[b])).collect();
    let bin = |d: f64| ((d + 305.0) / 5.0).floor() as usize;
    assert_eq!(counted, [(bin(-jump), 25.0), (bin(jump), 24.0)]);
    assert_eq!((delta.x.edges(0).1, delta.x.edges(121)), (-300.0, (300.0, f64::INFINITY)));
}

#[test]
fn the_height_threshold_is_inclusive_and_scales_with_the_population() {
    // 9 spikes in the 9 steps of the moving average are 10 spikes/ms: the threshold for 300 neurons
    let train = |spikes: f64| -> Vec<f64> { (0..1000).map(|t| if t == 500 { spikes } else { 0.0 }).collect() };
    let bursts = |size, spikes| {
        let (plan, statistics) = run(layout(0.1, 100.0, 0.0, size), &train(spikes));
        value(&plan, &statistics, "burst_rate_E").unwrap() / 10.0
    };
    assert_eq!([bursts(300, 9.0), bursts(300, 8.0), bursts(100, 3.0), bursts(100, 2.0)], [1.0, 0.0, 1.0, 0.0]);
}

/// Maxima of what rounding leaves of a constant rate are no bursts; those of a small oscillation are.
#[test]
fn a_constant_rate_has_no_bursts() {
    let rate = |part: f64| {
        let counts: Vec<f64> = (0..10_000).map(|t| 3.0 * (1.0 + part * (f64::from(t) * 0.0314).sin())).collect();
        let (plan, statistics) = run(layout(0.1, 1000.0, 0.0, 300), &counts);
        value(&plan, &statistics, "burst_rate_E").unwrap()
    };
    assert_eq!(rate(1e-7), 0.0);
    assert!((rate(1e-3) - 50.0).abs() < 2.0, "{}", rate(1e-3));
}

/// Nor is a plateau before a fall, whatever rounding leaves on it; what stands on one is.
#[test]
fn a_plateau_is_no_burst() {
    let rate = |bump: f64| {
        let counts: Vec<f64> = (0..10_000)
            .map(|t| {
                let rounding = 1.0 + 1e-14 * f64::from(t % 7);
                let bump = bump * f64::from(u8::from((3000..3030).contains(&t)));
                if t < 6000 { 9.0 * rounding + bump } else { 1.0 }
            })
            .collect();
        let (plan, statistics) = run(layout(0.1, 1000.0, 0.0, 300), &counts);
        value(&plan, &statistics, "burst_rate_E").unwrap()
    };
    assert_eq!((rate(0.0), rate(1.0)), (0.0, 1.0));
}

/// The spectrum of one spike is flat: it has no peak.
#[test]
fn a_single_spike_has_no_peak_frequency() {
    let of = |steps: &[usize], lowest: f64| {
        let counts: Vec<f64> = (0..15_000).map(|t| f64::from(u8::from(steps.contains(&t)))).collect();
        let mut layout = layout(0.1, 1500.0, 0.0, 4);
        layout.analysis.psd_band[0] = lowest;
        let (plan, statistics) = run(layout, &counts);
        ["psd_peak_hz_E", "psd_peak_power_E"].map(|column| value(&plan, &statistics, column))
    };
    for lowest in [0.0, 1.0, 5.0] {
        assert!(matches!(of(&[5000], lowest), [None, Some(power)] if power > 0.0), "{:?}", of(&[5000], lowest));
        assert!(matches!(of(&[5000, 5100], lowest), [Some(_), Some(_)]));
    }
}

#[test]
fn dwell_times_of_a_square_wave() {
    // 150 ms at one spike per step, 50 ms silent, on 10 neurons: 1000 Hz and 0 Hz
    let counts: Vec<f64> = (0..20_000).map(|t| if t % 2000 < 1500 { 1.0 } else { 0.0 }).collect();
    let mut layout = layout(0.1, 2000.0, 0.0, 10);
    // half height: the moving average moves both flanks by the same amount in opposite directions, so lengths stay
    layout.analysis.states = Some(TwoStates::around(500.0));
    let (plan, statistics) = run(layout, &counts);
    let value = |name| value(&plan, &statistics, name).unwrap();
    // 4.5 of 9 steps: stretches end one half step early on either side, hence 1 step of slack on 1500 and 500
    assert!((value("dwell_above_mean_E") - 150.0).abs() < 0.11, "{}", value("dwell_above_mean_E"));
    assert!((value("dwell_below_mean_E") - 50.0).abs() < 0.11);
    assert!((value("fraction_above_E") - 0.75).abs() < 1e-3);
}

#[test]
fn a_modulated_rate_peaks_at_its_frequency_and_keeps_its_power() {
    // a multiple of the resolution 10000/8192 Hz, so that the Hann window leaks into its two neighbours only
    let f = 32.0 * 10_000.0 / 8192.0;
    let wave = |t: usize| (std::f64::consts::TAU * f * t as f64 * 1e-4).sin();
    let counts: Vec<f64> = (0..40_960).map(|t| 2.0 + wave(t)).collect();
    let mut layout = layout(0.1, 4096.0, 0.0, 100);
    layout.whole_counts = false;
    let (plan, statistics) = run(layout, &counts);
    assert_eq!(value(&plan, &statistics, "psd_peak_hz_E"), Some(f));
    let spectrum = statistics.histograms.iter().find(|h| h.kind == HistogramKind::Psd).unwrap();
    // Parseval: the density integrates to the variance of the rate, amplitude^2/2, here (1/(100 x 1e-4 s))^2/2. The mean of a
    // whole number of periods is exact up to the f32 rounding of the counts, 1e-7.
    let variance: f64 = spectrum.values.iter().sum::<f64>() * spectrum.x.width;
    assert!((variance / 5000.0 - 1.0).abs() < 1e-6, "{variance}");
    // Hann: the peak holds 2/3 of the power of a sine on a grid frequency
    let peak = value(&plan, &statistics, "psd_peak_power_E").unwrap() * spectrum.x.width;
    assert!((peak / 5000.0 - 2.0 / 3.0).abs() < 1e-6);
}

#[test]
fn windows_exclude_their_beginning_and_include_their_end() {
    // spikes with times 1.0 (transient), 1.1 and 3.0 ms (window), 3.1 ms (beyond)
    let mut counts = vec![0.0; 40];
    for step in [9, 10, 29, 30] {
        counts[step] = 1.0;
    }
    let (_, statistics) = run(layout(0.1, 3.0, 1.0, 5), &counts);
    assert_eq!(statistics.spikes, [2.0]);
}

/// What is left of a constant rate is rounding, and has no peak either.
#[test]
fn a_constant_rate_has_no_peak_frequency() {
    let of = |amplitude: f64| {
        let wave = |t: u32| 3.7 * (1.0 + amplitude * (f64::from(t) * core::f64::consts::TAU / 250.0).sin());
        let counts: Vec<f64> = (0..15_000).map(wave).collect();
        let (plan, statistics) = run(layout(0.1, 1500.0, 0.0, 300), &counts);
        value(&plan, &statistics, "psd_peak_hz_E")
    };
    assert_eq!([0.0, 1e-7, 1e-6].map(of), [None; 3]);
    assert!((of(1e-3).unwrap() - 40.0).abs() < 1.3);
}

#[test]
fn undefined_statistics_are_null() {
    let (plan, silent) = run(layout(0.1, 2000.0, 0.0, 5), &[0.0; 20_000]);
    let null: Vec<&str> =
        plan.columns.iter().zip(&silent.values).filter(|(_, v)| v.is_none()).map(|(c, _)| c.statistic.name).collect();
    let defined: Vec<&str> = plan.columns.iter().map(|c| c.statistic.name).filter(|n| !null.contains(n)).collect();
    assert_eq!(defined, ["rate", "rate_sd", "psd_peak_power", "burst_rate"]);
    assert_eq!(value(&plan, &silent, "psd_peak_power_E"), Some(0.0));
    // 8191 steps are one short of a segment of the spectrum
    let counts = [1.0, 0.0].repeat(4096);
    for (steps, defined) in [(8191.0, false), (8192.0, true)] {
        let (plan, statistics) = run(layout(0.1, 0.1 * steps, 0.0, 5), &counts);
        assert_eq!(value(&plan, &statistics, "psd_peak_hz_E").is_some(), defined);
    }
}

#[test]
fn the_hash_is_fnv1a_over_little_endian_counts_from_the_start() {
    let of = |bytes: &[u8]| {
        let mut hash = Fnv1a::default();
        hash.write(bytes);
        hash.0
    };
    // published test vectors of the authors
    assert_eq!(of(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(of(b"a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(of(b"foobar"), 0x8594_4171_f739_67e8);
    for x in (0..1000).chain([65_535, 65_536, 1 << 24, u32::MAX]) {
        let mut hash = Fnv1a(x.into());
        let mut bytes = hash;
        hash.write_u32(x);
        bytes.write(&x.to_le_bytes());
        assert_eq!(hash, bytes, "{x}");
    }
    // the transient counts, and 0x6261 is b"ab" in little endian
    let (_, statistics) = run(layout(0.1, 0.3, 0.1, 70_000), &[97.0, f64::from(0x6261), 70_000.0]);
    assert_eq!(statistics.spike_hash, Some(of(b"a\0\0\0ab\0\0\x70\x11\x01\0")));
}

#[test]
fn a_network_gives_names_sizes_and_ranges() {
    let text = r#"{"dt": 0.1, "connectivity": "annealed",
        "populations": [
            {"name": "E", "size": 300, "v_th": 100, "v_reset": 0, "e_leak": 0, "tau_m": null, "tau_ref": 4,
             "refractory": "exponential", "initial": "reset", "adaptation": null,
             "drive": {"kind": "gaussian", "weight": 1, "rate": {"constant": 7}}}],
        "projections": [
            {"target": 0, "source": 0, "synapse": "excitatory", "p": 0.8, "s": 0.95, "tau": 1.4, "decay": "stochastic"}]}"#;
    let network: snn_ensemble::model::Network = serde_json::from_str(text).unwrap();
    let axis = BinAxis::voltage(-40.0, 100.0, 4.0);
    let population = PopulationLayout::new(&network, 0, Some(axis));
    assert_eq!((&population.name[..], population.size, population.kicks_max), ("E", 300, (240.0, 1.0)));
    assert_eq!((axis.bins, axis.bin(-1e9), axis.bin(0.0), axis.bin(99.9)), (35, 0, 10, 34));
}

#[test]
fn plans_of_other_points_differ_in_their_populations_only() {
    let plan = StatisticsPlan::new(layout(0.1, 2000.0, 0.0, 100)).unwrap();
    let counts: Vec<f64> = (0..20_000).map(|t| f64::from(t % 7)).collect();
    for other in [layout(0.1, 2000.0, 0.0, 50), layout(0.2, 2000.0, 0.0, 100), layout(0.1, 500.0, 0.0, 100)] {
        let shared = plan.another(other.clone()).unwrap();
        let mut accumulator = Accumulator::new(&shared);
        accumulator.feed(&shared, &mut StatisticsScratch::default(), &counts);
        assert_eq!(accumulator.finish(&shared), run(other, &counts).1);
    }
}

#[test]
fn every_statistic_of_the_table_is_computed_somewhere() {
    let mut layout = layout(0.1, 3000.0, 100.0, 60);
    layout.analysis.states = Some(TwoStates::around(30.0));
    layout.joint = true;
    layout.populations[0].voltage = Some(BinAxis::voltage(-40.0, 100.0, 4.0));
    layout.populations[0].bottomless = true;
    layout.populations[0].rhythm = Some(Rhythm { frequency: 20.0, phase: 0.0 });
    layout.analysis.choice = Some(Choice { populations: vec![0], from: 0.0, to: 3000.0 });
    layout.analysis.lyapunov = true;
    let plan = StatisticsPlan::new(layout).unwrap();
    let mut accumulator = Accumulator::new(&plan);
    accumulator.feed(&plan, &mut StatisticsScratch::default(), &bursting(3, 0.1, 30_000, 60.0, true));
    accumulator.add_sample(0, &Sample { times: 1, voltage: &[1.0; 35], refractory: 25.0 });
    accumulator.add_bottom(&plan, 0, 3.0);
    accumulator.add_kicks(&plan, 0, 1.0, 2.0);
    accumulator.add_intervals(0, &Intervals { n: 3, sum: 6, squares: 14 });
    accumulator.set_regime(Regime { exponent: Some(-5.0), error: Some(0.1), period: Some(2), bursts: Some(2.0) });
    let statistics = accumulator.finish(&plan);
    let names: Vec<String> = table().map(|s| s.column("E")).collect();
    assert_eq!(plan.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>(), names);
    for (name, value) in names.iter().zip(&statistics.values) {
        assert!(value.is_some_and(f64::is_finite), "{name} is {value:?}");
    }
    assert_eq!(table().map(|s| s.name).collect::<HashSet<_>>().len(), table().count());
    assert!(table().all(|s| !s.definition.is_empty() && !s.unit.is_empty()));
}

/// `snn-ensemble schema --statistics > docs/statistics.md` makes the page.
#[test]
fn the_page_of_statistics_is_the_table() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statistics.md");
    assert_eq!(std::fs::read_to_string(page).unwrap(), snn_ensemble::statistics::table::reference());
}

#[test]
fn impossible_layouts_are_refused_with_a_reason() {
    let good = layout(0.1, 100.0, 10.0, 5);
    let refused = |change: &dyn Fn(&mut snn_ensemble::statistics::Layout)| {
        let mut layout = good.clone();
        change(&mut layout);
        StatisticsPlan::new(layout).unwrap_err()
    };
    assert_eq!(refused(&|l| l.dt = 0.0), LayoutError::NotPositive { name: "dt", found: 0.0 });
    assert_eq!(refused(&|l| l.discard = 100.0), LayoutError::EmptyWindow { discard: 100.0, duration: 100.0 });
    assert_eq!(refused(&|l| l.populations.clear()), LayoutError::NoPopulations);
    assert_eq!(refused(&|l| l.populations[0].size = 0), LayoutError::EmptyPopulation { name: "E".into() });
    assert_eq!(refused(&|l| l.analysis.psd_band = [9.0, 5.0]), LayoutError::Band { low: 9.0, high: 5.0 });
    assert!(matches!(refused(&|l| l.analysis.burst.distance = 1e9), LayoutError::TooManySteps { .. }));
    let duplicate = refused(&|l| {
        l.populations.push(l.populations[0].clone());
        l.populations[1].name = "sd_E".into();
    });
    assert_eq!(duplicate.to_string(), "two statistics would share the column rate_sd_E: rename a population");
    let fine = refused(&|l| {
        l.populations.push(l.populations[0].clone());
        l.populations[1].name = "I".into();
        (l.joint, l.analysis.attractor) = (true, Attractor { bin: 0.1, max: 1000.0 });
    });
    assert_eq!(fine, LayoutError::TooManyBins { bins: 10_000, most: 1000 });
}
