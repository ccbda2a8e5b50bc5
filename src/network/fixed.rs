//! Products of 32-bit integers whose upper half is kept, rounded to nearest.
//!
//! WGSL has no 32 x 32 -> 64 bit product, so the shader adds four 16-bit ones; here the 64-bit product says what is meant.

use crate::lanes::{I32, U32, select};

/// (a b + 2^31) / 2^32.
#[inline(always)]
pub fn multiply_high<const L: usize>(a: U32<L>, b: U32<L>) -> U32<L> {
    U32::from_fn(|l| ((u64::from(a.0[l]) * u64::from(b.0[l]) + (1 << 31)) >> 32) as u32)
}

/// `multiply_high` of a signed a below 2^31 in size: odd in a.
#[inline(always)]
pub fn multiply_high_signed<const L: usize>(a: I32<L>, b: U32<L>) -> I32<L> {
    let size = multiply_high(a.map(i32::unsigned_abs), b).signed();
    select(size, I32::splat(0) - size, a.lt(I32::splat(0)))
}

/// Pending kicks times a constant of 12 low bits: h high + h low / 2^12, rounded; h at most 2^20 - 1.
#[inline(always)]
pub fn count_times<const L: usize>(h: U32<L>, high: u32, low: u32) -> U32<L> {
    h * high + ((h * low + 0x800) >> 12)
}

/// Fixed-point kicks (below 2^31) times a constant of 31 fractional bits.
#[inline(always)]
pub fn fixed_times<const L: usize>(h: U32<L>, high: u32) -> U32<L> {
    multiply_high(h << 1, U32::splat(high))
}

/// `fixed_times` of a signed h below 2^31 in size: odd in h.
#[inline(always)]
pub fn fixed_times_signed<const L: usize>(h: I32<L>, high: u32) -> I32<L> {
    let size = fixed_times(h.map(i32::unsigned_abs), high).signed();
    select(size, I32::splat(0) - size, h.lt(I32::splat(0)))
}

/// Square root of n >= 2^30 to the nearest integer, at most 65535.
pub fn square_root(n: u32) -> u32 {
    let root = n.isqrt();
    (root + u32::from(n - root * root > root)).min(65535)
}

/// a / 2^shift, rounded to nearest.
#[inline(always)]
pub fn shift_rounded<const L: usize>(a: I32<L>, shift: u32) -> I32<L> {
    (a + ((1 << shift) >> 1)) >> shift
}
