//! Finite-size noise: binomial variates, each a pure function of (member, step, population, bin, purpose, draw).
//!
//! Mean below 10: inversion, from P(0) = q^n upwards. Else: transformed rejection (Hormann, J. Stat. Comput. Simul. 46
//! (1993) 101, algorithm BTRS) with the probabilities in Loader's saddle-point form ("Fast and accurate computation of
//! binomial probabilities", 2000), whose terms stay small, so that f32 keeps the law to 1e-6 up to n = 2^24:
//!   ln P(k) = S(n) - S(k) - S(n-k) - D(k, n p) - D(n-k, n q) + ln(n/(2 pi k (n-k)))/2,
//! S the error of Stirling's formula and D(x, m) = x ln(x/m) + m - x.

use super::real::Real;
use crate::random::threefry::block;

/// Numbers of the draws, apart from those of other models under the same key.
pub const SPREAD: u32 = 64;
pub const RELEASE: u32 = 65;
pub const INITIAL: u32 = 66;
/// Added to a purpose: words for rejection.
const REJECTION: u32 = 16;
/// Mean from which rejection is used.
const LARGE_MEAN: f64 = 10.0;
/// Inversion ends here: P(k > 60) < 1e-25 for a mean below 10.
const INVERSION_MAX: f64 = 60.0;
/// Rejection ends here: less than 0.3 of the tries fail, so all of them with probability 1e-33.
const TRIES: u32 = 64;

/// Where random words come from: a member, step, population, bin and purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    pub key: [u32; 4],
    pub step: u32,
    pub population: u32,
    pub bin: u32,
    pub purpose: u32,
}

/// 128 bits of a stream for draw number `draw` and attempt `attempt`.
pub fn words(s: &Stream, purpose: u32, draw: u32, attempt: u32) -> [u32; 4] {
    block(s.key, [s.bin | (draw << 16), s.step, purpose | (attempt << 16), s.population])
}

/// The word of draw number `draw`, four draws to a block.
pub fn word(s: &Stream, draw: u32) -> u32 {
    words(s, s.purpose, draw / 4, 0)[(draw % 4) as usize]
}

/// ln(1 - p) for p <= 1/2, as -2 artanh(p/(2 - p)).
#[inline(always)]
fn ln_complement<T: Real>(p: T) -> T {
    let s = p / (T::of(2.0) - p);
    let s2 = s * s;
    let mut sum = T::of(1.0 / 17.0);
    sum = sum * s2 + T::of(1.0 / 15.0);
    sum = sum * s2 + T::of(1.0 / 13.0);
    sum = sum * s2 + T::of(1.0 / 11.0);
    sum = sum * s2 + T::of(1.0 / 9.0);
    sum = sum * s2 + T::of(1.0 / 7.0);
    sum = sum * s2 + T::of(1.0 / 5.0);
    sum = sum * s2 + T::of(1.0 / 3.0);
    sum = sum * s2 + T::one();
    -(s + s) * sum
}

/// S(k) for k >= 1; at k = 1, which a mean of 10 reaches with probability 5e-4, 3e-4 too small.
fn stirling_error<T: Real>(k: T) -> T {
    let k2 = T::one() / (k * k);
    (T::of(1.0 / 12.0) - k2 * (T::of(1.0 / 360.0) - k2 * (T::of(1.0 / 1260.0) - k2 * T::of(1.0 / 1680.0)))) / k
}

/// D(x, m).
fn deviance<T: Real>(x: T, m: T) -> T {
    let d = x - m;
    if d.abs() < T::of(0.1) * (x + m) {
        let v = d / (x + m);
        let v2 = v * v;
        let mut sum = T::of(1.0 / 11.0);
        sum = sum * v2 + T::of(1.0 / 9.0);
        sum = sum * v2 + T::of(1.0 / 7.0);
        sum = sum * v2 + T::of(1.0 / 5.0);
        sum = sum * v2 + T::of(1.0 / 3.0);
        return d * v + (x + x) * v * v2 * sum;
    }
    x * (x / m).ln() - d
}

/// ln P(k) of Binomial(n, p) with q = 1 - p, 0 <= k <= n.
pub fn ln_binomial<T: Real>(n: T, p: T, q: T, k: T) -> T {
    if k < T::one() {
        return -deviance(n, n * q) - n * p;
    }
    if n - k < T::one() {
        return -deviance(n, n * p) - n * q;
    }
    let stirling = stirling_error(n) - stirling_error(k) - stirling_error(n - k);
    let deviances = deviance(k, n * p) + deviance(n - k, n * q);
    let tau = T::of(2.0 * core::f64::consts::PI);
    stirling - deviances - T::of(0.5) * (tau * k * ((n - k) / n)).ln()
}

/// Binomial(n, p) by inversion of a uniform number, for n p < 10 and p <= 1/2.
#[inline(always)]
fn binomial_inversion<T: Real>(n: T, p: T, q: T, uniform: T) -> T {
    // P(0) = (1 - p)^n >= 1 - n p.
    if uniform <= T::one() - n * p {
        return T::zero();
    }
    let mut k = T::zero();
    let mut u = uniform;
    let mut probability = T::exp_negative(n * ln_complement(p));
    let odds = p / q;
    let last = n.min(T::of(INVERSION_MAX));
    while u > probability && k < last {
        u -= probability;
        k += T::one();
        probability = probability * odds * ((n - k + T::one()) / k);
    }
    k
}

/// Binomial(n, p) by transformed rejection, for n p >= 10 and p <= 1/2.
fn binomial_rejection<T: Real>(s: &Stream, draw: u32, n: T, p: T, q: T) -> T {
    let sd = (n * p * q).sqrt();
    let b = T::of(1.15) + T::of(2.53) * sd;
    let a = T::of(-0.0873) + T::of(0.0248) * b + T::of(0.01) * p;
    let centre = n * p + T::of(0.5);
    let quick = T::of(0.92) - T::of(4.2) / b;
    let alpha = (T::of(2.83) + T::of(5.1) / b) * sd;
    let mode = ((n + T::one()) * p).floor();
    let ln_mode = ln_binomial(n, p, q, mode);
    for attempt in 0..TRIES {
        let bits = words(s, s.purpose + REJECTION, draw, attempt);
        let u = T::unit(bits[0]) - T::of(0.5);
        let v = T::unit(bits[1]);
        let us = T::of(0.5) - u.abs();
        let k = (((a + a) / us + b) * u + centre).floor();
        if us >= T::of(0.07) && v <= quick {
            return k;
        }
        if k >= T::zero() && k <= n {
            let height = (v * alpha / (a / (us * us) + b)).ln();
            if height <= ln_binomial(n, p, q, k) - ln_mode {
                return k;
            }
        }
    }
    mode
}

/// Binomial(n, yes/(yes + no)), draw number `draw` of a stream, whose [`word`] is `word`.
#[inline(always)]
pub fn binomial<T: Real>(s: &Stream, draw: u32, word: u32, n: T, yes: T, no: T) -> T {
    if no <= T::zero() {
        return n;
    }
    if yes <= T::zero() || n <= T::zero() {
        return T::zero();
    }
    let p = yes.min(no) / (yes + no);
    let q = yes.max(no) / (yes + no);
    let k = if n * p < T::of(LARGE_MEAN) {
        binomial_inversion(n, p, q, T::unit(word))
    } else {
        binomial_rejection(s, draw, n, p, q)
    };
    if yes > no { n - k } else { k }
}
