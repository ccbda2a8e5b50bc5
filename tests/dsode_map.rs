//! Is a step of `dsode` a map of its state, and its tangent the derivative of that map?

mod cases;

use cases::{dsode, network, one_population, three_populations};
use snn_ensemble::bifurcation::tangent::{TangentMap, apply_tangent, central_difference};
use snn_ensemble::bifurcation::{Map, MapError};
use snn_ensemble::model::*;
use snn_ensemble::reduced::state::Place;
use snn_ensemble::reduced::{Dsode, DsodeShape, Parameters, State, StateFields, Workspace, step};

/// The example network, and one with leak, adaptation, delay lines and thresholds of its own.
fn networks() -> Vec<Network> {
    let mut every = three_populations();
    every.populations.iter_mut().for_each(|p| p.drive.rate = Rate::Constant(9.0));
    vec![network("default"), every, one_population()]
}

fn variants() -> [Variant; 2] {
    [Closure::White, Closure::Coloured].map(|closure| dsode(closure, Noise::None, 4.0))
}

/// Trajectories at different places, in one memory.
#[test]
fn memory_is_not_part_of_the_map() {
    for closure in [Closure::White, Closure::Coloured] {
        let variant = dsode(closure, Noise::FiniteSize, 4.0);
        let mut separate: Vec<Dsode<f64>> =
            (1..4).map(|key| Dsode::new(&three_populations(), &variant, [key; 4]).expect("a dsode")).collect();
        let parameters = Parameters::new(&three_populations(), &variant).expect("parameters");
        let mut states: Vec<State<f64>> = separate.iter().map(|trajectory| trajectory.state().clone()).collect();
        let mut workspace = Workspace::new(parameters.shape());
        for (i, (trajectory, state)) in separate.iter_mut().zip(&mut states).enumerate() {
            (0..50 * i).for_each(|_| drop(trajectory.step()));
            (0..50 * i).for_each(|_| step(&parameters, state, trajectory.key(), &mut workspace));
        }
        for _ in 0..60 {
            for (trajectory, state) in separate.iter_mut().zip(&mut states) {
                trajectory.step();
                step(&parameters, state, trajectory.key(), &mut workspace);
            }
        }
        assert!(separate.iter().zip(&states).all(|(trajectory, state)| trajectory.state() == state), "{closure:?}");
    }
}

#[test]
fn parameters_may_be_changed() {
    let mut other = network("default");
    other.projections[1].p = 0.7;
    for variant in variants() {
        let mut expected = Dsode::<f64>::new(&other, &variant, [0; 4]).expect("a dsode");
        let mut parameters = Parameters::<f64>::new(&network("default"), &variant).expect("parameters");
        parameters.projections[1].p = 0.7;
        let mut changed = Dsode::from_parts(parameters, expected.state().clone(), [0; 4]);
        for _ in 0..200 {
            assert_eq!(expected.step(), changed.step());
        }
    }
}

#[test]
fn every_number_of_a_state_has_one_field() {
    for network in networks() {
        for variant in variants() {
            let shape = DsodeShape::new(&network, &variant).expect("a shape");
            let places = StateFields::of(&shape);
            let mut end = 0;
            for Place { first, len } in places.list() {
                assert_eq!(first, end);
                end += len;
            }
            assert_eq!((end, end), (places.total(), State::<f64>::empty(&shape).numbers.len()));
        }
    }
    let table = StateFields::TABLE.list();
    let delays = table.iter().position(|field| field.entry.extent.is_delay()).expect("delay lines");
    assert!(table[delays..].iter().all(|field| field.entry.extent.is_delay()), "a device keeps what comes before them");
}

/// Coordinates are those of the trajectory, step by step.
#[test]
fn the_map_follows_the_trajectory() {
    for network in networks() {
        for variant in variants() {
            let mut map = Map::<f64>::new(&network, &variant).expect("a map");
            let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
            (0..17).for_each(|_| drop(trajectory.step()));
            let mut x = map.read(&trajectory);
            for _ in 0..100 {
                let fired = map.apply(&mut x).to_vec();
                for (a, b) in trajectory.step().iter().zip(fired) {
                    // Rounding of N - sum n, which the instability of a burst multiplies by ten.
                    assert!((a - b).abs() < 1e-8, "{}: {a} and {b} fired", variant.label());
                }
            }
            assert!(x.iter().zip(map.read(&trajectory)).all(|(a, b)| (a - b).abs() < 1e-6 * b.abs().max(1.0)));
        }
    }
    let example = |closure| Map::<f64>::new(&network("default"), &dsode(closure, Noise::None, 4.0)).expect("a map");
    assert_eq!((example(Closure::White).dimension(), example(Closure::Coloured).dimension()), (148, 292));
}

/// Numbers in [-1, 1) from a linear congruential generator.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 11) as f64 / 2.0_f64.powi(52) - 1.0
}

/// Directions relative to each coordinate, at states of a burst and between bursts.
#[test]
fn the_tangent_is_the_derivative() {
    let mut seed = 1;
    for network in networks() {
        for variant in variants() {
            let mut map = Map::<f64>::new(&network, &variant).expect("a map");
            let mut tangents = TangentMap::new(&network, &variant).expect("a map");
            let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
            let (mut worst, mut kinks) = (0.0_f64, 0);
            for _ in 0..12 {
                (0..31).for_each(|_| drop(trajectory.step()));
                let x = map.read(&trajectory);
                // More than go through a step together.
                let directions: Vec<Vec<f64>> =
                    (0..11).map(|_| x.iter().map(|x| x * random(&mut seed)).collect()).collect();
                let (mut next, mut exact) = (x.clone(), directions.clone());
                apply_tangent(&mut tangents, &mut next, &mut exact);
                let mut plain = x.clone();
                map.apply(&mut plain);
                assert!(plain.iter().zip(&next).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(1.0)));
                for (direction, exact) in directions.iter().zip(&exact) {
                    let size = exact.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
                    let apart = |e: f64| {
                        let difference = central_difference(&mut map, &x, direction, e);
                        exact.iter().zip(&difference).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs())) / size
                    };
                    // A step that crosses a kink is off by what the derivatives on its sides differ by; a smaller one does not cross it.
                    let apart = [1e-6, 1e-7].map(apart).into_iter().fold(f64::INFINITY, f64::min);
                    kinks += usize::from(apart > 1e-7);
                    worst = if apart > 1e-7 { worst } else { worst.max(apart) };
                }
            }
            println!("{}, {} populations: {worst:e}, {kinks} kinks", variant.label(), network.populations.len());
            assert!(kinks <= 3, "{}: {kinks} of 132 directions differ", variant.label());
        }
    }
}

#[test]
fn what_is_no_map_is_refused() {
    let noisy = dsode(Closure::White, Noise::FiniteSize, 4.0);
    let refused = |network: &Network, variant: &Variant| Map::<f64>::new(network, variant).expect_err("refused");
    assert!(matches!(refused(&network("default"), &noisy), MapError::Noise { .. }));
    assert!(matches!(refused(&three_populations(), &variants()[0]), MapError::Drive { .. }));
    assert!(matches!(refused(&network("default"), &Variant::Snn), MapError::Shape(_)));
}
