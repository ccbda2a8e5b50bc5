//! Branches: solutions along a curve, and what was found on them.

use super::code::Code;
use super::note::{Note, Notes};
use super::object::Object;
use super::place::{Direction, Place};
use super::section::Section;
use super::spectrum::{Spectrum, off_circle};
use serde::{Deserialize, Serialize};

/// Of stored branches: another one is not gone on with.
pub const VERSION: u32 = 8;

/// A solution, or the last of what was not one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Empty for ordinary points.
    pub code: Option<Code>,
    /// What it solves.
    pub object: Object,
    /// The state.
    pub x: Vec<f64>,
    /// Of the parameter.
    pub value: f64,
    /// Of the branch; `None` where it was not asked for.
    pub direction: Option<Direction>,
    /// Eigenvalues.
    pub spectrum: Spectrum,
    /// ms; a step's for a fixed point.
    pub time: f64,
    /// Of each population in Hz.
    pub rates: Vec<f64>,
    /// Highest rate in a step, of each population in Hz.
    pub peaks: Vec<f64>,
    /// Lowest.
    pub least: Vec<f64>,
    /// Largest |P(x) - x| in scaled coordinates.
    pub residual: f64,
    /// Of a located point: how far its value may be off. Of an orbit: how far its leading multiplier may, by another section.
    pub error: Option<f64>,
    /// What a reader should know.
    pub notes: Notes,
}

impl Point {
    /// State and value.
    pub fn place(&self) -> Place {
        Place { x: self.x.clone(), value: self.value }
    }

    /// An ordinary point of a firing orbit, for tests of what is made of points.
    #[cfg(test)]
    pub(super) fn of_orbit(falls: usize) -> Point {
        let section = Section { projection: 0, level: 1.0 };
        Point {
            code: None,
            object: Object::Orbit { section, falls },
            x: vec![],
            value: 0.0,
            direction: None,
            spectrum: Spectrum::default(),
            time: 1.0,
            rates: vec![1.0],
            peaks: vec![1.0],
            least: vec![1.0],
            residual: 0.0,
            error: None,
            notes: Notes::default(),
        }
    }

    /// As the last of a branch, for this reason.
    pub fn ended(mut self, reason: Note) -> Self {
        self.code = Some(Code::EP);
        self.notes.add(reason);
        self
    }

    /// On the way of the branch, with a direction and no code.
    pub fn is_ordinary(&self) -> bool {
        self.code.is_none() && self.direction.is_some()
    }

    /// Period of an orbit in ms.
    pub fn period(&self) -> Option<f64> {
        (self.object != Object::FixedPoint).then_some(self.time)
    }

    /// Frequency in Hz: of an orbit its own, of a fixed point that of its leading eigenvalue, at HB of the one on the unit circle.
    pub fn frequency(&self) -> f64 {
        let leading = &self.spectrum.leading;
        let critical =
            || leading.iter().filter(|(_, im)| *im != 0.0).min_by(|a, b| off_circle(a).total_cmp(&off_circle(b)));
        let of = if self.code == Some(Code::HB) { critical() } else { leading.first() };
        match (self.period(), of) {
            (Some(period), _) => 1e3 / period,
            (None, Some((re, im))) => libm::atan2(*im, *re).abs() / (2.0 * std::f64::consts::PI * self.time) * 1e3,
            (None, None) => 0.0,
        }
    }

    /// Growth of the leading mode in 1/s.
    pub fn growth(&self) -> f64 {
        libm::log(self.spectrum.radius()) / self.time * 1e3
    }

    /// Whether no kept eigenvalue is outside of the unit circle.
    pub fn is_stable(&self) -> bool {
        self.spectrum.unstable() == 0
    }
}

/// How a branch begins or ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum End {
    /// It can be continued.
    Open,
    /// At the end of the range, which is this value.
    Range(f64),
    /// It was switched to here.
    Origin,
    /// At another branch.
    Closed,
    /// Nothing converged, or there is no network further on.
    Lost,
    /// Where it has been before: from there on it repeats itself.
    Round,
}

/// Solutions of one kind along a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Counted from 1.
    pub number: usize,
    /// Where it comes from.
    pub origin: String,
    /// In order along the curve.
    pub points: Vec<Point>,
    /// Before the first point and after the last.
    pub ends: [End; 2],
}

impl Branch {
    /// Of orbits.
    pub fn is_orbit(&self) -> bool {
        self.points.first().is_some_and(|point| point.object != Object::FixedPoint)
    }

    /// Runs the other way.
    pub fn reverse(&mut self) {
        self.points.reverse();
        self.ends.reverse();
        for point in &mut self.points {
            point.direction = point.direction.as_ref().map(Direction::reversed);
        }
    }

    /// The section of an orbit.
    pub fn section_of(point: &Point) -> Option<Section> {
        match point.object {
            Object::FixedPoint => None,
            Object::Orbit { section, .. } => Some(section),
        }
    }
}
