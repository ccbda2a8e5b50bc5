//! Newton's method for P(x, p) = x, at a fixed value of the parameter or on a plane across a branch.
//!
//! All in scaled coordinates: x by the map's scales, p by the length of its range. A derivative of a return costs many returns, so an
//! orbit begins with what those before it say of its own, which Broyden's method improves, and takes its own at the end, where a point needs
//! it; or as soon as steps from the old one lead nowhere.

use super::algebra::{Factors, Mat};
use super::family::{Family, Lost};
use super::jacobian::{Broyden, Jacobian};
use super::map::Map;
use super::memory::{Memory, Taken};
use super::object::{Image, Object};
use super::place::{Direction, Place, apart};
use super::tangent::Tangent;

/// Residuals at which x is a solution, in the maximum norm.
const TOLERANCE_FIXED: f64 = 1e-11;
const TOLERANCE_ORBIT: f64 = 1e-10;
/// A residual below this that no longer falls is one of rounding.
const STUCK: f64 = 1e-8;
/// Most derivatives that are taken.
const MOST_FIXED: usize = 25;
const MOST_ORBIT: usize = 6;
/// Steps from an orbit's own derivative that are taken in part: after so many it is between kinks, and no more of them help.
const MOST_PARTS: usize = 2;
/// Plain steps after each one of Newton's, for the bins that hold next to nobody and settle at once: tried in this order.
const PLAIN_STEPS: [usize; 3] = [2, 0, 5];
/// The shortest part of a step that is tried where an orbit's residual grows.
const SHORTEST: f64 = 1.0 / 32.0;
/// A fluctuation is at most so many deviations per neuron.
const FLUCTUATION: f64 = 30.0;
/// Shorter steps change the derivative of an orbit by less than another section does.
const REUSED: f64 = 1e-6;
/// A step from an old derivative after which more than this share of the residual is left was the last one from there.
const SLOW: f64 = 0.5;

/// What Newton's method came to.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The solution.
    pub place: Place,
    /// P(x), whose residual is what is left.
    pub image: Image,
    /// Largest |P(x) - x| in scaled coordinates.
    pub residual: f64,
    /// Derivatives that it took.
    pub derivatives: usize,
    /// The last of them, where the steps since are so short that it is the solution's.
    pub jacobian: Option<Jacobian>,
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
    /// What was looked for is not there.
    #[error("{0}")]
    Absent(&'static str),
}

/// Solves equations of one family.
#[derive(Clone, Debug)]
pub struct Newton<'a> {
    /// Maps by the value of the parameter.
    pub family: &'a Family,
    tangent: Tangent,
    /// Derivatives of returns.
    memory: Memory,
}

/// A place that Newton's method has come to.
struct At {
    map: Map<f64>,
    place: Place,
    image: Image,
}

