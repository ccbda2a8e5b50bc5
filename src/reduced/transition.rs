//! Where the neurons of one source bin land: X = U(a, b) + N(mu, sigma^2), cut at the edges of the bins.
//!
//! X is symmetric about its mean c = (a + b)/2 + mu, so two functions of the distance t >= 0 from c say everything:
//!   tail(t)   = P(X > c + t)        excess(t) = E[(X - c - t)+].
//! With d = (b - a)/2, z_a = (d - t)/sigma, z_b = (-d - t)/sigma, and Psi, Xi the integrals of the normal cdf,
//!   tail   = sigma (Psi(z_a) - Psi(z_b))/(2 d),   excess = sigma^2 (Xi(z_a) - Xi(z_b))/(2 d);
//! at an edge y = x - c the cdf and its integral are F = tail(-y), G = excess(-y) for y < 0 and F = 1 - tail(y),
//! G = y + excess(y) above: no term is larger than the interval, so f32 keeps seven digits of every share.
//! For w = 2 d/sigma below [`Real::NARROW`] the differences cancel; then around z = -t/sigma
//!   tail   = Phi + phi z (-w^2/24 + w^4/1920 (3 - z^2) - w^6/322560 (z^4 - 10 z^2 + 15))
//!   excess = sigma (Psi + phi (w^2/24 + w^4/1920 (z^2 - 1) + w^6/322560 (z^4 - 6 z^2 + 3))).
//! A bin [y0, y1] of width h receives F(y1) - F(y0) and the first moment h F(y1) - (G(y1) - G(y0)) about y0. The lowest bin
//! takes all below y1, F(y0) = G(y0) = 0, and its moment may be negative: that of where neurons fall, which their fluctuations follow. As
//! the bin's own moment it counts as 0.

use super::fields::fields;
use super::normal::psi_tail;
use super::real::Real;
use super::scheme::Scheme;

/// Divisor in place of a standard deviation of 0, whose terms vanish.
const SIGMA_MIN: f64 = 1e-20;
/// Least width of the interval on which a bin's voltages are uniform.
const WIDTH_MIN: f64 = 1e-4;
/// The least and the most that it may be of a bin's width, whatever the unit of voltages: f32 has to see it.
const LEAST_OF_BIN: f64 = 1e-6;
const MOST_OF_BIN: f64 = 1e-3;
/// Distances of more standard deviations than this, whose tails are 0, count as this: squares stay finite.
const FAR: f64 = 1e4;
/// Nothing lands farther below the lowest bin, or above the threshold, than this.
pub(super) const DEEPEST: f64 = 1e15;
/// Width in standard deviations below which a linear density is expanded around its middle ([`super::linear`]).
const SLOPED_NARROW: f64 = 0.7;

fields! {
    /// The law of X and the edges that it reaches, numbered from the source bin's lower edge, which is the origin of voltages.
    pub struct BinLaw: &'static str {
        /// c: mean of X.
        centre: "voltage",
        /// d: half the uniform interval's width.
        half: "voltage",
        /// Standard deviation of the Gaussian.
        sigma: "voltage",
        /// 1/sigma.
        inverse_sigma: "1/voltage",
        /// 1/(2 d).
        inverse_width: "1/voltage",
        /// Nothing lies below this edge.
        first: "1",
        /// Nothing lies above this edge; it is above `top` where some fire.
        last: "1",
        /// Threshold.
        top: "1",
        /// S of a linear density; 0 of a uniform one.
        slope: "1",
        /// Variance of X; where bins keep second moments.
        spread: "voltage^2",
    }
}

fields! {
    /// F and G at an edge, as the smaller tail.
    pub struct Edge: &'static str {
        /// Distance above the mean of X.
        y: "voltage",
        /// Probability of what lies beyond it, seen from the mean.
        tail: "1",
        /// Mean of how far beyond.
        excess: "voltage",
        /// Half the mean square of that; where bins keep second moments.
        third: "voltage^2",
    }
}

