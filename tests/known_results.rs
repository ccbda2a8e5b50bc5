//! Does the program have the numbers of docs/known-results.md, which theory gives without it? Runs the configs of docs/theory, networks
//! with fewer realisations.

use snn_ensemble::results::file;
use snn_ensemble::results::table::Table;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

static PAGE: LazyLock<String> = LazyLock::new(|| fs::read_to_string(format!("{ROOT}/docs/known-results.md")).unwrap());

/// Results of a config, where they lie.
fn results(folder: &Path, name: &str, realisations: Option<u32>) -> PathBuf {
    let config = format!("{ROOT}/docs/theory/{name}.yaml");
    let fewer =
        realisations.map(|n| vec!["--backend".into(), "cpu".into(), "--set".into(), format!("realisations={n}")]);
    let command = if fewer.is_some() { "run" } else { "branches" };
    let mut program = Command::new(env!("CARGO_BIN_EXE_snn-ensemble"));
    program.current_dir(folder).args([command, &config, "--out", name, "--quiet"]).args(fewer.unwrap_or_default());
    let output = program.output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    folder.join(name)
}

/// Rows of a table of text, by the names of its columns.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(String::from));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

/// A mean of a model at the points in order.
fn means(directory: &Path, model: &str, column: &str) -> Vec<f64> {
    let of_model = rows(&directory.join("points.csv")).into_iter().filter(|row| row["model"] == model);
    of_model.map(|row| row[&format!("{column}_mean")].parse().unwrap()).collect()
}

/// A number of the page, as it is written there, against what was found.
fn is(what: &str, theory: &str, found: f64, tolerance: f64) {
    println!("{what}: {theory}, found {found:.5}");
    assert!(PAGE.contains(&format!("| {theory} |")), "{theory} of {what} is not on the page");
    assert!((found - theory.parse::<f64>().unwrap()).abs() < tolerance, "{what}: {found}, theory {theory}");
}

/// The tolerance of `snn` is some four standard errors, that of `dsode` what bins and the amplitude take.
#[test]
fn linear_response() {
    let folder = tempfile::tempdir().unwrap();
    let directory = results(folder.path(), "response", Some(3));
    for rate in means(&directory, "snn", "rate_E") {
        is("rate", "21.685", rate, 0.04);
    }
    let theory = [("4.685", "0.047"), ("3.247", "-0.476"), ("2.217", "-0.460")];
    for (model, of_gain, of_phase) in [("dsode+linear", 0.006, 0.002), ("snn", 0.5, 0.2)] {
        let columns = [means(&directory, model, "vector_strength_E"), means(&directory, model, "phase_E")];
        for (i, (gain, phase)) in theory.into_iter().enumerate() {
            is(&format!("{model}, gain"), gain, 2.0 / 0.02 * columns[0][i], of_gain);
            is(&format!("{model}, phase"), phase, columns[1][i], of_phase);
        }
    }
}

#[test]
fn spectra() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::read(&results(folder.path(), "spectrum", Some(12)).join(file::DENSITIES)).unwrap();
    let (kind, population) = (table.text("kind").unwrap(), table.text("population").unwrap());
    let [low, high, value] = ["x_low", "x_high", "value"].map(|name| table.real(name).unwrap());
    let power = |of: &str, from: f64, to: f64| {
        let is_in = |i: &usize| {
            let middle = 0.5 * (low[*i].unwrap() + high[*i].unwrap());
            kind[*i].as_deref() == Some("psd") && population[*i].as_deref() == Some(of) && from < middle && middle < to
        };
        let values: Vec<f64> = (0..kind.len()).filter(is_in).map(|i| value[i].unwrap()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    is("leaky, low", "0.1662", power("L", 15.0, 25.0), 0.012);
    is("leaky, high", "0.2168", power("L", 2000.0, 4990.0), 0.001);
    is("integrators, low", "0.0308", power("P", 15.0, 25.0), 0.002);
    is("integrators, high", "2.317", power("P", 2000.0, 4990.0), 0.01);
}

#[test]
fn large_kicks_and_their_gaussian() {
    let folder = tempfile::tempdir().unwrap();
    let directory = results(folder.path(), "kicks", Some(4));
    let rate = |model: &str| means(&directory, model, "rate_A")[0];
    is("kicks", "21.110", rate("snn"), 0.08);
    is("markov", "21.745", rate("markov"), 0.06);
    is("dsode", "21.745", rate("dsode+linear"), 0.003);
}

#[test]
fn exponential_and_quadratic_neurons() {
    let folder = tempfile::tempdir().unwrap();
    let directory = results(folder.path(), "neurons", Some(4));
    for (population, theory, tolerance) in
        [("E", "15.054", 0.03), ("F", "1.385", 0.03), ("Q", "3.231", 0.02), ("R", "10.571", 0.03)]
    {
        is(population, theory, means(&directory, "snn", &format!("rate_{population}"))[0], tolerance);
    }
}

#[test]
fn voltages_under_kicks() {
    let folder = tempfile::tempdir().unwrap();
    let directory = results(folder.path(), "voltage", Some(4));
    let table = Table::read(&directory.join(file::NEURONS)).unwrap();
    let (models, populations) = (table.text("model").unwrap(), table.text("population").unwrap());
    let voltage = table.real("voltage").unwrap();
    let t = table.real("t").unwrap();
    for model in ["snn", "markov+coloured"] {
        for (population, theory) in [("S", "15.92"), ("D", "8.040"), ("A", "7.236")] {
            let of = |i: &usize| {
                let is_its = populations[*i].as_deref() == Some(population) && models[*i].as_deref() == Some(model);
                is_its && t[*i].unwrap() > 1000.0
            };
            let values: Vec<f64> = (0..voltage.len()).filter(of).map(|i| voltage[i].unwrap()).collect();
            let (n, mean) = (values.len() as f64, values.iter().sum::<f64>() / values.len() as f64);
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            is(&format!("{model}, mean of {population}"), "20.050", mean, 0.05);
            is(&format!("{model}, variance of {population}"), theory, variance, 0.013 * variance);
        }
        is(model, "66.240", means(&directory, model, "rate_F")[0], 0.05);
    }
}

/// Frequency and growth of the slowest mode, where rhythms are about to be born.
#[test]
fn fast_rhythm() {
    let folder = tempfile::tempdir().unwrap();
    let points = rows(&results(folder.path(), "rhythm", None).join("branches.csv"));
    let at = |value: &str, column: &str| -> f64 {
        let row = points.iter().find(|row| row["value"] == value).unwrap_or_else(|| panic!("{value}"));
        row[column].parse().unwrap()
    };
    is("rate", "101.827", at("0.12", "rate_I"), 0.003);
    is("frequency", "209.611", at("0.12", "frequency_hz"), 0.005);
    is("growth", "-63.77", at("0.12", "growth_per_s"), 0.05);
    is("growth", "-1.782", at("0.15", "growth_per_s"), 0.04);
}
