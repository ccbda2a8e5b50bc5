//! Experiments: what a config means once it has loaded.

use snn_ensemble::config::{Direction, Experiment, Neurons, Realisations, Recording, Values, load, reference, schema};
use snn_ensemble::model::{
    Adaptation, Closure, Connectivity, Decay, Density, DriveKind, Initial, Noise, Precision, Rate, Refractory, Seeding,
    Synapse, Variant, member_key,
};
use snn_ensemble::statistics::TwoStates;
use std::collections::HashSet;

const SMALL: &str = "
name: small
time: {duration: 100}
populations: {E: {size: 30, tau_ref: 4}}
models: [snn]
";

/// Every key of the config, none of them at its default.
const FULL: &str = "
name: full-1
seed: 18446744073709551615
time: {dt: 0.05, duration: 300, discard: 50}
populations:
  E: {size: 30, v_th: 1, v_reset: 0.1, e_leak: -0.2, tau_m: 20, tau_ref: 2, refractory: fixed, initial: carry,
      drive: {kind: poisson, weight: 0.02, rate: {steps: [[0, 7], [20, 9.5]]}}, adaptation: {b: 0.001, tau: 80}}
  I: {size: 10, v_th: 1, v_reset: 0, tau_ref: 3, initial: uniform,
      drive: {weight: 0.03, rate: {mean: 7, amplitude: 0.2, frequency: 40, phase: 1}}}
projections:
  E<-I: {kind: inhibitory, p: 0.25, s: 0.3, tau: 4.5, v_rev: -0.5, decay: deterministic}
  I<-E: {kind: excitatory, p: 1, s: 0.3, tau: 2}
connectivity: quenched
models: [snn, {markov: {closure: coloured}},
         {dsode: {closure: coloured, density: linear, noise: finite_size, bin: 0.025, v_min: -0.5, precision: f32}}]
scan:
  - {path: populations.I.drive.rate.amplitude, logspace: [0.01, 1, 3]}
  - {zip: [{path: projections.E<-I.p, values: [0.1, 0.3]}, {path: populations.I.size, linspace: [20, 30, 2]}]}
  - {path: time.dt, values: [0.05, 0.1]}
sweep: {axis: populations.I.drive.rate.amplitude, direction: both}
realisations: {min: 8, max: 100, until: {rate_E: {rel_ci95: 0.01}, burst_lag1_I: {rel_ci95: 0.1}}}
seeding: common
analysis: {burst: {height: 8, distance: 7}, psd_band: [10, 100], states: {low: 20, high: 60, smooth: 15, minimum: 3}, attractor: {bin: 10, max: 500}}
record: {traces: {members: 2, every: 0.2}, spikes: {members: 1, from: 60, to: 90}, voltage: true, attractor: true,
  neurons: {members: 2, populations: [I], count: 3, from: 10, to: 20, every: 0.2}}
";

fn read(text: &str) -> Experiment {
    load(text, "test.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}"))
}

fn small_with(more: &str) -> Experiment {
    read(&format!("{SMALL}{more}"))
}

fn with(text: &str, overrides: &[&str]) -> Experiment {
    let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
    load(text, "test.yaml", &overrides).unwrap_or_else(|errors| panic!("{errors}"))
}

fn assert_round_trip(experiment: &Experiment) {
    let yaml = experiment.to_yaml();
    let again = load(&yaml, "resolved.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}\n{yaml}"));
    assert_eq!(&again, experiment);
    assert_eq!(again.to_yaml(), yaml);
    assert_eq!(again.hash(), experiment.hash());
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

