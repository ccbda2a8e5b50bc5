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
    Variant::Dsode { closure, noise, bin, v_min: Variant::V_MIN, precision: Precision::F64 }
}
