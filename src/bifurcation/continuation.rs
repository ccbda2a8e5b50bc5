//! Pseudo-arclength continuation of one branch: predictor, corrector, length of the step, events, sections, ends.

use super::branch::{Branch, Code, End, Point};
use super::events::{between, direction, locate};
use super::family::Lost;
use super::newton::{Failure, Solution};
use super::object::{Image, Object};
use super::pace::{LONGEST, Pace, SHORTEST, growth};
use super::place::{Direction, Place};
use super::solver::{SAME_PERIOD, Solver, add_note, extent};

/// Least cosine between the directions of neighbouring points, and most relative change of the period.
const COSINE: f64 = 0.8;
const PERIOD_CHANGE: f64 = 0.1;
/// A curve turns half as much in half a step. Where this share of the angle is left, a kink of the map has made a corner, which no
/// shorter step would round, or the derivative is that of the other side of one: the way to the point goes on then, if its cosine with the
/// direction before is not less than that.
const CORNER: f64 = 0.8;
const FORWARD: f64 = 0.5;
/// In longer steps it may be another branch that crosses: of fixed points, of orbits.
const CORNERED: [f64; 2] = [1e-4, 2e-3];
/// A corrected point is no further away than so many steps: otherwise it is on another branch.
const JUMP: f64 = 4.0;
/// An orbit whose kick count varies by less than this share of its mean is at a Hopf bifurcation.
const SMALL: f64 = 0.02;
/// A doubled orbit whose halves are this much closer than at their widest is at its parent.
const AT_PARENT: f64 = 0.05;
/// Orbits with larger multipliers are not followed.
const FOLLOWED: f64 = 200.0;
/// A branch that has gone on by less than the longest step over so many points creeps along kinks of the map.
const CREEPING: usize = 40;
/// Points of a branch, beyond which it ends.
const MOST_POINTS: usize = 600;

/// What a run of the continuation is told.
pub trait Progress: Sync {
    /// After every point.
    fn point(&self, branch: usize, point: &Point);
    /// Whether to stop after this point.
    fn stopped(&self) -> bool;
}

/// Continues branches of one solver.
pub struct Continuation<'a, 'b> {
    /// What solves.
    pub solver: &'b mut Solver<'a>,
    /// Values at which points are wanted, in order.
    pub at: &'b [f64],
    /// Who is told.
    pub progress: &'b dyn Progress,
}

/// How a step went.
enum Step {
    /// A point and what lies before it, and by how much the next step may be longer.
    Points(Vec<Point>, f64),
    /// The last point.
    Last(Vec<Point>, End),
    /// The last point, back at the first one.
    Round(Vec<Point>),
    /// Try a shorter one.
    Shorter(String),
    /// The branch turns by this angle: try a shorter one.
    Turns(f64),
    /// No shorter one helps.
    Impossible(String),
}

impl Continuation<'_, '_> {
    /// Continues a branch at its end until it ends there, or until it is told to stop.
    pub fn extend(&mut self, branch: &mut Branch) {
        let mut pace = Pace::new(branch.is_orbit());
        let mut widest: f64 = 0.0;
        while branch.ends[1] == End::Open && !self.progress.stopped() {
            let last = branch.points.len() - 1;
            if branch.points.len() >= MOST_POINTS {
                self.lose(branch, "more points than a branch may have");
                break;
            }
            if self.creeps(branch) {
                let reason = "the branch is one of kinks here, where steps stay short: other bins may have none";
                self.lose(branch, &format!("{reason} ({CREEPING} points within {LONGEST})"));
                break;
            }
            match self.step(branch, &pace, &mut widest) {
                Step::Points(points, growth) => {
                    branch.points.extend(points);
                    pace.succeed(growth);
                }
                Step::Last(points, end) => {
                    branch.points.extend(points);
                    branch.ends[1] = end;
                }
                Step::Round(points) => {
                    branch.points.extend(points);
                    branch.ends = [End::Closed, End::Closed];
                }
                Step::Shorter(reason) => {
                    if !pace.fail(f64::INFINITY) {
                        self.lose(branch, &format!("step below {:e}: {reason}", pace.shortest));
                    }
                }
                Step::Turns(angle) => {
                    if !pace.fail(angle) {
                        let degrees = angle.to_degrees();
                        self.lose(
                            branch,
                            &format!("step below {:e}: the branch turns by {degrees:.0} degrees", pace.shortest),
                        );
                    }
                }
                Step::Impossible(reason) => self.lose(branch, &reason),
            }
            branch.points[last + 1..].iter().for_each(|point| self.progress.point(branch.number, point));
        }
    }

