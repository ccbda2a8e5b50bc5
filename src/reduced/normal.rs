//! The standard normal distribution and its repeated integrals.
//!
//! With phi(z) = exp(-z^2/2)/sqrt(2 pi) and Phi its integral from minus infinity:
//!   Psi(z) = z Phi(z) + phi(z)                     the integral of Phi,
//!   Xi(z)  = ((z^2 + 1) Phi(z) + z phi(z))/2       the integral of Psi.
//! and on by I_n = (z I_{n-1} + I_{n-2})/n.
//! Only the lower tails (z = -t, t >= 0) are computed: Phi(z) = 1 - Phi(-z), Psi(z) = z + Psi(-z) and
//! Xi(z) = (z^2 + 1)/2 - Xi(-z) give the rest without cancellation.
//!
//! Phi(-t) = phi(t) m(t), with Mills' ratio m(t) = u P(u), u = 1/(1 + c t), P a polynomial that interpolates at Chebyshev points:
//!   f32: c = 0.3, degree 7 on [0, 12], relative error 3e-7, rounding included;
//!   f64: c = 0.25, degree 16 on [0, 9], error of Phi(-t) 1e-15.
//! All of it is arithmetic without branches, so that a loop over edges vectorises.

use super::real::Real;

/// (phi(t), Phi(-t)) for t >= 0.
#[inline(always)]
pub fn normal<T: Real>(t: T) -> (T, T) {
    let bounded = t.min(T::of(12.0));
    let phi = T::of(0.398_942_280_401_432_7) * T::exp_negative(T::of(-0.5) * bounded * bounded);
    (phi, phi * T::mills(bounded))
}

/// (Psi(-t), Xi(-t)) for t >= 0.
#[inline(always)]
pub fn integrals<T: Real>(t: T) -> (T, T) {
    let (phi, tail) = normal(t);
    (psi_tail(t, phi, tail), xi_tail(t, phi, tail))
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

/// The third integral at -t for t >= 0, given Psi(-t) and Xi(-t).
#[inline(always)]
fn third_tail<T: Real>(t: T, psi: T, xi: T) -> T {
    (psi - t * xi) * T::of(1.0 / 3.0)
}

/// The fourth, given Xi(-t) and the third.
#[inline(always)]
fn fourth_tail<T: Real>(t: T, xi: T, third: T) -> T {
    T::of(0.25) * (xi - t * third)
}

/// The first four integrals at -t for t >= 0.
#[inline(always)]
pub fn four_integrals<T: Real>(t: T) -> [T; 4] {
    let (psi, xi) = integrals(t);
    let third = third_tail(t, psi, xi);
    [psi, xi, third, fourth_tail(t, xi, third)]
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
            let (phi64, tail64) = normal::<f64>(t);
            // The fit's 1e-15 and roundings of numbers below 1/2.
            assert!((phi64 - phi).abs() < 4e-16 && (tail64 - tail).abs() < 1.3e-15, "f64 at {t}");
            let t = t as f32;
            let (phi, tail) = exact(f64::from(t));
            let (phi32, tail32) = normal::<f32>(t);
            // The fit's 3e-7 of numbers below 1/2, and roundings of the exponential.
            assert!((f64::from(phi32) - phi).abs() < 1e-7 && (f64::from(tail32) - tail).abs() < 2e-7, "f32 at {t}");
        }
    }

    #[test]
    fn integrals_are_integrals() {
        // d Xi/dz = Psi and d Psi/dz = Phi by central differences; error h^2/6 = 2e-9 times a derivative below 1.
        let h = 1e-4;
        for i in 1..800 {
            let t = f64::from(i) * 0.01;
            let (phi, tail) = exact(t);
            let ((psi0, xi0), (psi, xi), (psi1, xi1)) =
                (integrals::<f64>(t - h), integrals::<f64>(t), integrals::<f64>(t + h));
            assert!(((psi0 - psi1) / (2.0 * h) - tail).abs() < 3e-9, "Psi at {t}");
            assert!(((xi0 - xi1) / (2.0 * h) - psi).abs() < 3e-9, "Xi at {t}");
            // The same from libm: the fit's error, t times or t^2/2 times where Phi(-t) is that much smaller than 1/2.
            assert!((psi - psi_tail(t, phi, tail)).abs() < 2e-15 && (xi - xi_tail(t, phi, tail)).abs() < 2e-15);
        }
    }
}
