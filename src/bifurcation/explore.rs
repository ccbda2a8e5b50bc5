//! The diagram of one model: branches from every start, and from every bifurcation found on them.

use super::attractor::{Settled, initial, settle};
use super::branch::{Branch, Code, End, Point};
use super::continuation::{Continuation, Progress};
use super::events::direction;
use super::family::Family;
use super::object::Object;
use super::place::{Direction, Place};
use super::solver::{Solver, add_note};
use super::switching::{at_branch_point, at_doubling, at_hopf, is_on};
use crate::config::Start;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Values of a sweep.
const SWEPT: usize = 13;
/// Branches of a diagram, beyond which bifurcations are not followed.
const MOST_BRANCHES: usize = 24;
/// Doublings in a row that are followed.
const MOST_DOUBLINGS: u32 = 3;
/// A bifurcation at which another branch has ended already is this near, relative to the range.
const ENDED_HERE: f64 = 5e-3;

/// Everything found of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagram {
    /// In the order in which they were found.
    pub branches: Vec<Branch>,
    /// Starts and bifurcations that have been dealt with.
    done: BTreeSet<String>,
    /// What did not converge and lies on no branch: value of the parameter and why.
    pub unsolved: Vec<(f64, String)>,
    /// Doublings before each branch.
    doublings: Vec<u32>,
    /// Length of the range that directions are scaled by.
    length: f64,
}

/// Told of a diagram as it grows.
pub trait Growth: Progress {
    /// After every branch.
    fn grown(&self, diagram: &Diagram);
}

/// Makes a diagram.
pub struct Explorer<'a> {
    solver: Solver<'a>,
    at: &'a [f64],
    growth: &'a dyn Growth,
}

impl<'a> Explorer<'a> {
    /// Of a family, with points wanted at some values.
    pub fn new(family: &'a Family, at: &'a [f64], growth: &'a dyn Growth) -> Self {
        Explorer { solver: Solver::new(family), at, growth }
    }

    /// Goes on with a diagram until everything is found, or it is told to stop.
    pub fn explore(&mut self, diagram: &mut Diagram, starts: &[Start]) {
        self.reopen(diagram);
        self.extend_all(diagram);
        let mut later = vec![];
        for start in starts {
            for (name, settled) in self.settled(diagram, start) {
                if self.growth.stopped() {
                    return;
                }
                self.fixed_point(diagram, &name, &settled.mean);
                later.push((name, settled));
            }
            if let Start::Stored(branch, point) = *start {
                self.stored(diagram, branch, point);
            }
        }
        self.switch_all(diagram);
        for (name, settled) in later {
            self.orbit(diagram, &name, &settled);
            self.switch_all(diagram);
            if self.growth.stopped() {
                return;
            }
            diagram.done.insert(name);
        }
    }

    /// Ends of an earlier range that are inside of this one can be continued, in directions scaled by this one.
    fn reopen(&self, diagram: &mut Diagram) {
        let length = self.solver.family().length();
        let longer = std::mem::replace(&mut diagram.length, length) / length;
        for point in diagram.branches.iter_mut().flat_map(|branch| &mut branch.points) {
            if let Some(along) = direction(point).filter(|_| longer != 1.0) {
                let along = Direction::new(along.x, along.p * longer);
                point.direction = along.x.into_iter().chain([along.p]).collect();
            }
        }
        let [low, high] = self.solver.family().range;
        for end in diagram.branches.iter_mut().flat_map(|branch| &mut branch.ends) {
            if matches!(end, End::Range(value) if *value > low && *value < high) {
                *end = End::Open;
            }
        }
    }

    /// Simulations of a start that has not been dealt with, with their names.
    fn settled(&mut self, diagram: &mut Diagram, start: &Start) -> Vec<(String, Settled)> {
        let family = self.solver.family();
        let [low, high] = family.range;
        let (values, carried): (Vec<f64>, bool) = match start {
            Start::Settled => (vec![low, 0.5 * (low + high), high], false),
            Start::Value(value) => (vec![*value], false),
            Start::Sweep => {
                let at = |i: usize| low + (high - low) * i as f64 / (SWEPT - 1) as f64;
                ((0..SWEPT).chain((0..SWEPT).rev()).map(at).collect(), true)
            }
            Start::Stored(..) => return vec![],
        };
        let mut state: Option<Vec<f64>> = None;
        let mut found = vec![];
        for (i, value) in values.into_iter().enumerate() {
            if self.growth.stopped() {
                break;
            }
            let name = format!("{start:?} {i} {value}");
            if diagram.done.contains(&name) && !carried {
                continue;
            }
            let x = state.take().map_or_else(|| initial(family, value), Ok);
            match x.and_then(|x| settle(family, value, x)) {
                Ok(settled) => {
                    state = carried.then(|| settled.last.x.clone());
                    if !diagram.done.contains(&name) {
                        found.push((name, settled));
                    }
                }
                Err(lost) => {
                    if diagram.done.insert(name) {
                        diagram.unsolved.push((value, lost.to_string()));
                    }
                }
            }
        }
        found
    }

