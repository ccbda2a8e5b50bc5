//! Kicks of two stages: those that are born rise first, those that have risen act and die.
//!
//! With A rising and H pending kicks, r and q the shares of a step, everything on the right as it was,
//!
//! | | stochastic decay | deterministic |
//! |---|---|---|
//! | risen | m ~ Binomial(A, r) | m = r A |
//! | pending | H <- H - Binomial(H, q) + m | H <- (1-q) H + m |
//! | rising | A <- A - m + births | the same |
//!
//! [`super::rise_moments`] has what `markov` makes of them.

use super::member::{Chunk, ChunkScratch, Context, KICKS_HIGH, NeuronBlock};
use super::passes::{draw_risen, move_risen, share_risen};
use crate::random::draws::{Draw, LARGE_RISING, RISING, ROWS, UPDATE, large_binomial, small_table};

/// Where births of a projection go: its rising kicks.
pub fn rise(block: &mut NeuronBlock, chunk: Chunk, k: usize) -> &mut [u32] {
    chunk.of(&mut block.state.rising[k])
}

/// Kicks of one projection that have risen begin to act. A call, as in [`super::passes`].
#[inline(never)]
#[allow(clippy::too_many_arguments, reason = "what a step reads, and what it changes")]
pub fn add_risen(
    context: &Context,
    scratch: &mut ChunkScratch,
    flags: &mut u32,
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
    k: usize,
    proj: u32,
) {
    let r = &context.projections[proj as usize];
    let n = chunk.padded();
    let draw = block.draw(context, chunk, step, UPDATE);
    let ChunkScratch { large, count, drawn, .. } = scratch;
    let (count, risen) = (&mut count[..n], &mut drawn[..n]);
    let (kicks, rising) = (chunk.of(&mut block.state.kicks[k]), chunk.of(&mut block.state.rising[k]));
    if context.shape.projections[proj as usize].deterministic_decay {
        share_risen(r, rising, risen);
    } else {
        let (table, words) =
            (small_table(context.tables, r.rising), context.shape.populations[block.population as usize].words);
        let all = draw_risen(table, r, large, Draw { purpose: RISING, ..draw }, words, k, rising, count, risen);
        if all >= ROWS {
            let draw = Draw { purpose: LARGE_RISING | (proj << 8), ..draw };
            large_binomial(context.tables, r.rising_large, draw, count, large, risen);
        }
    }
    if move_risen(risen, chunk.len, rising, kicks) > r.kicks_max {
        *flags |= KICKS_HIGH;
    }
}
