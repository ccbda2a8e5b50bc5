//! Curves in the plane of two parameters pass through what is located along one of them, elsewhere too.

use crate::cases::{dsode, network};
use crate::support::*;
use snn_ensemble::bifurcation::curves::{Curve, CurvePoint, Curves, Plane};
use snn_ensemble::bifurcation::note::{Note, Notes};
use snn_ensemble::bifurcation::solver::Solver;
use snn_ensemble::bifurcation::{Code, Diagram, End, Explorer, Family, Point};
use snn_ensemble::config::{Followed, Parameter, Second, Start};
use snn_ensemble::model::*;

const FIRST: &str = "projections.E<-I.p";
const SECOND: &str = "projections.E<-E.tau";

/// The example network with other values of the second parameter.
fn with_tau(tau: f64) -> Network {
    let mut network = network("default");
    Parameter::find(SECOND, &network).expect("a parameter").set(&mut network, tau);
    network
}

fn family(network: &Network, bin: f64, range: [f64; 2]) -> Family {
    let parameter = Parameter::find(FIRST, network).expect("a parameter");
    Family::new(network, &dsode(Closure::White, Noise::None, bin), &parameter, range).expect("maps")
}

fn second(range: [f64; 2], curves: &[Followed]) -> Second {
    let network = network("default");
    let parameter = Parameter::find(SECOND, &network).expect("a parameter");
    let own = parameter.get(&network).expect("a value");
    Second { parameter, range, own, curves: curves.to_vec() }
}

fn only(curves: &Curves) -> &Curve {
    let [curve] = &curves.curves[..] else { panic!("{} curves", curves.curves.len()) };
    curve
}

/// What is found from a start up to the first bifurcation of a kind, and that.
fn located_from(family: &Family, start: f64, code: Code) -> (Diagram, Point) {
    let mut diagram = Diagram::default();
    let found = until(|point: &Point| point.code == Some(code));
    Explorer::new(family, &[], 0, &found).explore(&mut diagram, &[Start::Value(start)]);
    let first = diagram.branches.iter().flat_map(|branch| located(branch, code)).next().cloned();
    (diagram, first.expect("a bifurcation"))
}

/// Eigenvalues of central differences are uncertain by 1e-9, which is far along a line on which they hardly move: every point is as
/// near the curve as its error says.
#[test]
fn hopf_curves_of_differences_cross_a_narrow_plane() {
    let Variant::Dsode { closure, noise, v_min, precision, .. } = Variant::DSODE else { unreachable!("a dsode") };
    let variant = Variant::Dsode { closure, density: Density::Linear, noise, bin: Some(10.0), v_min, precision };
    let parameter = Parameter::find(FIRST, &with_tau(1.4)).expect("a parameter");
    let family = Family::new(&with_tau(1.4), &variant, &parameter, [0.48, 0.495]).expect("maps");
    let (diagram, _) = located_from(&family, 0.482, Code::HB);
    let second = second([1.39, 1.41], &[Followed::HB]);
    let plane = Plane { family: &family, second: &second };
    let mut curves = Curves::default();
    curves.explore(plane, &diagram, &after(usize::MAX));
    let curve = only(&curves);
    assert!(curve.ends.iter().all(|end| matches!(end, End::Range(_))), "{:?}", curve.ends);
    // Straight, but for the square of the plane's size.
    let [first, last] = [&curve.points[0], &curve.points[curve.points.len() - 1]];
    for at in &curve.points {
        let share = (at.second - first.second) / (last.second - first.second);
        let straight = first.point.value + share * (last.point.value - first.point.value);
        assert!((at.point.value - straight).abs() < 1e-4, "{:?}", at.spot());
        assert!(at.errors[0] < 2e-7, "{:?}", at.errors);
    }
}

