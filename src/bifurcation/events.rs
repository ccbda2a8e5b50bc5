//! Bifurcations between two points of a branch: which there are, and where.
//!
//! Found by the direction's sign along the parameter (LP, and BP where a branch turns at another) and by counts of eigenvalues beyond 1, -1
//! and the unit circle; located by false position (Illinois) on the branch, corrected by Newton's method at every step.

use super::branch::Point;
use super::code::Code;
use super::cubic::Cubic;
use super::newton::Failure;
use super::object::Object;
use super::place::Place;
use super::solver::{Solver, extent};
use super::spectrum::Spectrum;

/// Rate in Hz below which nobody fires.
const SILENT: f64 = 1e-6;

/// Steps of false position.
const ITERATIONS: usize = 24;
/// Part of the way between two points below which an event is located: of a fixed point, of an orbit.
const FOUND_FIXED: f64 = 1e-9;
const FOUND_ORBIT: f64 = 2e-6;
/// Change of the value from one step to the next, relative to the range, below which an event is located: of an orbit, of a fixed point.
const SETTLED: [f64; 2] = [1e-6, 1e-11];
/// Points are far enough from an event for the slope of a multiplier if they are so far, relative to the range.
const FAR: f64 = 1e-4;
/// Sections agree on an event if they put it within this share of the range, or of the parameter's value there.
const AGREE: f64 = 5e-4;
/// A pair located so far from the unit circle, by more than sections differ, is none that crosses it.
const MEETING: f64 = 0.02;
/// Least error of a located value relative to the range: of a fixed point and of an orbit, by comparison with other sections.
const ERROR_FIXED: f64 = 2e-8;
const ERROR_ORBIT: f64 = 3e-6;

/// Which events lie between two points.
pub fn between(from: &Point, to: &Point) -> Vec<Code> {
    let fixed = from.object == Object::FixedPoint;
    let mut events = vec![];
    let turns = turn(from, to);
    let change = |count: fn(&Spectrum) -> usize| count(&to.spectrum) as isize - count(&from.spectrum) as isize;
    let (above, below, outside) = (change(|s| s.above), change(|s| s.below), change(|s| s.outside));
    // The sign of det(DP - 1) changes where a branch turns, but not where it turns at one that it crosses, as at a pitchfork.
    let crosses = turns != (above % 2 != 0) && (fixed || !turns) && !silent(from) && !silent(to);
    // What single real ones do not explain: one may go in at a fold where a pair comes out. Two real ones that become a pair, or a pair
    // that becomes two, change nothing.
    let single = |change: isize| if change % 2 != 0 { change.signum() } else { 0 };
    let pairs = change(Spectrum::unstable) - single(above) - single(below);
    if turns && !crosses {
        events.push(Code::LP);
    }
    if below % 2 != 0 || (below != 0 && outside == 0) {
        events.push(Code::PD);
    }
    if outside != 0 && pairs != 0 {
        events.push(if fixed { Code::HB } else { Code::NS });
    }
    if crosses {
        events.push(Code::BP);
    }
    events
}

/// Whether the number of unstable eigenvalues changes between two points by what these events between them do not add up to.
pub fn unexplained(from: &Point, to: &Point, events: &[Code]) -> bool {
    let mut sums = vec![0];
    for code in events {
        let by: isize = if matches!(code, Code::HB | Code::NS) { 2 } else { 1 };
        sums = sums.into_iter().flat_map(|sum| [sum - by, sum + by]).collect();
    }
    let change = to.spectrum.unstable() as isize - from.spectrum.unstable() as isize;
    change != 0 && !sums.contains(&change) && !silent(from) && !silent(to)
}

/// Whether a pair was found not where it crosses the unit circle, but where two real ones meet beyond 1 or -1 after one has come out.
pub fn is_meeting(point: &Point) -> bool {
    matches!(point.code, Some(Code::HB | Code::NS))
        && point.spectrum.at_circle.is_none_or(|beyond| beyond.abs() > MEETING)
}

/// Of a population that does not fire the refractory neurons are rounding, and so are eigenvalues near 1.
fn silent(point: &Point) -> bool {
    point.rates.iter().any(|&rate| rate < SILENT)
}

fn along(point: &Point) -> f64 {
    point.direction.as_ref().map_or(0.0, |direction| direction.p)
}