    /// A branch of fixed points from a time average, if none goes through there.
    fn fixed_point(&mut self, diagram: &mut Diagram, name: &str, mean: &Place) {
        let object = Object::FixedPoint;
        match self.solver.at_value(&object, mean) {
            Ok(point) if self.is_known(diagram, &point) => {}
            Ok(point) => self.both_ways(diagram, point, &format!("fixed point: {name}")),
            // Averages of bursts are no start for every network: another value may be.
            Err(_) => {}
        }
    }

    /// A branch of orbits from an attractor, if none goes through there.
    fn orbit(&mut self, diagram: &mut Diagram, name: &str, settled: &Settled) {
        let value = settled.last.value;
        match &settled.orbit {
            None if settled.at_rest => {
                let known = self.solver.at_value(&Object::FixedPoint, &settled.last);
                if let Ok(point) = known
                    && !self.is_known(diagram, &point)
                {
                    self.both_ways(diagram, point, &format!("attractor: {name}"));
                }
            }
            None => diagram
                .unsolved
                .push((value, format!("no orbit of up to 16 returns: a torus, chaos, or not settled ({name})"))),
            Some((object, place)) => match self.solver.at_value(object, place) {
                Ok(point) if self.is_known(diagram, &point) => {}
                Ok(point) => self.both_ways(diagram, point, &format!("attractor: {name}")),
                Err(failure) => diagram.unsolved.push((value, format!("{failure} ({name})"))),
            },
        }
    }

    fn stored(&mut self, diagram: &mut Diagram, branch: usize, point: usize) {
        let name = format!("stored {branch} {point}");
        let found = diagram.branches.get(branch.wrapping_sub(1)).and_then(|b| b.points.get(point.wrapping_sub(1)));
        let Some(found) = found.cloned() else { return };
        if diagram.done.insert(name.clone()) {
            let place = Place { x: found.x.clone(), value: found.value };
            match self.solver.at_value(&found.object, &place) {
                Ok(point) => self.both_ways(diagram, point, &name),
                Err(failure) => diagram.unsolved.push((found.value, format!("{failure} ({name})"))),
            }
        }
    }

    fn is_known(&mut self, diagram: &Diagram, point: &Point) -> bool {
        diagram.branches.iter().any(|branch| is_on(&mut self.solver, branch, point))
    }

    /// A new branch through a point without a direction, along the parameter first.
    fn both_ways(&mut self, diagram: &mut Diagram, point: Point, origin: &str) {
        let up = Direction::new(vec![0.0; point.x.len()], 1.0);
        let place = Place { x: point.x.clone(), value: point.value };
        let solution = self.solver.newton.solve(&point.object, &place, None);
        let start = solution.and_then(|solution| self.solver.point(&point.object, &solution, Some(&up)));
        match start {
            Ok(mut start) => {
                self.solver.compare_sections(&mut start);
                self.add(diagram, start, origin, [End::Open, End::Open], 0);
            }
            Err(failure) => diagram.unsolved.push((point.value, failure.to_string())),
        }
    }

    fn add(&mut self, diagram: &mut Diagram, start: Point, origin: &str, ends: [End; 2], doublings: u32) {
        let number = diagram.branches.len() + 1;
        self.growth.point(number, &start);
        diagram.branches.push(Branch { number, origin: origin.into(), points: vec![start], ends });
        diagram.doublings.push(doublings);
        self.extend_all(diagram);
    }

    /// Continues every branch at every open end.
    fn extend_all(&mut self, diagram: &mut Diagram) {
        let Explorer { solver, at, growth } = self;
        let mut continuation = Continuation { solver, at, progress: *growth };
        for i in 0..diagram.branches.len() {
            for _ in 0..2 {
                if diagram.branches[i].ends[1] == End::Open && !growth.stopped() {
                    let mut branch = diagram.branches[i].clone();
                    continuation.extend(&mut branch);
                    name_parent(&mut branch, &diagram.branches);
                    diagram.branches[i] = branch;
                    growth.grown(diagram);
                }
                diagram.branches[i].reverse();
            }
        }
    }

