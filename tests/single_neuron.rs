//! Do single neurons fire as theory says, whatever unit their voltage has and whatever the time step, or are they refused?
//!
//! Tolerances: of a walk without leak none but sampling; of Siegert's formula 1 %, which is what the shift of the threshold is good
//! for at dt = tau_m/20 (1.3 % where the mean drives, 0.8 % where noise does; 0.2 % at tau_m/200). On top, 4.5 standard errors.
mod common;
mod theory;
use common::*;
use snn_ensemble::Simulation;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::{RangeError, Scale};
use snn_ensemble::network::error::PrecisionError;
use snn_ensemble::network::shape::Model;
use theory::{siegert_steps, wald_steps};

const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };
/// The models of neurons; `dsode` has tests of its own in `bins`.
const VARIANTS: [Variant; 2] = [Variant::Snn, Variant::MARKOV];
const SIEGERT: f64 = 0.01;

/// Spikes per neuron and step of the first population, and its relative standard error for intervals of coefficient of variation 1;
/// `None` where the model refuses the network.
fn simulated(network: &Network, variant: &Variant, steps: u32) -> Option<(f64, f64)> {
    let discard = steps / 10;
    let model = Model::of(variant).expect("dsode has tests of its own in bins");
    if let Err(error) = (0..network.populations.len()).try_for_each(|p| Scale::new(network, p, model).map(|_| ())) {
        println!("{}: {error}", variant.label());
        return None;
    }
    let outputs = run_cpu(network, model, [7, 7, 7, 7], discard + steps, 1000, 0, CPU);
    assert!(outputs.iter().all(|output| output.flags == 0));
    let populations = network.populations.len();
    let first = outputs.iter().flat_map(|o| o.counts.iter().step_by(populations));
    let counts: Vec<f64> = first.map(|&c| f64::from(c)).collect();
    let spikes: f64 = counts[discard as usize..].iter().sum();
    Some((spikes / f64::from(network.populations[0].size) / f64::from(steps), 1.0 / spikes.sqrt()))
}

/// A neuron in mV with its voltages times `scale`.
fn neuron(scale: f64, dt: f64, tau_m: Option<f64>, weight: f64, rate: f64) -> Network {
    let drive = Drive { kind: DriveKind::Gaussian, weight: weight * scale, rate: Rate::Constant(rate) };
    let (v_th, v_reset) = (20.0 * scale, 10.0 * scale);
    let single = Population { v_th, v_reset, tau_m, tau_ref: 0.0, drive, ..population("P", 1000) };
    Network { dt, populations: vec![single], projections: vec![], ..paper() }
}

/// Rates over six decades of the voltage's unit and two of dt, against the steps that a spike takes; cases that were run.
fn over_scales(
    what: &str,
    tolerance: f64,
    network: impl Fn(f64, f64) -> Network,
    expected: impl Fn(&Population, f64) -> f64,
) {
    for variant in VARIANTS {
        let mut run = 0;
        for dt in [0.01, 0.1, 1.0] {
            // Steps of 0.01 ms are many: the ends and the middle.
            for decade in (-3..=3).step_by(if dt < 0.1 { 3 } else { 1 }) {
                let network = network(10f64.powi(decade), dt);
                let steps = (1000.0 / dt) as u32 * if dt < 0.1 { 1 } else { 10 };
                let Some((rate, error)) = simulated(&network, &variant, steps) else { continue };
                let expected = 1.0 / expected(&network.populations[0], dt);
                let off = rate / expected - 1.0;
                println!(
                    "{what}, {}, dt {dt}, voltages times 1e{decade}: {:.4} Hz, theory {:.4}, {:+.2} % +- {:.2}",
                    variant.label(),
                    rate / dt * 1e3,
                    expected / dt * 1e3,
                    100.0 * off,
                    100.0 * error
                );
                assert!(off.abs() < tolerance + 4.5 * error, "{what}: {rate} for {expected}");
                run += 1;
            }
        }
        assert!(run == 17, "{what}, {}: only {run} of 17 were not refused", variant.label());
    }
}

