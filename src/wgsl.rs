//! 32-bit integers with the arithmetic of WGSL: everything wraps, and a shift goes by its amount modulo 32.
//!
//! The twins of the shaders are written over them, for one neuron. Loops over neurons call those functions, and because
//! nothing in them branches or can fail, the compiler makes vector instructions of the loops.

use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Shl, Shr, Sub};

/// WGSL's `u32` or `i32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Word<T>(pub T);

pub type U32 = Word<u32>;
pub type I32 = Word<i32>;

/// WGSL's `select`: `accept` where `condition` holds, else `reject`.
#[inline(always)]
pub fn select<T>(reject: T, accept: T, condition: bool) -> T {
    if condition { accept } else { reject }
}

macro_rules! words {
    ($t:ty) => {
        words!($t: Add add wrapping_add, Sub sub wrapping_sub, Mul mul wrapping_mul);
        words!($t: BitAnd bitand bitand, BitOr bitor bitor, BitXor bitxor bitxor);

        impl Shl<u32> for Word<$t> {
            type Output = Self;
            #[inline(always)]
            fn shl(self, bits: u32) -> Self {
                Word(self.0.wrapping_shl(bits))
            }
        }

        impl Shr<u32> for Word<$t> {
            type Output = Self;
            #[inline(always)]
            fn shr(self, bits: u32) -> Self {
                Word(self.0.wrapping_shr(bits))
            }
        }
    };
    ($t:ty: $($op:ident $method:ident $wrapping:ident),+) => { $(
        impl $op for Word<$t> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Word(self.0.$wrapping(other.0))
            }
        }

        impl $op<$t> for Word<$t> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: $t) -> Self {
                Word(self.0.$wrapping(other))
            }
        }
    )+ };
}

words!(u32);
words!(i32);

impl U32 {
    /// The same bits as a signed number; WGSL's `bitcast<i32>`.
    #[inline(always)]
    pub fn signed(self) -> I32 {
        Word(self.0 as i32)
    }
}

impl I32 {
    /// The same bits as an unsigned number; WGSL's `bitcast<u32>`.
    #[inline(always)]
    pub fn unsigned(self) -> U32 {
        Word(self.0 as u32)
    }

    /// WGSL's `abs`, as an unsigned number.
    #[inline(always)]
    pub fn size(self) -> U32 {
        Word(self.0.unsigned_abs())
    }
}
