//! Points and branches of the example network.

use crate::cases::{dsode, network};
use serde_json::Value;
use snn_ensemble::bifurcation::attractor::{Settled, initial, settle};
use snn_ensemble::bifurcation::continuation::Continuation;
use snn_ensemble::bifurcation::place::{Direction, Place};
use snn_ensemble::bifurcation::solver::Solver;
use snn_ensemble::bifurcation::watch::{Growth, Progress};
use snn_ensemble::bifurcation::{Branch, Code, End, Family, Object, Point};
use snn_ensemble::config::{Parameter, load};
use snn_ensemble::model::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub fn number(of: &Value) -> f64 {
    of.as_f64().unwrap_or_else(|| panic!("a number, not {of}"))
}

/// The example network along p of E<-I.
pub fn example(closure: Closure, range: [f64; 2]) -> Family {
    let network = network("default");
    let parameter = Parameter::find("projections.E<-I.p", &network).expect("a parameter");
    Family::new(&network, &dsode(closure, Noise::None, 4.0), &parameter, range).expect("maps")
}

pub fn settled(family: &Family, value: f64) -> Settled {
    settle(family, value, initial(family, value).expect("a state")).expect("a simulation")
}

/// The fixed point there.
pub fn fixed_point(solver: &mut Solver, value: f64) -> Point {
    let mean = settled(solver.family(), value).mean;
    solver.at_value(&Object::FixedPoint, &mean).expect("a fixed point")
}

/// Stops after so many points.
pub fn after<P>(points: usize) -> Until<impl Fn(&P) -> bool + Sync> {
    let seen = AtomicUsize::new(0);
    until(move |_: &P| seen.fetch_add(1, Ordering::Relaxed) + 1 >= points)
}

/// A network in bins of 4 along the rate of its drive.
pub fn along_drive(network: &Network, range: [f64; 2]) -> Family {
    let parameter = Parameter::find("populations.E.drive.rate", network).expect("a parameter");
    Family::new(network, &dsode(Closure::White, Noise::None, 4.0), &parameter, range).expect("maps")
}

/// A population that is alone with itself, given as in a config.
pub fn alone(population: &str, projection: &str) -> Network {
    let rest = format!("populations: {{E: {population}}}, projections: {{E<-E: {projection}}}");
    let text = format!("{{name: a, time: {{duration: 100}}, models: [dsode], {rest}}}");
    load(&text, "a", &[]).expect("a config").network
}

/// The stable orbit there, carried from values before it.
pub fn orbit(solver: &mut Solver, values: &[f64]) -> Point {
    let mut x = initial(solver.family(), values[0]).expect("a state");
    let mut found = None;
    for &value in values {
        let settled = settle(solver.family(), value, x).expect("a simulation");
        x = settled.last.x.clone();
        found = settled.orbit;
    }
    let (object, place) = found.expect("an orbit");
    solver.at_value(&object, &place).expect("Newton's method converges")
}

pub struct Silent;

impl<P> Progress<P> for Silent {
    fn point(&self, _: usize, _: &P) {}
    fn stopped(&self) -> bool {
        false
    }
}

/// Stops behind the point of which something is true.
pub struct Until<F>(F, AtomicBool);

impl<P, F: Fn(&P) -> bool + Sync> Progress<P> for Until<F> {
    fn point(&self, _: usize, point: &P) {
        self.1.fetch_or(self.0(point), Ordering::Relaxed);
    }
    fn stopped(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

pub fn until<P, F: Fn(&P) -> bool + Sync>(reached: F) -> Until<F> {
    Until(reached, AtomicBool::new(false))
}

/// A branch from a point in the direction of rising (1) or falling (-1) values, as far as the family's range.
pub fn branch(solver: &mut Solver, start: &Point, sign: f64) -> Branch {
    branch_until(solver, start, sign, &Silent)
}

pub fn branch_until(solver: &mut Solver, start: &Point, sign: f64, progress: &dyn Progress<Point>) -> Branch {
    let side = Direction::new(vec![0.0; start.x.len()], sign);
    let place = Place { x: start.x.clone(), value: start.value };
    let solution = solver.newton.solve(&start.object, &place, None).expect("a solution");
    let start = solver.point(&start.object, &solution, Some(&side)).expect("a point");
    let ends = [End::Origin, End::Open];
    let mut branch = Branch { number: 1, origin: String::new(), points: vec![start], ends };
    Continuation { solver, progress }.extend(&mut branch);
    branch
}

pub fn located(branch: &Branch, code: Code) -> Vec<&Point> {
    branch.points.iter().filter(|point| point.code == Some(code)).collect()
}

impl<P, T> Growth<P, T> for Silent {
    fn grown(&self, _: &T) {}
}

impl<P, T, F: Fn(&P) -> bool + Sync> Growth<P, T> for Until<F> {
    fn grown(&self, _: &T) {}
}
