//! Dense linear algebra, by `faer` on one thread: linear systems, eigenvalues and their vectors.

pub use faer::Mat;
use faer::c64;
use faer::linalg::solvers::PartialPivLu;
use faer::prelude::Solve;

/// An eigenvalue, leading ones first; of a pair the one with positive imaginary part first.
pub type Eigenvalue = c64;

/// A square matrix, factorised.
#[derive(Debug)]
pub struct Factors(PartialPivLu<f64>);

impl Factors {
    /// Of a matrix.
    pub fn new(a: &Mat<f64>) -> Self {
        Factors(a.partial_piv_lu())
    }

    /// The solution of a x = b; `None` where it is not finite.
    pub fn solve(&self, b: &[f64]) -> Option<Vec<f64>> {
        let x = self.0.solve(&Mat::from_fn(b.len(), 1, |i, _| b[i]));
        let x: Vec<f64> = (0..b.len()).map(|i| x[(i, 0)]).collect();
        x.iter().all(|x| x.is_finite()).then_some(x)
    }
}

/// Eigenvalues by falling modulus.
pub fn eigenvalues(a: &Mat<f64>) -> Option<Vec<Eigenvalue>> {
    let mut values = a.eigenvalues().ok()?;
    values.sort_by(by_modulus);
    values.iter().all(|value| value.re.is_finite() && value.im.is_finite()).then_some(values)
}

fn by_modulus(a: &c64, b: &c64) -> std::cmp::Ordering {
    // Both of a pair have one modulus but for rounding.
    let modulus = |c: &c64| (c.re * c.re + c.im * c.im).sqrt();
    let (of_a, of_b) = (modulus(a), modulus(b));
    if (of_a - of_b).abs() <= 1e-12 * of_a.max(of_b) && a.re == b.re {
        return b.im.total_cmp(&a.im);
    }
    of_b.total_cmp(&of_a).then(b.im.total_cmp(&a.im))
}

/// An eigenvalue with the eigenvectors of both sides, left times right being 1.
#[derive(Clone, Debug)]
pub struct Mode {
    /// The eigenvalue.
    pub value: Eigenvalue,
    /// a v = value v.
    pub right: Vec<c64>,
    /// w a = value w.
    pub left: Vec<c64>,
}

/// The modes of the `most` largest eigenvalues, and all eigenvalues.
pub fn modes(a: &Mat<f64>, most: usize) -> Option<(Vec<Eigenvalue>, Vec<Mode>)> {
    let n = a.nrows();
    let eigen = a.eigen().ok()?;
    let (vectors, numbers) = (eigen.U(), eigen.S());
    let value = |i: usize| numbers.column_vector()[i];
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| by_modulus(&value(i), &value(j)));
    let values: Vec<c64> = order.iter().map(|&i| value(i)).collect();
    if !values.iter().all(|value| value.re.is_finite() && value.im.is_finite()) {
        return None;
    }
    let leading = &order[..most.min(n)];
    let transposed = Mat::from_fn(n, n, |i, j| vectors[(j, i)]);
    let units =
        Mat::from_fn(n, leading.len(), |i, j| if i == leading[j] { c64::new(1.0, 0.0) } else { c64::new(0.0, 0.0) });
    let left = transposed.partial_piv_lu().solve(&units);
    let modes = leading.iter().enumerate().map(|(j, &mode)| Mode {
        value: value(mode),
        right: (0..n).map(|i| vectors[(i, mode)]).collect(),
        left: (0..n).map(|i| left[(i, j)]).collect(),
    });
    Some((values, modes.collect()))
}