/// Whether the parameter turns back between two points.
fn turn(from: &Point, to: &Point) -> bool {
    along(from) * along(to) < 0.0
}

/// What changes sign at an event between two points.
fn test(code: Code, [from, to]: [&Point; 2], point: &Point) -> f64 {
    let (spectrum, first, last) = (&point.spectrum, &from.spectrum, &to.spectrum);
    let (before, distance) = match code {
        Code::LP => return along(point),
        Code::BP if turn(from, to) => return along(point),
        // A pair has become two real ones on the way: where it did, their number changes, but none is at -1.
        Code::PD if first.outside != last.outside && first.below.abs_diff(last.below) % 2 == 1 => {
            return spectrum.from_minus_one();
        }
        Code::PD => (spectrum.below == first.below, spectrum.at_minus_one),
        Code::BP => (spectrum.above == first.above, spectrum.at_one),
        _ => (spectrum.outside == first.outside, spectrum.at_circle),
    };
    let distance = distance.unwrap_or(1.0).abs().max(f64::MIN_POSITIVE);
    if before { distance } else { -distance }
}

/// Where an event is between two points.
pub fn locate(solver: &mut Solver, code: Code, from: &Point, to: &Point) -> Result<Point, Failure> {
    let fixed = from.object == Object::FixedPoint;
    let cubic = Cubic::new(solver.family(), from, to);
    let cubic = cubic.ok_or(Failure::Absent("the points on both sides have other sections, or no direction"))?;
    let test = |point: &Point| test(code, [from, to], point);
    let (mut low, mut high) = ((0.0, test(from)), (1.0, test(to)));
    let mut seen: Vec<Point> = vec![];
    let mut kept: i32 = 0;
    let found = if fixed { FOUND_FIXED } else { FOUND_ORBIT };
    for _ in 0..ITERATIONS {
        let secant = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        // Counts that do not belong to the nearest eigenvalue make it stick: then by halves.
        let at = if kept.abs() > 3 { 0.5 * (low.0 + high.0) } else { secant };
        let (ahead, across) = cubic.at(at);
        let solution = solver.newton.solve(&from.object, &ahead, Some(&across))?;
        let mut point = solver.point(&from.object, &solution, Some(&across))?;
        let value = test(&point);
        // Where branches cross there are two directions, and any between them solves.
        if code == Code::BP {
            point.direction = Some(across);
        }
        let moved = seen.last().map_or(f64::INFINITY, |last| (last.value - point.value).abs());
        let on_low = value * low.1 > 0.0;
        if on_low {
            low = (at, value);
            kept = if kept > 0 { kept + 1 } else { 1 };
            if kept > 1 {
                high.1 *= 0.5;
            }
        } else {
            high = (at, value);
            kept = if kept < 0 { kept - 1 } else { -1 };
            if kept < -1 {
                low.1 *= 0.5;
            }
        }
        seen.push(point);
        let settled = moved < SETTLED[usize::from(fixed)] * solver.family().length();
        if high.0 - low.0 < found || settled || value.abs() < 1e-12 {
            break;
        }
    }
    let mut point = seen.pop().ok_or(Failure::Absent("no point was found between those on both sides"))?;
    // Where a branch turns at one that it crosses, the distance of the eigenvalue from 1 has no slope.
    let slope = if code == Code::BP && turn(from, to) { None } else { slope(solver, code, &point, [from, to], &seen) };
    settle(solver, code, &mut point, slope, [from.value, to.value]);
    Ok(point)
}

/// Makes a point that of an event: with its code, its error, and where multipliers of all sections of an orbit agree, in the middle of where
/// they put it; else it stays on the best section. `slope` is that of [`beyond`] along the parameter, and sections count that put the event
/// between two values. Where differences leave the eigenvalue of a fixed point uncertain, so is the place.
pub fn settle(solver: &mut Solver, code: Code, point: &mut Point, slope: Option<f64>, ends: [f64; 2]) {
    let fixed = point.object == Object::FixedPoint;
    let noise = if fixed { solver.family().derivative().noise() } else { 0.0 };
    let unseen = slope.map_or(0.0, |slope| noise / slope.abs());
    let floor = (if fixed { ERROR_FIXED } else { ERROR_ORBIT } * solver.family().length().abs()).max(unseen);
    let values = slope.map_or_else(Vec::new, |slope| by_sections(solver, code, point, slope, ends));
    if !values.is_empty() {
        let (low, high, mean) = extent(&values);
        if high - low < AGREE * solver.family().length().max(mean.abs()) {
            let place = Place { x: point.x.clone(), value: mean };
            if let Ok(mut moved) = solver.at_value(&point.object, &place) {
                moved.direction = point.direction.take();
                *point = moved;
            }
        }
        point.error = Some(floor.max(high - low));
    } else {
        point.error = Some(floor);
    }
    point.code = Some(code);
}

