//! Configs: what loads, what it means, and what every mistake is told.

use proptest::prelude::*;
use snn_ensemble::config::{self, Experiment, Realisations, Values, load};
use snn_ensemble::model::{Closure, Drive, DriveKind, Noise, Precision, Rate, Refractory, Seeding, Synapse, Variant};

const BASE: &str = "\
name: base
seed: 42
time: {dt: 0.1, duration: 3000, discard: 200}
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
  I: {size: 100, tau_ref: 4}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}
realisations: 64
";

fn base_with(from: &str, to: &str) -> String {
    assert_eq!(BASE.matches(from).count(), 1, "{from} once in the base");
    BASE.replace(from, to)
}

fn errors(text: &str, overrides: &[&str]) -> Vec<String> {
    let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
    match load(text, "base.yaml", &overrides) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(|error| error.to_string()).collect(),
    }
}

fn base() -> Experiment {
    load(BASE, "base.yaml", &[]).unwrap()
}

fn resolved(from: &str, to: &str) -> Experiment {
    load(&base_with(from, to), "base.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}"))
}

/// (text in the base, its replacement, the one message: place, key and words of it).
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    // Keys.
    ("I: {size: 100, tau_ref: 4}", "I: {size: 100, tau_ref: 4, tau_reff: 3}", "6:30: populations.I.tau_reff: ", "unknown key; did you mean tau_ref? (allowed: size, v_th"),
];

#[test]
fn each_mistake_is_told_once_with_its_place() {
    let mut wrong = String::new();
    for (from, to, place, words) in MISTAKES {
        let found = errors(&base_with(from, to), &[]);
        let [one] = found.as_slice() else {
            wrong += &format!("\n{to}\n  gives {} errors: {found:#?}", found.len());
            continue;
        };
        if !(one.starts_with(&format!("base.yaml:{place}")) && one.contains(words)) {
            wrong += &format!("\n{to}\n  expected {place}...{words}\n  found    {one}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_config_of_the_project_loads_and_survives_a_round_trip() {
    let mut count = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/configs")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let experiment = load(&text, &path.to_string_lossy(), &[]).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(experiment.name, path.file_stem().unwrap().to_string_lossy());
        assert_round_trip(&experiment);
        count += 1;
    }
    assert!(count >= 5, "{count} configs");
}

fn assert_round_trip(experiment: &Experiment) {
    let yaml = experiment.to_yaml();
    let again = load(&yaml, "resolved.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}\n{yaml}"));
    assert_eq!(&again, experiment);
    assert_eq!(again.to_yaml(), yaml);
    assert_eq!(again.hash(), experiment.hash());
}
