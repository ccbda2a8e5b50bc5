//! The quenched graph as a pure function of the member's key, and how it may be kept.
//!
//! Every pair of a source and a target neuron (a neuron and itself too) is connected with probability p, once per
//! realisation. With a fixed in-degree K, source j and target i are connected where the permutation of i, which makes some number k
//! of j, has k < K: K sources of each target, none twice, and binomial numbers of targets.

use super::shape::{NetworkShape, ProjectionShape};
use crate::random::draws::WIRING;
use crate::random::permutation::{permuted_back, sides};
use crate::random::threefry::threefry;
use crate::wgsl::{U32, Word};

/// A graph above this size (in words of 32 connections, 64 MiB) is drawn again at each spike instead of stored, which takes some 35 times
/// as long but no memory.
const STORED_WORDS: u64 = 1 << 24;

/// How what arrives through the graph is found; results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wiring {
    /// The graph is drawn again at each spike.
    Drawn,
    /// A word of 32 sources for each target: every neuron looks through the words of its sources, where these are few.
    ByTarget,
    /// A row of each source, a bit for each target: the rows of those that fired are added up for many targets at a time.
    BySource,
}

impl Wiring {
    /// What suits a shape, whose networks are small or not.
    pub fn new(shape: &NetworkShape, small: bool) -> Wiring {
        match (shape.quenched, small) {
            (false, _) => Wiring::Drawn,
            (true, _) if Wiring::BySource.words(shape) > STORED_WORDS => Wiring::Drawn,
            (true, true) => Wiring::ByTarget,
            (true, false) => Wiring::BySource,
        }
    }

    /// Words of 32 connections that are kept of a graph.
    pub fn words(self, shape: &NetworkShape) -> u64 {
        shape.projections.iter().map(|proj| u64::from(self.words_of(shape, proj))).sum()
    }

    /// The same of one projection.
    pub fn words_of(self, shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
        match self {
            Wiring::Drawn => 0,
            Wiring::ByTarget => shape.source_words(proj) * shape.populations[proj.target as usize].size,
            Wiring::BySource => shape.source_neurons(proj) * shape.target_words(proj),
        }
    }
}

/// Those of the sources 32 `word` .. of projection `proj` that `wanted` names which are connected with the targets from `index` on, as
/// bits, and others perhaps.
#[allow(clippy::too_many_arguments, reason = "which pairs, and where they go")]
#[inline(always)]
pub fn connected_word(
    shape: &NetworkShape,
    key: [u32; 4],
    proj: u32,
    index: u32,
    word: u32,
    wanted: u32,
    connect: u32,
    bits: &mut [u32],
) {
    let projection = &shape.projections[proj as usize];
    if projection.indegree {
        let size = shape.source_neurons(projection);
        return chosen_word(key, proj, size, index, word, wanted, connect, bits);
    }
    wired_word(key, proj, index, word, wanted, connect, bits);
}

/// Connections from sources 32 `word` .. of projection `proj` onto the targets from `index` on, as bits; only blocks of four that
/// `wanted` names.
#[inline(always)]
pub fn wired_word(key: [u32; 4], proj: u32, index: u32, word: u32, wanted: u32, connect: u32, bits: &mut [u32]) {
    bits.fill(0);
    for part in 0..8 {
        if (wanted >> (4 * part)) & 0xf != 0 {
            for (i, bits) in bits.iter_mut().enumerate() {
                let four = wired_four(key, proj, index + i as u32, 8 * word + part, connect);
                *bits |= (four[0] | (four[1] << 1) | (four[2] << 2) | (four[3] << 3)) << (4 * part);
            }
        }
    }
}

/// Whether each of the four sources 4 `block` .. is connected with a target.
#[inline(always)]
pub fn wired_four(key: [u32; 4], proj: u32, target: u32, block: u32, connect: u32) -> [u32; 4] {
    let counter = [Word(target), Word(block), Word(WIRING | (proj << 8)), Word(0)];
    threefry(key, counter).map(|word| u32::from(word >> 1 < Word(connect)))
}

/// The same with a fixed in-degree, of `size` sources; only sources that `wanted` names.
#[allow(clippy::too_many_arguments, reason = "which pairs, and where they go")]
pub fn chosen_word(
    key: [u32; 4],
    proj: u32,
    size: u32,
    index: u32,
    word: u32,
    wanted: u32,
    indegree: u32,
    bits: &mut [u32],
) {
    let sides = sides(size);
    for (i, bits) in bits.iter_mut().enumerate() {
        *bits = 0;
        let words = chosen_by(key, proj, index + i as u32);
        for bit in (0..32).filter(|bit| wanted >> bit & 1 == 1 && 32 * word + bit < size) {
            let rank = permuted_back(words, sides, size, 32 * word + bit);
            *bits |= u32::from(rank < Word(indegree)) << bit;
        }
    }
}

/// The words of a target's permutation.
pub fn chosen_by(key: [u32; 4], proj: u32, index: u32) -> [U32; 4] {
    threefry(key, [Word(index), Word(0), Word(WIRING | (proj << 8)), Word(1)])
}
