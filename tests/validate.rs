//! Does `validate` see what is different, and nothing where there is nothing? And does a run notice a wrong device?
mod small;

use assert_cmd::cargo::cargo_bin;
use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Finished, Options, RunError, run};
use snn_ensemble::ensemble::self_check::Verify;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::fault::Faults;
use snn_ensemble::results::{MemberLog, file};
use snn_ensemble::validate::{Check, Tier, Validation, Verdict, sample, validate};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

const CONFIG: &str = small!(
    "
name: small
seed: 11
time: {dt: 0.1, duration: 120, discard: 20}
",
    "\
models: [snn, {markov: {closure: coloured}}, dsode, {dsode: {closure: coloured, noise: finite_size}}]
scan:
  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 6]}
realisations: 4
"
);

/// Text of the shaders and what a wrong device makes of it.
const THRESHOLD: (&str, &str) =
    ("bitcast<i32>(voltage) > bitcast<i32>(q.threshold)", "bitcast<i32>(voltage) > bitcast<i32>(q.threshold) - 65536");
const RELEASE: (&str, &str) = ("entering * p.release", "entering * p.release * 1.0001");

fn program(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(arguments).current_dir(directory).env("XDG_RUNTIME_DIR", directory).output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), CONFIG).unwrap();
    folder
}

fn ensemble(set: &[&str]) -> Ensemble {
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    Ensemble::new(config::load(CONFIG, "c.yaml", &set).unwrap(), true).unwrap()
}

fn device(faults: Faults) -> Gpu {
    let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    gpu.faults = faults;
    gpu
}

fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat()
}

fn stored(directory: &Path) -> Validation {
    serde_json::from_str(&fs::read_to_string(directory.join(file::VALIDATION)).unwrap()).unwrap()
}

