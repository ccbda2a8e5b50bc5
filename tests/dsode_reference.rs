//! Does the f64 `dsode` reproduce an independent implementation, step by step and on average?

mod cases;

use cases::{cases, dsode, linear, network, rates_and_ssi};
use snn_ensemble::model::{Closure, Noise, Variant};
use snn_ensemble::reduced::Dsode;

/// (rate_E, rate_I) per step in Hz.
fn reference(file: &str) -> Vec<[f64; 2]> {
    let path = format!("{}/tests/data/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("reference file");
    let rows = reader.deserialize::<(f64, f64, f64)>();
    rows.map(|row| row.map(|(_, e, i)| [e, i]).expect("three numbers")).collect()
}

/// The numbers of a linear density.
fn linear_cases() -> serde_json::Value {
    serde_json::from_str(include_str!("data/linear.json")).expect("linear.json parses")
}

/// Largest difference of a rate within 20 ms and within 50 ms, relative to the reference's peak.
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
            assert!(error.is_finite(), "{case}, step {step}: {rate} Hz");
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
fn statistics(case: &str, variant: &Variant, duration: f64, key: u32) -> Vec<f64> {
    let network = network(case);
    let mut model = Dsode::<f64>::new(&network, variant, [key, 0, 5, 0]).expect("a dsode");
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
        let ours = statistics(case, &dsode(closure, Noise::None, bin), duration, 0);
        for (a, b) in ours.iter().zip(published(case, model, "mean")) {
            // Six decimals are printed, of synchrony indices down to 0.01.
            assert!((a - b).abs() < 1e-6 + 1e-5 * b, "{case} {model}: {a} instead of {b}");
        }
    }
}

const RUNS: u32 = 4;

/// Averages of [`RUNS`] runs of 2 s against an independent implementation's mean and standard error over `n` runs.
fn compare(case: &str, variant: &Variant, mean: &[f64], se: &[f64], n: f64) {
    let runs: Vec<Vec<f64>> = (0..RUNS).map(|key| statistics(case, variant, 2000.0, key)).collect();
    for i in 0..4 {
        let ours = runs.iter().map(|run| run[i]).sum::<f64>() / f64::from(RUNS);
        // The same length of run, so the same standard deviation between runs.
        let error = se[i] * (1.0 + n / f64::from(RUNS)).sqrt();
        println!("{case} {}: {ours} and {} are {:.2} errors apart", variant.label(), mean[i], (ours - mean[i]) / error);
        // Four standard errors, known from 9 degrees of freedom or more: 28 comparisons, one in 20 choices of seeds.
        let near = (ours - mean[i]).abs() < 4.0 * error;
        assert!(near, "{case} {}: {ours} instead of {} +- {error}", variant.label(), mean[i]);
    }
}

#[test]
fn finite_size_averages() {
    let models =
        [("dsode_finite_size", Closure::White, 20.0), ("dsode_finite_size_coloured_h4", Closure::Coloured, 10.0)];
    for case in ["default", "n_150"] {
        for (model, closure, runs) in models {
            let variant = dsode(closure, Noise::FiniteSize, 4.0);
            compare(case, &variant, &published(case, model, "mean"), &published(case, model, "se"), runs);
        }
    }
}

#[test]
fn finite_size_averages_of_a_linear_density() {
    for (closure, word, case) in [
        (Closure::White, "white", "default"),
        (Closure::Coloured, "coloured", "default"),
        (Closure::Coloured, "coloured", "n_150"),
    ] {
        let published = &linear_cases()[word][case];
        let (mean, se) = (numbers(&published["mean"]), numbers(&published["se"]));
        let runs = published["n"].as_f64().expect("a number");
        compare(case, &linear(closure, Noise::FiniteSize, 4.0), &mean, &se, runs);
    }
}

fn numbers(list: &serde_json::Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

#[test]
fn a_linear_density_step_by_step() {
    for (name, closure) in [("default_white", Closure::White), ("default_coloured", Closure::Coloured)] {
        let series = linear_cases()["series"][name].clone();
        let expected = [numbers(&series["E"]), numbers(&series["I"])];
        let peak = expected.iter().flatten().copied().fold(0.0, f64::max);
        let mut model =
            Dsode::<f64>::new(&network("default"), &linear(closure, Noise::None, 4.0), [0; 4]).expect("a dsode");
        let mut worst = (0.0_f64, 0);
        for step in 0..500 {
            for (fired, expected) in model.step().iter().zip(&expected) {
                let error = (fired - expected[step]).abs() / peak;
                assert!(error.is_finite(), "{name}, step {step}: {fired}");
                if error > worst.0 {
                    worst = (error, step);
                }
            }
        }
        println!("{name}: {:e} of the peak at step {}", worst.0, worst.1);
        assert!(worst.0 < 1e-8, "{name}: {:e} of the peak {peak} at step {}", worst.0, worst.1);
    }
}
