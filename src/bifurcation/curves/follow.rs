//! Pseudo-arclength continuation of one curve: ahead along the way between its last points, then across that onto the curve.

use super::meeting::{Guess, Missed, along_line, distance, extrapolated, meet};
use super::plane::{Plane, Spot, normal, product, unit};
use crate::bifurcation::branch::{End, Point};
use crate::bifurcation::code::Code;
use crate::bifurcation::curve::{Curve, CurvePoint};
use crate::bifurcation::family::{Family, Lost};
use crate::bifurcation::newton::Failure;
use crate::bifurcation::note::{Note, Notes};
use crate::bifurcation::object::{Image, Object};
use crate::bifurcation::place::Place;
use crate::bifurcation::resection::Moved;
use crate::bifurcation::solver::{SAME_PERIOD, Solver};
use crate::bifurcation::watch::Progress;

/// Steps in scaled coordinates.
const FIRST: f64 = 0.02;
const LONGEST: f64 = 0.05;
/// The shortest one: of fixed points, of orbits, whose map has kinks.
const SHORTEST: [f64; 2] = [2e-5, 1e-4];
/// A step that meets the curve within this share of its length to the side may be followed by a longer one.
const STRAIGHT: f64 = 0.1;
const GROWTH: f64 = 1.5;
/// One that does not meet it within this share is too long.
const TURNING: f64 = 0.4;
/// Most relative change of a frequency in a step.
const FREQUENCY: f64 = 0.1;
/// The direction is that of the way from a point which is at least this share of a step back.
const BACK: f64 = 0.3;
/// Where the way between points is longer than so many steps, it says nothing of where the curve goes on.
const OLD: f64 = 3.0;
/// Distances along branches to the points by which the direction at a single point is found: as far as half of it says the same to this
/// share.
const BESIDE: [f64; 4] = [4e-3, 1e-3, 2.5e-4, 6e-5];
const SAME: f64 = 0.2;
/// A fold that is so many times as wide as the narrowest of its curve is at a cusp, where its width has no end.
const CUSP: f64 = 20.0;
/// Points of a curve, beyond which it ends.
const MOST_POINTS: usize = 400;

/// Follows curves in a plane.
#[derive(Clone, Copy)]
pub struct Follower<'a> {
    /// Where.
    pub plane: Plane<'a>,
    /// Who is told.
    pub progress: &'a dyn Progress<CurvePoint>,
}

