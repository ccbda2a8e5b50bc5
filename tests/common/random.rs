//! Networks that nobody thought of: random populations, sizes, projections and options.

use super::population;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Scale;
use snn_ensemble::network::shape::Model;

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

fn any_step() -> impl Strategy<Value = Stepping> {
    prop_oneof![3 => Just(Stepping::Euler), 1 => Just(Stepping::Exact)]
}

/// What a population does without input.
fn any_neuron() -> impl Strategy<Value = Neuron> {
    let table = prop::collection::vec((0.5..15.0, -0.8..3.0), 1..5).prop_map(|steps| {
        let mut points = vec![(-30.0, 4.0)];
        for (further, f) in steps {
            points.push((points.last().unwrap().0 + further, f));
        }
        Neuron::Table(points)
    });
    prop_oneof![
        8 => Just(Neuron::Lif),
        1 => (0.001..0.04, -0.3..0.1, -0.5..2.0).prop_map(|(c2, c1, c0)| Neuron::Qif([c2, c1, c0])),
        1 => (3.0..30.0, 0.5..6.0).prop_map(|(v_t, delta_t)| Neuron::Eif { v_t, delta_t }),
        1 => table,
    ]
}

fn any_population() -> impl Strategy<Value = Population> {
    let kind = prop_oneof![
        4 => Just(DriveKind::Poisson),
        4 => Just(DriveKind::Gaussian),
        1 => Just(DriveKind::Deterministic),
    ];
    let drive = (kind, 0.5..2.0, any_rate()).prop_map(|(kind, weight, rate)| Drive { kind, weight, rate });
    let drive = prop_oneof![8 => drive, 1 => Just(Drive::NONE)];
    // Shares of the way from reset to threshold.
    let initial = prop_oneof![
        3 => Just(None),
        3 => Just(Some((0.0, 1.0))),
        1 => (0.0..0.9).prop_map(|v| Some((v, v))),
        1 => (-0.5..0.3, 0.4..1.0).prop_map(Some),
    ];
    let leak = prop::option::of(5.0..50.0);
    let adaptation = prop::option::of((0.0..0.3, 5.0..200.0).prop_map(|(b, tau)| Adaptation { b, tau }));
    let refractory = prop_oneof![Just(Refractory::Exponential), Just(Refractory::Fixed)];
    let tau_ref = prop_oneof![Just(0.0), 0.1..8.0];
    // Low thresholds, so that many spikes fall into few steps.
    (
        1..=200u32,
        5.0..40.0,
        -10.0..4.0,
        leak,
        tau_ref,
        refractory,
        initial,
        (drive, adaptation, any_step(), any_neuron()),
    )
        .prop_map(
            |(size, v_th, v_reset, tau_m, tau_ref, refractory, initial, (drive, adaptation, step, neuron))| {
                Population {
                    size,
                    v_th,
                    v_reset,
                    e_leak: v_reset - 1.0,
                    tau_m: match neuron {
                        Neuron::Qif(_) | Neuron::Table(_) => None,
                        Neuron::Eif { .. } => tau_m.or(Some(12.0)),
                        Neuron::Lif => tau_m,
                    },
                    neuron,
                    tau_ref,
                    refractory,
                    initial: initial.map_or(Initial::Reset, |(low, high)| {
                        let at = |share: f64| v_reset + share * (v_th - v_reset);
                        if (low, high) == (0.0, 1.0) {
                            Initial::Uniform
                        } else if low == high {
                            Initial::Voltage(at(low))
                        } else {
                            Initial::Between(at(low), at(high))
                        }
                    }),
                    step,
                    drive,
                    adaptation,
                    ..population("any", size)
                }
            },
        )
}

/// A projection between populations that are named modulo their number.
fn any_projection() -> impl Strategy<Value = Projection> {
    let p = prop_oneof![Just(0.0), Just(1.0), 0.05..0.95];
    use SynapseKind::{Excitatory, Inhibitory};
    let v_norm = prop_oneof![Just(None), (-15.0..60.0).prop_map(Some)];
    let synapse = prop_oneof![
        3 => Just(Synapse::EXCITATORY),
        3 => (-80.0..-20.0).prop_map(Synapse::inhibitory),
        1 => Just(Synapse { kind: Inhibitory, v_rev: None, v_norm: None }),
        1 => (70.0..200.0, v_norm.clone()).prop_map(|(v_rev, v_norm)| Synapse { kind: Excitatory, v_rev: Some(v_rev), v_norm }),
        1 => (-80.0..-20.0, v_norm).prop_map(|(v_rev, v_norm)| Synapse { kind: Inhibitory, v_rev: Some(v_rev), v_norm }),
    ];
    let decay = prop_oneof![Just(Decay::Stochastic), Just(Decay::Deterministic)];
    let tau = prop_oneof![4 => 0.3..12.0, 1 => Just(0.0)];
    // Steps of 0.1 ms, and of half of it.
    let delay = prop_oneof![Just(0), Just(1), 2..40u32].prop_map(|steps| f64::from(steps) * 0.1);
    let rise = prop_oneof![4 => Just(None), 1 => (0.3..6.0).prop_map(Some)];
    (0..4usize, 0..4usize, synapse, p, 0.01..0.5, (tau, rise), decay, delay, any_step()).prop_map(
        |(target, source, synapse, p, s, (tau, rise), decay, delay, step)| Projection {
            synapse,
            p,
            decay,
            delay,
            step,
            tau_rise: rise.filter(|_| tau > 0.0),
            ..Projection::excitatory(target, source, s, tau)
        },
    )
}

pub fn any_network() -> impl Strategy<Value = Network> {
    let populations = prop::collection::vec(any_population(), 1..=4);
    let projections = prop::collection::vec(any_projection(), 0..=7);
    let sources = prop::collection::vec((0.5..20.0, any_rate(), any::<bool>()), 0..=2);
    let options = (any::<bool>(), any::<bool>());
    let networks = (populations, projections, sources, options);
    let networks = networks.prop_map(|(populations, projections, sources, (quenched, half))| {
        let connectivity = if quenched { Connectivity::Quenched } else { Connectivity::Annealed };
        let dt = if half { 0.05 } else { 0.1 };
        let mut network = Network { populations, projections, connectivity, ..Network::new(dt) };
        for projection in &mut network.projections {
            projection.target %= network.populations.len();
            projection.source %= network.populations.len();
        }
        for (i, (tau, rate, exact)) in sources.into_iter().enumerate() {
            let (source, target) = (network.populations.len() + i, i % network.populations.len());
            network.sources.push(Source { name: format!("S{i}"), rate });
            let step = if exact { Stepping::Exact } else { Stepping::Euler };
            network.projections.push(Projection { step, ..Projection::excitatory(target, source, 0.1, tau) });
        }
        // Nothing but a leak holds up what currents pull down.
        for target in (0..network.populations.len()).filter(|&q| network.is_walk(q)).collect::<Vec<_>>() {
            network.populations[target].tau_m = Some(20.0);
        }
        network
    });
    networks.prop_filter("the integers hold it", is_held)
}

/// Whether the integers of every model hold a network: others are refused before anything runs.
fn is_held(network: &Network) -> bool {
    let models = [Model::Snn, Model::Markov(Closure::White), Model::Markov(Closure::Coloured)];
    models.into_iter().all(|model| {
        let seen = model.network(network);
        (0..seen.populations.len()).all(|target| Scale::new(&seen, target, model).is_ok())
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
