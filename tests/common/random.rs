//! Networks that nobody thought of: random populations, sizes, projections and options.

use super::population;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use snn_ensemble::model::*;

/// Runs cases of a fixed seed.
pub fn runner(cases: u32, seed: u8) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

fn any_rate() -> impl Strategy<Value = Rate> {
    prop_oneof![
        (2.0..15.0).prop_map(Rate::Constant),
        (2.0..15.0, 0.0..15.0).prop_map(|(a, b)| Rate::Steps(vec![(0.0, a), (4.05, b)])),
        (5.0..12.0, 0.0..1.0, 5.0..200.0, 0.0..6.0).prop_map(|(mean, amplitude, frequency, phase)| Rate::Sinusoid {
            mean,
            amplitude,
            frequency,
            phase
        }),
    ]
}

fn any_population() -> impl Strategy<Value = Population> {
    let drive = (any::<bool>(), 0.5..2.0, any_rate()).prop_map(|(poisson, weight, rate)| {
        let kind = if poisson { DriveKind::Poisson } else { DriveKind::Gaussian };
        Drive { kind, weight, rate }
    });
    let leak = prop::option::of(5.0..50.0);
    let adaptation = prop::option::of((0.0..0.3, 5.0..200.0).prop_map(|(b, tau)| Adaptation { b, tau }));
    let refractory = prop_oneof![Just(Refractory::Exponential), Just(Refractory::Fixed)];
    let tau_ref = prop_oneof![Just(0.0), 0.1..8.0];
    // Low thresholds, so that many spikes fall into few steps.
    (1..=200u32, 5.0..40.0, -10.0..4.0, leak, tau_ref, refractory, any::<bool>(), drive, adaptation).prop_map(
        |(size, v_th, v_reset, tau_m, tau_ref, refractory, uniform, drive, adaptation)| Population {
            size,
            v_th,
            v_reset,
            e_leak: v_reset - 1.0,
            tau_m,
            tau_ref,
            refractory,
            initial: if uniform { Initial::Uniform } else { Initial::Reset },
            drive,
            adaptation,
            ..population("any", size)
        },
    )
}

/// A projection between populations that are named modulo their number.
fn any_projection() -> impl Strategy<Value = Projection> {
    let p = prop_oneof![Just(0.0), Just(1.0), 0.05..0.95];
    let synapse =
        prop_oneof![Just(Synapse::Excitatory), (-80.0..-20.0).prop_map(|v_rev| Synapse::Inhibitory { v_rev })];
    let decay = prop_oneof![Just(Decay::Stochastic), Just(Decay::Deterministic)];
    let tau = prop_oneof![4 => 0.3..12.0, 1 => Just(0.0)];
    // Steps of 0.1 ms, and of half of it.
    let delay = prop_oneof![Just(0), Just(1), 2..40u32].prop_map(|steps| f64::from(steps) * 0.1);
    (0..4usize, 0..4usize, synapse, p, 0.01..0.5, tau, decay, delay).prop_map(
        |(target, source, synapse, p, s, tau, decay, delay)| Projection {
            synapse,
            p,
            decay,
            delay,
            ..Projection::excitatory(target, source, s, tau)
        },
    )
}

pub fn any_network() -> impl Strategy<Value = Network> {
    let populations = prop::collection::vec(any_population(), 1..=4);
    let projections = prop::collection::vec(any_projection(), 0..=7);
    (populations, projections, any::<bool>(), any::<bool>()).prop_map(|(populations, projections, quenched, half)| {
        let connectivity = if quenched { Connectivity::Quenched } else { Connectivity::Annealed };
        let mut network = Network { dt: if half { 0.05 } else { 0.1 }, populations, projections, connectivity };
        for projection in &mut network.projections {
            projection.target %= network.populations.len();
            projection.source %= network.populations.len();
        }
        network
    })
}

/// Neurons without synapses whose drive takes them across the threshold on average; thresholds at whole numbers.
pub fn any_single_neuron() -> impl Strategy<Value = Population> {
    let refractory = prop_oneof![Just(Refractory::Exponential), Just(Refractory::Fixed)];
    let tau_ref = prop_oneof![Just(0.0), 0.5..6.0];
    (12..40u32, -5.0..5.0, prop::option::of(8.0..40.0), tau_ref, refractory, 0.5..1.5, 5.0..12.0).prop_map(
        |(v_th, v_reset, tau_m, tau_ref, refractory, weight, rate)| {
            let v_th = f64::from(v_th);
            // The leak holds a neuron at lambda w tau_m.
            let tau_m = tau_m.map(|tau: f64| tau.max(1.2 * v_th / (weight * rate)));
            let drive = Drive { kind: DriveKind::Gaussian, weight, rate: Rate::Constant(rate) };
            Population { v_th, v_reset, tau_m, tau_ref, refractory, drive, ..population("single", 200) }
        },
    )
}