impl Follower<'_> {
    /// The curve of a point that was located along the first parameter, that point alone.
    pub fn begin(&self, code: Code, point: &Point, origin: &str) -> Curve {
        let second = self.plane.second.own;
        let error = point.error.unwrap_or(0.0);
        let point = Point { notes: Notes::default(), ..point.clone() };
        let (errors, gradient) = ([error, 0.0], [0.0; 2]);
        let located = CurvePoint { point, second, errors, gradient, aimed: true, start: true, end: None };
        let mut curve = Curve {
            number: 0,
            code,
            origin: origin.into(),
            points: vec![located],
            ends: [End::Open, End::Open],
            steps: [FIRST; 2],
            backwards: false,
        };
        match self.gradient(code, &curve.points[0]) {
            Ok(gradient) => curve.points[0].gradient = gradient,
            Err(missed) => {
                curve.finish(End::Lost, Code::MX, Some(format!("not followed: {missed}").into()));
                curve.ends = [End::Lost, End::Lost];
            }
        }
        curve
    }

    /// How what is critical changes along either parameter, as [`along_line`] has it.
    fn gradient(&self, code: Code, at: &CurvePoint) -> Result<[f64; 2], Missed> {
        let along = |direction: [f64; 2]| -> Result<f64, Missed> {
            let inside = self.plane.holds(self.plane.ahead(at.spot(), direction, BESIDE[0]));
            let line = self.plane.line(at.spot(), direction);
            let (mut solver, object) = (Solver::new(&line), &at.point.object);
            let here_on_it = Place { x: at.point.x.clone(), value: 0.0 };
            // Along the branch, which may fold here.
            let along = solver.newton.direction_near(object, &here_on_it)?;
            let here = Point { direction: Some(along.clone()), ..at.point.clone() };
            let here = distance(code, &here, &here)?;
            let mut slope = |step: f64| -> Result<f64, Missed> {
                let step = if inside { step } else { -step };
                let ahead = solver.newton.ahead(&here_on_it, &along, step);
                let solution = solver.newton.solve(object, &ahead, Some(&along))?;
                let there = solver.point(object, &solution, Some(&along))?;
                Ok(along_line(code, (distance(code, &there, &at.point)? - here) / step, along.p))
            };
            let mut found = Err(Missed::Eigenvalue("its multiplier has no slope"));
            for step in BESIDE {
                let (near, far) = (slope(0.5 * step), slope(step));
                let agree = near.as_ref().is_ok_and(|near| far.is_ok_and(|far| (far / near - 1.0).abs() < SAME));
                if agree || near.is_ok() || found.is_err() {
                    found = near;
                }
                if agree {
                    break;
                }
            }
            found
        };
        Ok([along([1.0, 0.0])?, along([0.0, 1.0])?])
    }

    /// Continues a curve at its end until it ends there, or until it is told to stop.
    pub fn extend(&self, curve: &mut Curve) {
        while curve.ends[1] == End::Open && !self.progress.stopped() {
            if curve.points.len() >= MOST_POINTS {
                curve.finish(End::Lost, Code::MX, Some("more points than a curve may have".into()));
                return;
            }
            let known = curve.points.len();
            if let Err(reason) = self.step(curve) {
                curve.steps[1] *= 0.5;
                self.aim(curve);
                let shortest = SHORTEST[usize::from(curve.is_of_orbits())];
                if curve.steps[1] < shortest && self.is_at_cusp(curve) {
                    curve.finish(End::Closed, Code::EP, Some(Note::Cusp));
                } else if curve.steps[1] < shortest {
                    curve.finish(End::Lost, Code::MX, Some(Note::StepBelow(shortest, Box::new(reason.into()))));
                }
            }
            curve.points[known..].iter().for_each(|point| self.progress.point(curve.number, point));
        }
    }

    fn step(&self, curve: &mut Curve) -> Result<(), String> {
        let length = curve.steps[1];
        let from = curve.points.last().ok_or("no point")?;
        let direction = self.direction(curve);
        let target = self.plane.ahead(from.spot(), direction, length);
        if !self.plane.holds(target) {
            return self.land(curve, target, length);
        }
        let reach = TURNING * length;
        let (point, aside) = self.located(curve, target, normal(direction), reach)?;
        if !self.plane.holds(point.spot()) {
            return self.land(curve, point.spot(), length);
        }
        self.pass_home(curve, &point);
        if self.comes_round(curve, &point, direction, length) {
            curve.points.push(point);
            curve.finish(End::Closed, Code::EP, Some("closed curve".into()));
            curve.ends = [End::Closed, End::Closed];
            return Ok(());
        }
        curve.points.push(point);
        if aside.abs() < STRAIGHT * length {
            curve.steps[1] = (GROWTH * length).min(LONGEST);
        }
        Ok(())
    }

    /// Looks for the direction at the last point where that from the one before it has come of age.
    fn aim(&self, curve: &mut Curve) {
        let last = &curve.points[curve.points.len() - 1];
        if last.aimed || self.before(curve, OLD * curve.steps[1]).is_none() {
            return;
        }
        if let (Ok(gradient), Some(last)) = (self.gradient(curve.code, last), curve.points.last_mut()) {
            (last.gradient, last.aimed) = (gradient, true);
        }
    }

    /// Where the curve goes on: across the gradient where that is known, else as from the point before its last.
    fn direction(&self, curve: &Curve) -> [f64; 2] {
        let last = &curve.points[curve.points.len() - 1];
        let first = curve.points.first().filter(|_| curve.points.len() > 1);
        let before = self.before(curve, BACK * curve.steps[1]).or(first);
        let from_before = before.map(|before| unit(self.plane.way(before.spot(), last.spot())));
        let across = unit(normal(last.gradient));
        match from_before {
            Some(way) if !last.aimed => way,
            Some(way) if product(way, across) < 0.0 => across.map(|x| -x),
            None if curve.backwards => across.map(|x| -x),
            _ => across,
        }
    }

    /// Whether a curve of folds has come to a cusp: its fold is much wider than elsewhere, and grew wider point by point.
    fn is_at_cusp(&self, curve: &Curve) -> bool {
        // 1/kappa.
        let width = |at: &CurvePoint| libm::hypot(at.gradient[0], at.gradient[1]);
        let widths: Vec<f64> = curve.points.iter().map(width).collect();
        let narrowest = widths.iter().copied().fold(f64::INFINITY, f64::min);
        let Some(&[before, between, last]) = widths.last_chunk() else { return false };
        curve.code == Code::LP && last > CUSP * narrowest && before < between && between < last
    }

    /// The last point but one that is so far back.
    fn before<'b>(&self, curve: &'b Curve, back: f64) -> Option<&'b CurvePoint> {
        let (last, others) = curve.points.split_last()?;
        let far = |other: &&CurvePoint| self.plane.distance(other.spot(), last.spot()) > back;
        others.iter().rev().find(far)
    }

    /// The point of the curve on a line through a spot, and how far aside of that.
    fn located(&self, curve: &Curve, through: Spot, across: [f64; 2], reach: f64) -> Result<(CurvePoint, f64), String> {
        let from = &curve.points[curve.points.len() - 1];
        let line = self.plane.line(through, across);
        let solver = &mut Solver::new(&line);
        let object = from.point.object;
        let before = self.before(curve, BACK * reach).filter(|before| before.point.object == object && !from.start);
        let x = before.map_or_else(
            || from.point.x.clone(),
            |before| {
                let [whole, further] = [before.spot(), through].map(|spot| self.plane.distance(from.spot(), spot));
                extrapolated(&before.point.x, &from.point.x, further / whole)
            },
        );
        let slope = product(from.gradient, across);
        let guess = Guess { code: curve.code, object, x, beside: &from.point, slope };
        let (mut point, slope) = meet(solver, &guess, reach).map_err(|missed| self.told(missed, through, across))?;
        let [was, is] = [&from.point, &point].map(Point::frequency);
        if curve.has_frequency() && (is / was - 1.0).abs() > FREQUENCY {
            return Err(format!("the frequency jumps from {was:.4} to {is:.4} Hz"));
        }
        let aside = point.value;
        if let Err(Lost::Model { reason, .. }) = line.check(aside) {
            return Err(format!("no model there: {reason}"));
        }
        keep_section(solver, curve.code, &mut point, &line);
        // That its stability is undecided is what a curve is of.
        point.notes = Notes::default();
        let spot = self.plane.ahead(through, across, aside);
        let error = point.error.unwrap_or(0.0);
        let errors = self.plane.ahead([0.0; 2], across.map(f64::abs), error);
        point.value = spot[0];
        let gradient = across.map(|n| slope * n);
        Ok((CurvePoint { point, second: spot[1], errors, gradient, aimed: false, start: false, end: None }, aside))
    }

    /// Why nothing was found, with values of the parameters in place of those along the line.
    fn told(&self, missed: Missed, through: Spot, across: [f64; 2]) -> String {
        match missed {
            Missed::Lost(Failure::Lost(Lost::Model { value, reason })) => {
                let [first, second] = self.plane.ahead(through, across, value);
                format!("no model at {first}, {second}: {reason}")
            }
            other => other.to_string(),
        }
    }

    /// The last point, on the edge of the plane.
    fn land(&self, curve: &mut Curve, outside: Spot, length: f64) -> Result<(), String> {
        let from = curve.points[curve.points.len() - 1].spot();
        let (spot, through) = self.plane.way_out(from, outside);
        let end = spot[through];
        if from[through] == end {
            curve.finish(End::Range(end), Code::EP, None);
            return Ok(());
        }
        let along = if through == 0 { [0.0, 1.0] } else { [1.0, 0.0] };
        let (point, _) = self.located(curve, spot, along, length)?;
        if !self.plane.holds(point.spot()) {
            return Err("it leaves the plane in a corner".into());
        }
        self.pass_home(curve, &point);
        curve.points.push(point);
        curve.finish(End::Range(end), Code::EP, None);
        Ok(())
    }

    /// Adds the point at the second parameter's own value, if the way to the next one passes that.
    fn pass_home(&self, curve: &mut Curve, to: &CurvePoint) {
        let from = &curve.points[curve.points.len() - 1];
        if !self.plane.passes_home(from, to) {
            return;
        }
        let own = self.plane.second.own;
        let part = (own - from.second) / (to.second - from.second);
        let spot = [from.point.value + part * (to.point.value - from.point.value), own];
        let reach = self.plane.distance(from.spot(), to.spot());
        // Where the curve turns back just there, its next point says as much.
        if let Ok((point, _)) = self.located(curve, spot, [1.0, 0.0], reach) {
            curve.points.push(point);
        }
    }

    /// Whether a curve is back at its first point.
    fn comes_round(&self, curve: &Curve, point: &CurvePoint, direction: [f64; 2], length: f64) -> bool {
        let [first, second, ..] = &curve.points[..] else { return false };
        let along = product(self.plane.way(first.spot(), second.spot()), direction) > 0.0;
        curve.points.len() > 10 && along && self.plane.distance(first.spot(), point.spot()) < length
    }
}

/// Moves an orbit to a better section where its own has come close to an extremum.
fn keep_section(solver: &mut Solver, code: Code, point: &mut Point, line: &Family) {
    let Object::Orbit { section, .. } = point.object else { return };
    let Ok(mut map) = line.map(point.value) else { return };
    let Ok(Image::Return(back)) = point.object.image(&mut map, &point.x) else { return };
    let Some(moved) = Moved::from(section, &map, &back) else { return };
    let Some(x) = moved.land(&mut map, &point.x) else { return };
    let (object, there) = (moved.object(), Place { x, value: point.value });
    let Ok(across) = solver.newton.direction_near(&object, &there) else { return };
    // Where the branch folds no value of the parameter is one to solve at.
    let Ok(solution) = solver.newton.solve(&object, &there, (code == Code::LP).then_some(&across)) else { return };
    let Ok(mut new) = solver.point(&object, &solution, Some(&across)) else { return };
    if (new.time - point.time).abs() < SAME_PERIOD && distance(code, &new, &new).is_ok() {
        (new.code, new.error) = (point.code, point.error);
        *point = new;
    }
}