fields! {
    /// What one destination receives per neuron of the source.
    pub struct Share: &'static str {
        /// Neurons.
        mass: "1",
        /// First moment relative to the destination's lower edge.
        moment: "voltage",
    }
}

/// Least width of an interval of voltages in a bin of width `h`.
#[inline(always)]
pub fn least_width<T: Real>(h: T) -> T {
    T::of(WIDTH_MIN).max(T::of(LEAST_OF_BIN) * h).min(T::of(MOST_OF_BIN) * h)
}

/// The interval on which the voltages of a bin of width `h` are uniform, whose mean is `mean`; the bin's lower edge is the origin.
#[inline(always)]
pub fn interval<T: Real>(mean: T, h: T) -> (T, T) {
    let width_min = least_width(h);
    let upper = mean + mean >= h;
    let a = if upper { (mean + mean - h).min(h - width_min) } else { T::zero() };
    let b = if upper { h } else { (mean + mean).max(width_min) };
    (a, b)
}

/// Where the leak takes voltage `v` in a step, both counted from `edge`.
#[inline(always)]
pub fn leaked<T: Real>(v: T, edge: T, leak: T, e_leak: T) -> T {
    v + leak * (e_leak - edge - v)
}

/// Cuts the law of U(centre - half, centre + half) + N(0, sigma^2), voltages relative to the lower edge of bin `origin`, to those
/// of `bins` bins of width `h` that it reaches.
#[inline(always)]
pub fn spread_over<T: Real>(origin: T, centre: T, half: T, sigma: T, h: T, bins: T) -> BinLaw<T> {
    let reach = half + T::REACH * sigma;
    // Bounded before the floor: a runaway drift stays a number of bins.
    let first = ((centre - reach) / h + origin).clamp(T::zero(), bins).floor();
    let last = ((centre + reach) / h + origin).clamp(T::zero(), bins + T::one()).floor() + T::one();
    BinLaw {
        centre,
        half,
        sigma,
        inverse_sigma: T::one() / sigma.max(T::of(SIGMA_MIN)),
        inverse_width: T::one() / (half + half),
        first: first - origin,
        last: last - origin,
        top: bins - origin,
        slope: T::zero(),
        spread: T::zero(),
    }
}

/// Whether the interval is narrow beside the Gaussian.
#[inline(always)]
pub fn is_narrow<T: Real, S: Scheme>(s: &BinLaw<T>) -> bool {
    let narrow = if S::LINEAR { T::of(SLOPED_NARROW) } else { T::NARROW };
    (s.half + s.half) * s.inverse_sigma < narrow
}

/// tail(t) and excess(t) of a narrow interval, whose midpoint lies `z` >= 0 standard deviations from the edge: expanded around it.
/// `phi` and `tail`: the normal distribution there.
#[inline(always)]
pub fn narrow_tail<T: Real>(s: &BinLaw<T>, z: T, (phi, tail): (T, T)) -> (T, T) {
    let w = (s.half + s.half) * s.inverse_sigma;
    let z2 = z * z;
    let w2 = w * w;
    let c2 = w2 * T::of(1.0 / 24.0);
    let c4 = w2 * w2 * T::of(1.0 / 1920.0);
    let c6 = w2 * w2 * w2 * T::of(1.0 / 322_560.0);
    let six = z2 * z2 - T::of(10.0) * z2 + T::of(15.0);
    let mass = tail + phi * z * (c2 + c4 * (z2 - T::of(3.0)) + c6 * six);
    let four = z2 * z2 - T::of(6.0) * z2 + T::of(3.0);
    let excess = psi_tail(z, phi, tail) + phi * (c2 + c4 * (z2 - T::one()) + c6 * four);
    (mass.clamp(T::zero(), T::of(0.5)), s.sigma * excess.max(T::zero()))
}

