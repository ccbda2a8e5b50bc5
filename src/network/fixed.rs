//! Arithmetic of fixed-point numbers: products of signed numbers and of counts, rounded to nearest.

use super::product::multiply_high;
use crate::wgsl::{I32, U32, Word, select};

/// `multiply_high` of a signed a below 2^31 in size: odd in a.
#[inline(always)]
pub fn multiply_high_signed(a: I32, b: U32) -> I32 {
    let size = multiply_high(a.size(), b).signed();
    select(size, Word(0) - size, a < Word(0))
}

/// Pending kicks times a constant of 12 low bits: h high + h low / 2^12, rounded; h at most 2^20 - 1.
#[inline(always)]
pub fn count_times(h: U32, high: u32, low: u32) -> U32 {
    h * high + ((h * low + 0x800) >> 12)
}

/// Fixed-point kicks (below 2^31) times a constant of 31 fractional bits.
#[inline(always)]
pub fn fixed_times(h: U32, high: u32) -> U32 {
    multiply_high(h << 1, Word(high))
}

/// `fixed_times` of a signed h below 2^31 in size: odd in h.
#[inline(always)]
pub fn fixed_times_signed(h: I32, high: u32) -> I32 {
    let size = fixed_times(h.size(), high).signed();
    select(size, Word(0) - size, h < Word(0))
}

/// Square root of n >= 2^30 to the nearest integer, at most 65535.
pub fn square_root(n: u32) -> u32 {
    let root = n.isqrt();
    (root + u32::from(n - root * root > root)).min(65535)
}

/// a / 2^shift, rounded to nearest.
#[inline(always)]
pub fn shift_rounded(a: I32, shift: u32) -> I32 {
    (a + ((Word(1) << shift) >> 1u32)) >> shift
}
