//! The networks and numbers of `tests/data/cases.json`, from an independent f64 implementation of the models.
#![allow(dead_code, reason = "Each test file uses its part")]

use serde_json::Value;
use snn_ensemble::model::*;

pub fn cases() -> Value {
    serde_json::from_str(include_str!("../data/cases.json")).expect("cases.json parses")
}

/// The two-population network of a case.
pub fn network(case: &str) -> Network {
    let parameters = cases()["cases"][case]["parameters"].clone();
    let get = |key: &str| parameters[key].as_f64().unwrap_or_else(|| panic!("{case} has {key}"));
    let population = |name: &str| Population {
        name: name.into(),
        size: get(&format!("size_{name}")) as u32,
        v_th: 100.0,
        v_reset: 0.0,
        e_leak: 0.0,
        tau_m: Some(get("tau_m")).filter(|tau| *tau > 0.0),
        tau_ref: get("tau_ref"),
        refractory: Refractory::Exponential,
        initial: Initial::Reset,
        drive: Drive { kind: DriveKind::Gaussian, weight: 1.0, rate: Rate::Constant(get("drive_rate")) },
        adaptation: None,
        step: Stepping::Euler,
        neuron: Neuron::Lif,
    };
    let projection = |target: usize, source: usize, pair: &str, tau: &str| {
        let of = if source == 0 { Projection::excitatory } else { Projection::inhibitory };
        Projection { p: get(&format!("p_{pair}")), ..of(target, source, get(&format!("s_{pair}")), get(tau)) }
    };
    Network {
        populations: vec![population("E"), population("I")],
        projections: vec![
            projection(0, 0, "EE", "tau_EE"),
            projection(0, 1, "EI", "tau_I"),
            projection(1, 0, "IE", "tau_IE"),
            projection(1, 1, "II", "tau_I"),
        ],
        ..Network::new(get("dt"))
    }
}

pub fn dsode(closure: Closure, noise: Noise, bin: f64) -> Variant {
    Variant::Dsode {
        closure,
        density: Density::Uniform,
        noise,
        bin: Some(bin),
        v_min: Some(-40.0),
        precision: Precision::F64,
    }
}

/// The same with a linear density.
pub fn linear(closure: Closure, noise: Noise, bin: f64) -> Variant {
    let Variant::Dsode { v_min, precision, .. } = dsode(closure, noise, bin) else { unreachable!("a dsode") };
    Variant::Dsode { closure, density: Density::Linear, noise, bin: Some(bin), v_min, precision }
}

/// One population without synapses, refractoriness or leak.
pub fn one_population() -> Network {
    let mut network = network("default");
    network.populations.truncate(1);
    network.populations[0].tau_ref = 0.0;
    network.projections.clear();
    network
}

/// Every option at once: three populations with leak, delay lines, adaptation, drives that vary, both kinds of decay,
/// thresholds of their own, uniform initial voltages, delays, a delta synapse and a fixed in-degree.
pub fn three_populations() -> Network {
    let mut network = network("default");
    let mut third = network.populations[0].clone();
    third.name = "F".into();
    third.size = 400;
    third.v_th = 120.0;
    third.v_reset = 5.0;
    third.tau_m = Some(20.0);
    third.e_leak = -3.0;
    third.refractory = Refractory::Fixed;
    third.tau_ref = 1.3;
    third.adaptation = Some(Adaptation { b: 0.05, tau: 80.0 });
    third.drive.rate = Rate::Sinusoid { mean: 12.0, amplitude: 0.5, frequency: 80.0, phase: 0.3 };
    third.initial = Initial::Uniform;
    network.populations[1].drive.rate = Rate::Steps(vec![(0.0, 7.0), (2.0, 20.0), (4.0, 8.0)]);
    network.populations[1].refractory = Refractory::Fixed;
    network.populations[1].initial = Initial::Uniform;
    network.populations[0].initial = Initial::Uniform;
    network.populations.push(third);
    let onto = |target, source, synapse, s| {
        let of = Projection::excitatory(target, source, s, 2.0);
        Projection { synapse, p: 0.5, decay: Decay::Deterministic, ..of }
    };
    network.projections.push(Projection { delay: 0.7, ..onto(2, 0, Synapse::EXCITATORY, 0.9) });
    network.projections.push(Projection { indegree: Some(150), ..onto(0, 2, Synapse::EXCITATORY, 0.7) });
    network.projections.push(Projection { tau: 0.0, delay: 1.2, ..onto(2, 1, Synapse::inhibitory(-80.0), 0.5) });
    network.projections.push(onto(2, 2, Synapse::EXCITATORY, 0.4));
    network
}

