//! Points at the values that a user wants, on branches that are there: solved for between the two points around a value.

use super::branch::{Branch, Point};
use super::code::Code;
use super::cubic::Cubic;
use super::note::{Note, Notes};
use super::place::Place;
use super::round::onto;
use super::solver::Solver;

/// A solution is on the way from one point to the next if it is beyond neither by more than this share of their distance.
const BESIDE: f64 = 0.1;
/// Halves of a cubic to where it has a value.
const HALVES: usize = 50;

/// Puts points with code UZ on a branch wherever it has one of these values, and takes the code from those of other values. The new ones.
pub fn mark(solver: &mut Solver, branch: &mut Branch, at: &[f64]) -> Vec<Point> {
    forget(branch, at);
    let known = std::mem::take(&mut branch.points);
    let mut added = vec![];
    for (i, point) in known.iter().enumerate() {
        let mut point = point.clone();
        let (before, after) = (i.checked_sub(1).map(|before| &known[before]), known.get(i + 1));
        for value in before.map_or(vec![], |before| passed(before, &point, at)) {
            match before.and_then(|before| between(solver, before, &point, value)) {
                Some(wanted) => {
                    added.push(wanted.clone());
                    branch.points.push(wanted);
                }
                None if point.notes.has(&Note::NoWanted(value)) => {}
                None => point.notes.add(Note::NoWanted(value)),
            }
        }
        let there = [before, after].into_iter().flatten().any(|other| is_wanted(other, point.value));
        match point.code {
            None if at.contains(&point.value) && !there => {
                point.code = Some(Code::UZ);
                solver.compare_sections(&mut point);
                added.push(point.clone());
                branch.points.push(point);
            }
            // Beside a point that is something else too, within the branch.
            Some(code) if at.contains(&point.value) && !there && !matches!(code, Code::UZ | Code::MX) => {
                let notes = Notes::default();
                let mut wanted = Point { code: Some(Code::UZ), direction: None, error: None, notes, ..point.clone() };
                solver.compare_sections(&mut wanted);
                added.push(wanted.clone());
                branch.points.extend(if i == 0 { [point, wanted] } else { [wanted, point] });
            }
            _ => branch.points.push(point),
        }
    }
    added
}

/// The values that lie between two points, in order from the first.
fn passed(from: &Point, to: &Point, at: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = at.iter().copied().filter(|at| (at - from.value) * (at - to.value) < 0.0).collect();
    values.sort_by(|a, b| (a - from.value).abs().total_cmp(&(b - from.value).abs()));
    values
}

/// Takes the code from points whose value is not wanted; those that were not on the way of the branch go.
fn forget(branch: &mut Branch, at: &[f64]) {
    let is_over = |point: &Point| point.code == Some(Code::UZ) && !at.contains(&point.value);
    branch.points.retain(|point| !is_over(point) || point.direction.is_some());
    branch.points.iter_mut().filter(|point| is_over(point)).for_each(|point| point.code = None);
}

fn is_wanted(point: &Point, value: f64) -> bool {
    point.code == Some(Code::UZ) && point.value == value
}

/// The point of a branch at a value between those of two neighbours.
fn between(solver: &mut Solver, from: &Point, to: &Point, value: f64) -> Option<Point> {
    let end = if from.object == to.object { to.place() } else { onto(solver, to, &from.object, from)? };
    let way = |solver: &Solver, place: &Place| -> Vec<f64> {
        let [a, b] = [&from.place(), place].map(|place| solver.family().scaled(&place.x, place.value));
        a.iter().zip(&b).map(|(a, b)| b - a).collect()
    };
    let part = (value - from.value) / (end.value - from.value);
    let straight = from.x.iter().zip(&end.x).map(|(a, b)| a + part * (b - a)).collect();
    let smooth = Cubic::new(solver.family(), from, to).map(|cubic| curved(&cubic, from.value, value));
    let whole = way(solver, &end);
    let square: f64 = whole.iter().map(|d| d * d).sum();
    for x in smooth.into_iter().chain([straight]) {
        let Ok(mut point) = solver.at_value(&from.object, &Place { x, value }) else { continue };
        let share = way(solver, &point.place()).iter().zip(&whole).map(|(a, b)| a * b).sum::<f64>() / square;
        // Beside a fold there is another solution at the value, on the other side of it.
        if (-BESIDE..=1.0 + BESIDE).contains(&share) {
            point.code = Some(Code::UZ);
            solver.compare_sections(&mut point);
            return Some(point);
        }
    }
    None
}

/// The state of a cubic where it has a value between those of its ends.
fn curved(cubic: &Cubic, first: f64, value: f64) -> Vec<f64> {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVES {
        let middle = 0.5 * (low + high);
        let before = (cubic.at(middle).0.value - value) * (first - value) > 0.0;
        *(if before { &mut low } else { &mut high }) = middle;
    }
    cubic.at(low).0.x
}
