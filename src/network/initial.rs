//! The state of a neuron at time 0.

use super::arithmetic::PopulationParameters;
use super::fixed::multiply_high;
use crate::lanes::{Lanes, U32};
use crate::random::draws::INITIAL;
use crate::random::threefry::threefry;

/// Reset, or uniform between reset and threshold.
pub fn initial_voltage<const L: usize>(key: [u32; 4], q: &PopulationParameters, neuron: U32<L>) -> U32<L> {
    let [word, ..] = threefry(key, [neuron, Lanes::splat(0), Lanes::splat(INITIAL), Lanes::splat(0)]);
    multiply_high(word, U32::splat(q.spread)) + q.reset
}
