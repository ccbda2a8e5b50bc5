//! Everything found of one model: branches, and what has been dealt with.

use super::branch::{Branch, End, Point};
use super::code::Code;
use super::note::Note;
use super::place::Direction;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A bifurcation at which another branch has ended already is this near, relative to the range.
const ENDED_HERE: f64 = 5e-3;

/// And one where a branch was lost is this near, with a period that differs by less than this share.
const LOST_HERE: f64 = 1e-4;
const SAME: f64 = 1e-3;

/// Branches of one model along one parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagram {
    /// In the order in which they were found.
    pub branches: Vec<Branch>,
    /// Starts and bifurcations that have been dealt with.
    pub(super) done: BTreeSet<String>,
    /// What did not converge and lies on no branch.
    pub unsolved: Vec<Unsolved>,
    /// Doublings before each branch.
    doublings: Vec<u32>,
    /// Length of the range that directions are scaled by.
    length: f64,
}

/// What was looked for and not found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unsolved {
    /// Whether it would have been an orbit; else a fixed point.
    pub orbit: bool,
    /// Of the parameter.
    pub value: f64,
    /// Why.
    pub note: String,
}

/// Where branches are born.
#[derive(Clone, Debug)]
pub(super) struct Bifurcation {
    /// What it is called among what has been dealt with.
    pub name: String,
    /// Where it is.
    pub point: Point,
    /// Doublings before what is born.
    pub doublings: u32,
}

impl Diagram {
    /// Ends of an earlier range that are inside of this one can be continued, in directions scaled by this one.
    pub(super) fn reopen(&mut self, [low, high]: [f64; 2]) {
        let longer = std::mem::replace(&mut self.length, high - low) / (high - low);
        for point in self.branches.iter_mut().flat_map(|branch| &mut branch.points) {
            if let Some(along) = point.direction.take_if(|_| longer != 1.0) {
                point.direction = Some(Direction::new(along.x, along.p * longer));
            }
        }
        for branch in &mut self.branches {
            let last = branch.points.len() - 1;
            for (end, i) in branch.ends.iter_mut().zip([0, last]) {
                if matches!(end, End::Range(value) if *value > low && *value < high) {
                    *end = End::Open;
                    branch.points[i].code = None;
                }
            }
        }
    }

    /// A point by the numbers that it has in tables: of its branch and its own, from 1.
    pub fn at(&self, branch: usize, point: usize) -> Option<&Point> {
        self.branches.get(branch.checked_sub(1)?)?.points.get(point.checked_sub(1)?)
    }

    /// Adds what was not found.
    pub(super) fn lack(&mut self, orbit: bool, value: f64, note: String) {
        self.unsolved.push(Unsolved { orbit, value, note });
    }

    /// Adds a branch, as the next number.
    pub(super) fn push(&mut self, branch: Branch, doublings: u32) {
        self.doublings.push(doublings);
        let branch = Branch { number: self.branches.len() + 1, ..branch };
        let branch = self.with_parents(branch);
        self.branches.push(branch);
    }

    /// Takes the last branch away.
    pub(super) fn pop(&mut self) {
        self.branches.pop();
        self.doublings.pop();
    }

    /// Puts a longer branch in the place of one.
    pub(super) fn replace(&mut self, branch: Branch) {
        let i = branch.number - 1;
        self.branches[i] = self.with_parents(branch);
    }

    /// Bifurcations at which branches are born, less what has been dealt with, in the order of branches and points.
    pub(super) fn bifurcations(&self) -> impl Iterator<Item = Bifurcation> {
        let of_branch = self.branches.iter().zip(&self.doublings).flat_map(|(branch, &before)| {
            // A simulated orbit of so many returns is as long as one that was doubled.
            let returns = branch.points.iter().map(|point| point.object.falls()).max();
            let before = before.max(returns.unwrap_or(0).max(1).ilog2());
            branch.points.iter().filter_map(move |point| {
                let (code, doublings) = match point.code? {
                    code @ Code::HB => (code, 0),
                    code @ Code::PD if point.period().is_some() => (code, before + 1),
                    code @ Code::BP => (code, before),
                    _ => return None,
                };
                let name = format!("branch {} {} at {:.9}", branch.number, code.text(), point.value);
                Some(Bifurcation { name, point: point.clone(), doublings })
            })
        });
        of_branch.filter(|at| !self.done.contains(&at.name))
    }

