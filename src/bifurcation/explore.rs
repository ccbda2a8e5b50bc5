//! The diagram of one model: branches from every start, and from every bifurcation found on them.

use super::attractor::{Settled, initial, settle};
use super::branch::{Branch, End, Point};
use super::code::Code;
use super::continuation::{Continuation, at_both_ends};
use super::diagram::{Bifurcation, Diagram};
use super::family::Family;
use super::home::once;
use super::newton::Failure;
use super::note::Note;
use super::object::Object;
use super::place::{Direction, Place};
use super::solver::Solver;
use super::switching::{at_branch_point, at_doubling, at_hopf, is_on};
use super::wanted::mark;
use super::watch::{Growth, Progress};
use crate::config::Start;
use rayon::prelude::*;

/// Values of a sweep.
const SWEPT: usize = 13;
/// Branches of a diagram, beyond which bifurcations are not followed.
const MOST_BRANCHES: usize = 24;

/// Makes a diagram. Every branch has a solver of its own, whose memory is of that branch alone: so branches are computed side by side.
pub struct Explorer<'a> {
    family: &'a Family,
    at: &'a [f64],
    doublings: u32,
    growth: &'a dyn Growth<Point, Diagram>,
}

impl<'a> Explorer<'a> {
    /// Of a family, with points wanted at some values, and so many doublings in a row followed.
    pub fn new(family: &'a Family, at: &'a [f64], doublings: u32, growth: &'a dyn Growth<Point, Diagram>) -> Self {
        Explorer { family, at, doublings, growth }
    }

    /// Goes on with a diagram until everything is found, or it is told to stop; then its points at the values wanted are solved for.
    pub fn explore(&self, diagram: &mut Diagram, starts: &[Start]) {
        self.find(diagram, starts);
        if !self.growth.stopped() {
            diagram.branches.par_iter_mut().for_each(|branch| {
                let added = mark(&mut self.solver(), branch, self.at);
                added.iter().for_each(|point| self.growth.point(branch.number, point));
            });
        }
    }