#[test]
fn absent_keys_take_the_documented_defaults() {
    let experiment = small_with("projections: {E<-E: {kind: inhibitory, p: 0.5, s: 1, tau: 2}}\n");
    assert_eq!((experiment.seed, experiment.network.dt, experiment.time.discard), (0, 0.1, 0.0));
    let population = &experiment.network.populations[0];
    assert_eq!((population.v_th, population.v_reset, population.e_leak), (100.0, 0.0, 0.0));
    assert_eq!((population.tau_m, population.adaptation), (None, None));
    assert_eq!((population.refractory, population.initial), (Refractory::Exponential, Initial::Reset));
    let drive = &population.drive;
    assert_eq!((drive.kind, drive.weight, &drive.rate), (DriveKind::Gaussian, 1.0, &Rate::Constant(7.0)));
    let projection = &experiment.network.projections[0];
    assert_eq!((projection.synapse, projection.decay), (Synapse::inhibitory(-66.0), Decay::Stochastic));
    assert_eq!(experiment.network.connectivity, Connectivity::Annealed);
    assert_eq!((&experiment.realisations, experiment.seeding), (&Realisations::Fixed(64), Seeding::Independent));
    let analysis = &experiment.analysis;
    assert_eq!((analysis.burst.height, analysis.burst.distance), (10.0, 9.0));
    assert_eq!((analysis.psd_band, analysis.states), ([5.0, 200.0], None));
    assert_eq!((analysis.attractor.bin, analysis.attractor.max), (12.5, 1000.0));
    assert_eq!(experiment.record, Recording::default());
    assert_eq!((experiment.points(), experiment.axis_paths().len()), (1, 0));
    assert_round_trip(&experiment);

    let adapting = with(SMALL, &["populations.E.adaptation={}"]);
    assert_eq!(adapting.network.populations[0].adaptation, Some(Adaptation { b: 0.05, tau: 100.0 }));
    let recorded = small_with("record: {traces: {members: 2}, spikes: {members: 1}, neurons: {members: 3}}\n").record;
    assert_eq!(recorded.traces.unwrap().every, 0.1);
    assert_eq!(recorded.spikes.map(|spikes| (spikes.from, spikes.to)), Some((0.0, 100.0)));
    let all = Neurons { members: 3, populations: vec![0], count: 4, from: 0.0, to: 100.0, every: 0.1 };
    assert_eq!((recorded.members(), recorded.neurons), (3, Some(all)));
}

#[test]
fn two_states_are_told_apart_by_either_key() {
    let states = |analysis: &str| {
        let experiment = small_with(&format!("analysis: {analysis}\n"));
        assert_round_trip(&experiment);
        experiment.analysis.states
    };
    let at = |low, high, smooth, minimum| Some(TwoStates { low, high, smooth, minimum });
    assert_eq!(states("{state_threshold: 60}"), at(60.0, 60.0, 1.0, 0.0));
    assert_eq!(states("{states: {threshold: 60}}"), at(60.0, 60.0, 20.0, 0.0));
    assert_eq!(states("{states: {low: 10, high: 50, smooth: 30, minimum: 40}}"), at(10.0, 50.0, 30.0, 40.0));
    assert_eq!(states("{states: none, state_threshold: 60}"), at(60.0, 60.0, 1.0, 0.0));
    assert_eq!(states("{states: {threshold: 60}, state_threshold: none}"), at(60.0, 60.0, 20.0, 0.0));
    assert_eq!(states("{states: none}"), None);
}

#[test]
fn every_key_is_read_and_written() {
    let experiment = read(FULL);
    assert_round_trip(&experiment);
    assert_eq!(experiment.seed, u64::MAX);
    let e = &experiment.network.populations[0];
    assert_eq!((e.v_th, e.v_reset, e.e_leak, e.tau_m, e.tau_ref), (1.0, 0.1, -0.2, Some(20.0), 2.0));
    assert_eq!(e.drive.rate, Rate::Steps(vec![(0.0, 7.0), (20.0, 9.5)]));
    let i = &experiment.network.populations[1];
    assert_eq!(i.drive.rate, Rate::Sinusoid { mean: 7.0, amplitude: 0.2, frequency: 40.0, phase: 1.0 });
    let projections = &experiment.network.projections;
    assert_eq!((projections[0].target, projections[0].source), (0, 1));
    assert_eq!((projections[1].target, projections[1].source, projections[1].synapse), (1, 0, Synapse::EXCITATORY));
    assert_eq!(
        experiment.models,
        [
            Variant::Snn,
            Variant::Markov { closure: Closure::Coloured },
            Variant::Dsode {
                closure: Closure::Coloured,
                density: Density::Linear,
                noise: Noise::FiniteSize,
                bin: Some(0.025),
                v_min: Some(-0.5),
                precision: Precision::F32
            }
        ]
    );
    assert_eq!(experiment.sweep.as_ref().map(|sweep| sweep.direction), Some(Direction::Both));
    assert_eq!((experiment.time.steps(0.05), experiment.time.discarded_steps(0.05)), (6000, 1000));
    assert_eq!(experiment.max_members(), 2 * 12 * 3 * 100);
}

