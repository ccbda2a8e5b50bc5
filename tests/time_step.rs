//! Is a time step that is too large told, and one that is small enough not?
mod common;
use assert_cmd::cargo::cargo_bin;
use common::*;
use snn_ensemble::config;
use snn_ensemble::model::*;
use snn_ensemble::network::time_step::coarse_steps;
use snn_ensemble::validate::convergence::{Convergence, convergence};
use std::fs;
use std::process::{Command, Output};

/// The keys that are warned about.
fn keys(network: &Network) -> Vec<String> {
    coarse_steps(network).into_iter().map(|coarse| coarse.key).collect()
}

#[test]
fn the_committed_configs_are_fine() {
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/configs")).unwrap() {
        let path = entry.unwrap().path();
        let experiment = config::load(&fs::read_to_string(&path).unwrap(), &path.display().to_string(), &[]).unwrap();
        for index in [0, experiment.points() / 2, experiment.points() - 1] {
            assert_eq!(keys(&experiment.point(index).network), [""; 0], "{}", path.display());
        }
    }
}

#[test]
fn what_a_step_is_too_long_for() {
    let with = |change: &dyn Fn(&mut Network)| {
        let mut network = paper();
        change(&mut network);
        network
    };
    let named = |network: Network, expected: &[&str]| {
        assert_eq!(keys(&network), expected, "{:?}", coarse_steps(&network));
        // The time step that is said to do does.
        let dt = |coarse: &snn_ensemble::network::time_step::CoarseStep| -> f64 {
            let text = coarse.to_string();
            text.split("a dt of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
        };
        let smallest = coarse_steps(&network).iter().map(dt).fold(f64::INFINITY, f64::min);
        assert_eq!(keys(&Network { dt: smallest, ..network.clone() }), [""; 0], "{smallest} ms for {network:?}");
    };
    named(with(&|n| n.projections[0].tau = 0.4), &["projections.E<-E.tau"]);
    named(with(&|n| n.populations[0].tau_m = Some(1.5)), &["populations.E.tau_m"]);
    named(
        with(&|n| n.populations[1].adaptation = Some(Adaptation { b: 0.1, tau: 0.3 })),
        &["populations.I.adaptation.tau"],
    );
    named(with(&|n| n.populations[1].drive.rate = Rate::Constant(90.0)), &["populations.I.drive"]);
    named(
        with(&|n| {
            n.populations[0].drive = Drive { weight: 60.0, rate: Rate::Constant(0.1), ..n.populations[0].drive.clone() }
        }),
        &["populations.E.drive"],
    );
    named(with(&|n| n.projections[1].s = 25.0), &["populations.E"]);
    // Neurons that fire in every step, and in half of it twice as often, reach the same in any step.
    let every_step = with(&|n| {
        n.populations.iter_mut().for_each(|population| population.tau_ref = 0.0);
        n.projections[1].s = 10.0;
    });
    for dt in [0.1, 0.02, 0.002] {
        assert_eq!(keys(&Network { dt, ..every_step.clone() }), [""; 0]);
    }
    // Kicks of a Poisson drive are as large as they are, whatever the step.
    let poisson = Drive { kind: DriveKind::Poisson, weight: 60.0, rate: Rate::Constant(0.1) };
    assert_eq!(keys(&with(&|n| n.populations[0].drive = poisson.clone())), [""; 0]);
}

/// Strong, fast inhibition: its mean pulls past the reversal potential where dt is nearly tau.
const FAST: &str = "
name: fast
time: {dt: 0.5, duration: 1500, discard: 200}
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
  I: {size: 100, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 0.6}
  I<-E: {kind: excitatory, p: 0.8, s: 1.25, tau: 1.2}
  I<-I: {kind: inhibitory, p: 0.8, s: 2.45, tau: 0.6}
models: [snn]
realisations: 4
";

#[test]
fn halving_the_step_shows_what_it_changes() {
    let of = |dt: &str| {
        let experiment = config::load(FAST, "fast", &[format!("time.dt={dt}")]).unwrap();
        let rates = convergence(&experiment, |rate| println!("{rate}: {:?}", rate.verdict())).unwrap();
        assert_eq!(rates.len(), 2);
        rates.iter().map(|rate| rate.verdict()).max().unwrap()
    };
    assert_eq!(of("0.5"), Convergence::TooLarge);
    assert_ne!(of("0.05"), Convergence::TooLarge);
}

/// The first and the middle point of a scan, for every model.
#[test]
fn points_and_models_are_named() {
    let scan = ["scan=[{path: populations.E.drive.rate, values: [6, 7, 8, 9]}]", "models=[snn, dsode]", "time.dt=0.1"];
    let experiment = config::load(FAST, "fast", &scan.map(String::from)).unwrap();
    let rates = convergence(&experiment, |_| {}).unwrap();
    let names: Vec<&str> = rates.iter().map(|rate| rate.what.as_str()).collect();
    let expected = |model: &str, rate: u32| format!("{model}, populations.E.drive.rate = {rate}");
    assert_eq!(names[0], expected("snn", 6));
    assert_eq!(names[2], expected("dsode", 6));
    assert_eq!(names[6], expected("dsode", 8));
    assert!(
        rates[2].rates[0].1 == 0.0 && rates[0].rates[0].1 > 0.0,
        "a deterministic model has no standard error: {rates:?}"
    );
}

fn program(arguments: &[&str]) -> Output {
    Command::new(cargo_bin("snn-ensemble")).args(arguments).output().unwrap()
}

#[test]
fn check_and_run_warn_once_and_go_on() {
    let directory = std::env::temp_dir().join(format!("snn-ensemble-time-step-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let config = directory.join("fast.yaml");
    fs::write(&config, FAST).unwrap();
    let (config, out) = (config.to_str().unwrap(), directory.join("out"));
    let coarse = ["--set", "time.duration=20", "--set", "time.discard=0"];
    let warnings = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.lines().filter(|line| line.starts_with("warning: proj")).map(str::to_string).collect::<Vec<_>>()
    };
    let check = program(&[&["check", config], &coarse[..]].concat());
    let expected =
        "warning: projections.E<-I.tau: time.dt = 0.5 ms is 83 % of the time constant, 0.6 ms; a dt of 0.1 ms would do";
    assert!(warnings(&check).contains(&expected.to_string()), "{check:?}");
    assert_eq!(check.status.code(), Some(0));
    let run = program(&[&["run", config, "--backend", "cpu", "--out", out.to_str().unwrap()], &coarse[..]].concat());
    assert_eq!((warnings(&run), run.status.code()), (warnings(&check), Some(0)), "{run:?}");
    let fine = program(&["check", config, "--set", "time.dt=0.05"]);
    assert!(!String::from_utf8_lossy(&fine.stderr).contains("warning"), "{fine:?}");
    let converge = program(&["check", config, "--converge"]);
    let text = String::from_utf8_lossy(&converge.stdout).into_owned();
    assert!(text.contains("# time.dt = 0.5 ms is too large") && converge.status.code() == Some(3), "{text}");
    fs::remove_dir_all(&directory).unwrap();
}
