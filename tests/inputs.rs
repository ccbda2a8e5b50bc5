//! What a neuron receives, against closed formulas: kicks with and without a reversal voltage, drives without noise, sources, exact
//! steps and initial voltages, in every model.
mod common;
mod oracle;
use common::*;
use oracle::{rate_and_synchrony, simulate};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Scale;
use snn_ensemble::network::shape::Model;
use snn_ensemble::network::time_step::coarse_steps;
use snn_ensemble::results::{Table, file};
use snn_ensemble::{Simulation, config};
use std::sync::atomic::AtomicBool;

/// A `dsode` of narrow bins from `v_min`.
fn dsode(closure: Closure, noise: Noise, bin: f64, v_min: f64) -> Variant {
    Variant::Dsode {
        closure,
        density: Density::Uniform,
        noise,
        bin: Some(bin),
        v_min: Some(v_min),
        precision: Precision::F64,
    }
}

fn leaky(name: &str, drive: Drive) -> Population {
    let (v_th, v_reset, tau_m, step) = (20.0, 10.0, Some(20.0), Stepping::Exact);
    Population { v_th, v_reset, tau_m, step, drive, ..Population::new(name, 400) }
}

/// A leaky neuron that a constant drive takes to mu/q: from reset it needs ln((mu/q - v_reset)/(mu/q - v_th)) tau_m, rounded up to the
/// step that ends above the threshold, and misses its refractory steps.
#[test]
fn a_deterministic_drive_has_the_rate_of_the_closed_formula() {
    for rate in [1.05, 1.5, 3.0] {
        let drive = Drive { kind: DriveKind::Deterministic, weight: 1.0, rate: Rate::Constant(rate) };
        let mut network = Network::new(0.1);
        network.populations.push(Population { tau_ref: 2.0, refractory: Refractory::Fixed, ..leaky("P", drive) });
        let asymptote = rate * 0.1 / -f64::exp_m1(-0.1 / 20.0);
        let steps = (((asymptote - 10.0) / (asymptote - 20.0)).ln() * 20.0 / 0.1).floor() + 1.0 + 20.0;
        let expected = 1000.0 / (0.1 * steps);
        for variant in [Variant::Snn, Variant::MARKOV, Variant::Markov { closure: Closure::Coloured }] {
            let mut simulation = Simulation::of(&network, variant).start().unwrap();
            simulation.run(100.0).unwrap();
            let duration = 0.1 * steps * 10.0;
            let found = simulation.run(duration).unwrap()[0];
            assert!((found / expected - 1.0).abs() < 1e-9, "{}: {found} Hz for {expected}", variant.label());
        }
        // Bins blur where the neurons are, and so when they fire.
        for closure in [Closure::White, Closure::Coloured] {
            let variant = dsode(closure, Noise::None, 0.1, -10.0);
            let mut simulation = Simulation::of(&network, variant).start().unwrap();
            simulation.run(1000.0).unwrap();
            let found = simulation.run(1000.0).unwrap()[0];
            assert!((found / expected - 1.0).abs() < 0.02, "{}: {found} Hz for {expected}", variant.label());
        }
    }
}

/// Kicks that decay by a constant share are counted in fractions, however few a neuron has: p rate N tau of each spike's.
#[test]
fn sampled_kicks_are_those_that_spikes_bring() {
    let text = "
name: kicks
time: {dt: 0.1, duration: 10000, discard: 200}
populations:
  A: {size: 10, tau_ref: 2, drive: {kind: poisson, rate: 7, weight: 1}}
  B: {size: 50, tau_ref: 2, tau_m: 20, drive: {kind: gaussian, rate: 3, weight: 1}}
projections:
  B<-A: {kind: excitatory, p: 0.1, s: 3, tau: 2, decay: deterministic}
models: [snn, markov]
realisations: 4
record: {attractor: true}
";
    let ensemble = Ensemble::new(config::load(text, "kicks.yaml", &[]).unwrap(), false).unwrap();
    let directory = tempfile::tempdir().unwrap();
    run(&ensemble, directory.path(), &mut [], &Options::new(&AtomicBool::new(false))).unwrap();
    let members = Table::read(&directory.path().join(file::MEMBERS)).unwrap();
    assert_eq!(members.rows, 8);
    for row in 0..members.rows {
        let real = |name| members.real(name).unwrap()[row].unwrap();
        let expected = 0.1 * 10.0 * 2.0 * 1e-3 * real("rate_A");
        let found = real("kicks_exc_B");
        assert!((found / expected - 1.0).abs() < 0.02, "row {row}: {found} kicks of {expected}");
    }
}

