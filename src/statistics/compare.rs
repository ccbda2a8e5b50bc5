//! Between models: relative error of a statistic, and distance between two distributions.

use super::histogram::{BinAxis, Histogram};
use super::summary::Summary;

/// (model - reference)/reference with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeError {
    pub error: f64,
    /// First-order propagation of both standard errors, taken as independent; `None` where one of them is unknown.
    pub se: Option<f64>,
}

/// Relative error of `model` against `reference`; `None` where a mean is undefined or the reference is 0.
///
/// `deterministic`: the model has one realisation and no sampling error.
pub fn relative_error(model: &Summary, deterministic: bool, reference: &Summary) -> Option<RelativeError> {
    let (m, r) = model.mean.zip(reference.mean).filter(|&(_, r)| r != 0.0)?;
    let sem = if deterministic { Some(0.0) } else { model.sem };
    let se = sem.zip(reference.sem).map(|(sem, reference_sem)| {
        let (a, b) = (sem / r, m * reference_sem / (r * r));
        (a * a + b * b).sqrt()
    });
    Some(RelativeError { error: (m - r) / r, se })
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
