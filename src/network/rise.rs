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

use super::chunk::{Chunk, ChunkScratch, NeuronBlock, Pass};
use super::member::{KICKS_HIGH, fill_more};
use super::passes::{draw_risen, move_risen, share_risen};
use crate::random::draws::{Draw, LARGE_RISING, RISING, ROWS, large_binomial, small_table};

/// Where births of a projection go: its rising kicks.
pub fn rise(block: &mut NeuronBlock, chunk: Chunk, k: usize) -> &mut [u32] {
    chunk.of(&mut block.state.rising[k])
}

/// Kicks of one projection that have risen begin to act. A call, as in [`super::passes`].
#[inline(never)]
pub fn add_risen(pass: &mut Pass, k: usize, proj: u32) {
    let (context, draw, words, chunk) = (pass.context, pass.draw(RISING), pass.shape().words, pass.chunk);
    let r = &context.projections[proj as usize];
    let n = chunk.padded();
    let ChunkScratch { large, count, drawn, .. } = &mut *pass.scratch;
    let (count, risen) = (&mut count[..n], &mut drawn[..n]);
    let state = &mut pass.block.state;
    let (kicks, rising) = (chunk.of(&mut state.kicks[k]), chunk.of(&mut state.rising[k]));
    if context.shape.projections[proj as usize].deterministic_decay {
        share_risen(r, rising, risen);
    } else {
        fill_more(large, n, draw, words.max(4), k as u32 >> 2);
        let all = draw_risen(small_table(context.tables, r.rising), r, &large[k & 3], rising, count, risen);
        if all >= ROWS {
            let draw = Draw { purpose: LARGE_RISING | (proj << 8), ..draw };
            large_binomial(context.tables, r.rising_large, draw, count, large, risen);
        }
    }
    if move_risen(risen, chunk.len, rising, kicks) > r.kicks_max {
        *pass.flags |= KICKS_HIGH;
    }
}
