//! Eigenvalues of DP: of a step at a fixed point, multipliers of an orbit.

use super::algebra::{Eigenvalue, Mat, Mode, eigenvalues, modes};
use super::columns::Columns;
use super::compress::compress;
use super::map::Map;
use super::object::Object;
use crate::results::branches::MULTIPLIERS;
use serde::{Deserialize, Serialize};

/// Bins with a smaller share of their population are next to empty.
const SPARSE: f64 = 1e-6;
/// A mode that lies in such bins by more than this share is left out: slopes next to them make it unstable at will.
const IN_SPARSE: f64 = 0.5;
/// What rounding leaves of an eigenvalue on the unit circle, as one is where a population is silent.
const NEUTRAL: f64 = 1e-12;
/// Modes of a fixed point that are looked at: the leading ones, with room for those that are left out.
const LOOKED_AT: usize = 32;

/// The leading eigenvalues, and how many are where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// (re, im) of the leading ones by falling modulus.
    pub leading: Vec<(f64, f64)>,
    /// Modes of bins next to empty that were left out.
    pub ignored: usize,
    /// Real ones above 1.
    pub above: usize,
    /// Real ones below -1.
    pub below: usize,
    /// Complex ones outside of the unit circle, both of a pair.
    pub outside: usize,
    /// The real one nearest to 1, less 1.
    pub at_one: Option<f64>,
    /// The real one nearest to -1, plus 1.
    pub at_minus_one: Option<f64>,
    /// The modulus, nearest to 1, of a complex one, less 1.
    pub at_circle: Option<f64>,
}

impl Spectrum {
    fn of(values: &[Eigenvalue], ignored: usize) -> Spectrum {
        let nearest = |numbers: &mut dyn Iterator<Item = f64>| numbers.min_by(|a, b| a.abs().total_cmp(&b.abs()));
        let real = || values.iter().filter(|value| value.im == 0.0).map(|value| value.re);
        let complex = || values.iter().filter(|value| value.im != 0.0).map(|value| modulus(value) - 1.0);
        Spectrum {
            leading: values.iter().take(MULTIPLIERS).map(|value| (value.re, value.im)).collect(),
            ignored,
            above: real().filter(|re| *re > 1.0 + NEUTRAL).count(),
            below: real().filter(|re| *re < -1.0 - NEUTRAL).count(),
            outside: complex().filter(|beyond| *beyond > NEUTRAL).count(),
            at_one: nearest(&mut real().filter(|re| *re > 0.0).map(|re| re - 1.0)),
            at_minus_one: nearest(&mut real().filter(|re| *re < 0.0).map(|re| re + 1.0)),
            at_circle: nearest(&mut complex()),
        }
    }

    /// Eigenvalues outside of the unit circle.
    pub fn unstable(&self) -> usize {
        self.above + self.below + self.outside
    }

    /// Product of the distances of the leading ones from -1, by parts of pairs: what changes sign where one passes -1. It is smooth also where
    /// a pair becomes two real ones beyond -1, which the one nearest to -1 is not.
    pub fn from_minus_one(&self) -> f64 {
        let factor = |&(re, im): &(f64, f64)| if im == 0.0 { 1.0 + re } else { libm::hypot(1.0 + re, im) };
        self.leading.iter().map(factor).product()
    }

    /// Modulus of the leading one.
    pub fn radius(&self) -> f64 {
        self.leading.first().map_or(0.0, |&(re, im)| libm::hypot(re, im))
    }
}

/// Distance of (real part, imaginary part) from the unit circle.
pub fn off_circle(&(re, im): &(f64, f64)) -> f64 {
    (libm::hypot(re, im) - 1.0).abs()
}

/// |c|.
pub fn modulus(c: &Eigenvalue) -> f64 {
    libm::hypot(c.re, c.im)
}

/// The spectrum of an object at x; `None` if the eigenvalues were not found.
pub fn spectrum(object: &Object, map: &Map<f64>, x: &[f64], derivative: &Mat<f64>) -> Option<Spectrum> {
    if *object != Object::FixedPoint {
        return Some(Spectrum::of(&multipliers(derivative)?, 0));
    }
    if sparse(map, x).is_empty() {
        return Some(Spectrum::of(&eigenvalues(derivative)?, 0));
    }
    let (kept, ignored) = kept_modes(object, map, x, derivative)?;
    let values: Vec<Eigenvalue> = kept.iter().map(|mode| mode.value).collect();
    Some(Spectrum::of(&values, ignored))
}

/// Eigenvalues of the derivative of a return, less those that are 0 to rounding: of U W they are those of W U, which is smaller.
fn multipliers(derivative: &Mat<f64>) -> Option<Vec<Eigenvalue>> {
    let n = derivative.nrows();
    let columns = Columns::from_fn(n, n, |row, column| derivative[(row, column)]);
    let Some((fewer, parts)) = compress(&columns, &vec![1.0; n]) else { return eigenvalues(derivative) };
    let fewer = Mat::from_fn(n, fewer.count(), |row, column| fewer.get(row, column));
    eigenvalues(&(&parts * &fewer))
}

/// The leading modes without those of bins next to empty, and how many these are.
pub fn kept_modes(object: &Object, map: &Map<f64>, x: &[f64], derivative: &Mat<f64>) -> Option<(Vec<Mode>, usize)> {
    let (_, mut all) = modes(derivative, LOOKED_AT)?;
    let (sparse, before) = (sparse(map, x), all.len());
    if *object == Object::FixedPoint {
        all.retain(|mode| {
            let taken = |i: usize| modulus(&(mode.left[i] * mode.right[i]));
            let within: f64 = sparse.iter().map(|&i| taken(i)).sum();
            within <= IN_SPARSE * (0..mode.right.len()).map(taken).sum::<f64>()
        });
    }
    let ignored = before - all.len();
    Some((all, ignored))
}

/// Coordinates of bins next to empty.
fn sparse(map: &Map<f64>, x: &[f64]) -> Vec<usize> {
    let shape = map.shape();
    let [_, moments, drifts] = map.bin_rows();
    let mut rows = vec![];
    for (q, p) in map.parameters().populations.iter().enumerate() {
        for (k, j) in shape.bins_of(q).enumerate() {
            if x[j] < SPARSE * p.size {
                rows.extend([j, moments.start + j]);
                let incoming = shape.incoming(q).iter().filter(|_| shape.coloured);
                rows.extend(incoming.map(|incoming| drifts.start + incoming.offset + k));
            }
        }
    }
    rows
}
