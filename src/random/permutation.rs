//! A permutation of the numbers below any size as a pure function of four random words, without a table.
//!
//! The numbers fill rows of b columns, a = ceil(sqrt size) rows, b = ceil(size/a). Eight rounds move them along columns and rows in
//! turn, each by a keyed function of the other coordinate; a number that lands beyond the size is moved again. Fewer rounds leave too
//! much order: after 4, contiguous numbers stay together too often (5 % of a variance), after 8 nothing of it is seen
//! (`tests/permutation.rs`).

use crate::wgsl::{U32, Word, select};

/// Added to the words from round to round.
const TURN: u32 = 0x9e37_79b9;

/// Rows and columns for the numbers below `size`.
pub fn sides(size: u32) -> [u32; 2] {
    let root = size.isqrt();
    let rows = (root + u32::from(root * root < size)).max(1);
    [rows, size.div_ceil(rows).max(1)]
}

/// murmur3's finaliser: every bit of the result depends on every bit of `u`.
#[inline(always)]
fn finalised(u: U32) -> U32 {
    let u = (u ^ (u >> 16)) * 0x85eb_ca6b;
    let u = (u ^ (u >> 13)) * 0xc2b2_ae35;
    u ^ (u >> 16)
}

/// What a round moves by: below `side`, for sides up to 2^15.
#[inline(always)]
pub fn offset(other: U32, key: U32, side: u32) -> U32 {
    ((finalised(other ^ key) >> 16) * side) >> 16
}

/// Takes an odd round and the even one before it back: row and column before them.
#[inline(always)]
fn rounds_back(at: [U32; 2], sides: [u32; 2], even: U32, odd: U32) -> [U32; 2] {
    let [row, column] = at;
    let by = offset(row, odd, sides[1]);
    let column = select(column + sides[1] - by, column - by, column >= by);
    let by = offset(column, even, sides[0]);
    [select(row + sides[0] - by, row - by, row >= by), column]
}

/// An even round and the odd one after it.
#[inline(always)]
fn rounds(at: [U32; 2], sides: [u32; 2], even: U32, odd: U32) -> [U32; 2] {
    let wrapped = |x: U32, side: u32| select(x, x - side, x >= Word(side));
    let [row, column] = at;
    let row = wrapped(row + offset(column, even, sides[0]), sides[0]);
    [row, wrapped(column + offset(row, odd, sides[1]), sides[1])]
}

/// The number that the permutation makes `x`, which is below `size`.
#[inline(always)]
pub fn permuted_back(words: [U32; 4], sides: [u32; 2], size: u32, x: u32) -> U32 {
    let [a, b, c, d] = words;
    let mut at = [Word(x / sides[1]), Word(x % sides[1])];
    loop {
        at = rounds_back(at, sides, c + TURN.wrapping_mul(6), d + TURN.wrapping_mul(7));
        at = rounds_back(at, sides, a + TURN.wrapping_mul(4), b + TURN.wrapping_mul(5));
        at = rounds_back(at, sides, c + TURN.wrapping_mul(2), d + TURN.wrapping_mul(3));
        at = rounds_back(at, sides, a, b + TURN);
        let x = at[0] * sides[1] + at[1];
        if x < Word(size) {
            return x;
        }
    }
}

/// What the permutation makes of `x`, which is below `size`.
pub fn permuted(words: [U32; 4], sides: [u32; 2], size: u32, x: u32) -> U32 {
    let [a, b, c, d] = words;
    let mut at = [Word(x / sides[1]), Word(x % sides[1])];
    loop {
        at = rounds(at, sides, a, b + TURN);
        at = rounds(at, sides, c + TURN.wrapping_mul(2), d + TURN.wrapping_mul(3));
        at = rounds(at, sides, a + TURN.wrapping_mul(4), b + TURN.wrapping_mul(5));
        at = rounds(at, sides, c + TURN.wrapping_mul(6), d + TURN.wrapping_mul(7));
        let x = at[0] * sides[1] + at[1];
        if x < Word(size) {
            return x;
        }
    }
}
