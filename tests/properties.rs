//! What holds for every network, on random ones of a fixed seed: shards make a whole, neurons are conserved, nobody fires more
//! often than refractoriness lets them, equal populations have equal rates, and a neuron without synapses has the rate
//! that renewal theory gives it. (That the CPU is the GPU: `backends_random.rs`.)
mod common;
mod renewal;
use common::random::{any_network, any_single_neuron, runner};
use common::*;
use proptest::prelude::*;
use renewal::Passage;
use snn_ensemble::config::{self, Experiment, Realisations};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::merge::merge;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::ensemble::schedule::Shard;
use snn_ensemble::model::*;
use snn_ensemble::network::shape::Model;
use snn_ensemble::reduced::{Dsode, Real, ShapeError};
use std::cell::Cell;
use std::fs;
use std::sync::atomic::AtomicBool;

const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };
const MODELS: [Model; 3] = [Model::Snn, Model::Markov(Closure::White), Model::Markov(Closure::Coloured)];

/// Every option of `dsode`; bins end at every threshold that is a multiple of 4.
fn variants() -> Vec<Variant> {
    let options = [Density::Uniform, Density::Linear]
        .into_iter()
        .flat_map(|density| [Closure::White, Closure::Coloured].map(|closure| (density, closure)))
        .flat_map(|(density, closure)| [Noise::None, Noise::FiniteSize].map(|noise| (density, closure, noise)));
    let variant = |(density, closure, noise)| Variant::Dsode {
        closure,
        density,
        noise,
        bin: Some(4.0),
        v_min: Some(-40.0),
        precision: Precision::F64,
    };
    options.map(variant).collect()
}

/// A trajectory; `None` of a variant that does not take rise times.
fn taken(network: &Network, variant: &Variant, key: [u32; 4]) -> Option<Dsode<f64>> {
    match Dsode::new(network, variant, key) {
        Err(ShapeError::Rise { .. }) => None,
        model => Some(model.unwrap()),
    }
}

/// The network with thresholds at which bins can end.
fn binned(network: &Network) -> Network {
    every_population(network.clone(), |p| p.v_th = 4.0 * (p.v_th / 4.0).ceil())
}

fn experiment(network: Network) -> Experiment {
    let text = "name: random\nseed: 3\ntime: {dt: 0.1, duration: 12, discard: 2}\npopulations: {E: {size: 1, tau_ref: 1}}\n\
                models: [snn, markov, {markov: {closure: coloured}}]\n";
    let experiment = config::load(text, "random.yaml", &[]).unwrap();
    let mut names = network;
    names.populations.iter_mut().enumerate().for_each(|(i, p)| p.name = format!("P{i}"));
    let experiment = Experiment { network: names, realisations: Realisations::Fixed(3), ..experiment };
    // As a config has it: projections by name, what an option leaves without effect at its default.
    config::load(&experiment.to_yaml(), "random.yaml", &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// The line of a serialised form: what the keys of all members are hashes of.
fn line(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut entries: Vec<String> = map.iter().map(|(key, value)| format!("{key}:{};", line(value))).collect();
            entries.sort_by(|a, b| a.split(':').next().cmp(&b.split(':').next()));
            format!("{{{}}}", entries.concat())
        }
        Value::Array(list) => format!("[{}]", list.iter().map(|value| line(value) + ";").collect::<String>()),
        Value::Number(number) if number.is_f64() => format!("{:e}", round12(number.as_f64().unwrap())),
        other => other.to_string(),
    }
}

