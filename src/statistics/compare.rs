//! Between models: deviation of a statistic, and distance between two distributions.

use super::angle::wrapped;
use super::histogram::{BinAxis, Histogram};
use super::statistic::Domain;
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

/// How the realisations of a model and of its reference came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// The model has one realisation and no sampling error.
    Exact,
    /// Each has its own.
    Independent,
    /// Realisations of the same number have their random numbers in common.
    Paired {
        /// Realisations that both have.
        pairs: u64,
        /// Of their values, from -1 to 1.
        correlation: f64,
    },
}

/// Values of a statistic by realisation.
#[derive(Clone, Copy, Debug)]
pub struct Realisations<'a> {
    /// Their numbers, ascending.
    pub numbers: &'a [i64],
    /// `None` where the statistic is undefined.
    pub values: &'a [Option<f64>],
}

impl Sampling {
    /// Of a model that is not exact, and its reference. Where fewer than two realisations are common, or their values do not vary, they are
    /// taken as independent.
    pub fn of(domain: Domain, model: Realisations, reference: Realisations) -> Sampling {
        let mut pairs = Vec::new();
        let mut others = reference.numbers.iter().zip(reference.values).peekable();
        for (number, value) in model.numbers.iter().zip(model.values) {
            while others.next_if(|(other, _)| *other < number).is_some() {}
            let other = others.next_if(|(other, _)| *other == number);
            pairs.extend(value.zip(other.and_then(|(_, other)| *other)));
        }
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let (a, b) = (deviations(domain, &a), deviations(domain, &b));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let correlation = product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt();
        if correlation.is_nan() {
            return Sampling::Independent;
        }
        Sampling::Paired { pairs: a.len() as u64, correlation: correlation.clamp(-1.0, 1.0) }
    }
}

/// From the mean.
fn deviations(domain: Domain, values: &[f64]) -> Vec<f64> {
    let mean = Summary::on(domain, values.iter().copied().map(Some)).mean.unwrap_or(0.0);
    let from_mean = |x: &f64| if domain == Domain::Angle { wrapped(x - mean) } else { x - mean };
    values.iter().map(from_mean).collect()
}

impl Deviation {
    /// Deviation of `model` from `reference`; `None` where a mean is undefined. Intervals are Student's, with both sampling errors: of
    /// independent realisations Welch's (1947) with the degrees of freedom that go with them, of pairs that of their differences; of the
    /// relative deviation to first order.
    pub fn new(model: &Summary, sampling: Sampling, reference: &Summary) -> Option<Deviation> {
        let (m, r) = model.mean.zip(reference.mean)?;
        // members that are all equal tell nothing of their variance
        let variance = |of: &Summary| of.sem.filter(|&sem| sem > 0.0).map(|sem| (sem * sem, (of.n - 1) as f64));
        let of_model = if sampling == Sampling::Exact { Some((0.0, 1.0)) } else { variance(model) };
        let variances = of_model.zip(variance(reference));
        let half = |by_model: f64, by_reference: f64| {
            variances.map(|((a, a_dof), (b, b_dof))| {
                let product = by_model * by_reference * (a * b).sqrt();
                let (a, b) = (a * by_model * by_model, b * by_reference * by_reference);
                if let Sampling::Paired { pairs, correlation } = sampling {
                    let share = pairs as f64 / (model.n as f64 * reference.n as f64).sqrt();
                    let variance = a + b - 2.0 * share * correlation * product;
                    return quantile_975(pairs - 1) * variance.max(0.0).sqrt();
                }
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