    /// Whether the last points of a branch are so near to each other that it leads nowhere.
    fn creeps(&self, branch: &Branch) -> bool {
        let Some(first) = branch.points.len().checked_sub(CREEPING) else { return false };
        let place = |point: &Point| Place { x: point.x.clone(), value: point.value };
        let on_curve: Vec<Place> =
            branch.points[first..].iter().filter(|p| !p.direction.is_empty()).map(place).collect();
        on_curve.windows(2).map(|pair| self.solver.newton.distance(&pair[0], &pair[1])).sum::<f64>() < LONGEST
    }

    /// Ends a branch at its last point, which stays with the reason.
    fn lose(&self, branch: &mut Branch, reason: &str) {
        let Some(last) = branch.points.last() else { return };
        let mut end = last.clone();
        end.code = Some(if reason.starts_with("no model") { Code::EP } else { Code::MX });
        add_note(&mut end, reason);
        branch.points.push(end);
        branch.ends[1] = End::Lost;
    }

    fn step(&mut self, branch: &Branch, pace: &Pace, widest: &mut f64) -> Step {
        let length = pace.step;
        let from = branch.points.iter().rev().find(|point| !point.direction.is_empty()).expect("a point to start from");
        let side = direction(from).expect("a direction");
        let start = Place { x: from.x.clone(), value: from.value };
        let ahead = self.solver.newton.ahead(&start, &side, length);
        let range = self.solver.family().range;
        if let Some(bound) = beyond(range, ahead.value) {
            return self.land(from, &ahead, bound, length);
        }
        let solution = match self.solver.newton.solve(&from.object, &ahead, Some(&side)) {
            Ok(solution) => solution,
            Err(Failure::Lost(Lost::Model { value, reason })) if length <= 2.0 * pace.shortest => {
                return Step::Impossible(format!("no model at {value}: {reason}"));
            }
            Err(failure) => return Step::Shorter(failure.to_string()),
        };
        let jump = self.distance(from, &solution.place);
        if jump > JUMP * length {
            return Step::Shorter(format!("a jump of {jump:.1e} in a step of {length:.1e}"));
        }
        if let Some(bound) = beyond(range, solution.place.value) {
            return self.land(from, &solution.place, bound, length);
        }
        let mut point = match self.solver.point(&from.object, &solution, Some(&side)) {
            Ok(point) => point,
            Err(failure) => return Step::Shorter(failure.to_string()),
        };
        if from.period().is_some() && (point.time / from.time - 1.0).abs() > PERIOD_CHANGE {
            return Step::Shorter(format!("the period jumps from {:.4} to {:.4} ms", from.time, point.time));
        }
        let cosine = direction(&point).map_or(0.0, |direction| direction.cosine(&side).clamp(-1.0, 1.0));
        let mut angle = cosine.acos();
        if cosine < COSINE {
            let way = self.way(from, &point);
            let long = length > CORNERED[usize::from(from.period().is_some())];
            if long || angle < CORNER * pace.turned || way.cosine(&side) < FORWARD {
                return Step::Turns(angle);
            }
            angle = way.cosine(&side).clamp(-1.0, 1.0).acos();
            point.direction = way.x.into_iter().chain([way.p]).collect();
        }
        if let Err(Lost::Model { value, reason }) = self.solver.family().check(point.value) {
            return Step::Shorter(format!("no model at {value}: {reason}"));
        }
        let mut points = match self.located(from, &point, length) {
            Ok(points) => points,
            Err(step) => return step,
        };
        if let Some(step) = self.home(branch, from, &point, &solution, &mut points, widest) {
            return step;
        }
        if self.shrinks(branch, &point, &solution) {
            point.code = Some(Code::EP);
            add_note(&mut point, "ends at HB");
            points.push(point);
            return Step::Last(points, End::Closed);
        }
        if point.spectrum.radius() > FOLLOWED {
            point.code = Some(Code::EP);
            add_note(&mut point, &format!("multipliers beyond {FOLLOWED}: not followed further"));
            points.push(point);
            return Step::Last(points, End::Lost);
        }
        if self.comes_round(branch, &point, length) {
            point.code = Some(Code::EP);
            add_note(&mut point, "closed curve");
            points.push(point);
            return Step::Round(points);
        }
        self.keep_section(&mut point, &solution);
        points.push(point);
        Step::Points(points, growth(solution.derivatives, angle))
    }

