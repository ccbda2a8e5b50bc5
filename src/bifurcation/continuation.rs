//! Pseudo-arclength continuation of one branch: predictor, corrector, length of the step, events, sections, ends.

use super::branch::{Branch, End, Point};
use super::code::Code;
use super::cubic::Cubic;
use super::events::{between, is_meeting, locate, unexplained};
use super::family::Lost;
use super::home::{Home, comes_home};
use super::newton::{Failure, Solution};
use super::note::Note;
use super::object::Image;
use super::pace::{FINE, LONGEST, Pace};
use super::place::{Direction, Place};
use super::resection::keep_section;
use super::round::passed_again;
use super::solver::{Solver, extent};
use super::watch::Progress;

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
/// A cubic goes on from two points for less than so many times their distance.
const FARTHEST: f64 = 2.0;
/// A corrected point is no further away than so many steps: otherwise it is on another branch.
const JUMP: f64 = 4.0;
/// An orbit whose kick count varies by less than this share of its mean is at a Hopf bifurcation.
const SMALL: f64 = 0.02;
/// Orbits with larger multipliers are not followed.
const FOLLOWED: f64 = 200.0;
/// A branch that has gone on by less than the longest step over so many points creeps along kinks of the map.
const CREEPING: usize = 40;
/// Points of a branch, beyond which it ends.
const MOST_POINTS: usize = 600;

/// Continues branches of one solver.
pub struct Continuation<'a, 'b> {
    /// What solves.
    pub solver: &'b mut Solver<'a>,
    /// Who is told.
    pub progress: &'b dyn Progress<Point>,
}

/// How a step went.
enum Step {
    /// A point and what lies before it, and by how much the next step may be longer.
    Points(Vec<Point>, f64),
    /// The last point.
    Last(Vec<Point>, End),
    /// The last point, which has come by this one before.
    Round(Vec<Point>, usize),
    /// Try a shorter one.
    Shorter(Note),
    /// The branch turns by this angle: try a shorter one.
    Turns(f64),
    /// No shorter one helps.
    Impossible(Note),
}

/// A corrected point.
struct Next {
    point: Point,
    solution: Solution,
    /// By which the branch has turned.
    angle: f64,
}

impl Continuation<'_, '_> {
    /// Continues a branch at its end until it ends there, or until it is told to stop.
    pub fn extend(&mut self, branch: &mut Branch) {
        let mut pace = Pace::new(branch.is_orbit());
        while branch.ends[1] == End::Open && !self.progress.stopped() {
            let last = branch.points.len() - 1;
            if branch.points.len() >= MOST_POINTS {
                self.lose(branch, "more points than a branch may have".into());
                break;
            }
            if self.creeps(branch) {
                let reason = "the branch is one of kinks here, where steps stay short: other bins may have none";
                self.lose(branch, format!("{reason} ({CREEPING} points within {LONGEST})").into());
                break;
            }
            match self.step(branch, &pace) {
                Step::Points(points, growth) => {
                    branch.points.extend(points);
                    pace.succeed(growth);
                }
                Step::Last(points, end) => {
                    branch.points.extend(points);
                    branch.ends[1] = end;
                    // It may have begun there.
                    if let Some(last) = branch.points.last_mut() {
                        last.code.get_or_insert(Code::EP);
                    }
                }
                Step::Round(points, before) => {
                    branch.points.extend(points);
                    branch.ends[1] = End::Round;
                    if before == 0 && branch.ends[0] == End::Open {
                        branch.ends[0] = End::Round;
                    }
                }
                Step::Shorter(reason) => {
                    if !pace.fail(f64::INFINITY) {
                        self.lose(branch, Note::StepBelow(pace.shortest, Box::new(reason)));
                    }
                }
                Step::Turns(angle) => {
                    if !pace.fail(angle) {
                        let turns = format!("the branch turns by {:.0} degrees", angle.to_degrees());
                        self.lose(branch, Note::StepBelow(pace.shortest, Box::new(turns.into())));
                    }
                }
                Step::Impossible(reason) => self.lose(branch, reason),
            }
            branch.points[last + 1..].iter().for_each(|point| self.progress.point(branch.number, point));
        }
    }

    /// Whether the last points of a branch are so near to each other that it leads nowhere.
    fn creeps(&self, branch: &Branch) -> bool {
        let Some(first) = branch.points.len().checked_sub(CREEPING) else { return false };
        let on_curve: Vec<Place> =
            branch.points[first..].iter().filter(|p| p.direction.is_some()).map(Point::place).collect();
        on_curve.windows(2).map(|pair| self.solver.newton.distance(&pair[0], &pair[1])).sum::<f64>() < LONGEST
    }

