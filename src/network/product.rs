//! The upper half of a product of 32-bit integers, rounded to nearest.
//!
//! WGSL has no 32 x 32 -> 64 bit product, so its text adds four 16-bit ones, unless the device has 64-bit integers; here the
//! 64-bit product says what is meant.

use crate::wgsl::{U32, Word};

/// (a b + 2^31) / 2^32.
#[inline(always)]
pub fn multiply_high(a: U32, b: U32) -> U32 {
    Word(((u64::from(a.0) * u64::from(b.0) + (1 << 31)) >> 32) as u32)
}
