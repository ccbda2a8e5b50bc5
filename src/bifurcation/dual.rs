//! Numbers that know their derivatives in N directions.

use crate::reduced::Real;
use crate::reduced::elementary::{exp_f64, mills_f64};
use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A value and its derivatives. Comparisons are of values, so where a function has a kink, the derivative is one side's.
#[derive(Clone, Copy, Debug)]
pub struct Dual<const N: usize> {
    /// The number itself.
    pub value: f64,
    /// Its derivative in each direction.
    pub tangent: [f64; N],
}

impl<const N: usize> Dual<N> {
    /// A number that direction `place` moves.
    pub fn seed(value: f64, place: usize) -> Self {
        Dual { value, tangent: std::array::from_fn(|i| f64::from(u8::from(i == place))) }
    }

    /// f of this number, given f and f' of its value.
    #[inline(always)]
    fn chain(self, value: f64, slope: f64) -> Self {
        Dual { value, tangent: self.tangent.map(|t| slope * t) }
    }

    /// The derivatives a self' + b other', with a value of their own.
    #[inline(always)]
    fn combine(self, other: Self, value: f64, a: f64, b: f64) -> Self {
        let mut tangent = [0.0; N];
        for (i, t) in tangent.iter_mut().enumerate() {
            *t = a * self.tangent[i] + b * other.tangent[i];
        }
        Dual { value, tangent }
    }
}

impl<const N: usize> Default for Dual<N> {
    fn default() -> Self {
        Dual { value: 0.0, tangent: [0.0; N] }
    }
}

impl<const N: usize> PartialEq for Dual<N> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<const N: usize> PartialOrd for Dual<N> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<const N: usize> Add for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.combine(other, self.value + other.value, 1.0, 1.0)
    }
}

impl<const N: usize> Sub for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.combine(other, self.value - other.value, 1.0, -1.0)
    }
}

impl<const N: usize> Mul for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.combine(other, self.value * other.value, other.value, self.value)
    }
}

impl<const N: usize> Div for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        self.combine(other, value, 1.0 / other.value, -value / other.value)
    }
}

impl<const N: usize> Neg for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.chain(-self.value, -1.0)
    }
}

impl<const N: usize> AddAssign for Dual<N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const N: usize> SubAssign for Dual<N> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<const N: usize> Sum for Dual<N> {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, x| sum + x)
    }
}

impl<const N: usize> Real for Dual<N> {
    const REACH: Self = Dual { value: f64::REACH, tangent: [0.0; N] };
    const NARROW: Self = Dual { value: f64::NARROW, tangent: [0.0; N] };
    const STRANDS: usize = f64::STRANDS;
    const ROUNDING: Self = Dual { value: f64::ROUNDING, tangent: [0.0; N] };

    #[inline(always)]
    fn of(x: f64) -> Self {
        Dual { value: x, tangent: [0.0; N] }
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self.value
    }
    #[inline(always)]
    fn to_i32(self) -> i32 {
        self.value.to_i32()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        if self.value < 0.0 { -self } else { self }
    }
    #[inline(always)]
    fn floor(self) -> Self {
        Self::of(self.value.floor())
    }
    /// With a derivative of 0 at 0, where the step has none: a law without variance does not move with it.
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, if root > 0.0 { 0.5 / root } else { 0.0 })
    }
    fn exp(self) -> Self {
        let value = Real::exp(self.value);
        self.chain(value, value)
    }
    fn ln(self) -> Self {
        self.chain(Real::ln(self.value), 1.0 / self.value)
    }
    #[inline(always)]
    fn exp_negative(x: Self) -> Self {
        let value = exp_f64(x.value);
        x.chain(value, value)
    }
    /// m' = t m - 1.
    #[inline(always)]
    fn mills(t: Self) -> Self {
        let value = mills_f64(t.value);
        t.chain(value, t.value * value - 1.0)
    }
    fn unit(word: u32) -> Self {
        Self::of(f64::unit(word))
    }
}