    /// Ends a branch at its last point, which stays with the reason.
    fn lose(&self, branch: &mut Branch, reason: Note) {
        let Some(last) = branch.points.last() else { return };
        let mut end = last.clone();
        end.code = Some(if matches!(reason, Note::NoModel(..)) { Code::EP } else { Code::MX });
        end.notes.add(reason);
        branch.points.push(end);
        branch.ends[1] = End::Lost;
    }

    fn step(&mut self, branch: &Branch, pace: &Pace) -> Step {
        let from = branch.points.iter().rev().find(|point| point.direction.is_some()).expect("a point to start from");
        let stepped = self.next(branch, from, pace).and_then(|next| {
            if let Some(home) = self.home(from, &next.solution.place, pace.step) {
                return Err(home);
            }
            let points = self.located(from, &next.point, pace.step)?;
            Ok(self.joined(branch, from, points, next, pace))
        });
        stepped.unwrap_or_else(|other| other)
    }

    /// The next point of a branch, within the range and as near as a step is long; else what the step has come to.
    fn next(&mut self, branch: &Branch, from: &Point, pace: &Pace) -> Result<Next, Step> {
        let length = pace.step;
        let side = from.direction.as_ref().expect("a direction");
        let (ahead, across) = self.predicted(branch, from, side, length);
        let range = self.solver.family().range;
        if let Some(bound) = beyond(range, ahead.value) {
            return Err(self.land(from, &ahead, bound, length));
        }
        let solution =
            self.solver.newton.solve(&from.object, &ahead, Some(&across)).map_err(|failure| match failure {
                Failure::Lost(lost @ Lost::Model { .. }) if length <= 2.0 * pace.shortest => {
                    Step::Impossible(lost.into())
                }
                failure => Step::Shorter(failure.into()),
            })?;
        let jump = self.solver.newton.distance(&from.place(), &solution.place);
        if jump > JUMP * length {
            return Err(Step::Shorter(format!("a jump of {jump:.1e} in a step of {length:.1e}").into()));
        }
        if let Some(bound) = beyond(range, solution.place.value) {
            return Err(self.land(from, &solution.place, bound, length));
        }
        let point = self.solver.point(&from.object, &solution, Some(&across));
        let mut point = point.map_err(|failure| Step::Shorter(failure.into()))?;
        if from.period().is_some() && (point.time / from.time - 1.0).abs() > PERIOD_CHANGE {
            let reason = format!("the period jumps from {:.4} to {:.4} ms", from.time, point.time);
            return Err(Step::Shorter(reason.into()));
        }
        let cosine = |direction: &Direction| direction.cosine(side).clamp(-1.0, 1.0);
        let mut turned = point.direction.as_ref().map_or(0.0, cosine);
        if turned < COSINE {
            let way = self.way(from, &point);
            let long = length > CORNERED[usize::from(from.period().is_some())];
            if long || turned.acos() < CORNER * pace.turned || way.cosine(side) < FORWARD {
                return Err(Step::Turns(turned.acos()));
            }
            turned = cosine(&way);
            point.direction = Some(way);
        }
        match self.solver.family().check(point.value) {
            Err(lost @ Lost::Model { .. }) => Err(Step::Shorter(lost.into())),
            _ => Ok(Next { point, solution, angle: turned.acos() }),
        }
    }

    /// A branch's new points, after those of the events before the last, and whether it goes on from there.
    fn joined(&mut self, branch: &Branch, from: &Point, mut points: Vec<Point>, next: Next, pace: &Pace) -> Step {
        let Next { mut point, solution, angle } = next;
        if self.shrinks(branch, &point, &solution) {
            points.push(point.ended(Note::EndsAtHopf));
            return Step::Last(points, End::Closed);
        }
        if point.spectrum.radius() > FOLLOWED {
            points.push(point.ended(Note::TooUnstable(FOLLOWED)));
            return Step::Last(points, End::Lost);
        }
        if let Some(before) = passed_again(self.solver, branch, from, &point) {
            points.push(point.ended(Note::Round(before + 1)));
            return Step::Round(points, before);
        }
        keep_section(self.solver, &mut point, &solution);
        points.push(point);
        Step::Points(points, pace.growth(solution.derivatives, angle))
    }

