//! The curve through two points of a branch, and a little beyond the second: the cubic that has both points and both directions.
//!
//! Its error is of fourth order in their distance, that of a straight line along a direction of second order: so a corrector begins nearer
//! to its solution, and more often ends with the derivative that it began with.

use super::branch::Point;
use super::family::Family;
use super::place::{Direction, Place};

/// Powers of u, which is 0 at the first point and 1 at the second.
pub struct Cubic<'a> {
    family: &'a Family,
    /// In scaled coordinates, the parameter's last.
    coefficients: [Vec<f64>; 4],
    /// Distance of the points.
    pub length: f64,
}

impl<'a> Cubic<'a> {
    /// Through points of one section; `None` where they are not, or a direction is not known.
    pub fn new(family: &'a Family, from: &Point, to: &Point) -> Option<Self> {
        let [Some(of_from), Some(of_to)] = [from, to].map(|point| point.direction.as_ref()) else { return None };
        if from.object != to.object {
            return None;
        }
        let [a, b] = [from, to].map(|point| family.scaled(&point.x, point.value));
        let way: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let length = way.iter().map(|d| d * d).sum::<f64>().sqrt();
        let directions = of_from.coordinates().zip(of_to.coordinates()).map(|(a, b)| (length * a, length * b));
        let higher = way.iter().zip(directions).map(|(way, (a, b))| (3.0 * way - 2.0 * a - b, a + b - 2.0 * way));
        let (square, cube) = higher.unzip();
        let slope = of_from.coordinates().map(|d| length * d).collect();
        Some(Cubic { family, coefficients: [a, slope, square, cube], length })
    }

    /// The place at u, and the direction there.
    pub fn at(&self, u: f64) -> (Place, Direction) {
        let sum = |weights: [f64; 4]| -> Vec<f64> {
            let term = |i: usize| (0..4).map(|k| weights[k] * self.coefficients[k][i]).sum();
            (0..self.coefficients[0].len()).map(term).collect()
        };
        let place = self.family.place(&sum([1.0, u, u * u, u * u * u]));
        let mut along = sum([0.0, 1.0, 2.0 * u, 3.0 * u * u]);
        let p = along.pop().unwrap_or(0.0);
        (place, Direction::new(along, p))
    }
}