    /// Follows every bifurcation that has not been followed.
    fn switch_all(&mut self, diagram: &mut Diagram) {
        let mut i = 0;
        while i < diagram.branches.len() {
            let points = diagram.branches[i].points.clone();
            for point in points.iter().filter(|point| point.code.is_some_and(Code::is_bifurcation)) {
                if self.growth.stopped() {
                    return;
                }
                let code = point.code.map_or("", Code::text);
                let name = format!("branch {} {code} at {:.9}", diagram.branches[i].number, point.value);
                if diagram.done.contains(&name) {
                    continue;
                }
                let before = diagram.branches.len();
                self.switch(diagram, i, point, &name);
                if !self.growth.stopped() || diagram.branches.len() > before {
                    diagram.done.insert(name);
                }
            }
            i += 1;
        }
    }

    fn switch(&mut self, diagram: &mut Diagram, from: usize, point: &Point, name: &str) {
        let doublings = diagram.doublings[from];
        if diagram.branches.len() >= MOST_BRANCHES || self.has_ended_at(diagram, point) {
            return;
        }
        let origin = [End::Origin, End::Open];
        match point.code {
            Some(Code::HB) => match at_hopf(&mut self.solver, point) {
                Ok(start) => self.add(diagram, start, name, origin, 0),
                Err(failure) => self.unsolved(diagram, point, name, &failure.to_string()),
            },
            Some(Code::PD) if point.period().is_some() && doublings < MOST_DOUBLINGS => {
                match at_doubling(&mut self.solver, point) {
                    Ok(start) => self.add(diagram, start, name, origin, doublings + 1),
                    Err(failure) => self.unsolved(diagram, point, name, &failure.to_string()),
                }
            }
            Some(Code::BP) => match at_branch_point(&mut self.solver, point) {
                Ok(starts) => {
                    for start in starts {
                        if !self.is_known(diagram, &start) {
                            self.add(diagram, start, name, origin.clone(), doublings);
                        }
                    }
                }
                Err(failure) => self.unsolved(diagram, point, name, &failure.to_string()),
            },
            _ => {}
        }
    }

    fn unsolved(&self, diagram: &mut Diagram, point: &Point, name: &str, failure: &str) {
        diagram.unsolved.push((point.value, format!("no branch switched to at {name}: {failure}")));
    }

    /// Whether a branch of orbits has ended at this bifurcation: it is the one born there.
    fn has_ended_at(&self, diagram: &Diagram, point: &Point) -> bool {
        let period = match point.code {
            Some(Code::HB) => 1e3 / point.frequency(),
            Some(Code::PD) => 2.0 * point.time,
            _ => return false,
        };
        let near = ENDED_HERE * self.solver.family().length();
        diagram.branches.iter().filter(|branch| branch.is_orbit()).any(|branch| {
            let ends = [(&branch.ends[0], branch.points.first()), (&branch.ends[1], branch.points.last())];
            ends.into_iter().any(|(end, last)| {
                let last = last.filter(|_| *end == End::Closed);
                last.is_some_and(|last| {
                    (last.value - point.value).abs() < near && (last.time / period - 1.0).abs() < 0.02
                })
            })
        })
    }
}

/// Names the branch that a doubled one came home to.
fn name_parent(branch: &mut Branch, others: &[Branch]) {
    if branch.ends[1] != End::Closed {
        return;
    }
    let Some(last) = branch.points.last_mut().filter(|last| last.note.contains("both halves")) else { return };
    let doublings = others.iter().filter(|other| other.number != branch.number).flat_map(|other| {
        let of_parent = |point: &&Point| point.code == Some(Code::PD);
        other.points.iter().filter(of_parent).map(move |point| (other.number, point))
    });
    let near = doublings.filter(|(_, point)| (2.0 * point.time / last.time - 1.0).abs() < 0.02);
    let nearest = near.min_by(|(_, a), (_, b)| (a.value - last.value).abs().total_cmp(&(b.value - last.value).abs()));
    if let Some((number, point)) = nearest {
        let note = format!("closes on branch {number} at PD {:.6}", point.value);
        add_note(last, &note);
    }
}
