//! The quenched graph: a pure function of the member's key, as stored rows of bits or computed again at each spike.
//!
//! Every pair of a source and a target neuron (a neuron and itself too) is connected with probability p, once per
//! realisation.

use super::member::Context;
use super::shape::Shape;
use crate::lanes::{Lanes, U32};
use crate::random::draws::WIRING;
use crate::random::threefry::threefry;

/// A graph above this size (in words of 32 connections) is computed again at each spike instead of stored.
pub const STORED_WORDS: u64 = 1 << 22;

/// Rows of bits of every projection, and the step's spikes that travel along them.
pub struct Graph {
    /// Per projection: words, source word by source word, each for all targets (padded to whole lanes); empty if not stored.
    pub rows: Vec<Vec<u32>>,
    /// Targets per source word in `rows`.
    pub targets: Vec<usize>,
    /// Spikes of this step as bits, per population.
    pub spikes: Vec<Vec<u32>>,
}

/// Whether the graph of a shape is quenched and small enough to keep.
pub fn wiring_stored(shape: &Shape) -> bool {
    shape.quenched && graph_words(shape) <= STORED_WORDS
}

/// Words of 32 connections in a graph of this shape.
pub fn graph_words(shape: &Shape) -> u64 {
    let words = |j: &super::shape::ProjectionShape| {
        let (source, target) = (&shape.populations[j.source as usize], &shape.populations[j.target as usize]);
        u64::from(source.size.div_ceil(32)) * u64::from(target.size)
    };
    shape.projections.iter().map(words).sum()
}

impl Graph {
    pub fn new(shape: &Shape, key: [u32; 4], stored: bool, connect: impl Fn(usize) -> u32) -> Graph {
        let mut graph = Graph { rows: Vec::new(), targets: Vec::new(), spikes: Vec::new() };
        for (j, projection) in shape.projections.iter().enumerate() {
            let targets = shape.populations[projection.target as usize].size as usize;
            let padded = targets.next_multiple_of(super::member::PADDING);
            graph.targets.push(padded);
            let words = if stored { shape.populations[projection.source as usize].size.div_ceil(32) } else { 0 };
            graph.rows.push(wire(key, j as u32, words, padded as u32, connect(j)));
        }
        graph.spikes = shape.populations.iter().map(|p| vec![0; p.size.div_ceil(32) as usize]).collect();
        graph
    }
}

/// Spikes of this step that reach the targets from `index` on through the graph.
#[inline(always)]
pub fn wired_spikes<const L: usize>(context: &Context, graph: &Graph, j: u32, index: usize) -> U32<L> {
    let source = context.shape.projections[j as usize].source as usize;
    let connect = context.projections[j as usize].connect;
    let (rows, targets) = (&graph.rows[j as usize], graph.targets[j as usize]);
    let mut reached = U32::<L>::splat(0);
    for (word, &spikes) in graph.spikes[source].iter().enumerate() {
        if spikes == 0 {
            continue;
        }
        if !rows.is_empty() {
            let row = &rows[word * targets + index..][..L];
            reached = reached + U32::from_fn(|l| (spikes & row[l]).count_ones());
        } else {
            let target = Lanes::from_fn(|l| (index + l) as u32);
            let wired = wired_word(context.key, j, target, word as u32, spikes, connect);
            reached = reached + wired.map(|w| (w & spikes).count_ones());
        }
    }
    reached
}

/// Connections from sources 32 `word` .. of projection j onto targets, as bits; only blocks of four that `wanted` names.
#[inline(always)]
pub fn wired_word<const L: usize>(
    key: [u32; 4],
    j: u32,
    index: U32<L>,
    word: u32,
    wanted: u32,
    connect: u32,
) -> U32<L> {
    let mut bits = U32::<L>::splat(0);
    for part in 0..8 {
        if (wanted >> (4 * part)) & 0xf != 0 {
            let counter = [index, Lanes::splat(8 * word + part), Lanes::splat(WIRING | (j << 8)), Lanes::splat(0)];
            let four = threefry(key, counter).map(|block| (block >> 1).lt(U32::splat(connect)).count());
            bits = bits | ((four[0] | (four[1] << 1) | (four[2] << 2) | (four[3] << 3)) << (4 * part));
        }
    }
    bits
}

/// All connections of projection j: `words` source words, each for `padded` targets.
fn wire(key: [u32; 4], j: u32, words: u32, padded: u32, connect: u32) -> Vec<u32> {
    let mut row = Vec::new();
    for word in 0..words {
        for index in (0..padded).step_by(8) {
            let index = U32::<8>::from_fn(|l| index + l as u32);
            row.extend(wired_word(key, j, index, word, u32::MAX, connect).0);
        }
    }
    row
}
