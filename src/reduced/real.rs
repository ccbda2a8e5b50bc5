//! The arithmetic of a reduced model: f64 is the reference, f32 is what a GPU computes.
//!
//! Elementary functions come from `libm` or are plain arithmetic, never the platform's, so that a result does not depend on
//! the machine.

use super::elementary::{exp_f32, exp_f64, mills_f32, mills_f64};
use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A floating-point type that the reduced models compute in.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Sum
    + 'static
{
    /// Standard deviations beyond which a Gaussian's tail is dropped: 1.2e-15 of the mass in f64, 4e-8 in f32, a third of a rounding.
    const REACH: Self;
    /// Width in standard deviations below which a uniform interval is expanded around its midpoint: where the expansion's
    /// next term (7e-8 w^8) and the cancellation of the closed form (one rounding over w) are both small.
    const NARROW: Self;

    /// Partial sums that a sum over the bins of a population is made of, in order: in f32 as many as threads of a workgroup make
    /// it together.
    const STRANDS: usize;
    /// Distance of 1 from the next number: what sums of as many neurons leave out.
    const ROUNDING: Self;

    /// The nearest number of this type.
    fn of(x: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// Nearest integer towards zero; the caller bounds `self`.
    fn to_i32(self) -> i32;
    /// Magnitude.
    fn abs(self) -> Self;
    /// Largest whole number that is not above `self`, which the caller bounds to 32 bits.
    fn floor(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Exponential.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// exp(x) for -72 <= x <= 0.
    fn exp_negative(x: Self) -> Self;
    /// Mills' ratio Phi(-t)/phi(t) of the standard normal distribution for 0 <= t <= 12.
    fn mills(t: Self) -> Self;
    /// A number in (0, 1), uniform on a grid of 2^-32 (f64) or 2^-23 (f32: a half more has to fit 24 bits).
    fn unit(word: u32) -> Self;

    /// 0.
    #[inline(always)]
    fn zero() -> Self {
        Self::of(0.0)
    }
    /// 1.
    #[inline(always)]
    fn one() -> Self {
        Self::of(1.0)
    }
    /// The smaller one; `self` where they do not compare.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    /// The larger one; `self` where they do not compare.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    /// The nearest number in [low, high].
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        self.max(low).min(high)
    }
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool {
        self.to_f64().is_finite()
    }
}

impl Real for f64 {
    const REACH: f64 = 8.0;
    const NARROW: f64 = 0.1;
    const STRANDS: usize = 1;
    const ROUNDING: f64 = f64::EPSILON;

    #[inline(always)]
    fn of(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn to_i32(self) -> i32 {
        self as i32
    }
    #[inline(always)]
    fn abs(self) -> f64 {
        f64::abs(self)
    }
    #[inline(always)]
    fn floor(self) -> f64 {
        f64::floor(self)
    }
    #[inline(always)]
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    fn exp(self) -> f64 {
        libm::exp(self)
    }
    fn ln(self) -> f64 {
        libm::log(self)
    }
    #[inline(always)]
    fn exp_negative(x: f64) -> f64 {
        exp_f64(x)
    }
    #[inline(always)]
    fn mills(t: f64) -> f64 {
        mills_f64(t)
    }
    fn unit(word: u32) -> f64 {
        (f64::from(word) + 0.5) / 4_294_967_296.0
    }
}

impl Real for f32 {
    const REACH: f32 = 5.5;
    const NARROW: f32 = 1.0;
    const STRANDS: usize = 8;
    const ROUNDING: f32 = f32::EPSILON;

    #[inline(always)]
    fn of(x: f64) -> f32 {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn to_i32(self) -> i32 {
        self as i32
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn floor(self) -> f32 {
        f32::floor(self)
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }
    fn exp(self) -> f32 {
        libm::expf(self)
    }
    fn ln(self) -> f32 {
        libm::logf(self)
    }
    #[inline(always)]
    fn exp_negative(x: f32) -> f32 {
        exp_f32(x)
    }
    #[inline(always)]
    fn mills(t: f32) -> f32 {
        mills_f32(t)
    }
    fn unit(word: u32) -> f32 {
        ((word >> 9) as f32 + 0.5) / 8_388_608.0
    }
}
