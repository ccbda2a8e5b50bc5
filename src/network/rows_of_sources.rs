//! A graph as a row of each source, a bit for each target: what arrives in a step is counted for many targets at a time. Numbers are
//! added bit by bit: the lowest bits of 32 counts are a word, and so are those above.

use super::rows::{CHUNK_WORDS, Rows};
use super::shape::NetworkShape;
use super::wiring::{Wiring, wired_four};
use multiversion::multiversion;

static NO_ROW: [u32; CHUNK_WORDS] = [0; CHUNK_WORDS];
/// Bits of a count of spikes.
const PLANES: usize = u32::BITS as usize;

/// Sum and carry of three bits, 32 times.
#[inline(always)]
fn added(a: u32, b: u32, c: u32) -> (u32, u32) {
    let either = a ^ b;
    (either ^ c, (a & b) | (either & c))
}

/// Adds four rows to the numbers whose bits `planes` are, which have room for the sums.
#[inline(always)]
fn add_four(planes: &mut [[u32; CHUNK_WORDS]], [a, b, c, d]: [&[u32; CHUNK_WORDS]; 4]) {
    let mut carry = [0; CHUNK_WORDS];
    let (ones, above) = planes.split_first_mut().expect("a plane of ones");
    let mut twos = [0; CHUNK_WORDS];
    for i in 0..CHUNK_WORDS {
        let (three, first) = added(a[i], b[i], c[i]);
        let second;
        (ones[i], second) = added(ones[i], three, d[i]);
        (twos[i], carry[i]) = added(above.first().map_or(0, |twos| twos[i]), first, second);
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

/// Adds the rows of the sources that `bits` names to the counts of a chunk's targets, from `index` on.
#[inline(always)]
pub fn wired_spikes(rows: &Rows, bits: &[u32], index: usize, counts: &mut [u32]) {
    let (rows, row_words) = (&rows.words[index / 32..], rows.stride);
    // Words behind a row are of the next one, or of nobody: targets that are not there.
    let row = |source: usize| rows[source * row_words..].first_chunk().expect("rows go on");
    let mut planes = [[0; CHUNK_WORDS]; PLANES];
    let mut four = [&NO_ROW; 4];
    let mut read = 0;
    for (word, &spikes) in bits.iter().enumerate() {
        let mut left = spikes;
        while left != 0 {
            four[read % 4] = row(32 * word + left.trailing_zeros() as usize);
            left &= left - 1;
            read += 1;
            if read % 4 == 0 {
                add_four(&mut planes[..=read.ilog2() as usize], four);
                four = [&NO_ROW; 4];
            }
        }
    }
    if read % 4 > 0 {
        add_four(&mut planes[..=read.ilog2() as usize], four);
    }
    for (exponent, plane) in planes[..read.checked_ilog2().map_or(0, |most| most as usize + 1)].iter().enumerate() {
        for (counts, word) in counts.chunks_mut(32).zip(plane) {
            counts.iter_mut().enumerate().for_each(|(i, count)| *count |= ((word >> i) & 1) << exponent);
        }
    }
}

/// All connections of projection `proj`, source by source.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn draw_wiring(shape: &NetworkShape, key: [u32; 4], proj: usize, connect: u32) -> Rows {
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
