//! Where the neurons of a bin with a linear density land: X = c + d u + N(0, sigma^2), u in [-1, 1] with density (1 + S u)/2.
//!
//! The density follows from the mean alone, as in a piecewise-linear discontinuous Galerkin scheme whose slope is limited so that it
//! stays positive: over the whole bin, |S| <= 1, for a mean in its middle third; else a triangle that falls from the nearer edge to
//! zero at three times the mean's distance from it.
//!
//! With I_0 = Phi and I_n its n-th integral, z = (x - c)/sigma, w = 2 d/sigma, z_a = z + w/2 and z_b = z - w/2, the cdf F of X (L = 0),
//! its integral G = E[(x - X)+] (L = 1) and the integral of that, K = E[(x - X)+^2]/2 (L = 2), are
//!   sigma^L ((I_{L+1}(z_a) - I_{L+1}(z_b))/w + 2 S/w^2 (I_{L+2}(z_a) - I_{L+2}(z_b) - w/2 (I_{L+1}(z_a) + I_{L+1}(z_b)))).
//! For w below 0.7 the differences cancel; then, with f = I_L,
//!   sigma^L (f + f'' w^2/24 + f4 w^4/1920 + f6 w^6/322560 - S (f' w/6 + f3 w^3/240 + f5 w^5/26880)).
//! Edges above the mean E = c + S d/3 are looked at from above, where the slope is -S: so no term is larger than the interval, and f32
//! keeps seven digits of every share. With T the variance of X, F~, G~ and K~ what lies above,
//!   F = 1 - F~,   G = (x - E) + G~,   K = ((x - E)^2 + T)/2 - K~.
//! A bin [x, x + h] receives of the second moment about x: h^2 F(x + h) - 2 h G(x + h) + 2 (K(x + h) - K(x)).

use super::normal::{normal, psi_tail, xi_tail};
use super::real::Real;
use super::scheme::Scheme;
use super::transition::{BinLaw, DEEPEST, Edge, Share};

/// Distances of more standard deviations than this, whose tails are 0, count as this: powers stay finite.
const FARTHEST: f64 = 1e4;
/// Shares of less than this have no scatter.
const NOBODY: f64 = 1e-30;

/// Half width d and slope S of the density in a bin of width `h` whose mean lies `mean` above its lower edge.
#[inline(always)]
pub fn linear_density<T: Real>(mean: T, h: T) -> (T, T) {
    let upper = mean + mean > h;
    let c = if upper { h - mean } else { mean };
    let whole = T::of(3.0) * c >= h;
    let half = if whole { T::of(0.5) * h } else { T::of(1.5) * c };
    let slope = if whole { T::of(3.0) * ((c + c) / h - T::one()) } else { -T::one() };
    (half, if upper { -slope } else { slope })
}

/// Variance of such a density.
#[inline(always)]
pub fn density_variance<T: Real>(half: T, slope: T) -> T {
    half * half * (T::of(1.0 / 3.0) - slope * slope * T::of(1.0 / 9.0))
}

/// How far the mean of a density lies above its middle.
#[inline(always)]
pub fn lean<T: Real>(half: T, slope: T) -> T {
    slope * half * T::of(1.0 / 3.0)
}

/// The slope as seen from an edge `y` above the mean.
#[inline(always)]
fn facing_slope<T: Real>(s: &BinLaw<T>, y: T) -> T {
    if y > T::zero() { -s.slope } else { s.slope }
}

/// |z_a| and |z_b| of an edge `y` above the mean.
#[inline(always)]
pub fn sloped_ends<T: Real>(s: &BinLaw<T>, y: T) -> (T, T) {
    let out = y.abs() - lean(s.half, facing_slope(s, y));
    let za = (s.half - out).abs() * s.inverse_sigma;
    let zb = (s.half + out) * s.inverse_sigma;
    (za.min(T::of(FARTHEST)), zb.min(T::of(FARTHEST)))
}

/// One of F, G, K, given the integrals at both ends that it differs by, (sigma^{L+1} I_{L+1}, sigma^{L+2} I_{L+2}).
#[inline(always)]
fn sloped_level<T: Real>(s: &BinLaw<T>, slope: T, a: (T, T), b: (T, T)) -> T {
    let across = (a.1 - b.1) - s.half * (a.0 + b.0);
    s.inverse_width * ((a.0 - b.0) + (slope + slope) * s.inverse_width * across)
}

