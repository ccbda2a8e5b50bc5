//! Mean mu and variance s2 of the kick count of one target, after c spikes of the source population in the last step.
//!
//! With q = dt/tau of the pending kicks dying per step and connection probability p,
//!   s2 <- (1-q)^2 s2 + q (1-q) mu + b,     mu <- (1-q) mu + p c;
//! kicks that decay deterministically lose the binomial term q (1-q) mu. Births vary by b = p (1-p) c, or, where each target has K
//! of N_X sources, hypergeometrically by b = p (1-p) c (N_X - c)/(N_X - 1), p = K/N_X. Where c are the kicks of a source, p = 1 and
//! they are Poisson: b = c.

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

/// mu after one step.
#[inline(always)]
pub fn next_mean<T: Real>(mu: T, q: T, p: T, c: T) -> T {
    (T::one() - q) * mu + p * c
}
