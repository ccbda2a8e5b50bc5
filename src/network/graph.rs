//! The quenched graph in memory, and the step's spikes that travel along it.

use super::member::{Context, PADDING};
use super::shape::{NetworkShape, ProjectionShape};
use super::wiring::{Wiring, chosen_by, connected_word, wired_four, wired_word};
use crate::random::draws::CHUNK;
use crate::random::permutation::{permuted, sides};
use crate::wgsl::Word;
use multiversion::multiversion;

/// Words of a chunk's targets.
const CHUNK_WORDS: usize = CHUNK / 32;
static NO_ROW: [u32; CHUNK_WORDS] = [0; CHUNK_WORDS];
/// Bits of a count of spikes.
const PLANES: usize = u32::BITS as usize;

/// Rows of bits of every projection, and the step's spikes that travel along them.
pub struct Graph {
    wiring: Wiring,
    rows: Vec<Rows>,
    /// Spikes of this step as bits, per population.
    pub spikes: Vec<Vec<u32>>,
}

/// Of 32 sources, a word for each target; or of each source, a bit for each target.
#[derive(Default)]
struct Rows {
    words: Vec<u32>,
    /// Words of a row.
    stride: usize,
}

impl Graph {
    /// Connection probability or in-degree of a projection: `connect`.
    pub fn new(shape: &NetworkShape, key: [u32; 4], wiring: Wiring, connect: impl Fn(usize) -> u32) -> Graph {
        let wire = |(proj, projection): (usize, &ProjectionShape)| match (wiring, projection.indegree) {
            (Wiring::Drawn, _) => Rows::default(),
            (_, true) => wire_indegree(shape, key, proj, wiring, connect(proj)),
            (Wiring::ByTarget, _) => wire_by_target(shape, key, proj, connect(proj)),
            (Wiring::BySource, _) => wire_by_source(shape, key, proj, connect(proj)),
        };
        Graph {
            wiring,
            rows: shape.projections.iter().enumerate().map(wire).collect(),
            spikes: shape.populations.iter().map(|pop| vec![0; pop.size.div_ceil(32) as usize]).collect(),
        }
    }
}

impl Rows {
    /// No connections, with as many words behind the rows as a chunk may read.
    fn new(shape: &NetworkShape, projection: &ProjectionShape, wiring: Wiring) -> Rows {
        let targets = shape.populations[projection.target as usize].size as usize;
        let (rows, stride) = match wiring {
            Wiring::BySource => (shape.source_neurons(projection), targets.div_ceil(32)),
            _ => (shape.source_words(projection), targets.next_multiple_of(PADDING)),
        };
        Rows { words: vec![0; rows as usize * stride + CHUNK_WORDS], stride }
    }
}

/// Spikes of the source, as bits, that reach the targets from `index` on through the graph.
#[inline(always)]
pub fn wired_spikes(context: &Context, graph: &Graph, bits: &[u32], proj: u32, index: usize, reached: &mut [u32]) {
    let Rows { words, stride } = &graph.rows[proj as usize];
    reached.fill(0);
    if graph.wiring == Wiring::BySource {
        return add_rows(&words[index / 32..], *stride, bits, reached);
    }
    let connect = context.projections[proj as usize].connect;
    let mut drawn = [0; CHUNK];
    for (word, &spikes) in bits.iter().enumerate().filter(|(_, spikes)| **spikes != 0) {
        let row = if graph.wiring == Wiring::ByTarget {
            &words[word * stride + index..][..reached.len()]
        } else {
            let row = &mut drawn[..reached.len()];
            connected_word(context.shape, context.key, proj, index as u32, word as u32, spikes, connect, row);
            &*row
        };
        reached.iter_mut().zip(row).for_each(|(reached, wired)| *reached += (spikes & wired).count_ones());
    }
}

