//! Networks that have of each option something.

use super::common::*;
use snn_ensemble::model::*;

pub fn quenched(network: Network) -> Network {
    Network { connectivity: Connectivity::Quenched, ..network }
}

/// The example network with `neurons` neurons, three quarters of them E, and strengths scaled with 1/N.
pub fn sized(neurons: u32) -> Network {
    let mut network = paper();
    network.populations[0].size = neurons - neurons / 4;
    network.populations[1].size = neurons / 4;
    every_projection(network, |p| p.s *= 400.0 / f64::from(neurons))
}

pub fn stepwise() -> Rate {
    Rate::Steps(vec![(0.0, 9.0), (20.0, 5.0), (31.0, 12.0)])
}

pub fn sinusoidal() -> Rate {
    Rate::Sinusoid { mean: 8.0, amplitude: 0.7, frequency: 40.0, phase: 0.3 }
}

/// Kicks that act in one step, as wholes.
pub fn delta(network: Network) -> Network {
    every_projection(network, |p| p.tau = 0.0)
}

/// Such kicks beside those that stay, which some of them do in fixed point.
pub fn some_delta(network: Network) -> Network {
    let network = every_projection(network, |p| p.decay = Decay::Deterministic);
    every_projection(network, |p| p.tau = if p.source == 0 { 0.0 } else { p.tau })
}

/// Spikes that arrive later, from each source and at each target after another time; the last ones at once.
pub fn delayed(network: Network) -> Network {
    let delays = [1.5, 0.3, 4.0, 0.0];
    let of = |i: usize| delays[i.min(3)];
    let mut network = network;
    network.projections.iter_mut().enumerate().for_each(|(i, p)| p.delay = of(i));
    network
}

/// Every target has a third of the source's neurons for its sources, of some projections.
pub fn indegrees(mut network: Network) -> Network {
    let sizes: Vec<u32> = network.populations.iter().map(|p| p.size).collect();
    let some = network.projections.iter_mut().filter(|p| p.source != 2);
    some.for_each(|p| p.indegree = Some((sizes[p.source] / 3).max(1)));
    every_projection(network, |p| p.s *= 2.0)
}

/// A network of one population that excites itself.
pub fn one_population() -> Network {
    let mut network = paper();
    network.populations.truncate(1);
    network.projections.truncate(1);
    network
}

/// Three populations, five projections, one population without any.
pub fn three_populations() -> Network {
    let mut network = paper();
    network.populations.push(population("X", 70));
    network.populations[2].v_th = 30.0;
    network.projections.push(projection(0, 2, 1.5, 3.0));
    network.projections.remove(3);
    network
}

/// Seven projections onto one population: more random words than one block holds.
pub fn many_projections() -> Network {
    let mut network = paper();
    for i in 0..5u32 {
        network.populations.push(population(&format!("X{i}"), 33 + i));
        network.projections.push(projection(0, 2 + i as usize, 0.3, 1.0 + f64::from(i)));
    }
    every_population(network, |p| p.drive.kind = DriveKind::Poisson)
}

/// Excitation with a reversal voltage, and each kind of kick with a voltage at which it is worth s.
pub fn conductances() -> Network {
    every_projection(paper(), |p| {
        (p.synapse.v_rev, p.synapse.v_norm) = match p.synapse.kind {
            SynapseKind::Excitatory => (Some(150.0), if p.target == 0 { Some(50.0) } else { None }),
            SynapseKind::Inhibitory => (Some(-66.0), Some(30.0)),
        };
        p.s *= 0.3;
    })
}

/// Kicks of either sign that are the same at every voltage, onto neurons with a leak.
pub fn currents() -> Network {
    let network = every_population(paper(), |p| (p.tau_m, p.e_leak) = (Some(20.0), 5.0));
    every_projection(network, |p| {
        p.synapse.v_rev = None;
        p.s *= 0.3;
    })
}

pub fn deterministic(network: Network) -> Network {
    every_projection(network, |p| p.decay = Decay::Deterministic)
}

pub fn exact(network: Network) -> Network {
    every_projection(every_population(network, |p| (p.step, p.tau_m) = (Stepping::Exact, Some(20.0))), |p| {
        p.step = Stepping::Exact;
    })
}

/// The drives that do not fluctuate, one that does, and the initial voltages that are given.
pub fn driven() -> Network {
    let mut network = three_populations();
    let rates = [Rate::Constant(8.0), sinusoidal()];
    for (population, rate) in network.populations.iter_mut().zip(rates) {
        population.drive = Drive { kind: DriveKind::Deterministic, weight: 1.5, rate };
    }
    network.populations[0].initial = Initial::Between(-20.0, 60.0);
    network.populations[1].initial = Initial::Voltage(-3.0);
    network.populations[2].drive = Drive::NONE;
    network.populations[2].initial = Initial::Between(0.0, 30.0);
    network
}

/// Sources of every kind onto populations that have other inputs, or none.
pub fn sources() -> Network {
    let mut network = three_populations();
    network.populations[2].drive = Drive::NONE;
    network.populations[2].v_th = 12.0;
    for (i, rate) in [Rate::Constant(4.0), stepwise(), sinusoidal()].into_iter().enumerate() {
        network.sources.push(Source { name: format!("S{i}"), rate });
    }
    let from = network.populations.len();
    network.projections.insert(1, Projection::excitatory(2, from, 0.9, 2.0));
    network.projections.push(Projection::inhibitory(0, from + 1, 0.1, 3.0));
    network.projections.push(Projection::excitatory(1, from + 2, 0.3, 12.0));
    network.projections.push(Projection::excitatory(2, from + 1, 0.3, 1.0));
    network
}
