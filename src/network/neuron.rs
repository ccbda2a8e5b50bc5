//! One neuron in one step: drive, voltage, spike, refractoriness, adaptation.
//!
//! Source: Chang et al. (2025), section 2, discretised as their code does; W is the voltage above v_floor (see
//! [`super::arithmetic`]). `snn` and `markov` differ only in the current and conductance that they integrate.

use super::arithmetic::PopulationParameters;
use super::fixed::{multiply_high, multiply_high_signed, shift_rounded};
use crate::lanes::{I32, Mask, U32, select};
use crate::random::draws::{alias_draw, release_bits};
use crate::random::normal_table::VALUES;

/// Current of the Gaussian drive: mean + deviation times the normal variate of the lower 12 bits of `word`.
#[inline(always)]
pub fn gaussian_drive<const L: usize>(
    normal: &[i32; VALUES],
    q: &PopulationParameters,
    step: [u32; 2],
    word: U32<L>,
) -> I32<L> {
    let z = word.map(|w| normal[(w & 0xfff) as usize]);
    shift_rounded(z * step[1] as i32, q.drive_shift) + step[0] as i32
}

/// Current of the Poisson drive: kicks drawn from the step's row by the upper 20 bits of `word`.
#[inline(always)]
pub fn poisson_drive<const L: usize>(tables: &[u32], q: &PopulationParameters, step: [u32; 2], word: U32<L>) -> I32<L> {
    let kicks = alias_draw(tables, U32::splat(step[0]), step[1], word);
    kicks.signed() * q.drive_kick
}

/// W after one step: W + current - W conductance. Negative (as a signed number) below v_floor.
#[inline(always)]
pub fn integrate<const L: usize>(
    q: &PopulationParameters,
    voltage: U32<L>,
    current: I32<L>,
    conductance: U32<L>,
) -> U32<L> {
    voltage + shift_rounded(current, q.current_shift).unsigned() - multiply_high(voltage << 2, conductance)
}

/// `integrate` with a conductance of either sign, in units of 2^-28.
#[inline(always)]
pub fn integrate_signed<const L: usize>(
    q: &PopulationParameters,
    voltage: U32<L>,
    current: I32<L>,
    conductance: I32<L>,
) -> U32<L> {
    let moved = shift_rounded(current, q.current_shift) - (multiply_high_signed(conductance, voltage << 2) << 2);
    voltage + moved.unsigned()
}

/// Refractory state after a step of exponential refractoriness: 1 while refractory.
#[inline(always)]
pub fn exponential_refractory<const L: usize>(
    q: &PopulationParameters,
    refractory: U32<L>,
    fired: Mask<L>,
    word: U32<L>,
) -> U32<L> {
    let stays = !release_bits(word).lt(U32::splat(q.release));
    (refractory | fired.count()) & stays.count()
}

/// Refractory state after a step of fixed refractoriness: the steps still to be missed.
#[inline(always)]
pub fn fixed_refractory<const L: usize>(q: &PopulationParameters, refractory: U32<L>, fired: Mask<L>) -> U32<L> {
    let left = refractory.max(U32::splat(1)) - 1;
    select(left, U32::splat(q.refractory_steps), fired)
}

/// Current that adaptation takes away.
#[inline(always)]
pub fn adaptation_current<const L: usize>(q: &PopulationParameters, adaptation: U32<L>) -> I32<L> {
    (adaptation >> q.adaptation_shift).signed()
}

/// Adaptation after a step: decay, and a jump where the neuron fired.
#[inline(always)]
pub fn adapt<const L: usize>(q: &PopulationParameters, adaptation: U32<L>, fired: Mask<L>) -> U32<L> {
    let decayed = adaptation - multiply_high(adaptation, U32::splat(q.adaptation_decay));
    select(decayed, decayed + q.adaptation_jump, fired)
}

/// Voltage bin of a neuron, 0 ..= `last`; the lowest takes everything below.
#[inline(always)]
pub fn voltage_bin<const L: usize>(q: &PopulationParameters, voltage: U32<L>, last: u32) -> U32<L> {
    let above = (voltage.signed() - q.bin_origin).max(I32::splat(0)).unsigned();
    (((above >> 14) * q.bin_scale) >> q.bin_shift).min(U32::splat(last))
}
