//! Does `dsode` keep what it must keep, and do its limits hold?

mod cases;

use cases::{dsode, inhibited, linear, network, one_population, three_populations};
use snn_ensemble::model::*;
use snn_ensemble::reduced::{Dsode, Parameters, Real, ShapeError, StateFields, Workspace, step};

/// Closures and densities.
const SCHEMES: [(Closure, Density); 4] = [
    (Closure::White, Density::Uniform),
    (Closure::Coloured, Density::Uniform),
    (Closure::White, Density::Linear),
    (Closure::Coloured, Density::Linear),
];
const NOISES: [Noise; 2] = [Noise::None, Noise::FiniteSize];

fn variant((closure, density): (Closure, Density), noise: Noise) -> Variant {
    if density == Density::Linear { linear(closure, noise, 4.0) } else { dsode(closure, noise, 4.0) }
}

/// Largest relative drift of a population's size in 30 000 steps.
fn drift<T: Real>(network: &Network, variant: &Variant) -> f64 {
    let mut model = Dsode::<T>::new(network, variant, [5; 4]).expect("a dsode");
    let mut worst = 0.0_f64;
    for step in 0..30_000 {
        model.step();
        if step % 100 == 99 {
            assert!(model.is_sound(), "{} at step {step}", variant.label());
            for (q, p) in network.populations.iter().enumerate() {
                let size = f64::from(p.size);
                worst = worst.max((model.state().mass(model.shape(), q).to_f64() - size).abs() / size);
            }
        }
    }
    worst
}

#[test]
fn mass_is_conserved() {
    for (scheme, noise) in SCHEMES.into_iter().zip(NOISES.into_iter().cycle()) {
        let variant = variant(scheme, noise);
        for network in [network("default"), three_populations()] {
            let (exact, single) = (drift::<f64>(&network, &variant), drift::<f32>(&network, &variant));
            println!("{}: {exact:e} f64, {single:e} f32", variant.label());
            // The rounding of a sum over bins, which is given back in every step.
            assert!(exact < 1e-9, "{}: {exact:e} in f64", variant.label());
            assert!(single < 3e-5, "{}: {single:e} in f32", variant.label());
        }
    }
}

#[test]
fn finite_size_counts_whole_neurons() {
    for scheme in SCHEMES {
        let variant = variant(scheme, Noise::FiniteSize);
        let mut model = Dsode::<f64>::new(&three_populations(), &variant, [1, 2, 3, 4]).expect("a dsode");
        for _ in 0..2000 {
            assert!(model.step().iter().all(|c| c.fract() == 0.0));
            let state = model.fields();
            assert!(state.counts.iter().chain(state.refractory).all(|n| n.fract() == 0.0 && *n >= 0.0));
        }
    }
}

#[test]
fn f32_follows_f64() {
    for scheme in SCHEMES {
        let (network, variant) = (network("default"), variant(scheme, Noise::None));
        let mut exact = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
        let mut single = Dsode::<f32>::new(&network, &variant, [0; 4]).expect("a dsode");
        let (mut peak, mut early, mut late) = (0.0_f64, 0.0_f64, 0.0_f64);
        for step in 0..1000 {
            exact.step();
            single.step();
            for (a, b) in exact.fired().iter().zip(single.fired()) {
                peak = peak.max(*a);
                late = late.max((a - f64::from(*b)).abs());
            }
            if step < 200 {
                early = late;
            }
        }
        println!("{scheme:?}: {:e} within 20 ms, {:e} within 100 ms", early / peak, late / peak);
        // Rounding of f32 times the map's instability; the limits are the model's specification.
        assert!(early < 1e-4 * peak && late < 1e-3 * peak, "{early:e} and {late:e} of a peak of {peak}");
    }
}

/// The example network with `factor` times as many neurons and as much weaker synapses.
fn scaled(factor: u32) -> Network {
    let mut network = network("default");
    network.populations.iter_mut().for_each(|p| p.size *= factor);
    network.projections.iter_mut().for_each(|p| p.s /= f64::from(factor));
    network
}

