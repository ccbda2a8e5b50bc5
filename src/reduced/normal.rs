//! The standard normal distribution and its repeated integrals.
//!
//! With phi(z) = exp(-z^2/2)/sqrt(2 pi) and Phi its integral from minus infinity:
//!   Psi(z) = z Phi(z) + phi(z)                     the integral of Phi,
//!   Xi(z)  = ((z^2 + 1) Phi(z) + z phi(z))/2       the integral of Psi.
//! Only the lower tails (z = -t, t >= 0) are computed: Phi(z) = 1 - Phi(-z), Psi(z) = z + Psi(-z) and
//! Xi(z) = (z^2 + 1)/2 - Xi(-z) give the rest without cancellation.
//!
//! f64: Taylor expansion of Phi(-t) around the nearest multiple of 1/16, degree 9; the remainder is below 1e-17.
//! f32: Phi(-t) = phi(t) m(t), with Mills' ratio m(t) = u P(u), u = 1/(1 + 0.3 t), P a polynomial of degree 7 fitted on
//! [0, 12] at Chebyshev points; relative error 3e-7, rounding included.

use super::real::Real;
use std::sync::LazyLock;

const NODES_PER_UNIT: f64 = 16.0;
/// Beyond this many standard deviations phi is below 2.1e-18 and counts as 0 in f64.
const LAST: f64 = 9.0;
const DEGREE: usize = 9;
const NODES: usize = (LAST * NODES_PER_UNIT) as usize + 1;

/// Taylor coefficients of Phi(-t) around t = i/16.
static TAYLOR: LazyLock<Vec<[f64; DEGREE + 1]>> = LazyLock::new(|| {
    (0..NODES)
        .map(|i| {
            let t = i as f64 / NODES_PER_UNIT;
            let phi = libm::exp(-0.5 * t * t) / libm::sqrt(2.0 * core::f64::consts::PI);
            let mut row = [0.0; DEGREE + 1];
            row[0] = 0.5 * libm::erfc(t * core::f64::consts::FRAC_1_SQRT_2);
            // The n-th derivative is (-1)^n He_(n-1)(t) phi(t), with Hermite polynomials He.
            let (mut hermite, mut previous, mut scale) = (1.0, 0.0, phi);
            for (n, coefficient) in row.iter_mut().enumerate().skip(1) {
                scale *= -1.0 / n as f64;
                *coefficient = scale * hermite;
                (hermite, previous) = (t * hermite - (n - 1) as f64 * previous, hermite);
            }
            row
        })
        .collect()
});

/// (phi(t), Phi(-t)) for t >= 0 in f64: Horner's rule for the Taylor polynomial and its derivative at once.
#[inline(always)]
pub fn normal_f64(t: f64) -> (f64, f64) {
    if !(t <= LAST) {
        return (0.0, 0.0);
    }
    let node = (t * NODES_PER_UNIT + 0.5) as usize;
    let d = t - node as f64 / NODES_PER_UNIT;
    let row = &TAYLOR[node];
    let (mut value, mut slope) = (row[DEGREE], 0.0);
    for coefficient in row[..DEGREE].iter().rev() {
        slope = slope * d + value;
        value = value * d + coefficient;
    }
    (-slope, value)
}

/// Mills' ratio Phi(-t)/phi(t) for t >= 0.
fn mills(t: f32) -> f32 {
    let u = 1.0 / (1.0 + 0.3 * t);
    let mut p = 0.092_891_8_f32;
    p = p * u - 0.408_427_85;
    p = p * u + 0.541_934_15;
    p = p * u - 0.157_241_03;
    p = p * u + 0.334_260_62;
    p = p * u + 0.246_794_31;
    p = p * u + 0.303_274_94;
    p = p * u + 0.299_827_25;
    p * u
}

/// (phi(t), Phi(-t)) for t >= 0 in f32.
pub fn normal_f32(t: f32) -> (f32, f32) {
    let bounded = t.min(12.0);
    let phi = 0.398_942_28 * libm::expf(-0.5 * bounded * bounded);
    (phi, phi * mills(bounded))
}

/// Psi(-t) for t >= 0, given phi(t) and Phi(-t).
#[inline(always)]
pub fn psi_tail<T: Real>(t: T, phi: T, tail: T) -> T {
    phi - t * tail
}

/// Xi(-t) for t >= 0, given phi(t) and Phi(-t).
#[inline(always)]
pub fn xi_tail<T: Real>(t: T, phi: T, tail: T) -> T {
    T::of(0.5) * ((t * t + T::one()) * tail - t * phi)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(t: f64) -> (f64, f64) {
        let phi = libm::exp(-0.5 * t * t) / libm::sqrt(2.0 * core::f64::consts::PI);
        (phi, 0.5 * libm::erfc(t / core::f64::consts::SQRT_2))
    }

    #[test]
    fn both_precisions_follow_libm() {
        for i in 0..200_000 {
            let t = f64::from(i) * 1e-4;
            let (phi, tail) = exact(t);
            let (phi64, tail64) = normal_f64(t);
            // One rounding of numbers below 1/2, and what is cut off beyond 9 standard deviations.
            assert!((phi64 - phi).abs() < 1.2e-16 && (tail64 - tail).abs() < 1.2e-16, "f64 at {t}");
            let t = t as f32;
            let (phi, tail) = exact(f64::from(t));
            let (phi32, tail32) = normal_f32(t);
            // The fit's 3e-7 of numbers below 1/2.
            assert!((f64::from(phi32) - phi).abs() < 1e-7 && (f64::from(tail32) - tail).abs() < 1.5e-7, "f32 at {t}");
        }
    }

    #[test]
    fn integrals_are_integrals() {
        // d Xi/dz = Psi and d Psi/dz = Phi by central differences; error h^2/6 = 2e-9 times a derivative below 1.
        let h = 1e-4;
        let at = |t: f64| {
            let (phi, tail) = normal_f64(t);
            (tail, psi_tail(t, phi, tail), xi_tail(t, phi, tail))
        };
        for i in 1..800 {
            let t = f64::from(i) * 0.01;
            let ((_, psi0, xi0), (tail, psi, _), (_, psi1, xi1)) = (at(t - h), at(t), at(t + h));
            assert!(((psi0 - psi1) / (2.0 * h) - tail).abs() < 3e-9, "Psi at {t}");
            assert!(((xi0 - xi1) / (2.0 * h) - psi).abs() < 3e-9, "Xi at {t}");
        }
    }
}
