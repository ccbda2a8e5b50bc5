//! Newton's method for P(x, p) = x, at a fixed value of the parameter or on a plane across a branch.
//!
//! All in scaled coordinates: x by the map's scales, p by the length of its range.

use super::algebra::{Mat, solve};
use super::family::{Family, Lost};
use super::map::Map;
use super::object::{Image, Object};
use super::tangent::Tangent;

/// Residuals at which x is a solution, in the maximum norm.
const TOLERANCE_FIXED: f64 = 1e-11;
const TOLERANCE_ORBIT: f64 = 1e-10;
/// A residual below this that no longer falls is one of rounding.
const STUCK: f64 = 1e-8;
const ITERATIONS_FIXED: usize = 25;
const ITERATIONS_ORBIT: usize = 12;
/// Plain steps after each one of Newton's, for the bins that hold next to nobody and settle at once: tried in this order.
const PLAIN_STEPS: [usize; 3] = [2, 0, 5];
/// The shortest part of a step that is tried where an orbit's residual grows.
const SHORTEST: f64 = 1.0 / 32.0;
/// A fluctuation is at most so many deviations per neuron.
const FLUCTUATION: f64 = 30.0;
/// Shorter steps change the derivative of an orbit by less than another section does.
const REUSED: f64 = 1e-6;

/// A direction in scaled coordinates, of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// Along the state.
    pub x: Vec<f64>,
    /// Along the parameter.
    pub p: f64,
}

impl Direction {
    /// Of length 1.
    pub fn new(x: Vec<f64>, p: f64) -> Self {
        let length = (x.iter().map(|x| x * x).sum::<f64>() + p * p).sqrt();
        Direction { x: x.iter().map(|x| x / length).collect(), p: p / length }
    }

    /// Cosine of the angle to another one.
    pub fn cosine(&self, other: &Direction) -> f64 {
        self.x.iter().zip(&other.x).map(|(a, b)| a * b).sum::<f64>() + self.p * other.p
    }

    /// The opposite one.
    pub fn reversed(&self) -> Self {
        Direction { x: self.x.iter().map(|x| -x).collect(), p: -self.p }
    }
}

/// A place in the space of state and parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The state.
    pub x: Vec<f64>,
    /// Value of the parameter.
    pub value: f64,
}

/// What Newton's method came to.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The solution.
    pub place: Place,
    /// P(x), whose residual is what is left.
    pub image: Image,
    /// Largest |P(x) - x| in scaled coordinates.
    pub residual: f64,
    /// Steps that it took.
    pub iterations: usize,
    /// DP in scaled coordinates, where the last step was so short that it is the one from before.
    pub derivative: Option<Mat<f64>>,
}

/// Why Newton's method came to nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// There is no P(x).
    #[error(transparent)]
    Lost(#[from] Lost),
    /// The residual stays above what it should be.
    #[error("residual {0:.1e} after the last of Newton's steps")]
    Residual(f64),
}

/// Solves equations of one family.
#[derive(Clone, Debug)]
pub struct Newton<'a> {
    /// Maps by the value of the parameter.
    pub family: &'a Family,
    /// Carries derivatives.
    pub tangent: Tangent,
}

