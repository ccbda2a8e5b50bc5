//! Do the integers of `markov` mean what its equations say? Moments, noise and the mean of an increment, against f64.
mod common;
use common::*;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::Scale;
use snn_ensemble::network::chunk::Context;
use snn_ensemble::network::dispatch::NetworkDispatch;
use snn_ensemble::network::fixed::square_root;
use snn_ensemble::network::markov::{MeanField, prepare};
use snn_ensemble::network::neuron::{gaussian_drive, integrate_signed, noise};
use snn_ensemble::network::ring::Ring;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::tables::Tables;
use snn_ensemble::random::normal_table::{FRACTION, normal_table};
use snn_ensemble::wgsl::Word;

const WHITE: Model = Model::Markov(Closure::White);
const COLOURED: Model = Model::Markov(Closure::Coloured);

/// Hands `check` the context and the time-0 mean field of a network.
fn with_context(network: &Network, model: Model, check: impl FnOnce(&Context, MeanField)) {
    let shape = NetworkShape::new(network, model);
    let mut tables = Tables::new(1);
    let point = tables.place(network, model, &[BINS; 64]).unwrap();
    let (drive, _) = tables.drive(0, 1);
    let context = Context {
        shape: &shape,
        populations: &point.populations,
        projections: &point.projections,
        tables: &tables.words,
        normal: tables.normal,
        drive: &drive,
        key: [0; 4],
        dispatch: NetworkDispatch::new(0, 1, 0, 10),
        bins: &[35, 35],
    };
    check(&context, MeanField::new(&shape));
}

/// Bursts of a quarter of a population now and then, and single spikes between them.
fn spikes(step: u32, population: u32, size: u32) -> u32 {
    let word = (step * 2 + population).wrapping_mul(2_654_435_761) >> 16;
    if word.is_multiple_of(97) { size / 4 } else { (word % 5).min(size) / 2 }
}

#[test]
fn square_root_is_the_nearest_integer() {
    for root in 1u32 << 15..1 << 16 {
        let square = root * root;
        for n in [square, square + 1, square + root, square + root + 1, square.saturating_add(2 * root)] {
            assert_eq!(f64::from(square_root(n)), f64::from(n).sqrt().round().min(65535.0), "{n}");
        }
    }
}

/// Rounding by half a unit per step and term decays at rate q: errors stay below 2/q units (2 (1 - q/2) q for the variance).
#[test]
fn moments_follow_the_recursion() {
    let mut deterministic = paper();
    deterministic.projections.iter_mut().for_each(|j| j.decay = Decay::Deterministic);
    let mut sparse = paper();
    sparse.projections.iter_mut().for_each(|j| (j.p, j.tau) = (0.02, 30.0));
    let delta = every_projection(paper(), |j| j.tau = if j.source == 0 { 0.0 } else { j.tau });
    let fixed = every_projection(paper(), |j| j.indegree = Some(70 / (1 + j.source as u32)));
    let of_models = [(paper(), WHITE), (deterministic, WHITE), (sparse, COLOURED)];
    let with_options = [(delta.clone(), WHITE), (delta, COLOURED), (fixed.clone(), WHITE), (fixed, COLOURED)];
    for (network, model) in of_models.into_iter().chain(with_options) {
        with_context(&network, model, |context, mut field| {
            let mut expected = vec![(0.0f64, 0.0f64); network.projections.len()];
            let mut largest = 0.0f64;
            for step in 0..5000 {
                for (p, state) in field.populations.iter_mut().enumerate() {
                    state.spikes = spikes(step, p as u32, network.populations[p].size);
                }
                let mut flags = 0;
                prepare(context, &mut flags, &mut field, &Ring::default(), step);
                assert_eq!(flags, 0);
                for (j, projection) in network.projections.iter().enumerate() {
                    let (q, p, c) = (
                        projection.per_step(0.1),
                        network.probability(projection),
                        f64::from(field.populations[projection.source].spikes),
                    );
                    let deaths = if projection.decay == Decay::Stochastic { q * (1.0 - q) } else { 0.0 };
                    let (mean, variance) = expected[j];
                    // Of sources without replacement.
                    let size = f64::from(network.populations[projection.source].size);
                    let factor = if projection.indegree.is_some() { (size - c) / (size - 1.0) } else { 1.0 };
                    let gained = deaths * mean + p * (1.0 - p) * c * factor;
                    expected[j] = ((1.0 - q) * mean + p * c, (1.0 - q).powi(2) * variance + gained);
                    let unit = f64::from(1u32 << context.projections[j].fraction);
                    let (mean, variance) = expected[j];
                    let m = field.projections[j];
                    assert!((f64::from(m.mean) / unit - mean).abs() * unit * q < 2.0, "mean {mean} at {step}");
                    assert!((f64::from(m.variance) / unit - variance).abs() * unit * q < 2.0, "variance {variance}");
                    if model == COLOURED && !projection.is_delta() {
                        let noise = standard_deviation(field.inputs[j].kick_noise) / unit;
                        assert!((noise - gained.sqrt()).abs() < 1e-4 * gained.sqrt() + 2.0 / unit, "{noise} {gained}");
                    }
                    largest = largest.max(mean);
                }
            }
            assert!(largest > 1.0, "nothing happened: {largest}");
        });
    }
}

