//! Second moments of the fluctuations dH = H - mu of kick counts, kept by each bin: the coloured closure with a linear density.
//!
//! Of the n neurons of a bin, at y above its lower edge, and each incoming projection: g = sum dH, k = sum y dH, w = sum dH^2. With
//! m = sum y and v the variance of the bin's density,
//!   c = g/n                         mean of dH, |c| <= sqrt(w/n),
//!   r = max(w/n - c^2, 0)           its variance,
//!   t = (k/n - c m/n)/v             its slope along the voltage, |t| <= sqrt(r/v), 0 where v is next to nothing,
//!   e = max(r - t^2 v, 0)           what of r the voltage does not tell.
//! Per-kick increments a move the bin by sum a (mu + c), stretch it by sum a t and add the variance sum a^2 e. Where X, of variance T,
//! has landed tells dH with the regression and the rest
//!   beta = (a e + t kappa v)/T,     rho = max(e + t^2 v - beta^2 T, 0),
//! so that `cnt` neurons that land in a bin, with mean y and variance s of their voltages there, at D from the mean of X, bring
//!   cnt H,   cnt (y H + beta s),   cnt (H^2 + beta^2 s + rho),   H = c + beta D.
//! Those that fall below the lowest bin have the y, negative, of where they fall, so that g and w are conserved (DSODE-LINEAR cuts y at 0);
//! the bin has them at its edge: they add nothing to m, and where all of a share lie there in the mean, nothing to k.
//! No neurons have moments with g^2 > n w, but rounding leaves such where next to nobody is: those that fired are what is left of a bin,
//! a difference of large numbers, and with a fixed refractory time they return to a bin that nobody else enters. Unbounded, g^2/n would
//! go on as the w of whoever they meet.
//! Births add n times their variance b to w at the beginning of a step. At its end kicks die:
//!   w <- (1-q)^2 w + q (1-q) max(n mu + g, 0),   g, k <- (1-q) g, k.

use super::real::Real;

/// Least variance of a bin's voltages that gives a slope.
const VARIANCE_MIN: f64 = 1e-6;
/// The least and the most that it may be of the square of a bin's width, whatever the unit of voltages.
const LEAST_OF_SQUARE: f64 = 1e-9;
const MOST_OF_SQUARE: f64 = 4e-6;
/// Divisor in place of numbers and variances of 0, whose quotients vanish.
const NOTHING: f64 = 1e-30;

/// c, t and e of a bin of width `h` with `n` neurons, whose voltages have this mean above its lower edge and this variance.
#[inline(always)]
pub fn local_fluctuation<T: Real>(n: T, mean: T, variance: T, h: T, g: T, k: T, w: T) -> [T; 3] {
    let each = T::one() / n.max(T::of(NOTHING));
    let square = (w * each).max(T::zero());
    let largest = square.sqrt();
    let c = (g * each).clamp(-largest, largest);
    let r = (square - c * c).max(T::zero());
    let least = T::of(VARIANCE_MIN).max(T::of(LEAST_OF_SQUARE) * h * h).min(T::of(MOST_OF_SQUARE) * h * h);
    let inverse = T::one() / variance.max(least);
    let steepest = (r * inverse).sqrt();
    let t = ((k * each - mean * c) * inverse).clamp(-steepest, steepest);
    let t = if variance > least { t } else { T::zero() };
    [c, t, (r - t * t * variance).max(T::zero())]
}

/// Change of the stretch by `kicks` kicks, whose conductances draw voltages to the reversal potential.
#[inline(always)]
pub fn contraction<T: Real>(slope: T, kicks: T) -> T {
    slope * kicks.max(T::zero())
}

/// beta and rho of a bin stretched by `kappa`, whose neurons land with variance `spread`.
#[inline(always)]
pub fn local_regression<T: Real>(a: T, e: T, t: T, kappa: T, variance: T, spread: T) -> [T; 2] {
    let beta = (a * e + t * kappa * variance) / spread.max(T::of(NOTHING));
    [beta, (e + t * t * variance - beta * beta * spread).max(T::zero())]
}

/// Mean voltage of a share above the lower edge of where it lands.
#[inline(always)]
pub fn share_mean<T: Real>(mass: T, moment: T) -> T {
    moment / mass.max(T::of(NOTHING))
}

/// g, k and w of `mass` neurons with mean voltage `mean` above a lower edge, at a distance `away` from the mean of X. Where
/// that lies below the lowest bin, they are at the bin's edge and tell no slope.
#[inline(always)]
pub fn share_moments<T: Real>(mass: T, mean: T, away: T, scatter: T, c: T, beta: T, rho: T) -> [T; 3] {
    let each = c + beta * away;
    let (g, regressed) = (mass * each, beta * scatter);
    let k = if mean < T::zero() { T::zero() } else { mean * g + regressed };
    [g, k, each * g + beta * regressed + rho * mass]
}

/// w of all `n` neurons of a bin after they have moved.
#[inline(always)]
pub fn moved_square<T: Real>(n: T, c: T, beta: T, rho: T, spread: T) -> T {
    n * (c * c + rho + beta * beta * spread)
}

/// g, k and w of `n` neurons with summed voltage `m` after dH of all neurons has been made less by `overall`.
#[inline(always)]
pub fn shifted<T: Real>(n: T, m: T, moments: [T; 3], overall: T) -> [T; 3] {
    let [g, k, w] = moments;
    let away = n * overall;
    [g - away, k - m * overall, w + overall * (away - (g + g))]
}

/// w after the deaths of a step; `stochastic_decay` is 1 where kicks die at random, 0 where they decay.
#[inline(always)]
pub fn decayed_square<T: Real>(n: T, g: T, w: T, mu: T, q: T, stochastic_decay: T) -> T {
    let keep = T::one() - q;
    keep * keep * w + stochastic_decay * q * keep * (n * mu + g).max(T::zero())
}

/// What a delay line keeps of `n` neurons: g and w before any shift, the latter beyond n times the population's s2, both of which only
/// decay on the way. `overall` is what shifts have taken from dH so far.
#[inline(always)]
pub fn enter_line<T: Real>(n: T, g: T, w: T, s2: T, overall: T) -> [T; 2] {
    [g + n * overall, w + overall * (g + g + n * overall) - n * s2]
}

/// g and w of `n` neurons that leave it, where a fluctuation has become `keep` times itself by binomial deaths.
#[inline(always)]
pub fn leave_line<T: Real>(n: T, line: [T; 2], s2: T, overall: T, keep: T, stochastic_decay: T) -> [T; 2] {
    let g = keep * line[0];
    let w = n * s2 + keep * (keep * line[1] + stochastic_decay * (T::one() - keep) * line[0]);
    [g - n * overall, w - overall * (g + g - n * overall)]
}
