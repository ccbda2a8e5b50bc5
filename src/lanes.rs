//! A fixed number of 32-bit integers side by side, with the arithmetic of WGSL: everything wraps, shifts by constants.
//!
//! The twins of the shaders are written over `Lanes<T, L>`. With `L` = 1 they read like the shader and are the reference;
//! with `L` = 8 or 16 the compiler turns the same text into vector instructions. Both give the same bits, because integer
//! arithmetic does.

#![allow(clippy::needless_range_loop, reason = "counted loops over lanes are what the compiler vectorises")]

use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Not, Shl, Shr, Sub};

/// `L` values of type `T`, one per neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Lanes<T, const L: usize>(pub [T; L]);

pub type U32<const L: usize> = Lanes<u32, L>;
pub type I32<const L: usize> = Lanes<i32, L>;
pub type Mask<const L: usize> = Lanes<bool, L>;

impl<T: Copy + Default, const L: usize> Lanes<T, L> {
    #[inline(always)]
    pub fn splat(value: T) -> Self {
        Lanes([value; L])
    }

    #[inline(always)]
    pub fn from_fn(mut lane: impl FnMut(usize) -> T) -> Self {
        let mut out = [T::default(); L];
        for l in 0..L {
            out[l] = lane(l);
        }
        Lanes(out)
    }

    #[inline(always)]
    pub fn map<U: Copy + Default>(self, f: impl Fn(T) -> U) -> Lanes<U, L> {
        Lanes::from_fn(|l| f(self.0[l]))
    }

    #[inline(always)]
    fn zip<U: Copy + Default, V: Copy + Default>(self, other: Lanes<U, L>, f: impl Fn(T, U) -> V) -> Lanes<V, L> {
        Lanes::from_fn(|l| f(self.0[l], other.0[l]))
    }
}

/// WGSL's `select`: `accept` where `condition` holds, `reject` elsewhere.
#[inline(always)]
pub fn select<T: Copy + Default, const L: usize>(
    reject: Lanes<T, L>,
    accept: Lanes<T, L>,
    condition: Mask<L>,
) -> Lanes<T, L> {
    Lanes::from_fn(|l| if condition.0[l] { accept.0[l] } else { reject.0[l] })
}

macro_rules! integer_lanes {
    ($t:ty) => {
        integer_lanes!($t: Add add wrapping_add, Sub sub wrapping_sub, Mul mul wrapping_mul);
        integer_lanes!($t: BitAnd bitand bitand, BitOr bitor bitor, BitXor bitxor bitxor);

        impl<const L: usize> Shl<u32> for Lanes<$t, L> {
            type Output = Self;
            #[inline(always)]
            fn shl(self, bits: u32) -> Self {
                self.map(|a| a << bits)
            }
        }

        impl<const L: usize> Shr<u32> for Lanes<$t, L> {
            type Output = Self;
            #[inline(always)]
            fn shr(self, bits: u32) -> Self {
                self.map(|a| a >> bits)
            }
        }

        impl<const L: usize> Lanes<$t, L> {
            #[inline(always)]
            pub fn lt(self, other: Self) -> Mask<L> {
                self.zip(other, |a, b| a < b)
            }

            #[inline(always)]
            pub fn gt(self, other: Self) -> Mask<L> {
                self.zip(other, |a, b| a > b)
            }

            #[inline(always)]
            pub fn eq(self, other: Self) -> Mask<L> {
                self.zip(other, |a, b| a == b)
            }

            #[inline(always)]
            pub fn max(self, other: Self) -> Self {
                self.zip(other, |a, b| a.max(b))
            }

            #[inline(always)]
            pub fn min(self, other: Self) -> Self {
                self.zip(other, |a, b| a.min(b))
            }
        }
    };
    ($t:ty: $($op:ident $method:ident $wrapping:ident),+) => { $(
        impl<const L: usize> $op for Lanes<$t, L> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a.$wrapping(b))
            }
        }

        impl<const L: usize> $op<$t> for Lanes<$t, L> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: $t) -> Self {
                self.map(|a| a.$wrapping(other))
            }
        }
    )+ };
}

integer_lanes!(u32);
integer_lanes!(i32);

impl<const L: usize> U32<L> {
    /// The same bits as signed numbers; WGSL's `bitcast<i32>`.
    #[inline(always)]
    pub fn signed(self) -> I32<L> {
        self.map(|a| a as i32)
    }
}

impl<const L: usize> I32<L> {
    /// The same bits as unsigned numbers; WGSL's `bitcast<u32>`.
    #[inline(always)]
    pub fn unsigned(self) -> U32<L> {
        self.map(|a| a as u32)
    }
}

impl<const L: usize> Not for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self.map(|a| !a)
    }
}

impl<const L: usize> BitAnd for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
}

impl<const L: usize> BitOr for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
}

impl<const L: usize> Mask<L> {
    /// 1 where true, 0 elsewhere.
    #[inline(always)]
    pub fn count(self) -> U32<L> {
        self.map(u32::from)
    }

    #[inline(always)]
    pub fn any(self) -> bool {
        let mut any = false;
        for l in 0..L {
            any |= self.0[l];
        }
        any
    }
}
