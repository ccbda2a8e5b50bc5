//! The state of a neuron at time 0.

use super::arithmetic::PopulationParameters;
use super::fixed::multiply_high;
use super::member::{Context, Tile, store};
use crate::lanes::{Lanes, U32};
use crate::random::draws::INITIAL;
use crate::random::threefry::threefry;

/// Sets the lanes of a tile from `at` on to their state at time 0; the rest of it is zero already.
pub fn initial<const L: usize>(context: &Context, tile: &mut Tile, at: usize) {
    let p = tile.population as usize;
    let neuron = tile.index::<L>(at) + context.shape.populations[p].first_neuron;
    store(&mut tile.voltage, at, initial_voltage(context.key, &context.populations[p], neuron));
}

/// Reset, or uniform between reset and threshold.
pub fn initial_voltage<const L: usize>(key: [u32; 4], q: &PopulationParameters, neuron: U32<L>) -> U32<L> {
    let [word, ..] = threefry(key, [neuron, Lanes::splat(0), Lanes::splat(INITIAL), Lanes::splat(0)]);
    multiply_high(word, U32::splat(q.spread)) + q.reset
}
