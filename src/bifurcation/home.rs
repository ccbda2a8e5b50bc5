//! The end of a doubled branch where both halves of its orbit become equal: its fold there is a period doubling of the parent.

use super::branch::Point;
use super::code::Code;
use super::note::{Note, Notes};
use super::object::Object;
use super::place::Place;
use super::solver::Solver;

/// A doubled orbit whose halves are this much closer than at their widest is at its parent.
const AT_PARENT: f64 = 0.05;

/// The last point of a doubled branch, if a step between two points comes home. `widest` is how far halves have been apart, and `located` are
/// the bifurcations of the step.
pub fn comes_home(
    solver: &mut Solver,
    from: &Point,
    (to, corrected): (&Point, &Place),
    located: &[Point],
    widest: &mut f64,
) -> Option<Point> {
    let before = halves(solver, &from.object, &from.place())?;
    let after = halves(solver, &to.object, corrected)?;
    let apart = |halves: &[f64]| halves.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    *widest = widest.max(apart(&before)).max(apart(&after));
    let flipped = before.iter().zip(&after).map(|(a, b)| a * b).sum::<f64>() < 0.0;
    let fold = located.iter().find(|point| point.code == Some(Code::LP));
    let folds_there = fold.is_some_and(|fold| {
        let halves = halves(solver, &fold.object, &fold.place());
        halves.is_some_and(|halves| apart(&halves) < AT_PARENT * *widest)
    });
    if !(flipped || folds_there) {
        return None;
    }
    let mut end = fold.unwrap_or(to).clone();
    end.code = Some(Code::EP);
    end.notes = Notes::default();
    end.notes.add(Note::HalvesEqual);
    Some(end)
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