impl<'a> Newton<'a> {
    /// For one family.
    pub fn new(family: &'a Family) -> Self {
        Newton { family, tangent: Tangent::new(family.derivative()), memory: Memory::default() }
    }

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
        let (tolerance, most) = if fixed { (TOLERANCE_FIXED, MOST_FIXED) } else { (TOLERANCE_ORBIT, MOST_ORBIT) };
        let mut map = self.family.map(start.value)?;
        let image = object.image(&mut map, &start.x)?;
        let mut at = At { map, place: start.clone(), image };
        let mut broyden = self.near(object, start, across);
        let (mut before, mut derivatives, mut parts, mut jacobian) = (f64::INFINITY, 0, 0, None);
        loop {
            let residual = self.residual(&at.place.x, &at.image);
            // Of strongly unstable orbits rounding leaves more than the tolerance.
            let stuck = derivatives >= 2 && residual < STUCK && residual > 0.1 * before;
            if residual < tolerance || stuck {
                let At { place, image, .. } = at;
                return Ok(Solution { place, image, residual, derivatives, jacobian });
            }
            if derivatives == most || parts == MOST_PARTS || residual.is_nan() || residual >= 1e3 {
                return Err(Failure::Residual(residual));
            }
            let right = self.left_over(&at, across);
            let mut full = broyden.as_mut().and_then(|old: &mut Broyden| old.step(&right));
            let lasts = |step: &[f64]| longest(step) < REUSED;
            let exact = full.as_deref().is_none_or(|step| lasts(step) && jacobian.is_none());
            if exact {
                let found = self.jacobian(object, &mut at.map, &at.place, &at.image, across.is_some())?;
                let mut fresh = Broyden::new(&found.bordered(across));
                full = fresh.step(&right);
                derivatives += 1;
                (broyden, jacobian) = ((!fixed).then_some(fresh), Some(found));
            }
            let full = full.ok_or(Failure::Residual(residual))?;
            jacobian = jacobian.filter(|_| !fixed && lasts(&full));
            match self.moved(object, &at, &full, plain, exact)? {
                Some((part, next)) => {
                    parts += usize::from(part < 1.0 && exact);
                    let left = self.residual(&next.place.x, &next.image) / residual;
                    broyden = broyden.filter(|_| part == 1.0 && (exact || left < SLOW));
                    (at, before) = (next, residual);
                }
                None => (broyden, before) = (None, f64::INFINITY),
            }
        }
    }

    /// A step, of a return's as long a part as lowers the residual; `None` where the whole of a step from an old derivative does not.
    fn moved(
        &self,
        object: &Object,
        from: &At,
        full: &[f64],
        plain: usize,
        exact: bool,
    ) -> Result<Option<(f64, At)>, Failure> {
        let residual = self.residual(&from.place.x, &from.image);
        let mut part = 1.0;
        loop {
            let last = *object == Object::FixedPoint || part <= SHORTEST;
            match self.at(object, self.beyond(&from.place, full, part), plain) {
                // Kinks make a residual rise before it falls: the last part is taken as it is.
                Ok(next) if last || self.residual(&next.place.x, &next.image) <= residual => {
                    return Ok(Some((part, next)));
                }
                Err(lost) if last => return Err(lost.into()),
                _ if !exact => return Ok(None),
                _ => part *= 0.5,
            }
        }
    }

    /// Where states can be near a place, after some plain steps.
    fn at(&self, object: &Object, mut place: Place, plain: usize) -> Result<At, Lost> {
        let mut map = self.family.map(place.value)?;
        project(&map, &mut place.x);
        for _ in 0..plain {
            map.apply(&mut place.x);
        }
        let image = object.image(&mut map, &place.x)?;
        Ok(At { map, place, image })
    }

    /// Steps from what derivatives near here say of that at a start.
    fn near(&mut self, object: &Object, start: &Place, across: Option<&Direction>) -> Option<Broyden> {
        let at = self.family.scaled(&start.x, start.value);
        let (family, nearest) = (self.family, self.memory.nearest(object, &at)?);
        if across.is_some() && nearest.jacobian.by_parameter.is_none() {
            nearest.jacobian.by_parameter = Some(by_parameter(family, object, &nearest.place)?);
        }
        Some(Broyden::new(&self.memory.expected(object, &at)?.bordered(across)))
    }

    /// Distance of two places in scaled coordinates.
    pub fn distance(&self, from: &Place, to: &Place) -> f64 {
        let squares = from.x.iter().zip(&to.x).zip(self.family.scales()).map(|((a, b), s)| ((a - b) / s).powi(2));
        let along = (from.value - to.value) / self.family.length();
        (squares.sum::<f64>() + along * along).sqrt()
    }

    /// Largest |P(x) - x|.
    pub fn residual(&self, x: &[f64], image: &Image) -> f64 {
        apart(image.x(), x, self.family.scales())
    }

    /// x - P(x), and on a plane 0.
    fn left_over(&self, at: &At, across: Option<&Direction>) -> Vec<f64> {
        let scaled =
            at.place.x.iter().zip(at.image.x()).zip(self.family.scales()).map(|((x, y), scale)| (x - y) / scale);
        scaled.chain(across.map(|_| 0.0)).collect()
    }

    /// DP, and dP/dp where a solution may move.
    fn jacobian(
        &mut self,
        object: &Object,
        map: &mut Map<f64>,
        place: &Place,
        image: &Image,
        moves: bool,
    ) -> Result<Jacobian, Lost> {
        let by_state = self.derivative(object, map, image);
        let by_parameter = moves.then(|| by_parameter(self.family, object, place).ok_or(Lost::Infinite)).transpose()?;
        let jacobian = Jacobian { by_state, by_parameter };
        if *object != Object::FixedPoint {
            let at = self.family.scaled(&place.x, place.value);
            self.memory.keep(object, Taken { at, place: place.clone(), jacobian: jacobian.clone() });
        }
        Ok(jacobian)
    }

    /// DP in scaled coordinates.
    pub fn derivative(&mut self, object: &Object, map: &mut Map<f64>, image: &Image) -> Mat<f64> {
        let plain = object.derivative(map, image, &mut self.tangent);
        let scales = self.family.scales();
        Mat::from_fn(scales.len(), scales.len(), |i, j| plain[(i, j)] * scales[j] / scales[i])
    }

    /// The derivative at a solution, along the parameter too if its direction is wanted, and the map there.
    pub fn at_solution(
        &mut self,
        object: &Object,
        solution: &Solution,
        directed: bool,
    ) -> Result<(Map<f64>, Jacobian), Lost> {
        let mut map = self.family.map(solution.place.value)?;
        let jacobian = match &solution.jacobian {
            Some(jacobian) => jacobian.clone(),
            None => self.jacobian(object, &mut map, &solution.place, &solution.image, directed)?,
        };
        Ok((map, jacobian))
    }

    /// The direction of the branch at a solution, on the side of another direction.
    pub fn along(&self, object: &Object, jacobian: &Jacobian, place: &Place, side: &Direction) -> Option<Direction> {
        let n = place.x.len();
        let mut right = vec![0.0; n + 1];
        right[n] = 1.0;
        let by_parameter = jacobian.by_parameter.clone().or_else(|| by_parameter(self.family, object, place));
        let jacobian = Jacobian { by_state: jacobian.by_state.clone(), by_parameter: Some(by_parameter?) };
        let mut along = Factors::new(&jacobian.bordered(Some(side))).solve(&right)?;
        let p = along.pop()?;
        Some(Direction::new(along, p))
    }

    /// The direction, towards higher values, of the branch that a place is near.
    pub fn direction_near(&mut self, object: &Object, place: &Place) -> Result<Direction, Failure> {
        let mut map = self.family.map(place.value)?;
        let image = object.image(&mut map, &place.x)?;
        let jacobian = self.jacobian(object, &mut map, place, &image, true)?;
        let upward = Direction { x: vec![0.0; place.x.len()], p: 1.0 };
        Ok(self.along(object, &jacobian, place, &upward).ok_or(Lost::Infinite)?)
    }

    /// A place `step` further in a direction.
    pub fn ahead(&self, from: &Place, direction: &Direction, step: f64) -> Place {
        let x = from.x.iter().zip(&direction.x).zip(self.family.scales());
        let x = x.map(|((x, d), scale)| x + step * d * scale).collect();
        Place { x, value: from.value + step * direction.p * self.family.length() }
    }

    /// A place after a part of a step, which has the parameter's last, if it moves.
    fn beyond(&self, place: &Place, step: &[f64], part: f64) -> Place {
        let (scales, length) = (self.family.scales(), self.family.length());
        let x = place.x.iter().zip(step).zip(scales).map(|((x, d), scale)| x + part * d * scale).collect();
        let moved = step.get(scales.len()).map_or(0.0, |p| part * p * length);
        Place { x, value: place.value + moved }
    }
}

/// dP/dp in scaled coordinates.
fn by_parameter(family: &Family, object: &Object, place: &Place) -> Option<Vec<f64>> {
    let plain = object.by_parameter(family, &place.x, place.value).ok()?;
    let length = family.length();
    Some(plain.iter().zip(family.scales()).map(|(d, scale)| d * length / scale).collect())
}

fn longest(step: &[f64]) -> f64 {
    step.iter().fold(0.0, |most, x| x.abs().max(most))
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