/// An exact leak relaxes as an exponential does, an Euler one as its powers.
#[test]
fn initial_voltages_relax_as_their_steps_say() {
    for (step, left) in [(Stepping::Exact, f64::exp(-2.0)), (Stepping::Euler, 0.9f64.powi(20))] {
        let mut network = Network::new(1.0);
        let tau_m = Some(10.0);
        let population = Population { tau_m, step, e_leak: 4.0, ..leaky("P", Drive::NONE) };
        network.populations.push(Population { initial: Initial::Voltage(-6.0), ..population.clone() });
        network.populations.push(Population { initial: Initial::Between(-6.0, 14.0), name: "U".into(), ..population });
        for variant in [Variant::Snn, Variant::MARKOV] {
            let mut simulation = Simulation::of(&network, variant).start().unwrap();
            let spread = |simulation: &Simulation| {
                let v = simulation.voltages(1);
                let mean = v.iter().sum::<f64>() / v.len() as f64;
                (mean, (v.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / v.len() as f64).sqrt())
            };
            let before = spread(&simulation);
            assert!((before.0 - 4.0).abs() < 1.2 && (before.1 / (20.0 / 12f64.sqrt()) - 1.0).abs() < 0.1, "{before:?}");
            simulation.steps(20).unwrap();
            assert!(simulation.voltages(0).iter().all(|v| (v - 4.0 + 10.0 * left).abs() < 1e-5));
            assert!((spread(&simulation).1 / before.1 / left - 1.0).abs() < 1e-5);
        }
        let mut model = Simulation::of(&network, dsode(Closure::White, Noise::None, 0.5, -10.0)).start().unwrap();
        model.steps(20).unwrap();
        let found = mean_voltage(&model, 0);
        assert!((found - 4.0 + 10.0 * left).abs() < 0.02, "{step:?}: {found}");
    }
}

/// Mean voltage of a population, as far as it is not refractory.
fn mean_voltage(simulation: &Simulation, pop: usize) -> f64 {
    let Some(model) = simulation.dsode() else {
        let voltages = simulation.voltages(pop);
        return voltages.iter().sum::<f64>() / voltages.len() as f64;
    };
    let (fields, bins, p) = (model.fields(), model.shape().bins_of(pop), &model.parameters().populations[pop]);
    let of_bin = |(k, i): (usize, usize)| fields.counts[i] * (p.v_min + k as f64 * p.h) + fields.moments[i];
    bins.clone().enumerate().map(of_bin).sum::<f64>() / bins.map(|i| fields.counts[i]).sum::<f64>()
}

/// A neuron far from its threshold with a leak, conductances of both signs and an inhibitory current, all from sources. Each kick
/// is worth s at v_norm, so the mean voltage is where the mean of a step is 0: with q of the leak, G = s rate dt/|v_norm - v_rev|,
/// and I = -s rate dt, at (q e_leak + sum G v_rev + I)/(q + sum G).
fn conductances() -> (Network, f64) {
    let mut network = Network::new(0.1);
    network.populations.push(Population { v_th: 100.0, v_reset: -20.0, e_leak: -5.0, ..leaky("P", Drive::NONE) });
    let mut add = |kind, v_rev, v_norm, s, rate, tau, step| {
        let source = network.sources.len() + 1;
        network.sources.push(Source { name: format!("S{source}"), rate: Rate::Constant(rate) });
        let synapse = Synapse { kind, v_rev, v_norm };
        network.projections.push(Projection { synapse, step, ..Projection::excitatory(0, source, s, tau) });
    };
    use SynapseKind::{Excitatory, Inhibitory};
    add(Excitatory, Some(120.0), None, 0.02, 30.0, 3.0, Stepping::Exact);
    add(Excitatory, Some(80.0), Some(-40.0), 0.06, 20.0, 2.0, Stepping::Euler);
    add(Inhibitory, Some(-60.0), Some(20.0), 0.05, 25.0, 5.0, Stepping::Euler);
    add(Inhibitory, None, None, 0.02, 25.0, 4.0, Stepping::Exact);
    let q = -f64::exp_m1(-0.1 / 20.0);
    let (e, f, i) = (0.02 * 3.0 / 20.0, 0.06 * 2.0 / 120.0, 0.05 * 2.5 / 80.0);
    let sum = q * -5.0 + e * 120.0 + f * 80.0 - i * 60.0 - 0.02 * 2.5;
    (network, sum / (q + e + f + i))
}

