//! Configs: what every mistake is told, and with which place.

use proptest::prelude::*;
use snn_ensemble::config::{self, load};

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

const I: &str = "I: {size: 100, tau_ref: 4}";
const EI: &str = "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}";
const EE: &str = "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}";
const AXIS: &str = "{path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}";
const LAST: &str = "realisations: 64\n";
const TIME: &str = "{dt: 0.1, duration: 3000, discard: 200}";

/// (text in the base, its replacement, place and key of the one message, words of it).
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (EE, "{kind: excitatory, p: 0.8, s: {mean: 1, sd: 0.1}, tau: 1.4}", "8:39: projections.E<-E.s: ", "write one number: networks are homogeneous, distributions of parameters, weights and delays"),
    (EE, "{kind: excitatory, p: 0.8, s: {lognormal: [0, 1]}, tau: 1.4}", "8:39: projections.E<-E.s: ", "found a map of lognormal, allowed: a strength from 0 to 1e6; write one number: networks are homogeneous"),
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, delay: {normal: {mean: 1.5, sd: 0.7}}}", "8:62: projections.E<-E.delay: ", "found a map of normal, allowed: a time from 0 to 1e9 ms; write one number: networks are homogeneous"),
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, delay: [0.5, 1.5]}", "8:62: projections.E<-E.delay: ", "found a list of 2, allowed: a time from 0 to 1e9 ms; write one number: networks are homogeneous"),
    (I, "I: {size: 100, tau_ref: 4, v_th: [90, 110]}", "6:36: populations.I.v_th: ", "found a list of 2, allowed: a voltage from -1e6 to 1e6; write one number: networks are homogeneous"),
    // Worth of a kick, steps, drives, initial voltages, sources.
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, v_rev: 50, v_norm: 60}", "8:62: projections.E<-E.v_rev: ", "found 50, allowed: a voltage above v_norm = 60; or none"),
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, v_rev: 100}", "8:62: projections.E<-E.v_rev: ", "found 100, allowed: a voltage above v_th = 100 of E"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, v_rev: 20, v_norm: 20}", "9:62: projections.E<-I.v_rev: ", "found 20, allowed: a voltage below v_norm = 20"),
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, v_norm: 60}", "8:63: projections.E<-E.v_norm: ", "found 60 without a v_rev, which makes a kick worth s at every voltage, allowed: a v_norm beside a v_rev; give a v_rev, or remove v_norm"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, v_rev: none}", "9:62: projections.E<-I.v_rev: ", "found none, allowed: inhibition without v_rev onto neurons with a leak, without which the voltage is a random walk; give E a tau_m"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, step: rk4}", "9:61: projections.E<-I.step: ", "found rk4, allowed: euler or exact"),
    (I, "I: {size: 100, tau_ref: 4, step: 2}", "6:36: populations.I.step: ", "found 2, allowed: euler or exact"),
    (I, "I: {size: 100, tau_ref: 4, initial: {v: 100}}", "6:43: populations.I.initial.v: ", "found 100, allowed: a voltage below v_th = 100"),
    (I, "I: {size: 100, tau_ref: 4, initial: {}}", "6:39: populations.I.initial: ", "found neither, allowed: one of {v: V} and {uniform: [low, high]}"),
    (I, "I: {size: 100, tau_ref: 4, initial: {uniform: [5, 5]}}", "6:49: populations.I.initial.uniform: ", "found [5.0, 5.0], allowed: a list [low, high], low below high"),
    (I, "I: {size: 100, tau_ref: 4, initial: {uniform: [0, 101]}}", "6:49: populations.I.initial.uniform: ", "found [0, 101], allowed: low below high, high at most v_th = 100"),
    (I, "I: {size: 100, tau_ref: 4, drive: nothing}", "6:37: populations.I.drive: ", "found nothing, allowed: a map"),
    (I, "I: {size: 100, tau_ref: 4, drive: {kind: none}}", "6:44: populations.I.drive.kind: ", "found none, allowed: gaussian or poisson or deterministic"),
    (I, "I: {size: 100, tau_ref: 4}\nsources: {E: {rate: 1}}", "7:11: sources.E: ", "found the name of a population, allowed: a name of its own; rename the source"),
    (I, "I: {size: 100, tau_ref: 4}\nsources: {S: {}}", "7:14: sources.S.rate: ", "missing"),
    (I, "I: {size: 100, tau_ref: 4}\nsources: {S: {rate: -1}}", "7:21: sources.S.rate: ", "found -1, allowed: a rate from 0"),
    (I, "I: {size: 100, tau_ref: 4}\nsources: {S: {rate: {steps: [[0, 1], [0, 2]]}}}", "7:39: sources.S.rate.steps.1.0: ", "found 0, allowed: a time after 0 ms; sort the table by time"),
    (I, "I: {size: 100, tau_ref: 4}\nsources: {1S: {rate: 1}}", "7:11: sources.1S: ", "found the name 1S, allowed: a letter"),
    // Keys.
    (I, "I: {size: 100, tau_ref: 4, tau_reff: 3}", "6:30: populations.I.tau_reff: ", "unknown key; did you mean tau_ref? (allowed: size, v_th"),
    ("seed: 42", "sed: 42", "2:1: sed: ", "unknown key; did you mean seed?"),
    ("seed: 42", "<<: 42", "2:1: <<: ", "unknown key; (allowed: name"),
    ("seed: 42", "seed: 42\nseed: 43", "3:1: seed: ", "given twice, first on line 2, column 1"),
    (I, "I: {size: 100, tau_ref: 4, size: 100}", "6:30: populations.I.size: ", "given twice, first on line 6, column 7"),
    (I, "I: {size: 100, tau_ref: 4}\n  E: {size: 1, tau_ref: 4}", "7:3: populations.E: ", "given twice, first on line 5"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}\n  E<-I: {}", "10:3: projections.E<-I: ", "given twice, first on line 9"),
    (I, "I: {tau_ref: 4}", "6:6: populations.I.size: ", "missing, needed: a whole number from 1 to 65536"),
    ("name: base\n", "", "1:1: name: ", "missing, needed: a name"),
    ("models: [snn, dsode]\n", "", "1:1: models: ", "missing, needed: a list"),
    (TIME, "{dt: 0.1}", "3:7: time.duration: ", "missing, needed: a time above 0 ms"),
    // Names.
    ("name: base", "name: ../base", "1:7: name: ", "found ../base, allowed: letters, digits"),
    ("name: base", "name:", "1:5: name: ", "found nothing, allowed: a name"),
    (I, "I: {size: 100, tau_ref: 4}\n  a.b: {size: 100, tau_ref: 4}", "7:3: populations.a.b: ", "found the name a.b, allowed: a letter, then"),
    ("E<-E: {", "E<-X: {", "8:3: projections.E<-X: ", "found the population X, allowed: one of E, I"),
    ("E<-E: {", "I->E: {", "8:3: projections.I->E: ", "found the name I->E, allowed: target<-source, as in E<-I; did you mean E<-I?"),
    ("E<-E: {", "EE: {", "8:3: projections.EE: ", "found the name EE, allowed: target<-source"),
    ("E<-E: {", "E<-: {", "8:3: projections.E<-: ", "found no name, allowed: one of E, I"),
    // Numbers and their ranges.
    (EI, "{kind: inhibitory, p: 1.8, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found 1.8, allowed: a probability from 0 to 1"),
    (EI, "{kind: inhibitory, p: -0.1, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found -0.1, allowed: a probability"),
    (EI, "{kind: inhibitory, p: \"0.8\", s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found the text \"0.8\", allowed: a probability from 0 to 1; write 0.8 without quotes"),
    (EI, "{kind: inhibitory, p: .inf, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found .inf, allowed: a probability from 0 to 1; the number must be finite"),
    (EI, "{kind: inhibitory, p: .nan, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "must be finite"),
    (EI, "{kind: inhibitory, p: nan, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found nan, allowed: a probability"),
    (EI, "{kind: inhibitory, p: 1e999, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "too large"),
    (EI, "{kind: inhibitory, p: , s: 2.71, tau: 4.5}", "9:29: projections.E<-I.p: ", "found nothing, allowed: a probability"),
    (EI, "{kind: inhibitory, p: null, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found nothing, allowed: a probability"),
    (EI, "{kind: inhibitory, p: [0.8], s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found a list of 1, allowed: a probability"),
    (EI, "{kind: inhibitory, p: {a: 1}, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found a map of a, allowed: a probability"),
    (EI, "{kind: inhibitory, p: true, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found true, allowed: a probability"),
    (EI, "{kind: inhibitory, p: 0x1, s: 2.71, tau: 4.5}", "9:31: projections.E<-I.p: ", "found 0x1"),
    (EI, "{kind: inhibitory, p: 0.8, s: -2.71, tau: 4.5}", "9:39: projections.E<-I.s: ", "found -2.71, allowed: a strength from 0"),
    (EI, "{kind: inhibitory, p: 0.8, s: '2,71', tau: 4.5}", "9:39: projections.E<-I.s: ", "decimal point"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: -1}", "9:50: projections.E<-I.tau: ", "found -1, allowed: a time from 0 to 1e9 ms"),
    (I, "I: {size: 0, tau_ref: 4}", "6:13: populations.I.size: ", "found 0, allowed: a whole number from 1"),
    (I, "I: {size: -5, tau_ref: 4}", "6:13: populations.I.size: ", "found -5, allowed: a whole number from 1"),
    (I, "I: {size: 1e2, tau_ref: 4}", "6:13: populations.I.size: ", "found 1e2, allowed: a whole number from 1 to 65536; write 100"),
    (I, "I: {size: 100.0, tau_ref: 4}", "6:13: populations.I.size: ", "; write 100"),
    (I, "I: {size: 100.5, tau_ref: 4}", "6:13: populations.I.size: ", "found 100.5, allowed: a whole number"),
    (I, "I: {size: 99999999999999999999, tau_ref: 4}", "6:13: populations.I.size: ", "allowed: a whole number from 1 to 65536"),
    (I, "I: {size: 65536, tau_ref: 4}", "5:3: populations: ", "found 65836 neurons, allowed: at most 65536 in all"),
    (I, "I: {size: 100, tau_ref: -4}", "6:27: populations.I.tau_ref: ", "found -4, allowed: a time from 0"),
    (I, "I: {size: 100, tau_ref: 0.01, refractory: fixed}", "6:27: populations.I.tau_ref: ", "which is 0 steps of 0.1 ms"),
    (I, "I: {size: 100, tau_ref: 4, refractory: exact}", "6:42: populations.I.refractory: ", "found exact, allowed: exponential or fixed"),
    (I, "I: {size: 100, tau_ref: 4, refractory: fixd}", "6:42: populations.I.refractory: ", "did you mean fixed?"),
    (I, "I: [100, 4]", "6:6: populations.I: ", "found a list of 2, allowed: a map {size, v_th"),
    (I, "I:", "6:4: populations.I: ", "found nothing, allowed: a map {size"),
    ("seed: 42", "seed: -1", "2:7: seed: ", "found -1, allowed: a whole number from 0 to 18446744073709551615"),
    // Voltages.
    (I, "I: {size: 100, tau_ref: 4, v_reset: 100}", "6:39: populations.I.v_reset: ", "found 100, allowed: a voltage below v_th = 100"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, v_rev: 100}", "9:62: projections.E<-I.v_rev: ", "found 100, allowed: a voltage below v_th = 100 of E"),
    (EE, "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4, v_rev: 0}", "8:62: projections.E<-E.v_rev: ", "found 0, allowed: a voltage above v_th = 100 of E; or none"),
    (EE, "{kind: exitatory, p: 0.8, s: 0.95, tau: 1.4}", "8:16: projections.E<-E.kind: ", "found exitatory, allowed: excitatory or inhibitory; did you mean excitatory?"),
    ("[snn, dsode]", "[snn, {dsode: {v_min: 4}}]", "10:31: models.1.dsode.v_min: ", "found 4, allowed: at most v_reset = 0 of E"),
    ("[snn, dsode]", "[snn, {dsode: {bin: 3}}]", "10:29: models.1.dsode.bin: ", "found 3, allowed: a width that divides v_th - v_min = 140 of E; the nearest are 3.5 and 2.8"),
    ("[snn, dsode]", "[snn, {dsode: {bin: 0}}]", "10:29: models.1.dsode.bin: ", "found 0, allowed: auto or a width above 0"),
    ("[snn, dsode]", "[snn, {dsode: {bin: none}}]", "10:29: models.1.dsode.bin: ", "found none, allowed: auto or a width above 0"),
    ("[snn, dsode]", "[snn, {dsode: {bin: 0.01}}]", "10:29: models.1.dsode.bin: ", "found 0.01, which makes 14000 bins from v_min = -40 to v_th = 100 of E, allowed: at most 1024 bins"),
    // Time.
    (TIME, "{dt: 1.6, duration: 3200, discard: 160}", "8:50: projections.E<-E.tau: ", "found 1.4, allowed: 0, or a time constant of at least dt = 1.6 ms"),
    (TIME, "{dt: 0, duration: 3000, discard: 200}", "3:12: time.dt: ", "found 0, allowed: a time above 0 ms"),
    (TIME, "{dt: 0.1, duration: 3000.05, discard: 200}", "3:27: time.duration: ", "found 3000.05, allowed: a multiple of dt = 0.1 ms; the nearest is 3000"),
    (TIME, "{dt: 0.1, duration: 3000, discard: 200.01}", "3:42: time.discard: ", "allowed: a multiple of dt = 0.1 ms; the nearest is 200"),
    (TIME, "{dt: 0.1, duration: 3000, discard: 3000}", "3:42: time.discard: ", "found 3000, allowed: a time below duration = 3000 ms"),
    (TIME, "{dt: 0.1, duration: -3000, discard: 200}", "3:27: time.duration: ", "found -3000, allowed: a time above 0 ms"),
    (TIME, "{dt: 0.1, duration: 1e9, discard: 200}", "3:27: time.duration: ", "allowed: at most 1000000000 steps"),
    (I, "I: {size: 100, tau_ref: 4, tau_m: 0.1}", "6:37: populations.I.tau_m: ", "found 0.1, allowed: a time constant above dt = 0.1 ms"),
    (I, "I: {size: 100, tau_ref: 4, adaptation: {tau: 0.05}}", "6:48: populations.I.adaptation.tau: ", "above dt = 0.1 ms"),
    (I, "I: {size: 100, tau_ref: 4, adaptation: {b: -1}}", "6:46: populations.I.adaptation.b: ", "found -1, allowed: a strength from 0"),
    (I, "I: {size: 100, tau_ref: 4, adaptation: 3}", "6:42: populations.I.adaptation: ", "found 3, allowed: a map {b, tau}"),
    // Drive.
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: -7}}", "6:44: populations.I.drive.rate: ", "found -7, allowed: a rate from 0"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {mean: -7, amplitude: 0, frequency: 1}}}", "6:51: populations.I.drive.rate.mean: ", "found -7"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {mean: 7, amplitude: 1.5, frequency: 1}}}", "6:65: populations.I.drive.rate.amplitude: ", "found 1.5, allowed: a number from -1 to 1"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {mean: 7, amplitude: 1}}}", "6:44: populations.I.drive.rate.frequency: ", "missing, needed: a frequency"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: []}}}", "6:52: populations.I.drive.rate.steps: ", "found an empty list, allowed: at least one pair"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: [[0, 7], [0, 8]]}}}", "6:62: populations.I.drive.rate.steps.1.0: ", "found 0, allowed: a time after 0 ms; sort the table by time"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: [[0, -7]]}}}", "6:57: populations.I.drive.rate.steps.0: ", "found -7, allowed: a rate from 0"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: [[0, 7, 8]]}}}", "6:53: populations.I.drive.rate.steps.0: ", "found a list of 3, allowed: a pair"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: [7]}}}", "6:53: populations.I.drive.rate.steps.0: ", "found 7, allowed: a pair"),
    (I, "I: {size: 100, tau_ref: 4, drive: {rate: {steps: [[0, 7]], mean: 1}}}", "6:68: populations.I.drive.rate.mean: ", "a key beside steps"),
    (I, "I: {size: 100, tau_ref: 4, drive: 7}", "6:37: populations.I.drive: ", "found 7, allowed: a map {kind, weight, rate}"),
    // Models.
    ("[snn, dsode]", "[]", "10:9: models: ", "found an empty list, allowed: at least one of snn"),
    ("[snn, dsode]", "snn", "10:9: models: ", "found snn, allowed: a list"),
    ("[snn, dsode]", "[snn, snn]", "10:15: models.1: ", "given twice, first on line 10, column 10"),
    ("[snn, dsode]", "[dsode, {dsode: {bin: 4}}]", "10:17: models.1: ", "given twice"),
    ("[snn, dsode]", "[snn, dsod]", "10:15: models.1: ", "found dsod, allowed: snn or markov or dsode; did you mean dsode?"),
    ("[snn, dsode]", "[snn, {dsode: {closur: white}}]", "10:24: models.1.dsode.closur: ", "unknown key; did you mean closure?"),
    ("[snn, dsode]", "[snn, {markov: {}, dsode: {}}]", "10:15: models.1: ", "found a map of markov, dsode, allowed: a map with one key"),
    // Scan.
    (AXIS, "{path: projections.E<-I.P, linspace: [0.5, 1.0, 51]}", "12:12: scan.0.path: ", "did you mean projections.E<-I.p?"),
    (AXIS, "{path: populations.E.drive.kind, linspace: [0.5, 1.0, 51]}", "12:12: scan.0.path: ", "allowed: the path of a number of the network"),
    (AXIS, "{path: projections.I<-E.p, linspace: [0.5, 1.0, 51]}", "12:12: scan.0.path: ", "found projections.I<-E.p"),
    (AXIS, "{path: populations.E.tau_m, linspace: [5, 10, 51]}", "12:12: scan.0.path: ", "found populations.E.tau_m, but tau_m is none here"),
    (AXIS, "{path: time.duration, linspace: [5, 10, 51]}", "12:12: scan.0.path: ", "or time.dt"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0.5, 1.0, 1]}", "12:53: scan.0.linspace: ", "found 1, allowed: a whole number from 2"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0.5, 1.0]}", "12:42: scan.0.linspace: ", "found a list of 2, allowed: a list [first, last, count]"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0.5, 1.5, 3]}", "12:42: scan.0.linspace: ", "found 1.5 for projections.E<-I.p, allowed: a probability from 0 to 1"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0.5, 0.5, 3]}", "12:5: scan.0: ", "found the value 0.5 twice, allowed: each value once"),
    (AXIS, "{path: projections.E<-I.p, logspace: [0, 1, 3]}", "12:43: scan.0.logspace: ", "found 0, allowed: first and last above 0"),
    (AXIS, "{path: projections.E<-I.p, values: []}", "12:40: scan.0.values: ", "found 0 values, allowed: from 1"),
    (AXIS, "{path: projections.E<-I.p, values: [0.5, x]}", "12:46: scan.0.values.1: ", "found x, allowed: a number"),
    (AXIS, "{path: projections.E<-I.p, values: [0.5, 1.2]}", "12:46: scan.0.values: ", "found 1.2 for projections.E<-I.p"),
    (AXIS, "{path: projections.E<-I.p, values: [0.5, 0.7, 0.5]}", "12:5: scan.0: ", "found the value 0.5 twice"),
    (AXIS, "{path: projections.E<-I.p}", "12:5: scan.0: ", "exactly one of linspace, logspace, values"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0, 1, 3], values: [1]}", "12:5: scan.0: ", "found linspace and values, allowed: exactly one"),
    (AXIS, "{path: populations.E.size, linspace: [100, 125, 3]}", "12:42: scan.0.linspace: ", "found 112.5 for populations.E.size, allowed: a whole number"),
    (AXIS, "{path: populations.E.size, values: [100, 65500]}", "12:12: populations: ", "at point 1 of the scan (populations.E.size = 65500): found 65600 neurons"),
    (AXIS, "{path: projections.E<-I.tau, values: [4, 0, 0.1, 0.05]}", "12:12: projections.E<-I.tau: ", "at point 3 of the scan (projections.E<-I.tau = 0.05): found 0.05, allowed: 0, or a time constant of at least dt = 0.1 ms; choose 0, a longer time"),
    // Delays and in-degrees.
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, delay: 0.25}", "9:62: projections.E<-I.delay: ", "found 0.25, allowed: a multiple of dt = 0.1 ms; the nearest is 0.3"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, delay: -1}", "9:62: projections.E<-I.delay: ", "found -1, allowed: a time from 0"),
    (EI, "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5, delay: 5000}", "9:62: projections.E<-I.delay: ", "found 5000, which is 50000 steps of 0.1 ms, allowed: at most 16383 steps"),
    (AXIS, "{path: projections.E<-I.delay, values: [0, 1.5, 1.55]}", "12:12: projections.E<-I.delay: ", "at point 2 of the scan (projections.E<-I.delay = 1.55): found 1.55, allowed: a multiple of dt = 0.1 ms; the nearest is 1.6"),
    (EE, "{kind: excitatory, p: 0.8, indegree: 50, s: 2.71, tau: 4.5}", "8:31: projections.E<-E.p: ", "found 0.8 beside indegree, allowed: p or indegree; remove one"),
    (EI, "{kind: inhibitory, s: 2.71, tau: 4.5}", "9:9: projections.E<-I.p: ", "missing, needed: a probability from 0 to 1"),
    (EE, "{kind: excitatory, indegree: 2.5, s: 2.71, tau: 4.5}", "8:38: projections.E<-E.indegree: ", "found 2.5, allowed: a whole number from 1"),
    (EE, "{kind: excitatory, indegree: 301, s: 2.71, tau: 4.5}", "8:38: projections.E<-E.indegree: ", "found 301, allowed: at most 300, the neurons of E"),
    (EE, "{kind: excitatory, indegree: 50, s: 2.71, tau: 4.5}", "8:38: projections.E<-E.indegree: ", "found 50 with connectivity: annealed, which draws other targets for each spike of snn, allowed: an in-degree with connectivity: quenched, or without snn; set connectivity: quenched, or give p instead"),
    (AXIS, "{path: projections.E<-I.indegree, values: [10, 20]}", "12:12: scan.0.path: ", "found projections.E<-I.indegree, but indegree is none here, allowed: the path of a number of the network, or time.dt; give indegree a value to scan it"),
    ("[snn, dsode]\nscan:\n  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}", "[snn, {dsode: {bin: 2.5}}]\nscan:\n  - {path: populations.E.v_th, values: [100, 91]}", "12:12: models.1.dsode.bin: ", "at point 1 of the scan (populations.E.v_th = 91): found 2.5, allowed: a width that divides v_th - v_min = 131 of E; the nearest are"),
    (AXIS, "{path: time.dt, values: [0.1, 0.4]}\n  - {path: projections.E<-I.p, values: [0.1, 0.07]}\nrecord: {spikes: {members: 1, from: 1400, to: 2100.2}}", "12:12: record.spikes.to: ", "at point 2 of the scan (time.dt = 0.4, projections.E<-I.p = 0.1): found 2100.2"),
    (AXIS, "{path: projections.E<-I.p, values: [0.5]}\n  - {path: projections.E<-I.p, values: [0.5]}", "13:12: scan.1.path: ", "given twice, first on line 12"),
    (AXIS, "{zip: [{path: projections.E<-I.p, values: [0, 1]}, {path: projections.E<-E.p, values: [0, 0.5, 1]}]}", "12:56: scan.0.zip.1: ", "found 3 values, allowed: 2 values, as many as of projections.E<-I.p"),
    (AXIS, "{zip: []}", "12:11: scan.0.zip: ", "found an empty list"),
    (AXIS, "{path: projections.E<-I.p, zip: [{path: projections.E<-I.p, values: [1]}]}", "12:12: scan.0.path: ", "a key beside zip"),
    (AXIS, "{path: projections.E<-I.p, linspace: [0, 1, 900000]}\n  - {path: projections.E<-E.p, linspace: [0, 1, 1000]}", "12:3: scan: ", "found 900000000 points, allowed: at most 4000000"),
    // Sweep.
    (LAST, "realisations: 64\nsweep: {axis: projections.E<-I.p}\n", "14:8: sweep: ", "found a sweep without initial: carry"),
    (I, "I: {size: 100, tau_ref: 4, initial: carry}", "6:39: populations.I.initial: ", "found carry without a sweep, allowed: carry along a sweep; add sweep"),
    // Realisations.
    (LAST, "realisations: 0\n", "13:15: realisations: ", "found 0, allowed: a whole number from 1 to 10000000 or a map {min, max, until}"),
    (LAST, "realisations: many\n", "13:15: realisations: ", "found many, allowed: a whole number"),
    (LAST, "realisations: 400000\n", "13:15: realisations: ", "found 20400051 members in 51 points, allowed: at most 10000000 members"),
    (LAST, "realisations: {min: 16, max: 8, until: {rate_E: {rel_ci95: 0.01}}}\n", "13:30: realisations.max: ", "found 8, allowed: at least min = 16"),
    (LAST, "realisations: {until: {rate_X: {rel_ci95: 0.01}}}\n", "13:24: realisations.until.rate_X: ", "did you mean rate_"),
    (LAST, "realisations: {until: {rate_E: 0.01}}\n", "13:32: realisations.until.rate_E: ", "found 0.01, allowed: a map {rel_ci95}"),
    (LAST, "realisations: {until: {}}\n", "13:23: realisations.until: ", "found an empty map"),
    (LAST, "realisations: {min: 16}\n", "13:15: realisations.until: ", "missing, needed: a map from a statistic"),
    // Recording and analysis.
    (LAST, "realisations: 64\nrecord: {voltage: yes}\n", "14:19: record.voltage: ", "found yes, allowed: true or false"),
    (LAST, "realisations: 64\nrecord: {traces: {members: 2, every: 0.25}}\n", "14:38: record.traces.every: ", "found 0.25, allowed: a multiple of dt = 0.1 ms; the nearest is 0.3"),
    (LAST, "realisations: 64\nrecord: {traces: {every: 0.2}}\n", "14:18: record.traces.members: ", "missing"),
    (LAST, "realisations: 64\nrecord: {spikes: {members: 1, from: 2000.02}}\n", "14:37: record.spikes.from: ", "a multiple of dt"),
    (LAST, "realisations: 64\nrecord: {spikes: {members: 1, from: 3000}}\n", "14:37: record.spikes.from: ", "found 3000, allowed: a time below to = 3000 ms"),
    (LAST, "realisations: 64\nrecord: {spikes: {members: 1, to: 3001}}\n", "14:35: record.spikes.to: ", "found 3001, allowed: at most duration = 3000 ms"),
    (LAST, "realisations: 64\nanalysis: {psd_band: [200, 5]}\n", "14:22: analysis.psd_band: ", "allowed: a list [low, high], low below high"),
    (LAST, "realisations: 64\nanalysis: {psd_band: [5, 6000]}\n", "14:22: analysis.psd_band: ", "allowed: a band below 5000 Hz"),
    (LAST, "realisations: 64\nanalysis: {psd_band: [5]}\n", "14:22: analysis.psd_band: ", "found a list of 1, allowed: a list [low, high]"),
    (LAST, "realisations: 64\nanalysis: {attractor: {max: 1001}}\n", "14:29: analysis.attractor.max: ", "found 1001, allowed: a multiple of bin = 12.5 Hz"),
    (LAST, "realisations: 64\nanalysis: {state_threshold: 0}\n", "14:29: analysis.state_threshold: ", "found 0, allowed: none or a firing rate above 0 Hz"),
    (LAST, "realisations: 64\nanalysis: {states: 100}\n", "14:20: analysis.states: ", "found 100, allowed: a map {threshold, low, high, smooth, minimum}"),
    (LAST, "realisations: 64\nanalysis: {states: {}}\n", "14:20: analysis.states: ", "found none of them, allowed: either threshold, or low and high"),
    (LAST, "realisations: 64\nanalysis: {states: {low: 5}}\n", "14:20: analysis.states: ", "found low, allowed: either threshold, or low and high"),
    (LAST, "realisations: 64\nanalysis: {states: {threshold: 5, high: 6}}\n", "14:20: analysis.states: ", "found threshold and high, allowed: either"),
    (LAST, "realisations: 64\nanalysis: {states: {low: 6, high: 5}}\n", "14:26: analysis.states.low: ", "found 6, allowed: at most high = 5 Hz"),
    (LAST, "realisations: 64\nanalysis: {states: {threshold: 5, smooth: 0}}\n", "14:43: analysis.states.smooth: ", "found 0, allowed: a time above 0 ms"),
    (LAST, "realisations: 64\nanalysis: {states: {threshold: 5, smooth: 2800}}\n", "14:43: analysis.states.smooth: ", "found 2800, allowed: a time below duration - discard = 2800 ms"),
    (LAST, "realisations: 64\nanalysis: {state_threshold: 50, states: {threshold: 5}}\n", "14:29: analysis.state_threshold: ", "found a threshold beside analysis.states, allowed: one of the two; remove it"),
    // YAML.
    ("seed: 42", "seed: &a 42", "2:7: seed: ", "found an anchor (&), allowed: plain values"),
    ("seed: 42", "seed: *a", "2:7: ", "not readable as YAML"),
    ("seed: 42", "seed: !!int 42", "2:7: seed: ", "found a tag (!), allowed: plain values"),
    ("seed: 42", "seed: [42", "", "not readable as YAML"),
    ("seed: 42", "\tseed: 42", "1:7: ", "found a tab; indent with spaces"),
    ("seed: 42", "  seed: 42", "2:7: ", "not readable as YAML: mapping values are not allowed in this context; check the indentation"),
    ("seed: 42", "seed:42", "3:1: ", "; write a space after the colon of a key"),
    (EI, "{kind: inhibitory, p: 0.8", "10:7: ", "; close the brace"),
    ("seed: 42", "seed: 42\n---\na: b", "3:1: ", "found a second document"),
    ("seed: 42", "? [a]\n: 42", "2:3: ", "found a list or map as a key"),
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
fn all_mistakes_are_told_in_the_order_of_the_file() {
    let text = BASE.replace("p: 0.8, s: 2.71", "p: 1.8, s: -1").replace("seed: 42", "sed: 42").replace("64", "0");
    let expected = [
        "base.yaml:2:1: sed: unknown key; did you mean seed? (allowed: name, seed, time, populations, sources, projections, \
         connectivity, models, scan, sweep, realisations, seeding, analysis, record, continuation)",
        "base.yaml:9:31: projections.E<-I.p: found 1.8, allowed: a probability from 0 to 1",
        "base.yaml:9:39: projections.E<-I.s: found -1, allowed: a strength from 0 to 1e6",
        "base.yaml:13:15: realisations: found 0, allowed: a whole number from 1 to 10000000 or \
         a map {min, max, until}",
    ];
    assert_eq!(errors(&text, &[]), expected);
}