/// How far the multiplier of an event is from where the event is; `None` for other events.
fn beyond(code: Code, spectrum: &Spectrum) -> Option<f64> {
    match code {
        Code::PD => spectrum.at_minus_one,
        Code::HB | Code::NS => spectrum.at_circle,
        Code::BP => spectrum.at_one,
        _ => None,
    }
}

/// The slope of that along the parameter, to the nearest point that is not so near that kinks are seen.
fn slope(solver: &Solver, code: Code, point: &Point, ends: [&Point; 2], seen: &[Point]) -> Option<f64> {
    let here = beyond(code, &point.spectrum)?;
    let apart = |other: &&Point| (other.value - point.value).abs();
    let far = FAR * solver.family().length();
    let others = seen.iter().chain(ends).filter(|other| apart(other) > far && beyond(code, &other.spectrum).is_some());
    let other = others.min_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    Some((beyond(code, &other.spectrum).unwrap_or(here) - here) / (other.value - point.value))
}

/// Where the sections of an orbit put an event of its multipliers, its own first.
fn by_sections(solver: &mut Solver, code: Code, point: &Point, slope: f64, ends: [f64; 2]) -> Vec<f64> {
    if point.object == Object::FixedPoint {
        return vec![];
    }
    let own = std::iter::once(point.spectrum.clone());
    let values = own.chain(solver.other_spectra(point)).filter_map(|spectrum| beyond(code, &spectrum));
    let inside = |value: &f64| (value - ends[0]) * (value - ends[1]) <= 0.0;
    values.map(|beyond| point.value - beyond / slope).filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bifurcation::place::Direction;

    /// A point of a branch with so many eigenvalues above 1, below -1, and complex ones outside.
    fn point(along: f64, [above, below, outside]: [usize; 3]) -> Point {
        let spectrum = Spectrum { above, below, outside, ..Spectrum::default() };
        Point { direction: Some(Direction { x: vec![], p: along }), spectrum, ..Point::of_orbit(1) }
    }

    /// Direction along the parameter behind a step, counts before and after it, events.
    type Case = (f64, [[usize; 3]; 2], &'static [Code]);

    #[test]
    fn changes_of_stability_are_explained_by_events() {
        let cases: &[Case] = &[
            (-1.0, [[1, 0, 0], [0, 0, 0]], &[Code::LP]),
            // A pair comes out beside a fold where a real one goes in.
            (-1.0, [[1, 0, 0], [0, 0, 2]], &[Code::LP, Code::NS]),
            (-1.0, [[0, 0, 2], [1, 0, 0]], &[Code::LP, Code::NS]),
            (1.0, [[0, 1, 0], [0, 0, 2]], &[Code::PD, Code::NS]),
            (1.0, [[0, 0, 0], [0, 0, 2]], &[Code::NS]),
            // Two real ones become a pair.
            (1.0, [[2, 0, 0], [0, 0, 2]], &[]),
            (1.0, [[0, 2, 0], [0, 0, 2]], &[]),
            (1.0, [[0, 1, 0], [0, 0, 0]], &[Code::PD]),
        ];
        for (turns, [before, after], events) in cases {
            let [from, to] = [point(1.0, *before), point(*turns, *after)];
            assert_eq!(between(&from, &to), *events, "{before:?} {after:?}");
            assert!(!unexplained(&from, &to, events), "{before:?} {after:?}");
        }
        let [stable, two] = [point(1.0, [0; 3]), point(1.0, [2, 0, 0])];
        assert!(unexplained(&stable, &two, &[]) && unexplained(&stable, &two, &[Code::PD]));
    }
}
