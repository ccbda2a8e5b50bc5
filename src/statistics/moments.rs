//! Running mean and variance, and correlation of pairs.
//!
//! Welford (1962) for single values, Chan, Golub and LeVeque (1983) for joining two sets:
//! d = mean_b - mean_a,  mean = mean_a + d n_b/n,  M2 = M2_a + M2_b + d^2 n_a n_b/n.

use super::sum::Sum;
use serde::{Deserialize, Serialize};

/// Share by which single precision, with what it adds up to, may tell equal numbers apart.
pub const ROUNDING: f64 = 1e-5;

/// Number, mean and sum of squared deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    pub n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    pub fn push(&mut self, x: f64) {
        self.n += 1;
        let d = x - self.mean;
        self.mean += d / self.n as f64;
        self.squares += d * (x - self.mean);
    }

    pub fn merge(&mut self, other: &Moments) {
        if self.n == 0 {
            *self = *other;
        } else if other.n > 0 {
            let (a, b) = (self.n as f64, other.n as f64);
            let d = other.mean - self.mean;
            self.n += other.n;
            self.mean += d * (b / (a + b));
            self.squares += other.squares + d * d * (a * b / (a + b));
        }
    }

    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// With n - 1; `None` for fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares.max(0.0) / (self.n - 1) as f64)
    }

    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

/// [`Moments`] of one value per step: plain sums within blocks, which are joined, so that a step costs no division.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockMoments {
    n: u32,
    /// First value of the block, subtracted from all: sums of near-equal values do not cancel.
    origin: f64,
    sum: Sum,
    squares: Sum,
    done: Moments,
}

const BLOCK: u32 = 128;

impl BlockMoments {
    pub fn extend(&mut self, mut values: &[f64]) {
        while let Some(&first) = values.first() {
            if self.n == 0 {
                self.origin = first;
            }
            let (now, later) = values.split_at(values.len().min((BLOCK - self.n) as usize));
            let origin = self.origin;
            self.sum.add_each(now.len(), |i| now[i] - origin);
            self.squares.add_each(now.len(), |i| (now[i] - origin) * (now[i] - origin));
            self.n += now.len() as u32;
            if self.n == BLOCK {
                *self = BlockMoments { done: self.total(), ..BlockMoments::default() };
            }
            values = later;
        }
    }

    pub fn total(&self) -> Moments {
        let mut total = self.done;
        if self.n > 0 {
            let (sum, squares) = (self.sum.total(), self.squares.total());
            let mean = sum / f64::from(self.n);
            let squares = (squares - sum * mean).max(0.0);
            total.merge(&Moments { n: u64::from(self.n), mean: self.origin + mean, squares });
        }
        total
    }
}

/// Correlation of pairs (x, y).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    x: Moments,
    y: Moments,
    products: f64,
}

/// Spread relative to the mean below which values count as equal: rounding of a periodic orbit is no correlation.
const EQUAL: f64 = 1e-9;

impl Pairs {
    pub fn push(&mut self, x: f64, y: f64) {
        let d = x - self.x.mean;
        self.x.push(x);
        self.y.push(y);
        self.products += d * (y - self.y.mean);
    }

    /// Pearson's coefficient; `None` for fewer than three pairs (two always give -1 or 1) and where x or y do not vary.
    pub fn correlation(&self) -> Option<f64> {
        let varies = |m: &Moments| m.sd().is_some_and(|sd| sd > EQUAL * m.mean.abs());
        (self.x.n > 2 && varies(&self.x) && varies(&self.y))
            .then(|| (self.products / (self.x.squares.sqrt() * self.y.squares.sqrt())).clamp(-1.0, 1.0))
    }
}
