//! Branches that come to where they have been: closed curves, and such as turn about at a bifurcation that was not seen.
//!
//! A step has passed an earlier point if Newton's method, across that point's direction, ends in that point. On the way the section may
//! have changed, and a doubled orbit may be half a period further on: so states are followed to where the earlier point is counted.

use super::branch::{Branch, Point};
use super::object::Object;
use super::place::Place;
use super::solver::Solver;

/// Fewer points before are no curve around.
const AROUND: usize = 10;
/// A value between those of two points, or beyond them by this share of their distance; the same of the time, or this share of it.
const BESIDE: f64 = 0.5;
const TIME: f64 = 1e-3;
/// Most points that a step is compared with.
const COMPARED: usize = 4;
/// Two places are one in scaled coordinates.
const SAME: f64 = 1e-6;

/// The point of a branch that the step from its last point to another one has passed.
pub fn passed_again(solver: &mut Solver, branch: &Branch, from: &Point, to: &Point) -> Option<usize> {
    let before = branch.points.len().saturating_sub(AROUND);
    let step = solver.newton.distance(&from.place(), &to.place());
    let room = BESIDE * step;
    let between = |of: fn(&Point) -> f64, unit: f64, room: f64, point: &Point| {
        let [a, b, x] = [from, to, point].map(|point| of(point) / unit);
        a.min(b) - room <= x && x <= a.max(b) + room
    };
    let length = solver.family().length();
    let near = branch.points[..before].iter().enumerate().filter(|(_, point)| {
        point.direction.is_some()
            && point.period().is_some() == to.period().is_some()
            && between(|point| point.value, length, room, point)
            && between(|point| point.time, to.time, room.max(TIME), point)
    });
    // The first of them: of a curve that is closed it is the one where it began.
    let mut near = near.take(COMPARED).collect::<Vec<_>>().into_iter();
    near.find(|(_, point)| {
        let place = onto(solver, to, &point.object, point);
        let place = place.filter(|place| solver.newton.distance(place, &point.place()) < 2.0 * step);
        place.is_some_and(|place| is_at(solver, point, &place))
    })
    .map(|(i, _)| i)
}

/// The place on another object's section that is nearest to a point there.
pub(super) fn onto(solver: &Solver, from: &Point, object: &Object, to: &Point) -> Option<Place> {
    let at = |x: Vec<f64>| Place { x, value: from.value };
    let Object::Orbit { section, falls } = *object else { return Some(at(from.x.clone())) };
    let mut map = solver.family().map(from.value).ok()?;
    let most = 3 * (from.time / map.dt()) as usize;
    let (mut x, mut places) = (from.x.clone(), vec![]);
    if from.object == *object {
        places.push(at(x.clone()));
    }
    for _ in places.len()..falls {
        x = section.follow(&mut map, &x, 1, most)?.x;
        places.push(at(x.clone()));
    }
    let apart = |place: &Place| solver.newton.distance(place, &to.place());
    places.into_iter().min_by(|a, b| apart(a).total_cmp(&apart(b)))
}

/// Whether the branch of a place goes through a point.
fn is_at(solver: &mut Solver, point: &Point, place: &Place) -> bool {
    let Some(along) = &point.direction else { return false };
    let [a, b] = [place, &point.place()].map(|place| solver.family().scaled(&place.x, place.value));
    let beyond = along.along(a.iter().zip(&b).map(|(a, b)| a - b));
    let start = solver.newton.ahead(place, along, -beyond);
    let solution = solver.newton.solve(&point.object, &start, Some(along));
    solution.is_ok_and(|solution| solver.newton.distance(&solution.place, &point.place()) < SAME)
}