#[test]
fn conductances_and_currents_hold_the_mean_voltage_of_theory() {
    let (network, expected) = conductances();
    assert!((network.populations[0].v_th - expected).abs() > 40.0 && expected > 10.0, "{expected}");
    for decay in [Decay::Stochastic, Decay::Deterministic] {
        let network = every_projection(network.clone(), |p| p.decay = decay);
        for variant in [
            Variant::Snn,
            Variant::MARKOV,
            Variant::Markov { closure: Closure::Coloured },
            dsode(Closure::White, Noise::None, 2.0, -100.0),
            dsode(Closure::Coloured, Noise::FiniteSize, 2.0, -100.0),
        ] {
            let mut simulation = Simulation::of(&network, variant).seed(4).start().unwrap();
            simulation.run(150.0).unwrap();
            let samples = (0..40).map(|_| {
                simulation.run(5.0).unwrap();
                mean_voltage(&simulation, 0)
            });
            let found = samples.sum::<f64>() / 40.0;
            println!("{} {decay:?}: {found:.3} for {expected:.3}", variant.label());
            // The conductances fluctuate with the voltage: second order in their 2 %.
            assert!(
                (found - expected).abs() < 0.02 * expected,
                "{} {decay:?}: {found} for {expected}",
                variant.label()
            );
        }
    }
}

/// Kicks of a source that last a step or two are those of a Poisson drive of the same rate.
#[test]
fn short_kicks_of_a_source_are_a_poisson_drive() {
    let rate_of = |network: &Network, variant| {
        let mut simulation = Simulation::of(network, variant).seed(7).start().unwrap();
        simulation.run(200.0).unwrap();
        simulation.run(1500.0).unwrap()[0]
    };
    let mut driven = Network::new(0.1);
    let drive = Drive { kind: DriveKind::Poisson, weight: 0.8, rate: Rate::Constant(1.2) };
    driven.populations.push(leaky("P", drive));
    let mut from_source = Network::new(0.1);
    from_source.populations.push(leaky("P", Drive::NONE));
    from_source.sources.push(Source { name: "S".into(), rate: Rate::Constant(1.2) });
    from_source.projections.push(Projection::excitatory(0, 1, 0.8, 0.11));
    for (variant, tolerance) in [
        (Variant::Snn, 0.03),
        (Variant::Markov { closure: Closure::Coloured }, 0.03),
        (dsode(Closure::Coloured, Noise::None, 0.1, -10.0), 0.03),
    ] {
        let (expected, found) = (rate_of(&driven, variant), rate_of(&from_source, variant));
        println!("{}: {found:.3} Hz for {expected:.3}", variant.label());
        assert!(expected > 10.0 && (found / expected - 1.0).abs() < tolerance, "{found} for {expected}");
    }
}

/// Before step 0 sources have sent nothing; a rate that begins at some time acts from the step after.
#[test]
fn sources_act_from_the_step_after_their_births() {
    let mut network = Network::new(0.1);
    network.populations.push(Population { size: 1000, ..leaky("P", Drive::NONE) });
    network.sources.push(Source { name: "S".into(), rate: Rate::Steps(vec![(0.0, 0.0), (0.5, 20.0)]) });
    network.projections.push(Projection::excitatory(0, 1, 20.0, 1.0));
    let bins = dsode(Closure::White, Noise::None, 0.5, -10.0);
    for variant in [Variant::Snn, Variant::MARKOV, Variant::Markov { closure: Closure::Coloured }, bins] {
        let counts = |network: &Network, steps| Simulation::of(network, variant).start().unwrap().steps(steps).unwrap();
        let begin = |counts: Vec<f64>| counts.iter().position(|&c| c > 1e-9);
        // Births of step 5 act in step 6; of a source that always sends, those of step 0 in step 1.
        assert_eq!(begin(counts(&network, 7)), Some(6), "{}", variant.label());
        let mut always = network.clone();
        always.sources[0].rate = Rate::Constant(20.0);
        assert_eq!(begin(counts(&always, 2)), Some(1), "{}", variant.label());
    }
}

