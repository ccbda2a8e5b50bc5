//! Does every intermediate of a step fit its type? Every term at its extremes, in every combination, for every option, with sums
//! of currents at and around every power of two, in 128-bit integers that the kernels' 32-bit results must equal, and that must
//! be what the equations say in f64.
#[path = "../common/mod.rs"]
mod common;
mod step;

use common::*;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::{RangeError, Scale};
use snn_ensemble::network::neuron::adapt;
use snn_ensemble::network::shape::Model;
use snn_ensemble::wgsl::Word;
use step::{drifts, walk};

const MODELS: [Model; 3] = [Model::Snn, Model::Markov(Closure::White), Model::Markov(Closure::Coloured)];
/// A target with an excitatory and an inhibitory source, by options.
fn networks() -> Vec<Network> {
    let mut networks = vec![];
    for option in 0..512 {
        let has = |bit: u32| option >> bit & 1 == 1;
        let mut network = paper();
        network.projections.truncate(if has(0) { 2 } else { 1 });
        network
            .projections
            .iter_mut()
            .for_each(|j| j.decay = if has(1) { Decay::Deterministic } else { Decay::Stochastic });
        if has(8) {
            network.sources.push(Source { name: "S".into(), rate: Rate::Constant(3.0) });
            network.projections.push(Projection::excitatory(0, 2, 0.7, 3.0));
        }
        for j in &mut network.projections {
            let inhibitory = j.synapse.is_inhibitory();
            j.synapse.v_rev = match (has(6), inhibitory) {
                (true, true) => None,
                (true, false) => Some(170.0),
                (false, _) => j.synapse.v_rev,
            };
            j.synapse.v_norm = has(7).then_some(if inhibitory { 60.0 } else { 40.0 });
            j.step = if has(7) { Stepping::Exact } else { Stepping::Euler };
        }
        let population = &mut network.populations[0];
        population.step = if has(7) { Stepping::Exact } else { Stepping::Euler };
        population.drive.kind = if has(2) { DriveKind::Poisson } else { DriveKind::Gaussian };
        (population.tau_m, population.e_leak) = (has(3).then_some(20.0), if has(5) { 30.0 } else { -70.0 });
        population.adaptation = has(4).then_some(Adaptation { b: 0.3, tau: 60.0 });
        population.initial = if has(5) { Initial::Carry } else { Initial::Reset };
        population.refractory = if has(0) { Refractory::Fixed } else { Refractory::Exponential };
        networks.push(network);
    }
    // Kicks that rise before they act.
    for i in (0..512).step_by(5) {
        networks.push(rising(networks[i].clone()));
    }
    // Neurons that are not leaky.
    for i in (0..512).step_by(5) {
        networks.push(nonlinear(networks[i].clone(), i, networks[i].populations[0].step));
    }
    // Kicks that act once, alone or beside others.
    for i in (0..64).step_by(3) {
        let mut network = networks[i].clone();
        network.projections.iter_mut().step_by(1 + i % 2).for_each(|j| j.tau = 0.0);
        networks.push(network);
    }
    networks
}

fn scaled(network: &Network, factor: f64) -> Network {
    let mut network = network.clone();
    network.populations[0].drive.weight *= factor;
    network.populations[0].adaptation.iter_mut().for_each(|adaptation| adaptation.b *= factor);
    network.projections.iter_mut().filter(|j| j.synapse.v_rev.is_none()).for_each(|j| j.s *= factor);
    network
}

/// The numbers next to x, and those a rounding away.
fn around(x: f64) -> Vec<f64> {
    let mut near =
        vec![x * (1.0 - 1e-4), x * (1.0 - 1e-5), x * (1.0 - 1e-9), x * (1.0 + 1e-9), x * (1.0 + 1e-5), x * 1.3];
    let mut below = x;
    (0..6).for_each(|_| below = below.next_down());
    for _ in 0..13 {
        near.push(below);
        below = below.next_up();
    }
    near
}