/// F, G and K beyond an edge `y` from the mean, given I_1 to I_4 of -|z_a| and of -|z_b|; without second moments K is 0.
#[inline(always)]
pub fn sloped_wide<T: Real, S: Scheme>(s: &BinLaw<T>, y: T, a: [T; 4], b: [T; 4]) -> [T; 3] {
    let slope = facing_slope(s, y);
    let inside = s.half + lean(s.half, slope) - y.abs();
    let reaches = inside > T::zero();
    let (depth, inside2) = (inside.max(T::zero()), inside * inside);
    let (sigma, sigma2) = (s.sigma, s.sigma * s.sigma);
    let (sigma3, sigma4) = (sigma2 * sigma, sigma2 * sigma2);
    let a1 = depth + sigma * a[0];
    let a2 = sigma2 * a[1];
    let a2 = if reaches { T::of(0.5) * (inside2 + sigma2) - a2 } else { a2 };
    let a3 = depth * (inside2 + T::of(3.0) * sigma2) * T::of(1.0 / 6.0) + sigma3 * a[2];
    let (b1, b2, b3) = (sigma * b[0], sigma2 * b[1], sigma3 * b[2]);
    let tail = sloped_level(s, slope, (a1, a2), (b1, b2)).clamp(T::zero(), T::one());
    let excess = sloped_level(s, slope, (a2, a3), (b2, b3)).max(T::zero());
    if !S::LOCAL {
        return [tail, excess, T::zero()];
    }
    let a4 = sigma4 * a[3];
    let fourth = inside2 * (inside2 + T::of(6.0) * sigma2) + T::of(3.0) * sigma4;
    let a4 = if reaches { fourth * T::of(1.0 / 24.0) - a4 } else { a4 };
    let third = sloped_level(s, slope, (a3, a4), (b3, sigma4 * b[3]));
    [tail, excess, third.max(T::zero())]
}

/// The expansion of a level around the middle of the density, whose derivatives `f` are: even orders without, odd ones with slope.
#[inline(always)]
pub fn expanded<T: Real>(s: &BinLaw<T>, slope: T, even: [T; 4], odd: [T; 3]) -> T {
    let w = (s.half + s.half) * s.inverse_sigma;
    let w2 = w * w;
    let sixth = T::of(1.0 / 1920.0) * even[2] + w2 * T::of(1.0 / 322_560.0) * even[3];
    let level = even[0] + w2 * (T::of(1.0 / 24.0) * even[1] + w2 * sixth);
    let fifth = T::of(1.0 / 240.0) * odd[1] + w2 * T::of(1.0 / 26_880.0) * odd[2];
    level - slope * w * (T::of(1.0 / 6.0) * odd[0] + w2 * fifth)
}

/// F, G and K beyond an edge `y` from the mean, of a narrow density.
#[inline(always)]
pub fn sloped_narrow<T: Real, S: Scheme>(s: &BinLaw<T>, y: T) -> [T; 3] {
    let slope = facing_slope(s, y);
    let z = ((lean(s.half, slope) - y.abs()) * s.inverse_sigma).max(T::of(-FARTHEST));
    let (t, above, z2) = (z.abs(), z > T::zero(), z * z);
    let (d1, tail) = normal(t);
    let psi = psi_tail(t, d1, tail) + z.max(T::zero());
    let xi = xi_tail(t, d1, tail);
    let xi = if above { T::of(0.5) * (z2 + T::one()) - xi } else { xi };
    let cdf = if above { T::one() - tail } else { tail };
    let d2 = -z * d1;
    let d3 = (z2 - T::one()) * d1;
    let d4 = -z * (z2 - T::of(3.0)) * d1;
    let d5 = (z2 * (z2 - T::of(6.0)) + T::of(3.0)) * d1;
    let d6 = -z * (z2 * (z2 - T::of(10.0)) + T::of(15.0)) * d1;
    let mass = expanded(s, slope, [cdf, d2, d4, d6], [d1, d3, d5]).clamp(T::zero(), T::one());
    let excess = s.sigma * expanded(s, slope, [psi, d1, d3, d5], [cdf, d2, d4]).max(T::zero());
    if !S::LOCAL {
        return [mass, excess, T::zero()];
    }
    let third = expanded(s, slope, [xi, cdf, d2, d4], [psi, d1, d3]);
    [mass, excess, s.sigma * s.sigma * third.max(T::zero())]
}

/// Second moment between two adjacent edges about the lower one; `spread` is the variance of X.
#[inline(always)]
pub fn second_between<T: Real>(lower: &Edge<T>, upper: &Edge<T>, h: T, spread: T) -> T {
    let pushed = h * (h * upper.tail);
    let pulled = (h + h) * upper.excess;
    let gained = T::of(2.0) * (upper.third - lower.third);
    let below = pushed - pulled + gained;
    let above = -(pushed + pulled + gained);
    let rest = h - upper.y;
    let around = rest * rest + spread - pushed - pulled - T::of(2.0) * (upper.third + lower.third);
    let upside = if lower.y > T::zero() { above } else { around };
    if upper.y > T::zero() { upside } else { below }
}

/// Second moment of what lies above an edge, about it.
#[inline(always)]
pub fn second_above<T: Real>(edge: &Edge<T>, spread: T) -> T {
    let third = T::of(2.0) * edge.third;
    if edge.y > T::zero() { third } else { edge.y * edge.y + spread - third }
}

/// Squared distances from the mean of a share whose second moment is `second`; nothing lies farther than `h` from the origin, but
/// below the lowest bin.
#[inline(always)]
pub fn scatter<T: Real>(share: &Share<T>, second: T, h: T) -> T {
    let square = share.moment / share.mass.max(T::of(NOBODY)) * share.moment;
    let farthest = if share.moment < T::zero() { T::of(-DEEPEST) } else { h };
    (second.min(farthest * share.moment) - square).max(T::zero())
}

/// The scatter of `count` neurons, as many times the variance of `share`.
#[inline(always)]
pub fn scatter_of<T: Real>(share: &Share<T>, scatter: T, count: T) -> T {
    scatter / share.mass.max(T::of(NOBODY)) * count
}
