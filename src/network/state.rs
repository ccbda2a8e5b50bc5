//! A member's state as words, in one layout for every backend: what checkpoints hold and sweeps carry on.
//!
//! Field-major, `neurons` words each: voltage, refractory, two spare random words, adaptation, last spike, then the kicks of
//! each incoming projection. `markov` adds mean and variance of each projection, then adaptation and last spike count
//! of each population.

use super::arithmetic::{RangeError, Scale};
use super::shape::NetworkShape;
use super::stepping::NetworkMember;
use crate::model::{Bins, Network};

/// Words of a neuron besides its kicks.
pub const NEURON_WORDS: u32 = 6;
const VOLTAGE: usize = 0;
const ADAPTATION: usize = 4;
const LAST_SPIKE: usize = 5;

/// Words of a member.
pub fn state_words(shape: &NetworkShape) -> u64 {
    u64::from(shape.neurons()) * u64::from(NEURON_WORDS + shape.kick_words_max()) + u64::from(shape.member_words())
}

impl NetworkMember {
    /// The state as words.
    pub fn words(&self, shape: &NetworkShape) -> Vec<u32> {
        let neurons = shape.neurons() as usize;
        let mut words = vec![0; state_words(shape) as usize];
        for block in &self.blocks {
            let first = shape.populations[block.population as usize].first_neuron as usize + block.first as usize;
            let fields = [
                &block.voltage,
                &block.refractory,
                &block.spare_a,
                &block.spare_b,
                &block.adaptation,
                &block.last_spike,
            ];
            for (field, values) in fields.into_iter().chain(&block.kicks).enumerate() {
                let len = block.len as usize;
                words[field * neurons + first..][..len].copy_from_slice(&values[..len]);
            }
        }
        if let Some(field) = &self.field {
            let tail = words.len() - shape.member_words() as usize;
            let moments = field.moments.iter().flat_map(|m| [m.mean, m.variance]);
            let populations = field.adaptation.iter().zip(&field.counts).flat_map(|(&a, &c)| [a, c]);
            words[tail..].iter_mut().zip(moments.chain(populations)).for_each(|(word, value)| *word = value);
        }
        words
    }

    /// Takes over a state of the same shape.
    pub fn restore(&mut self, shape: &NetworkShape, words: &[u32]) {
        let neurons = shape.neurons() as usize;
        for block in &mut self.blocks {
            let first = shape.populations[block.population as usize].first_neuron as usize + block.first as usize;
            let len = block.len as usize;
            let fields = [
                &mut block.voltage,
                &mut block.refractory,
                &mut block.spare_a,
                &mut block.spare_b,
                &mut block.adaptation,
                &mut block.last_spike,
            ];
            for (field, values) in fields.into_iter().chain(&mut block.kicks).enumerate() {
                values[..len].copy_from_slice(&words[field * neurons + first..][..len]);
            }
        }
        if let Some(field) = &mut self.field {
            let tail = &words[words.len() - shape.member_words() as usize..];
            let (moments, populations) = tail.split_at(2 * field.moments.len());
            for (moments, pair) in field.moments.iter_mut().zip(moments.chunks(2)) {
                (moments.mean, moments.variance) = (pair[0], pair[1]);
            }
            for (pop, pair) in populations.chunks(2).enumerate() {
                (field.adaptation[pop], field.counts[pop]) = (pair[0], pair[1]);
            }
        }
    }
}

/// What the words of a point's states stand for.
pub struct Units {
    scales: Vec<Scale>,
    /// Exponents of two of a neuron's adaptation and of a fixed-point kick count.
    adaptation: Vec<i32>,
    fraction: Vec<i32>,
    dt: f64,
}

impl Units {
    pub fn new(network: &Network, shape: &NetworkShape, bins: &[Bins]) -> Result<Units, RangeError> {
        let network = shape.model.network(network);
        let mut units = Units { scales: vec![], adaptation: vec![], fraction: vec![], dt: network.dt };
        for (pop, population) in network.populations.iter().enumerate() {
            let scale = Scale::new(&network, pop, shape.model)?;
            let shift = scale.population(population, bins[pop]).adaptation_shift;
            units.adaptation.push(scale.current + shift as i32);
            units.scales.push(scale);
        }
        for projection in &network.projections {
            let parameters = units.scales[projection.target].projection(&network, projection)?;
            units.fraction.push(parameters.fraction as i32);
        }
        Ok(units)
    }
}

/// The state at time 0 of a point, carried over from the end of another one with the same shape: the same voltages, kicks,
/// moments and adaptations in the other's units. Spike times begin anew.
pub fn carried(shape: &NetworkShape, words: &[u32], from: &Units, to: &Units) -> Vec<u32> {
    let neurons = shape.neurons() as usize;
    let mut words = words.to_vec();
    let adaptation = |pop: usize, a: u32| {
        scaled(f64::from(a) * to.dt / from.dt, to.adaptation[pop] - from.adaptation[pop], u32::MAX.into()) as u32
    };
    for (pop, population) in shape.populations.iter().enumerate() {
        let first = population.first_neuron as usize;
        let mut each = |field: usize, convert: &dyn Fn(u32) -> u32| {
            let of_population = &mut words[field * neurons + first..][..population.size as usize];
            of_population.iter_mut().for_each(|word| *word = convert(*word));
        };
        let (old, new) = (&from.scales[pop], &to.scales[pop]);
        each(VOLTAGE, &|w| new.to_voltage(old.from_voltage(w).max(new.v_floor)).min(new.top()));
        each(ADAPTATION, &|a| adaptation(pop, a));
        each(LAST_SPIKE, &|_| 0);
        for (k, &proj) in population.incoming.iter().take(shape.kick_words(pop) as usize).enumerate() {
            let proj = proj as usize;
            let shift = to.fraction[proj] - from.fraction[proj];
            let field = NEURON_WORDS as usize + k;
            if shape.model != super::shape::Model::Snn {
                each(field, &|h| scaled(f64::from(h as i32), shift, i32::MAX.into()) as i32 as u32);
            } else if shape.projections[proj].deterministic_decay {
                each(field, &|h| scaled(f64::from(h), shift, i32::MAX.into()) as u32);
            }
        }
    }
    let tail = words.len() - shape.member_words() as usize;
    if tail < words.len() {
        let (moments, populations) = words[tail..].split_at_mut(2 * shape.projections.len());
        for (proj, pair) in moments.chunks_mut(2).enumerate() {
            let shift = to.fraction[proj] - from.fraction[proj];
            pair.iter_mut().for_each(|m| *m = scaled(f64::from(*m), shift, i32::MAX.into()) as u32);
        }
        for (pop, pair) in populations.chunks_mut(2).enumerate() {
            pair[0] = adaptation(pop, pair[0]);
        }
    }
    words
}

/// x 2^shift to the nearest integer, at most `most` in size.
fn scaled(x: f64, shift: i32, most: f64) -> f64 {
    (x * libm::exp2(f64::from(shift))).round().clamp(-most, most)
}
