//! Mean mu and variance s2 of the kick count of one target, after c spikes of the source population in the last step.
//!
//! With q = dt/tau of the pending kicks dying per step and connection probability p,
//!   s2 <- (1-q)^2 s2 + q (1-q) mu + b,     mu <- (1-q) mu + p c;
//! kicks that decay deterministically lose the binomial term q (1-q) mu. Births vary by b = p (1-p) c, or, where each target has K
//! of N_X sources, hypergeometrically by b = p (1-p) c (N_X - c)/(N_X - 1), p = K/N_X. Where c are the kicks of a source, p = 1 and
//! they are Poisson: b = c.
//!
//! Kicks of two stages rise, with r = dt/tau_rise of them beginning to act per step, before they are pending: A of them, with mean mu_A and
//! variance v_A as above with r and births, C = cov(A, H), k = 1 where kicks die at random, else 0:
//!   s2 <- (1-q)^2 s2 + r^2 v_A + 2 (1-q) r C + k (q (1-q) mu + r (1-r) mu_A),     mu <- (1-q) mu + r mu_A,
//!   C <- (1-q)(1-r) C + r (1-r) (v_A - k mu_A).

use super::real::Real;

/// b of spikes; `taken` is 0, or 1/(N_X - 1) where each target has as many sources.
#[inline(always)]
pub fn births_variance<T: Real>(p: T, c: T, taken: T) -> T {
    p * (T::one() - p) * c * (T::one() - taken * (c - T::one())).max(T::zero())
}

/// s2 after one step, from mu before it and b; `stochastic_decay` is 1 where kicks die at random, 0 where they decay.
#[inline(always)]
pub fn next_variance<T: Real>(mu: T, s2: T, q: T, stochastic_decay: T, births: T) -> T {
    let keep = T::one() - q;
    keep * keep * s2 + stochastic_decay * q * keep * mu + births
}

/// s2 after one step of kicks that have risen: `variance` without them, r^2 v_A, 2 (1-q) r C and, of `scatter` r (1-r) mu_A dying at random.
#[inline(always)]
pub fn risen_variance<T: Real>(variance: T, q: T, r: T, spread: T, covariance: T, scatter: T) -> T {
    let joined = (T::one() - q) * r * covariance;
    (variance + r * r * spread + (joined + joined) + scatter).max(T::zero())
}

/// C after one step: (1-q)(1-r) C + r (1-r) (v_A - k mu_A), `dying` k mu_A.
#[inline(always)]
pub fn next_covariance<T: Real>(covariance: T, q: T, r: T, spread: T, dying: T) -> T {
    (T::one() - r) * ((T::one() - q) * covariance + r * (spread - dying))
}

/// mu after one step.
#[inline(always)]
pub fn next_mean<T: Real>(mu: T, q: T, p: T, c: T) -> T {
    (T::one() - q) * mu + p * c
}
