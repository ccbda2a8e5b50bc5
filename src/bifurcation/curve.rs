//! Curves of bifurcations: located points in the plane of two parameters.

use super::branch::{End, Point};
use super::code::Code;
use super::note::Note;
use serde::{Deserialize, Serialize};

/// Of stored curves: those of another one are made anew.
pub const VERSION: u32 = 5;

/// Where a bifurcation is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The solution there; its value is that of the first parameter.
    pub point: Point,
    /// Value of the second parameter.
    pub second: f64,
    /// How far off either value may be, across the curve.
    pub errors: [f64; 2],
    /// How the eigenvalue's distance from where it is critical changes along either parameter, in scaled coordinates.
    pub gradient: [f64; 2],
    /// Whether that was looked for along both, so that it says where the curve goes on; else it is that on the line across which the
    /// curve was met.
    pub aimed: bool,
    /// Whether it is the one that was located along the first parameter.
    pub start: bool,
    /// EP or MX at an end, with a reason in the point's notes.
    pub end: Option<Code>,
}

impl CurvePoint {
    /// Both values, the first parameter's first.
    pub fn spot(&self) -> [f64; 2] {
        [self.point.value, self.second]
    }
}

/// A bifurcation along a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Counted from 1.
    pub number: usize,
    /// What is followed.
    pub code: Code,
    /// Where it comes from.
    pub origin: String,
    /// In order along the curve.
    pub points: Vec<CurvePoint>,
    /// Before the first point and after the last.
    pub ends: [End; 2],
    /// Length of the next step there, in scaled coordinates.
    pub steps: [f64; 2],
    /// Whether it runs the other way than where it began.
    pub backwards: bool,
}

impl Curve {
    /// Of bifurcations of orbits.
    pub fn is_of_orbits(&self) -> bool {
        self.points.first().is_some_and(|at| at.point.period().is_some())
    }

    /// Whether the frequency of its points is one of what is critical: all but folds of fixed points have one.
    pub fn has_frequency(&self) -> bool {
        self.code != Code::LP || self.is_of_orbits()
    }

    /// Runs the other way.
    pub fn reverse(&mut self) {
        self.points.reverse();
        self.ends.reverse();
        self.steps.reverse();
        self.backwards = !self.backwards;
    }

    /// Ends at its last point, for a reason if there is one to tell.
    pub fn finish(&mut self, end: End, code: Code, reason: Option<Note>) {
        self.ends[1] = end;
        if let Some(last) = self.points.last_mut() {
            last.end = Some(code);
            reason.into_iter().for_each(|reason| last.point.notes.add(reason));
        }
    }
}
