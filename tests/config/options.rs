//! Options that go together: sources, drives, sweeps, steps.

use super::{AXIS, BASE, I, base_with, errors};
use snn_ensemble::config::load;

#[test]
fn a_sweep_runs_along_an_axis_that_keeps_the_sizes() {
    let carrying = base_with(I, "I: {size: 100, tau_ref: 4, initial: carry}");
    let with = |sweep: &str, axis: &str| carrying.replace(AXIS, axis) + &format!("sweep: {{axis: {sweep}}}\n");
    assert_eq!(errors(&with("projections.E<-I.p", AXIS), &[]), [""; 0]);
    assert_eq!(
        errors(&with("projections.E<-I.s", AXIS), &[]),
        ["base.yaml:14:15: sweep.axis: found projections.E<-I.s, allowed: projections.E<-I.p; did you mean \
          projections.E<-I.p?"]
    );
    let size = "{path: populations.E.size, values: [100, 200]}";
    assert_eq!(
        errors(&with("populations.E.size", size), &[]),
        ["base.yaml:14:15: sweep.axis: found an axis that moves populations.E.size, allowed: an axis that keeps all \
          sizes"]
    );
}

/// A projection from a source has no p, and its source is found by name.
#[test]
fn projections_from_sources() {
    let with = |projection: &str| {
        BASE.replace("seed: 42", "sources: {S: {rate: 2}}").replace("  E<-I", &format!("  {projection}\n  E<-I"))
    };
    assert_eq!(errors(&with("E<-S: {kind: excitatory, s: 1, tau: 2}"), &[]), [""; 0]);
    let found = errors(&with("E<-S: {kind: excitatory, p: 1, s: 1, tau: 2}"), &[]);
    assert_eq!(
        found,
        [
            "base.yaml:9:31: projections.E<-S.p: found 1, allowed: no p of a source, whose kicks each neuron has of its own; remove p"
        ]
    );
    let found = errors(&with("E<-I2: {kind: excitatory, p: 1, s: 1, tau: 2}"), &[]);
    assert!(found.len() == 1 && found[0].contains("one of E, I, S"), "{found:?}");
    let found = errors(&with("S<-E: {kind: excitatory, p: 1, s: 1, tau: 2}"), &[]);
    assert!(found.len() == 1 && found[0].contains("allowed: one of E, I"), "{found:?}");
}

/// Every new option is written back as it was read, and its numbers can be scanned.
#[test]
fn new_options_are_written_back_and_scanned() {
    const WIDER: &str = "\
name: wider
time: {duration: 100}
populations:
  E: {size: 30, tau_ref: 2, tau_m: 20, step: exact, initial: {v: 3}, drive: none}
  I: {size: 10, tau_ref: 2, tau_m: 20, initial: {uniform: [-5, 20]}, drive: {kind: deterministic, rate: {steps: [[0, 7], [20, 9]]}}}
sources:
  S: {rate: 2}
  T: {rate: {steps: [[0, 1], [50, 3]]}}
projections:
  E<-E: {kind: excitatory, p: 0.5, s: 1, tau: 2, v_rev: 150, v_norm: 20, step: exact}
  E<-I: {kind: inhibitory, p: 0.5, s: 1, tau: 2, v_rev: none}
  I<-I: {kind: inhibitory, p: 0.5, s: 1, tau: 2, v_norm: 30}
  E<-S: {kind: excitatory, s: 1, tau: 2}
  I<-T: {kind: inhibitory, s: 0.1, tau: 2, decay: deterministic}
models: [snn, markov, dsode]
";
    let read = |text: &str| load(text, "wider.yaml", &[]).unwrap_or_else(|e| panic!("{e}"));
    let experiment = read(WIDER);
    let written = experiment.to_yaml();
    assert_eq!(read(&written), experiment, "{written}");
    for (path, value) in [
        ("populations.I.drive.rate.steps.1.1", "8"),
        ("populations.I.drive.rate.steps.1.0", "25"),
        ("populations.E.initial.v", "4"),
        ("populations.I.initial.uniform.0", "-6"),
        ("populations.I.initial.uniform.1", "21"),
        ("sources.S.rate", "3"),
        ("sources.T.rate.steps.1.1", "4"),
        ("projections.E<-E.v_norm", "25"),
        ("projections.E<-E.v_rev", "120"),
        ("projections.I<-I.v_norm", "40"),
        ("projections.I<-T.tau", "3"),
    ] {
        let scanned = read(&format!("{WIDER}scan: [{{path: {path}, values: [{value}]}}]\n"));
        let point = scanned.point(0).network;
        assert!(point != scanned.network, "{path} moves nothing");
        let set = load(WIDER, "wider.yaml", &[format!("{path}={value}")]).unwrap();
        assert_eq!(point, set.network, "{path}");
    }
    for (path, words) in [
        ("populations.E.drive.rate", "but drive is none here"),
        ("projections.E<-I.v_rev", "v_rev is none here"),
        ("projections.E<-S.p", "allowed: the path of a number"),
        ("sources.T.rate.steps.2.1", "allowed: the path of a number"),
        ("sources.T.rate.steps.1.2", "allowed: the path of a number"),
        ("populations.E.initial.uniform.0", "allowed: the path of a number"),
    ] {
        let found = errors(&format!("{WIDER}scan: [{{path: {path}, values: [1]}}]\n"), &[]);
        assert!(found.len() == 1 && found[0].contains(words), "{path}: {found:?}");
    }
    // Times of a table ascend at every point.
    let found = errors(&format!("{WIDER}scan: [{{path: sources.T.rate.steps.1.0, values: [10, 0]}}]\n"), &[]);
    assert!(found.len() == 1 && found[0].contains("a time after 0 ms"), "{found:?}");
}

