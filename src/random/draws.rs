//! Words, uniform bits and table draws of one neuron in one step.
//!
//! A neuron owns `words` (2, or a power of two from 4 on) 32-bit words per step and purpose; with 2, one Threefry block
//! serves two consecutive steps. In `snn`'s `UPDATE` words, the upper 20 bits of word k draw the deaths of incoming projection
//! k (or, one word further, the Poisson drive), the lower 12 bits of word 0 the Gaussian drive, and word 1, rotated so that
//! its lower 12 bits lead, the release from refractoriness. The release shares bits with the deaths of projection 1
//! only when those 12 bits tie with its threshold's, once in 4096. In those of `markov`, drive and release are the same, and
//! the upper 12 bits of word k draw the normal variate of incoming projection k.

use super::threefry::{rotate_left, threefry};
use crate::wgsl::{U32, Word, select};
use multiversion::multiversion;

/// Drive, deaths (`markov`: noise) and release of one step.
pub const UPDATE: u32 = 0;
/// Kicks born in one step.
pub const BIRTHS: u32 = 1;
/// The part of a binomial above 255, of the deaths of one projection.
pub const LARGE_DEATHS: u32 = 2;
/// The part of a binomial above 255, of the births of one projection.
pub const LARGE_BIRTHS: u32 = 3;
/// Voltages at time 0.
pub const INITIAL: u32 = 4;
/// The quenched graph.
pub const WIRING: u32 = 5;
/// Kicks born of sources in one step.
pub const OUTSIDE: u32 = 6;
/// Kicks that have risen in one step (`markov`: their noise and that of births).
pub const RISING: u32 = 7;
/// The part of a binomial above 255, of the risen kicks of one projection.
pub const LARGE_RISING: u32 = 8;

/// Values of n that have a table row of their own; larger n are split into powers of two.
pub const ROWS: u32 = 256;
/// Words before the entries of a large table: offset, log2 of the columns and base of each power of two.
pub const LARGE_HEADER: u32 = 3;

/// Neurons that a pass over a network takes at a time: their numbers stay in the first-level cache.
pub const CHUNK: usize = 384;
/// Words of a chunk of neurons.
pub type Words = [[U32; CHUNK]; 4];
/// Entries that a draw from a small table can reach.
pub const REACH: usize = (ROWS as usize) << 8;

/// What the words of a chunk are a function of; its neurons are numbered from `first` on.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    pub key: [u32; 4],
    pub first: u32,
    pub step: u32,
    pub purpose: u32,
}

/// The block that holds words `4 part ..` of a step.
#[inline(always)]
pub fn word_block(key: [u32; 4], neuron: U32, step: u32, purpose: u32, words: u32, part: u32) -> [U32; 4] {
    let index = ((step * words) >> 2) + part;
    threefry(key, [neuron, Word(index), Word(purpose), Word(0)])
}

/// Fills the first `$n` words of four rows with the block of each index. A macro, since a closure that the compiler leaves a function
/// of its own is no vector code.
macro_rules! fill {
    ($filled:expr, $n:expr, |$i:ident| $block:expr) => {{
        let [a, b, c, d] = $filled;
        let (a, b, c, d) = (&mut a[..$n], &mut b[..$n], &mut c[..$n], &mut d[..$n]);
        for at in 0..$n {
            let $i = at as u32;
            [a[at], b[at], c[at], d[at]] = $block;
        }
    }};
}

/// [`word_block`] of the first `n` neurons of a chunk.
#[allow(clippy::needless_range_loop, reason = "one index into several arrays")]
#[inline(always)]
pub fn fill_words(filled: &mut Words, n: usize, draw: Draw, words: u32, part: u32) {
    fill!(filled, n, |i| word_block(draw.key, Word(draw.first) + i, draw.step, draw.purpose, words, part));
}

/// A uniform 31-bit number for the release of a refractory neuron, from word 1 of its `UPDATE` words.
#[inline(always)]
pub fn release_bits(word: U32) -> U32 {
    rotate_left(word, 20) >> 1
}

/// The entries from `at` on; `tables` ends with [`REACH`] words that nothing draws, so that every small table is followed
/// by as many.
#[inline(always)]
pub fn small_table(tables: &[u32], at: u32) -> &[u32; REACH] {
    tables[at as usize..].first_chunk().expect("room behind the tables")
}

/// One outcome (0..256) from a row of 2^`log2_columns` alias entries, by the upper 20 bits of `word`.
#[inline(always)]
pub fn alias_draw(table: &[u32; REACH], row: U32, log2_columns: u32, word: U32) -> U32 {
    let column = word >> (32 - log2_columns);
    let index = row + column;
    let entry = Word(table[usize::from(index.0 as u16)]);
    let fraction = (word << log2_columns) >> (12 + log2_columns);
    select(entry >> 8, entry, fraction < entry >> 16) & 0xff
}

/// Binomial(n, probability of the table) for n below 256: one load.
#[inline(always)]
pub fn small_binomial(table: &[u32; REACH], log2_columns: u32, n: U32, word: U32) -> U32 {
    let row = (n & 0xff) << log2_columns;
    alias_draw(table, row, log2_columns, word)
}

/// Adds the rest of a binomial to `drawn` for the first `n.len()` neurons of a chunk: draws for the powers of two from 256
/// on that each n contains, from `words`, which are overwritten. A call: few networks have such counts.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn large_binomial(tables: &[u32], large: u32, draw: Draw, n: &[u32], words: &mut Words, drawn: &mut [u32]) {
    let Draw { key, first, step, purpose } = draw;
    let mut rest = n.iter().fold(0, |all, n| all | n) >> 8;
    let mut power = 0;
    while rest != 0 {
        if power & 3 == 0 {
            let part = Word(1 + (power >> 2));
            fill!(words, n.len(), |i| threefry(key, [Word(first) + i, Word(step), Word(purpose), part]));
        }
        if rest & 1 == 1 {
            for ((n, word), drawn) in n.iter().zip(&words[(power & 3) as usize]).zip(&mut *drawn) {
                if n >> (8 + power) & 1 == 1 {
                    *drawn += large_draw(tables, large + LARGE_HEADER * power, word.0);
                }
            }
        }
        rest >>= 1;
        power += 1;
    }
}

/// One outcome from a large row: two words an entry, thresholds of 32 bits, outcomes relative to a base.
fn large_draw(tables: &[u32], header: u32, word: u32) -> u32 {
    let offset = tables[header as usize];
    let log2_columns = tables[header as usize + 1];
    let base = tables[header as usize + 2];
    let entry = offset + 2 * (word >> (32 - log2_columns));
    let fraction = word << log2_columns;
    let outcomes = tables[entry as usize + 1];
    if fraction < tables[entry as usize] { base + (outcomes & 0xffff) } else { base + (outcomes >> 16) }
}
