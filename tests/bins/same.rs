//! The same bins wherever they have to be the same: in all models, points, parts, backends and histograms.

use crate::read;
use crate::single::Neuron;
use assert_cmd::cargo::cargo_bin;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::model::{Bins, Population, Variant};
use snn_ensemble::network::neuron::voltage_bin;
use snn_ensemble::network::scale::Scale;
use snn_ensemble::network::shape::Model;
use snn_ensemble::statistics::BinAxis;
use snn_ensemble::wgsl::Word;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[test]
fn the_example_network_keeps_its_bins() {
    let configs = fs::read_dir(format!("{}/configs", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut compared = 0;
    for path in configs.map(|entry| entry.unwrap().path()) {
        let experiment = read(&fs::read_to_string(&path).unwrap());
        // Other voltages and other neurons have bins of their own.
        let as_there = |p: &Population| (p.v_th, p.v_reset, p.tau_m, p.neuron.is_lif()) == (100.0, 0.0, None, true);
        if !experiment.network.populations.iter().all(as_there) {
            continue;
        }
        compared += 1;
        for point in [0, experiment.points() - 1] {
            let network = experiment.point(point).network;
            let bins = experiment.bins(&network, &Variant::DSODE);
            assert!(bins.iter().all(|bins| *bins == Bins { v_min: -40.0, width: 4.0 }), "{}: {bins:?}", path.display());
        }
        let ensemble = Ensemble::new(experiment, false).unwrap();
        for model in &ensemble.schema.models {
            assert_eq!(model.key(), model.label, "{}", path.display());
        }
    }
    assert!(compared >= 9, "{compared} configs of the example network");
}

/// v_reset is an edge of automatic bins: what is reset lies above it, and any other voltage in the bin that its edges say, to 1e-6 of one.
#[test]
fn voltages_are_counted_in_the_bin_that_they_are_in() {
    let compare = |reset: f64, threshold: f64, given: Option<Bins>| {
        let population = format!("{{size: 10, tau_ref: 0, v_reset: {reset}, v_th: {threshold}, drive: none}}");
        let experiment =
            read(&format!("name: a\ntime: {{duration: 10}}\npopulations: {{E: {population}}}\nmodels: [snn]\n"));
        let bins = given.unwrap_or_else(|| experiment.bins(&experiment.network, &Variant::DSODE)[0]);
        let scale = Scale::new(&experiment.network, 0, Model::Snn).unwrap();
        let parameters = scale.population(&experiment.network.populations[0], bins);
        let axis = BinAxis::voltage(bins.v_min, threshold, bins.width);
        let counted = |v: f64| voltage_bin(&parameters, Word(scale.to_voltage(v)), axis.bins - 1).0 as usize;
        assert_eq!(counted(reset), axis.bin(reset), "{reset}, {threshold}: {bins:?}");
        // As deep as integers go.
        let depth = scale.v_floor.max(bins.v_min);
        for (i, part) in (0..axis.bins).flat_map(|i| [1e-6, 0.5, 1.0 - 1e-6].map(|part| (i, part))) {
            let v = bins.v_min + (f64::from(i) + part) * bins.width;
            assert!(v < depth || counted(v) == i as usize, "{reset}, {threshold}: {i} + {part} in {}", counted(v));
        }
    };
    for reset in (-75..20).step_by(5).map(f64::from) {
        [20.0, 35.0, 50.0, 95.0, 100.0].iter().for_each(|up| compare(reset, reset + up, None));
    }
    // Bins of a scan that other points need: far below what this one's voltages can be.
    compare(0.0, 5.0, Some(Bins { v_min: -40.0, width: 1.0 }));
}

#[test]
fn a_scan_has_one_set_of_bins_and_keeps_apart_what_others_computed() {
    let neuron = Neuron { dt: 0.1, v_th: 20.0, v_reset: 10.0, e_leak: 0.0, tau_m: Some(20.0), weight: 1.6, rate: 0.5 };
    let text = neuron.config("[dsode, {dsode: {bin: 0.5}}, {dsode: {bin: 0.5, v_min: -10}}]").to_yaml();
    let scan = |axis: &str| {
        let experiment = read(&text.replace("scan: []", &format!("scan: [{axis}]")));
        let all = (0..experiment.points()).map(|p| experiment.bins(&experiment.point(p).network, &Variant::DSODE)[0]);
        let bins: Vec<Bins> = all.collect();
        let keys = Ensemble::new(experiment, false).unwrap().schema.models.iter().map(|m| m.key()).collect::<Vec<_>>();
        (bins, keys)
    };
    let (one, keys) = scan("");
    assert_eq!(keys, ["dsode; A from -8 70 bins", "dsode+bin=0.5; A from -8", "dsode+bin=0.5+v_min=-10"]);
    // The least of the noise is that of the weakest kicks.
    let (bins, other) = scan("{path: populations.A.drive.weight, values: [1.6, 0.2, 0.4]}");
    assert!(bins.iter().all(|other| *other == bins[0]) && bins[0].width < one[0].width, "{bins:?}");
    assert!(other[0] != keys[0] && other[1..] == keys[1..], "{other:?}");
    // What does not matter to bins changes none.
    assert_eq!(scan("{path: populations.A.size, values: [1000, 10]}").1, keys);
    // Thresholds of their own: as many bins for each.
    let (bins, _) = scan("{path: populations.A.v_th, values: [20, 18]}");
    assert_eq!(bins[0].v_min, bins[1].v_min);
    assert_eq!(bins[0].count(20.0), bins[1].count(18.0));
}

#[test]
fn given_bins_that_are_the_automatic_ones_add_nothing() {
    let neuron = Neuron { dt: 0.1, v_th: 20.0, v_reset: 10.0, e_leak: 0.0, tau_m: Some(20.0), weight: 1.6, rate: 0.5 };
    let labels = |models: &str| neuron.config(models).models.iter().map(Variant::label).collect::<Vec<_>>();
    assert_eq!(labels("[{dsode: {bin: 0.4, v_min: -8}}]"), ["dsode"]);
    assert_eq!(labels("[{dsode: {bin: 0.4, v_min: -12}}]"), ["dsode+v_min=-12"]);
    assert_eq!(labels("[{dsode: {bin: 0.2, v_min: -8}}, {dsode: {v_min: auto}}]"), ["dsode+bin=0.2", "dsode"]);
    assert!(
        neuron.config("[dsode]").to_yaml().contains("bin: auto\n    v_min: auto"),
        "{}",
        neuron.config("[dsode]").to_yaml()
    );
}

/// Branches have others where their range has, and what is given stays.
#[test]
fn given_bins_stay_on_branches_whose_automatic_ones_are_others() {
    let text = |models: &str, along: &str| {
        let population = "{size: 10, tau_ref: 4, drive: {rate: 7}}";
        let branches = format!("continuation: {{parameter: populations.E.{along}}}");
        read(&format!(
            "name: a\ntime: {{duration: 10}}\npopulations: {{E: {population}}}\nmodels: {models}\n{branches}\n"
        ))
    };
    let labels = |models: &str, along: &str| {
        let continuation = text(models, along).continuation.unwrap();
        continuation.models.iter().map(Variant::label).collect::<Vec<_>>()
    };
    let (here, elsewhere) = ("drive.rate, range: [5, 8]", "v_reset, range: [-30, 30]");
    assert_eq!(labels("[{dsode: {bin: 4, v_min: -40}}]", here), ["dsode"]);
    assert_eq!(labels("[{dsode: {bin: 4, v_min: -40}}]", elsewhere), ["dsode+bin=4+v_min=-40"]);
    assert_eq!(labels("[dsode]", elsewhere), ["dsode"]);
}

/// A small network in mV, with all that samples voltages.
const MILLIVOLTS: &str = "\
name: mv
time: {dt: 0.1, duration: 400, discard: 100}
populations:
  E: {size: 60, tau_ref: 2, v_th: -50, v_reset: -65, e_leak: -65, tau_m: 20, drive: {weight: 0.5, rate: 2}}
  I: {size: 20, tau_ref: 2, v_th: -35, v_reset: -60, e_leak: -65, tau_m: 20, drive: {weight: 0.5, rate: 4}}
projections:
  E<-I: {kind: inhibitory, p: 0.5, s: 1, tau: 5, v_rev: -80}
  I<-E: {kind: excitatory, p: 0.5, s: 1, tau: 2}
models: [snn]
realisations: 3
record: {voltage: true, attractor: true}
";

fn program(directory: &Path, backend: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(["run", "c.yaml", "--quiet", "--backend", backend, "--out"]).args(arguments).current_dir(directory);
    command.env("XDG_RUNTIME_DIR", directory).output().unwrap()
}

fn done(directory: &Path, backend: &str, arguments: &[&str]) {
    let output = program(directory, backend, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), config).unwrap();
    folder
}

fn same_densities(directory: &Path, one: &str, other: &str) {
    let read = |run: &str| fs::read(directory.join(run).join("densities.parquet")).unwrap();
    assert!(read(one) == read(other), "densities of {one} and {other} differ");
}

#[test]
fn histograms_do_not_depend_on_which_models_run_beside() {
    let folder = folder(&MILLIVOLTS.replace("[snn]", "[snn, {dsode: {bin: 0.25}}]"));
    let directory = folder.path();
    done(directory, "cpu", &["whole"]);
    done(directory, "cpu", &["grown", "--set", "models=[snn]"]);
    done(directory, "cpu", &["grown"]);
    same_densities(directory, "whole", "grown");
}

#[test]
fn a_checkpoint_goes_on_beside_other_models() {
    let folder = folder("");
    let text = MILLIVOLTS.replace("duration: 400", "duration: 8000").replace("realisations: 3", "realisations: 1");
    let ensemble = |models: &str| Ensemble::new(read(&text.replace("[snn]", models)), false).unwrap();
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    for directory in [&whole, &cut] {
        fs::create_dir(directory).unwrap();
    }
    let stop = AtomicBool::new(false);
    let options = || Options { checkpoint: Duration::ZERO, ..Options::new(&stop) };
    let checkpoints = cut.join("checkpoints");
    let ended = AtomicBool::new(false);
    let finished = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) && fs::read_dir(&checkpoints).map_or(0, Iterator::count) == 0 {
                std::thread::yield_now();
            }
            stop.store(true, Ordering::Relaxed);
        });
        let finished = run(&ensemble("[snn]"), &cut, &mut [], &options());
        ended.store(true, Ordering::Relaxed);
        finished.unwrap()
    });
    assert!(finished.interrupted && fs::read_dir(&checkpoints).unwrap().count() == 1, "no checkpoint was left");
    drop(finished);
    stop.store(false, Ordering::Relaxed);
    for directory in [&whole, &cut] {
        run(&ensemble("[snn, {dsode: {bin: 1}}]"), directory, &mut [], &options()).unwrap();
    }
    same_densities(folder.path(), "whole", "cut");
}