#[test]
fn finite_size_noise_vanishes_like_the_root_of_n() {
    for scheme in SCHEMES {
        let distances: Vec<f64> = [1, 100, 10_000]
            .iter()
            .map(|&factor| {
                let network = scaled(factor);
                let (mut sum, mut terms) = (0.0, 0.0);
                for realisation in 0..12 {
                    let noisy = variant(scheme, Noise::FiniteSize);
                    let exact = variant(scheme, Noise::None);
                    let mut exact = Dsode::<f64>::new(&network, &exact, [0; 4]).expect("a dsode");
                    let mut model = Dsode::<f64>::new(&network, &noisy, [realisation, 0, 0, 9]).expect("a dsode");
                    for _ in 0..200 {
                        let difference = (exact.step()[0] - model.step()[0]) / f64::from(network.populations[0].size);
                        sum += difference * difference;
                        terms += 1.0;
                    }
                }
                (sum / terms).sqrt()
            })
            .collect();
        println!("{scheme:?} {distances:?}");
        for pair in distances.windows(2) {
            // Tenfold for a hundredfold N. The root mean square over 12 traces, each a burst or two, is known to about
            // 1/sqrt(2 12) = 20 % and linear response fails at the smallest N: a factor of 1.8 is 2 to 3 such errors.
            let ratio = pair[0] / pair[1];
            assert!((10.0 / 1.8..10.0 * 1.8).contains(&ratio), "{scheme:?}: {distances:?}");
        }
    }
}

/// Neither noise nor input.
fn silent() -> Network {
    let mut network = one_population();
    network.populations[0].drive.rate = Rate::Constant(0.0);
    network.populations[0].initial = Initial::Uniform;
    network
}

/// Mean voltage of population 0, none of it refractory.
fn mean_voltage(model: &Dsode<f64>) -> f64 {
    let p = &model.parameters().populations[0];
    let bins = model.fields().counts.iter().zip(model.fields().moments).enumerate();
    bins.map(|(k, (n, m))| n * (p.v_min + k as f64 * p.h) + m).sum::<f64>() / p.size
}

#[test]
fn without_noise_voltages_leak_and_adapt_exactly() {
    for scheme in SCHEMES {
        leak_and_adapt(&variant(scheme, Noise::None));
    }
}

fn leak_and_adapt(variant: &Variant) {
    let mut network = silent();
    network.populations[0].tau_m = Some(20.0);
    network.populations[0].e_leak = -10.0;
    network.populations[0].adaptation = Some(Adaptation { b: 1.0, tau: 50.0 });
    let mut model = Dsode::<f64>::new(&network, variant, [0; 4]).expect("a dsode");
    let mut state = model.state().clone();
    state.fields_mut(model.shape()).adaptation[0] = 2.0;
    model.resume(state);
    let (mut v, mut a) = (mean_voltage(&model), 2.0);
    // Bins of [0, 100) that begin at a multiple of 4 from -40 are filled evenly.
    assert!((v - 50.0).abs() < 1e-12, "uniform on [0, 100) has mean {v}");
    for _ in 0..300 {
        model.step();
        v += -(v + 10.0) * 0.1 / 20.0 - a * 0.1;
        a *= 1.0 - 0.1 / 50.0;
        // Cutting at edges keeps mean voltages, to rounding of 300 numbers below 100.
        assert!((mean_voltage(&model) - v).abs() < 1e-10, "{} instead of {v}", mean_voltage(&model));
    }
    assert_eq!(model.fields().adaptation[0], a);
}

