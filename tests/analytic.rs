//! Does `snn` give the numbers that follow from its equations with pencil and paper?
//!
//! Random results: within 4.5 standard errors computed from theory, a false alarm of 7e-6 per comparison (20 in all).
mod common;
mod theory;
use common::*;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Scale;
use snn_ensemble::network::shape::Model;
use theory::wald_steps;

const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };
const KEY: [u32; 4] = [21, 22, 23, 24];

fn within(what: &str, found: f64, expected: f64, error: f64) {
    let z = (found - expected) / error;
    println!("{what}: {found:.6}, expected {expected:.6} +- {:.2} %, z {z:.2}", 100.0 * error / expected.abs());
    assert!(z.abs() < 4.5, "{what}: {found} for {expected} +- {error}");
}

/// Neurons without synapses, driven by kicks of `weight` at `rate`.
fn unconnected(kind: DriveKind, weight: f64, rate: f64) -> Network {
    let mut network = paper();
    network.projections.clear();
    network.populations.truncate(1);
    network.populations[0].size = 256;
    network.populations[0].drive = Drive { kind, weight, rate: Rate::Constant(rate) };
    network
}

/// Steps until more than 100 kicks have come, Poisson(mean) of them in a step, by conditioning on the first step.
fn poisson_passage(mean: f64) -> f64 {
    let law: Vec<f64> = (0..=100)
        .scan((-mean).exp(), |p, k| {
            let now = *p;
            *p *= mean / f64::from(k + 1);
            Some(now)
        })
        .collect();
    let mut steps = vec![0.0; 101];
    for from in (0..=100).rev() {
        let later: f64 = (1..=100 - from).map(|k| law[k] * steps[from + k]).sum();
        steps[from] = (1.0 + later) / (1.0 - law[0]);
    }
    steps[0]
}

/// Rate = 1/(passage + missed steps), the error that of a renewal count with the passage's and the refractory time's variance.
fn rate_is(what: &str, network: &Network, passage: f64, missed: f64, missed_variance: f64) {
    let population = &network.populations[0];
    let (discard, steps) = (20_000, 200_000);
    let outputs = run_cpu(network, Model::Snn, KEY, discard + steps, 1000, 0, CPU);
    let counts: Vec<u32> = outputs.iter().flat_map(|o| o.counts.iter().copied()).collect();
    let spikes: f64 = counts[discard as usize..].iter().map(|&c| f64::from(c)).sum();
    let neurons = f64::from(population.size);
    let period = passage + missed;
    let (mean, variance) = (population.drive.mean(0.0, network.dt), population.drive.variance(0.0, network.dt));
    let variation = (100.0 * variance / mean.powi(3) + missed_variance) / period.powi(2);
    let hz = |count: f64| count / neurons / (f64::from(steps) * network.dt / 1000.0);
    let expected = neurons * f64::from(steps) / period;
    within(what, hz(spikes), hz(expected), hz((expected * variation).sqrt()));
}

#[test]
fn perfect_integrators_fire_as_renewal_theory_says() {
    for (weight, rate) in [(1.0, 7.0), (2.0, 20.0)] {
        let mut network = unconnected(DriveKind::Gaussian, weight, rate);
        let (mean, variance) = (rate * weight * network.dt, rate * weight * weight * network.dt);
        let passage = wald_steps(100.0, mean, variance.sqrt());
        let release: f64 = 1.0 - (-network.dt / 4.0f64).exp();
        // Released in the step of the spike already with probability r: (1 - r)/r steps are missed.
        rate_is(
            "exponential refractoriness",
            &network,
            passage,
            (1.0 - release) / release,
            (1.0 - release) / release.powi(2),
        );
        network.populations[0].refractory = Refractory::Fixed;
        rate_is("fixed refractoriness", &network, passage, 40.0, 0.0);
        network.populations[0].tau_ref = 0.0;
        rate_is("no refractoriness", &network, passage, 0.0, 0.0);
    }
    let network = unconnected(DriveKind::Poisson, 1.0, 7.0);
    let release: f64 = 1.0 - (-network.dt / 4.0f64).exp();
    rate_is(
        "Poisson drive",
        &network,
        poisson_passage(0.7),
        (1.0 - release) / release,
        (1.0 - release) / release.powi(2),
    );
}