    /// Events and wanted values before a new point.
    fn located(&mut self, from: &Point, to: &Point, length: f64) -> Result<Vec<Point>, Step> {
        let mut points = vec![];
        for code in between(from, to) {
            let two = match code {
                Code::PD => from.spectrum.below.abs_diff(to.spectrum.below) > 1,
                Code::HB | Code::NS => from.spectrum.outside.abs_diff(to.spectrum.outside) > 2,
                _ => false,
            };
            if two && length > 16.0 * SHORTEST {
                return Err(Step::Shorter(format!("several events between {} and {}", from.value, to.value)));
            }
            match locate(self.solver, code, from, to, length) {
                Ok(point) => points.push(point),
                Err(failure) if length > 16.0 * SHORTEST => return Err(Step::Shorter(failure.to_string())),
                Err(failure) => {
                    let mut point = to.clone();
                    point.code = Some(Code::MX);
                    add_note(&mut point, &format!("{} near here was not located: {failure}", code.text()));
                    points.push(point);
                }
            }
        }
        for &value in self.at.iter().filter(|&&at| (at - from.value) * (at - to.value) <= 0.0 && at != from.value) {
            let part = (value - from.value) / (to.value - from.value);
            let x = from.x.iter().zip(&to.x).map(|(a, b)| a + part * (b - a)).collect();
            let wanted = self.solver.at_value(&from.object, &Place { x, value });
            if let Ok(mut point) = wanted {
                point.code = Some(Code::UZ);
                self.solver.compare_sections(&mut point);
                points.push(point);
            }
        }
        let ahead = |point: &Point| {
            let scales = self.solver.family().scales();
            let side = &from.direction;
            let along = point.x.iter().zip(&from.x).zip(scales).zip(side).map(|(((a, b), s), d)| (a - b) / s * d);
            let length = self.solver.family().length();
            along.sum::<f64>() + (point.value - from.value) / length * side[side.len() - 1]
        };
        points.sort_by(|a, b| ahead(a).total_cmp(&ahead(b)));
        Ok(points)
    }

    /// The last point, at the end of the range.
    fn land(&mut self, from: &Point, beyond: &Place, bound: f64, length: f64) -> Step {
        let part = (bound - from.value) / (beyond.value - from.value);
        if from.value == bound {
            return Step::Last(vec![], End::Range(bound));
        }
        let x = from.x.iter().zip(&beyond.x).map(|(a, b)| a + part * (b - a)).collect();
        let place = Place { x, value: bound };
        let solved = self.solver.newton.solve(&from.object, &place, None);
        let side = direction(from);
        let point = solved.and_then(|solution| self.solver.point(&from.object, &solution, side.as_ref()));
        match point {
            Err(failure) => Step::Shorter(failure.to_string()),
            Ok(point) if from.period().is_some() && (point.time / from.time - 1.0).abs() > PERIOD_CHANGE => {
                Step::Shorter("the period jumps at the end of the range".into())
            }
            Ok(mut point) => {
                let jump = self.distance(from, &Place { x: point.x.clone(), value: bound });
                if jump > JUMP * length {
                    return Step::Shorter(format!("a jump of {jump:.1e} to the end of the range"));
                }
                let mut points = match self.located(from, &point, jump) {
                    Ok(points) => points,
                    Err(step) => return step,
                };
                point.code = Some(Code::EP);
                self.solver.compare_sections(&mut point);
                points.push(point);
                Step::Last(points, End::Range(bound))
            }
        }
    }

    /// The end of a doubled branch where both halves of its orbit become equal: its fold there is a period doubling of the parent.
    fn home(
        &mut self,
        branch: &Branch,
        from: &Point,
        to: &Point,
        solution: &Solution,
        points: &mut [Point],
        widest: &mut f64,
    ) -> Option<Step> {
        let before = self.halves(from)?;
        let after = self.halves_of(&to.object, to.value, &solution.place.x)?;
        let apart = |halves: &[f64]| halves.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        *widest = widest.max(apart(&before)).max(apart(&after));
        let flipped = before.iter().zip(&after).map(|(a, b)| a * b).sum::<f64>() < 0.0;
        let fold = points.iter().position(|point| point.code == Some(Code::LP));
        let folds_there = fold.is_some_and(|fold| {
            let halves = self.halves(&points[fold]);
            halves.is_some_and(|halves| apart(&halves) < AT_PARENT * *widest)
        });
        if !(flipped || folds_there) || branch.points.len() < 3 {
            return None;
        }
        let mut end = fold.map_or_else(|| to.clone(), |fold| points[fold].clone());
        end.code = Some(Code::EP);
        end.note.clear();
        add_note(&mut end, "both halves of the orbit become equal: a period doubling of its parent");
        Some(Step::Last(vec![end], End::Closed))
    }

