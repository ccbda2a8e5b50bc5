//! Mean, standard error and 95 % interval of a statistic over the realisations of a point.

use super::angle;
use super::moments::Moments;
use super::statistic::Domain;
use super::student::{NORMAL, quantile_975};
use core::f64::consts::PI;

/// Standard deviation of an angle that is anything from -pi to pi.
const ANY: f64 = 1.813_799_364_234_217_8;

/// What a summary on a domain is made of, value by value in the order of the realisations.
#[derive(Clone, Debug)]
pub enum Values {
    /// Of numbers of the line.
    Reals(Moments),
    /// Of 0 and 1.
    Outcomes(Moments),
    /// Of angles in rad: all of them.
    Angles(Vec<f64>),
}

impl Values {
    /// None yet.
    pub fn new(domain: Domain) -> Values {
        match domain {
            Domain::Real => Values::Reals(Moments::default()),
            Domain::Outcome => Values::Outcomes(Moments::default()),
            Domain::Angle => Values::Angles(vec![]),
        }
    }

    /// Adds that of one more realisation.
    pub fn push(&mut self, value: f64) {
        match self {
            Values::Reals(moments) | Values::Outcomes(moments) => moments.push(value),
            Values::Angles(angles) => angles.push(value),
        }
    }

    /// Of all of them.
    pub fn summary(self) -> Summary {
        match self {
            Values::Reals(moments) => Summary::from(moments),
            Values::Outcomes(moments) => Summary::from(moments).of_outcomes(),
            Values::Angles(angles) => Summary::of_angles(&angles),
        }
    }
}

/// Statistics of one column at one point. Realisations where the statistic is undefined are left out and not in `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Realisations with a value.
    pub n: u64,
    /// `None` for n = 0.
    pub mean: Option<f64>,
    /// Standard error of the mean; `None` for n < 2.
    pub sem: Option<f64>,
    /// Student t with n - 1 degrees of freedom, of outcomes Wilson's; `None` for n < 2, and but of outcomes where all values are equal:
    /// they tell nothing of their variance.
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

    /// The same on a domain.
    pub fn on(domain: Domain, values: impl IntoIterator<Item = Option<f64>>) -> Summary {
        let mut all = Values::new(domain);
        values.into_iter().flatten().for_each(|value| all.push(value));
        all.summary()
    }

    /// Of angles in rad: their mean is the direction of the mean vector, of length R. With S the mean of the squared sines of the distances
    /// from it, the standard error is sqrt(S/(n - 1))/R, at least that of the distances themselves and at most that of a direction that
    /// may be any, and the interval goes arcsin(t standard errors) to either side, beyond pi too: all the way round where that is more
    /// than 1 (N. I. Fisher, Statistical Analysis of Circular Data (1993), 4.4.4, with Student's t).
    pub fn of_angles(angles: &[f64]) -> Summary {
        let n = angles.len() as u64;
        if n == 0 {
            return Summary::default();
        }
        let direction = angle::mean_direction(angles);
        let mean = |of: &dyn Fn(f64) -> f64| angles.iter().map(|a| of(a - direction)).sum::<f64>() / n as f64;
        let (length, sines) = (mean(&libm::cos), mean(&|distance| libm::sin(distance) * libm::sin(distance)));
        let distances = Summary::of(angles.iter().map(|a| Some(angle::wrapped(a - direction))));
        let sem = distances.sem.map(|sem| (libm::sqrt(sines / (n - 1) as f64) / length).max(sem).min(ANY));
        let half = |sem: f64| {
            let sine = quantile_975(n - 1) * sem;
            if sine < 1.0 { libm::asin(sine) } else { PI }
        };
        let ci95 = sem.filter(|&sem| sem > 0.0).map(|sem| (direction - half(sem), direction + half(sem)));
        Summary { n, mean: Some(direction), sem, ci95 }
    }

    /// The same of outcomes that are 0 or 1, a share p of them 1. Values that are all alike have no variance, and near 0 and 1 Student's
    /// interval leaves out what it should hold, so the interval is that of the probabilities from which p is at most z standard
    /// errors sqrt(P (1 - P)/n) away (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209).
    pub fn of_outcomes(self) -> Summary {
        let ci95 = self.mean.filter(|_| self.n > 1).map(|p| {
            let (n, z2) = (self.n as f64, NORMAL * NORMAL);
            let middle = (p + 0.5 * z2 / n) / (1.0 + z2 / n);
            let half = NORMAL / (1.0 + z2 / n) * libm::sqrt(p * (1.0 - p) / n + 0.25 * z2 / (n * n));
            // ends at 0 and 1 without the noise of their rounding
            (if p > 0.0 { middle - half } else { 0.0 }, if p < 1.0 { middle + half } else { 1.0 })
        });
        Summary { ci95, ..self }
    }
}

impl From<Moments> for Summary {
    fn from(moments: Moments) -> Summary {
        let n = moments.n;
        let mean = moments.mean();
        let sem = moments.sd().map(|sd| sd / (n as f64).sqrt());
        let ci95 = mean.zip(sem.filter(|&sem| sem > 0.0)).map(|(mean, sem)| {
            let half = quantile_975(n - 1) * sem;
            (mean - half, mean + half)
        });
        Summary { n, mean, sem, ci95 }
    }
}