/// Voltages far below threshold after 100 ms of drive: mean lambda w t and variance lambda w^2 t.
#[test]
fn driven_voltages_diffuse() {
    for kind in [DriveKind::Gaussian, DriveKind::Poisson] {
        let mut network = unconnected(kind, 0.5, 7.0);
        network.populations[0].size = 8192;
        network.populations[0].v_th = 1e4;
        let scale = Scale::new(&network, 0, Model::Snn).unwrap();
        let mut voltages = vec![];
        watch_cpu(&network, Model::Snn, KEY, 1000, 1000, 0, CPU, |step, member| {
            let blocks = &member.blocks;
            if step == 999 {
                voltages = blocks
                    .iter()
                    .flat_map(|t| &t.state.voltage[..t.len as usize])
                    .map(|&w| scale.from_voltage(w))
                    .collect();
            }
        });
        let n = voltages.len() as f64;
        let (mean, variance) = (350.0, 175.0);
        within("mean voltage", voltages.iter().sum::<f64>() / n, mean, f64::sqrt(variance / n));
        let square = voltages.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        within("its variance", square, variance, variance * f64::sqrt(2.0 / n));
    }
}

/// 50 sources that fire in the first step and never again, and targets without a drive.
fn one_volley(targets: u32, projection: Projection) -> Network {
    let mut source = population("source", 50);
    source.drive =
        Drive { kind: DriveKind::Gaussian, weight: 2.0, rate: Rate::Steps(vec![(0.0, 1000.0), (0.05, 0.0)]) };
    (source.refractory, source.tau_ref) = (Refractory::Fixed, 1000.0);
    let mut target = population("target", targets);
    target.drive.rate = Rate::Constant(0.0);
    Network { populations: vec![target, source], projections: vec![projection], ..paper() }
}

/// In total, a kick moves the voltage by s on average, with variance s^2 (1 - q); it lives tau on average, and n steps with
/// probability (1 - q)^n; a volley of 50 brings Binomial(50, p) kicks.
#[test]
fn kicks_deliver_s_and_live_tau() {
    for p in [1.0, 0.4] {
        let (s, tau, targets) = (0.5, 3.0, 16_384);
        let network = one_volley(targets, Projection { p, ..projection(0, 1, s, tau) });
        let (scale, q, n) = (Scale::new(&network, 0, Model::Snn).unwrap(), network.dt / tau, f64::from(targets));
        let (mut alive, mut voltages, mut born) = (vec![], vec![], vec![]);
        let outputs = watch_cpu(&network, Model::Snn, KEY, 700, 700, 0, CPU, |step, member| {
            let blocks = &member.blocks;
            let targets = || blocks.iter().filter(|t| t.population == 0);
            let kicks = || targets().flat_map(|t| &t.state.kicks[0][..t.len as usize]).map(|&h| f64::from(h));
            alive.push(kicks().sum::<f64>());
            if step == 0 {
                born = kicks().collect();
            }
            if step == 699 {
                voltages = targets()
                    .flat_map(|t| &t.state.voltage[..t.len as usize])
                    .map(|&w| scale.from_voltage(w))
                    .collect();
            }
        });
        assert_eq!(outputs[0].counts.iter().sum::<u32>(), 50, "every source fires once");
        let (mean, variance) = (50.0 * p, 50.0 * p * (1.0 - p));
        let kicks = alive[0];
        within("births per target", kicks / n, mean, f64::sqrt(variance / n).max(1e-12));
        let square = born.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / n;
        within("their variance", square, variance, (variance * f64::sqrt(2.0 / n)).max(1e-12));
        let deviation = (kicks * (1.0 - q)).sqrt();
        within("voltage per kick", voltages.iter().sum::<f64>() / kicks, s, s * deviation / kicks);
        within("life in ms", alive.iter().sum::<f64>() / kicks * network.dt, tau, tau * deviation / kicks);
        for steps in [1, 10, 60] {
            let share = (1.0 - q).powi(steps);
            within("alive", alive[steps as usize] / kicks, share, (share * (1.0 - share) / kicks).sqrt());
        }
        assert_eq!(alive[699], 0.0, "kicks that never die");
    }
}

