//! Is a step of `dsode` a map of its state, and its tangent the derivative of that map?

mod cases;

use cases::{dsode, inhibited, linear, network, one_population, three_populations};
use snn_ensemble::bifurcation::derivative::StepDerivative;
use snn_ensemble::bifurcation::dual::Dual;
use snn_ensemble::bifurcation::tangent::central_difference;
use snn_ensemble::bifurcation::{Columns, Derivative, Map, MapError, Tangent};
use snn_ensemble::model::*;
use snn_ensemble::reduced::state::Place;
use snn_ensemble::reduced::{Dsode, DsodeShape, Parameters, State, StateFields, Workspace, step};

/// The example network, one with leak, adaptation, delay lines and thresholds of its own, and others.
fn networks() -> Vec<Network> {
    let mut every = three_populations();
    every.populations.iter_mut().for_each(|p| p.drive.rate = Rate::Constant(9.0));
    let mut from_outside = network("default");
    from_outside.sources.push(Source { name: "S".into(), rate: Rate::Constant(2.0) });
    from_outside.projections.push(Projection::excitatory(0, 2, 0.5, 3.0));
    // Neurons below the lowest bin.
    let mut below = inhibited();
    below.projections[0].tau_rise = None;
    below.populations[0].drive.rate = Rate::Constant(1.0);
    vec![network("default"), every, from_outside, one_population(), below]
}

fn variants() -> [Variant; 4] {
    let [white, coloured] = [Closure::White, Closure::Coloured];
    [(white, dsode as fn(_, _, _) -> _), (coloured, dsode), (white, linear), (coloured, linear)]
        .map(|(closure, of)| of(closure, Noise::None, 4.0))
}

/// Whether the chain rule knows the steps of a variant on the example network.
fn is_known(variant: &Variant) -> bool {
    StepDerivative::knows(&DsodeShape::new(&network("default"), variant).expect("a shape"))
}