/// The same with kicks of every worth, exact steps, a drive without noise, initial voltages that are given, and sources.
pub fn every_input() -> Network {
    let mut network = three_populations();
    network.populations[0].drive.kind = DriveKind::Deterministic;
    (network.populations[1].tau_m, network.populations[1].initial) = (Some(30.0), Initial::Voltage(-3.0));
    (network.populations[2].step, network.populations[2].initial) = (Stepping::Exact, Initial::Between(-10.0, 100.0));
    network.projections[0].synapse = Synapse { v_rev: Some(200.0), ..Synapse::EXCITATORY };
    network.projections[1].synapse.v_norm = Some(50.0);
    network.projections[1].step = Stepping::Exact;
    network.projections[3].synapse.v_rev = None;
    let varying = Rate::Sinusoid { mean: 2.0, amplitude: 0.9, frequency: 150.0, phase: 1.0 };
    for (name, rate) in [("S", Rate::Constant(3.0)), ("T", varying)] {
        network.sources.push(Source { name: name.into(), rate });
    }
    network.projections.push(Projection::excitatory(0, 3, 0.5, 3.0));
    network.projections.push(Projection { decay: Decay::Deterministic, ..Projection::excitatory(2, 3, 0.8, 1.5) });
    network.projections.push(Projection::inhibitory(1, 4, 0.5, 2.0));
    network
}

/// A population of quadratic and one of exponential neurons.
pub fn nonlinear() -> Network {
    let mut network = network("default");
    (network.populations[0].neuron, network.populations[0].step) = (Neuron::Qif([0.002, -0.02, 0.5]), Stepping::Exact);
    (network.populations[1].neuron, network.populations[1].tau_m) =
        (Neuron::Eif { v_t: 60.0, delta_t: 6.0 }, Some(15.0));
    network.populations.iter_mut().for_each(|p| p.initial = Initial::Uniform);
    network
}

/// Kicks that rise before they act, of both decays, onto populations of both kinds of refractoriness.
pub fn rising() -> Network {
    let mut network = network("default");
    network.projections[0].tau_rise = Some(2.0);
    (network.projections[1].tau_rise, network.projections[1].decay) = (Some(1.5), Decay::Deterministic);
    network.projections[3].tau_rise = Some(4.0);
    (network.projections[2].tau_rise, network.projections[2].tau) = (Some(1.2), 1.2);
    network.populations[1].refractory = Refractory::Fixed;
    network.populations.iter_mut().for_each(|p| p.initial = Initial::Uniform);
    network
}

/// A population without a drive, whose kicks of inhibition rise before they act.
pub fn inhibited() -> Network {
    let mut network = network("default");
    network.populations[0].drive.rate = Rate::Constant(0.0);
    network.projections = vec![Projection { tau_rise: Some(1.0), ..Projection::inhibitory(0, 1, 2.71, 4.5) }];
    network
}

/// Rate (Hz) and spike synchrony index of each population after `discard` ms, from the neurons that fired in every step.
pub fn rates_and_ssi(fired: &[Vec<f64>], network: &Network, discard: f64) -> Vec<f64> {
    let from = (discard / network.dt).round() as usize;
    let half = (0.5 / network.dt).round() as usize;
    let (mut rates, mut synchrony) = (vec![], vec![]);
    for (q, p) in network.populations.iter().enumerate() {
        let size = f64::from(p.size);
        let c: Vec<f64> = fired[from..].iter().map(|row| row[q]).collect();
        rates.push(c.iter().sum::<f64>() / (size * network.dt * c.len() as f64) * 1000.0);
        // The share of the population that fires within half a ms, averaged over spikes.
        let windows = c.windows(2 * half + 1).map(|w| (w[half], w.iter().sum::<f64>() / size));
        let (weight, sum) = windows.fold((0.0, 0.0), |(weight, sum), (c, share)| (weight + c, sum + c * share));
        synchrony.push(sum / weight);
    }
    [rates, synchrony].concat()
}
