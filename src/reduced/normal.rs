//! The standard normal distribution and its repeated integrals.
//!
//! With phi(z) = exp(-z^2/2)/sqrt(2 pi) and Phi its integral from minus infinity:
//!   Psi(z) = z Phi(z) + phi(z)                     the integral of Phi,
//!   Xi(z)  = ((z^2 + 1) Phi(z) + z phi(z))/2       the integral of Psi.
//! Only the lower tails (z = -t, t >= 0) are computed: Phi(z) = 1 - Phi(-z), Psi(z) = z + Psi(-z) and
//! Xi(z) = (z^2 + 1)/2 - Xi(-z) give the rest without cancellation.
//!
//! f64: Taylor expansions around the nearest multiple of 1/16, degree 8; the remainders are below 3e-17.
//! f32: Phi(-t) = phi(t) m(t), with Mills' ratio m(t) = u P(u), u = 1/(1 + 0.3 t), P a polynomial of degree 7 fitted on
//! [0, 12] at Chebyshev points; relative error 3e-7, rounding included.

use super::real::Real;
use std::sync::LazyLock;

const NODES_PER_UNIT: f64 = 16.0;
/// Beyond this many standard deviations phi is below 2.1e-18 and counts as 0 in f64.
const LAST: f64 = 9.0;
const DEGREE: usize = 8;
const NODES: usize = (LAST * NODES_PER_UNIT) as usize + 1;

/// Taylor coefficients of two functions side by side, around t = i/16, lowest first.
type Expansions = Vec<[[f64; 2]; DEGREE + 1]>;

static NORMAL: LazyLock<Expansions> = LazyLock::new(|| expansions(|c| [c(0), c(1)]));
static INTEGRALS: LazyLock<Expansions> = LazyLock::new(|| expansions(|c| [c(2), c(3)]));

/// Expansions of two out of phi (0), Phi(-t) (1), Psi(-t) (2) and Xi(-t) (3): each is minus the derivative of the next.
fn expansions(choose: impl Fn(&dyn Fn(usize) -> f64) -> [f64; 2]) -> Expansions {
    (0..NODES)
        .map(|i| {
            let t = i as f64 / NODES_PER_UNIT;
            let phi = libm::exp(-0.5 * t * t) / libm::sqrt(2.0 * core::f64::consts::PI);
            let tail = 0.5 * libm::erfc(t * core::f64::consts::FRAC_1_SQRT_2);
            // (-1)^k times the k-th derivatives of Xi(-t): the integrals, then He_n phi with Hermite polynomials He_n.
            let mut derivatives = vec![xi_tail(t, phi, tail), psi_tail(t, phi, tail), tail, phi];
            let (mut hermite, mut previous) = (1.0, 0.0);
            for n in 0..DEGREE {
                (hermite, previous) = (t * hermite - n as f64 * previous, hermite);
                derivatives.push(hermite * phi);
            }
            let mut factorial = 1.0;
            let mut row = [[0.0; 2]; DEGREE + 1];
            for (n, pair) in row.iter_mut().enumerate() {
                *pair = choose(&|function| derivatives[3 - function + n] / factorial);
                factorial *= -(n as f64 + 1.0);
            }
            row
        })
        .collect()
}

/// Horner's rule for both polynomials at once.
#[inline(always)]
fn expand(table: &Expansions, t: f64) -> (f64, f64) {
    if !(t < LAST) {
        return (0.0, 0.0);
    }
    let node = (t * NODES_PER_UNIT + 0.5) as i32;
    let d = t - f64::from(node) * (1.0 / NODES_PER_UNIT);
    let row = &table[node as usize];
    let mut values = row[DEGREE];
    for pair in row[..DEGREE].iter().rev() {
        values = [values[0] * d + pair[0], values[1] * d + pair[1]];
    }
    (values[0], values[1])
}

/// (phi(t), Phi(-t)) for t >= 0 in f64.
#[inline(always)]
pub fn normal_f64(t: f64) -> (f64, f64) {
    expand(&NORMAL, t)
}

/// (Psi(-t), Xi(-t)) for t >= 0 in f64.
#[inline(always)]
pub fn integrals_f64(t: f64) -> (f64, f64) {
    expand(&INTEGRALS, t)
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

/// (Psi(-t), Xi(-t)) for t >= 0 in f32.
pub fn integrals_f32(t: f32) -> (f32, f32) {
    let (phi, tail) = normal_f32(t);
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
            // Roundings of numbers below 1/2, libm's and ours, and what is cut off beyond 9 standard deviations.
            assert!((phi64 - phi).abs() < 4e-16 && (tail64 - tail).abs() < 4e-16, "f64 at {t}");
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
        for i in 1..800 {
            let t = f64::from(i) * 0.01;
            let (phi, tail) = exact(t);
            let ((psi0, xi0), (psi, xi), (psi1, xi1)) = (integrals_f64(t - h), integrals_f64(t), integrals_f64(t + h));
            assert!(((psi0 - psi1) / (2.0 * h) - tail).abs() < 3e-9, "Psi at {t}");
            assert!(((xi0 - xi1) / (2.0 * h) - psi).abs() < 3e-9, "Xi at {t}");
            // Table against closed form, whose terms are below t^2 Phi(-t) < 1/2: some roundings of that.
            assert!((psi - psi_tail(t, phi, tail)).abs() < 3e-16 && (xi - xi_tail(t, phi, tail)).abs() < 3e-16);
        }
    }
}
