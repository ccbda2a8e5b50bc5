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

use super::fixed::multiply_high;
use super::member::{Chunk, ChunkScratch, Context, KICKS_HIGH, NeuronBlock};
use crate::random::draws::{
    Draw, LARGE_RISING, RISING, ROWS, UPDATE, fill_words, large_binomial, small_binomial, small_table,
};
use crate::wgsl::Word;

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
        risen.iter_mut().zip(&*rising).for_each(|(m, a)| *m = multiply_high(Word(*a), Word(r.rise)).0);
    } else {
        let words = context.shape.populations[block.population as usize].words.max(4);
        fill_words(large, n, Draw { purpose: RISING, ..draw }, words, k as u32 >> 2);
        let (table, mut all) = (small_table(context.tables, r.rising), 0);
        for (at, (word, a)) in large[k & 3].iter().zip(&*rising).enumerate() {
            risen[at] = small_binomial(table, r.rising_columns, Word(*a), *word).0;
            count[at] = *a;
            all |= *a;
        }
        if all >= ROWS {
            let draw = Draw { purpose: LARGE_RISING | (proj << 8), ..draw };
            large_binomial(context.tables, r.rising_large, draw, count, large, risen);
        }
    }
    for ((kicks, rising), m) in kicks.iter_mut().zip(rising).zip(&*risen) {
        *rising = (Word(*rising) - *m).0;
        *kicks = (Word(*kicks) + *m).0;
    }
    if kicks[..chunk.len].iter().fold(false, |high, &kicks| high | (kicks > r.kicks_max)) {
        *flags |= KICKS_HIGH;
    }
}