#[test]
fn the_last_axis_is_the_fastest_and_a_zip_is_one_axis() {
    let experiment = read(FULL);
    let paths = ["populations.I.drive.rate.amplitude", "projections.E<-I.p", "populations.I.size", "time.dt"];
    assert_eq!(experiment.axis_paths(), paths);
    assert_eq!(experiment.points(), 3 * 2 * 2);
    let coordinates: Vec<Vec<f64>> = (0..5).map(|i| experiment.point(i).coordinates).collect();
    assert_eq!(coordinates[0], [0.01, 0.1, 20.0, 0.05]);
    assert_eq!(coordinates[1], [0.01, 0.1, 20.0, 0.1]);
    assert_eq!(coordinates[2], [0.01, 0.3, 30.0, 0.05]);
    assert_eq!(coordinates[4], [0.1, 0.1, 20.0, 0.05]);
    let last = experiment.point(11);
    assert_eq!((last.index, last.coordinates), (11, vec![1.0, 0.3, 30.0, 0.1]));
    assert_eq!((last.network.dt, last.network.populations[1].size, last.network.projections[0].p), (0.1, 30, 0.3));
    let amplitude = |rate: &Rate| if let Rate::Sinusoid { amplitude, .. } = *rate { amplitude } else { f64::NAN };
    assert_eq!(amplitude(&last.network.populations[1].drive.rate), 1.0);
    // What no axis moves is the base's.
    assert_eq!(last.network.populations[0], experiment.network.populations[0]);
}

#[test]
fn axis_values_carry_12_digits_so_that_a_refined_axis_meets_its_old_points() {
    let coarse = Values::Linear { first: 0.5, last: 1.0, count: 51 };
    let fine = Values::Linear { first: 0.5, last: 1.0, count: 501 };
    assert_eq!(coarse.get(10), 0.6);
    for i in 0..51 {
        assert_eq!(coarse.get(i).to_bits(), fine.get(10 * i).to_bits());
        let decimal = if i < 50 { format!("0.{}", 50 + i) } else { "1".into() };
        assert_eq!(coarse.get(i), decimal.parse::<f64>().unwrap());
    }
    let decades = Values::Logarithmic { first: 0.001, last: 1000.0, count: 7 };
    assert_eq!((0..7).map(|i| decades.get(i)).collect::<Vec<_>>(), [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]);
    let listed = small_with("scan: [{path: populations.E.e_leak, values: [0.30000000000000004, -0.0]}]");
    assert_eq!(listed.point(0).coordinates, [0.3]);
    assert_eq!(listed.point(1).network.populations[0].e_leak.to_bits(), 0);
}

#[test]
fn a_million_points_are_checked() {
    let scan = "scan:
  - {path: populations.E.drive.rate, linspace: [1, 10, 1000]}
  - {path: populations.E.tau_ref, linspace: [1, 10, 1000]}
";
    let experiment = small_with(&format!("{scan}realisations: 4\n"));
    assert_eq!(experiment.points(), 1_000_000);
    assert_eq!(experiment.point(999_999).coordinates, [10.0, 10.0]);
}

#[test]
fn settings_replace_add_and_reach_into_lists() {
    let settings = [
        "seed=7",
        "populations.E.drive.rate={mean: 5, amplitude: 0.5, frequency: 3}",
        "populations.E.tau_m=20",
        "populations.E.adaptation.b=0.2",
        "models=[snn, dsode]",
        "models.1={dsode: {bin: 2}}",
        "time.duration= 50",
        "scan=[{path: populations.E.size, values: [10, 20]}]",
        "scan.0.values=[10, 20, 30]",
        "seed=8",
    ];
    let experiment = with(SMALL, &settings);
    assert_eq!((experiment.seed, experiment.time.duration, experiment.points()), (8, 50.0, 3));
    let population = &experiment.network.populations[0];
    assert_eq!((population.tau_m, population.adaptation), (Some(20.0), Some(Adaptation { b: 0.2, tau: 100.0 })));
    assert_eq!(population.drive.rate.at(0.0), 5.0);
    assert_eq!(experiment.models[1].label(), "dsode+bin=2");
    // A resolved config spells out `none`; a setting goes into it all the same.
    let resolved = read(SMALL).to_yaml();
    let adapting = with(&resolved, &["populations.E.adaptation.b=0.2", "record.traces.members=1"]);
    assert_eq!(adapting.network.populations[0].adaptation.map(|a| a.b), Some(0.2));
}

