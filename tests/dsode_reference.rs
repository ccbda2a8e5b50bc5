//! Does the f64 `dsode` reproduce an independent implementation, step by step and on average?

mod cases;

use cases::{dsode, network};
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
