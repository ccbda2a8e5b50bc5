//! What is kept of the fluctuations dH = H - mu of a neuron's kick count: nothing (white) or their mean per bin (coloured).
//!
//! Of each incoming projection X, with per-kick increment a = q g(v), g(v) = +-s or +-s (v - v_rev)/(v_norm - v_rev), and
//! g_k the sum of dH over the n_k neurons of bin k (g_R, R: refractory), c_k = g_k/n_k:
//!   white     r = s2/dt: kick counts are white noise of power s2/tau^2 per ms;
//!   tau = 0   r = s2: kicks that act once have no memory (with the coloured closure g decays to 0 within the step);
//!   coloured  r = max(s2 - (sum_k g_k^2/n_k + g_R^2/R)/N, 0), the variance left inside bins.
//! A bin's neurons move by a Gaussian of mean sum a (mu + c_k) and variance sum a^2 r, beside the drive. Inside a bin dH
//! grows with the voltage, with slope t_k taken from the neighbours; so its interval of width w0 is stretched by
//! kappa = max(1 + sum a t, 0.1), and dH regresses on where a neuron lands with
//!   beta = (a r + t kappa w0^2/12)/(kappa^2 w0^2/12 + sigma^2).

use super::real::Real;

/// A slope next to a bin with less than this share of the population is 0.
const SPARSE: f64 = 1e-9;
/// Mean voltages closer than this give no slope.
const COINCIDENT: f64 = 1e-6;
/// Smallest factor by which an interval may shrink.
const STRETCH_MIN: f64 = 0.1;

/// Increment of the voltage per pending kick at voltage `v`: `base` of a current, else linear from `v_rev`.
#[inline(always)]
pub fn kick_increment<T: Real>(base: T, slope: T, v_rev: T, v: T) -> T {
    base + slope * (v - v_rev)
}

/// r, given the sum of g_k^2/n_k over bins and refractory neurons.
#[inline(always)]
pub fn residual_variance<T: Real>(s2: T, between: T, size: T) -> T {
    (s2 - between / size).max(T::zero())
}

/// t of the bin whose neighbours hold shares `n_left`, `n_right` of the population: the harmonic mean of both slopes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "Three bins, each with voltage and mean fluctuation")]
pub fn limited_slope<T: Real>(n_left: T, n_right: T, v_left: T, v: T, v_right: T, c_left: T, c: T, c_right: T) -> T {
    let left = v - v_left;
    let right = v_right - v;
    if n_left.min(n_right) < T::of(SPARSE) || left.min(right) < T::of(COINCIDENT) {
        return T::zero();
    }
    let below = (c - c_left) / left;
    let above = (c_right - c) / right;
    if below * above <= T::zero() {
        return T::zero();
    }
    (below + below) * above / (below + above)
}

/// kappa, given the sum of a t.
#[inline(always)]
pub fn stretch<T: Real>(tilt: T) -> T {
    (T::one() + tilt).max(T::of(STRETCH_MIN))
}

/// beta; `half` is half the stretched width kappa w0.
#[inline(always)]
pub fn regression<T: Real>(a: T, r: T, t: T, kappa: T, half: T, variance: T) -> T {
    let spread = half * half / T::of(3.0);
    (a * r + t * spread / kappa) / (spread + variance)
}