/// Mean pending kicks per target = spikes per step times p tau/dt, whatever the sources do: every step kills q H on average.
#[test]
fn pending_kicks_balance() {
    let mut network = one_volley(200, Projection { p: 0.7, ..projection(0, 1, 0.0, 4.5) });
    network.populations[1] = population("source", 50);
    network.populations[1].drive.rate = Rate::Sinusoid { mean: 9.0, amplitude: 0.8, frequency: 37.0, phase: 0.0 };
    let mut sum = 0.0;
    let steps = 40_000;
    let outputs = watch_cpu(&network, Model::Snn, KEY, steps, 1000, 0, CPU, |_, member| {
        let blocks = &member.blocks;
        for block in blocks.iter().filter(|t| t.population == 0) {
            sum += block.state.kicks[0][..block.len as usize].iter().map(|&h| f64::from(h)).sum::<f64>();
        }
    });
    let spikes: f64 = outputs.iter().flat_map(|o| &o.counts).map(|&c| f64::from(c)).sum();
    let (q, kicks) = (network.dt / 4.5, spikes * 0.7 * 200.0);
    // Each of the kicks lives 1/q steps with that deviation; 0.3/0.7 of it comes from the births; the last ones are cut short.
    let error = ((1.0 + 0.3) * kicks).sqrt() / q + 200.0 * 50.0 / q;
    within("pending kicks", sum, kicks / q, error);
}

/// With deterministic decay and p = 1 a target has no randomness left: voltage and kicks of every step against the recursion
/// in f64, excitation, inhibition, leak and adaptation together. A step rounds the voltage by at most 2^-21, kicks by less.
#[test]
fn deterministic_targets_follow_their_recursion() {
    let mut network = one_volley(3, Projection { p: 1.0, decay: Decay::Deterministic, ..projection(0, 1, 2.4, 2.0) });
    network.projections.push(Projection { p: 1.0, decay: Decay::Deterministic, ..inhibitory(0, 1, 0.5, 7.0) });
    network.populations[1] = population("source", 50);
    (network.populations[0].tau_m, network.populations[0].e_leak) = (Some(15.0), -8.0);
    (network.populations[0].tau_ref, network.populations[0].v_th) = (0.0, 40.0);
    network.populations[0].adaptation = Some(Adaptation { b: 0.4, tau: 30.0 });
    let scale = Scale::new(&network, 0, Model::Snn).unwrap();
    let (mut v, mut h, mut a) = (0.0f64, [0.0f64; 2], 0.0f64);
    let (mut worst, mut spikes, dt) = (0.0f64, 0, network.dt);
    watch_cpu(&network, Model::Snn, KEY, 20_000, 1000, 0, CPU, |step, member| {
        let blocks = &member.blocks;
        v += -(v + 8.0) * dt / 15.0 + 2.4 * h[0] * dt / 2.0 - 0.5 * (v + 66.0) / 106.0 * h[1] * dt / 7.0 - a * dt;
        let fires = v > 40.0;
        a = a * (1.0 - dt / 30.0) + if fires { 0.4 } else { 0.0 };
        if fires {
            v = 0.0;
            spikes += 1;
        }
        let sources = f64::from(blocks[1].spikes.iter().map(|w| w.count_ones()).sum::<u32>());
        h = [h[0] * (1.0 - dt / 2.0) + sources, h[1] * (1.0 - dt / 7.0) + sources];
        for &w in &blocks[0].state.voltage[..3] {
            worst = worst.max((scale.from_voltage(w) - v).abs());
        }
        assert!(worst < 1e-3, "step {step}: {} for {v}", scale.from_voltage(blocks[0].state.voltage[0]));
    });
    println!("largest difference in voltage {worst:.1e}, {spikes} spikes");
    assert!(spikes > 10, "the targets hardly fired: {spikes}");
}