/// Adds the rows of the sources that `bits` names to the counts of a chunk's targets, whose words are the first of each row. Numbers are
/// added bit by bit: the lowest bits of 32 counts are a word, and so are those above.
#[inline(always)]
fn add_rows(rows: &[u32], row_words: usize, bits: &[u32], counts: &mut [u32]) {
    // Words behind a row are of the next one, or of nobody: targets that are not there.
    let row = |source: usize| rows[source * row_words..].first_chunk().expect("rows go on");
    let mut planes = [[0; CHUNK_WORDS]; PLANES];
    let mut four = [&NO_ROW; 4];
    let mut added = 0;
    for (word, &spikes) in bits.iter().enumerate() {
        let mut left = spikes;
        while left != 0 {
            four[added % 4] = row(32 * word + left.trailing_zeros() as usize);
            left &= left - 1;
            added += 1;
            if added % 4 == 0 {
                add_four(&mut planes[..=added.ilog2() as usize], four);
                four = [&NO_ROW; 4];
            }
        }
    }
    if added % 4 > 0 {
        add_four(&mut planes[..=added.ilog2() as usize], four);
    }
    for (exponent, plane) in planes[..added.checked_ilog2().map_or(0, |most| most as usize + 1)].iter().enumerate() {
        for (counts, word) in counts.chunks_mut(32).zip(plane) {
            counts.iter_mut().enumerate().for_each(|(i, count)| *count |= ((word >> i) & 1) << exponent);
        }
    }
}

/// Adds four rows to the numbers whose bits `planes` are, which have room for the sums.
#[inline(always)]
fn add_four(planes: &mut [[u32; CHUNK_WORDS]], [a, b, c, d]: [&[u32; CHUNK_WORDS]; 4]) {
    let mut carry = [0; CHUNK_WORDS];
    let (ones, above) = planes.split_first_mut().expect("a plane of ones");
    let mut twos = [0; CHUNK_WORDS];
    for i in 0..CHUNK_WORDS {
        let (three, first) = add_bits(a[i], b[i], c[i]);
        let second;
        (ones[i], second) = add_bits(ones[i], three, d[i]);
        (twos[i], carry[i]) = add_bits(above.first().map_or(0, |twos| twos[i]), first, second);
    }
    if let Some((above_ones, above)) = above.split_first_mut() {
        *above_ones = twos;
        for plane in above {
            for (sum, carry) in plane.iter_mut().zip(&mut carry) {
                (*sum, *carry) = (*sum ^ *carry, *sum & *carry);
            }
        }
    }
}

/// Sum and carry of three bits, 32 times.
#[inline(always)]
fn add_bits(a: u32, b: u32, c: u32) -> (u32, u32) {
    let either = a ^ b;
    (either ^ c, (a & b) | (either & c))
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

/// All connections of projection `proj`, source word by source word.
fn wire_by_target(shape: &NetworkShape, key: [u32; 4], proj: usize, connect: u32) -> Rows {
    let mut rows = Rows::new(shape, &shape.projections[proj], Wiring::ByTarget);
    for word in 0..shape.source_words(&shape.projections[proj]) {
        let row = &mut rows.words[word as usize * rows.stride..][..rows.stride];
        wired_word(key, proj as u32, 0, word, u32::MAX, connect, row);
    }
    rows
}

/// All connections of projection `proj`, source by source.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn wire_by_source(shape: &NetworkShape, key: [u32; 4], proj: usize, connect: u32) -> Rows {
    let mut rows = Rows::new(shape, &shape.projections[proj], Wiring::BySource);
    let size = shape.source_neurons(&shape.projections[proj]);
    for block in 0..size.div_ceil(4) {
        for word in 0..rows.stride {
            let mut four = [0; 4];
            for i in 0..32 {
                let wired = wired_four(key, proj as u32, 32 * word as u32 + i, block, connect);
                for (bits, wired) in four.iter_mut().zip(wired) {
                    *bits |= wired << i;
                }
            }
            let sources = (4 * block..size).take(4);
            sources.zip(four).for_each(|(source, bits)| rows.words[source as usize * rows.stride + word] = bits);
        }
    }
    rows
}
