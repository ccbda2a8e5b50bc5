//! Networks and runs that several tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Bins;
use snn_ensemble::network::member::{Context, Dispatch, Output};
use snn_ensemble::network::shape::Shape;
use snn_ensemble::network::stepping::{Member, Model};
use snn_ensemble::network::tables::Tables;

pub const BINS: Bins = Bins { v_min: -40.0, width: 4.0 };

pub fn population(name: &str, size: u32) -> Population {
    Population {
        name: name.into(),
        size,
        v_th: 100.0,
        v_reset: 0.0,
        e_leak: 0.0,
        tau_m: None,
        tau_ref: 4.0,
        refractory: Refractory::Exponential,
        initial: Initial::Reset,
        drive: Drive { kind: DriveKind::Gaussian, weight: 1.0, rate: Rate::Constant(7.0) },
        adaptation: None,
    }
}

pub fn projection(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { target, source, synapse: Synapse::Excitatory, p: 0.8, s, tau, decay: Decay::Stochastic }
}

pub fn inhibitory(target: usize, source: usize, s: f64, tau: f64) -> Projection {
    Projection { synapse: Synapse::Inhibitory { v_rev: -66.0 }, ..projection(target, source, s, tau) }
}

/// The example network of Chang et al. (2025).
pub fn paper() -> Network {
    Network {
        dt: 0.1,
        populations: vec![population("E", 300), population("I", 100)],
        projections: vec![
            projection(0, 0, 0.95, 1.4),
            inhibitory(0, 1, 2.71, 4.5),
            projection(1, 0, 1.25, 1.2),
            inhibitory(1, 1, 2.45, 4.5),
        ],
        connectivity: Connectivity::Annealed,
    }
}

/// `steps` steps of `snn` on the CPU in stretches of `stretch`.
pub fn run_cpu(network: &Network, key: [u32; 4], steps: u32, stretch: u32, window: u32) -> Vec<Output> {
    let shape = Shape::new(network);
    let mut tables = Tables::new(stretch);
    let point = tables.place(network, BINS).unwrap();
    let bins: Vec<u32> = network.populations.iter().map(|p| BINS.count(p.v_th)).collect();
    let mut outputs = Vec::new();
    let mut member = None;
    let mut first = 0;
    while first < steps {
        let now = stretch.min(steps - first);
        let (drive, rows) = tables.drive(first, now);
        let words = [&tables.words[..], &rows[..]].concat();
        let context = Context {
            shape: &shape,
            populations: &point.populations,
            projections: &point.projections,
            tables: &words,
            normal: &tables.normal,
            drive: &drive,
            key,
            dispatch: Dispatch::new(first, now, window, (1.0 / network.dt).round() as u32),
            bins: &bins,
        };
        let member = member.get_or_insert_with(|| Member::new(&context, Model::Snn));
        outputs.push(member.stepping(&context, false, |_, _| {}));
        first += now;
    }
    outputs
}