#[test]
fn the_canonical_text_is_the_line_of_the_serialised_network() {
    runner(200, 17)
        .run(&any_network(), |network| {
            prop_assert_eq!(network.canonical(), line(&serde_json::to_value(&network).unwrap()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn shards_of_random_networks_make_a_whole() {
    let compared = Cell::new(0);
    runner(8, 21)
        .run(&any_network(), |network| {
            // What the integers cannot hold is refused, before anything runs.
            let Ok(ensemble) = Ensemble::new(experiment(network), false) else { return Ok(()) };
            let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
            let at = |name: &str| folder.path().join(name);
            run(&ensemble, &at("whole"), &mut [], &Options::new(&stop)).unwrap();
            for part in 1..=2 {
                let options = Options { shard: Shard { part, of: 2 }, ..Options::new(&stop) };
                run(&ensemble, &at(&format!("part{part}")), &mut [], &options).unwrap();
            }
            // A model may turn out not to run: without its members parts are joined on request.
            merge(&at("merged"), &[at("part2"), at("part1")], true).unwrap();
            for file in ["members.log", "members.parquet", "points.csv", "densities.parquet"] {
                let read = |run: &str| fs::read(at(run).join(file)).unwrap();
                prop_assert!(read("whole") == read("merged"), "{} differs", file);
            }
            compared.set(compared.get() + 1);
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 6, "{} networks ran", compared.get());
}

/// Largest relative drift of a population in 300 steps, `None` of a variant that takes no such network; every number is sound all the time.
fn drift<T: Real>(network: &Network, variant: &Variant) -> Result<Option<f64>, TestCaseError> {
    let mut model = match Dsode::<T>::new(network, variant, [5, 6, 7, 8]) {
        Err(ShapeError::Rise { .. }) => return Ok(None),
        model => model.unwrap(),
    };
    let mut worst = 0.0_f64;
    for step in 0..300 {
        model.step();
        prop_assert!(model.is_sound(), "{} at step {}", variant.label(), step);
        for (q, p) in network.populations.iter().enumerate() {
            let size = f64::from(p.size);
            worst = worst.max((model.state().mass(model.shape(), q).to_f64() - size).abs() / size);
        }
    }
    Ok(Some(worst))
}

#[test]
fn random_dsodes_conserve_their_neurons() {
    let conserved = Cell::new(0);
    runner(12, 22)
        .run(&any_network(), |network| {
            let network = binned(&network);
            for variant in variants() {
                let drifts = (drift::<f64>(&network, &variant)?, drift::<f32>(&network, &variant)?);
                let (Some(exact), Some(single)) = drifts else { continue };
                // The rounding of a sum over up to 20 bins, given back in every step.
                prop_assert!(exact < 1e-9 && single < 3e-5, "{}: {:e} {:e}", variant.label(), exact, single);
                conserved.set(conserved.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    println!("{} pairs of network and variant", conserved.get());
    assert!(conserved.get() >= 60, "{} pairs of network and variant", conserved.get());
}

/// Most spikes of a population in `time` ms. All neurons may fire at once; then each is out for tau_ref on average, so that N time/
/// tau_ref are released. Released at random they are more by 5 standard deviations once in 3e6 cases.
fn most(population: &Population, time: f64, random: bool) -> f64 {
    if population.tau_ref == 0.0 {
        return f64::INFINITY;
    }
    let mean = f64::from(population.size) * (1.0 + time / population.tau_ref);
    if random { mean + 5.0 * mean.sqrt() } else { mean * (1.0 + 1e-9) }
}

#[test]
fn nobody_fires_more_often_than_refractoriness_lets_them() {
    let closest = Cell::new(0.0_f64);
    runner(12, 23)
        .run(&any_network(), |network| {
            // A drive that would fire in nearly every step.
            let network = binned(&every_population(network, |p| p.drive.rate = Rate::Constant(60.0 * p.v_th)));
            let network = every_population(network, |p| (p.drive.kind, p.drive.weight) = (DriveKind::Gaussian, 1.0));
            let (steps, populations) = (300, network.populations.len());
            let time = f64::from(steps) * network.dt;
            let check = |spikes: Vec<f64>, random: bool, what: String| {
                for (spikes, population) in spikes.iter().zip(&network.populations) {
                    let most = most(population, time, random);
                    prop_assert!(*spikes >= 0.0 && *spikes <= most, "{}: {} spikes of at most {}", what, spikes, most);
                    closest.set(closest.get().max(spikes / most));
                }
                Ok(())
            };
            for model in MODELS {
                // Some of these drives do not fit the integers.
                if (0..populations).any(|p| snn_ensemble::network::arithmetic::Scale::new(&network, p, model).is_err())
                {
                    continue;
                }
                let outputs = run_cpu(&network, model, [1, 2, 3, 4], steps, 100, 0, CPU);
                let sums = (0..populations).map(|p| {
                    let counts = outputs.iter().flat_map(|o| o.counts.iter().skip(p).step_by(populations));
                    counts.map(|&c| f64::from(c)).sum()
                });
                check(sums.collect(), true, format!("{model:?}"))?;
            }
            for variant in variants() {
                let Some(mut model) = taken(&network, &variant, [1, 2, 3, 4]) else { continue };
                let mut sums = vec![0.0; populations];
                for _ in 0..steps {
                    for (sum, &fired) in sums.iter_mut().zip(model.step()) {
                        prop_assert!(fired >= 0.0, "{} fired", fired);
                        *sum += fired;
                    }
                }
                let Variant::Dsode { noise, .. } = variant else { unreachable!() };
                check(sums, noise == Noise::FiniteSize, variant.label())?;
            }
            Ok(())
        })
        .unwrap();
    assert!(closest.get() > 0.8, "the bound was never near: {}", closest.get());
}

/// Two equal populations, each with the first projection onto itself and the second onto the other.
fn mirrored(network: &Network) -> Option<Network> {
    let [own, other, ..] = &network.projections[..] else { return None };
    let onto = |target: usize, source: usize, of: &Projection| Projection { target, source, ..of.clone() };
    let mut network = network.clone();
    network.projections = vec![onto(0, 0, own), onto(0, 1, other), onto(1, 1, own), onto(1, 0, other)];
    network.populations.truncate(1);
    network.populations.push(network.populations[0].clone());
    Some(network)
}

#[test]
fn equal_populations_have_equal_rates() {
    let compared = Cell::new(0);
    runner(12, 24)
        .run(&any_network(), |network| {
            let Some(network) = mirrored(&binned(&network)) else { return Ok(()) };
            // Without noise to the last bit: the sums have the same order.
            for variant in variants() {
                if !variant.is_deterministic() {
                    continue;
                }
                let Some(mut model) = taken(&network, &variant, [0; 4]) else { continue };
                for step in 0..200 {
                    let fired = model.step();
                    prop_assert!(fired[0] == fired[1], "{} at step {}: {:?}", variant.label(), step, fired);
                }
            }
            // With noise on average: 16 pairs, 6 of their standard errors, a false alarm in 4e4 (Student, 15).
            for model in MODELS {
                let difference = |realisation: u32| {
                    let outputs = run_cpu(&network, model, [realisation, 8, 8, 8], 200, 100, 0, CPU);
                    let counts = outputs.iter().flat_map(|o| o.counts.chunks(2));
                    counts.map(|pair| f64::from(pair[0]) - f64::from(pair[1])).sum::<f64>()
                };
                let differences: Vec<f64> = (0..16).map(difference).collect();
                let (mean, error) = snn_ensemble::statistics::sample::mean_and_error(&differences);
                prop_assert!(mean.abs() <= 6.0 * error + 1e-9, "{:?}: {:?}", model, differences);
            }
            compared.set(compared.get() + 1);
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 5, "{} networks had two projections", compared.get());
}

#[test]
fn a_neuron_without_synapses_fires_as_renewal_theory_says() {
    let (largest, bins) = (Cell::new(0.0_f64), Cell::new(0.0_f64));
    runner(8, 25)
        .run(&any_single_neuron(), |neuron| {
            let network = Network { populations: vec![neuron.clone()], projections: vec![], ..paper() };
            let passage = Passage::new(&neuron, network.dt);
            let (discard, steps) = (5_000, 30_000);
            let outputs = run_cpu(&network, Model::Snn, [5, 4, 3, 2], discard + steps, 1000, 0, CPU);
            let counts: Vec<u32> = outputs.iter().flat_map(|o| o.counts.iter().copied()).collect();
            let spikes: f64 = counts[discard as usize..].iter().map(|&c| f64::from(c)).sum();
            let expected = f64::from(neuron.size) * f64::from(steps) / passage.period;
            // A renewal count has variance CV^2 times its mean; 4.5 of its standard deviations are a false alarm of 7e-6.
            let z = (spikes - expected) / (expected * passage.variation).sqrt();
            largest.set(largest.get().max(z.abs()));
            prop_assert!(z.abs() < 4.5, "{} spikes instead of {}: z = {}", spikes, expected, z);

            let variant = Variant::Dsode {
                closure: Closure::White,
                density: Density::Uniform,
                noise: Noise::None,
                bin: Some(1.0),
                v_min: Some(-20.0),
                precision: Precision::F64,
            };
            let mut model = Dsode::<f64>::new(&network, &variant, [0; 4]).unwrap();
            let fired: Vec<f64> = (0..9_000).map(|_| model.step()[0]).collect();
            let rate = fired[6_000..].iter().sum::<f64>() / 3_000.0 * passage.period / f64::from(neuron.size);
            bins.set(bins.get().max((rate - 1.0).abs()));
            // Bins as wide as a step of the voltage blur where the neurons of a bin are.
            prop_assert!((rate - 1.0).abs() < 0.02, "dsode fires at {} times the rate", rate);
            Ok(())
        })
        .unwrap();
    println!("snn within z = {:.2}, dsode within {:.2} %", largest.get(), 100.0 * bins.get());
}

/// By arithmetic where that is certain: members' keys are made of such numbers.
#[test]
fn twelve_digits_are_those_of_the_text() {
    let same = |x: f64| {
        let text: f64 = format!("{x:.11e}").parse().unwrap();
        assert_eq!(round12(x).to_bits(), (text + 0.0).to_bits(), "{x:e}");
    };
    let numbers = (any::<u64>(), -12i32..14, any::<bool>());
    runner(100_000, 18)
        .run(&numbers, |(bits, exponent, negative)| {
            let sign = if negative { -1.0 } else { 1.0 };
            // Of any size; 14 digits, so that ties and what is next to them occur; whole steps of 0.1.
            for x in [f64::from_bits(bits), (bits % 100_000_000_000_000) as f64 * 10f64.powi(exponent - 13)] {
                if x.is_finite() {
                    same(sign * x);
                }
            }
            let tie = ((bits % 1_000_000_000_000) as f64 + 0.5) * 10f64.powi(exponent - 11);
            [tie, tie.next_up(), tie.next_down(), (bits % 10_000_000) as f64 * 0.1].into_iter().for_each(same);
            Ok(())
        })
        .unwrap();
    for exponent in -12..14 {
        let power = 10f64.powi(exponent);
        [power, power.next_down(), power.next_up(), 0.0, -0.0].into_iter().for_each(same);
    }
}