#[test]
fn json_windows_line_ends_and_a_byte_order_mark_are_read_too() {
    let full = read(FULL);
    let json = serde_json::to_string(&serde_yaml::from_str::<serde_json::Value>(&full.to_yaml()).unwrap()).unwrap();
    // serde_json sorts keys, and the order of populations is part of a network.
    assert_eq!(read(&json).hash(), full.hash());
    assert_eq!(read(&format!("\u{feff}{}", FULL.trim_start().replace('\n', "\r\n"))), full);
}

#[test]
fn the_hash_tells_configs_apart_and_ignores_how_they_are_written() {
    let written = small_with("seed: 0 # the default\n");
    assert_eq!(written.hash(), read(SMALL).hash());
    assert_eq!(written.hash().len(), 64);
    let other = with(SMALL, &["seed=1"]);
    assert_ne!(other.hash(), read(SMALL).hash());
}

fn keys_of(experiment: &Experiment) -> Vec<[u32; 4]> {
    let key = |i| member_key(experiment.seeding, experiment.seed, &experiment.point(i).network.canonical(), 3);
    (0..experiment.points()).map(key).collect()
}

#[test]
fn a_key_depends_on_its_network_alone() {
    let key = keys_of(&read(SMALL))[0];
    let same = [
        "time.duration=500",
        "time.discard=50",
        "models=[snn, markov, dsode]",
        "record={spikes: {members: 1}, voltage: true}",
        "analysis={state_threshold: 50}",
        "realisations=1000",
        "name=other",
        "populations.E.tau_ref=4.0000000000001",
        "scan=[{path: populations.E.size, values: [30, 40]}]",
        "scan=[{path: populations.E.tau_ref, linspace: [4, 5, 2]}, {path: populations.E.size, values: [30, 31]}]",
    ];
    for setting in same {
        assert_eq!(keys_of(&with(SMALL, &[setting]))[0], key, "{setting}");
    }
    let scan = "scan=[{path: populations.E.tau_ref, linspace: [3, 5, 3]}]";
    let refined = "scan=[{path: populations.E.tau_ref, linspace: [3, 5, 21]}]";
    let (coarse, fine) = (keys_of(&with(SMALL, &[scan])), keys_of(&with(SMALL, &[refined])));
    assert_eq!(coarse, [fine[0], fine[10], fine[20]]);
}

#[test]
fn every_parameter_of_the_network_changes_the_key() {
    let base = read(FULL);
    let settings = [
        "time.dt=0.025",
        "populations.E.size=31",
        "populations.E.v_th=1.05",
        "populations.E.v_reset=0.2",
        "populations.E.e_leak=0",
        "populations.E.tau_m=21",
        "populations.E.tau_m=none",
        "populations.E.tau_ref=2.1",
        "populations.E.refractory=exponential",
        "populations.I.initial=reset",
        "populations.E.drive.kind=gaussian",
        "populations.E.drive.weight=0.021",
        "populations.E.drive.rate=7",
        "populations.E.drive.rate.steps.1=[20, 9.6]",
        "populations.I.drive.rate.mean=7.1",
        "populations.I.drive.rate.amplitude=0.3",
        "populations.I.drive.rate.frequency=41",
        "populations.I.drive.rate.phase=1.1",
        "populations.E.adaptation.b=0.002",
        "populations.E.adaptation.tau=81",
        "populations.E.adaptation=none",
        "projections.E<-I.p=0.26",
        "projections.E<-I.s=0.31",
        "projections.E<-I.tau=4.6",
        "projections.E<-I.v_rev=-0.6",
        "projections.E<-I.decay=stochastic",
        "projections.I<-E.kind=inhibitory",
        "projections.E<-E={kind: excitatory, p: 0.1, s: 1, tau: 2}",
        "connectivity=annealed",
    ];
    // The base network alone: what the axes move would hide the settings.
    let key = |experiment: &Experiment| member_key(Seeding::Independent, 1, &experiment.network.canonical(), 0);
    let mut seen = HashSet::from([key(&base)]);
    for setting in settings {
        assert!(seen.insert(key(&with(FULL, &[setting]))), "{setting}");
    }
}