/// Every kind of model in a network in mV, and where reset and threshold are hardly apart.
fn anywhere(backend: &str) {
    let folder = folder(&MILLIVOLTS.replace("[snn]", "[snn, markov, {dsode: {closure: coloured}}]"));
    let directory = folder.path();
    let near = "populations.E={size: 9, tau_ref: 2, v_th: -50, v_reset: -50.000000001, tau_m: 20, e_leak: -50.5, drive: \
                {weight: 0.5, rate: 2}}";
    done(directory, backend, &["all"]);
    done(directory, backend, &["none", "--set", "record={}"]);
    done(directory, backend, &["near", "--set", near, "--set", "time.duration=110", "--set", "models=[snn, markov]"]);
    // Without a leak there is no room between them: left out, with what is wrong.
    let none = near.replace("tau_m: 20, e_leak: -50.5, ", "");
    let output =
        program(directory, backend, &["no", "--set", &none, "--set", "projections={}", "--set", "time.duration=110"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && text.contains("skipped: snn: population E"),
        "{:?}: {text}",
        output.status
    );
}

#[test]
fn networks_in_millivolts_run_on_the_cpu() {
    anywhere("cpu");
}

#[test]
fn networks_in_millivolts_run_on_a_gpu() {
    anywhere("gpu");
}
