//! Another section for an orbit whose own has come close to an extremum: a level that an orbit touches loses a return without a word.

use super::branch::Point;
use super::map::Map;
use super::newton::Solution;
use super::note::Note;
use super::object::{Image, Object};
use super::place::{Direction, Place};
use super::section::{Return, Section};
use super::solver::{SAME_PERIOD, Solver};

/// Distance along the branch from which its direction is carried over.
const BESIDE: f64 = 1e-4;

/// A better section of an orbit.
pub struct Moved {
    section: Section,
    falls: usize,
    /// Steps in which a state lands on it.
    most: usize,
}

impl Moved {
    /// `None`: the section is good enough for this return.
    pub fn from(section: Section, map: &Map<f64>, back: &Return) -> Option<Moved> {
        let (better, falls) = section.better(&back.series(map, section.projection))?;
        Some(Moved { section: better, falls, most: 3 * back.states.len() })
    }

    /// The orbit on it.
    pub fn object(&self) -> Object {
        Object::Orbit { section: self.section, falls: self.falls }
    }

    /// Where a state lands on it.
    pub fn land(&self, map: &mut Map<f64>, x: &[f64]) -> Option<Vec<f64>> {
        Some(self.section.follow(map, x, 1, self.most)?.x)
    }
}

/// Moves an orbit to a better section where there is one; it stays where it is if the orbit there is not the same.
pub fn keep_section(solver: &mut Solver, point: &mut Point, solution: &Solution) {
    let Object::Orbit { section, .. } = point.object else { return };
    let Image::Return(back) = &solution.image else { return };
    let Ok(mut map) = solver.family().map(point.value) else { return };
    let Some(moved) = Moved::from(section, &map, back) else { return };
    let object = moved.object();
    let Some(x) = moved.land(&mut map, &point.x) else { return };
    let Ok(solution) = solver.newton.solve(&object, &Place { x, value: point.value }, None) else { return };
    // The direction goes along: to where a neighbouring state lands.
    let Some(old) = &point.direction else { return };
    let beside = solver.newton.ahead(&point.place(), old, BESIDE);
    let Ok(mut there) = solver.family().map(beside.value) else { return };
    let Some(landed) = moved.land(&mut there, &beside.x) else { return };
    let scales = solver.family().scales();
    let x = landed.iter().zip(&solution.place.x).zip(scales).map(|((a, b), scale)| (a - b) / scale / BESIDE).collect();
    let side = Direction::new(x, old.p);
    let Ok(mut new) = solver.point(&object, &solution, Some(&side)) else { return };
    // Beside a bifurcation sections differ in which side the point is on: what lies ahead would be missed, or found again.
    let unstable = [&new, &*point].map(|point| (point.spectrum.above, point.spectrum.below, point.spectrum.outside));
    if (new.time - point.time).abs() > SAME_PERIOD || unstable[0] != unstable[1] {
        return;
    }
    new.notes = point.notes.clone();
    new.notes.add(Note::Resectioned(section.level, moved.section.level));
    *point = new;
}