    fn find(&self, diagram: &mut Diagram, starts: &[Start]) {
        diagram.reopen(self.family.range);
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
            // A branch that was interrupted says nothing yet of where it goes.
            if self.growth.stopped() {
                return;
            }
            self.orbit(diagram, &name, &settled);
            self.switch_all(diagram);
            if !self.growth.stopped() {
                diagram.done.insert(name);
            }
        }
    }

    /// Simulations of a start that has not been dealt with, with their names.
    fn settled(&self, diagram: &mut Diagram, start: &Start) -> Vec<(String, Settled)> {
        let family = self.family;
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
        let way = |i: usize| match start {
            Start::Sweep if i < SWEPT => "swept up to",
            Start::Sweep => "swept down to",
            _ => "simulated at",
        };
        let names: Vec<String> = (0..).zip(&values).map(|(i, value)| format!("{} {value}", way(i))).collect();
        // Each begins where the one before has ended, up to the last that is wanted.
        let wanted = names.iter().rposition(|name| !diagram.done.contains(name)).map_or(0, |last| last + 1);
        let mut state: Option<Vec<f64>> = None;
        let mut found = vec![];
        for (name, value) in names.into_iter().zip(values).take(wanted) {
            if self.growth.stopped() {
                break;
            }
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
                        diagram.lack(false, value, lost.to_string());
                    }
                }
            }
        }
        found
    }

    /// A branch of fixed points from a time average, if none goes through there.
    fn fixed_point(&self, diagram: &mut Diagram, name: &str, mean: &Place) {
        let object = Object::FixedPoint;
        match self.solver().at_value(&object, mean) {
            Ok(point) if self.is_known(diagram, &point) => {}
            Ok(point) => self.both_ways(diagram, point, &format!("fixed point: {name}")),
            // Averages of bursts are no start for every network: another value may be.
            Err(_) => {}
        }
    }

    /// A branch of orbits from an attractor, if none goes through there.
    fn orbit(&self, diagram: &mut Diagram, name: &str, settled: &Settled) {
        let value = settled.last.value;
        match &settled.orbit {
            None if settled.at_rest => {
                let known = self.solver().at_value(&Object::FixedPoint, &settled.last);
                if let Ok(point) = known
                    && !self.is_known(diagram, &point)
                {
                    self.both_ways(diagram, point, &format!("attractor: {name}"));
                }
            }
            None => {
                let reason = format!("no orbit of up to 16 returns: a torus, chaos, or not settled ({name})");
                diagram.lack(true, value, reason);
            }
            Some((object, place)) => {
                let mut solver = self.solver();
                match solver.at_value(object, place).and_then(|point| once(&mut solver, point)) {
                    Ok(point) if self.is_known(diagram, &point) => {}
                    Ok(point) => self.both_ways(diagram, point, &format!("attractor: {name}")),
                    Err(failure) => diagram.lack(true, value, format!("{failure} ({name})")),
                }
            }
        }
    }

    fn stored(&self, diagram: &mut Diagram, branch: usize, point: usize) {
        let name = format!("stored {branch} {point}");
        // Of several models one may have it.
        let Some(found) = diagram.at(branch, point).cloned() else { return };
        if diagram.done.insert(name.clone()) {
            let place = found.place();
            match self.solver().at_value(&found.object, &place) {
                Ok(point) => self.both_ways(diagram, point, &name),
                Err(failure) => diagram.lack(found.period().is_some(), found.value, format!("{failure} ({name})")),
            }
        }
    }

    fn is_known(&self, diagram: &Diagram, point: &Point) -> bool {
        diagram.branches.par_iter().any(|branch| is_on(&mut self.solver(), branch, point))
    }

    /// A branch without what goes along another one that is there, at ends that are not open: it may have begun where that one was lost, or
    /// beside it. `None` where nothing of it is new.
    fn apart(&self, diagram: &Diagram, mut branch: Branch) -> Option<Branch> {
        for _ in 0..2 {
            branch.reverse();
            self.cut(diagram, &mut branch)?;
        }
        Some(branch)
    }

    /// Ends a branch where it begins to go along another one, if it ends on that; `None` if all of it does.
    fn cut(&self, diagram: &Diagram, branch: &mut Branch) -> Option<()> {
        let ordinary: Vec<usize> = (0..branch.points.len()).filter(|&i| branch.points[i].is_ordinary()).collect();
        let Some(&last) = ordinary.last().filter(|_| branch.ends[1] != End::Open) else { return Some(()) };
        let on = |i: usize, other: &Branch| is_on(&mut self.solver(), other, &branch.points[i]);
        let mut others = diagram.branches.iter().filter(|other| other.number != branch.number);
        let Some(other) = others.find(|other| on(last, other)) else { return Some(()) };
        let first = *ordinary.iter().rev().take_while(|&&i| on(i, other)).last()?;
        if first == ordinary[0] {
            return None;
        }
        branch.points.truncate(first + 1);
        branch.points[first].code = Some(Code::EP);
        branch.points[first].notes.add(Note::Joins(other.number));
        // Of a closed curve neither end is one to go round from.
        branch.ends = branch.ends.clone().map(|end| if end == End::Round { End::Closed } else { end });
        branch.ends[1] = End::Closed;
        Some(())
    }

    fn solver(&self) -> Solver<'a> {
        Solver::new(self.family)
    }

    /// A new branch through a point without a direction, along the parameter first.
    fn both_ways(&self, diagram: &mut Diagram, point: Point, origin: &str) {
        let up = Direction::new(vec![0.0; point.x.len()], 1.0);
        let place = point.place();
        let mut solver = self.solver();
        let solution = solver.newton.solve(&point.object, &place, None);
        let start = solution.and_then(|solution| solver.point(&point.object, &solution, Some(&up)));
        match start {
            Ok(mut start) => {
                solver.compare_sections(&mut start);
                let number = diagram.branches.len() + 1;
                let branch = self.branch(number, start, origin, [End::Open, End::Open]);
                if let Some(branch) = self.apart(diagram, branch) {
                    diagram.push(branch, 0);
                }
                self.growth.grown(diagram);
            }
            Err(failure) => diagram.lack(point.period().is_some(), point.value, failure.to_string()),
        }
    }

    /// Continues every branch at every open end.
    fn extend_all(&self, diagram: &mut Diagram) {
        let open = diagram.branches.par_iter().filter(|branch| branch.ends.contains(&End::Open));
        let longer: Vec<Branch> = open.map(|branch| self.extended(branch)).collect();
        for branch in longer {
            let number = branch.number;
            match self.apart(diagram, branch.clone()) {
                Some(branch) => diagram.replace(branch),
                // The last one was interrupted before it showed that it was none.
                None if number == diagram.branches.len() => diagram.pop(),
                None => diagram.replace(branch),
            }
        }
        self.growth.grown(diagram);
    }

    /// The branch of a point.
    fn branch(&self, number: usize, start: Point, origin: &str, ends: [End; 2]) -> Branch {
        self.growth.point(number, &start);
        self.extended(&Branch { number, origin: origin.into(), points: vec![start], ends })
    }

    /// A branch, continued at both ends where they are open, side by side.
    fn extended(&self, branch: &Branch) -> Branch {
        let (mut back, ahead) = at_both_ends(branch, Branch::reverse, |branch| {
            let (solver, progress) = (&mut self.solver(), self.growth as &dyn Progress<Point>);
            Continuation { solver, progress }.extend(branch);
        });
        // A closed curve is whole either way.
        if ahead.ends[0] == End::Round {
            return ahead;
        }
        if back.ends[1] == End::Round {
            return back;
        }
        let (joint, rest) = (branch.points.len() - 1, &ahead.points[branch.points.len()..]);
        // The first point may be the last one ahead.
        if let (Some(last), Some(code)) = (back.points.last_mut(), ahead.points[joint].code) {
            last.code.get_or_insert(code);
        }
        back.points.extend_from_slice(rest);
        back.ends[1] = ahead.ends[1].clone();
        back
    }

    /// Follows every bifurcation that has not been followed, as many at once as there are threads. What is kept is what one after the other
    /// would find, whatever their number.
    fn switch_all(&self, diagram: &mut Diagram) {
        while !self.growth.stopped() {
            let next = self.next(diagram, rayon::current_num_threads());
            if next.is_empty() {
                return;
            }
            let first = diagram.branches.len() + 1;
            let found: Vec<_> = next.par_iter().enumerate().map(|(i, at)| self.born(at, first + i)).collect();
            for (at, found) in next.iter().zip(found) {
                let whole = self.keep(diagram, at, found);
                self.growth.grown(diagram);
                if !whole {
                    return;
                }
            }
        }
    }

    /// The next bifurcations that are to be followed, at most so many.
    fn next(&self, diagram: &mut Diagram, most: usize) -> Vec<Bifurcation> {
        if diagram.branches.len() >= MOST_BRANCHES {
            return vec![];
        }
        let followed = diagram.bifurcations().filter(|at| at.doublings <= self.doublings);
        let followed: Vec<_> = followed.collect();
        let (ended, mut next): (Vec<_>, Vec<_>) = followed.into_iter().partition(|at| diagram.end_at(at));
        diagram.done.extend(ended.into_iter().map(|at| at.name));
        next.truncate(most);
        next
    }

    /// The branches that are born at a bifurcation.
    fn born(&self, at: &Bifurcation, number: usize) -> Result<Vec<Branch>, Failure> {
        let solver = &mut self.solver();
        let starts = match at.point.code {
            Some(Code::HB) => vec![at_hopf(solver, &at.point)?],
            Some(Code::PD) => vec![at_doubling(solver, &at.point)?],
            _ => at_branch_point(solver, &at.point)?,
        };
        let branch = |start: Point| self.branch(number, start, &at.name, [End::Origin, End::Open]);
        Ok(starts.into_par_iter().map(branch).collect())
    }

    /// Adds what is born at a bifurcation to a diagram, unless a branch ends there that came before; whether all of it is there.
    fn keep(&self, diagram: &mut Diagram, at: &Bifurcation, found: Result<Vec<Branch>, Failure>) -> bool {
        let mut whole = true;
        match found {
            _ if diagram.end_at(at) => {}
            Ok(branches) => {
                for branch in branches {
                    let known = at.point.code == Some(Code::BP) && self.is_known(diagram, &branch.points[0]);
                    let new = (!known && diagram.branches.len() < MOST_BRANCHES).then_some(branch);
                    if let Some(branch) = new.and_then(|branch| self.apart(diagram, branch)) {
                        whole &= !branch.ends.contains(&End::Open);
                        diagram.push(branch, at.doublings);
                    }
                }
            }
            Err(failure) => {
                let orbit = at.point.period().is_some() || at.point.code == Some(Code::HB);
                diagram.lack(orbit, at.point.value, format!("no branch switched to at {}: {failure}", at.name));
            }
        }
        diagram.done.insert(at.name.clone());
        whole
    }
}
