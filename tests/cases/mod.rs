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
    };
    let projection = |target: usize, source: usize, pair: &str, tau: &str| Projection {
        target,
        source,
        synapse: if source == 0 { Synapse::Excitatory } else { Synapse::Inhibitory { v_rev: -66.0 } },
        p: get(&format!("p_{pair}")),
        s: get(&format!("s_{pair}")),
        tau: get(tau),
        decay: Decay::Stochastic,
    };
    Network {
        dt: get("dt"),
        populations: vec![population("E"), population("I")],
        projections: vec![
            projection(0, 0, "EE", "tau_EE"),
            projection(0, 1, "EI", "tau_I"),
            projection(1, 0, "IE", "tau_IE"),
            projection(1, 1, "II", "tau_I"),
        ],
        connectivity: Connectivity::Annealed,
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
/// thresholds of their own and uniform initial voltages.
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
    let onto = |target, source, synapse, s| Projection {
        target,
        source,
        synapse,
        p: 0.5,
        s,
        tau: 2.0,
        decay: Decay::Deterministic,
    };
    network.projections.push(onto(2, 0, Synapse::Excitatory, 0.9));
    network.projections.push(onto(0, 2, Synapse::Excitatory, 0.7));
    network.projections.push(onto(2, 1, Synapse::Inhibitory { v_rev: -80.0 }, 1.5));
    network.projections.push(onto(2, 2, Synapse::Excitatory, 0.4));
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
