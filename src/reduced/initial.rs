//! Voltages at time 0 that are not all at v_reset.

use super::noise::{Stream, binomial, word};
use super::real::Real;

/// Spreads `size` neurons over the bins that overlap [from, to), each bin's at the middle of its overlap.
pub fn fill_uniformly<T: Real>(
    counts: &mut [T],
    moments: &mut [T],
    h: f64,
    v_min: f64,
    (from, to): (f64, f64),
    size: u32,
) {
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        let edge = v_min + j as f64 * h;
        let (low, high) = (from.max(edge), to.min(edge + h));
        if high > low {
            let count = f64::from(size) * (high - low) / (to - from);
            *n = T::of(count);
            *m = T::of(count * (0.5 * (low + high) - edge));
        }
    }
}

/// Replaces expected counts by whole ones from a multinomial draw, mean voltages kept.
pub fn draw_counts<T: Real>(stream: &Stream, counts: &mut [T], moments: &mut [T], size: T) {
    let mut expected: T = counts.iter().copied().sum();
    let mut left = size;
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        expected -= *n;
        // The last bin takes all that is left, whatever rounding left of `expected`.
        let rest = if expected > size * T::of(1e-6) { expected } else { T::zero() };
        let count = binomial(stream, j as u32, word(stream, j as u32), left, *n, rest);
        if *n > T::zero() {
            *m = *m / *n * count;
        }
        left -= count;
        *n = count;
    }
}
