//! From a located bifurcation onto the branch that is born there.

use super::algebra::{Eigenvalue, Mode};
use super::branch::{Branch, End, Point};
use super::continuation::beyond;
use super::newton::{Failure, Solution};
use super::object::{Image, Object};
use super::place::{Direction, Place};
use super::section::Section;
use super::solver::{SAME_PERIOD, Solver, extent, slowest};
use super::spectrum::modulus;

/// Amplitudes of the mean kick count, relative to it, that are tried at a Hopf bifurcation.
const AMPLITUDES: [f64; 4] = [0.03, 0.05, 0.1, 0.02];
/// An orbit born there has the period of the mode to this share, and varies by more than this share.
const PERIOD: f64 = 0.05;
const VARIES: f64 = 0.01;
/// Scaled lengths of the first step that are tried at a period doubling, and at a branch point.
const DOUBLED: [f64; 4] = [0.004, 0.008, 0.002, 0.001];
const BRANCHED: [f64; 4] = [0.005, 0.01, 0.002, 0.001];
/// Cosine between a branch and the null vector beyond which it turns at a branch point.
const TURNS: f64 = 0.99;
/// Halves of a doubled orbit differ by more than this share of that length.
const DIFFER: f64 = 0.1;
/// A residual with which a point is taken as it is.
const FOUND: f64 = 1e-9;

