//! Standard normal variates as integers: 4096 equally likely values.
//!
//! Value i is the mean of the normal law between its quantiles i/4096 and (i+1)/4096, scaled so that the table's variance is
//! 1; its mean is 0 by symmetry. A neuron sums about a hundred such increments between spikes; only mean and variance
//! survive that sum.

use std::sync::LazyLock;

/// Values in the table.
pub const VALUES: usize = 4096;
/// Fractional bits of a value.
pub const FRACTION: u32 = 13;

/// The table, ascending, in units of 2^-[`FRACTION`].
pub fn normal_table() -> &'static [i32; VALUES] {
    static TABLE: LazyLock<Box<[i32; VALUES]>> = LazyLock::new(|| Box::new(quantile_means()));
    &TABLE
}

fn quantile_means() -> [i32; VALUES] {
    let edge = |i: usize| density(quantile(i as f64 / VALUES as f64));
    let upper: Vec<f64> = (VALUES / 2..VALUES).map(|i| VALUES as f64 * (edge(i) - edge(i + 1))).collect();
    let variance = upper.iter().map(|z| z * z).sum::<f64>() / upper.len() as f64;
    let scale = f64::from(1 << FRACTION) / variance.sqrt();
    let upper: Vec<i32> = upper.iter().map(|z| (z * scale).round() as i32).collect();
    std::array::from_fn(|i| if i < VALUES / 2 { -upper[VALUES / 2 - 1 - i] } else { upper[i - VALUES / 2] })
}

fn density(z: f64) -> f64 {
    if z.is_infinite() { 0.0 } else { libm::exp(-0.5 * z * z) / (2.0 * core::f64::consts::PI).sqrt() }
}

/// Inverse of the normal cumulative distribution, by bisection: slow, and exact to rounding.
fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if 0.5 * libm::erfc(-middle / core::f64::consts::SQRT_2) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean 0 exactly, variance 1 to the rounding of the entries (2^-13 / sqrt(12 4096) of each), kurtosis within 1 % of 3.
    #[test]
    fn moments() {
        let table: Vec<f64> = normal_table().iter().map(|&z| f64::from(z) / f64::from(1 << FRACTION)).collect();
        assert_eq!(table.len(), VALUES);
        let moment = |n: i32| table.iter().map(|z| z.powi(n)).sum::<f64>() / VALUES as f64;
        assert_eq!(moment(1), 0.0);
        assert!((moment(2) - 1.0).abs() < 1e-5, "{}", moment(2));
        assert!((moment(4) - 3.0).abs() < 0.03, "{}", moment(4));
    }
}