    fn halves(&mut self, point: &Point) -> Option<Vec<f64>> {
        self.halves_of(&point.object, point.value, &point.x)
    }

    /// What half of its returns does to an orbit's state, in scaled coordinates.
    fn halves_of(&mut self, object: &Object, value: f64, x: &[f64]) -> Option<Vec<f64>> {
        let Object::Orbit { section, falls } = *object else { return None };
        if falls % 2 != 0 {
            return None;
        }
        let mut map = self.solver.family().map(value).ok()?;
        let half = Object::Orbit { section, falls: falls / 2 }.image(&mut map, x).ok()?;
        let scaled = x.iter().zip(half.x()).zip(self.solver.family().scales());
        Some(scaled.map(|((x, y), scale)| (y - x) / scale).collect())
    }

    /// Distance of a place from a point in scaled coordinates.
    fn distance(&self, from: &Point, to: &Place) -> f64 {
        self.solver.newton.distance(&Place { x: from.x.clone(), value: from.value }, to)
    }

    /// From one point to another.
    fn way(&self, from: &Point, to: &Point) -> Direction {
        let scales = self.solver.family().scales();
        let x = to.x.iter().zip(&from.x).zip(scales).map(|((to, from), scale)| (to - from) / scale).collect();
        Direction::new(x, (to.value - from.value) / self.solver.family().length())
    }

    /// Whether an orbit has shrunk to a point.
    fn shrinks(&self, branch: &Branch, point: &Point, solution: &Solution) -> bool {
        let (Some(section), Image::Return(back)) = (Branch::section_of(point), &solution.image) else { return false };
        let Ok(map) = self.solver.family().map(point.value) else { return false };
        let (low, high, mean) = extent(&back.series(&map, section.projection));
        let before = branch.points.last().map_or(0.0, |last| last.peaks[0] - last.least[0]);
        let shrinking = point.peaks[0] - point.least[0] < before;
        branch.points.len() > 2 && shrinking && high - low < SMALL * mean
    }

    /// Whether a branch is back at its first point.
    fn comes_round(&self, branch: &Branch, point: &Point, length: f64) -> bool {
        let first = &branch.points[0];
        let same = branch.points.len() > 10 && first.object == point.object && !first.direction.is_empty();
        let along = || first.direction.iter().zip(&point.direction).map(|(a, b)| a * b).sum::<f64>();
        let place = Place { x: point.x.clone(), value: point.value };
        same && self.distance(first, &place) < length && along() > COSINE
    }

    /// Moves an orbit to a better section where its own has come close to an extremum.
    fn keep_section(&mut self, point: &mut Point, solution: &Solution) {
        let Object::Orbit { section, .. } = point.object else { return };
        let Image::Return(back) = &solution.image else { return };
        let Ok(mut map) = self.solver.family().map(point.value) else { return };
        let Some((moved, falls)) = section.better(&back.series(&map, section.projection)) else { return };
        let object = Object::Orbit { section: moved, falls };
        let most = 3 * back.states.len();
        let land = |map: &mut crate::bifurcation::Map<f64>, x: &[f64]| Some(moved.follow(map, x, 1, most)?.x);
        let Some(x) = land(&mut map, &point.x) else { return };
        let Ok(solution) = self.solver.newton.solve(&object, &Place { x, value: point.value }, None) else { return };
        // The direction goes along: to where a neighbouring state lands.
        let Some(old) = direction(point) else { return };
        let e = 1e-4;
        let place = Place { x: point.x.clone(), value: point.value };
        let beside = self.solver.newton.ahead(&place, &old, e);
        let Ok(mut there) = self.solver.family().map(beside.value) else { return };
        let Some(landed) = land(&mut there, &beside.x) else { return };
        let scales = self.solver.family().scales();
        let x = landed.iter().zip(&solution.place.x).zip(scales).map(|((a, b), scale)| (a - b) / scale / e).collect();
        let side = Direction::new(x, old.p);
        let Ok(mut new) = self.solver.point(&object, &solution, Some(&side)) else { return };
        if (new.time - point.time).abs() > SAME_PERIOD {
            return;
        }
        let note = format!("level {:.4} comes close to the orbit: re-sectioned to {:.4}", section.level, moved.level);
        new.note = point.note.clone();
        add_note(&mut new, &note);
        *point = new;
    }
}

/// The end of the range that a value lies beyond.
fn beyond([low, high]: [f64; 2], value: f64) -> Option<f64> {
    if value < low {
        Some(low)
    } else if value > high {
        Some(high)
    } else {
        None
    }
}