#[test]
fn a_text_without_a_map_is_told_what_is_needed() {
    for text in ["", "# nothing but a comment\n", "---\n", "- 1\n- 2\n", "42", "text"] {
        let found = errors(text, &[]);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert!(found[0].contains("allowed: a map {name, seed"), "{text:?}: {found:?}");
    }
}

/// Texts made to exhaust a reader: each is refused, with few errors.
#[test]
fn small_texts_cannot_explode() {
    let deep = |open: &str, n: usize| format!("name: {}", open.repeat(n));
    let nested = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>();
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".to_string();
    let populations: String = (0..20_000).map(|i| format!("  P{i}: {{size: 1, tau_ref: 0}}\n")).collect();
    let many = base_with("  I: {size: 100, tau_ref: 4}\n", &populations);
    let unknown = BASE.to_string() + &(0..100_000).map(|i| format!("k{i}: 1\n")).collect::<String>();
    let long = BASE.to_string() + "#" + &"x".repeat(5 << 20);
    for text in [deep("[", 100_000), deep("{a: ", 10_000), deep("- ", 10_000), nested, laughs, many, unknown, long] {
        let found = errors(&text, &[]);
        assert!(!found.is_empty() && found.len() <= config::limits::ERRORS, "{} errors", found.len());
    }
}

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