#[test]
fn equal_backends_are_equal_in_every_tier() {
    let folder = folder();
    let directory = folder.path();
    let output = program(directory, &["validate", "c.yaml", "--members", "2", "--out", "v"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let validation = stored(&directory.join("v"));
    // Networks are equal, trajectories within their tolerances.
    assert_eq!(validation.verdict, Verdict::WithinTolerance);
    assert_eq!(validation.command, "snn-ensemble validate c.yaml --members 2 --out v");
    let of = |model: &str| {
        let of_model = validation.checks.iter().filter(|check| check.model == model);
        of_model.map(|check| (check.tier, check.members)).collect::<Vec<_>>()
    };
    // Two points of one realisation each.
    assert_eq!(of("snn"), [(Tier::SpikeCounts, 1); 2]);
    assert_eq!(of("markov+coloured"), [(Tier::SpikeCounts, 1); 2]);
    assert_eq!(of("dsode"), [(Tier::Step, 1), (Tier::ShortHorizon, 1), (Tier::Statistics, 1)].repeat(2));
    assert_eq!(of("dsode+coloured+finite_size"), [(Tier::Step, 1), (Tier::Statistics, 1)].repeat(2));
    for check in &validation.checks {
        println!("{check:?}");
        // 1200 steps of 2 populations, besides states, or one number a population.
        assert!(check.compared >= if check.tier == Tier::SpikeCounts { 2400 } else { 2 }, "{check:?}");
        // f32 is not f64, nor the order of a GPU's sums that of a CPU's; whole neurons have nothing to round.
        let whole = check.tier == Tier::Step && check.model.contains("finite_size");
        assert!(whole || check.largest_error.is_none_or(|error| error > 0.0), "{check:?} compares it with itself");
    }
    let table = text(&output);
    assert!(table.contains("short horizon") && table.contains("equal within tolerance:"), "{table}");
    // A bad name of an adapter is bad usage, no adapter at all is not.
    assert_eq!(program(directory, &["validate", "c.yaml", "--device", "no such card"]).status.code(), Some(2));
}

/// Of neurons and rise times that the example network does not have.
#[test]
fn backends_are_equal_with_every_neuron_and_with_kicks_that_rise() {
    let folder = folder();
    fs::write(folder.path().join("neurons.yaml"), include_str!("golden/neurons.yaml")).unwrap();
    let short = ["--set", "time.duration=60", "--set", "time.discard=20", "--members", "1", "--out", "v"];
    let output = program(folder.path(), &[&["validate", "neurons.yaml"], &short[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let checks = stored(&folder.path().join("v")).checks;
    let models: BTreeSet<&str> = checks.iter().map(|check| check.model.as_str()).collect();
    assert_eq!(models.len(), 5, "{models:?}");
    // 600 steps of 3 populations.
    assert!(checks.iter().all(|check| check.tier != Tier::SpikeCounts || check.compared >= 1800), "{checks:?}");
}

/// A model that cannot be computed is not compared, and no part of "equal".
#[test]
fn what_is_skipped_is_told() {
    let folder = folder();
    let fast = [
        "--set",
        "populations.E.drive={kind: poisson, rate: 5000, weight: 0.001}",
        "--set",
        "models=[snn, markov]",
        "--set",
        "scan=[]",
    ];
    let output =
        program(folder.path(), &[&["validate", "c.yaml", "--members", "1", "--out", "out"], &fast[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("skipped: snn"), "{}", text(&output));
    assert!(stored(&folder.path().join("out")).checks.iter().all(|check| check.model == "markov"));
    // nor is it computed for a place where it cannot be written
    fs::write(folder.path().join("file"), "").unwrap();
    let output = program(folder.path(), &["validate", "c.yaml", "--out", "file"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(
        text(&output).contains("file: is no directory") && !text(&output).contains("spike counts"),
        "{}",
        text(&output)
    );
}

#[test]
fn without_an_adapter_it_says_how_to_get_one() {
    let folder = folder();
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(["validate", "c.yaml"]).current_dir(folder.path());
    // Vulkan's loader finds no driver here; Metal and DX12 always have one.
    let output = command.env("VK_DRIVER_FILES", "none").env("VK_ICD_FILENAMES", "none").output().unwrap();
    if cfg!(target_os = "linux") {
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("mesa-vulkan-drivers"), "{}", text(&output));
    }
}

/// Checks of one model on a device with faults.
fn checks(model: &str, faults: Faults) -> Vec<Check> {
    let ensemble = ensemble(&[&format!("models=[{model}]")]);
    let chosen = sample(&ensemble, 3);
    assert_eq!(chosen.iter().map(|c| c.realisations.len()).sum::<usize>(), 3);
    validate(&ensemble, &chosen, &device(faults), |_| {}).unwrap()
}

#[test]
fn a_wrong_threshold_is_found_in_its_neuron() {
    for model in ["snn", "markov"] {
        let checks = checks(model, Faults::default().shader(THRESHOLD.0, THRESHOLD.1));
        assert_eq!(Verdict::of(&checks), Verdict::Different);
        let wrong = checks.iter().find(|check| !check.ok).unwrap();
        println!("{}", wrong.location);
        // Step, neuron, and both states: on the GPU it has fired, on the CPU it is just below threshold.
        let (cpu, gpu) = wrong.location.split_once("; GPU ").unwrap();
        assert!(wrong.location.contains("step ") && wrong.location.contains("neuron "), "{}", wrong.location);
        assert!(cpu.contains("voltage 99.9") && cpu.contains("refractory 0"), "{}", wrong.location);
        assert!(gpu.contains("voltage 0.000000"), "{}", wrong.location);
    }
}

#[test]
fn a_wrong_release_is_found_in_one_step() {
    let checks = checks("dsode", Faults::default().shader(RELEASE.0, RELEASE.1));
    let step = checks.iter().find(|check| check.tier == Tier::Step).unwrap();
    println!("{step:?}");
    assert!(!step.ok && step.largest_error > step.tolerance);
}

#[test]
fn a_stored_result_is_computed_again() {
    let folder = folder();
    let directory = folder.path();
    for (backend, out) in [("cpu", "cpu"), ("gpu", "gpu")] {
        let few = ["--set", "scan.0.linspace=[0.6, 0.9, 2]", "--set", "realisations=2"];
        let output = program(directory, &[&["run", "c.yaml", "--backend", backend, "--out", out], &few[..]].concat());
        assert!(output.status.success(), "{}", text(&output));
        let against = ["validate", "c.yaml", "--against", out, "--members", "3", "--out", "v"];
        let output = program(directory, &[&against[..], &few].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        let validation = stored(&directory.join("v"));
        assert!(validation.gpu.starts_with(out), "{}", validation.gpu);
        // dsode by its rates' hash in one precision, by its rates in two.
        let tier = if backend == "cpu" { Tier::SpikeCounts } else { Tier::Statistics };
        let dsode: Vec<_> = validation.checks.iter().filter(|check| check.model.starts_with("dsode")).collect();
        assert!(!dsode.is_empty() && dsode.iter().all(|check| check.tier == tier), "{dsode:?}");
        // Two points of two realisations: of the four members of snn three, and so on; dsode has one a point.
        assert_eq!(validation.checks.len(), 3 + 3 + 2 + 3);
    }
    // Another hash, stored: as if another machine had counted other spikes.
    let mut log = MemberLog::read_only(&directory.join("cpu")).unwrap();
    let schema = log.schema().clone();
    fs::create_dir(directory.join("other")).unwrap();
    let mut other = MemberLog::open(&directory.join("other"), &schema).unwrap();
    for place in log.order() {
        let mut record = log.record(place.offset).unwrap();
        record.statistics.spike_hash = record.statistics.spike_hash.map(|hash| hash ^ 1);
        other.append([record]).unwrap();
    }
    let output = program(directory, &["validate", "c.yaml", "--against", "other", "--out", "v"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert_eq!(stored(&directory.join("v")).verdict, Verdict::Different);
    assert!(text(&output).contains("there,") && text(&output).contains("here"), "{}", text(&output));
    for (arguments, message) in [
        (vec!["--against", "nowhere"], "no result directory"),
        (vec!["--against", "cpu", "--set", "seed=12"], "another experiment"),
    ] {
        let output = program(directory, &[&["validate", "c.yaml"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(message), "{}", text(&output));
    }
}

fn run_on(faults: Faults, realisations: u32, directory: &Path, verify: Verify) -> Result<Finished, RunError> {
    run_models("[snn, markov]", faults, realisations, directory, verify)
}

fn run_models(
    models: &str,
    faults: Faults,
    realisations: u32,
    directory: &Path,
    verify: Verify,
) -> Result<Finished, RunError> {
    let set = [format!("models={models}"), format!("realisations={realisations}")];
    let ensemble = ensemble(&["scan.0.linspace=[0.6, 0.9, 2]", &set[0], &set[1]]);
    let stop = AtomicBool::new(false);
    run(&ensemble, directory, &mut [Device::new(device(faults))], &Options { verify, ..Options::new(&stop) })
}

#[test]
fn a_run_checks_itself() {
    let folder = tempfile::tempdir().unwrap();
    let checked = |verify, out: &str| {
        let finished = run_on(Faults::default(), 3, &folder.path().join(out), verify).unwrap();
        finished.checked.map(|checked| (checked.equal, checked.chosen))
    };
    assert_eq!(checked(Verify::Share, "share"), Some((1, 1)), "1 % of 12, at least one");
    assert_eq!(checked(Verify::Members(5), "five"), Some((5, 5)));
    assert_eq!(checked(Verify::Members(0), "none"), None);
}

#[test]
fn a_wrong_device_stops_the_run_and_its_members_are_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    run_on(Faults::default(), 2, directory, Verify::Share).unwrap();
    let before = fs::read(directory.join(file::LOG)).unwrap();
    let wrong = Faults::default().shader(THRESHOLD.0, THRESHOLD.1);
    let error = run_on(wrong.clone(), 4, directory, Verify::Members(8)).err().expect("a mismatch");
    let message = error.to_string();
    println!("{message}");
    assert!(matches!(error, RunError::WrongDevice { .. }), "{message}");
    for part in ["self-check", "p = 0.", "realisation", "--backend cpu", "snn-ensemble validate", "log.suspect"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    // Those of the right device stay, those of the wrong one are not mixed with them.
    let log = MemberLog::read_only(directory).unwrap();
    assert_eq!(log.len(), 8);
    assert!(fs::read(directory.join(file::LOG)).unwrap().starts_with(&before));
    assert!(directory.join("members.log.suspect").exists());
    assert!(!directory.join("checkpoints").exists());
    // Without the check nobody notices.
    run_on(wrong, 4, directory, Verify::Members(0)).unwrap();
}

#[test]
fn trajectories_are_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    let models = "[dsode, {dsode: {closure: coloured}}, {dsode: {noise: finite_size}}]";
    let run = |faults, out: &str| run_models(models, faults, 2, &folder.path().join(out), Verify::Members(8));
    let checked = run(Faults::default(), "right").unwrap().checked.unwrap();
    assert_eq!((checked.equal, checked.chosen), (4, 4), "two closures at two points");
    let wrong = Faults::default().shader(RELEASE.0, "entering * p.release * 1.2");
    let error = run(wrong, "wrong").err().expect("a mismatch");
    assert!(matches!(error, RunError::WrongDevice { .. }), "{error}");
}
