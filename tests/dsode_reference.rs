//! Does the f64 `dsode` reproduce an independent implementation, step by step and on average?

mod cases;

use cases::{cases, dsode, network, rates_and_ssi};
use snn_ensemble::model::{Closure, Noise};
use snn_ensemble::reduced::Dsode;

/// (rate_E, rate_I) per step in Hz.
fn reference(file: &str) -> Vec<[f64; 2]> {
    let path = format!("{}/tests/data/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("reference file");
    let rows = reader.deserialize::<(f64, f64, f64)>();
    rows.map(|row| row.map(|(_, e, i)| [e, i]).expect("three numbers")).collect()
}

/// Largest difference of a rate over the first `steps`, relative to the reference's peak over all of them.
fn worst(case: &str, file: &str, closure: Closure, bin: f64) -> [f64; 2] {
    let network = network(case);
    let expected = reference(file);
    let peak = expected.iter().flatten().copied().fold(0.0, f64::max);
    let mut model = Dsode::<f64>::new(&network, &dsode(closure, Noise::None, bin), [0; 4]).expect("a dsode");
    let (mut early, mut late) = (0.0_f64, 0.0_f64);
    for (step, rates) in expected.iter().take(500).enumerate() {
        let fired = model.step();
        for q in 0..2 {
            let rate = fired[q] / (f64::from(network.populations[q].size) * network.dt) * 1000.0;
            let error = (rate - rates[q]).abs() / peak;
            if std::env::var("SHOW").is_ok() && (step % 20 == 0) {
                println!("{step} {q} {rate} {} {error:e}", rates[q]);
            }
            late = late.max(error);
            if step < 200 {
                early = early.max(error);
            }
        }
    }
    [early, late]
}

#[test]
fn step_by_step() {
    use Closure::{Coloured, White};
    let runs = [
        ("default", "dsode_default", White, 4.0),
        ("p_ei_0.6", "dsode_p_ei_0.6", White, 4.0),
        ("leak_20_drive_7", "dsode_leak_20_drive_7", White, 4.0),
        ("default", "dsode_coloured_h4_default", Coloured, 4.0),
        ("default", "dsode_coloured_h2_default", Coloured, 2.0),
    ];
    for (case, file, closure, bin) in runs {
        let [early, late] = worst(case, file, closure, bin);
        println!("{file}: {early:e} over 20 ms, {late:e} over 50 ms");
        // Rounding grows by the map's instability, about tenfold per burst.
        assert!(early < 1e-9, "{file}: {early:e} of the peak within 20 ms");
        assert!(late < 1e-6, "{file}: {late:e} of the peak within 50 ms");
    }
}

/// rate_E, rate_I, ssi_E, ssi_I of one run of `duration` ms.
fn statistics(case: &str, closure: Closure, noise: Noise, bin: f64, duration: f64, key: u32) -> Vec<f64> {
    let network = network(case);
    let mut model = Dsode::<f64>::new(&network, &dsode(closure, noise, bin), [key, 0, 5, 0]).expect("a dsode");
    let fired: Vec<Vec<f64>> = (0..(duration / network.dt) as usize).map(|_| model.step().to_vec()).collect();
    rates_and_ssi(&fired, &network, 200.0)
}

/// `mean` or `se` of a case's model.
fn published(case: &str, model: &str, key: &str) -> Vec<f64> {
    let values = cases()["cases"][case][model][key].clone();
    values.as_array().expect("four numbers").iter().map(|v| v.as_f64().expect("a number")).collect()
}

#[test]
fn deterministic_averages() {
    use Closure::{Coloured, White};
    let runs = [
        ("p_ei_0.9", "dsode", White, 4.0, 5000.0),
        ("n_150", "dsode", White, 4.0, 5000.0),
        ("leak_20_drive_7", "dsode_coloured_h4", Coloured, 4.0, 3000.0),
        ("tau_ee_3", "dsode_coloured_h2", Coloured, 2.0, 3000.0),
    ];
    for (case, model, closure, bin, duration) in runs {
        let ours = statistics(case, closure, Noise::None, bin, duration, 0);
        for (a, b) in ours.iter().zip(published(case, model, "mean")) {
            // Six decimals are printed, of synchrony indices down to 0.01.
            assert!((a - b).abs() < 1e-6 + 1e-5 * b, "{case} {model}: {a} instead of {b}");
        }
    }
}

#[test]
fn finite_size_averages() {
    const RUNS: u32 = 4;
    let models =
        [("dsode_finite_size", Closure::White, 20.0), ("dsode_finite_size_coloured_h4", Closure::Coloured, 10.0)];
    for case in ["default", "n_150"] {
        for (model, closure, published_runs) in models {
            let runs: Vec<Vec<f64>> =
                (0..RUNS).map(|key| statistics(case, closure, Noise::FiniteSize, 4.0, 2000.0, key)).collect();
            let (mean, se) = (published(case, model, "mean"), published(case, model, "se"));
            for i in 0..4 {
                let ours = runs.iter().map(|run| run[i]).sum::<f64>() / f64::from(RUNS);
                // The same length of run, so the same standard deviation between runs.
                let error = se[i] * (1.0 + published_runs / f64::from(RUNS)).sqrt();
                // Four standard errors, known from 9 or 19 degrees of freedom: 16 comparisons, one in 30 choices of seeds.
                assert!(
                    (ours - mean[i]).abs() < 4.0 * error,
                    "{case} {model}: {ours} instead of {} +- {error}",
                    mean[i]
                );
            }
        }
    }
}