#[test]
fn a_key_depends_on_seed_and_realisation_and_with_common_seeding_on_nothing_else() {
    let keys = |seeding| {
        let mut keys = HashSet::new();
        for (seed, realisation) in [(0, 0), (1, 0), (0, 1), (1, 1), (1 << 32, 0), (0, 1 << 31)] {
            for canonical in ["a", "b"] {
                keys.insert(member_key(seeding, seed, canonical, realisation));
            }
        }
        keys
    };
    let (independent, common) = (keys(Seeding::Independent), keys(Seeding::Common));
    assert_eq!((independent.len(), common.len()), (12, 6));
    assert!(independent.is_disjoint(&common));
}

/// Results are only reproducible between versions while these stay as they are.
#[test]
fn canonical_text_and_key_are_frozen() {
    let network = read(SMALL).network;
    let text = "{connectivity:\"annealed\";dt:1e-1;populations:[{adaptation:null;drive:{kind:\"gaussian\";rate:{constant:7e0;};\
                weight:1e0;};e_leak:0e0;initial:\"reset\";name:\"E\";refractory:\"exponential\";size:30;tau_m:null;\
                tau_ref:4e0;v_reset:0e0;v_th:1e2;};];projections:[];}";
    assert_eq!(network.canonical(), text);
    // Both computed with Python's hashlib.
    assert_eq!(member_key(Seeding::Independent, 42, text, 7), [453073648, 2819067969, 1337051491, 1840103169]);
    assert_eq!(member_key(Seeding::Common, 42, text, 7), [3872882644, 2278061894, 2128698859, 3251208697]);
}

/// With every option in use: a field that is written though it has its default would change the key of every network.
#[test]
fn a_network_with_every_option_has_its_frozen_text() {
    let network = read(FULL).network;
    assert_eq!(network.canonical(), include_str!("data/canonical.txt").trim_end());
}

/// Options that came later are in the text where they are set; a connection probability is there even where it has no effect.
#[test]
fn delays_and_indegrees_join_the_text() {
    let with = "projections: {E<-E: {kind: excitatory, indegree: 5, s: 1, tau: 0, delay: 1.5}}\nconnectivity: quenched\nmodels";
    let network = read(&SMALL.replacen("models", with, 1)).network;
    let text = "projections:[{decay:\"stochastic\";delay:1.5e0;indegree:5;p:1e0;s:1e0;source:0;synapse:\"excitatory\";target:0;tau:0e0;};]";
    assert!(network.canonical().contains(text), "{}", network.canonical());
    assert_eq!((network.delay_max(), network.probability(&network.projections[0])), (14, 5.0 / 30.0));
}

#[test]
fn schema_and_reference_speak_of_every_key() {
    let schema = schema();
    let population = &schema["properties"]["populations"]["additionalProperties"];
    assert_eq!(population["properties"]["tau_ref"]["minimum"], 0.0);
    assert_eq!(population["properties"]["v_th"]["default"], 100.0);
    assert_eq!(population["required"], serde_json::json!(["size", "tau_ref"]));
    assert_eq!(schema["additionalProperties"], false);
    let reference = reference();
    for key in ["populations.*.drive.rate.amplitude", "scan.*.zip.*.path", "models.*.dsode.bin", "record.spikes.from"] {
        assert!(reference.contains(&format!("| `{key}` |")), "{key} in\n{reference}");
    }
    // Each key of a config in which all are given has its row.
    let resolved: serde_json::Value = serde_yaml::from_str(&read(FULL).to_yaml()).unwrap();
    for key in resolved.as_object().unwrap().keys() {
        assert!(schema["properties"].get(key).is_some() && reference.contains(&format!("| `{key}` |")), "{key}");
    }
}