/// Rates of networks with every new input at once against an independent f64 network: 4 combined standard errors of 6 members.
#[test]
fn networks_with_every_input_are_those_of_an_independent_program() {
    let mut network = paper();
    network.sources.push(Source {
        name: "S".into(),
        rate: Rate::Sinusoid { mean: 3.0, amplitude: 0.8, frequency: 30.0, phase: 0.4 },
    });
    network.populations.iter_mut().for_each(|p| (p.tau_m, p.step, p.e_leak) = (Some(25.0), Stepping::Exact, -4.0));
    network.populations[0].drive.kind = DriveKind::Deterministic;
    network.populations[0].initial = Initial::Between(-10.0, 50.0);
    network.populations[1].initial = Initial::Voltage(20.0);
    network.projections[0].synapse = Synapse { kind: SynapseKind::Excitatory, v_rev: Some(180.0), v_norm: Some(40.0) };
    network.projections[1].synapse.v_rev = None;
    network.projections[1].s *= 0.5;
    network.projections[2].step = Stepping::Exact;
    network.projections[3].synapse.v_norm = Some(50.0);
    network.projections.push(Projection::excitatory(0, 2, 1.5, 4.0));
    network.projections.push(Projection { decay: Decay::Deterministic, ..Projection::excitatory(1, 2, 0.7, 2.0) });
    for connectivity in [Connectivity::Annealed, Connectivity::Quenched] {
        let network = Network { connectivity, ..network.clone() };
        let summary = |members: Vec<Vec<f64>>| -> Vec<(f64, f64)> {
            let n = members.len() as f64;
            let of = |i: usize| {
                let mean = members.iter().map(|m| m[i]).sum::<f64>() / n;
                (mean, (members.iter().map(|m| (m[i] - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt())
            };
            (0..members[0].len()).map(of).collect()
        };
        let ours = summary(
            (0..6)
                .map(|r| {
                    let cut = CpuSplit { threads: false, stored_wiring: true };
                    let outputs = run_cpu(&network, Model::Snn, [r, 2, 3, 4], 5000, 1000, 0, cut);
                    assert!(outputs.iter().all(|output| output.flags == 0));
                    let of =
                        |p: usize| outputs.iter().flat_map(|o| o.counts.iter().skip(p).step_by(2).copied()).collect();
                    rate_and_synchrony(&network, &[of(0), of(1)], 2000)
                })
                .collect(),
        );
        let theirs =
            summary((0..6).map(|r| rate_and_synchrony(&network, &simulate(&network, 5000, r), 2000)).collect());
        for ((a, ea), (b, eb)) in ours.into_iter().zip(theirs) {
            println!("{connectivity:?}: {a:.4} +- {ea:.4} for {b:.4} +- {eb:.4}");
            assert!(b > 0.0 && (a - b).abs() < 4.0 * ea.hypot(eb), "{connectivity:?}: {a} for {b}");
        }
    }
}

/// Inhibition that reaches a conductance of 1 per step, every neuron as fast as it can, is warned about as the first networks have it,
/// and refused where it uses anything else; from 4 on it is refused. The bounds of pending kicks are those of `network/ranges.rs`.
#[test]
fn a_step_that_jumps_past_the_reversal_voltage_is_warned_about_or_refused() {
    let found = |change: &dyn Fn(&mut Network), s: f64| {
        let mut network = paper();
        change(&mut network);
        let last = network.projections.len() - 1;
        network.projections[last].s = s;
        let warned = coarse_steps(&network).iter().any(|step| step.key == "populations.I");
        (warned, Scale::new(&network, 1, Model::Snn).err().map(|error| error.to_string()))
    };
    let (size, ratio, distance) = (100.0, 4.5 / 4.0, 166.0);
    let kicks = 64.0 + 1.5 * size * (1.0 + 0.8 * ratio);
    for other in [false, true] {
        // Another projection's options do not matter.
        let change = |n: &mut Network| n.projections[2].step = if other { Stepping::Exact } else { Stepping::Euler };
        let of_one = distance / (kicks * 0.1 / 4.5);
        assert_eq!(found(&change, 0.999 * of_one), (false, None));
        assert_eq!(found(&change, 1.001 * of_one), (true, None));
        assert!(found(&change, 4.001 * of_one).1.unwrap().contains("per step, allowed: below 4"));
    }
    let connected: f64 = 8.0 + size * (1.0 + ratio);
    let exact = -f64::exp_m1(-0.1 / 4.5);
    let of_source = |n: &mut Network| {
        n.sources.push(Source { name: "S".into(), rate: Rate::Constant(20.0) });
        n.projections.truncate(3);
        n.projections.push(Projection::inhibitory(1, 2, 1.0, 4.5));
    };
    let excitation = |n: &mut Network| {
        n.projections[3].synapse = Synapse { kind: SynapseKind::Excitatory, v_rev: Some(266.0), v_norm: None };
    };
    type Option<'a> = (&'a dyn Fn(&mut Network), f64, f64, &'a str);
    let options: [Option; 4] = [
        (&|n| n.projections[3].step = Stepping::Exact, connected, exact, "I<-I"),
        (&|n| n.projections[3].synapse.v_norm = Some(100.0), connected, 0.1 / 4.5, "I<-I"),
        (&excitation, connected, 0.1 / 4.5, "I<-I"),
        (&of_source, 64.0 + 1.5 * 20.0 * 4.5, 0.1 / 4.5, "I<-S"),
    ];
    for (change, kicks, q, name) in options {
        let of_one = distance / (kicks * q);
        assert_eq!(found(change, 0.999 * of_one), (false, None), "{name}");
        let refused = found(change, 1.001 * of_one).1.unwrap();
        assert!(
            refused.starts_with(name) && refused.contains("1.001 per step, allowed: below 1; reduce s"),
            "{refused}"
        );
    }
}

/// The share of the lowest bin is a statistic of `dsode` where inhibition has no floor: the mean over samples every ms.
#[test]
fn the_share_of_the_lowest_bin_is_reported() {
    const TEXT: &str = "\
name: bottom
time: {duration: 60, discard: 20}
populations:
  E: {size: 100, v_th: 20, tau_m: 20, tau_ref: 2, drive: {weight: 0.5, rate: 0.6}}
  I: {size: 50, v_th: 20, tau_m: 20, tau_ref: 2, drive: {weight: 0.5, rate: 2.6}}
projections:
  E<-I: {kind: inhibitory, p: 0.5, s: 0.4, tau: 2, v_rev: none}
models: [{dsode: {bin: 1, v_min: -4}}, markov]
realisations: 1
";
    let experiment = snn_ensemble::config::load(TEXT, "bottom.yaml", &[]).unwrap_or_else(|e| panic!("{e}"));
    let mut model = Simulation::of(&experiment.network, experiment.models[0]).start().unwrap();
    let mut shares = vec![];
    for step in 1..=600 {
        model.steps(1).unwrap();
        if step > 200 && step % 10 == 0 {
            let dsode = model.dsode().unwrap();
            shares.push([0, 1].map(|pop| dsode.fields().counts[dsode.shape().start(pop)] / [100.0, 50.0][pop]));
        }
    }
    let expected = [0, 1].map(|pop| shares.iter().map(|share| share[pop]).sum::<f64>() / shares.len() as f64);
    let ensemble = snn_ensemble::ensemble::Ensemble::new(experiment, false).unwrap();
    let (folder, stop) = (tempfile::tempdir().unwrap(), std::sync::atomic::AtomicBool::new(false));
    let options = snn_ensemble::ensemble::run::Options::new(&stop);
    snn_ensemble::ensemble::run::run(&ensemble, folder.path(), &mut [], &options).unwrap();
    let table = snn_ensemble::results::Table::read(&folder.path().join("members.parquet")).unwrap();
    let found = table.real("bottom_share_E").unwrap();
    let own = found.iter().flatten().next().unwrap();
    assert!(expected[0] > 1e-3 && (own / expected[0] - 1.0).abs() < 1e-9, "{own} for {expected:?}");
    assert_eq!(found.iter().filter(|share| share.is_none()).count(), 1, "a network has no bins");
    assert!(table.real("bottom_share_I").unwrap().iter().flatten().all(|share| *share >= 0.0));
}