impl Newton<'_> {
    /// A solution near `start`: at its value of the parameter, or where it may move on the plane through `start` across a direction.
    pub fn solve(&mut self, object: &Object, start: &Place, across: Option<&Direction>) -> Result<Solution, Failure> {
        match object {
            Object::Orbit { .. } => self.attempt(object, start, across, 0),
            Object::FixedPoint => {
                let mut last = Failure::Residual(f64::INFINITY);
                for plain in PLAIN_STEPS {
                    match self.attempt(object, start, across, plain) {
                        Ok(solution) => return Ok(solution),
                        Err(failure) => last = failure,
                    }
                }
                Err(last)
            }
        }
    }

    fn attempt(
        &mut self,
        object: &Object,
        start: &Place,
        across: Option<&Direction>,
        plain: usize,
    ) -> Result<Solution, Failure> {
        let fixed = *object == Object::FixedPoint;
        let (tolerance, most) =
            if fixed { (TOLERANCE_FIXED, ITERATIONS_FIXED) } else { (TOLERANCE_ORBIT, ITERATIONS_ORBIT) };
        let mut map = self.family.map(start.value)?;
        let mut place = start.clone();
        let mut image = object.image(&mut map, &place.x)?;
        let (mut before, mut reused) = (f64::INFINITY, None);
        for iterations in 0..=most {
            let residual = self.residual(&place.x, &image);
            // Of strongly unstable orbits rounding leaves more than the tolerance.
            let stuck = iterations >= 2 && residual < STUCK && residual > 0.1 * before;
            before = residual;
            if residual < tolerance || stuck {
                return Ok(Solution { place, image, residual, iterations, derivative: reused });
            }
            if iterations == most || residual.is_nan() || residual >= 1e3 {
                return Err(Failure::Residual(residual));
            }
            let derivative = self.derivative(object, &mut map, &image);
            let full = self.change(object, &derivative, &place, &image, across).ok_or(Failure::Residual(residual))?;
            let length = full.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            reused = (!fixed && length < REUSED).then_some(derivative);
            let mut part = 1.0;
            loop {
                let next = self.moved(&place, &full, part);
                let attempt = self.family.map(next.value).and_then(|mut map| {
                    let mut x = next.x.clone();
                    project(&map, &mut x);
                    for _ in 0..plain {
                        map.apply(&mut x);
                    }
                    let image = object.image(&mut map, &x)?;
                    Ok((map, Place { x, value: next.value }, image))
                });
                let shorter = !fixed && part > SHORTEST;
                match attempt {
                    Err(_) if shorter => {}
                    Err(lost) => return Err(lost.into()),
                    // Kinks make a residual rise before it falls: the last part is taken as it is.
                    Ok((_, at, image)) if shorter && self.residual(&at.x, &image) > residual => {}
                    Ok(next) => {
                        (map, place, image) = next;
                        break;
                    }
                }
                part *= 0.5;
            }
        }
        unreachable!("the last iteration returns")
    }

    /// Largest |P(x) - x|.
    pub fn residual(&self, x: &[f64], image: &Image) -> f64 {
        let scaled = x.iter().zip(image.x()).zip(self.family.scales()).map(|((x, y), scale)| ((y - x) / scale).abs());
        // A NaN stays one.
        scaled.fold(0.0, |most, r| if r <= most { most } else { r })
    }

    /// Newton's step in scaled coordinates, that of the parameter last.
    fn change(
        &self,
        object: &Object,
        derivative: &Mat<f64>,
        place: &Place,
        image: &Image,
        across: Option<&Direction>,
    ) -> Option<Vec<f64>> {
        let scales = self.family.scales();
        let mut right: Vec<f64> =
            place.x.iter().zip(image.x()).zip(scales).map(|((x, y), scale)| (x - y) / scale).collect();
        let Some(across) = across else {
            let n = right.len();
            let matrix = Mat::from_fn(n, n, |i, j| derivative[(i, j)] - f64::from(u8::from(i == j)));
            let mut change = solve(&matrix, &right)?;
            change.push(0.0);
            return Some(change);
        };
        right.push(0.0);
        solve(&self.bordered(object, derivative, place, across)?, &right)
    }

    /// DP in scaled coordinates.
    pub fn derivative(&mut self, object: &Object, map: &mut Map<f64>, image: &Image) -> Mat<f64> {
        let plain = object.derivative(map, image, &mut self.tangent);
        let scales = self.family.scales();
        Mat::from_fn(scales.len(), scales.len(), |i, j| plain[(i, j)] * scales[j] / scales[i])
    }

    /// (DP - 1, dP/dp; direction).
    fn bordered(&self, object: &Object, derivative: &Mat<f64>, place: &Place, across: &Direction) -> Option<Mat<f64>> {
        let (scales, length) = (self.family.scales(), self.family.length());
        let by_parameter = object.by_parameter(self.family, &place.x, place.value).ok()?;
        let n = scales.len();
        Some(Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
            (true, true) => derivative[(i, j)] - f64::from(u8::from(i == j)),
            (true, false) => by_parameter[i] * length / scales[i],
            (false, true) => across.x[j],
            (false, false) => across.p,
        }))
    }

    /// The direction of the branch at a solution, on the side of another direction.
    pub fn along(&self, object: &Object, derivative: &Mat<f64>, place: &Place, side: &Direction) -> Option<Direction> {
        let n = place.x.len();
        let mut right = vec![0.0; n + 1];
        right[n] = 1.0;
        let mut along = solve(&self.bordered(object, derivative, place, side)?, &right)?;
        let p = along.pop()?;
        Some(Direction::new(along, p))
    }

    /// A place `step` further in a direction.
    pub fn ahead(&self, from: &Place, direction: &Direction, step: f64) -> Place {
        let x = from.x.iter().zip(&direction.x).zip(self.family.scales());
        let x = x.map(|((x, d), scale)| x + step * d * scale).collect();
        Place { x, value: from.value + step * direction.p * self.family.length() }
    }

    fn moved(&self, place: &Place, change: &[f64], part: f64) -> Place {
        let scales = self.family.scales();
        let x = place.x.iter().zip(change).zip(scales).map(|((x, d), scale)| x + part * d * scale).collect();
        Place { x, value: place.value + part * change[scales.len()] * self.family.length() }
    }
}

/// Takes a state to where states can be: no negative numbers of neurons, their voltages inside of their bins, fluctuations of
/// kick counts that their variance allows.
pub fn project(map: &Map<f64>, x: &mut [f64]) {
    let shape = map.shape();
    let [_, moments, drifts] = map.bin_rows();
    for (q, p) in map.parameters().populations.iter().enumerate() {
        let bins = shape.bins_of(q);
        x[bins.clone()].iter_mut().for_each(|n| *n = n.max(0.0));
        let sum: f64 = x[bins.clone()].iter().sum();
        if sum > p.size {
            x[bins.clone()].iter_mut().for_each(|n| *n *= p.size / sum);
        }
        for j in bins.clone() {
            x[moments.start + j] = x[moments.start + j].clamp(0.0, p.h * x[j]);
        }
        for incoming in shape.incoming(q).iter().filter(|_| shape.coloured) {
            let variance = x[map.variance_row(incoming.projection)].max(0.0);
            for k in 0..shape.bins[q] {
                let most = FLUCTUATION * variance.sqrt() * x[bins.start + k];
                let g = &mut x[drifts.start + incoming.offset + k];
                *g = g.clamp(-most, most);
            }
        }
    }
}
