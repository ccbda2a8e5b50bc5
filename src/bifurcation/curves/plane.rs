//! The plane of two parameters. Directions and distances are in scaled coordinates: each range is 1 long.

use crate::bifurcation::Family;
use crate::bifurcation::curve::CurvePoint;
use crate::config::Second;

/// A pair of values, of the first parameter and of the second.
pub type Spot = [f64; 2];

/// The rectangle of both ranges.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    /// Of the first parameter, with bins that do for all of the plane.
    pub family: &'a Family,
    /// The second parameter.
    pub second: &'a Second,
}

impl Plane<'_> {
    fn ranges(&self) -> [[f64; 2]; 2] {
        [self.family.range, self.second.range]
    }

    fn lengths(&self) -> [f64; 2] {
        self.ranges().map(|[low, high]| high - low)
    }

    /// Maps along a line through a spot; values are distances from it.
    pub fn line(&self, through: Spot, direction: [f64; 2]) -> Family {
        let lengths = self.lengths();
        self.family.on_line(&self.second.parameter, through, [0, 1].map(|i| direction[i] * lengths[i]))
    }

    /// A spot `step` further in a direction.
    pub fn ahead(&self, from: Spot, direction: [f64; 2], step: f64) -> Spot {
        let lengths = self.lengths();
        [0, 1].map(|i| from[i] + step * direction[i] * lengths[i])
    }

    /// From one spot to another.
    pub fn way(&self, from: Spot, to: Spot) -> [f64; 2] {
        let lengths = self.lengths();
        [0, 1].map(|i| (to[i] - from[i]) / lengths[i])
    }

    /// How far apart they are.
    pub fn distance(&self, from: Spot, to: Spot) -> f64 {
        let [a, b] = self.way(from, to);
        libm::hypot(a, b)
    }

    /// Whether a spot is in the plane, its edge included.
    pub fn holds(&self, spot: Spot) -> bool {
        self.ranges().iter().zip(spot).all(|([low, high], x)| (*low..=*high).contains(&x))
    }

    /// Where the way from a spot inside to one outside leaves the plane, and through which parameter's end.
    pub fn way_out(&self, from: Spot, to: Spot) -> (Spot, usize) {
        let exceeded = |(i, [low, high]): (usize, [f64; 2])| {
            let end = if to[i] < low { low } else { high };
            (to[i] < low || to[i] > high).then(|| ((end - from[i]) / (to[i] - from[i]), i, end))
        };
        let ends = self.ranges().into_iter().enumerate().filter_map(exceeded);
        let Some((share, through, end)) = ends.min_by(|a, b| a.0.total_cmp(&b.0)) else { return (to, 0) };
        let mut spot = [0, 1].map(|i| from[i] + share * (to[i] - from[i]));
        spot[through] = end;
        (spot, through)
    }

    /// Whether a curve passes the second parameter's own value on the way.
    pub fn passes_home(&self, from: &CurvePoint, to: &CurvePoint) -> bool {
        (from.second - self.second.own) * (to.second - self.second.own) < 0.0
    }
}

/// Across a direction, to its left.
pub fn normal([a, b]: [f64; 2]) -> [f64; 2] {
    [-b, a]
}

/// a . b.
pub fn product(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// Of length 1.
pub fn unit([a, b]: [f64; 2]) -> [f64; 2] {
    let length = libm::hypot(a, b);
    [a / length, b / length]
}
