//! Between models: deviation of a statistic, and distance between two distributions.

use super::histogram::{BinAxis, Histogram};
use super::student::quantile_975;
use super::summary::Summary;

/// A number with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The middle of the interval.
    pub value: f64,
    /// Half width of the 95 % interval; `None` where it is unknown, as of a single realisation.
    pub half: Option<f64>,
}

/// How far a model is from the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// Model less reference, in the unit of the statistic.
    pub difference: Estimate,
    /// `difference` over the reference; `None` where that is not told from 0: a share of it has no meaning.
    pub relative: Option<Estimate>,
}

/// Where the reference has no interval, the model may be so many times as large before a share of the reference has no meaning.
const FAR: f64 = 1e3;

impl Estimate {
    /// Whether 0 lies within the interval; `None` where that is unknown.
    pub fn holds_zero(&self) -> Option<bool> {
        self.half.map(|half| self.value.abs() <= half)
    }
}

impl Deviation {
    /// Deviation of `model` from `reference`; `None` where a mean is undefined. Intervals are Welch's (1947): both sampling errors, taken as
    /// independent, with the degrees of freedom that go with them; of the relative deviation to first order.
    ///
    /// `deterministic`: the model has one realisation and no sampling error.
    pub fn new(model: &Summary, deterministic: bool, reference: &Summary) -> Option<Deviation> {
        let (m, r) = model.mean.zip(reference.mean)?;
        // members that are all equal tell nothing of their variance
        let variance = |of: &Summary| of.sem.filter(|&sem| sem > 0.0).map(|sem| (sem * sem, (of.n - 1) as f64));
        let of_model = if deterministic { Some((0.0, 1.0)) } else { variance(model) };
        let variances = of_model.zip(variance(reference));
        let half = |by_model: f64, by_reference: f64| {
            variances.map(|((a, a_dof), (b, b_dof))| {
                let (a, b) = (a * by_model * by_model, b * by_reference * by_reference);
                let dof = (a + b) * (a + b) / (a * a / a_dof + b * b / b_dof);
                // rounding must not cost a degree
                quantile_975(((dof + 1e-9) as u64).max(1)) * (a + b).sqrt()
            })
        };
        let is_told =
            reference.ci95.map_or(r != 0.0 && m.abs() <= FAR * r.abs(), |(low, high)| low > 0.0 || high < 0.0);
        Some(Deviation {
            difference: Estimate { value: m - r, half: half(1.0, 1.0) },
            relative: is_told.then(|| Estimate { value: (m - r) / r, half: half(1.0 / r, m / (r * r)) }),
        })
    }
}

/// Wasserstein-1 distance, the integral of |F - G|, between two histograms as piecewise uniform densities, in the unit of
/// the axis. Bins may differ. Open bins count as if they were closed.
///
/// `None` where one of them is empty or has two dimensions.
pub fn wasserstein(a: &Histogram, b: &Histogram) -> Option<f64> {
    if a.y.is_some() || b.y.is_some() {
        return None;
    }
    let (f, g) = (Cumulative::new(a)?, Cumulative::new(b)?);
    let mut edges: Vec<f64> = f.edges().chain(g.edges()).collect();
    edges.sort_by(f64::total_cmp);
    let mut distance = 0.0;
    for pair in edges.windows(2) {
        let (low, high) = (f.at(pair[0]) - g.at(pair[0]), f.at(pair[1]) - g.at(pair[1]));
        distance += (pair[1] - pair[0]) * mean_modulus(low, high);
    }
    Some(distance)
}

/// Mean of |x| where x goes linearly from `a` to `b`.
fn mean_modulus(a: f64, b: f64) -> f64 {
    if a * b >= 0.0 { 0.5 * (a + b).abs() } else { 0.5 * (a * a + b * b) / (a - b).abs() }
}

/// Piecewise linear distribution function.
struct Cumulative {
    axis: BinAxis,
    /// At the edges.
    sums: Vec<f64>,
}

impl Cumulative {
    fn new(histogram: &Histogram) -> Option<Cumulative> {
        let total: f64 = histogram.values.iter().sum();
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        for value in &histogram.values {
            sum += value;
            sums.push(sum / total);
        }
        (total > 0.0).then_some(Cumulative { axis: histogram.x, sums })
    }

    fn edges(&self) -> impl Iterator<Item = f64> {
        (0..self.sums.len()).map(|i| self.axis.low + i as f64 * self.axis.width)
    }

    fn at(&self, x: f64) -> f64 {
        let last = self.sums.len() - 1;
        let position = ((x - self.axis.low) / self.axis.width).clamp(0.0, last as f64);
        let bin = (position as usize).min(last - 1);
        self.sums[bin] + (position - bin as f64) * (self.sums[bin + 1] - self.sums[bin])
    }
}