#[test]
fn perfect_integrators() {
    let expected = |neuron: &Population, dt: f64| {
        let (mean, variance) = (neuron.drive.mean(0.0, dt), neuron.drive.variance(0.0, dt));
        wald_steps(neuron.v_th - neuron.v_reset, mean, variance.sqrt())
    };
    over_scales("perfect integrator", 0.0, |scale, dt| neuron(scale, dt, None, 0.4, 0.5), expected);
}

/// Held below the threshold by its leak: noise alone makes it fire.
#[test]
fn leaky_neurons_driven_by_noise() {
    over_scales("16 mV at rest", SIEGERT, |scale, dt| neuron(scale, dt, Some(20.0), 1.6, 0.5), siegert_steps);
}

/// Driven across the threshold.
#[test]
fn leaky_neurons_driven_by_their_mean() {
    over_scales("24 mV at rest", SIEGERT, |scale, dt| neuron(scale, dt, Some(20.0), 0.6, 2.0), siegert_steps);
}

/// The neuron of `leaky_neurons_driven_by_noise` with inhibition that never comes.
fn with_reversal(v_rev: f64) -> Network {
    let mut network = neuron(1.0, 0.1, Some(20.0), 1.6, 0.5);
    let silent = Drive { kind: DriveKind::Gaussian, weight: 1.0, rate: Rate::Constant(0.0) };
    network.populations.push(Population { drive: silent, v_th: 20.0, ..population("I", 10) });
    network.projections.push(Projection { synapse: Synapse::inhibitory(v_rev), ..projection(0, 1, 1.0, 4.0) });
    network
}

/// A reversal voltage far away costs bits of the voltage: rates are right, or the network is refused, with the reversal voltage that
/// would do; there, rates are right to 0.5 % (the same random numbers as with -66, so that sampling cancels).
#[test]
fn reversal_voltages_far_away() {
    for variant in VARIANTS {
        let (near, _) = simulated(&with_reversal(-66.0), &variant, 100_000).unwrap();
        let expected = 1.0 / siegert_steps(&with_reversal(-66.0).populations[0], 0.1);
        assert!((near / expected - 1.0).abs() < 0.03);
        let rate_is_right = |v_rev: f64| {
            let rate = simulated(&with_reversal(v_rev), &variant, 100_000).map(|(rate, _)| rate / near - 1.0);
            println!("{}: v_rev {v_rev}: {rate:?}", variant.label());
            assert!(rate.is_none_or(|off| off.abs() < 0.005), "{}, v_rev {v_rev}: {rate:?}", variant.label());
            rate.is_some()
        };
        let allowed: Vec<bool> = [-1e3, -1e4, -1e5, -1e6].into_iter().map(rate_is_right).collect();
        assert!(allowed[0] && !allowed[3], "{allowed:?}");
        let model = Model::of(&variant).unwrap();
        let error = Scale::new(&with_reversal(-1e6), 0, model).unwrap_err();
        let RangeError::Precision(PrecisionError::Far { key, found, allowed, .. }) = &error else { panic!("{error}") };
        assert!(key == "projections.P<-I.v_rev" && *found == -1e6, "{error}");
        assert!(rate_is_right(*allowed), "{allowed} is said to be allowed");
    }
}

/// The same with the leak's own reversal voltage, whose drive then is in proportion.
#[test]
fn leak_potentials_far_away() {
    let far = |e_leak: f64| {
        let mut network = neuron(1.0, 0.1, Some(20.0), 1.6, 0.5);
        let population = &mut network.populations[0];
        population.e_leak = e_leak;
        // At rest 16 mV: a mean of 16 - e_leak, with noise as before.
        let (mean, variance) = ((16.0 - e_leak) / 20.0, 0.5 * 1.6 * 1.6);
        (population.drive.weight, population.drive.rate) = (variance / mean, Rate::Constant(mean * mean / variance));
        network
    };
    for variant in VARIANTS {
        let mut allowed = 0;
        for e_leak in [-10.0, -100.0, -1e3, -1e4, -1e5, -1e6] {
            let network = far(e_leak);
            let Some((rate, error)) = simulated(&network, &variant, 20_000) else { continue };
            let off = rate * siegert_steps(&network.populations[0], 0.1) - 1.0;
            println!("{}: e_leak {e_leak}: {:+.2} % +- {:.2}", variant.label(), 100.0 * off, 100.0 * error);
            assert!(off.abs() < SIEGERT + 4.5 * error, "{}, e_leak {e_leak}: {off}", variant.label());
            allowed += 1;
        }
        assert!((2..6).contains(&allowed), "{allowed} of 6");
    }
}

