//! Mean, standard error and 95 % interval of a statistic over the realisations of a point.

use super::moments::Moments;
use super::student::quantile_975;

/// Statistics of one column at one point. Realisations where the statistic is undefined are left out and not in `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Realisations with a value.
    pub n: u64,
    /// `None` for n = 0.
    pub mean: Option<f64>,
    /// Standard error of the mean; `None` for n < 2.
    pub sem: Option<f64>,
    /// Student t with n - 1 degrees of freedom; `None` for n < 2.
    pub ci95: Option<(f64, f64)>,
}

impl Summary {
    /// `values` in the order of the realisations, so that the result does not depend on who computed which.
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Summary {
        let mut moments = Moments::default();
        for value in values.into_iter().flatten() {
            moments.push(value);
        }
        Summary::from(moments)
    }
}

impl From<Moments> for Summary {
    fn from(moments: Moments) -> Summary {
        let n = moments.n;
        let mean = moments.mean();
        let sem = moments.sd().map(|sd| sd / (n as f64).sqrt());
        let ci95 = mean.zip(sem).map(|(mean, sem)| {
            let half = quantile_975(n - 1) * sem;
            (mean - half, mean + half)
        });
        Summary { n, mean, sem, ci95 }
    }
}
