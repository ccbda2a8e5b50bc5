//! What `markov` makes of kicks of two stages ([`super::rise`]): moments of both, and their deviations.
//!
//! With k = 1 (stochastic decay) or 0, C the covariance of A and H, and births of mean p c and variance b:
//!
//! | | |
//! |---|---|
//! | s2 | s2 <- (1-q)^2 s2 + r^2 v_A + 2 (1-q) r C + k (q (1-q) mu + r (1-r) mu_A) |
//! | covariance, of either sign | C <- (1-q)(1-r) C + r (1-r) (v_A - k mu_A) |
//! | rising | v_A <- (1-r)^2 v_A + k r (1-r) mu_A + b,  mu_A <- (1-r) mu_A + p c |
//! | pending | mu <- (1-q) mu + r mu_A |
//!
//! and with the coloured closure h_A of each neuron beside h: m = r h_A + sqrt(k r (1-r) mu_A) z2, h <- (1-q) h + m + sqrt(k q (1-q) mu) z1,
//! h_A <- h_A - m + sqrt(b) z3. |C| <= max(s2, v_A), and v_A <= mu_A, all below the kick bound.

use super::chunk::Pass;
use super::fixed::multiply_high_signed;
use super::member::{KICKS_HIGH, fill_more};
use super::parameters::ProjectionParameters;
use super::passes::deviate_risen;
use super::product::multiply_high;
use super::state::ProjectionState;
use crate::random::draws::RISING;
use crate::wgsl::{U32, Word, select};

/// Moments of kicks a step on, given mean and variance of the births; `dies`: at random.
pub fn risen_moments(
    r: &ProjectionParameters,
    dies: bool,
    before: ProjectionState,
    born: U32,
    births: U32,
) -> ProjectionState {
    let (mean, variance) = (Word(before.mean), Word(before.variance));
    let (rising, spread, joint) =
        (Word(before.rising_mean), Word(before.rising_variance), Word(before.covariance as i32));
    let dying = select(Word(0), rising, dies);
    let scattered = multiply_high(dying, Word(r.rise_scatter));
    let kept = variance - multiply_high(variance, Word(r.variance_decay)) + multiply_high(spread, Word(r.rise_square));
    let gained = multiply_high(mean, Word(r.deaths_variance)) + scattered;
    let joined = multiply_high_signed(joint, Word(r.rise_kept)) << 1;
    let variance = ((kept + gained).signed() + joined).max(Word(0)).unsigned();
    let excess = spread.signed() - dying.signed();
    let joint = joint - multiply_high_signed(joint, Word(r.covariance_decay))
        + multiply_high_signed(excess, Word(r.rise_scatter));
    ProjectionState {
        mean: (mean - multiply_high(mean, Word(r.decay)) + multiply_high(rising, Word(r.rise))).0,
        variance: variance.0,
        rising_mean: (rising - multiply_high(rising, Word(r.rise)) + born).0,
        rising_variance: (spread - multiply_high(spread, Word(r.rise_variance)) + scattered + births).0,
        covariance: joint.unsigned().0,
    }
}

/// What has risen of the deviations of a projection's kicks, from two normal variates each, joins those that act; noises as sizes and shifts.
pub fn deviate_rising(pass: &mut Pass, noises: [u32; 2], k: usize, proj: u32) {
    let (context, draw, count, chunk) = (pass.context, pass.draw(RISING), pass.shape().words, pass.chunk);
    let (r, words) = (&context.projections[proj as usize], &mut pass.scratch.large);
    let n = chunk.padded();
    fill_more(words, n, draw, count.max(4), k as u32 >> 2);
    let state = &mut pass.block.state;
    let (kicks, rising) = (chunk.of(&mut state.kicks[k]), chunk.of(&mut state.rising[k]));
    if deviate_risen(context.normal, r, noises, &words[k & 3][..n], chunk.len, rising, kicks) > r.deviation_max {
        *pass.flags |= KICKS_HIGH;
    }
}
