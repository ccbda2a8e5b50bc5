//! Derivatives of P in scaled coordinates, and steps of Newton's method from one that is not quite where the state is.

use super::algebra::{Factors, Mat};
use super::place::Direction;

/// DP, and dP/dp where it was wanted.
#[derive(Clone, Debug)]
pub struct Jacobian {
    /// Square.
    pub by_state: Mat<f64>,
    /// Along the parameter.
    pub by_parameter: Option<Vec<f64>>,
}

impl Jacobian {
    /// On the line from another one through this one, so many of their distances beyond this.
    pub fn beyond(&self, other: &Jacobian, share: f64) -> Jacobian {
        let (a, b) = (&other.by_state, &self.by_state);
        let on_line = |a: f64, b: f64| b + share * (b - a);
        let by_parameter = self.by_parameter.as_ref().map(|here| match &other.by_parameter {
            Some(there) => there.iter().zip(here).map(|(&a, &b)| on_line(a, b)).collect(),
            None => here.clone(),
        });
        let by_state = Mat::from_fn(b.nrows(), b.ncols(), |i, j| on_line(a[(i, j)], b[(i, j)]));
        Jacobian { by_state, by_parameter }
    }

    /// (DP - 1, dP/dp; direction), or DP - 1 where no direction is given.
    pub fn bordered(&self, across: Option<&Direction>) -> Mat<f64> {
        let n = self.by_state.nrows();
        let less_one = |i: usize, j: usize| self.by_state[(i, j)] - f64::from(u8::from(i == j));
        let Some((across, by_parameter)) = across.zip(self.by_parameter.as_ref()) else {
            return Mat::from_fn(n, n, less_one);
        };
        Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
            (true, true) => less_one(i, j),
            (true, false) => by_parameter[i],
            (false, true) => across.x[j],
            (false, false) => across.p,
        })
    }
}

/// Broyden's method: a factorised matrix, and what the steps since have shown of how it changes. The steps themselves say that
/// (C. T. Kelley, Iterative Methods for Linear and Nonlinear Equations, 1995, section 7.3), if each was taken as a whole.
#[derive(Debug)]
pub struct Broyden {
    factors: Factors,
    steps: Vec<Vec<f64>>,
}

impl Broyden {
    /// From a matrix.
    pub fn new(matrix: &Mat<f64>) -> Self {
        Broyden { factors: Factors::new(matrix), steps: vec![] }
    }

    /// The next step, given the residual's negative; `None` where it is not finite.
    pub fn step(&mut self, right: &[f64]) -> Option<Vec<f64>> {
        let mut step = self.factors.solve(right)?;
        for pair in self.steps.windows(2) {
            let along = share(&step, &pair[0]);
            step.iter_mut().zip(&pair[1]).for_each(|(x, s)| *x += along * s);
        }
        if let Some(last) = self.steps.last() {
            let left = 1.0 - share(&step, last);
            step.iter_mut().for_each(|x| *x /= left);
        }
        self.steps.push(step.clone());
        step.iter().all(|x| x.is_finite()).then_some(step)
    }
}

/// How many times `of` lies along `x`.
fn share(x: &[f64], of: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(x, of) / product(of, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of two equations whose derivative at the start is off by a fifth.
    #[test]
    fn steps_from_an_old_matrix_become_those_of_newton() {
        let f = |z: &[f64]| [z[0] * z[0] + z[1] - 3.0, z[0] - z[1] * z[1] + 1.0];
        let mut z = vec![1.2, 1.3];
        let mut broyden = Broyden::new(&Mat::from_fn(2, 2, |i, j| [[2.4, 1.2], [0.8, -3.1]][i][j]));
        let mut sizes = vec![];
        for _ in 0..8 {
            let right = f(&z).map(|f| -f);
            sizes.push(right[0].abs().max(right[1].abs()));
            let step = broyden.step(&right).expect("a step");
            z.iter_mut().zip(step).for_each(|(z, s)| *z += s);
        }
        assert!(sizes[7] < 1e-11, "{sizes:?}");
        // One matrix for all steps would gain the same at each.
        assert!(sizes[6] / sizes[5] < 0.1 * sizes[2] / sizes[1], "{sizes:?}");
    }
}
