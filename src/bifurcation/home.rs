//! The end of a doubled branch, where both halves of its orbit become equal: a period doubling of its parent.
//!
//! Halves differ as the square root of the way to there. The parent gone around twice solves the same equation, and its halves are equal only
//! up to what the parabolas of its returns leave, 1e-7 to 1e-5 in scaled coordinates. By so much the doubled branch passes the doubling beside
//! the parent and goes on along it, on one side of the section without any fold. So it has come home where its halves come together, or
//! change places, while the parent doubles beside the step.

use super::branch::Point;
use super::code::Code;
use super::events::{between, locate};
use super::newton::{Failure, Solution};
use super::note::{Note, Notes};
use super::object::Object;
use super::pace::FINE;
use super::place::{Direction, Place};
use super::solver::Solver;

/// Halves that are nearer to each other after a step by more than this may be the parent's.
const NEARER: f64 = 0.5;
/// They are where the step has passed the doubling and they are nearer by this, or before it by so much more than the square root says.
const PASSED: f64 = 0.1;
const BEFORE: f64 = 0.3;
/// They are nobody's but the parent's, wherever that doubles.
const NEAREST: f64 = 0.02;
/// Steps before and behind one within which the parent may double.
const ROOM: [f64; 2] = [1.0, 0.1];
/// An orbit that is back so nearly after a part of its returns is gone around more than once.
const BACK: f64 = 3e-5;

/// Where a step of a branch has gone.
pub enum Home {
    /// Further on.
    Away,
    /// To the last point of the branch.
    At(Box<Point>),
    /// To the parent or past it: a shorter one may tell.
    Unclear,
}

/// Whether a step of this length comes home.
pub fn comes_home(solver: &mut Solver, from: &Point, to: &Place, length: f64) -> Home {
    let [before, after] = [&from.place(), to].map(|place| halves(solver, &from.object, place));
    let (Some(before), Some(after)) = (before, after) else { return Home::Away };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let flipped = product(&before, &after) < 0.0;
    let share = (product(&after, &after) / product(&before, &before)).sqrt();
    if !flipped && share > NEARER {
        return Home::Away;
    }
    let Some(doubling) = doubling_beside(solver, from, to, &before, length) else {
        return if flipped || share < NEAREST { Home::Unclear } else { Home::Away };
    };
    // Of the way to the doubling, what is left.
    let left = (to.value - doubling.value) / (from.value - doubling.value);
    let there = if left > 0.0 { share < BEFORE * left.sqrt() } else { share < PASSED || length <= FINE };
    if !flipped && !there {
        return if left > 0.0 { Home::Away } else { Home::Unclear };
    }
    last(solver, from, &doubling, before).map_or(Home::Unclear, |end| Home::At(Box::new(end)))
}

/// Where the parent doubles beside a step.
fn doubling_beside(solver: &mut Solver, from: &Point, to: &Place, halves: &[f64], length: f64) -> Option<Point> {
    let Object::Orbit { section, falls } = from.object else { return None };
    let parent = Object::Orbit { section, falls: falls / 2 };
    // Between both halves.
    let middle = from.x.iter().zip(halves).zip(solver.family().scales()).map(|((x, d), scale)| x + 0.5 * d * scale);
    let middle: Vec<f64> = middle.collect();
    let [low, high] = solver.family().range;
    let way = (to.value - from.value).signum();
    let along = Direction::new(vec![0.0; middle.len()], way);
    ROOM.into_iter().find_map(|part| {
        let room = part * length * way * solver.family().length();
        let mut at = |x: &[f64], value: f64| -> Result<Point, Failure> {
            let place = Place { x: x.to_vec(), value: value.clamp(low, high) };
            let solution = solver.newton.solve(&parent, &place, None)?;
            solver.point(&parent, &solution, Some(&along))
        };
        let ends = [at(&middle, from.value - room), at(&to.x, to.value + room)];
        let [Ok(before), Ok(behind)] = ends else { return None };
        between(&before, &behind).contains(&Code::PD).then(|| locate(solver, Code::PD, &before, &behind).ok())?
    })
}

/// The last point of the branch: the parent where it doubles, gone around twice. The branch goes through it along its halves.
fn last(solver: &mut Solver, from: &Point, doubling: &Point, halves: Vec<f64>) -> Option<Point> {
    let place = doubling.place();
    let mut map = solver.family().map(place.value).ok()?;
    let image = from.object.image(&mut map, &place.x).ok()?;
    let residual = solver.newton.residual(&place.x, &image);
    let solution = Solution { place, image, residual, derivatives: 0, jacobian: None };
    let end = solver.point(&from.object, &solution, None).ok()?;
    let direction = Some(Direction::new(halves, 0.0));
    let mut notes = Notes::default();
    notes.add(Note::HalvesEqual);
    Some(Point { code: Some(Code::EP), direction, error: doubling.error, notes, ..end })
}

/// The orbit that a point goes around more than once, once: Newton's method may end there from a simulated orbit of more returns.
pub fn once(solver: &mut Solver, point: Point) -> Result<Point, Failure> {
    let Object::Orbit { section, falls } = point.object else { return Ok(point) };
    let mut map = solver.family().map(point.value)?;
    let is_back = |object: &Object| {
        let image = object.image(&mut map, &point.x);
        image.is_ok_and(|image| solver.newton.residual(&point.x, &image) < BACK)
    };
    let parts = (1..falls).filter(|part| falls.is_multiple_of(*part));
    let object = parts.map(|falls| Object::Orbit { section, falls }).find(is_back);
    match object {
        Some(object) => solver.at_value(&object, &point.place()),
        None => Ok(point),
    }
}

/// What half of its returns does to an orbit's state, in scaled coordinates; of an odd number there is no half.
fn halves(solver: &Solver, object: &Object, place: &Place) -> Option<Vec<f64>> {
    let Object::Orbit { section, falls } = *object else { return None };
    if falls % 2 != 0 {
        return None;
    }
    let mut map = solver.family().map(place.value).ok()?;
    let half = Object::Orbit { section, falls: falls / 2 }.image(&mut map, &place.x).ok()?;
    let scaled = place.x.iter().zip(half.x()).zip(solver.family().scales());
    Some(scaled.map(|((x, y), scale)| (y - x) / scale).collect())
}