/// Sums of currents: whatever part of them grows.
#[test]
fn currents_at_every_power_of_two() {
    for model in MODELS {
        let (mut allowed, mut exact) = (0, 0);
        for network in networks() {
            let seen = model.network(&network);
            let sum = |factor: f64| -> f64 {
                let network = scaled(&seen, factor);
                let scale = Scale::new(&seen, 0, model).unwrap();
                let terms = scale.terms(&network, 0).unwrap();
                terms.iter().map(|term| term.current).sum()
            };
            let (none, one) = (sum(0.0), sum(1.0));
            for power in 0..14 {
                let whole = 2f64.powi(power);
                for factor in around((whole - none) / (one - none)).into_iter().filter(|&factor| factor > 0.0) {
                    exact += u32::from(sum(factor) == whole);
                    allowed += u32::from(walk(&scaled(&network, factor), model));
                }
            }
        }
        println!("{model:?}: {allowed} networks walked, {exact} with a power of two");
        assert!(allowed > 5000 && exact > 100, "{model:?}: {allowed} allowed, {exact} exact");
    }
}

/// Conductances, up to where they are refused.
#[test]
fn conductances_at_every_power_of_two() {
    for model in MODELS {
        let (mut allowed, mut refused) = (0, 0);
        let conducting = |network: &Network| network.projections.get(1).is_some_and(|j| j.synapse.v_rev.is_some());
        for mut network in networks().into_iter().filter(conducting) {
            let sum = |network: &Network| -> f64 {
                let seen = model.network(network);
                // Terms do not depend on the scales that come of them.
                let scale = Scale::new(&model.network(&networks()[1]), 0, model).unwrap();
                scale.terms(&seen, 0).map_or(f64::NAN, |terms| terms.iter().map(|term| term.conductance).sum())
            };
            let s = network.projections[1].s;
            network.projections[1].s = 0.0;
            let none = sum(&network);
            network.projections[1].s = s;
            let one = sum(&network);
            for power in [-6, -2, -1, 0, 1, 2] {
                for factor in
                    around((2f64.powi(power) - none) / (one - none)).into_iter().filter(|&factor| factor > 0.0)
                {
                    network.projections[1].s = s * factor;
                    match walk(&network, model) {
                        true => allowed += 1,
                        false => refused += 1,
                    }
                }
            }
        }
        println!("{model:?}: {allowed} walked, {refused} refused");
        assert!(allowed > 500 && refused > 100, "{model:?}: {allowed} allowed, {refused} refused");
    }
}

/// Spans of the voltage: 30 bits hold three of them.
#[test]
fn voltages_at_every_power_of_two() {
    for model in MODELS {
        let mut allowed = 0;
        for network in networks() {
            for power in [-10, -3, 0, 1, 7, 15] {
                for span in around(2f64.powi(power) / 3.0) {
                    // As the example network, whose span is 166, but for v_th, which makes the span this one.
                    let network = stretched(&network, span / 166.0, |lowest| lowest + span);
                    allowed += u32::from(walk(&network, model));
                }
            }
        }
        println!("{model:?}: {allowed} walked");
        assert!(allowed > 5000, "{model:?}: {allowed}");
    }
}

/// All voltages times a factor, and the threshold of the first population by its lowest voltage.
fn stretched(network: &Network, factor: f64, v_th: impl Fn(f64) -> f64) -> Network {
    let mut network = scaled(network, factor);
    let population = &mut network.populations[0];
    population.e_leak *= factor;
    let mut lowest = population.v_reset.min(if population.tau_m.is_some() { population.e_leak } else { 0.0 });
    for j in network.projections.iter_mut() {
        if let Some(v_rev) = &mut j.synapse.v_rev {
            (*v_rev, j.s) = (*v_rev * factor, j.s * factor);
            lowest = lowest.min(*v_rev);
        }
    }
    network.populations[0].v_th = v_th(lowest);
    network
}

