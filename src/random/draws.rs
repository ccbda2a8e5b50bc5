//! Words, uniform bits and table draws of one neuron in one step.
//!
//! A neuron owns `words` (2, or a power of two from 4 on) 32-bit words per step and purpose; with 2, one Threefry block
//! serves two consecutive steps. In `snn`'s `UPDATE` words, the upper 20 bits of word k draw the deaths of incoming projection
//! k (or, one word further, the Poisson drive), the lower 12 bits of word 0 the Gaussian drive, and word 1, rotated so that
//! its lower 12 bits lead, the release from refractoriness. The release shares bits with the deaths of projection 1
//! only when those 12 bits tie with its threshold's, once in 4096. In those of `markov`, drive and release are the same, and
//! the upper 12 bits of word k draw the normal variate of incoming projection k.

use super::threefry::{rotate_left, threefry};
use crate::lanes::{Lanes, U32, select};

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

/// Values of n that have a table row of their own; larger n are split into powers of two.
pub const ROWS: u32 = 256;
/// Words before the entries of a large table: offset, log2 of the columns and base of each power of two.
pub const LARGE_HEADER: u32 = 3;

/// The block that holds words `4 part ..` of a step, for lanes with consecutive neurons.
#[inline(always)]
pub fn word_block<const L: usize>(
    key: [u32; 4],
    neuron: U32<L>,
    step: u32,
    purpose: u32,
    words: u32,
    part: u32,
) -> [U32<L>; 4] {
    let index = ((step * words) >> 2) + part;
    threefry(key, [neuron, Lanes::splat(index), Lanes::splat(purpose), Lanes::splat(0)])
}

/// A uniform 31-bit number for the release of a refractory neuron, from word 1 of its `UPDATE` words.
#[inline(always)]
pub fn release_bits<const L: usize>(word: U32<L>) -> U32<L> {
    rotate_left(word, 20) >> 1
}

/// One outcome (0..256) from a row of 2^`log2_columns` alias entries, by the upper 20 bits of `word`.
#[inline(always)]
pub fn alias_draw<const L: usize>(tables: &[u32], row: U32<L>, log2_columns: u32, word: U32<L>) -> U32<L> {
    let column = word >> (32 - log2_columns);
    let index = row + column;
    let entry = Lanes::from_fn(|l| tables[index.0[l] as usize]);
    let fraction = (word << log2_columns) >> (12 + log2_columns);
    select((entry >> 8) & 0xff, entry & 0xff, fraction.lt(entry >> 16))
}

/// Binomial(n, probability of the table) for n below 256: one load.
#[inline(always)]
pub fn small_binomial<const L: usize>(
    tables: &[u32],
    table: u32,
    log2_columns: u32,
    n: U32<L>,
    word: U32<L>,
) -> U32<L> {
    let row = (n & 0xff).map(|n| n << log2_columns) + table;
    alias_draw(tables, row, log2_columns, word)
}

/// The rest of a binomial: the sum of draws for the powers of two from 256 on that n contains.
pub fn large_binomial(tables: &[u32], large: u32, key: [u32; 4], neuron: u32, step: u32, purpose: u32, n: u32) -> u32 {
    let mut sum = 0;
    let mut rest = n >> 8;
    let mut power = 0;
    let mut words = [U32::<1>::splat(0); 4];
    while rest != 0 {
        if power & 3 == 0 {
            let counter = [neuron, step, purpose, 1 + (power >> 2)];
            words = threefry(key, counter.map(Lanes::splat));
        }
        if rest & 1 == 1 {
            sum += large_draw(tables, large + LARGE_HEADER * power, words[(power & 3) as usize].0[0]);
        }
        rest >>= 1;
        power += 1;
    }
    sum
}

/// One outcome from a large row: two words an entry, thresholds of 32 bits, outcomes relative to a base.
pub fn large_draw(tables: &[u32], header: u32, word: u32) -> u32 {
    let offset = tables[header as usize];
    let log2_columns = tables[header as usize + 1];
    let base = tables[header as usize + 2];
    let entry = offset + 2 * (word >> (32 - log2_columns));
    let fraction = word << log2_columns;
    let outcomes = tables[entry as usize + 1];
    if fraction < tables[entry as usize] { base + (outcomes & 0xffff) } else { base + (outcomes >> 16) }
}
