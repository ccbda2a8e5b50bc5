//! Mean mu and variance s2 of the kick count of one target, after c spikes of the source population in the last step.
//!
//! With q = dt/tau of the pending kicks dying per step and connection probability p,
//!   s2 <- (1-q)^2 s2 + q (1-q) mu + p (1-p) c,     mu <- (1-q) mu + p c;
//! kicks that decay deterministically lose the binomial term q (1-q) mu.

use super::real::Real;

/// s2 after one step, from mu before it; `stochastic_decay` is 1 where kicks die at random, 0 where they decay.
#[inline(always)]
pub fn next_variance<T: Real>(mu: T, s2: T, q: T, p: T, stochastic_decay: T, c: T) -> T {
    let keep = T::one() - q;
    keep * keep * s2 + stochastic_decay * q * keep * mu + births_variance(p, c)
}

/// Variance of the number of kicks that are born in a step.
#[inline(always)]
pub fn births_variance<T: Real>(p: T, c: T) -> T {
    p * (T::one() - p) * c
}

/// mu after one step.
#[inline(always)]
pub fn next_mean<T: Real>(mu: T, q: T, p: T, c: T) -> T {
    (T::one() - q) * mu + p * c
}
