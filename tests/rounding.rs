//! Is the integer arithmetic of a step unbiased? Increments of the voltage over voltages and kick counts, the drive, the
//! adaptation and the deterministic decay, against f64.
//!
//! Bound: a mean error below 2^-16 of the standard deviation of the drive's increment, the smallest noise a neuron has.
//! A drift of that size is 1e-5 of what one standard deviation does, and 4e-5 % of the mean drive of the example network.
mod common;
use common::*;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Scale;
use snn_ensemble::network::fixed::{count_times, fixed_times};
use snn_ensemble::network::neuron::{adapt, adaptation_current, gaussian_drive, integrate, poisson_drive};
use snn_ensemble::network::parameters::{PopulationParameters, ProjectionParameters};
use snn_ensemble::network::product::multiply_high;
use snn_ensemble::network::shape::Model;
use snn_ensemble::network::tables::Tables;
use snn_ensemble::random::draws::small_table;
use snn_ensemble::random::normal_table::{VALUES, normal_table};
use snn_ensemble::wgsl::Word;

const BOUND: f64 = 1.0 / 65536.0;
/// Voltages per pair of kick counts; with an odd stride they show every pattern of their lowest 10 bits once.
const VOLTAGES: u32 = 1024;
/// Kick counts of a projection, where not all of them are taken.
const COUNTS: u32 = 100;

/// The example network with other sizes, and strengths scaled so that its dynamics stay.
fn sized(neurons: u32) -> Network {
    let mut network = paper();
    network.populations[0].size = neurons - neurons / 4;
    network.populations[1].size = neurons / 4;
    for projection in &mut network.projections {
        projection.s *= 400.0 / f64::from(neurons);
    }
    network
}