#[test]
fn hopf_curves_pass_through_what_is_located_elsewhere() {
    let range = [0.45, 0.6];
    let (own, other) = (family(&with_tau(1.4), 10.0, range), family(&with_tau(1.6), 10.0, range));
    let [(diagram, _), (_, expected)] = [&own, &other].map(|family| located_from(family, 0.46, Code::HB));
    let second = second([1.35, 1.6], &[Followed::HB]);
    let plane = Plane { family: &own, second: &second };
    let mut curves = Curves::default();
    curves.explore(plane, &diagram, &after(usize::MAX));
    let curve = only(&curves);
    assert_eq!(curve.ends.iter().filter(|end| matches!(end, End::Range(_))).count(), 2, "{:?}", curve.ends);
    let end = curve.points.iter().find(|at| at.second == 1.6).expect("the end of the range");
    println!("{} points; {:?} for {}", curve.points.len(), end.spot(), expected.value);
    assert!((end.point.value - expected.value).abs() < 1e-6, "{} for {}", end.point.value, expected.value);
    assert!((end.point.frequency() / expected.frequency() - 1.0).abs() < 1e-5 && end.end == Some(Code::EP));
    // Every point is where a pair is on the unit circle, and the one that was located is among them.
    for at in &curve.points {
        let nearest = at.point.spectrum.at_circle.expect("a pair");
        assert!(nearest.abs() < 1e-8, "{:?}: {nearest}", at.spot());
    }
    assert_eq!(curve.points.iter().filter(|at| at.start && at.second == 1.4).count(), 1);

    // In pieces and on other threads the same curve.
    let mut pieces = Curves::default();
    for stopped in [1, 2, 3, usize::MAX] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1 + stopped % 3).build().expect("threads");
        pool.install(|| pieces.explore(plane, &diagram, &after(stopped)));
        pieces = postcard::from_bytes(&postcard::to_allocvec(&pieces).expect("plain data")).expect("its own bytes");
    }
    assert!(pieces == curves, "another curve in pieces");
}

/// Where it was, and what its points have to say.
fn told(curve: &Curve) -> Vec<([f64; 2], &Notes)> {
    curve.points.iter().map(|at| (at.spot(), &at.point.notes)).collect()
}

/// Without Hopf bifurcations.
const RANGE: [f64; 2] = [0.75, 0.85];

#[test]
fn curves_of_period_doublings_pass_through_what_is_located_elsewhere() {
    let own = family(&with_tau(1.4), 4.0, RANGE);
    let (diagram, _) = located_from(&own, 0.778, Code::PD);
    let (second, mut curves) = (second([1.4, 1.425], &[Followed::PD]), Curves::default());
    curves.explore(Plane { family: &own, second: &second }, &diagram, &after(usize::MAX));
    let curve = only(&curves);
    assert!(
        [1.4, 1.425].iter().all(|&end| curve.ends.contains(&End::Range(end))),
        "{:?}: {:?}",
        curve.ends,
        told(curve)
    );
    let there = curve.points.iter().find(|at| at.second == 1.425).expect("the end of the range");
    let (_, expected) = located_from(&family(&with_tau(there.second), 4.0, RANGE), 0.765, Code::PD);
    let error = expected.error.unwrap_or(0.0) + there.errors[0];
    println!("{} points; {:?} for {} within {error:e}", curve.points.len(), there.spot(), expected.value);
    assert!((there.point.value - expected.value).abs() < error, "{} for {}", there.point.value, expected.value);
    assert!((there.point.time / expected.time - 1.0).abs() < 1e-3 && error < 5e-4, "{error:e}");
}

#[test]
fn curves_of_folds_and_tori_pass_through_what_is_located_elsewhere() {
    let range = [0.9, 0.98];
    let [own, other] = [1.4, 1.425].map(|tau| family(&with_tau(tau), 4.0, range));
    // On the way to the fold an orbit loses its stability to a torus.
    let [(diagram, _), (there, _)] = [&own, &other].map(|family| located_from(family, 0.958, Code::LP));
    let (second, mut curves) = (second([1.4, 1.425], &[Followed::LP, Followed::NS]), Curves::default());
    curves.explore(Plane { family: &own, second: &second }, &diagram, &after(usize::MAX));
    for code in [Code::LP, Code::NS] {
        let expected = there.branches.iter().flat_map(|branch| located(branch, code)).next().expect("it is there too");
        let of_code = curves.curves.iter().filter(|curve| curve.code == code);
        let ends = of_code.filter_map(|curve| curve.points.iter().find(|at| at.second == 1.425));
        let away = |at: &&CurvePoint| (at.point.value - expected.value).abs();
        let end = ends.min_by(|a, b| away(a).total_cmp(&away(b))).expect("a curve to the end of the range");
        let error = expected.error.unwrap_or(0.0) + end.errors[0];
        println!("{code:?}: {:?} for {} within {error:e}", end.spot(), expected.value);
        assert!(away(&end) < error && error < 1e-4, "{code:?}: {} for {}", end.point.value, expected.value);
        assert!((end.point.time / expected.time - 1.0).abs() < 1e-3, "{code:?}");
    }
}

