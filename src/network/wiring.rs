//! The quenched graph: a pure function of the member's key, as stored rows of bits or computed again at each spike.
//!
//! Every pair of a source and a target neuron (a neuron and itself too) is connected with probability p, once per
//! realisation. With a fixed in-degree K, source j and target i are connected where the permutation of i, which makes some number k
//! of j, has k < K: K sources of each target, none twice, and binomial numbers of targets.

use super::member::Context;
use super::shape::NetworkShape;
use crate::random::draws::{CHUNK, WIRING};
use crate::random::permutation::{permuted, permuted_back, sides};
use crate::random::threefry::threefry;
use crate::wgsl::{U32, Word};

/// A graph above this size (in words of 32 connections, 64 MiB) is drawn again at each spike instead of stored, which takes some 35 times
/// as long but no memory.
pub const STORED_WORDS: u64 = 1 << 24;

/// Rows of bits of every projection, and the step's spikes that travel along them.
pub struct Graph {
    /// Per projection: words, source word by source word, each for all targets (padded like a block); empty if not stored.
    pub rows: Vec<Vec<u32>>,
    /// Targets per source word in `rows`.
    pub targets: Vec<usize>,
    /// Spikes of this step as bits, per population.
    pub spikes: Vec<Vec<u32>>,
}

/// Whether the graph of a shape is quenched and small enough to keep.
pub fn wiring_stored(shape: &NetworkShape) -> bool {
    shape.quenched && graph_words(shape) <= STORED_WORDS
}

/// Words of 32 connections in a graph of this shape.
pub fn graph_words(shape: &NetworkShape) -> u64 {
    let words = |proj: &super::shape::ProjectionShape| {
        u64::from(shape.source_words(proj)) * u64::from(shape.populations[proj.target as usize].size)
    };
    shape.projections.iter().map(words).sum()
}

impl Graph {
    /// Connection probability or in-degree of a projection: `connect`.
    pub fn new(shape: &NetworkShape, key: [u32; 4], stored: bool, connect: impl Fn(usize) -> u32) -> Graph {
        let mut graph = Graph { rows: Vec::new(), targets: Vec::new(), spikes: Vec::new() };
        for (proj, projection) in shape.projections.iter().enumerate() {
            let targets = shape.populations[projection.target as usize].size as usize;
            let padded = targets.next_multiple_of(super::member::PADDING);
            graph.targets.push(padded);
            let size = shape.source_neurons(projection);
            graph.rows.push(match (stored && size > 0, projection.indegree) {
                (false, _) => vec![],
                (true, false) => wire(key, proj as u32, size, padded, connect(proj)),
                (true, true) => wire_indegree(key, proj as u32, size, padded, connect(proj)),
            });
        }
        graph.spikes = shape.populations.iter().map(|pop| vec![0; pop.size.div_ceil(32) as usize]).collect();
        graph
    }
}

/// Spikes of the source, as bits, that reach the targets from `index` on through the graph.
#[inline(always)]
pub fn wired_spikes(context: &Context, graph: &Graph, bits: &[u32], proj: u32, index: usize, reached: &mut [u32]) {
    let connect = context.projections[proj as usize].connect;
    let (rows, targets) = (&graph.rows[proj as usize], graph.targets[proj as usize]);
    let mut drawn = [0; CHUNK];
    reached.fill(0);
    for (word, &spikes) in bits.iter().enumerate() {
        if spikes == 0 {
            continue;
        }
        let row = if rows.is_empty() {
            let row = &mut drawn[..reached.len()];
            connected_word(context.shape, context.key, proj, index as u32, word as u32, spikes, connect, row);
            &*row
        } else {
            &rows[word * targets + index..][..reached.len()]
        };
        reached.iter_mut().zip(row).for_each(|(reached, wired)| *reached += (spikes & wired).count_ones());
    }
}

/// Those of the sources 32 `word` .. of projection `proj` that `wanted` names which are connected with the targets from `index` on, as
/// bits, and others perhaps.
#[allow(clippy::too_many_arguments, reason = "which pairs, and where they go")]
#[inline(always)]
fn connected_word(
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
                let counter = [Word(index) + i as u32, Word(8 * word + part), Word(WIRING | (proj << 8)), Word(0)];
                let four = threefry(key, counter).map(|block| u32::from(block >> 1 < Word(connect)));
                *bits |= (four[0] | (four[1] << 1) | (four[2] << 2) | (four[3] << 3)) << (4 * part);
            }
        }
    }
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
fn chosen_by(key: [u32; 4], proj: u32, index: u32) -> [U32; 4] {
    threefry(key, [Word(index), Word(0), Word(WIRING | (proj << 8)), Word(1)])
}

/// All connections of projection `proj` with a fixed in-degree, as [`wire`] has them: the sources of each target one after the other.
fn wire_indegree(key: [u32; 4], proj: u32, size: u32, padded: usize, indegree: u32) -> Vec<u32> {
    let mut rows = vec![0; size.div_ceil(32) as usize * padded];
    let sides = sides(size);
    for target in 0..padded {
        let words = chosen_by(key, proj, target as u32);
        for k in 0..indegree.min(size) {
            let Word(source) = permuted(words, sides, size, k);
            rows[source as usize / 32 * padded + target] |= 1 << (source % 32);
        }
    }
    rows
}

/// All connections of projection `proj`: words of `size` sources, each for `padded` targets.
fn wire(key: [u32; 4], proj: u32, size: u32, padded: usize, connect: u32) -> Vec<u32> {
    let mut rows = vec![0; size.div_ceil(32) as usize * padded];
    for (word, row) in rows.chunks_mut(padded.max(1)).enumerate() {
        wired_word(key, proj, 0, word as u32, u32::MAX, connect, row);
    }
    rows
}
