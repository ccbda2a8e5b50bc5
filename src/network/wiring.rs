//! The quenched graph: a pure function of the member's key, as stored rows of bits or computed again at each spike.
//!
//! Every pair of a source and a target neuron (a neuron and itself too) is connected with probability p, once per
//! realisation. With a fixed in-degree K, source j and target i are connected where the permutation of i, which makes some number k
//! of j, has k < K: K sources of each target, none twice, and binomial numbers of targets.

use super::member::Context;
use super::shape::{NetworkShape, ProjectionShape};
use crate::random::draws::{CHUNK, WIRING};
use crate::random::permutation::{permuted, permuted_back, sides};
use crate::random::threefry::threefry;
use crate::wgsl::{U32, Word};
use multiversion::multiversion;

/// A graph above this size (in words of 32 connections, 64 MiB) is drawn again at each spike instead of stored, which takes some 35 times
/// as long but no memory.
pub const STORED_WORDS: u64 = 1 << 24;

/// Words of a chunk's targets.
const CHUNK_WORDS: usize = CHUNK / 32;
/// Bits of a count of spikes.
const PLANES: usize = u32::BITS as usize;

/// Rows of bits of every projection, and the step's spikes that travel along them.
pub struct Graph {
    /// Per projection a row of each source, a bit for each target; empty if not stored.
    rows: Vec<Vec<u32>>,
    /// Words of a row.
    row_words: Vec<usize>,
    /// Spikes of this step as bits, per population.
    pub spikes: Vec<Vec<u32>>,
}

/// Whether the graph of a shape is quenched and small enough to keep.
pub fn wiring_stored(shape: &NetworkShape) -> bool {
    shape.quenched && graph_words(shape) <= STORED_WORDS
}

/// Words of 32 connections in a graph of this shape, in rows of sources.
pub fn graph_words(shape: &NetworkShape) -> u64 {
    let words = |proj: &ProjectionShape| {
        u64::from(shape.source_neurons(proj)) * u64::from(shape.populations[proj.target as usize].size.div_ceil(32))
    };
    shape.projections.iter().map(words).sum()
}

impl Graph {
    /// Connection probability or in-degree of a projection: `connect`.
    pub fn new(shape: &NetworkShape, key: [u32; 4], stored: bool, connect: impl Fn(usize) -> u32) -> Graph {
        let mut graph = Graph { rows: Vec::new(), row_words: Vec::new(), spikes: Vec::new() };
        for (proj, projection) in shape.projections.iter().enumerate() {
            let targets = shape.populations[projection.target as usize].size.div_ceil(32) as usize;
            graph.row_words.push(targets);
            let size = shape.source_neurons(projection);
            graph.rows.push(match (stored && size > 0, projection.indegree) {
                (false, _) => vec![],
                (true, false) => wire(key, proj as u32, size, targets, connect(proj)),
                (true, true) => wire_indegree(key, proj as u32, size, targets, connect(proj)),
            });
        }
        graph.spikes = shape.populations.iter().map(|pop| vec![0; pop.size.div_ceil(32) as usize]).collect();
        graph
    }
}

/// Spikes of the source, as bits, that reach the targets from `index` on through the graph.
#[inline(always)]
pub fn wired_spikes(context: &Context, graph: &Graph, bits: &[u32], proj: u32, index: usize, reached: &mut [u32]) {
    let (rows, row_words) = (&graph.rows[proj as usize], graph.row_words[proj as usize]);
    reached.fill(0);
    if !rows.is_empty() {
        return add_rows(&rows[index / 32..], row_words, bits, reached);
    }
    let connect = context.projections[proj as usize].connect;
    let mut drawn = [0; CHUNK];
    let row = &mut drawn[..reached.len()];
    for (word, &spikes) in bits.iter().enumerate().filter(|(_, spikes)| **spikes != 0) {
        connected_word(context.shape, context.key, proj, index as u32, word as u32, spikes, connect, row);
        reached.iter_mut().zip(&*row).for_each(|(reached, wired)| *reached += (spikes & wired).count_ones());
    }
}

/// Adds the rows of the sources that `bits` names to the counts of a chunk's targets, whose words are the first of each row. Numbers are
/// added bit by bit: the lowest bits of 32 counts are a word, and so are those above.
#[inline(always)]
fn add_rows(rows: &[u32], row_words: usize, bits: &[u32], counts: &mut [u32]) {
    let mut planes = [[0; CHUNK_WORDS]; PLANES];
    let mut used = 0;
    for (word, &spikes) in bits.iter().enumerate() {
        let mut left = spikes;
        while left != 0 {
            let source = 32 * word + left.trailing_zeros() as usize;
            left &= left - 1;
            // Words behind a row are of the next one, or of nobody: targets that are not there.
            let mut carry: [u32; CHUNK_WORDS] = *rows[source * row_words..].first_chunk().expect("rows go on");
            let mut plane = 0;
            while carry != [0; CHUNK_WORDS] {
                for (sum, carry) in planes[plane].iter_mut().zip(&mut carry) {
                    (*sum, *carry) = (*sum ^ *carry, *sum & *carry);
                }
                plane += 1;
            }
            used = used.max(plane);
        }
    }
    for (exponent, plane) in planes[..used].iter().enumerate() {
        for (counts, word) in counts.chunks_mut(32).zip(plane) {
            counts.iter_mut().enumerate().for_each(|(i, count)| *count |= ((word >> i) & 1) << exponent);
        }
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
fn wired_word(key: [u32; 4], proj: u32, index: u32, word: u32, wanted: u32, connect: u32, bits: &mut [u32]) {
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
fn wired_four(key: [u32; 4], proj: u32, target: u32, block: u32, connect: u32) -> [u32; 4] {
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
fn chosen_by(key: [u32; 4], proj: u32, index: u32) -> [U32; 4] {
    threefry(key, [Word(index), Word(0), Word(WIRING | (proj << 8)), Word(1)])
}

/// All connections of projection `proj` with a fixed in-degree, as [`wire`] has them: the sources of each target one after the other.
fn wire_indegree(key: [u32; 4], proj: u32, size: u32, row_words: usize, indegree: u32) -> Vec<u32> {
    let mut rows = empty_rows(size, row_words);
    let sides = sides(size);
    for target in 0..32 * row_words {
        let words = chosen_by(key, proj, target as u32);
        for k in 0..indegree.min(size) {
            let Word(source) = permuted(words, sides, size, k);
            rows[source as usize * row_words + target / 32] |= 1 << (target % 32);
        }
    }
    rows
}

/// All connections of projection `proj`: rows of `size` sources, each `row_words` words of targets.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn wire(key: [u32; 4], proj: u32, size: u32, row_words: usize, connect: u32) -> Vec<u32> {
    let mut rows = empty_rows(size, row_words);
    for block in 0..size.div_ceil(4) {
        for word in 0..row_words {
            let mut four = [0; 4];
            for i in 0..32 {
                let wired = wired_four(key, proj, 32 * word as u32 + i, block, connect);
                for (bits, wired) in four.iter_mut().zip(wired) {
                    *bits |= wired << i;
                }
            }
            let sources = (4 * block..size).take(4);
            sources.zip(four).for_each(|(source, bits)| rows[source as usize * row_words + word] = bits);
        }
    }
    rows
}

/// No connections, with as many words behind the rows as a chunk may read.
fn empty_rows(size: u32, row_words: usize) -> Vec<u32> {
    vec![0; size as usize * row_words + CHUNK_WORDS]
}