/// What a noise term multiplies a normal variate with.
fn standard_deviation(size_and_shift: u32) -> f64 {
    f64::from(size_and_shift & 0xffff) * f64::from(1 << FRACTION) / f64::from(1u32 << (size_and_shift >> 16))
}

/// White noise has the deviation q g sqrt(s2/dt), or, of kicks that act once, g sqrt(s2): sizes have at least 15 bits, and two factors
/// of 16 bits go into them.
#[test]
fn white_noise_has_its_deviation() {
    has_its_deviation(&paper(), 0.1);
    has_its_deviation(&every_projection(paper(), |j| j.tau = 0.0), 1.0);
}

fn has_its_deviation(network: &Network, over: f64) {
    with_context(network, WHITE, |context, mut field| {
        for step in 0..2000 {
            (field.populations[0].spikes, field.populations[1].spikes) = (spikes(step, 0, 300), spikes(step, 1, 100));
            prepare(context, &mut 0, &mut field, &Ring::default(), 1);
            for (j, projection) in network.projections.iter().enumerate() {
                let scale = Scale::new(network, projection.target, WHITE).unwrap();
                let (current, conductance) = scale.kick(projection);
                let kicks =
                    f64::from(field.projections[j].variance) / f64::from(1u32 << context.projections[j].fraction);
                let kicks = (kicks / over).sqrt();
                let near = |noise: u32, per_kick: f64, bits: i32| {
                    let expected = kicks * per_kick * 2f64.powi(bits);
                    assert!((standard_deviation(noise) / expected - 1.0).abs() < 1e-4 || expected < 1e-3, "{expected}");
                };
                near(field.inputs[j].current_noise, current, scale.current);
                near(field.inputs[j].conductance_noise, conductance, scale.conductance);
            }
        }
    });
}

