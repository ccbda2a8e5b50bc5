//! A member's state out of its neurons into words, and back.

use super::shape::NetworkShape;
use super::state::{member_words, neuron_words, rows};
use super::stepping::NetworkMember;

impl NetworkMember {
    /// The state as words.
    pub fn words(&self, shape: &NetworkShape) -> Vec<u32> {
        let neurons = shape.neurons() as usize;
        let mut words = vec![0; neuron_words(shape) as usize];
        for block in &self.blocks {
            let (first, len) = (block.first_neuron(shape) as usize, block.len as usize);
            for (at, row) in rows(shape).enumerate() {
                if let Some(values) = block.state.row(row) {
                    words[at * neurons + first..][..len].copy_from_slice(&values[..len]);
                }
            }
        }
        if let Some(field) = &self.field {
            words.extend::<&[u32]>(bytemuck::cast_slice(&field.projections));
            words.extend::<&[u32]>(bytemuck::cast_slice(&field.populations));
        }
        words.extend(&self.ring.words);
        words
    }

    /// Takes over a state of the same shape.
    pub fn restore(&mut self, shape: &NetworkShape, words: &[u32]) {
        let neurons = shape.neurons() as usize;
        for block in &mut self.blocks {
            let (first, len) = (block.first_neuron(shape) as usize, block.len as usize);
            for (at, row) in rows(shape).enumerate() {
                if let Some(values) = block.state.row_mut(row) {
                    values[..len].copy_from_slice(&words[at * neurons + first..][..len]);
                }
            }
        }
        let [projections, populations, ring] = member_words(shape);
        if let Some(field) = &mut self.field {
            field.projections.copy_from_slice(bytemuck::cast_slice(&words[projections..populations]));
            field.populations.copy_from_slice(bytemuck::cast_slice(&words[populations..ring]));
        }
        self.ring.words.copy_from_slice(&words[ring..]);
    }
}