    /// Where the next point is looked for, and the direction that it may move across: on the cubic through the last two points, or straight
    /// on where there are not two or the branch turns.
    fn predicted(&self, branch: &Branch, from: &Point, side: &Direction, length: f64) -> (Place, Direction) {
        let mut before = branch.points.iter().rev().skip_while(|point| !std::ptr::eq(*point, from)).skip(1);
        let before = before.find(|point| point.is_ordinary());
        let cubic = before.and_then(|before| Cubic::new(self.solver.family(), before, from));
        let near = cubic.filter(|cubic| length < FARTHEST * cubic.length);
        let smooth = near.map(|cubic| cubic.at(1.0 + length / cubic.length));
        let straight = || (self.solver.newton.ahead(&from.place(), side, length), side.clone());
        smooth.filter(|(_, along)| along.cosine(side) > COSINE).unwrap_or_else(straight)
    }

    /// What a step has come to that is at the end of a doubled branch, or past it.
    fn home(&mut self, from: &Point, to: &Place, length: f64) -> Option<Step> {
        match comes_home(self.solver, from, to, length) {
            Home::Away => None,
            Home::At(end) => Some(Step::Last(vec![*end], End::Closed)),
            Home::Unclear => Some(Step::Shorter("both halves of the orbit come together".into())),
        }
    }

    /// Events before a new point.
    fn located(&mut self, from: &Point, to: &Point, length: f64) -> Result<Vec<Point>, Step> {
        let mut points = vec![];
        let events = between(from, to);
        let unexplained = unexplained(from, to, &events);
        if unexplained && length > FINE {
            return Err(Step::Shorter(format!("the stability changes between {} and {}", from.value, to.value).into()));
        }
        let may_meet = from.spectrum.unstable().abs_diff(to.spectrum.unstable()) == 1 && events.len() > 1;
        for code in events {
            let two = match code {
                Code::PD => from.spectrum.below.abs_diff(to.spectrum.below) > 1,
                Code::HB | Code::NS => from.spectrum.outside.abs_diff(to.spectrum.outside) > 2 || may_meet,
                _ => false,
            };
            if two && length > FINE {
                return Err(Step::Shorter(format!("several events between {} and {}", from.value, to.value).into()));
            }
            match locate(self.solver, code, from, to) {
                Ok(point) if may_meet && is_meeting(&point) => {}
                Ok(point) => points.push(point),
                Err(failure) if length > FINE => return Err(Step::Shorter(failure.into())),
                Err(failure) => {
                    let mut point = to.clone();
                    point.code = Some(Code::MX);
                    point.notes.add(Note::NotLocated(code, failure.to_string()));
                    points.push(point);
                }
            }
        }
        if unexplained {
            let [before, after] = [from, to].map(|point| point.spectrum.unstable());
            let mut point = Point { code: Some(Code::MX), direction: None, ..to.clone() };
            point.notes.add(Note::Unexplained(before, after));
            points.push(point);
        }
        let ahead = |point: &Point| {
            let scales = self.solver.family().scales();
            let way = point.x.iter().zip(&from.x).zip(scales).map(|((a, b), s)| (a - b) / s);
            let of_value = (point.value - from.value) / self.solver.family().length();
            from.direction.as_ref().map_or(0.0, |side| side.along(way.chain([of_value])))
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
        let side = from.direction.as_ref();
        let point = solved.and_then(|solution| self.solver.point(&from.object, &solution, side));
        match point {
            Err(failure) => Step::Shorter(failure.into()),
            Ok(point) if from.period().is_some() && (point.time / from.time - 1.0).abs() > PERIOD_CHANGE => {
                Step::Shorter("the period jumps at the end of the range".into())
            }
            Ok(mut point) => {
                let jump = self.solver.newton.distance(&from.place(), &Place { x: point.x.clone(), value: bound });
                if jump > JUMP * length {
                    return Step::Shorter(format!("a jump of {jump:.1e} to the end of the range").into());
                }
                if let Some(home) = self.home(from, &point.place(), length) {
                    return home;
                }
                let mut points = match self.located(from, &point, jump.min(length)) {
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
}

/// The end of the range that a value lies beyond.
pub(super) fn beyond([low, high]: [f64; 2], value: f64) -> Option<f64> {
    if value < low {
        Some(low)
    } else if value > high {
        Some(high)
    } else {
        None
    }
}

/// What has two ends, grown beyond its first and beyond its last one, side by side.
pub fn at_both_ends<T: Clone + Send>(whole: &T, reverse: fn(&mut T), beyond: impl Fn(&mut T) + Sync) -> (T, T) {
    let (mut back, mut ahead) = (whole.clone(), whole.clone());
    reverse(&mut back);
    rayon::join(|| beyond(&mut back), || beyond(&mut ahead));
    reverse(&mut back);
    (back, ahead)
}