#[test]
fn refractory_neurons_miss_their_steps() {
    // A drive that takes every neuron across the threshold in every step.
    for (refractory, tau_ref, period) in
        [(Refractory::Fixed, 0.5, 6), (Refractory::Fixed, 0.0, 1), (Refractory::Exponential, 0.0, 1)]
    {
        for noise in NOISES {
            let mut network = one_population();
            network.populations[0].drive.rate = Rate::Constant(1e4);
            network.populations[0].refractory = refractory;
            network.populations[0].tau_ref = tau_ref;
            for scheme in SCHEMES {
                let mut model = Dsode::<f64>::new(&network, &variant(scheme, noise), [0; 4]).expect("a dsode");
                for step in 0..20 {
                    let expected = if step % period == 0 { 300.0 } else { 0.0 };
                    assert_eq!(model.step()[0], expected, "{scheme:?}, {refractory:?} {tau_ref} ms, step {step}");
                }
            }
        }
    }
}

#[test]
fn exponential_refractoriness_releases_its_share() {
    let mut network = one_population();
    network.populations[0].drive.rate = Rate::Steps(vec![(0.0, 1e4), (0.1, 0.0)]);
    network.populations[0].tau_ref = 4.0;
    let mut model = Dsode::<f64>::new(&network, &dsode(Closure::White, Noise::None, 4.0), [0; 4]).expect("a dsode");
    for step in 1..=50 {
        model.step();
        // Everyone fired in the first step, whose release counts.
        let expected = 300.0 * (-0.1 * f64::from(step) / 4.0).exp();
        assert!((model.fields().refractory[0] - expected).abs() < 1e-10, "step {step}");
    }
}

#[test]
fn a_stored_state_goes_on_as_if_nothing_had_happened() {
    for scheme in SCHEMES {
        store_and_carry(&variant(scheme, Noise::FiniteSize));
    }
}

fn store_and_carry(variant: &Variant) {
    let mut model = Dsode::<f64>::new(&three_populations(), variant, [8; 4]).expect("a dsode");
    for _ in 0..150 {
        model.step();
    }
    let stored = serde_json::to_string(model.state()).expect("json");
    let mut again = Dsode::<f64>::new(&three_populations(), variant, [8; 4]).expect("a dsode");
    again.resume(serde_json::from_str(&stored).expect("json"));
    for _ in 0..150 {
        assert_eq!(model.step(), again.step());
    }
    assert_eq!(model.state(), again.state());
    // Carried over to another point, everyone is where they were, at time 0.
    let mut network = three_populations();
    network.populations[1].tau_ref = 2.0;
    let mut next = Dsode::<f64>::new(&network, variant, [9; 4]).expect("a dsode");
    next.carry(&model);
    assert_eq!(next.state().step, 0);
    assert_eq!(next.fields().counts, model.fields().counts);
    for q in 0..3 {
        let delayed = |m: &Dsode<f64>| -> f64 {
            let delay = m.shape().delay;
            m.fields().delayed[q * delay..(q + 1) * delay].iter().sum()
        };
        assert_eq!(delayed(&next), delayed(&model));
    }
    for _ in 0..100 {
        next.step();
    }
    assert!(next.is_sound());
}

/// Trajectories beside another one may have bins with fewer than no neurons, which move as those with more do.
#[test]
fn fewer_than_no_neurons_move_as_more_do() {
    let (network, place) = (one_population(), 20);
    let variant = dsode(Closure::White, Noise::None, 4.0);
    let parameters = Parameters::<f64>::new(&network, &variant).expect("parameters");
    let start = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode").state().clone();
    let places = StateFields::of(parameters.shape());
    let after = |neurons: f64| {
        let mut state = start.clone();
        state.numbers[places.counts.first + place] = neurons;
        state.numbers[places.moments.first + place] = 3.0 * neurons;
        step(&parameters, &mut state, [0; 4], &mut Workspace::new(parameters.shape()));
        let moments = places.moments.first..places.moments.first + places.moments.len;
        state.numbers[moments].to_vec()
    };
    let [fewer, none, more] = [-1e-5, 0.0, 1e-5].map(after);
    let brought: Vec<f64> = more.iter().zip(&none).map(|(more, none)| more - none).collect();
    let largest = brought.iter().copied().fold(0.0, f64::max);
    assert!(largest > 1e-6, "{brought:?}");
    for ((fewer, none), brought) in fewer.iter().zip(&none).zip(&brought) {
        assert!((none - fewer - brought).abs() < 1e-6 * largest, "{fewer} {none} {brought}");
    }
}

