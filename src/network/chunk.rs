//! Neurons as the CPU keeps them, and as a step takes them.
//!
//! Blocks are of one population each, so that a step of a large network can be shared out over threads; a block is padded to whole
//! vectors, and padding neither fires nor raises a flag. A step takes a block in chunks, one statement for all neurons of a chunk
//! after the other; what it carries from statement to statement is in [`ChunkScratch`].

use super::dispatch::NetworkDispatch;
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::shape::{NetworkShape, PopulationShape};
use super::state::NeuronState;
use crate::random::draws::{CHUNK, Draw, Words};
use crate::random::normal_table::VALUES;
use crate::wgsl::{I32, U32, Word};

/// Neurons of a block.
pub const TILE: usize = 2048;
/// Neurons that every block is padded to a multiple of.
pub const PADDING: usize = 16;

/// What one member's statements read.
pub struct Context<'a> {
    pub shape: &'a NetworkShape,
    pub populations: &'a [PopulationParameters],
    pub projections: &'a [ProjectionParameters],
    pub tables: &'a [u32],
    pub normal: &'a [i32; VALUES],
    pub drive: &'a [[u32; 2]],
    pub key: [u32; 4],
    pub dispatch: NetworkDispatch,
    /// Voltage bins of each population.
    pub bins: &'a [u32],
}

/// Up to [`TILE`] neurons of one population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeuronBlock {
    pub population: u32,
    /// Index of its first neuron within the population.
    pub first: u32,
    pub len: u32,
    pub state: NeuronState,
    /// Spikes of the last step, as bits.
    pub spikes: Vec<u32>,
    /// The step whose `BIRTHS` words wait, drawn with those of the step before; `u32::MAX`: none.
    pub births_for: u32,
    pub births_a: Vec<u32>,
    pub births_b: Vec<u32>,
}

impl NeuronBlock {
    pub fn new(population: usize, first: u32, len: u32, incoming: [usize; NeuronState::INCOMING.len()]) -> NeuronBlock {
        let padded = (len as usize).next_multiple_of(PADDING);
        let zeros = || vec![0; padded];
        NeuronBlock {
            population: population as u32,
            first,
            len,
            state: NeuronState::new(padded, incoming),
            spikes: vec![0; (len as usize).div_ceil(32)],
            births_for: u32::MAX,
            births_a: zeros(),
            births_b: zeros(),
        }
    }

    /// Index of its first neuron within the network.
    pub fn first_neuron(&self, shape: &NetworkShape) -> u32 {
        shape.populations[self.population as usize].first_neuron + self.first
    }

    /// All of its neurons, in the order that a pass takes them.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk> + use<> {
        let len = self.len as usize;
        (0..len).step_by(CHUNK).map(move |at| Chunk { at, len: (len - at).min(CHUNK) })
    }
}

/// Up to [`CHUNK`] consecutive neurons of a block.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    pub at: usize,
    pub len: usize,
}

impl Chunk {
    /// Neurons with the padding behind them.
    #[inline(always)]
    pub fn padded(self) -> usize {
        self.len.next_multiple_of(PADDING).min(CHUNK)
    }

    /// Its part of a field of the block, with padding.
    #[inline(always)]
    pub fn of(self, values: &mut [u32]) -> &mut [u32] {
        &mut values[self.at..][..self.padded()]
    }
}

/// Numbers of the neurons of one chunk between the statements of a pass.
pub struct ChunkScratch {
    /// Random words of the step: the first block, one after it, and one for large binomials.
    pub words: Words,
    pub later: Words,
    pub large: Words,
    pub current: [I32; CHUNK],
    pub conductance: [U32; CHUNK],
    /// Of `markov`.
    pub signed_conductance: [I32; CHUNK],
    /// Parameters and outcomes of binomial draws.
    pub count: [u32; CHUNK],
    pub drawn: [u32; CHUNK],
    /// 1 where a neuron fires.
    pub fired: [u32; CHUNK],
}

impl ChunkScratch {
    pub fn new() -> Box<ChunkScratch> {
        Box::new(ChunkScratch {
            words: [[Word(0); CHUNK]; 4],
            later: [[Word(0); CHUNK]; 4],
            large: [[Word(0); CHUNK]; 4],
            current: [Word(0); CHUNK],
            conductance: [Word(0); CHUNK],
            signed_conductance: [Word(0); CHUNK],
            count: [0; CHUNK],
            drawn: [0; CHUNK],
            fired: [0; CHUNK],
        })
    }
}

/// A chunk in a step: what its statements read, and what they change.
pub struct Pass<'a, 'b> {
    pub context: &'a Context<'b>,
    pub scratch: &'a mut ChunkScratch,
    /// Flags raised.
    pub flags: &'a mut u32,
    pub block: &'a mut NeuronBlock,
    pub chunk: Chunk,
    pub step: u32,
}

impl<'b> Pass<'_, 'b> {
    #[inline(always)]
    pub fn shape(&self) -> &'b PopulationShape {
        &self.context.shape.populations[self.block.population as usize]
    }

    #[inline(always)]
    pub fn parameters(&self) -> &'b PopulationParameters {
        &self.context.populations[self.block.population as usize]
    }

    /// What its random words are a function of.
    #[inline(always)]
    pub fn draw(&self, purpose: u32) -> Draw {
        let first = self.block.first_neuron(self.context.shape) + self.chunk.at as u32;
        Draw { key: self.context.key, first, step: self.step, purpose }
    }
}