    /// Whether a branch of orbits has ended at this bifurcation: it is the one born there.
    pub(super) fn has_ended_at(&self, point: &Point) -> bool {
        let period = match point.code {
            Some(Code::HB) => 1e3 / point.frequency(),
            Some(Code::PD) => 2.0 * point.time,
            _ => return false,
        };
        let near = ENDED_HERE * self.length;
        self.branches.iter().filter(|branch| branch.is_orbit()).any(|branch| {
            let ends = [(&branch.ends[0], branch.points.first()), (&branch.ends[1], branch.points.last())];
            ends.into_iter().any(|(end, last)| {
                let joins = |last: &&Point| last.notes.iter().any(|note| matches!(note, Note::Joins(_)));
                let last = last.filter(|last| *end == End::Closed && !joins(last));
                last.is_some_and(|last| {
                    (last.value - point.value).abs() < near && (last.time / period - 1.0).abs() < 0.02
                })
            })
        })
    }

    /// Whether a branch of orbits has ended at this bifurcation. One that was lost right there has: it would go on along itself.
    pub(super) fn end_at(&mut self, at: &Bifurcation) -> bool {
        if self.has_ended_at(&at.point) {
            return true;
        }
        let (near, period) = (LOST_HERE * self.length, 2.0 * at.point.time);
        let mut ended = false;
        for branch in self.branches.iter_mut().filter(|branch| branch.is_orbit() && at.point.code == Some(Code::PD)) {
            let last = branch.points.len() - 1;
            for (end, i) in branch.ends.iter_mut().zip([0, last]).filter(|(end, _)| **end == End::Lost) {
                let point = &mut branch.points[i];
                let here = (point.value - at.point.value).abs() < near && (point.time / period - 1.0).abs() < SAME;
                if here && point.code == Some(Code::MX) {
                    (point.code, *end, ended) = (Some(Code::EP), End::Closed, true);
                    point.notes.add(Note::TakenToEnd(at.name.clone()));
                }
            }
        }
        ended
    }

    /// Names the branches that the ends of a doubled one came home to.
    fn with_parents(&self, mut branch: Branch) -> Branch {
        let doublings = || {
            let others = self.branches.iter().filter(|other| other.number != branch.number);
            let of_parent = |point: &&Point| point.code == Some(Code::PD);
            others.flat_map(move |other| other.points.iter().filter(of_parent).map(move |point| (other.number, point)))
        };
        let note = |end: &End, last: Option<&Point>| {
            let is_told = |last: &Point| last.notes.iter().any(|note| matches!(note, Note::ClosesOn(..)));
            let is_home = |last: &&Point| last.notes.has(&Note::HalvesEqual) && !is_told(last);
            let last = last.filter(|_| *end == End::Closed).filter(is_home)?;
            let near = doublings().filter(|(_, point)| (2.0 * point.time / last.time - 1.0).abs() < 0.02);
            let away = |point: &Point| (point.value - last.value).abs();
            let (number, point) = near.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)))?;
            Some(Note::ClosesOn(number, point.value))
        };
        let notes = [note(&branch.ends[0], branch.points.first()), note(&branch.ends[1], branch.points.last())];
        let last = branch.points.len() - 1;
        for (i, note) in [0, last].into_iter().zip(notes) {
            note.into_iter().for_each(|note| branch.points[i].notes.add(note));
        }
        branch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(code: Code, falls: usize, value: f64, time: f64) -> Point {
        Point { code: Some(code), value, time, ..Point::of_orbit(falls) }
    }

    /// A doubled branch that is lost at the doubling of its parent ends there, and nowhere else.
    #[test]
    fn a_branch_that_is_lost_at_a_doubling_ends_there() {
        for (away, period, here) in [(4e-6, 32.8753, true), (4e-3, 32.8753, false), (4e-6, 16.44, false)] {
            let mut diagram = Diagram { length: 0.55, ..Diagram::default() };
            let points = vec![point(Code::EP, 2, 0.77, 38.0), point(Code::MX, 2, 0.919596 + away, period)];
            let ends = [End::Range(0.77), End::Lost];
            diagram.push(Branch { number: 1, origin: String::new(), points, ends }, 1);
            let doubling = point(Code::PD, 1, 0.919596, 16.438);
            let at = Bifurcation { name: "branch 2 PD at 0.919596".into(), point: doubling, doublings: 1 };
            assert_eq!(diagram.end_at(&at), here);
            let branch = &diagram.branches[0];
            let (code, end) = if here { (Code::EP, End::Closed) } else { (Code::MX, End::Lost) };
            assert_eq!((branch.points[1].code, &branch.ends[1]), (Some(code), &end));
            assert_eq!(branch.points[1].notes.has(&Note::TakenToEnd(at.name)), here);
            assert_eq!(branch.ends[0], End::Range(0.77));
        }
    }
}
