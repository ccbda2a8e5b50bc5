//! Does a run survive? Killed and resumed, split and merged, extended and interrupted: always the bytes of one run.
mod small;

use assert_cmd::cargo::cargo_bin;
use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Options, run as run_ensemble};
use snn_ensemble::ensemble::self_check::Verify;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const FILES: [&str; 4] = ["members.parquet", "points.csv", "densities.parquet", "neurons.parquet"];

/// A small scan of every kind of model with every kind of record.
const CONFIG: &str = small!(
    "
name: small
seed: 11
time: {dt: 0.1, duration: 120, discard: 20}
",
    "\
models: [snn, markov, dsode, {dsode: {closure: coloured, noise: finite_size}}]
scan:
  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 6]}
realisations: 4
record: {traces: {members: 1, every: 1}, spikes: {members: 1, from: 20, to: 60}, voltage: true, attractor: true,
  neurons: {members: 1, count: 2, every: 0.5}}
"
);

/// The same point after point, each from the state of its neighbour.
fn sweep() -> String {
    CONFIG
        .replace("tau_ref: 4,", "tau_ref: 4, initial: carry,")
        .replace("name: small", "name: sweep\nsweep: {axis: projections.E<-I.p, direction: both}")
}

/// A sweep over delays, beside a projection whose kicks act once.
fn sweep_of_delays() -> String {
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "projections.E<-I.delay, values: [0, 0.3, 2]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: projections.E<-I.delay")
        .replace("s: 4.75, tau: 1.4", "s: 4.75, tau: 0, delay: 0.5")
}

/// A sweep over rise times, of kicks that decay at random and of others.
fn sweep_of_rises() -> String {
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "projections.E<-I.tau_rise, values: [0.3, 2, 5]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: projections.E<-I.tau_rise")
        .replace("s: 13.55, tau: 4.5", "s: 13.55, tau: 4.5, tau_rise: 1")
        .replace("s: 6.25, tau: 1.2", "s: 6.25, tau: 1.2, tau_rise: 0.5, decay: deterministic")
}

/// A sweep over the rate of a source, one of whose projections has no memory.
fn sweep_of_sources() -> String {
    let sources =
        "  E<-S: {kind: excitatory, s: 2, tau: 3}\n  I<-S: {kind: excitatory, s: 2, tau: 0}\nsources: {S: {rate: 1}}\n";
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "sources.S.rate, values: [0, 1, 3]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: sources.S.rate")
        .replace("models:", &format!("{sources}models:"))
}

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(arguments).current_dir(directory).env("XDG_RUNTIME_DIR", directory);
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    program(directory, arguments).output().unwrap()
}

/// Runs and succeeds.
fn done(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), config).unwrap();
    folder
}

fn same(directory: &Path, one: &str, other: &str) {
    for file in FILES {
        // what is not recorded has no file in either
        let read = |run: &str| fs::read(directory.join(run).join(file)).ok();
        assert!(read(one).is_some() || file == "neurons.parquet", "no {file}");
        assert!(read(one) == read(other), "{file} of {one} and {other} differ");
    }
}

const CPU: [&str; 6] = ["run", "c.yaml", "--backend", "cpu", "--quiet", "--out"];

fn cpu<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&CPU[..], &[out], more].concat()
}

#[test]
fn three_shards_and_seven_merge_into_one_run() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    done(directory, &cpu("whole", &[]));
    for of in [3, 7] {
        let parts: Vec<String> = (1..=of).map(|k| format!("part{k}of{of}")).collect();
        for (k, part) in parts.iter().enumerate() {
            let shard = format!("{}/{of}", k + 1);
            done(directory, &cpu(part, &["--shard", &shard]));
        }
        let out = format!("merged{of}");
        let arguments: Vec<&str> = ["merge", &out].into_iter().chain(parts.iter().map(String::as_str)).collect();
        done(directory, &arguments);
        same(directory, "whole", &out);
    }
}