/// Trajectories at different places, in one memory.
#[test]
fn memory_is_not_part_of_the_map() {
    for closure in [Closure::White, Closure::Coloured] {
        let variant = linear(closure, Noise::FiniteSize, 4.0);
        let mut separate: Vec<Dsode<f64>> =
            (1..4).map(|key| Dsode::new(&three_populations(), &variant, [key; 4]).expect("a dsode")).collect();
        let parameters = Parameters::new(&three_populations(), &variant).expect("parameters");
        let mut states: Vec<State<f64>> = separate.iter().map(|trajectory| trajectory.state().clone()).collect();
        let mut workspace = Workspace::new(parameters.shape());
        for (i, (trajectory, state)) in separate.iter_mut().zip(&mut states).enumerate() {
            for _ in 0..50 * i {
                trajectory.step();
            }
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
    let delays = table.iter().position(|field| field.entry.extent.is_line()).expect("delay lines");
    assert!(table[delays..].iter().all(|field| field.entry.extent.is_line()), "a device keeps what comes before them");
}

/// Coordinates are those of the trajectory, step by step.
#[test]
fn the_map_follows_the_trajectory() {
    for network in networks() {
        for variant in variants() {
            let mut map = Map::<f64>::new(&network, &variant).expect("a map");
            let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
            for _ in 0..17 {
                trajectory.step();
            }
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

/// DPhi(x) of every direction by dual numbers, the step written once for all kinds of numbers; x <- Phi(x).
fn dual_tangent(map: &mut Map<Dual<1>>, x: &mut [f64], directions: &mut [Vec<f64>]) {
    let mut next = vec![];
    for direction in directions {
        let seed = |(&value, &d): (&f64, &f64)| Dual { value, tangent: [d] };
        next = x.iter().zip(&*direction).map(seed).collect();
        map.apply(&mut next);
        direction.iter_mut().zip(&next).for_each(|(d, x)| *d = x.tangent[0]);
    }
    x.iter_mut().zip(&next).for_each(|(x, dual)| *x = dual.value);
}

/// Columns through one step from x.
fn carried(map: &mut Map<f64>, kind: Derivative, x: &[f64], directions: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut columns = Columns::from_fn(x.len(), directions.len(), |row, column| directions[column][row]);
    Tangent::new(kind).carry(map, [x].into_iter(), &mut columns);
    (0..directions.len()).map(|column| (0..x.len()).map(|row| columns.get(row, column)).collect()).collect()
}

/// Directions relative to each coordinate, at states of a burst and between bursts.
#[test]
fn the_tangent_is_the_derivative() {
    let mut seed = 1;
    for network in networks() {
        for variant in variants() {
            let mut map = Map::<f64>::new(&network, &variant).expect("a map");
            let mut duals = Map::<Dual<1>>::new(&network, &variant).expect("a map");
            let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
            let (mut from_differences, mut from_dual) = (vec![], 0.0_f64);
            // Others have differences, which are compared with the same.
            let by_rule = StepDerivative::knows(map.shape());
            for _ in 0..12 {
                for _ in 0..31 {
                    trajectory.step();
                }
                let x = map.read(&trajectory);
                // More than one block.
                let directions: Vec<Vec<f64>> =
                    (0..19).map(|_| x.iter().map(|x| x * random(&mut seed)).collect()).collect();
                let (mut next, mut by_dual) = (x.clone(), directions.clone());
                dual_tangent(&mut duals, &mut next, &mut by_dual);
                let exact =
                    if by_rule { carried(&mut map, Derivative::Exact, &x, &directions) } else { by_dual.clone() };
                let mut from_difference = 0.0_f64;
                let mut plain = x.clone();
                map.apply(&mut plain);
                assert!(plain.iter().zip(&next).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(1.0)));
                for ((direction, exact), by_dual) in directions.iter().zip(&exact).zip(&by_dual) {
                    let size = exact.iter().map(|d| d.abs()).max_by(f64::total_cmp).unwrap();
                    let apart = |other: &[f64]| {
                        exact.iter().zip(other).map(|(a, b)| (a - b).abs()).max_by(f64::total_cmp).unwrap() / size
                    };
                    from_dual = from_dual.max(apart(by_dual));
                    let mut apart_from = |e: f64| apart(&central_difference(&mut map, &x, direction, e));
                    // A step that crosses a kink is off by what the derivatives on its sides differ by; a shorter one may not.
                    from_difference = from_difference
                        .max([1e-6, 1e-7].map(&mut apart_from).into_iter().fold(f64::INFINITY, f64::min));
                }
                from_differences.push(from_difference);
            }
            // So do many of those whose bins keep second moments, where hardly anyone is in a bin, or below the lowest: each is cut at 0.
            let is_below = network.projections.len() == 1;
            if map.shape().is_local() && (!network.sources.is_empty() || is_below) {
                continue;
            }
            // One of the states may lie on a kink, where differences are between the slopes on its sides.
            from_differences.sort_by(f64::total_cmp);
            let from_difference = from_differences[from_differences.len() - 2];
            println!(
                "{}, {} populations: {from_dual:e}, {from_difference:e}",
                variant.label(),
                network.populations.len()
            );
            assert!(from_dual < 1e-11, "{}: {from_dual:e}", variant.label());
            // Rounding of f64 over a step of 1e-7, and the square of one of 1e-6.
            assert!(from_difference < 3e-8, "{}: {from_difference:e}", variant.label());
        }
    }
}

#[test]
fn any_number_of_threads_carries_the_same_bytes() {
    for variant in variants().into_iter().filter(is_known) {
        let network = network("default");
        let mut map = Map::<f64>::new(&network, &variant).expect("a map");
        let trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
        let mut states = vec![map.read(&trajectory)];
        for _ in 0..80 {
            let mut x = states[states.len() - 1].clone();
            map.apply(&mut x);
            states.push(x);
        }
        let carried = |threads: usize, map: &Map<f64>| {
            let mut columns = Columns::identity(map.dimension());
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let states = states.iter().map(Vec::as_slice);
            pool.install(|| Tangent::default().carry(&mut map.clone(), states, &mut columns));
            columns
        };
        assert!(carried(1, &map) == carried(3, &map));
    }
}

/// Central differences of any model, in place of the chain rule.
#[test]
fn differences_are_the_derivative_too() {
    for variant in variants().into_iter().filter(is_known) {
        let mut map = Map::<f64>::new(&network("default"), &variant).expect("a map");
        let mut trajectory = Dsode::<f64>::new(&network("default"), &variant, [0; 4]).expect("a dsode");
        for _ in 0..137 {
            trajectory.step();
        }
        let x = map.read(&trajectory);
        let mut seed = 3;
        let directions: Vec<Vec<f64>> = (0..3).map(|_| x.iter().map(|x| x * random(&mut seed)).collect()).collect();
        let [exact, differences] =
            [Derivative::Exact, Derivative::Differences].map(|kind| carried(&mut map, kind, &x, &directions));
        for (exact, differences) in exact.iter().zip(&differences) {
            let size = exact.iter().map(|d| d.abs()).max_by(f64::total_cmp).unwrap();
            let apart = exact.iter().zip(differences).map(|(a, b)| (a - b).abs()).max_by(f64::total_cmp).unwrap();
            assert!(apart < 1e-6 * size, "{}: {:e}", variant.label(), apart / size);
        }
    }
}

#[test]
fn what_is_no_map_is_refused() {
    let noisy = dsode(Closure::White, Noise::FiniteSize, 4.0);
    let refused = |network: &Network, variant: &Variant| Map::<f64>::new(network, variant).expect_err("refused");
    assert!(matches!(refused(&network("default"), &noisy), MapError::Noise { .. }));
    assert!(matches!(refused(&three_populations(), &variants()[0]), MapError::Varying { .. }));
    assert!(matches!(refused(&network("default"), &Variant::Snn), MapError::Shape(_)));
}