/// |z_a| and |z_b| for t >= 0 of any other.
#[inline(always)]
pub fn wide_ends<T: Real>(s: &BinLaw<T>, t: T) -> (T, T) {
    let za = (s.half - t).abs() * s.inverse_sigma;
    let zb = (s.half + t) * s.inverse_sigma;
    (za.min(T::of(FAR)), zb.min(T::of(FAR)))
}

/// tail(t) and excess(t) for t >= 0 of any other, given Psi and Xi of -|z_a| and of -|z_b|.
#[inline(always)]
pub fn wide_tail<T: Real>(s: &BinLaw<T>, t: T, a: (T, T), b: (T, T)) -> (T, T) {
    let inside = s.half - t;
    let sigma2 = s.sigma * s.sigma;
    let mass = inside.max(T::zero()) + s.sigma * (a.0 - b.0);
    let beyond = sigma2 * (a.1 - b.1);
    let within = T::of(0.5) * (inside * inside + sigma2) - sigma2 * (a.1 + b.1);
    let excess = if inside > T::zero() { within } else { beyond };
    ((mass * s.inverse_width).clamp(T::zero(), T::of(0.5)), (excess * s.inverse_width).max(T::zero()))
}

/// Distance of edge number `index` from the mean of X, `centre`.
#[inline(always)]
pub fn edge_distance<T: Real>(centre: T, index: T, h: T) -> T {
    index * h - centre
}

/// Edge number `index`, `y` from the mean: nothing lies below the first edge, and nothing above the last.
#[inline(always)]
pub fn closed<T: Real>(s: &BinLaw<T>, index: T, y: T, beyond: [T; 3]) -> Edge<T> {
    let above_first = index > s.first;
    let inside = above_first & (index < s.last);
    Edge {
        // The lowest bin takes all that falls below it, even where its lower edge lies above the mean.
        y: if above_first { y } else { y.min(T::zero()) },
        tail: if inside { beyond[0] } else { T::zero() },
        excess: if inside { beyond[1] } else { T::zero() },
        third: if inside { beyond[2] } else { T::zero() },
    }
}

/// Mass and first moment between two adjacent edges. No rounding makes them negative, but where the lowest bin takes what falls below
/// it, the mean of X there may lie as deep: `least` is the least first moment.
#[inline(always)]
pub fn share_between<T: Real>(lower: &Edge<T>, upper: &Edge<T>, h: T, least: T) -> Share<T> {
    let pick = |below, around, above| {
        let upside = if lower.y > T::zero() { above } else { around };
        if upper.y > T::zero() { upside } else { below }
    };
    let gained = upper.excess - lower.excess;
    let pushed = h * upper.tail;
    let mass = pick(upper.tail - lower.tail, T::one() - lower.tail - upper.tail, lower.tail - upper.tail);
    let moment = pick(pushed - gained, (h - upper.y) - pushed - gained, -gained - pushed);
    let mass = mass.max(T::zero());
    Share { mass, moment: moment.clamp(least, h * mass) }
}

/// Mass above an edge, and its first moment about the edge.
#[inline(always)]
pub fn share_above<T: Real>(edge: &Edge<T>) -> Share<T> {
    if edge.y > T::zero() {
        return Share { mass: edge.tail, moment: edge.excess };
    }
    Share { mass: T::one() - edge.tail, moment: edge.excess - edge.y }
}

/// The share that `count` neurons take: their first moment is as many times the mean of `share`.
#[inline(always)]
pub fn share_of<T: Real>(share: &Share<T>, count: T) -> Share<T> {
    let mut mean = T::zero();
    if share.mass > T::zero() {
        mean = share.moment / share.mass;
    }
    Share { mass: count, moment: count * mean }
}

/// Drift moment of the neurons of a share whose origin is `y` above the mean of X: their fluctuation c on leaving, and its
/// regression on where they land.
#[inline(always)]
pub fn share_drift<T: Real>(share: &Share<T>, c: T, regression: T, y: T) -> T {
    share.mass * c + regression * (share.moment + y * share.mass)
}