/// What one target population of the example network needs in a step, as integers.
struct Target<'a> {
    network: &'a Network,
    scale: Scale,
    population: PopulationParameters,
    /// Excitation and inhibition: the number in the model and its integers.
    inputs: [(&'a Projection, ProjectionParameters); 2],
}

impl<'a> Target<'a> {
    fn new(network: &'a Network, target: usize) -> Target<'a> {
        let scale = Scale::new(network, target, Model::Snn).unwrap();
        let mut inputs = network.incoming(target).map(|(_, j)| (j, scale.projection(network, j).unwrap()));
        let inputs = [inputs.next().unwrap(), inputs.next().unwrap()];
        Target { network, scale, population: scale.population(&network.populations[target], BINS), inputs }
    }

    /// Voltage after a step without drive, in integers and in f64, for integer voltages and kicks in whole ones or fixed point.
    fn step(&self, voltage: [u32; 8], kicks: [u32; 2]) -> [(f64, f64); 8] {
        let mut current = Word(self.population.leak_current);
        let mut conductance = Word(self.population.leak);
        for ((j, r), h) in self.inputs.iter().zip(kicks) {
            let h = Word(h);
            if j.decay == Decay::Deterministic {
                current = current + fixed_times(h, r.current_high).signed();
                conductance = conductance + fixed_times(h, r.conductance_high);
            } else {
                current = current + count_times(h, r.current_high, r.current_low).signed();
                conductance = conductance + count_times(h, r.conductance_high, r.conductance_low);
            }
        }
        let after = voltage.map(|w| integrate(&self.population, Word(w), current, conductance).0);
        std::array::from_fn(|l| {
            let v = self.scale.from_voltage(voltage[l]);
            let mut dv = 0.0;
            let target = &self.network.populations[self.inputs[0].0.target];
            if let Some(tau_m) = target.tau_m {
                dv -= (v - target.e_leak) * self.network.dt / tau_m;
            }
            for ((j, r), h) in self.inputs.iter().zip(kicks) {
                let unit = if j.decay == Decay::Deterministic { 2f64.powi(-(r.fraction as i32)) } else { 1.0 };
                let sign = if j.synapse.is_inhibitory() { -1.0 } else { 1.0 };
                let norm = j.synapse.v_norm.unwrap_or(target.v_th);
                let kick = sign * j.s * j.synapse.v_rev.map_or(1.0, |v_rev| (v - v_rev) / (norm - v_rev));
                dv += kick * f64::from(h) * unit * self.network.dt / j.tau;
            }
            (self.scale.from_voltage(after[l]) - v, dv)
        })
    }

    /// Kick counts up to what the source sends when every neuron fires once: all up to 255, else evenly spaced ones.
    fn counts(&self, input: usize) -> Vec<u32> {
        let (j, r) = &self.inputs[input];
        let most = (j.p * f64::from(self.network.populations[j.source].size)) as u32;
        if j.decay == Decay::Deterministic {
            let most = u64::from(most) << r.fraction;
            return (0..u64::from(COUNTS))
                .map(|i| ((most * i / u64::from(COUNTS)) | ((i * 0x9e37) & 0xffff)) as u32)
                .collect();
        }
        let every = if most < 256 { 1 } else { most.div_ceil(COUNTS) };
        (0..=most).step_by(every as usize).collect()
    }
}

/// Errors of every population's increments: mean over everything, and the worst mean over voltages at fixed kicks.
fn increments(what: &str, network: &Network) {
    for (index, population) in network.populations.iter().enumerate() {
        let target = Target::new(network, index);
        let deviation = population.drive.variance(0.0, network.dt).sqrt();
        let (low, high) = (target.scale.to_voltage(-66.0), target.scale.to_voltage(100.0));
        let stride = ((high - low) / VOLTAGES) | 1;
        let (mut sum, mut pairs, mut worst) = (0.0, 0.0, 0.0f64);
        for &excitation in &target.counts(0) {
            for &inhibition in &target.counts(1) {
                let mut error = 0.0;
                for at in (0..VOLTAGES).step_by(8) {
                    let voltage = std::array::from_fn(|l| low + (at + l as u32) * stride);
                    error += target.step(voltage, [excitation, inhibition]).iter().map(|(a, b)| a - b).sum::<f64>();
                }
                let mean = error / f64::from(VOLTAGES) / deviation;
                sum += mean;
                pairs += 1.0;
                worst = worst.max(mean.abs());
            }
        }
        let mean = sum / pairs;
        println!(
            "{what}, {}: mean error {:.4} of the bound, worst mean at fixed kicks {:.4} of the bound ({pairs} pairs)",
            population.name,
            mean.abs() / BOUND,
            worst / BOUND
        );
        assert!(mean.abs() < BOUND, "{what}, {}: mean error {mean:e}", population.name);
        // At fixed kicks the current is one number, half a unit of voltage off at most: 2^-22 at the example network's scale.
        assert!(worst < BOUND, "{what}, {}: worst mean error {worst:e}", population.name);
    }
}

fn every_projection(mut network: Network, change: impl Fn(&mut Projection)) -> Network {
    network.projections.iter_mut().for_each(change);
    network
}

macro_rules! increments {
    ($($name:ident: $network:expr;)*) => { $(
        #[test]
        fn $name() {
            increments(stringify!($name), &$network);
        }
    )* };
}

fn leaky(mut network: Network) -> Network {
    for population in &mut network.populations {
        (population.tau_m, population.e_leak) = (Some(20.0), -3.7);
    }
    network
}

increments! {
    example: paper();
    leak: leaky(paper());
    twenty_thousand: sized(20_000);
    sixty: sized(60);
    half_step: Network { dt: 0.05, ..paper() };
    deterministic_decay: every_projection(paper(), |p| p.decay = Decay::Deterministic);
    deterministic_twenty_thousand: every_projection(sized(20_000), |p| p.decay = Decay::Deterministic);
    leak_sixty: leaky(sized(60));
}

/// Every normal variate of the table through the drive: mean to the bound, variance to 1e-4 (16 bits of the deviation: 3e-5;
/// the table: 1e-5), also at a hundredth of the rate that the scale was made for, where the deviation keeps 12 bits: 6e-4.
#[test]
fn gaussian_drive_has_its_moments() {
    for (rate, tolerance) in [(7.0, 1e-4), (0.07, 6e-4)] {
        for mut network in [paper(), sized(20_000), sized(60), Network { dt: 0.05, ..paper() }] {
            network.populations[0].drive.rate = Rate::Steps(vec![(0.0, rate), (1e9, 7.0)]);
            let population = &network.populations[0];
            let scale = Scale::new(&network, 0, Model::Snn).unwrap();
            let parameters = scale.population(population, BINS);
            let (mean, deviation) = scale.gaussian_drive(population, rate);
            let unit = 2f64.powi(-scale.current);
            let draws: Vec<f64> = (0..VALUES as u32)
                .map(|word| {
                    let current = gaussian_drive(normal_table(), &parameters, [mean as u32, deviation], Word(word));
                    f64::from(current.0) * unit
                })
                .collect();
            moments("gaussian", &draws, rate * network.dt, rate * network.dt, tolerance);
        }
    }
}

/// Every one of the 2^20 draws of the Poisson row: mean to the bound, variance to 2e-4 (weights of 20 bits, outcomes to 15).
#[test]
fn poisson_drive_has_its_moments() {
    for rate in [0.07, 7.0, 40.0] {
        let mut network = paper();
        network.populations[0].drive = Drive { kind: DriveKind::Poisson, weight: 1.0, rate: Rate::Constant(rate) };
        let mut tables = Tables::new(1);
        let point = tables.place(&network, Model::Snn, &[BINS; 64]).unwrap();
        let (entries, rows) = tables.drive(0, 1);
        let words = tables.with_rows(&rows);
        let q = &point.populations[0];
        let unit = 2f64.powi(-Scale::new(&network, 0, Model::Snn).unwrap().current);
        let entry = entries[q.drive as usize];
        let row = small_table(&words, entry[0]);
        let draws: Vec<f64> =
            (0..1u32 << 20).map(|word| f64::from(poisson_drive(row, q, entry, Word(word << 12)).0) * unit).collect();
        moments("poisson", &draws, rate * network.dt, rate * network.dt, 2e-4);
    }
}

fn moments(what: &str, draws: &[f64], mean: f64, variance: f64, tolerance: f64) {
    let n = draws.len() as f64;
    let found = draws.iter().sum::<f64>() / n;
    let square = draws.iter().map(|x| (x - found).powi(2)).sum::<f64>() / n;
    let error = (found - mean) / variance.sqrt();
    println!(
        "{what}, mean {mean}: error {:.4} of the bound, variance {:.1e} off",
        error.abs() / BOUND,
        square / variance - 1.0
    );
    assert!(error.abs() < BOUND, "{what}: mean {found} for {mean}");
    assert!((square / variance - 1.0).abs() < tolerance, "{what}: variance {square} for {variance}");
}

/// A sequence of 0 and 1 without a period, to drive the recursions with.
fn events(steps: u32, every: u32) -> impl Iterator<Item = u32> {
    (0..steps).map(move |i| {
        u32::from(i.wrapping_mul(0x9e37_79b9).rotate_left(9).wrapping_mul(0x85eb_ca6b) >> 8 < (1 << 24) / every)
    })
}

/// a over 10^6 steps with a spike in about one step of 150. Each step rounds by half a unit, and forgets with dt/tau_a, so that a
/// is never off by more than tau_a/(2 dt) units plus the jump's own rounding; without bias it is on average off by far less.
#[test]
fn adaptation_follows_its_recursion() {
    for (b, tau) in [(0.02, 50.0), (0.05, 100.0), (0.003, 700.0)] {
        let mut network = paper();
        network.populations[0].adaptation = Some(Adaptation { b, tau });
        let scale = Scale::new(&network, 0, Model::Snn).unwrap();
        let q = scale.population(&network.populations[0], BINS);
        let unit = 2f64.powi(-scale.current - q.adaptation_shift as i32);
        let (mut a, mut exact) = (Word(0), 0.0f64);
        let (mut worst, mut sum, mut mean) = (0.0f64, 0.0, 0.0);
        let steps = 1_000_000;
        for fired in events(steps, 150) {
            let taken = f64::from(adaptation_current(&q, a).0) * 2f64.powi(-scale.current);
            sum += taken - exact;
            mean += exact;
            a = adapt(&q, a, fired == 1);
            exact = exact * (1.0 - network.dt / tau) + b * network.dt * f64::from(fired);
            worst = worst.max((f64::from(a.0) * unit - exact).abs());
        }
        let (bias, mean) = (sum / f64::from(steps), mean / f64::from(steps));
        let deviation = network.populations[0].drive.variance(0.0, network.dt).sqrt();
        println!("adaptation b {b}, tau {tau}: worst {:.1e}, mean {:.1e} off, of {mean:.1e}", worst, bias);
        // The jump's rounding (half a unit) and that of the decay (2^-33 a) come at every event and every step.
        let decay_error = tau / network.dt * 2f64.powi(-33) * 20.0 * mean;
        assert!(worst <= (tau / network.dt) * unit + decay_error, "{worst:e}");
        assert!(bias.abs() < BOUND * deviation, "{bias:e}");
    }
}

/// H over 10^6 steps with few kicks, where rounding matters most: off by 1/(2q) units at most, and on average by less than
/// the bound in the increment that it makes.
#[test]
fn deterministic_decay_follows_its_recursion() {
    for network in [paper(), sized(60), sized(20_000)] {
        for (index, projection) in network.projections.iter().enumerate() {
            let projection = &Projection { decay: Decay::Deterministic, ..projection.clone() };
            let scale = Scale::new(&network, projection.target, Model::Snn).unwrap();
            let r = scale.projection(&network, projection).unwrap();
            let (q, unit) = (network.dt / projection.tau, 2f64.powi(-(r.fraction as i32)));
            let (mut h, mut exact) = (Word(0), 0.0f64);
            let (mut worst, mut sum, mut mean) = (0.0f64, 0.0, 0.0);
            let steps = 1_000_000;
            for born in events(steps, 20) {
                h = h - multiply_high(h, Word(r.decay)) + (born << r.fraction);
                exact = exact * (1.0 - q) + f64::from(born);
                let error = f64::from(h.0) * unit - exact;
                worst = worst.max(error.abs());
                sum += error;
                mean += exact / f64::from(steps);
            }
            let deviation = network.populations[projection.target].drive.variance(0.0, network.dt).sqrt();
            let bias = sum / f64::from(steps) * projection.s * q / deviation;
            println!(
                "decay of projection {index}: worst {worst:.1e} of {mean:.1}, bias {:.1e} of the bound",
                bias / BOUND
            );
            assert!(worst <= (0.5 / q + 1.0) * unit, "projection {index}: {worst:e}");
            assert!(bias.abs() < BOUND, "projection {index}: {bias:e}");
        }
    }
}