/// Neurons without a drive, held below the lowest bin by inhibition: what they bring there is not their fluctuation's change.
#[test]
fn fluctuations_below_the_lowest_bin_stay_within_their_variance() {
    fn excess<T: Real>() -> f64 {
        let network = inhibited();
        let mut model =
            Dsode::<T>::new(&network, &dsode(Closure::Coloured, Noise::None, 4.0), [1; 4]).expect("a dsode");
        let mut largest = 0.0_f64;
        for step in 0..4000 {
            model.step();
            assert!(model.is_sound(), "step {step}");
            let (shape, state) = (model.shape(), model.fields());
            for (index, &x) in shape.rising.iter().enumerate() {
                let q = shape.projections[x].0;
                let offset = shape.drift_offset(shape.projections.len() + index);
                let of_bins = (0..shape.bins[q]).map(|k| (state.counts[shape.start(q) + k], state.drifts[offset + k]));
                let between: f64 =
                    of_bins.filter(|(n, _)| n.to_f64() > 1e-9).map(|(n, g)| g.to_f64().powi(2) / n.to_f64()).sum();
                let variance = state.rising_variance[x].to_f64();
                largest = largest.max(between / f64::from(network.populations[q].size) / variance);
            }
        }
        largest
    }
    for largest in [excess::<f64>(), excess::<f32>()] {
        println!("variance between bins: at most {largest} of all");
        assert!(largest < 2.0, "{largest}");
    }
}

/// Nor is it that of those that fired, as long as none has.
#[test]
fn neurons_below_the_lowest_bin_leave_no_fluctuations_behind() {
    let mut network = inhibited();
    network.projections[0].tau_rise = None;
    for scheme in SCHEMES.into_iter().filter(|(closure, _)| *closure == Closure::Coloured) {
        let mut model = Dsode::<f64>::new(&network, &variant(scheme, Noise::None), [1; 4]).expect("a dsode");
        let (mut left, mut variance) = (0.0_f64, 0.0_f64);
        for _ in 0..2000 {
            assert_eq!(model.step()[0], 0.0);
            let state = model.fields();
            left = left.max(state.refractory_drift[0].abs());
            variance = variance.max(state.kick_variance[0]);
        }
        let size = f64::from(network.populations[0].size);
        println!("{scheme:?}: {left:e} of {:e}", size * variance.sqrt());
        assert!(left < 1e-9 * size * variance.sqrt(), "{scheme:?}: {left:e}");
        assert!(model.fields().counts[0] > 0.9 * size, "{scheme:?}: neurons above the lowest bin");
    }
}

#[test]
fn what_has_no_bins_is_refused() {
    let network = network("default");
    let refused = |network: &Network, bin: f64, v_min: f64| {
        let variant = Variant::Dsode {
            closure: Closure::White,
            density: Density::Uniform,
            noise: Noise::FiniteSize,
            bin: Some(bin),
            v_min: Some(v_min),
            precision: Precision::F32,
        };
        Dsode::<f32>::new(network, &variant, [0; 4]).expect_err("refused")
    };
    assert!(matches!(refused(&network, 3.0, -40.0), ShapeError::Bins { .. }));
    assert!(matches!(refused(&network, 0.0, -40.0), ShapeError::Bins { .. }));
    assert!(matches!(refused(&network, 4.0, 20.0), ShapeError::Reset { .. }));
    assert!(matches!(refused(&scaled(100_000), 4.0, -40.0), ShapeError::Size { .. }));
    let mut fast = network.clone();
    fast.projections[2].tau = 0.05;
    assert!(matches!(refused(&fast, 4.0, -40.0), ShapeError::TimeConstant { projection, .. } if projection == "I<-E"));
    let mut leaky = network;
    leaky.populations[0].tau_m = Some(0.05);
    assert!(matches!(refused(&leaky, 4.0, -40.0), ShapeError::Leak { .. }));
}
