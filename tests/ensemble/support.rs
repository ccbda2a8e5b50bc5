//! Experiments, and the program on them.

use crate::small::small;
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

pub const FILES: [&str; 4] = ["members.parquet", "points.csv", "densities.parquet", "neurons.parquet"];

/// A small scan of every kind of model with every kind of record.
pub const CONFIG: &str = small!(
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
pub fn sweep() -> String {
    CONFIG
        .replace("tau_ref: 4,", "tau_ref: 4, initial: carry,")
        .replace("name: small", "name: sweep\nsweep: {axis: projections.E<-I.p, direction: both}")
}

/// A sweep over delays, beside a projection whose kicks act once.
pub fn sweep_of_delays() -> String {
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "projections.E<-I.delay, values: [0, 0.3, 2]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: projections.E<-I.delay")
        .replace("s: 4.75, tau: 1.4", "s: 4.75, tau: 0, delay: 0.5")
}

/// A sweep over rise times, of kicks that decay at random and of others.
pub fn sweep_of_rises() -> String {
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "projections.E<-I.tau_rise, values: [0.3, 2, 5]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: projections.E<-I.tau_rise")
        .replace("s: 13.55, tau: 4.5", "s: 13.55, tau: 4.5, tau_rise: 1")
        .replace("s: 6.25, tau: 1.2", "s: 6.25, tau: 1.2, tau_rise: 0.5, decay: deterministic")
}

/// A sweep over the rate of a source, one of whose projections has no memory.
pub fn sweep_of_sources() -> String {
    let sources =
        "  E<-S: {kind: excitatory, s: 2, tau: 3}\n  I<-S: {kind: excitatory, s: 2, tau: 0}\nsources: {S: {rate: 1}}\n";
    sweep()
        .replace("projections.E<-I.p, linspace: [0.5, 1.0, 6]", "sources.S.rate, values: [0, 1, 3]")
        .replace("sweep: {axis: projections.E<-I.p", "sweep: {axis: sources.S.rate")
        .replace("models:", &format!("{sources}models:"))
}

pub fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(arguments).current_dir(directory).env("XDG_RUNTIME_DIR", directory);
    command
}

pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    program(directory, arguments).output().unwrap()
}

/// Runs and succeeds.
pub fn done(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), config).unwrap();
    folder
}

pub fn same(directory: &Path, one: &str, other: &str) {
    for file in FILES {
        // what is not recorded has no file in either
        let read = |run: &str| fs::read(directory.join(run).join(file)).ok();
        assert!(read(one).is_some() || file == "neurons.parquet", "no {file}");
        assert!(read(one) == read(other), "{file} of {one} and {other} differ");
    }
}

pub const CPU: [&str; 6] = ["run", "c.yaml", "--backend", "cpu", "--quiet", "--out"];

pub fn cpu<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&CPU[..], &[out], more].concat()
}