#[test]
fn what_is_beyond_a_limit_is_told_once() {
    let list = |n: usize, line: &dyn Fn(usize) -> String| (0..n).map(line).collect::<String>();
    let populations = list(65, &|i| format!("  P{i}: {{size: 1, tau_ref: 4}}\n"));
    let incoming = list(33, &|i| format!("  P{i}: {{size: 1, tau_ref: 4}}\n"))
        + "projections:\n"
        + &list(33, &|i| format!("  P7<-P{i}: {{kind: excitatory, p: 1, s: 1, tau: 2}}\n"));
    let scanned = "  E: {size: 1, tau_ref: 4}\nscan:\n".to_string()
        + &list(65, &|i| format!("  - {{path: populations.E.tau_ref, values: [{i}]}}\n"));
    let head = "name: big\ntime: {duration: 100}\nmodels: [snn]\npopulations:\n";
    for (text, words) in [
        (populations, "populations: found 65 populations, allowed: at most 64"),
        (incoming, "projections: found 33 projections onto P7, allowed: at most 32"),
        (scanned, "scan: found 65 parameters, allowed: at most 64"),
    ] {
        let found = errors(&format!("{head}{text}"), &[]);
        assert_eq!(found.iter().filter(|error| error.contains(words)).count(), 1, "{found:#?}");
    }
}