/// A population that excites itself has two steady states between two folds, which meet where it excites itself too little.
#[test]
fn folds_of_fixed_points_meet_at_a_cusp() {
    let network = alone(
        "{size: 300, tau_ref: 4, tau_m: 20, drive: {rate: 0.5, weight: 5}}",
        "{kind: excitatory, p: 0.8, s: 0.5, tau: 5}",
    );
    let strength = Parameter::find("projections.E<-E.s", &network).expect("a parameter");
    let at = |s: f64| {
        let mut network = network.clone();
        strength.set(&mut network, s);
        along_drive(&network, [0.3, 1.0])
    };
    let diagram = |family: &Family| {
        let mut diagram = Diagram::default();
        Explorer::new(family, &[], 0, &Silent).explore(&mut diagram, &[Start::Settled]);
        diagram
    };
    let (own, second) =
        (at(0.5), Second { parameter: strength.clone(), range: [0.35, 0.6], own: 0.5, curves: vec![Followed::LP] });
    let mut curves = Curves::default();
    curves.explore(Plane { family: &own, second: &second }, &diagram(&own), &after(usize::MAX));
    assert_eq!(curves.curves.len(), 2);
    let cusps = curves.curves.iter().map(|curve| {
        curve.points.iter().find(|at| at.point.notes.has(&Note::Cusp)).expect("an end at the cusp").spot()
    });
    let cusps: Vec<[f64; 2]> = cusps.collect();
    println!("{cusps:?}");
    assert!(cusps[0].iter().zip(cusps[1]).all(|(a, b)| (a - b).abs() < 2e-5), "{cusps:?}");
    // At each point an eigenvalue is 1, and where the range ends folds are where they are without a second parameter.
    for at in curves.curves.iter().flat_map(|curve| &curve.points) {
        assert!(at.point.spectrum.at_one.is_some_and(|beyond| beyond.abs() < 1e-5), "{:?}", at.spot());
    }
    let there = diagram(&at(0.6));
    let expected: Vec<&Point> = there.branches.iter().flat_map(|branch| located(branch, Code::LP)).collect();
    assert_eq!(expected.len(), 2);
    for expected in expected {
        let ends = curves.curves.iter().filter_map(|curve| curve.points.iter().find(|at| at.second == 0.6));
        let nearest = ends.map(|at| (at.point.value - expected.value).abs()).fold(f64::INFINITY, f64::min);
        assert!(nearest < 1e-7, "{nearest:e} from {}", expected.value);
    }
}

/// Where two pairs of eigenvalues have nearly the same frequency on the unit circle, the curve turns within less than a hundredth of the
/// plane: it goes on, and comes back through the other bifurcation there.
#[test]
fn hopf_curves_turn_where_two_pairs_of_eigenvalues_meet() {
    let own = family(&with_tau(1.7), 4.0, [0.8, 0.95]);
    let mut solver = Solver::new(&own);
    let start = fixed_point(&mut solver, 0.882);
    let found = [1.0, -1.0].map(|sign| {
        let reached = until(|point: &Point| point.code == Some(Code::HB));
        branch_until(&mut solver, &start, sign, &reached)
    });
    let [above, below] = found.each_ref().map(|branch| located(branch, Code::HB)[0].clone());
    let mut diagram = Diagram::default();
    diagram.branches.push(found[0].clone());
    let second = Second { own: 1.7, ..second([1.59, 1.72], &[Followed::HB]) };
    let mut curves = Curves::default();
    curves.explore(Plane { family: &own, second: &second }, &diagram, &after(60));
    let curve = only(&curves);
    println!("{} and {}: {:?}", above.value, below.value, told(curve));
    let at_own = |value: f64| curve.points.iter().any(|at| at.second == 1.7 && (at.point.value - value).abs() < 1e-6);
    assert!(at_own(above.value) && at_own(below.value), "{} and {}", above.value, below.value);
}
