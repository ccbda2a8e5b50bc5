//! Is the library's front door the program's? Networks made by hand are a config's, and a simulation stepped by hand is a run's
//! member.

use snn_ensemble::config::load;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::ensemble::{Ensemble, MemberId};
use snn_ensemble::model::{Network, Population, Projection, Synapse, Variant};
use snn_ensemble::results::{MemberLog, Record};
use snn_ensemble::{Simulation, SimulationError};
use std::sync::atomic::AtomicBool;

const CONFIG: &str = "
name: small
seed: 5
time: {duration: 60}
populations:
  E: {size: 40, tau_ref: 0}
  I: {size: 20, tau_ref: 4}
projections:
  E<-E: {kind: excitatory, p: 1, s: 2, tau: 1.4}
  I<-E: {kind: excitatory, p: 0.5, s: 4, tau: 1.2}
  E<-I: {kind: inhibitory, p: 1, s: 5, tau: 4.5}
models: [snn, {markov: {closure: coloured}}, dsode]
realisations: 3
";

fn by_hand() -> Network {
    let mut network = Network::new(0.1);
    network.populations = vec![Population::new("E", 40), Population { tau_ref: 4.0, ..Population::new("I", 20) }];
    network.projections = vec![
        Projection::excitatory(0, 0, 2.0, 1.4),
        Projection { p: 0.5, ..Projection::excitatory(1, 0, 4.0, 1.2) },
        Projection::inhibitory(0, 1, 5.0, 4.5),
    ];
    network
}

#[test]
fn a_network_made_by_hand_is_the_configs() {
    assert_eq!(by_hand(), load(CONFIG, "small.yaml", &[]).unwrap().point(0).network);
}

#[test]
fn a_simulation_is_a_runs_member() {
    let ensemble = Ensemble::new(load(CONFIG, "small.yaml", &[]).unwrap(), false).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    run(&ensemble, directory.path(), &mut [], &Options::new(&stop)).unwrap();
    let mut log = MemberLog::open(directory.path(), &ensemble.schema).unwrap();
    let rate = ensemble.schema.statistics.iter().position(|name| name == "rate_I").unwrap();
    for (model, &variant) in ensemble.experiment.models.iter().enumerate() {
        let realisation = if variant.is_deterministic() { 0 } else { 2 };
        let member = MemberId { model: model as u32, point: 0, realisation };
        let stored = log.read(&ensemble.record_key(member)).unwrap().unwrap().statistics.values[rate].unwrap();
        let mut simulation = Simulation::of(&by_hand(), variant).seed(5).realisation(realisation).start().unwrap();
        let mut fired = 0.0;
        for _ in 0..600 {
            fired += simulation.step().unwrap()[1];
        }
        assert!(
            (fired / (20.0 * 0.06) - stored).abs() < 1e-9 * stored,
            "{}: {fired} spikes, {stored} Hz",
            variant.label()
        );
        assert!((simulation.time() - 60.0).abs() < 1e-9);
        let mut at_once = Simulation::of(&by_hand(), variant).seed(5).realisation(realisation).start().unwrap();
        assert!((at_once.run(60.0).unwrap()[1] - stored).abs() < 1e-9 * stored);
    }
}

/// The first member of each model of a config's only point, run and read again.
fn first_members(config: &str) -> Vec<(Variant, Record)> {
    let ensemble = Ensemble::new(load(config, "config.yaml", &[]).unwrap(), false).unwrap();
    let directory = tempfile::tempdir().unwrap();
    run(&ensemble, directory.path(), &mut [], &Options::new(&AtomicBool::new(false))).unwrap();
    let mut log = MemberLog::open(directory.path(), &ensemble.schema).unwrap();
    let mut of = |model: usize| {
        let member = MemberId { model: model as u32, point: 0, realisation: 0 };
        log.read(&ensemble.record_key(member)).unwrap().unwrap()
    };
    ensemble.experiment.models.iter().enumerate().map(|(model, &variant)| (variant, of(model))).collect()
}

/// Voltages bit by bit; kick counts of all neurons have the mean that is recorded of them.
#[test]
fn recorded_neurons_are_those_of_a_simulation() {
    let record = "record: {traces: {members: 1}, neurons: {members: 1, count: 30, from: 20, every: 0.5}}";
    for (variant, stored) in first_members(&format!("{CONFIG}{record}\n")) {
        let Some(recorded) = stored.neurons else {
            assert!(variant.is_deterministic());
            continue;
        };
        // 30 of 40, all 20
        assert_eq!((recorded.neurons.len(), recorded.times.len()), (50, 80));
        let trace = stored.trace.unwrap();
        let mut simulation = Simulation::of(&by_hand(), variant).seed(5).start().unwrap();
        let (mut row, mut fired) = (0, 0.0);
        for step in 1..=600 {
            let spikes = simulation.step().unwrap()[1];
            if step <= 200 {
                continue;
            }
            fired += spikes;
            if step % 5 > 0 {
                continue;
            }
            let voltages = [simulation.voltages(0), simulation.voltages(1)];
            for of in &recorded.neurons {
                assert_eq!(of.voltage[row], voltages[of.population as usize][of.neuron as usize], "{step}");
            }
            // the projection I<-E has recorded kicks in all neurons of I
            let kicks: Vec<f64> = recorded.neurons[30..].iter().map(|of| of.kicks[1].as_ref().unwrap()[row]).collect();
            let (mean, expected) = (kicks.iter().sum::<f64>() / 20.0, trace.columns[2 + 1][step - 1]);
            let spread = kicks.iter().map(|k| (k - mean).powi(2)).sum::<f64>().sqrt();
            match variant {
                Variant::Snn => assert!((mean - expected).abs() < 1e-12, "{mean}, {expected}"),
                // 5 standard errors
                _ => assert!((mean - expected).abs() < 5.0 * spread / 19.0 + 1e-6, "{mean}, {expected}, {spread}"),
            }
            assert!(expected < 0.1 || spread > 0.0, "each neuron has kicks of its own");
            row += 1;
        }
        assert!(recorded.neurons.iter().all(|of| of.kicks[1].is_some() == (of.population == 1)));
        let spikes = recorded.neurons[30..].iter().flat_map(|of| &of.spikes).sum::<u32>();
        assert!(spikes > 20 && f64::from(spikes) == fired, "{spikes} and {fired} spikes");
    }
}