/// The increment of a neuron, averaged over every value of each noise, is the drift of the equation to 2^-16 of the
/// increment's standard deviation, at any voltage and any mean.
#[test]
fn increments_are_unbiased() {
    let mut network = paper();
    network.populations[0].tau_m = Some(20.0);
    with_context(&network, WHITE, |context, mut field| {
        let scale = Scale::new(&network, 0, WHITE).unwrap();
        let q = &context.populations[0];
        let normal = normal_table();
        let mean_of = |size: u32| normal.iter().map(|&z| f64::from(noise(Word(z), size).0)).sum::<f64>() / 4096.0;
        let drive: f64 = (0..4096)
            .map(|word| f64::from(gaussian_drive(context.normal, q, context.drive[q.drive as usize], Word(word)).0))
            .sum::<f64>()
            / 4096.0;
        for step in 0..300 {
            (field.populations[0].spikes, field.populations[1].spikes) = (spikes(step, 0, 300), spikes(step, 1, 100));
            prepare(context, &mut 0, &mut field, &Ring::default(), 1);
            let [e, i] = [field.inputs[0], field.inputs[1]];
            let mean =
                |j: usize| f64::from(field.projections[j].mean) / f64::from(1u32 << context.projections[j].fraction);
            let current = drive + f64::from(q.leak_current + e.current + i.current);
            let current = current + mean_of(e.current_noise) + mean_of(i.current_noise);
            let conductance = f64::from(q.leak as i32 + i.conductance) + mean_of(i.conductance_noise);
            for v in [-60.0, -7.3, 0.0, 41.7, 99.9] {
                let w = scale.to_voltage(v);
                let v = scale.from_voltage(w);
                let expected =
                    0.7 - v * 0.1 / 20.0 + mean(0) * 0.95 * 0.1 / 1.4 - mean(1) * 2.71 * 0.1 / 4.5 * (v + 66.0) / 166.0;
                let sd = 0.7f64.sqrt();
                let drift = current / 2f64.powi(scale.current)
                    - conductance / 2f64.powi(scale.conductance) * (v - scale.v_floor);
                assert!((drift - expected).abs() < sd / 65536.0, "{drift} {expected} at {v}");
                let moved =
                    integrate_signed(q, Word(w), Word(current.round() as i32), Word(conductance.round() as i32));
                let moved = scale.from_voltage(moved.0) - v;
                assert!((moved - expected).abs() < sd / 65536.0, "{moved} {expected} at {v}");
            }
        }
    });
}

/// A negative conductance, which white noise can bring, moves a neuron up by as much as its opposite moves it down.
#[test]
fn conductances_of_either_sign() {
    with_context(&paper(), WHITE, |context, _| {
        let q = &context.populations[0];
        for w in [0, 1, q.reset, q.threshold] {
            for g in [0, 1, 12_345_678, 1 << 28] {
                let move_by = |g: i32| integrate_signed(q, Word(w), Word(0), Word(g)).0.wrapping_sub(w) as i32;
                assert_eq!(move_by(g), -move_by(-g));
                let expected = f64::from(w) * f64::from(g) / 2f64.powi(28);
                assert!((f64::from(-move_by(g)) - expected).abs() <= 2.0, "{w} {g}");
            }
        }
    });
}

/// Population adaptation: a <- a (1 - dt/tau_a) + b c/N, to the rounding of one unit per step over the decay time.
#[test]
fn adaptation_of_a_population() {
    let mut network = paper();
    network.populations[0].adaptation = Some(Adaptation { b: 0.05, tau: 100.0 });
    with_context(&network, WHITE, |context, mut field| {
        let scale = Scale::new(&network, 0, WHITE).unwrap();
        let shift = context.populations[0].adaptation_shift as i32;
        let mut expected = 0.0;
        for step in 0..5000 {
            field.populations[0].spikes = spikes(step, 0, 300);
            prepare(context, &mut 0, &mut field, &Ring::default(), 1);
            expected = expected * (1.0 - 0.1 / 100.0) + 0.05 * f64::from(field.populations[0].spikes) / 300.0;
            let a = f64::from(field.populations[0].adaptation) / 2f64.powi(scale.current + shift) / 0.1;
            assert!((a - expected).abs() < 1e-5 * expected + 1e-9, "{a} {expected} at {step}");
        }
    });
}

/// A network too strong for the signed conductance is refused, whatever its kicks would do in `snn`.
#[test]
fn too_much_conductance_is_refused() {
    let mut network = paper();
    network.projections[1].s *= 22.0;
    assert!(Scale::new(&network, 0, Model::Snn).is_ok());
    let error = Scale::new(&network, 0, WHITE).unwrap_err().to_string();
    assert!(error.contains("population E") && error.contains("allowed: below 4"), "{error}");
}
