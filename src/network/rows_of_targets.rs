//! A graph as a word of 32 sources for each target, or drawn again at each spike: a neuron looks for the spikes that reach it.

use super::chunk::Context;
use super::rows::Rows;
use super::shape::NetworkShape;
use super::wiring::{Wiring, connected_word, wired_word};
use crate::random::draws::CHUNK;

/// Adds the spikes of the source, as bits, that reach the targets from `index` on.
#[inline(always)]
pub fn wired_spikes(
    context: &Context,
    wiring: Wiring,
    Rows { words, stride }: &Rows,
    bits: &[u32],
    proj: u32,
    index: usize,
    reached: &mut [u32],
) {
    let connect = context.projections[proj as usize].connect;
    let mut drawn = [0; CHUNK];
    for (word, &spikes) in bits.iter().enumerate().filter(|(_, spikes)| **spikes != 0) {
        let row = if wiring == Wiring::ByTarget {
            &words[word * stride + index..][..reached.len()]
        } else {
            let row = &mut drawn[..reached.len()];
            connected_word(context.shape, context.key, proj, index as u32, word as u32, spikes, connect, row);
            &*row
        };
        reached.iter_mut().zip(row).for_each(|(reached, wired)| *reached += (spikes & wired).count_ones());
    }
}

/// All connections of projection `proj`, source word by source word.
pub fn draw_wiring(shape: &NetworkShape, key: [u32; 4], proj: usize, connect: u32) -> Rows {
    let mut rows = Rows::new(shape, &shape.projections[proj], Wiring::ByTarget);
    for word in 0..shape.source_words(&shape.projections[proj]) {
        let row = &mut rows.words[word as usize * rows.stride..][..rows.stride];
        wired_word(key, proj as u32, 0, word, u32::MAX, connect, row);
    }
    rows
}