/// The drive that goes without saying beside a source is warned about.
#[test]
fn a_source_beside_the_default_drive_is_warned_about() {
    let with = |drive: &str| {
        let text = BASE
            .replace("seed: 42", "sources: {S: {rate: 2}}")
            .replace("I: {size: 100, tau_ref: 4}", &format!("I: {{size: 100, tau_ref: 4{drive}}}"));
        let text = text.replace("  E<-I", "  I<-S: {kind: excitatory, s: 1, tau: 0.5}\n  E<-I");
        load(&text, "base.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    let warnings = with("");
    assert!(warnings.len() == 1 && warnings[0].starts_with("populations.I.drive: 7 kicks"), "{warnings:?}");
    assert_eq!(with(", drive: none"), [""; 0]);
    assert_eq!(with(", drive: {rate: 3}"), [""; 0]);
}

/// Campbell's theorem is what the coloured closure has.
#[test]
fn noise_of_a_source_that_the_white_closure_does_not_have_is_warned_about() {
    let config = |tau: &str, models: &str| {
        format!(
            "name: c\ntime: {{duration: 200, discard: 100}}\nmodels: [{models}]\nsources: {{X: {{rate: 2}}}}\npopulations: {{E: {{drive: \
             none, tau_m: 20, size: 100, tau_ref: 2}}}}\nprojections: {{E<-X: {{kind: excitatory, s: 1, tau: {tau}}}}}"
        )
    };
    let warnings = |tau: &str, models: &str| {
        let mut warnings = load(&config(tau, models), "c.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings();
        warnings.retain(|text| text.starts_with("projections"));
        warnings.join("\n")
    };
    let of_markov = warnings("5", "snn, markov, dsode");
    assert!(
        of_markov.starts_with("projections.E<-X.tau: with kicks that last 5 ms the white closure (markov)"),
        "{of_markov}"
    );
    assert!(of_markov.contains(" 0.10 of its noise power") && !of_markov.contains('\n'), "{of_markov}");
    assert!(warnings("0.2", "dsode").contains("(dsode) gives the source 2.50 of"));
    for (tau, models) in [("0", "markov"), ("0.5", "markov"), ("5", "snn, {markov: {closure: coloured}}")] {
        assert_eq!(warnings(tau, models), "", "{tau} {models}");
    }
    let scanned = format!("{}\nscan: [{{path: projections.E<-X.tau, values: [0.5, 2]}}]", config("0.5", "markov"));
    assert!(load(&scanned, "c.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings().join("").contains("last 2 ms"));
}

/// A fixed refractory time is a number of steps.
#[test]
fn refractory_times_between_steps_are_warned_about() {
    let with = |refractory: &str| {
        let text = BASE.replace("I: {size: 100, tau_ref: 4}", &format!("I: {{size: 100, {refractory}}}"));
        load(&text, "base.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    let warned = with("tau_ref: 4.06, refractory: fixed");
    assert_eq!(warned, ["populations.I.tau_ref: 4.06 ms is 4.1 ms, the nearest number of steps of 0.1 ms"]);
    assert_eq!([with("tau_ref: 4.1, refractory: fixed"), with("tau_ref: 4.06")], [[""; 0]; 2]);
    // what a scan gives it, and the step
    let scanned = |path: &str, values: &str| {
        let text = format!(
            "name: a\ntime: {{duration: 60}}\npopulations: {{E: {{size: 5, tau_ref: 1.03, refractory: fixed}}}}\nmodels: [snn]\n\
             scan: [{{path: {path}, values: {values}}}]\n"
        );
        load(&text, "a.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    assert_eq!(scanned("populations.E.tau_ref", "[1, 2]"), [""; 0]);
    assert_eq!(scanned("populations.E.tau_ref", "[1, 2.06, 2.08]").len(), 1);
    assert!(scanned("time.dt", "[0.1, 0.3]")[0].starts_with("populations.E.tau_ref: 1.03 ms is 1 ms"));
}

/// A test that is repeated from a few realisations on ends by chance.
#[test]
fn adaptive_ensembles_that_may_stop_early_are_warned_about() {
    let warnings = |min: u32| {
        let text = format!(
            "name: a\ntime: {{duration: 100}}\npopulations: {{E: {{size: 5, tau_ref: 1}}}}\nmodels: [snn]\n\
             realisations: {{min: {min}, max: 64, until: {{rate_E: {{rel_ci95: 0.1}}}}}}\n"
        );
        load(&text, "a.yaml", &[]).unwrap().warnings()
    };
    assert!(matches!(&warnings(8)[..], [one] if one.starts_with("realisations.min: 8; ")));
    assert!(warnings(16).is_empty());
}

/// So is what is to be recorded of realisations that never run, and samples farther apart than the run is long.
#[test]
fn records_of_nothing_are_warned_about() {
    let with = |record: &str| {
        let text = format!("{BASE}record: {record}\n");
        load(&text, "base.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    assert_eq!(with("{spikes: {members: 64}, traces: {members: 1, every: 10}}"), [""; 0]);
    for (record, path) in [
        ("{spikes: {members: 65}}", "record.spikes.members: 65"),
        ("{traces: {members: 1, every: 10000000}}", "record.traces.every: 10000000 ms"),
        ("{neurons: {members: 1, from: 10, to: 20, every: 11}}", "record.neurons.every: 11 ms, longer than the 10 ms"),
    ] {
        let warnings = with(record);
        assert!(warnings.len() == 1 && warnings[0].starts_with(path), "{record}: {warnings:?}");
    }
}
