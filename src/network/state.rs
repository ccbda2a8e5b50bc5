//! A member's state as words, in one layout for every backend: what checkpoints hold and sweeps carry on.
//!
//! First the neurons, row by row: one word of every neuron for each field of [`NeuronState`], and for each projection onto
//! it where a field says so. A `markov` member has a [`ProjectionState`] of each projection and a [`PopulationState`] of each
//! population besides. The spikes that have not arrived come last ([`super::ring`]).

use super::arithmetic::{RangeError, Scale};
use super::fields::{Field, shared_struct};
use super::ring::restarted;
use super::shape::{Model, NetworkShape};
use crate::model::{Bins, Network};

/// What becomes of a number when a sweep carries a state on to another point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    Same,
    /// Begins anew.
    Zero,
    /// The same voltage, in the other point's units.
    Voltage,
    /// The same adaptation.
    Adaptation,
    /// The same number of kicks, whose unit changes where it is in fixed point.
    Kicks,
}

/// A number that each neuron keeps, or keeps for each projection onto it.
#[derive(Clone, Copy, Debug)]
pub struct NeuronField {
    pub field: Field,
    pub carry: Carry,
    /// In WGSL, of the population `pop`: whether its neurons use it. Else it stays 0.
    pub used: &'static str,
}

macro_rules! neuron_state {
    (each neuron { $($own:tt)+ } each projection onto it { $($incoming:tt)+ }) => {
        neuron_state! { @fields $($own)+ | $($incoming)+ }
    };
    (@fields $($field:ident: $carry:ident if $used:literal, $unit:literal, $meaning:literal;)+
     | $($kick:ident: $kick_carry:ident if $kick_used:literal, $kick_unit:literal, $kick_meaning:literal;)+) => {
        /// The state of neurons side by side, all of one population.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct NeuronState {
            $(#[doc = concat!($meaning, " \\[", $unit, "\\]")] pub $field: Vec<u32>,)+
            $(#[doc = concat!($kick_meaning, ", of each projection onto them [", $kick_unit, "]")] pub $kick: Vec<Vec<u32>>,)+
        }

        impl NeuronState {
            pub const OWN: &[NeuronField] = &[$(neuron_state!(@field $field $carry $used $unit $meaning)),+];
            pub const INCOMING: &[NeuronField] =
                &[$(neuron_state!(@field $kick $kick_carry $kick_used $kick_unit $kick_meaning)),+];

            /// Zeros for `len` neurons that keep numbers of so many projections onto them, field by field.
            pub fn new(len: usize, incoming: [usize; NeuronState::INCOMING.len()]) -> NeuronState {
                let mut incoming = incoming.into_iter();
                let mut each = || vec![vec![0; len]; incoming.next().unwrap_or(0)];
                NeuronState { $($field: vec![0; len],)+ $($kick: each(),)+ }
            }

            /// The numbers of a row; none where fewer projections enter the population.
            pub(super) fn row(&self, row: Row) -> Option<&Vec<u32>> {
                match row.incoming {
                    None => Some([$(&self.$field),+][row.index]),
                    Some(k) => [$(&self.$kick),+][row.index].get(k),
                }
            }

            pub(super) fn row_mut(&mut self, row: Row) -> Option<&mut Vec<u32>> {
                match row.incoming {
                    None => [$(&mut self.$field),+].into_iter().nth(row.index),
                    Some(k) => [$(&mut self.$kick),+].into_iter().nth(row.index).and_then(|each| each.get_mut(k)),
                }
            }
        }
    };
    (@field $name:ident $carry:ident $used:literal $unit:literal $meaning:literal) => {
        NeuronField {
            field: Field { name: stringify!($name), kind: "u32", unit: $unit, meaning: $meaning },
            carry: Carry::$carry,
            used: $used,
        }
    };
}

/// Numbers that a member keeps besides its neurons.
macro_rules! member_state {
    ($(#[$attribute:meta])+ $name:ident { $($field:ident: $carry:ident, $unit:literal, $meaning:literal;)+ }) => {
        shared_struct! { $(#[$attribute])+ #[derive(Default)] $name { $($field: u32, $unit, $meaning;)+ } }

        impl $name {
            const CARRY: [Carry; Self::FIELDS.len()] = [$(Carry::$carry),+];
        }
    };
}

neuron_state! {
    each neuron {
        voltage: Voltage if "true", "2^-F", "Voltage above v_floor";
        refractory: Same if "true", "steps", "Left before it moves again (fixed), or 1 (exponential); 0: it moves";
        spare_a: Same if "words_of(pop) == 2u", "bits", "A random word for the odd step of a pair";
        spare_b: Same if "words_of(pop) == 2u", "bits", "The word after it";
        adaptation: Adaptation if "has_adaptation(pop)", "2^-(A + adaptation_shift)", "a dt";
        last_spike: Zero if "true", "steps", "Time of its last spike that counts; 0: none yet";
    }
    each projection onto it {
        kicks: Kicks if "true", "1 or 2^-fraction", "Pending kicks; `markov`: their deviation from the mean";
        rising: Kicks if "true", "1 or 2^-fraction", "Kicks that do not act yet, where any rise; `markov`: their deviation from the mean";
    }
}

member_state! {
    /// Moments of the kick count of one target (`markov`).
    ProjectionState {
        mean: Kicks, "2^-fraction kicks", "Mean";
        variance: Kicks, "2^-fraction kicks^2", "Variance";
        rising_mean: Kicks, "2^-fraction kicks", "Mean of the kicks that do not act yet; 0 where none rise";
        rising_variance: Kicks, "2^-fraction kicks^2", "Their variance";
        covariance: Kicks, "2^-fraction kicks^2", "Covariance of both, two's complement";
    }
}

member_state! {
    /// What all neurons of a population share (`markov`).
    PopulationState {
        adaptation: Adaptation, "2^-(A + adaptation_shift)", "a dt";
        spikes: Same, "1", "Spikes of the last step";
    }
}

/// A row of words, one for each neuron of the network.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub field: &'static NeuronField,
    /// Index of the field among the neuron's own, or among those of a projection.
    index: usize,
    /// Which of the projections onto a neuron; `None`: its own.
    pub incoming: Option<usize>,
}

/// Projections onto a neuron of which it keeps numbers, at most: field by field of [`NeuronState::INCOMING`].
pub fn incoming_words(shape: &NetworkShape) -> [usize; NeuronState::INCOMING.len()] {
    let kicks = shape.kick_words_max() as usize;
    [kicks, if shape.has_rise() { kicks } else { 0 }]
}

/// The rows of a state, in order.
pub fn rows(shape: &NetworkShape) -> impl Iterator<Item = Row> + use<> {
    let incoming = incoming_words(shape);
    let own = NeuronState::OWN.iter().enumerate().map(|(index, field)| Row { field, index, incoming: None });
    own.chain(
        NeuronState::INCOMING
            .iter()
            .enumerate()
            .flat_map(move |(index, field)| (0..incoming[index]).map(move |k| Row { field, index, incoming: Some(k) })),
    )
}

/// Words of a member that belong to its neurons.
pub fn neuron_words(shape: &NetworkShape) -> u64 {
    u64::from(shape.neurons()) * rows(shape).count() as u64
}

/// Words of a member.
pub fn state_words(shape: &NetworkShape) -> u64 {
    let [.., ring] = member_words(shape);
    (ring + shape.ring_words()) as u64
}

/// Where the words of a member that belong to its projections begin, those of its populations, and its ring.
pub fn member_words(shape: &NetworkShape) -> [usize; 3] {
    let neurons = neuron_words(shape) as usize;
    if shape.model == Model::Snn {
        return [neurons; 3];
    }
    let populations = neurons + shape.projections.len() * ProjectionState::FIELDS.len();
    [neurons, populations, populations + shape.populations.len() * PopulationState::FIELDS.len()]
}

/// What the words of a point's states stand for.
pub struct Units {
    scales: Vec<Scale>,
    /// Exponents of two of a neuron's adaptation, and of a kick count; `None` where kicks are whole.
    adaptation: Vec<i32>,
    fraction: Vec<Option<i32>>,
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
        for (projection, of_shape) in network.projections.iter().zip(&shape.projections) {
            let parameters = units.scales[projection.target].projection(&network, projection)?;
            let whole = shape.model == Model::Snn && !of_shape.deterministic_decay;
            units.fraction.push((!whole).then_some(parameters.fraction as i32));
        }
        Ok(units)
    }

    /// A voltage in the network's unit.
    pub fn voltage(&self, pop: usize, word: u32) -> f64 {
        self.scales[pop].from_voltage(word)
    }

    /// A kick count; negative where it is a deviation from the mean.
    pub fn kicks(&self, proj: usize, word: u32) -> f64 {
        scaled(f64::from(word as i32), -self.fraction[proj].unwrap_or(0))
    }

    /// A number of population `pop`, or of projection `proj`, in other units.
    fn carried(&self, to: &Units, carry: Carry, pop: usize, proj: usize, word: u32) -> u32 {
        match carry {
            Carry::Same => word,
            Carry::Zero => 0,
            Carry::Voltage => {
                let scale = &to.scales[pop];
                scale.to_voltage(self.voltage(pop, word).max(scale.v_floor)).min(scale.top())
            }
            Carry::Adaptation => {
                let shift = to.adaptation[pop] - self.adaptation[pop];
                scaled(f64::from(word) * to.dt / self.dt, shift).round().min(u32::MAX.into()) as u32
            }
            Carry::Kicks => {
                let shift = to.fraction[proj].unwrap_or(0) - self.fraction[proj].unwrap_or(0);
                scaled(f64::from(word as i32), shift).round() as i32 as u32
            }
        }
    }
}

/// The state at time 0 of a point, carried over from the end, after `step` steps, of another one that differs in numbers at most:
/// the same voltages, kicks, moments and adaptations in the other's units, and the same spikes on their way. Spike times begin anew.
pub fn carried(shape: (&NetworkShape, &NetworkShape), step: u32, words: &[u32], from: &Units, to: &Units) -> Vec<u32> {
    let (shape, next) = shape;
    let [projections, populations, ring] = member_words(shape);
    let (words, spikes) = words.split_at(ring);
    let mut words = words.to_vec();
    let (own, member) = words.split_at_mut(projections);
    for (row, words) in rows(shape).zip(own.chunks_mut(shape.neurons() as usize)) {
        for (pop, population) in shape.populations.iter().enumerate() {
            let proj = match row.incoming.map(|k| population.incoming.get(k)) {
                Some(None) => continue,
                Some(Some(&proj)) => proj as usize,
                None => 0,
            };
            let of_population = &mut words[population.first_neuron as usize..][..population.size as usize];
            of_population.iter_mut().for_each(|word| *word = from.carried(to, row.field.carry, pop, proj, *word));
        }
    }
    if !member.is_empty() {
        let (projections, populations) = member.split_at_mut(populations - projections);
        for (proj, words) in projections.chunks_mut(ProjectionState::FIELDS.len()).enumerate() {
            let each = words.iter_mut().zip(ProjectionState::CARRY);
            each.for_each(|(word, carry)| *word = from.carried(to, carry, 0, proj, *word));
        }
        for (pop, words) in populations.chunks_mut(PopulationState::FIELDS.len()).enumerate() {
            let each = words.iter_mut().zip(PopulationState::CARRY);
            each.for_each(|(word, carry)| *word = from.carried(to, carry, pop, 0, *word));
        }
    }
    let slot = shape.slot_words();
    words.extend(restarted(spikes, slot, step, next.ring_words() / slot));
    words
}

/// x 2^shift.
fn scaled(x: f64, shift: i32) -> f64 {
    x * libm::exp2(f64::from(shift))
}