/// Rare kicks with a long membrane time constant and a short step: right. One that is too long for its steps is refused, with the
/// one that is not.
#[test]
fn kicks_that_are_rare_are_right_over_many_steps() {
    let neuron = |tau_m: f64, dt: f64| {
        let drive = Drive { kind: DriveKind::Poisson, weight: 1.0, rate: Rate::Constant(0.05) };
        let mut network = Network::new(dt);
        network.populations.push(Population { tau_m: Some(tau_m), drive, ..Population::new("P", 500) });
        network
    };
    // Campbell: mean 0.05 tau_m, variance 0.05 tau_m/2, of one kick after the other.
    let mut simulation = Simulation::of(&neuron(20.0, 0.01), Variant::Snn).seed(3).start().unwrap();
    simulation.run(200.0).unwrap();
    let (mut sum, mut n) = (0.0, 0.0);
    for _ in 0..20 {
        simulation.run(40.0).unwrap();
        sum += simulation.voltages(0).iter().sum::<f64>();
        n += 500.0;
    }
    // 10 000 values, two tau_m apart: standard error 0.0071.
    assert!((sum / n - 1.0).abs() < 0.03, "{}", sum / n);
    let error = Scale::new(&neuron(2e4, 0.001), 0, Model::Snn).unwrap_err().to_string();
    assert!(error.starts_with("populations.P.tau_m: found 20000") && error.contains("time.dt"), "{error}");
}

/// Drives that are small against what the voltage can hold: right, or refused.
#[test]
fn drives_that_are_small() {
    for variant in VARIANTS {
        for weight in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
            // The same course of the voltage in a range that shrinks with the weight, above a lowest voltage that does not.
            let mut network = with_reversal(-66.0);
            let population = &mut network.populations[0];
            (population.tau_m, population.v_reset) = (None, 20.0 - 25.0 * weight);
            (population.drive.weight, population.drive.rate) = (weight, Rate::Constant(0.5));
            let Some((rate, error)) = simulated(&network, &variant, 20_000) else {
                assert!(weight < 1e-3, "{weight} is fine");
                continue;
            };
            let drive = &network.populations[0].drive;
            let range = network.populations[0].v_th - network.populations[0].v_reset;
            let off = rate * wald_steps(range, drive.mean(0.0, 0.1), drive.variance(0.0, 0.1).sqrt()) - 1.0;
            println!("{}: weight {weight}: {:+.2} % +- {:.2}", variant.label(), 100.0 * off, 100.0 * error);
            assert!(off.abs() < 0.005 + 4.5 * error, "{}, weight {weight}: {off}", variant.label());
        }
    }
}

/// Shares of a step that are a few units of their tables, and what to do about them.
#[test]
fn shares_of_few_units_are_refused() {
    let refused = |change: &dyn Fn(&mut Network), key: &str| {
        let mut network = paper();
        change(&mut network);
        let error = (0..2).find_map(|p| Scale::new(&network, p, Model::Snn).err()).expect(key).to_string();
        assert!(error.starts_with(key) && error.contains("allowed"), "{error}");
        println!("{error}");
    };
    refused(&|n| n.projections[1].p = 2e-5, "projections.E<-I.p");
    refused(&|n| n.projections[0].tau = 1e4, "projections.E<-E.tau");
    refused(&|n| n.populations[1].tau_m = Some(1e7), "populations.I.tau_m");
    refused(&|n| n.populations[0].tau_ref = 1e8, "populations.E.tau_ref");
    refused(
        &|n| (n.populations[0].drive.kind, n.populations[0].drive.rate) = (DriveKind::Poisson, Rate::Constant(1e-4)),
        "populations.E.drive.rate",
    );
    let mut network = paper();
    (network.connectivity, network.projections[1].p) = (Connectivity::Quenched, 2e-5);
    assert!(Scale::new(&network, 0, Model::Snn).is_ok(), "a graph draws p to 31 bits");
}
