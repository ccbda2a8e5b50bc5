//! The state of a neuron at time 0.

use super::chunk::{Context, NeuronBlock};
use super::parameters::PopulationParameters;
use super::product::multiply_high;
use crate::random::draws::INITIAL;
use crate::random::threefry::threefry;
use crate::wgsl::{U32, Word};

/// Sets a block to its state at time 0; the rest of it is zero already.
pub fn initial(context: &Context, block: &mut NeuronBlock) {
    let q = &context.populations[block.population as usize];
    let first = block.first_neuron(context.shape);
    for (i, voltage) in block.state.voltage.iter_mut().enumerate() {
        *voltage = initial_voltage(context.key, q, Word(first) + i as u32).0;
    }
}

/// Where all start, or uniform above it.
fn initial_voltage(key: [u32; 4], q: &PopulationParameters, neuron: U32) -> U32 {
    let [word, ..] = threefry(key, [neuron, Word(0), Word(INITIAL), Word(0)]);
    multiply_high(word, Word(q.spread)) + q.start
}