#[test]
fn a_setting_that_is_wrong_names_its_flag() {
    let cases = [
        ("populations.E.size=-3", "--set populations.E.size=-3: populations.E.size: found -3, allowed: a whole number"),
        ("populations.E.sise=3", "--set populations.E.sise=3: populations.E.sise: unknown key; did you mean size?"),
        ("seed", "--set seed: found seed, allowed: PATH=VALUE"),
        ("=3", "--set =3: found =3, allowed: PATH=VALUE"),
        ("seed=", "--set seed=: seed: found nothing, allowed: a whole number"),
        ("seed=[1", "--set seed=[1: seed: not readable as YAML"),
        ("seed..a=1", "--set seed..a=1: seed..a: found an empty part of the path"),
        (
            "realisations.min=3",
            "--set realisations.min=3: realisations.min: found 64, which has no min, allowed: a map",
        ),
        ("models.7=snn", "--set models.7=snn: models.7: found entry 7 of a list of 2, allowed: an entry below 2"),
        ("time.dt=0", "--set time.dt=0: time.dt: found 0, allowed: a time above 0 ms"),
        ("seed={a: 1, a: 2}", "--set seed={a: 1, a: 2}: seed.a: given twice"),
    ];
    for (setting, message) in cases {
        let found = errors(BASE, &[setting]);
        assert!(found.iter().any(|error| error.starts_with(message)), "{setting}: {found:#?}");
    }
}

