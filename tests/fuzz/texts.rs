//! Configs and what the command line adds to them.

use super::cases;
use super::mangle::Mangler;
use snn_ensemble::config::load;
use snn_ensemble::ensemble::schedule::Shard;
use std::time::{Duration, Instant};

const CONFIGS: [&str; 6] = [
    include_str!("../../configs/quickstart.yaml"),
    include_str!("../../configs/pei_scan.yaml"),
    include_str!("../../configs/closures.yaml"),
    "\
name: three
time: {dt: 0.1, duration: 500, discard: 50}
populations:
  A: {size: 30, tau_ref: 4, tau_m: 20, e_leak: 10, refractory: fixed, adaptation: {b: 0.05, tau: 100}, initial: uniform}
  B: {size: 20, tau_ref: 4, drive: {kind: poisson, weight: 2, rate: {steps: [[0, 7], [500, 9]]}}}
  C: {size: 10, tau_ref: 0, initial: carry, drive: {rate: {mean: 7, amplitude: 0.2, frequency: 40, phase: 0}}}
projections:
  A<-B: {kind: excitatory, p: 0.5, s: 0.9, tau: 2, decay: deterministic}
  C<-A: {kind: inhibitory, p: 0.5, s: 0.9, tau: 2, v_rev: -70}
connectivity: quenched
models: [snn, {markov: {closure: coloured}}, {dsode: {closure: coloured, density: linear, noise: finite_size, bin: 2, precision: f32}}]
scan:
  - {zip: [{path: populations.A.size, values: [30, 60]}, {path: populations.B.size, values: [20, 40]}]}
  - {path: projections.C<-A.s, logspace: [0.1, 10, 5]}
sweep: {axis: projections.C<-A.s, direction: both}
realisations: {min: 16, max: 64, until: {rate_A: {rel_ci95: 0.01}}}
record: {traces: {members: 2, every: 1}, spikes: {members: 1, from: 100, to: 200}, voltage: true, attractor: true}
",
    "\
name: inputs
time: {duration: 100}
populations:
  E: {size: 30, tau_ref: 2, tau_m: 20, step: exact, initial: {v: 3}, drive: none}
  I: {size: 10, tau_ref: 2, tau_m: 20, initial: {uniform: [-5, 20]}, drive: {kind: deterministic, rate: {steps: [[0, 7], [20, 9]]}}}
sources:
  S: {rate: 2}
  T: {rate: {mean: 7, amplitude: 0.2, frequency: 40}}
projections:
  E<-E: {kind: excitatory, p: 0.5, s: 1, tau: 2, v_rev: 150, v_norm: 20, step: exact}
  E<-I: {kind: inhibitory, p: 0.5, s: 1, tau: 2, v_rev: none}
  E<-S: {kind: excitatory, s: 1, tau: 2}
  I<-T: {kind: inhibitory, s: 0.1, tau: 2, decay: deterministic, v_rev: none}
models: [snn, dsode]
scan:
  - {path: populations.I.drive.rate.steps.1.1, values: [8, 10]}
  - {path: sources.T.rate.mean, linspace: [5, 9, 3]}
analysis: {windows: [[0, 20], [20.5, 100]], choice: {populations: [E, I], from: 20, to: 90}, psth: {from: 10, bin: 2.5}}
record: {neurons: {members: 2, populations: [I, E], count: 3, from: 10, to: 60, every: 0.5}}
",
    "\
name: neurons
time: {duration: 100}
populations:
  Q: {size: 30, tau_ref: 0, v_th: 30, v_reset: -65, neuron: {qif: [0.04, 5, 153]}, step: exact}
  X: {size: 10, tau_ref: 2, tau_m: 20, e_leak: -3, v_th: 40, neuron: {eif: {v_t: 20, delta_t: 2}}}
  T: {size: 10, tau_ref: 2, neuron: {table: [[-20, 3], [0, 0.5], [90, 2.5]]}, initial: {v: 3}}
projections:
  Q<-X: {kind: excitatory, p: 0.5, s: 1, tau: 2, tau_rise: 1.5}
models: [snn, {dsode: {bin: 2.5, v_min: -75}}]
scan:
  - {path: populations.Q.neuron.qif.2, values: [150, 160]}
  - {path: populations.T.neuron.table.1.1, linspace: [0.5, 1, 3]}
",
];

/// No reading of a text may take longer.
const LONG: Duration = Duration::from_secs(5);

/// Reads a config; what is accepted is written such that it reads the same again.
fn read(text: &str, overrides: &[String]) -> bool {
    let begun = Instant::now();
    let accepted = match load(text, "mangled.yaml", overrides) {
        Ok(experiment) => {
            let again = load(&experiment.to_yaml(), "again.yaml", &[]);
            assert_eq!(again.as_ref(), Ok(&experiment), "{text}\n{overrides:?}");
            experiment.point(experiment.points() - 1);
            true
        }
        Err(errors) => {
            assert!(!errors.0.is_empty() && !errors.to_string().is_empty(), "{text}\n{overrides:?}");
            false
        }
    };
    assert!(begun.elapsed() < LONG, "{:?} for\n{text}\n{overrides:?}", begun.elapsed());
    accepted
}

#[test]
fn configs() {
    for text in CONFIGS {
        load(text, "whole.yaml", &[]).unwrap_or_else(|e| panic!("{e}"));
    }
    let all = cases(4000);
    let mut accepted = 0;
    for case in 0..all {
        let mut mangler = Mangler::new(case);
        let text = mangler.pick(&CONFIGS);
        accepted += u64::from(read(&mangler.text(text), &[]));
    }
    // Both sides of the reader are reached.
    assert!(accepted > all / 20 && accepted < all - all / 20, "{accepted} of {all} accepted");
}

#[test]
fn overrides() {
    const PATHS: [&str; 10] = [
        "realisations",
        "seed",
        "time.dt",
        "projections.E<-I.p",
        "populations.E.drive.rate",
        "models",
        "scan",
        "record.traces.members",
        "populations.E.initial",
        "scan[0].linspace",
    ];
    const VALUES: [&str; 10] = [
        "3",
        "0.05",
        "-1",
        "[snn]",
        "{steps: [[0, 7], [500, 9]]}",
        "carry",
        "",
        "[{dsode: {bin: 2}}]",
        "1e400",
        "[0.5, 1, 3]",
    ];
    for case in 0..cases(2000) {
        let mut mangler = Mangler::new(case);
        let mut set = || {
            let whole = format!("{}={}", mangler.pick(&PATHS), mangler.pick(&VALUES));
            if mangler.below(2) == 0 { whole } else { mangler.text(&whole) }
        };
        let overrides = [set(), set()];
        read(CONFIGS[0], &overrides);
    }
}

#[test]
fn shards() {
    let mut accepted = 0;
    for case in 0..cases(20_000) {
        let mut mangler = Mangler::new(case);
        let text = mangler.text("3/17");
        match Shard::parse(&text) {
            Ok(shard) => {
                assert!(shard.part >= 1 && shard.part <= shard.of, "{text}: {shard:?}");
                accepted += 1;
            }
            Err(error) => assert!(error.contains("allowed"), "{text}: {error}"),
        }
    }
    assert!(accepted > 0);
}