/// Poisson kicks of these weights once acted with the opposite sign.
#[test]
fn kicks_whose_sum_is_a_power_of_two() {
    let neuron = |v_th: f64, weight: f64, tau_m: Option<f64>| {
        let mut network = Network { projections: vec![], ..paper() };
        network.populations.truncate(1);
        let drive = Drive { kind: DriveKind::Poisson, weight, rate: Rate::Constant(0.005) };
        network.populations[0] = Population { v_th, tau_m, tau_ref: 0.0, drive, ..population("P", 1000) };
        network
    };
    for (v_th, weight, tau_m) in
        [(100.0, 4.0, None), (1.0, 2.0, None), (1.0, 4.0, None), (1.0, 8.0, None), (100.0, 127.0, Some(10.0))]
    {
        let network = neuron(v_th, weight, tau_m);
        assert!(walk(&network, Model::Snn), "weight {weight} is fine");
        if tau_m.is_none() {
            // Every neuron fires after so many kicks of 5 in a second.
            let outputs = run_cpu(
                &network,
                Model::Snn,
                [1, 2, 3, 4],
                50_000,
                500,
                0,
                CpuSplit { threads: false, stored_wiring: true },
            );
            let spikes: f64 = outputs.iter().flat_map(|o| &o.counts).map(|&c| f64::from(c)).sum();
            assert!(outputs.iter().all(|o| o.flags == 0));
            let needed = (v_th / weight).floor() + 1.0;
            let expected = 25_000.0 / needed - 500.0 * (1.0 - 1.0 / needed);
            assert!(
                (spikes - expected).abs() < 5.0 * (25_000f64).sqrt() / needed + 5.0,
                "{spikes} spikes for {expected}"
            );
        }
    }
}

/// What no table holds is refused with the scales, before anything runs.
#[test]
fn too_many_poisson_kicks_are_refused() {
    let with = |rate: f64| {
        let mut network = paper();
        network.populations[0].drive = Drive { kind: DriveKind::Poisson, weight: 0.1, rate: Rate::Constant(rate) };
        Scale::new(&network, 0, Model::Snn)
    };
    assert!(with(1500.0).is_ok());
    assert!(matches!(with(3000.0), Err(RangeError::PoissonDrive { .. })));
    assert!(matches!(with(1e4), Err(RangeError::PoissonDrive { .. })));
}

/// Adaptation of neurons that fire whenever they may stays within what the current has room for.
#[test]
fn adaptation_of_neurons_that_fire_whenever_they_may() {
    for (tau_ref, refractory) in [(0.0, Refractory::Fixed), (3.0, Refractory::Fixed), (3.0, Refractory::Exponential)] {
        for tau in [0.5, 3.0, 40.0] {
            let mut network = paper();
            let population = &mut network.populations[0];
            (population.tau_ref, population.refractory) = (tau_ref, refractory);
            population.adaptation = Some(Adaptation { b: 0.3, tau });
            let scale = Scale::new(&network, 0, Model::Snn).unwrap();
            let terms = scale.terms(&network, 0).unwrap();
            let room = terms.iter().find(|term| term.key.ends_with("adaptation")).unwrap().down;
            let population = &network.populations[0];
            let q = scale.population(population, BINS);
            let unit = 2f64.powi(-scale.current - q.adaptation_shift as i32);
            let released = population.release_probability(network.dt) * 2f64.powi(64);
            let (mut a, mut missed, mut word, mut most) = (Word(0), 0, 1u64, 0);
            for _ in 0..3_000_000 {
                word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let fires = missed == 0;
                a = adapt(&q, a, fires);
                most = most.max(a.0);
                missed = match refractory {
                    Refractory::Fixed if fires => population.refractory_steps(network.dt),
                    Refractory::Fixed => missed - 1,
                    // A multiplicative generator's upper bits are its good ones.
                    Refractory::Exponential => {
                        u32::from((word ^ word >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) as f64 >= released)
                    }
                };
            }
            let share = f64::from(most) * unit / room;
            println!("{refractory:?} {tau_ref}, tau {tau}: {share:.3} of the room");
            assert!(share < 1.0 && share > 0.2, "{refractory:?} {tau_ref}, tau {tau}: {share}");
        }
    }
}

/// The tables of drifts themselves: what lies between two of their points, at every voltage that a step can begin with.
#[test]
fn drifts_between_all_points() {
    for i in (0..512).step_by(64).chain([33, 97]) {
        for (first, step) in [(0, Stepping::Exact), (1, Stepping::Euler), (1, Stepping::Exact), (2, Stepping::Euler)] {
            let network = nonlinear(networks()[i].clone(), first, step);
            for model in MODELS {
                drifts(&model.network(&network), model);
            }
        }
    }
}
