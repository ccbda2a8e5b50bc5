//! What is continued: a fixed point of the map, or an orbit, which is a fixed point of its k-th return.

use super::algebra::Mat;
use super::columns::Columns;
use super::compress::compress;
use super::family::{Family, Lost};
use super::map::Map;
use super::section::{Return, Section, weights};
use super::tangent::Tangent;
use serde::{Deserialize, Serialize};

/// The longest orbit in ms, and the longest return of one of many.
pub const LONGEST: f64 = 2000.0;
const LONGEST_OF_MANY: f64 = 300.0;
/// Step of the derivative along the parameter, relative to it or to a hundredth of its range.
const PARAMETER_STEP: f64 = 1e-6;

/// Steps after which columns that have become dependent are looked for.
const COMPRESSED: usize = 64;

/// An equation P(x) = x.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Object {
    /// P is a step.
    FixedPoint,
    /// P is a return to the section: the number `falls`.
    Orbit {
        /// Where returns are counted.
        section: Section,
        /// How often the orbit falls through the section's level.
        falls: usize,
    },
}

/// P(x), and what happened on the way.
#[derive(Clone, Debug)]
pub enum Image {
    /// After a step.
    Step {
        /// x.
        start: Vec<f64>,
        /// P(x).
        x: Vec<f64>,
        /// Neurons of each population that fired.
        fired: Vec<f64>,
    },
    /// After a return.
    Return(Return),
}

impl Image {
    /// P(x).
    pub fn x(&self) -> &[f64] {
        match self {
            Image::Step { x, .. } => x,
            Image::Return(back) => &back.x,
        }
    }

    /// Steps from x to P(x).
    pub fn time(&self) -> f64 {
        match self {
            Image::Step { .. } => 1.0,
            Image::Return(back) => back.time(),
        }
    }

    /// Neurons of each population that fired from x to P(x).
    pub fn spikes(&self) -> Vec<f64> {
        match self {
            Image::Step { fired, .. } => fired.clone(),
            Image::Return(back) => back.spikes(),
        }
    }

    /// Fewest and most neurons of each population that fired in a step.
    pub fn extremes(&self) -> Vec<(f64, f64)> {
        let rows = match self {
            Image::Step { fired, .. } => std::slice::from_ref(fired),
            Image::Return(back) => &back.fired[..],
        };
        let over = |q: usize| rows.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), row| (a.min(row[q]), b.max(row[q])));
        (0..rows[0].len()).map(over).collect()
    }
}

impl Object {
    /// P(x) at a value of the parameter.
    pub fn image(&self, map: &mut Map<f64>, x: &[f64]) -> Result<Image, Lost> {
        let image = match self {
            Object::FixedPoint => {
                let mut next = x.to_vec();
                let fired = map.apply(&mut next).to_vec();
                Image::Step { start: x.to_vec(), x: next, fired }
            }
            Object::Orbit { section, falls } => {
                let longest = LONGEST.max(LONGEST_OF_MANY * *falls as f64);
                let steps = (longest / map.dt()) as usize;
                Image::Return(section.follow(map, x, *falls, steps).ok_or(Lost::NoReturn(longest))?)
            }
        };
        image.x().iter().all(|x| x.is_finite()).then_some(image).ok_or(Lost::Infinite)
    }

    /// DP, given P(x).
    pub fn derivative(&self, map: &mut Map<f64>, image: &Image, tangent: &mut Tangent) -> Mat<f64> {
        let n = image.x().len();
        match (self, image) {
            (Object::Orbit { section, .. }, Image::Return(back)) => {
                let t = back.last();
                let states = || back.states.iter().map(Vec::as_slice);
                let (w, by_theta) = weights(back.theta);
                let scales = map.scales();
                // Directions in scaled coordinates, of which columns are combinations.
                let mut columns = Columns::from_fn(n, n, |row, column| if row == column { scales[row] } else { 0.0 });
                let mut of: Option<Mat<f64>> = None;
                for stretch in back.states[..t - 1].chunks(COMPRESSED) {
                    tangent.carry(map, stretch.iter().map(Vec::as_slice), &mut columns);
                    if let Some((fewer, parts)) = compress(&columns, &scales) {
                        of = Some(of.map_or_else(|| parts.clone(), |of| &parts * &of));
                        columns = fewer;
                    }
                }
                let mut sum = columns.clone();
                sum.scale(w[0]);
                for (step, weight) in [(t - 1, w[1]), (t, w[2])] {
                    tangent.carry(map, states().skip(step).take(1), &mut columns);
                    sum.add(&columns, weight);
                }
                // A direction returns where its own theta takes it.
                let along = super::section::combine(by_theta, [t - 1, t, t + 1].map(|step| &back.states[step][..]));
                let row = map.kick_row(section.projection);
                let element = |i: usize, j: usize| sum.get(i, j) - along[i] * sum.get(row, j) / back.slope;
                let carried = Mat::from_fn(n, sum.count(), element);
                let scaled = of.map_or_else(|| carried.clone(), |of| &carried * &of);
                Mat::from_fn(n, n, |i, j| scaled[(i, j)] / scales[j])
            }
            (_, Image::Step { start, .. }) => {
                let mut columns = Columns::identity(n);
                tangent.carry(map, [&start[..]].into_iter(), &mut columns);
                Mat::from_fn(n, n, |i, j| columns.get(i, j))
            }
            (Object::FixedPoint, Image::Return(_)) => unreachable!("an image of this object"),
        }
    }

    /// dP/dp by central differences.
    pub fn by_parameter(&self, family: &Family, x: &[f64], value: f64) -> Result<Vec<f64>, Lost> {
        let step = PARAMETER_STEP * value.abs().max(0.01 * family.length().abs());
        let end = |value: f64| -> Result<Vec<f64>, Lost> { Ok(self.image(&mut family.map(value)?, x)?.x().to_vec()) };
        // At the edge of what a network may be, from one side.
        let (low, high) = (end(value - step), end(value + step));
        let ((a, from), (b, to)) = match (low, high) {
            (Ok(a), Ok(b)) => ((a, -step), (b, step)),
            (Ok(a), Err(_)) => ((a, -step), (end(value)?, 0.0)),
            (Err(_), Ok(b)) => ((end(value)?, 0.0), (b, step)),
            (Err(lost), Err(_)) => return Err(lost),
        };
        Ok(a.iter().zip(&b).map(|(a, b)| (b - a) / (to - from)).collect())
    }

    /// How often an orbit falls through its level: 0 for a fixed point.
    pub fn falls(&self) -> usize {
        match self {
            Object::FixedPoint => 0,
            Object::Orbit { falls, .. } => *falls,
        }
    }
}
