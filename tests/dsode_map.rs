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
    let mut from_outside = network("default");
    from_outside.sources.push(Source { name: "S".into(), rate: Rate::Constant(2.0) });
    from_outside.projections.push(Projection::excitatory(0, 2, 0.5, 3.0));
    vec![network("default"), every, from_outside, one_population()]
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

/// Directions relative to each coordinate, at states of a burst and between bursts.
#[test]
fn the_tangent_is_the_derivative() {
    let mut seed = 1;
    for network in networks() {
        for variant in variants() {
            let mut map = Map::<f64>::new(&network, &variant).expect("a map");
            let mut tangents = TangentMap::new(&network, &variant).expect("a map");
            let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
            let mut worst = 0.0_f64;
            for _ in 0..12 {
                for _ in 0..31 {
                    trajectory.step();
                }
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
                    // A step that crosses a kink is off by what the derivatives on its sides differ by; a shorter one may not.
                    worst = worst.max([1e-6, 1e-7].map(apart).into_iter().fold(f64::INFINITY, f64::min));
                }
            }
            println!("{}, {} populations: {worst:e}", variant.label(), network.populations.len());
            // Rounding of f64 over a step of 1e-7, and the square of one of 1e-6.
            assert!(worst < 3e-8, "{}: {worst:e}", variant.label());
        }
    }
}

/// Solves a x = b by elimination; rows of `a`.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let pivot = (i..n).max_by(|&j, &k| a[j][i].abs().total_cmp(&a[k][i].abs())).expect("a row");
        a.swap(i, pivot);
        b.swap(i, pivot);
        let (above, below) = a.split_at_mut(i + 1);
        for (j, row) in below.iter_mut().enumerate() {
            let factor = row[i] / above[i][i];
            row.iter_mut().zip(&above[i]).skip(i).for_each(|(x, y)| *x -= factor * y);
            b[i + 1 + j] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - (i + 1..n).map(|j| a[i][j] * b[j]).sum::<f64>()) / a[i][i];
    }
    b
}

/// Columns of DPhi(x).
fn columns(map: &mut TangentMap, x: &[f64]) -> Vec<Vec<f64>> {
    let n = x.len();
    let mut columns: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    apply_tangent(map, &mut x.to_vec(), &mut columns);
    columns
}

/// Fixed points, their rates and leading eigenvalues, of an independent f64 implementation. By its own account rates are right to
/// 1e-6 Hz, eigenvalues to 1e-7.
#[test]
fn fixed_points_and_eigenvalues_are_known() {
    let known = [
        (
            Closure::White,
            0.6,
            [96.910_485_571_678_65, 111.490_074_534_087_27],
            (1.005_724_979_852_700_6, 0.044_420_467_713_534_036),
        ),
        (
            Closure::Coloured,
            0.75,
            [52.854_010_831_214_545, 78.186_144_005_063_55],
            (1.015_175_129_009_434_2, 0.045_102_875_826_788_89),
        ),
    ];
    for (closure, p_ei, rates, (re, im)) in known {
        let mut network = network("default");
        network.projections[1].p = p_ei;
        let variant = dsode(closure, Noise::None, 4.0);
        let mut map = Map::<f64>::new(&network, &variant).expect("a map");
        let mut tangents = TangentMap::new(&network, &variant).expect("a map");
        // The fixed point is unstable; bursts turn around it.
        let mut trajectory = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
        let mut x = vec![0.0; map.dimension()];
        for step in 0..8000 {
            trajectory.step();
            if step >= 3000 {
                x.iter_mut().zip(map.read(&trajectory)).for_each(|(mean, now)| *mean += now / 5000.0);
            }
        }
        let mut residual = f64::INFINITY;
        for _ in 0..25 {
            // Bins that hold next to nobody settle by themselves.
            for _ in 0..2 {
                map.apply(&mut x);
            }
            let mut next = x.clone();
            map.apply(&mut next);
            let rest: Vec<f64> = x.iter().zip(&next).map(|(x, next)| x - next).collect();
            residual = rest.iter().fold(0.0, |most, r| most.max(r.abs()));
            if residual < 1e-10 {
                break;
            }
            let columns = columns(&mut tangents, &x);
            let row = |i: usize| (0..x.len()).map(|j| columns[j][i] - f64::from(u8::from(i == j))).collect();
            let change = solve((0..x.len()).map(row).collect(), rest);
            x.iter_mut().zip(change).for_each(|(x, change)| *x += change);
            let bins = map.shape().total_bins();
            let (counts, moments) = x[..2 * bins].split_at_mut(bins);
            for (n, m) in counts.iter_mut().zip(moments) {
                *n = n.max(0.0);
                *m = m.clamp(0.0, 4.0 * *n);
            }
        }
        assert!(residual < 1e-10, "{closure:?}: {residual:e} after 25 steps of Newton's method");
        for ((fired, p), rate) in map.apply(&mut x).iter().zip(&network.populations).zip(rates) {
            let found = 1e3 * fired / (f64::from(p.size) * network.dt);
            assert!((found - rate).abs() < 1e-6, "{closure:?}: {found} instead of {rate} Hz");
        }
        // In the plane of the leading pair, v'' = 2 re v' - |l|^2 v.
        let columns = columns(&mut tangents, &x);
        let mut v: Vec<f64> = x.clone();
        let multiply = |v: &[f64]| {
            let mut image = vec![0.0; v.len()];
            columns.iter().zip(v).for_each(|(c, v)| image.iter_mut().zip(c).for_each(|(sum, c)| *sum += c * v));
            image
        };
        for _ in 0..1200 {
            v = multiply(&v);
        }
        let (once, twice) = (multiply(&v), multiply(&multiply(&v)));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let normal = vec![vec![dot(&once, &once), dot(&once, &v)], vec![dot(&once, &v), dot(&v, &v)]];
        let [twice_re, minus_square] = solve(normal, vec![dot(&once, &twice), dot(&v, &twice)])[..] else {
            panic!("two")
        };
        let found = (twice_re / 2.0, (-minus_square - twice_re * twice_re / 4.0).sqrt());
        println!("{closure:?}: residual {residual:e}, eigenvalue {found:?}");
        assert!((found.0 - re).abs() < 1e-6 && (found.1 - im).abs() < 1e-6, "{closure:?}: {found:?}");
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
