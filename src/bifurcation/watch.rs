//! Who looks on while diagrams and curves are made.

use super::branch::Point;
use super::curve::CurvePoint;
use std::sync::atomic::{AtomicBool, Ordering};

/// Told of every point, by model.
pub trait Watch: Sync {
    /// A point of a branch.
    fn point(&self, model: &str, branch: usize, point: &Point);
    /// A point of a curve in two parameters.
    fn curve_point(&self, model: &str, curve: usize, point: &CurvePoint);
}

/// Told of branches or curves point by point.
pub trait Progress<P>: Sync {
    /// After every point, with the number of its branch or curve.
    fn point(&self, number: usize, point: &P);
    /// Whether to stop after this point.
    fn stopped(&self) -> bool;
}

/// Told of all of them as they grow.
pub trait Growth<P, T>: Progress<P> {
    /// After every branch or curve.
    fn grown(&self, all: &T);
}

/// What grows in a result directory: every point is told, all that there is is kept.
pub struct Growing<'a, P, T> {
    /// Told of every point, with its number.
    pub told: &'a (dyn Fn(usize, &P) + Sync),
    /// Whether to stop.
    pub stop: &'a AtomicBool,
    /// Keeps all.
    pub keep: &'a (dyn Fn(&T) + Sync),
}

impl<P, T> Progress<P> for Growing<'_, P, T> {
    fn point(&self, number: usize, point: &P) {
        (self.told)(number, point);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl<P, T> Growth<P, T> for Growing<'_, P, T> {
    fn grown(&self, all: &T) {
        (self.keep)(all);
    }
}
