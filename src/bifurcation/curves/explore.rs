//! The curves of one model: one through each located bifurcation that lies on none of those before it.

use super::follow::Follower;
use super::plane::Plane;
use crate::bifurcation::branch::{End, Point};
use crate::bifurcation::code::Code;
use crate::bifurcation::continuation::at_both_ends;
use crate::bifurcation::curve::{Curve, CurvePoint};
use crate::bifurcation::diagram::Diagram;
use crate::bifurcation::watch::Growth;
use crate::config::Followed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A bifurcation lies on a curve that passes it as near as this share of the range, with this share of its frequency, or of its rates.
const SAME_PLACE: f64 = 1e-3;
const SAME_FREQUENCY: f64 = 1e-2;

/// Curves of one model in one plane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// In the order of the bifurcations that they go through.
    pub curves: Vec<Curve>,
    /// Bifurcations that have been dealt with.
    done: BTreeSet<String>,
}

/// A bifurcation of a diagram, and what it is called.
type Located<'a> = (String, Code, &'a Point);

/// Bifurcations of these codes in the order of branches and points.
fn located<'a>(diagram: &'a Diagram, followed: &'a [Followed]) -> impl Iterator<Item = Located<'a>> {
    let on_branch = move |branch: &'a crate::bifurcation::Branch| {
        branch.points.iter().filter_map(move |point| {
            let code = followed.iter().map(|&followed| Code::from(followed)).find(|code| point.code == Some(*code))?;
            Some((format!("{} on branch {} at {:.9}", code.text(), branch.number, point.value), code, point))
        })
    };
    diagram.branches.iter().flat_map(on_branch)
}

impl Curves {
    /// Goes on until there is a curve through every bifurcation, or it is told to stop: as many at once as there are threads. What is
    /// kept is what one after the other would find, whatever their number.
    pub fn explore(&mut self, plane: Plane, diagram: &Diagram, growth: &dyn Growth<CurvePoint, Curves>) {
        let follower = Follower { plane, progress: growth };
        let longer: Vec<Curve> = self.curves.par_iter().map(|curve| extended(&follower, curve)).collect();
        self.curves = longer;
        growth.grown(self);
        while !growth.stopped() && self.curves.iter().all(is_whole) {
            let next: Vec<Located> = located(diagram, &plane.second.curves)
                .filter(|(name, ..)| !self.done.contains(name))
                .take(rayon::current_num_threads())
                .collect();
            if next.is_empty() {
                return;
            }
            let first = self.curves.len() + 1;
            let found = next.par_iter().enumerate().map(|(i, (name, code, point))| {
                let through = (!self.has(plane, *code, point)).then(|| follower.begin(*code, point, name));
                through.map(|curve| extended(&follower, &Curve { number: first + i, ..curve }))
            });
            for ((name, code, point), found) in next.iter().zip(found.collect::<Vec<_>>()) {
                self.done.insert(name.clone());
                if let Some(curve) = found.filter(|_| !self.has(plane, *code, point)) {
                    self.curves.push(Curve { number: self.curves.len() + 1, ..curve });
                    if self.curves.last().is_some_and(|last| !is_whole(last)) {
                        break;
                    }
                }
            }
            growth.grown(self);
        }
    }

    /// Whether a curve goes through a bifurcation.
    fn has(&self, plane: Plane, code: Code, point: &Point) -> bool {
        let own = plane.second.own;
        let is_here = |curve: &Curve, of: &CurvePoint| {
            let character =
                |point: &Point| if curve.has_frequency() { point.frequency() } else { point.rates.iter().sum() };
            let [there, here] = [&of.point, point].map(character);
            of.second == own
                && of.point.period().is_some() == point.period().is_some()
                && plane.distance(of.spot(), [point.value, own]) < SAME_PLACE
                && (there - here).abs() <= SAME_FREQUENCY * there.abs().max(here.abs())
        };
        self.curves
            .iter()
            .filter(|curve| curve.code == code)
            .any(|curve| curve.points.iter().any(|of| is_here(curve, of)))
    }
}

fn is_whole(curve: &Curve) -> bool {
    !curve.ends.contains(&End::Open)
}

/// A curve, continued at both ends where they are open, side by side.
fn extended(follower: &Follower, curve: &Curve) -> Curve {
    let (mut back, ahead) = at_both_ends(curve, Curve::reverse, |curve| follower.extend(curve));
    if ahead.ends[0] != curve.ends[0] {
        // It came round.
        return ahead;
    }
    // Where they join, the one that ended there says so; of two the one that has a reason.
    let mut rest = ahead.points[curve.points.len() - 1..].to_vec();
    if let Some(joint) = back.points.pop().filter(|joint| rest[0].end.is_none() || joint.end == Some(Code::MX)) {
        rest[0] = joint;
    }
    back.points.extend(rest);
    (back.ends[1], back.steps[1]) = (ahead.ends[1].clone(), ahead.steps[1]);
    back
}