/// A kick for every fifth neuron, in a network in which there may be thousands: what is recorded of their mean is not rounded away.
#[test]
fn few_kicks_are_recorded_as_they_are() {
    let config = "
name: few
seed: 1
time: {duration: 30}
populations:
  E: {size: 2000, tau_ref: 1000}
  I: {size: 40000, tau_ref: 4, drive: none}
projections:
  I<-E: {kind: excitatory, p: 0.0005, s: 0.02, tau: 3, decay: deterministic}
models: [snn, markov]
record: {traces: {members: 1, every: 5}, neurons: {members: 1, populations: [I], count: 40000, every: 5}}
";
    for (variant, stored) in first_members(config) {
        let (neurons, traces) = (stored.neurons.unwrap().neurons, stored.trace.unwrap());
        for row in 3..6 {
            let mean = neurons.iter().map(|of| of.kicks[0].as_ref().unwrap()[row]).sum::<f64>() / 40000.0;
            let recorded = traces.columns[2][row];
            // Three standard errors of a sum whose terms are sixteenths.
            assert!(mean > 1e-4 && (recorded - mean).abs() < 3e-4, "{}: {recorded} of {mean}", variant.label());
        }
    }
}

#[test]
fn voltages_and_refractory_neurons_are_told() {
    let mut simulation = Simulation::of(&by_hand(), Variant::Snn).start().unwrap();
    assert_eq!(simulation.voltages(1), vec![0.0; 20]);
    assert_eq!(simulation.refractory(1), 0.0);
    let mut released = 0.0;
    let mut refractory = 0.0;
    for _ in 0..600 {
        let fired = simulation.step().unwrap()[1];
        let now = simulation.refractory(1);
        released += refractory + fired - now;
        refractory = now;
        assert!(simulation.voltages(0).iter().all(|&v| (-166.0..=100.0).contains(&v)));
    }
    assert!(released > 20.0, "{released} neurons were released");
    let mut dsode = Simulation::of(&by_hand(), Variant::DSODE).start().unwrap();
    dsode.run(60.0).unwrap();
    assert!(dsode.voltages(0).is_empty() && dsode.refractory(1) > 0.0);
    let mass = dsode.dsode().unwrap().state().mass(dsode.dsode().unwrap().shape(), 1);
    assert!((mass - 20.0).abs() < 1e-6, "{mass}");
}

#[test]
fn what_no_config_could_say_is_refused_with_its_key() {
    let refused = |change: &dyn Fn(&mut Network), key: &str| {
        let mut network = by_hand();
        change(&mut network);
        let error = Simulation::of(&network, Variant::Snn).start().err().expect(key);
        assert!(matches!(&error, SimulationError::Config(errors) if errors.0.iter().any(|e| e.key == key)), "{error}");
    };
    refused(&|n| n.projections[0].p = 1.8, "projections.E<-E.p");
    refused(&|n| n.projections[0].tau = 0.05, "projections.E<-E.tau");
    refused(&|n| n.populations[1].v_reset = 100.0, "populations.I.v_reset");
    refused(&|n| n.populations[1].tau_ref = f64::NAN, "populations.I.tau_ref");
    refused(&|n| n.projections[2].synapse = Synapse::inhibitory(100.0), "projections.E<-I.v_rev");
    refused(&|n| n.populations.clear(), "projections.0");
    refused(&|n| (n.populations.clear(), n.projections.clear()).1, "populations");
    refused(&|n| n.populations[1].name = "E".into(), "populations");
    refused(&|n| n.projections[1].target = 0, "projections.E<-E");
}

#[test]
fn times_that_are_none_are_refused() {
    let network = by_hand();
    for variant in [Variant::Snn, Variant::DSODE] {
        let mut simulation = Simulation::of(&network, variant).start().unwrap();
        for duration in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let told = simulation.run(duration).unwrap_err();
            assert!(matches!(told, SimulationError::Duration { .. }), "{duration}: {told}");
        }
        let told = simulation.run(1e300).unwrap_err().to_string();
        assert!(told.starts_with("more than ") && told.contains(" ms in all"), "{told}");
        assert_eq!(simulation.time(), 0.0);
        assert_eq!(simulation.run(1.0).unwrap().len(), 2);
        assert!(matches!(simulation.steps(u32::MAX), Err(SimulationError::Long { .. })));
        assert_eq!((simulation.refractory(7), simulation.voltages(7).len()), (0.0, 0));
    }
    // A step of more than a millisecond.
    let coarse = Network { dt: 2.0, ..Network::new(2.0) };
    let coarse = Network { populations: vec![Population { tau_ref: 4.0, ..Population::new("E", 20) }], ..coarse };
    assert!(Simulation::of(&coarse, Variant::DSODE).start().is_ok());
}
