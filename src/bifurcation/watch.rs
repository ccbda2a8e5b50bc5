//! Who looks on while diagrams and curves are made.

use super::branch::Point;
use super::curve::CurvePoint;

/// Told of every point, by model.
pub trait Watch: Sync {
    /// A point of a branch.
    fn point(&self, model: &str, branch: usize, point: &Point);
    /// A point of a curve in two parameters.
    fn curve_point(&self, model: &str, curve: usize, point: &CurvePoint);
}
