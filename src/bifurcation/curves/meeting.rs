//! Where a line in the plane meets a curve: one parameter, along the line, is moved until the eigenvalue is critical.

use crate::bifurcation::branch::{Code, Point};
use crate::bifurcation::events::settle;
use crate::bifurcation::newton::Failure;
use crate::bifurcation::object::Object;
use crate::bifurcation::place::Place;
use crate::bifurcation::solver::Solver;
use crate::bifurcation::spectrum::Spectrum;

/// Steps of the secant.
const ITERATIONS: usize = 8;
/// The place on the line is found to this: of an orbit, of a fixed point.
const FOUND: [f64; 2] = [1e-6, 1e-9];
/// Points nearer to each other than this say nothing of the slope: of an orbit, whose map has kinks, of a fixed point.
const NEAR: [f64; 2] = [1e-4, 1e-8];

/// Why no point of the curve was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Missed {
    /// The object itself was not.
    #[error(transparent)]
    Lost(#[from] Failure),
    /// Its eigenvalue is not among the leading ones, or no longer what it was.
    #[error("{0}")]
    Eigenvalue(&'static str),
    /// The curve is not as near as it should be.
    #[error("the curve is not within {0:.1e} of where it is expected")]
    Away(f64),
}

/// What a search begins with.
#[derive(Clone, Debug)]
pub struct Guess<'a> {
    /// What is followed: HB or PD.
    pub code: Code,
    /// Whose eigenvalue is critical.
    pub object: Object,
    /// Near its state at 0.
    pub x: Vec<f64>,
    /// The point of the curve next to it.
    pub beside: &'a Point,
    /// Slope of the eigenvalue's distance from where it is critical along the line.
    pub slope: f64,
}

/// How far the eigenvalue of a spectrum that continues the critical one of `beside` is from where it would be critical.
pub fn distance(code: Code, spectrum: &Spectrum, beside: &Spectrum) -> Result<f64, Missed> {
    if code == Code::PD {
        return spectrum.at_minus_one.ok_or(Missed::Eigenvalue("no multiplier is real and negative any more"));
    }
    let upper = |of: &Spectrum| of.leading.iter().copied().filter(|(_, im)| *im > 0.0).collect::<Vec<_>>();
    let off_circle = |(re, im): &(f64, f64)| (re.hypot(*im) - 1.0).abs();
    let critical = upper(beside).into_iter().min_by(|a, b| off_circle(a).total_cmp(&off_circle(b)));
    let (re, im) = critical.ok_or(Missed::Eigenvalue("its pair is not among the leading eigenvalues"))?;
    let apart = |of: &(f64, f64)| (of.0 - re).hypot(of.1 - im);
    let same = upper(spectrum).into_iter().min_by(|a, b| apart(a).total_cmp(&apart(b)));
    let pair = same.ok_or(Missed::Eigenvalue("the pair has become real: a Bogdanov-Takens point is near"))?;
    Ok(pair.0.hypot(pair.1) - 1.0)
}

/// The point at which the solver's line meets the curve within `reach` of 0, and the slope there.
pub fn meet(solver: &mut Solver, guess: &Guess, reach: f64) -> Result<(Point, f64), Missed> {
    let Guess { code, object, ref x, beside, mut slope } = *guess;
    let fixed = usize::from(object == Object::FixedPoint);
    let (mut x, mut value) = (x.clone(), 0.0);
    let mut before: Option<(Point, f64)> = None;
    for _ in 0..ITERATIONS {
        let mut point = solver.at_value(&object, &Place { x, value })?;
        let away = distance(code, &point.spectrum, &beside.spectrum)?;
        if let Some((other, of_other)) = before.as_ref().filter(|(other, _)| (other.value - value).abs() > NEAR[fixed])
        {
            slope = (away - of_other) / (value - other.value);
        }
        let step = -away / slope;
        if step.abs() < FOUND[fixed] {
            settle(solver, code, &mut point, Some(slope), [-reach, reach]);
            return Ok((point, slope));
        }
        let next = value + step;
        if next.is_nan() || next.abs() > reach {
            return Err(Missed::Away(reach));
        }
        x = match before.as_ref().filter(|(other, _)| other.value != value) {
            Some((other, _)) => extrapolated(&other.x, &point.x, step / (value - other.value)),
            None => point.x.clone(),
        };
        (before, value) = (Some((point, away)), next);
    }
    Err(Missed::Away(reach))
}

/// As far beyond the second state as `share` of the way from the first one to it.
pub fn extrapolated(first: &[f64], second: &[f64], share: f64) -> Vec<f64> {
    first.iter().zip(second).map(|(a, b)| b + share * (b - a)).collect()
}
