//! The quenched graph in memory, and the step's spikes that travel along it.

use super::chunk::Context;
use super::rows::Rows;
use super::shape::{NetworkShape, ProjectionShape};
use super::wiring::{Wiring, chosen_by};
use super::{rows_of_sources, rows_of_targets};
use crate::random::permutation::{permuted, sides};
use crate::wgsl::Word;

/// Rows of bits of every projection, and the step's spikes that travel along them.
pub struct Graph {
    wiring: Wiring,
    rows: Vec<Rows>,
    /// Spikes of this step as bits, per population.
    pub spikes: Vec<Vec<u32>>,
}

impl Graph {
    /// Connection probability or in-degree of a projection: `connect`.
    pub fn new(shape: &NetworkShape, key: [u32; 4], wiring: Wiring, connect: impl Fn(usize) -> u32) -> Graph {
        let wire = |(proj, projection): (usize, &ProjectionShape)| match (wiring, projection.indegree) {
            (Wiring::Drawn, _) => Rows::default(),
            (_, true) => wire_indegree(shape, key, proj, wiring, connect(proj)),
            (Wiring::ByTarget, _) => rows_of_targets::draw_wiring(shape, key, proj, connect(proj)),
            (Wiring::BySource, _) => rows_of_sources::draw_wiring(shape, key, proj, connect(proj)),
        };
        Graph {
            wiring,
            rows: shape.projections.iter().enumerate().map(wire).collect(),
            spikes: shape.populations.iter().map(|pop| vec![0; pop.size.div_ceil(32) as usize]).collect(),
        }
    }
}

/// Spikes of the source, as bits, that reach the targets from `index` on through the graph.
#[inline(always)]
pub fn wired_spikes(context: &Context, graph: &Graph, bits: &[u32], proj: u32, index: usize, reached: &mut [u32]) {
    reached.fill(0);
    let rows = &graph.rows[proj as usize];
    match graph.wiring {
        Wiring::BySource => rows_of_sources::wired_spikes(rows, bits, index, reached),
        wiring => rows_of_targets::wired_spikes(context, wiring, rows, bits, proj, index, reached),
    }
}

/// All connections of projection `proj` with a fixed in-degree: the sources of each target one after the other.
fn wire_indegree(shape: &NetworkShape, key: [u32; 4], proj: usize, wiring: Wiring, indegree: u32) -> Rows {
    let projection = &shape.projections[proj];
    let mut rows = Rows::new(shape, projection, wiring);
    let size = shape.source_neurons(projection);
    let sides = sides(size);
    for target in 0..shape.populations[projection.target as usize].size {
        let words = chosen_by(key, proj as u32, target);
        for k in 0..indegree.min(size) {
            let Word(source) = permuted(words, sides, size, k);
            let (row, word, bit) = match wiring {
                Wiring::BySource => (source, target / 32, target % 32),
                _ => (source / 32, target, source % 32),
            };
            rows.words[row as usize * rows.stride + word as usize] |= 1 << bit;
        }
    }
    rows
}
