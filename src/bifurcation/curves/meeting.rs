//! Where a line in the plane meets a curve: along the branch that lies over the line, up to where the eigenvalue is critical.
//!
//! Both parameters are on the line, and the state moves with them: so the branch may fold over it. Where a curve of folds is met it does,
//! and what is critical is its direction, of length 1, whose component p along the line is 0 there. It changes by kappa per length of the
//! branch, and 1/kappa = -(w P_d)/(w P_xx v v), v and w being the critical eigenvectors of both sides, is the derivative in the direction
//! d of a function of both parameters that is 0 on the curve, as the eigenvalue's distance from the unit circle is for the others.

use crate::bifurcation::branch::Point;
use crate::bifurcation::code::Code;
use crate::bifurcation::events::settle;
use crate::bifurcation::newton::Failure;
use crate::bifurcation::object::Object;
use crate::bifurcation::place::Place;
use crate::bifurcation::solver::Solver;
use crate::bifurcation::spectrum::{Spectrum, off_circle};

/// Steps of the secant.
const ITERATIONS: usize = 8;
/// The place on the branch, of a fold on the line, is found to this: of an orbit, of a fixed point.
const FOUND: [f64; 2] = [3e-6, 3e-9];
/// Slopes are taken over so many times the distance in which an eigenvalue moves by what it is uncertain by.
const ABOVE_NOISE: f64 = 30.0;
/// Points nearer to each other than this say nothing of the slope: of an orbit, whose map has kinks, of a fixed point.
const NEAR: [f64; 2] = [3e-4, 3e-8];
/// A pair that is so far from the critical one of the point before is another one.
const OTHER_PAIR: f64 = 0.3;
/// Steps along the branch are shorter than this.
const LONGEST: f64 = 0.1;

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
    #[error(
        "the curve is not within {0:.1e} of where it is expected: it has a corner, or kinks of the step hide it (other bins have others)"
    )]
    Away(f64),
}

/// What a search begins with.
#[derive(Clone, Debug)]
pub struct Guess<'a> {
    /// What is followed: HB, PD, LP or NS.
    pub code: Code,
    /// Whose eigenvalue is critical.
    pub object: Object,
    /// Near its state at 0.
    pub x: Vec<f64>,
    /// The point of the curve next to it.
    pub beside: &'a Point,
    /// Slope along the line, as [`along_line`] has it.
    pub slope: f64,
}

/// How far a point is from where its branch has the bifurcation: of a fold its direction along the line, else the eigenvalue that
/// continues the critical one of `beside`. Of multipliers it is the product of all distances from -1, which is smooth where two of them
/// meet there.
pub fn distance(code: Code, point: &Point, beside: &Point) -> Result<f64, Missed> {
    let (spectrum, beside) = (&point.spectrum, &beside.spectrum);
    match code {
        Code::LP => {
            return point.direction.as_ref().map(|along| along.p).ok_or(Missed::Eigenvalue("it has no direction"));
        }
        Code::PD => return Ok(spectrum.from_minus_one()),
        _ => {}
    }
    let upper = |of: &Spectrum| of.leading.iter().copied().filter(|(_, im)| *im > 0.0).collect::<Vec<_>>();
    let critical = upper(beside).into_iter().min_by(|a, b| off_circle(a).total_cmp(&off_circle(b)));
    let (re, im) = critical.ok_or(Missed::Eigenvalue("its pair is not among the leading eigenvalues"))?;
    let apart = |of: &(f64, f64)| libm::hypot(of.0 - re, of.1 - im);
    let same = upper(spectrum).into_iter().min_by(|a, b| apart(a).total_cmp(&apart(b)));
    let pair = same.ok_or(Missed::Eigenvalue(match code {
        Code::NS => "the pair has become real: a resonance 1:1 or 1:2 is near",
        _ => "the pair has become real: a Bogdanov-Takens point is near",
    }))?;
    if apart(&pair) > OTHER_PAIR {
        return Err(Missed::Eigenvalue("its pair is not among the leading eigenvalues"));
    }
    Ok(libm::hypot(pair.0, pair.1) - 1.0)
}

/// The slope along a line, given that of [`distance`] along the branch, which goes along the line by `p` per length: a derivative that is
/// linear in the line's direction. With 1/p in place of p it leads back.
pub fn along_line(code: Code, slope: f64, p: f64) -> f64 {
    if code == Code::LP { slope.recip() } else { slope / p }
}

/// The point at which the solver's line meets the curve within `reach` of 0, and the slope along the line there.
pub fn meet(solver: &mut Solver, guess: &Guess, reach: f64) -> Result<(Point, f64), Missed> {
    let Guess { code, object, ref x, beside, slope } = *guess;
    let fixed = usize::from(object == Object::FixedPoint);
    let mut place = Place { x: x.clone(), value: 0.0 };
    let mut along = solver.newton.direction_near(&object, &place)?;
    // From here on along the branch.
    let (mut at, mut slope, mut before) = (0.0, along_line(code, slope, along.p.recip()), None::<[f64; 2]>);
    let noise = if object == Object::FixedPoint { solver.family().derivative().noise() } else { 0.0 };
    for _ in 0..ITERATIONS {
        let solution = solver.newton.solve(&object, &place, Some(&along))?;
        let mut point = solver.point(&object, &solution, Some(&along))?;
        let away = distance(code, &point, beside)?;
        if let Some([other, of_other]) =
            before.filter(|[other, _]| (other - at).abs() > NEAR[fixed].max(ABOVE_NOISE * noise / slope.abs()))
        {
            slope = (away - of_other) / (at - other);
        }
        let step = -away / slope;
        along = point.direction.clone().unwrap_or(along);
        let unseen = noise / slope.abs();
        let is_found = match code {
            // A fold's value hardly changes beside it.
            Code::LP => (0.5 * slope * step.abs().max(unseen).powi(2)).abs() < FOUND[fixed],
            _ => step.abs() < FOUND[fixed].max(unseen),
        };
        if is_found && point.value.abs() < reach {
            let on_line = along_line(code, slope, along.p);
            // Of the nearest multiplier alone, where `away` is a product; a fold is none of multipliers.
            let own = match code {
                Code::PD => point.spectrum.at_minus_one.map(|multiplier| on_line * multiplier / away),
                Code::LP => None,
                _ => Some(on_line),
            };
            settle(solver, code, &mut point, own.filter(|slope| slope.is_finite()), [-reach, reach]);
            return Ok((point, on_line));
        }
        place = solver.newton.ahead(&solution.place, &along, step);
        if step.is_nan() || step.abs() > LONGEST || place.value.abs() > reach {
            return Err(Missed::Away(reach));
        }
        (before, at) = (Some([at, away]), at + step);
    }
    Err(Missed::Away(reach))
}

/// As far beyond the second state as `share` of the way from the first one to it.
pub fn extrapolated(first: &[f64], second: &[f64], share: f64) -> Vec<f64> {
    first.iter().zip(second).map(|(a, b)| b + share * (b - a)).collect()
}