#[test]
fn an_extended_scan_is_the_larger_scan() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let finer = "scan.0.linspace=[0.5, 1.0, 11]";
    done(directory, &cpu("grown", &[]));
    let before = fs::read_to_string(directory.join("grown/points.csv")).unwrap();
    done(directory, &cpu("grown", &["--set", finer]));
    done(directory, &cpu("whole", &["--set", finer]));
    same(directory, "whole", "grown");
    // The point numbers change, the numbers of a point do not.
    let numbers =
        |line: &str| line.split_once(',').map(|(_, rest)| rest.split(',').skip(1).collect::<Vec<_>>().join(","));
    let after = fs::read_to_string(directory.join("grown/points.csv")).unwrap();
    let found: Vec<_> = after.lines().map(numbers).collect();
    for line in before.lines() {
        assert!(found.contains(&numbers(line)), "lost: {line}");
    }
}

/// SIGKILL at moments spread over the run, each run going on where the last one was killed; the last runs to its end.
fn killed(config: &str, moments: u32, backend: &str, more: &[&str]) {
    let folder = folder(config);
    let directory = folder.path();
    let run = |out| [&["run", "c.yaml", "--quiet", "--backend", backend, "--out", out], more].concat();
    let whole = std::time::Instant::now();
    done(directory, &run("whole"));
    let whole = whole.elapsed();
    let mut resumed = 0;
    for moment in 1..=moments {
        let mut child = program(directory, &run("killed")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(moment) / f64::from(moments)) / 3 + Duration::from_millis(2));
        if child.try_wait().unwrap().is_none() {
            resumed += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(resumed > 0, "every run was over before it was killed");
    done(directory, &run("killed"));
    same(directory, "whole", "killed");
}

#[test]
fn killed_and_resumed_is_uninterrupted() {
    killed(CONFIG, 20, "cpu", &[]);
}

#[test]
fn killed_and_resumed_on_a_gpu_is_uninterrupted() {
    let few = ["--set", "scan.0.linspace=[0.6, 0.9, 3]", "--set", "realisations=2"];
    killed(CONFIG, 20, "gpu", &few);
}

#[test]
fn a_killed_sweep_is_uninterrupted() {
    killed(&sweep(), 6, "cpu", &["--set", "realisations=2"]);
}

/// What is on its way when a run is killed arrives when it goes on, and so does what a sweep carries to other delays.
#[test]
fn a_killed_sweep_over_delays_is_uninterrupted() {
    killed(&sweep_of_delays(), 6, "cpu", &["--set", "realisations=2"]);
}

/// Kicks that rise when a run is killed go on rising, and a sweep carries them to other rise times.
#[test]
fn a_killed_sweep_over_rise_times_is_uninterrupted() {
    assert_eq!(sweep_of_rises().matches("tau_rise").count(), 4);
    killed(&sweep_of_rises(), 6, "cpu", &["--set", "realisations=2"]);
}

/// A member that is stopped leaves a checkpoint, and what goes on from it computes the rest alone.
#[test]
fn an_interrupted_member_goes_on_from_its_checkpoint() {
    for (on_gpu, duration) in [(false, "4000"), (true, "400")] {
        let folder = tempfile::tempdir().unwrap();
        let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
        let set = [&format!("time.duration={duration}"), "realisations=2", "models=[snn]", "scan=[]", "record={}"];
        let experiment = config::load(CONFIG, "c.yaml", &set.map(str::to_string)).unwrap();
        let ensemble = Ensemble::new(experiment, on_gpu).unwrap();
        let start = |directory: &Path, stop: &AtomicBool| {
            let gpu = || Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
            let mut device = on_gpu.then(|| Device::new(gpu()));
            // Checkpoints of everything under way, as often as can be.
            let options =
                Options { checkpoint: Duration::from_millis(5), verify: Verify::Members(0), ..Options::new(stop) };
            run_ensemble(&ensemble, directory, device.as_mut_slice(), &options).unwrap()
        };
        let never = AtomicBool::new(false);
        let undisturbed = start(&whole, &never);
        let checkpoints = || fs::read_dir(stopped.join("checkpoints")).map_or(0, Iterator::count);
        let (stop, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let interrupted = std::thread::scope(|scope| {
            scope.spawn(|| {
                while checkpoints() == 0 && !ended.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                stop.store(true, Ordering::Relaxed);
            });
            let interrupted = start(&stopped, &stop);
            ended.store(true, Ordering::Relaxed);
            interrupted
        });
        assert!(interrupted.interrupted && interrupted.work > 0 && checkpoints() > 0);
        let work = interrupted.work;
        drop(interrupted);
        let resumed = start(&stopped, &never);
        assert_eq!(work + resumed.work, undisturbed.work, "computed twice");
        same(folder.path(), "whole", "stopped");
        assert_eq!(checkpoints(), 0, "checkpoints of a finished run");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_with_code_130_and_a_checkpoint() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let more = ["--set", "time.duration=1000000", "--set", "models=[snn]", "--set", "scan=[]", "--set", "record={}"];
    let mut child = program(directory, &cpu("out", &more)).stderr(Stdio::null()).spawn().unwrap();
    let log = directory.join("out/members.log");
    while !log.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // The log is there before the first step; without one there is nothing to keep.
    std::thread::sleep(Duration::from_secs(2));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(fs::read_dir(directory.join("out/checkpoints")).unwrap().count() > 0);
    let manifest = fs::read_to_string(directory.join("out/manifest.json")).unwrap();
    assert!(manifest.contains("\"complete\": false"), "{manifest}");
}

/// The config that is read stays as it is, its comments and all.
#[test]
fn no_config_is_written_over() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let own = format!("# Why?\n{CONFIG}# a thought\n");
    fs::create_dir(directory.join("proj")).unwrap();
    fs::write(directory.join("proj/config.yaml"), &own).unwrap();
    let few = ["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"];
    let run_in = |at: &str, config: &str, out: &str| {
        let arguments = [&["run", config, "--backend", "cpu", "--quiet", "--out", out], &few[..]].concat();
        run(&directory.join(at), &arguments)
    };
    #[cfg(unix)]
    std::os::unix::fs::symlink("proj", directory.join("link")).unwrap();
    let mut cases = vec![("proj", "config.yaml", "."), (".", "proj/config.yaml", "proj"), (".", "c.yaml", "proj")];
    if cfg!(unix) {
        cases.push((".", "proj/config.yaml", "link"));
    }
    for (at, config, out) in cases {
        let output = run_in(at, config, out);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{config} into {out}: {message}");
        assert!(message.contains("config.yaml") && message.contains("--out"), "{message}");
        assert_eq!(fs::read_to_string(directory.join("proj/config.yaml")).unwrap(), own, "{config} into {out}");
        assert!(!directory.join("proj/members.log").exists());
    }
    // Nor by another result.
    fs::write(directory.join("proj/report.html"), &own).unwrap();
    assert_eq!(run_in("proj", "report.html", ".").status.code(), Some(2));
    assert_eq!(fs::read_to_string(directory.join("proj/report.html")).unwrap(), own);
    // Elsewhere it is resolved, under its question; and that one may be read where it lies, as long as it stays the same.
    assert!(run_in(".", "proj/config.yaml", "out").status.success());
    let resolved = fs::read_to_string(directory.join("out/config.yaml")).unwrap();
    assert!(resolved.starts_with("# Why?\nname: small\n") && resolved.contains("- dsode:"), "{resolved}");
    let again = run(directory, &["run", "out/config.yaml", "--backend", "cpu", "--quiet", "--out", "out", "--resume"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let changed = run(directory, &["run", "out/config.yaml", "--quiet", "--out", "out", "--set", "models=[snn]"]);
    assert_eq!(changed.status.code(), Some(2));
    assert_eq!(fs::read_to_string(directory.join("out/config.yaml")).unwrap(), resolved);
}

/// Both backends carry the same states from point to point.
#[test]
fn sweeps_are_the_same_on_both_backends() {
    same_on_both_backends(&sweep(), &["--set", "scan.0.linspace=[0.6, 0.9, 3]"]);
    same_on_both_backends(&sweep_of_rises(), &[]);
    same_on_both_backends(&sweep_of_sources(), &[]);
    same_on_both_backends(&sweep_of_delays(), &[]);
    same_on_both_backends(&sweep_of_delays(), &["--set", "connectivity=quenched"]);
}

fn same_on_both_backends(config: &str, more: &[&str]) {
    let folder = folder(config);
    let directory = folder.path();
    let models = ["--set", "models=[snn, {markov: {closure: coloured}}]", "--set", "realisations=2"];
    let more = [&models[..], more].concat();
    done(directory, &cpu("cpu", &more));
    done(directory, &[&["run", "c.yaml", "--backend", "gpu", "--quiet", "--out", "gpu"], &more[..]].concat());
    same(directory, "cpu", "gpu");
    let points = fs::read_to_string(directory.join("cpu/points.csv")).unwrap();
    assert!(points.contains("forward") && points.contains("backward"));
}

#[test]
fn adaptive_ensembles_stop_where_they_are_precise() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let rule = "realisations={min: 2, max: 16, until: {rate_E: {rel_ci95: 0.2}}}";
    let more = ["--set", rule, "--set", "models=[snn, dsode]"];
    done(directory, &cpu("whole", &more));
    for (part, shard) in [("a", "1/2"), ("b", "2/2")] {
        done(directory, &cpu(part, &[&more[..], &["--shard", shard]].concat()));
    }
    done(directory, &["merge", "merged", "a", "b"]);
    same(directory, "whole", "merged");
    let mut reader = csv::Reader::from_path(directory.join("whole/points.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (model, n) = (at("model"), at("n"));
    let (mean, low, high) = (at("rate_E_mean"), at("rate_E_ci95_low"), at("rate_E_ci95_high"));
    let mut counts = std::collections::BTreeSet::new();
    for row in reader.records().map(Result::unwrap).filter(|row| &row[model] == "snn") {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let members = number(n) as u32;
        assert!([2, 4, 8, 16].contains(&members), "{members} members");
        let precise = 0.5 * (number(high) - number(low)) <= 0.2 * number(mean);
        assert!(precise || members == 16, "stopped at {members}");
        counts.insert(members);
    }
    assert!(counts.len() > 1 || counts.contains(&16), "the rule never asked for more: {counts:?}");
}

/// Silent members say nothing of how much others vary, and a statistic that no member has can never be precise: the table says
/// which of the two ended a point, and how many members it took.
#[test]
fn adaptive_ensembles_say_why_they_ended() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let silent =
        ["--set", "models=[snn, dsode]", "--set", "populations.E.drive.rate=0", "--set", "populations.I.drive.rate=0"];
    let silent = [&silent[..], &["--set", "scan=[]"]].concat();
    let ended = |out: &str, more: &[&str]| {
        done(directory, &cpu(out, more));
        let mut reader = csv::Reader::from_path(directory.join(out).join("points.csv")).unwrap();
        let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
        let of = |model: &'static str| rows.iter().filter(move |row| row["model"] == model);
        assert!(of("dsode").all(|row| (&row["precision"][..], &row["n"][..]) == ("", "1")));
        of("snn").map(|row| (row["n"].parse().unwrap(), row["precision"].clone())).collect::<Vec<(u32, String)>>()
    };
    let rule = |rule: &str| format!("realisations={{min: 2, max: 100, until: {{{rule}}}}}");
    let (rate, cv) = ("rate_E: {rel_ci95: 0.1}", "cv_isi_E: {rel_ci95: 0.1}");
    // 3/0.1 silent members are enough: the first test with as many is that of 32
    let cases = [("rate", rule(rate)), ("cv", rule(cv)), ("both", rule(&format!("{rate}, {cv}")))];
    let [of_rate, of_cv, of_both] = cases.map(|(out, rule)| ended(out, &[&silent[..], &["--set", &rule]].concat()));
    assert_eq!(of_rate, [(32, "rate_E equal in all members".to_string())]);
    assert_eq!(of_cv, [(2, "cv_isi_E undefined".to_string())]);
    assert_eq!(of_both, [(32, "cv_isi_E undefined; rate_E equal in all members".to_string())]);
    // and with fewer than that as the maximum, it is not reached
    let few = "realisations={min: 2, max: 5, until: {rate_E: {rel_ci95: 0.1}}}";
    assert_eq!(ended("few", &[&silent[..], &["--set", few]].concat()), [(5, "rate_E not reached".to_string())]);
    let loose = "realisations={min: 2, max: 5, until: {rate_E: {rel_ci95: 1}}}";
    let firing = ended("firing", &["--set", loose, "--set", "models=[snn, dsode]"]);
    assert!(firing.iter().any(|row| row.1 == "reached"), "{firing:?}");
    // a fixed ensemble asks for nothing
    done(directory, &cpu("fixed", &["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"]));
    assert!(!fs::read_to_string(directory.join("fixed/points.csv")).unwrap().contains("precision"));
}

#[test]
fn another_experiment_is_refused_with_the_difference() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let more = ["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"];
    done(directory, &cpu("out", &more));
    let config = fs::read(directory.join("out/config.yaml")).unwrap();
    let output = run(directory, &cpu("out", &[&more[..], &["--set", "time.duration=130"]].concat()));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("another experiment: time.duration is 120 there and 130 here"), "{message}");
    assert_eq!(fs::read(directory.join("out/config.yaml")).unwrap(), config, "the config was overwritten");
}

#[test]
fn bad_input_ends_with_code_2_and_a_place() {
    let folder = folder(&CONFIG.replace("p: 0.8, s: 13.55", "p: 1.8, s: 13.55"));
    let directory = folder.path();
    for (arguments, expected) in [
        (vec!["run", "c.yaml"], "c.yaml:10:"),
        (vec!["run", "missing.yaml"], "missing.yaml"),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--shard", "4/3"], "--shard"),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--device", "no such card"], "no such card"),
        (
            vec![
                "run",
                "c.yaml",
                "--set",
                "projections.E<-I.p=0.5",
                "--set",
                "projections.E<-E.s=1e5",
                "--set",
                "models=[snn]",
            ],
            "reduce s",
        ),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--set", "scan.0.path=projections.E<-X.p"], "--set"),
        (vec!["merge", "out", "nowhere"], "nowhere"),
    ] {
        let output = run(directory, &arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert!(!directory.join("out").exists(), "{arguments:?} left a directory");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_a_clear_error() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    fs::write(directory.join("file"), "in the way").unwrap();
    let output = run(directory, &cpu("file", &[]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("file"));
    assert_eq!(fs::read_to_string(directory.join("file")).unwrap(), "in the way");
}

/// Every file in `configs/` runs, shortened; `check` explains it.
#[test]
fn committed_configs_run() {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(configs).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        let config = path.to_str().unwrap();
        assert!(done(folder.path(), &["check", config]).contains("neuron-steps"));
        let short = ["--set", "time.duration=20", "--set", "time.discard=10", "--set", "realisations=1"];
        let record = ["--set", "record={}", "--backend", "cpu", "--quiet", "--shard", "1/17"];
        // what lies beyond the shorter run
        let stimulus =
            "analysis={windows: [[5, 15], [10, 20]], psth: {bin: 5}, choice: {populations: [A, B], from: 15}}";
        let stimulus: &[&str] =
            if fs::read_to_string(&path).unwrap().contains("choice:") { &["--set", stimulus] } else { &[] };
        let arguments = [&["run", config, "--out", &name][..], &short, &record, stimulus].concat();
        done(folder.path(), &arguments);
        assert!(folder.path().join(&name).join("points.csv").exists());
    }
}