/// The first orbit of the branch born at a Hopf bifurcation.
pub fn at_hopf(solver: &mut Solver, point: &Point) -> Result<Point, Failure> {
    let solution = again(solver, point)?;
    let mode = mode(solver, &point.object, &solution, |value| {
        if value.im > 0.0 { (modulus(&value) - 1.0).abs() } else { f64::INFINITY }
    })?;
    let map = solver.family().map(point.value)?;
    let projection = slowest(&map, |x| {
        let row = map.kick_row(x);
        modulus(&mode.right[row]) > 0.0 && point.x[row] > 0.0
    });
    let projection = projection.ok_or(Failure::Absent("no mean kick count moves with the mode"))?;
    let row = map.kick_row(projection);
    let (mean, scale) = (point.x[row], solver.family().scales()[row]);
    // The kick count falls through its mean: a quarter of a period after its maximum.
    let falling: Vec<f64> = mode.right.iter().map(|v| -(v / mode.right[row]).im).collect();
    let length = falling.iter().map(|x| x * x).sum::<f64>().sqrt();
    let across = Direction::new(falling, 0.0);
    let object = Object::Orbit { section: Section { projection, level: mean }, falls: 1 };
    let period = 1e3 / point.frequency();
    let mut last = Failure::Absent("no orbit of the mode's period was found beside the fixed point");
    for amplitude in AMPLITUDES {
        let start = solver.newton.ahead(&solution.place, &across, amplitude * mean / scale * length);
        match solver.newton.solve(&object, &start, Some(&across)) {
            Ok(solution) if is_outside(solver, &solution) => {}
            Ok(solution) => {
                let orbit = solver.point(&object, &solution, Some(&across))?;
                let Image::Return(back) = &solution.image else { continue };
                let (low, high, _) = extent(&back.series(&map, projection));
                if (orbit.time / period - 1.0).abs() < PERIOD && high - low > VARIES * mean {
                    return Ok(orbit);
                }
            }
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

/// The first orbit of the doubled branch.
pub fn at_doubling(solver: &mut Solver, point: &Point) -> Result<Point, Failure> {
    let Object::Orbit { section, falls } = point.object else {
        return Err(Failure::Absent("a fixed point does not double"));
    };
    let solution = again(solver, point)?;
    let across = real_mode(solver, &point.object, &solution, -1.0)?;
    let object = Object::Orbit { section, falls: 2 * falls };
    let mut last = Failure::Absent("no orbit of twice the period was found beside it");
    for length in DOUBLED {
        let start = solver.newton.ahead(&solution.place, &across, length);
        match solver.newton.solve(&object, &start, Some(&across)) {
            Ok(doubled) if is_outside(solver, &doubled) => {}
            Ok(doubled) => {
                let mut map = solver.family().map(doubled.place.value)?;
                let half = point.object.image(&mut map, &doubled.place.x)?;
                if solver.newton.residual(&doubled.place.x, &half) > DIFFER * length / (across.x.len() as f64).sqrt() {
                    return solver.point(&object, &doubled, Some(&across));
                }
            }
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

/// The first points of the branches that cross at a branch point, one on either side of the null vector; where a branch turns, it goes
/// along that vector, and the other one is beside it.
pub fn at_branch_point(solver: &mut Solver, point: &Point) -> Result<Vec<Point>, Failure> {
    let solution = again(solver, point)?;
    let null = real_mode(solver, &point.object, &solution, 1.0)?;
    let (mut found, mut last) = (vec![], Failure::Absent("no other branch was found beside it"));
    let turns = point.direction.as_ref().is_some_and(|along| along.cosine(&null).abs() > TURNS);
    let other = if turns { beside(solver, &point.object, &solution.place, &null)? } else { null };
    for across in [other.clone(), other.reversed()] {
        for length in BRANCHED {
            let start = solver.newton.ahead(&solution.place, &across, length);
            match solver.newton.solve(&point.object, &start, Some(&across)) {
                Ok(other) if is_outside(solver, &other) => {}
                // On the old branch it is a point that is known.
                Ok(other) => {
                    found.push(solver.point(&point.object, &other, Some(&across))?);
                    break;
                }
                Err(failure) => last = failure,
            }
        }
    }
    if found.is_empty() { Err(last) } else { Ok(found) }
}

/// The direction, towards higher values, of the branch at a place that does not go along the null vector.
fn beside(solver: &mut Solver, object: &Object, place: &Place, null: &Direction) -> Result<Direction, Failure> {
    let any = solver.newton.direction_near(object, place)?;
    let share = any.cosine(null);
    Ok(Direction::new(any.x.iter().zip(&null.x).map(|(any, null)| any - share * null).collect(), any.p))
}

/// Whether a first point would lie where no branch is followed.
fn is_outside(solver: &Solver, first: &Solution) -> bool {
    beyond(solver.family().range, first.place.value).is_some()
}

/// A point's solution once more, as it was found: where a branch crosses another one, Newton's step at a fixed value has no solution.
fn again(solver: &mut Solver, point: &Point) -> Result<Solution, Failure> {
    let place = point.place();
    let mut map = solver.family().map(point.value)?;
    let image = point.object.image(&mut map, &place.x)?;
    let residual = solver.newton.residual(&place.x, &image);
    if residual < FOUND {
        return Ok(Solution { place, image, residual, derivatives: 0, jacobian: None });
    }
    solver.newton.solve(&point.object, &place, None)
}

/// The mode whose eigenvalue is nearest by a distance.
fn mode(
    solver: &mut Solver,
    object: &Object,
    solution: &Solution,
    distance: impl Fn(Eigenvalue) -> f64,
) -> Result<Mode, Failure> {
    let modes = solver.modes(object, solution).unwrap_or_default();
    let nearest = modes.into_iter().min_by(|a, b| distance(a.value).total_cmp(&distance(b.value)));
    nearest.filter(|mode| distance(mode.value) < 0.1).ok_or(Failure::Absent("no multiplier lies where it should"))
}

/// Along the state, the mode of the real eigenvalue nearest to a number.
fn real_mode(solver: &mut Solver, object: &Object, solution: &Solution, near: f64) -> Result<Direction, Failure> {
    let distance = |value: Eigenvalue| if value.im == 0.0 { (value.re - near).abs() } else { f64::INFINITY };
    let mode = mode(solver, object, solution, distance)?;
    Ok(Direction::new(mode.right.iter().map(|v| v.re).collect(), 0.0))
}

/// Whether two points of orbits are of one orbit, by period and rates.
pub fn same(a: &Point, b: &Point) -> bool {
    let near = |x: f64, y: f64, share: f64| (x - y).abs() <= share * x.abs().max(y.abs()).max(1e-3);
    a.period().is_some() == b.period().is_some()
        && (near(a.time, b.time, 1e-5) || (a.time - b.time).abs() < SAME_PERIOD)
        && a.rates.iter().zip(&b.rates).all(|(x, y)| near(*x, *y, 1e-4))
}

/// Whether a branch has a point that is the same as this one, at its value.
pub fn is_on(solver: &mut Solver, branch: &Branch, point: &Point) -> bool {
    let of_kind = |other: &&Point| other.direction.is_some() && branch.is_orbit() == point.period().is_some();
    let closing = branch.points.first().filter(|_| branch.ends == [End::Round, End::Round]);
    let curve: Vec<&Point> = branch.points.iter().chain(closing).filter(of_kind).collect();
    curve.windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        let between = (a.value - point.value) * (b.value - point.value) <= 0.0;
        let near = if (a.value - point.value).abs() < (b.value - point.value).abs() { a } else { b };
        if !between || (point.period().is_some() && (near.time / point.time - 1.0).abs() > 0.1) {
            return false;
        }
        // Beside a branch point Newton's method may go to either branch, from between two points more surely to theirs.
        let share = if a.value == b.value { 0.0 } else { (point.value - a.value) / (b.value - a.value) };
        let between = a.x.iter().zip(&b.x).map(|(a, b)| a + share * (b - a));
        let x = if a.object == b.object { between.collect() } else { near.x.clone() };
        let place = Place { x, value: point.value };
        let found = solver.newton.solve(&near.object, &place, None);
        found.and_then(|solution| solver.point(&near.object, &solution, None)).is_ok_and(|found| same(&found, point))
    })
}