/// One edit of a text: what a slip of the keyboard or a bad merge does.
#[derive(Clone, Debug)]
enum Edit {
    Delete { at: usize, count: usize },
    Insert { at: usize, text: String },
    Repeat { from: usize, count: usize, at: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..BASE.len();
    let fragments =
        "[-0-9.eE:,{}\\[\\]<>&*!|%@#'\" \t\n?~aé]{1,6}|\\.inf|1e308|none|null|carry|time\\.dt|\n  - |[0-9]{1,3}";
    prop_oneof![
        (at.clone(), 1usize..20).prop_map(|(at, count)| Edit::Delete { at, count }),
        (at.clone(), fragments).prop_map(|(at, text)| Edit::Insert { at, text }),
        (at.clone(), 1usize..60, at).prop_map(|(from, count, at)| Edit::Repeat { from, count, at }),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let range = |start: usize, count: usize, len: usize| start.min(len)..(start + count).min(len);
    let len = chars.len();
    match edit {
        Edit::Delete { at, count } => {
            chars.drain(range(*at, *count, len));
        }
        Edit::Insert { at, text } => {
            chars.splice(range(*at, 0, len), text.chars());
        }
        Edit::Repeat { from, count, at } => {
            let copy = chars[range(*from, *count, len)].to_vec();
            chars.splice(range(*at, 0, len), copy);
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// No text makes the reader panic; what it accepts, it writes such that it reads the same again.
    #[test]
    fn no_edit_of_a_config_makes_it_panic(edits in prop::collection::vec(edit(), 1..5)) {
        let text = edits.iter().fold(BASE.to_string(), |text, edit| apply(&text, edit));
        match load(&text, "edited.yaml", &[]) {
            Ok(experiment) => {
                let again = load(&experiment.to_yaml(), "again.yaml", &[]);
                prop_assert_eq!(again.as_ref(), Ok(&experiment), "{}", text);
                experiment.point(experiment.points() - 1);
            }
            Err(errors) => prop_assert!(!errors.0.is_empty() && !errors.to_string().is_empty()),
        }
    }
}

/// `snn-ensemble schema --reference > docs/config.md` makes the page.
#[test]
fn the_reference_page_is_the_table_of_keys() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    assert_eq!(std::fs::read_to_string(page).unwrap(), snn_ensemble::config::reference());
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
        let text = text.replace("  E<-I", "  I<-S: {kind: excitatory, s: 1, tau: 2}\n  E<-I");
        load(&text, "base.yaml", &[]).unwrap_or_else(|e| panic!("{e}")).warnings()
    };
    let warnings = with("");
    assert!(warnings.len() == 1 && warnings[0].starts_with("populations.I.drive: the default of 7"), "{warnings:?}");
    assert_eq!(with(", drive: none"), [""; 0]);
    assert_eq!(with(", drive: {rate: 3}"), [""; 0]);
}
