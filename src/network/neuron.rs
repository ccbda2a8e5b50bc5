//! One neuron in one step: drive, voltage, spike, refractoriness, adaptation.
//!
//! Source: Chang et al. (2025), section 2, discretised as their code does; W is the voltage above v_floor (see
//! [`super::arithmetic`]). `snn` and `markov` differ only in the current and conductance that they integrate.

use super::fixed::{multiply_high_signed, shift_rounded};
use super::parameters::PopulationParameters;
use super::product::multiply_high;
use super::scale::DRIFT_POINTS;
use crate::random::draws::{REACH, alias_draw, release_bits};
use crate::random::normal_table::VALUES;
use crate::wgsl::{I32, U32, Word, select};

/// Current of the Gaussian drive: mean + deviation times the normal variate of the lower 12 bits of `word`.
#[inline(always)]
pub fn gaussian_drive(normal: &[i32; VALUES], q: &PopulationParameters, step: [u32; 2], word: U32) -> I32 {
    let z = Word(normal[(word & 0xfff).0 as usize]);
    shift_rounded(z * step[1] as i32, q.drive_shift) + step[0] as i32
}

/// Current of the Poisson drive: kicks drawn from the step's row by the upper 20 bits of `word`.
#[inline(always)]
pub fn poisson_drive(row: &[u32; REACH], q: &PopulationParameters, step: [u32; 2], word: U32) -> I32 {
    let kicks = alias_draw(row, Word(0), step[1], word);
    kicks.signed() * q.drive_kick
}

/// Current of a drift f(V), linear between the points of its table.
#[inline(always)]
pub fn drift(table: &[u32; DRIFT_POINTS], q: &PopulationParameters, voltage: U32) -> I32 {
    let at = (voltage >> q.drift_shift).min(Word(DRIFT_POINTS as u32 - 2)).0 as usize;
    let (below, above) = (Word(table[at] as i32), Word(table[at + 1] as i32));
    below + multiply_high_signed(above - below, voltage << (32 - q.drift_shift))
}

/// A normal variate times a standard deviation.
#[inline(always)]
pub fn noise(z: I32, size_and_shift: u32) -> I32 {
    shift_rounded(z * (size_and_shift & 0xffff) as i32, size_and_shift >> 16)
}

/// W after one step: W + current - W conductance. Negative (as a signed number) below v_floor.
#[inline(always)]
pub fn integrate(q: &PopulationParameters, voltage: U32, current: I32, conductance: U32) -> U32 {
    voltage + shift_rounded(current, q.current_shift).unsigned() - multiply_high(voltage << 2, conductance)
}

/// `integrate` with a conductance of either sign, in units of 2^-28.
#[inline(always)]
pub fn integrate_signed(q: &PopulationParameters, voltage: U32, current: I32, conductance: I32) -> U32 {
    let moved = shift_rounded(current, q.current_shift) - (multiply_high_signed(conductance, voltage << 2) << 2);
    voltage + moved.unsigned()
}

/// Refractory state after a step of exponential refractoriness: 1 while refractory.
#[inline(always)]
pub fn exponential_refractory(q: &PopulationParameters, refractory: U32, fired: bool, word: U32) -> U32 {
    let stays = release_bits(word) >= Word(q.release);
    (refractory | u32::from(fired)) & u32::from(stays)
}

/// Refractory state after a step of fixed refractoriness: the steps still to be missed.
#[inline(always)]
pub fn fixed_refractory(q: &PopulationParameters, refractory: U32, fired: bool) -> U32 {
    let left = refractory.max(Word(1)) - 1;
    select(left, Word(q.refractory_steps), fired)
}

/// Current that adaptation takes away.
#[inline(always)]
pub fn adaptation_current(q: &PopulationParameters, adaptation: U32) -> I32 {
    (adaptation >> q.adaptation_shift).signed()
}

/// Adaptation after a step: decay, and a jump where the neuron fired.
#[inline(always)]
pub fn adapt(q: &PopulationParameters, adaptation: U32, fired: bool) -> U32 {
    let decayed = adaptation - multiply_high(adaptation, Word(q.adaptation_decay));
    select(decayed, decayed + q.adaptation_jump, fired)
}

/// Voltage bin of a neuron, 0 ..= `last`; the lowest takes everything below.
#[inline(always)]
pub fn voltage_bin(q: &PopulationParameters, voltage: U32, last: u32) -> U32 {
    let above = ((voltage >> q.bin_unit).signed() - q.bin_origin).max(Word(0)).unsigned();
    (multiply_high(above, Word(q.bin_scale)) >> q.bin_shift).min(Word(last))
}
