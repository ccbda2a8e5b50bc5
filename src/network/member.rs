//! What a backend holds of one member: the neurons' state, the spikes of the step, and what goes out of a dispatch.
//!
//! The CPU keeps neurons in blocks of one population each, so that a step of a large network can be shared out over threads;
//! a block is padded to whole vectors, and padding neither fires nor raises a flag. A pass takes a block in chunks, one statement
//! for all neurons of a chunk after the other; what it carries from statement to statement is in [`ChunkScratch`].

use super::fields::{shared_struct, vec4u};
use super::neuron::{exponential_refractory, fixed_refractory};
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::shape::NetworkShape;
use super::state::NeuronState;
use crate::random::draws::{CHUNK, Draw, Words, fill_words};
use crate::random::normal_table::VALUES;
use crate::wgsl::{I32, U32, Word, select};
use bytemuck::Zeroable;
use multiversion::multiversion;

/// A voltage fell below v_floor.
pub const VOLTAGE_LOW: u32 = 1;
/// A kick count exceeded its bound.
pub const KICKS_HIGH: u32 = 2;
/// A kernel without large binomials met a count that needs one: a kernel that has them does the dispatch again.
pub const COUNT_LARGE: u32 = 4;
/// Neurons of a block.
pub const TILE: usize = 2048;
/// Neurons that every block is padded to a multiple of.
pub const PADDING: usize = 16;

shared_struct! {
    /// One member of a batch.
    MemberParameters {
        key: vec4u, "words", "Key of its random numbers";
        point: u32, "points", "Index of its parameter point within the batch";
        padding_a: u32, "words", "Nothing";
        padding_b: u32, "words", "Nothing";
        padding_c: u32, "words", "Nothing";
    }
}

impl MemberParameters {
    pub fn new(key: [u32; 4], point: u32) -> MemberParameters {
        MemberParameters { key, point, ..MemberParameters::zeroed() }
    }
}

shared_struct! {
    /// Steps that a batch does in one go.
    NetworkDispatch {
        first_step: u32, "steps", "Step that the dispatch begins with";
        steps: u32, "steps", "How many it does";
        members: u32, "members", "All of the batch";
        discard_steps: u32, "steps", "Spikes and samples count from the end of this step on";
        sample_every: u32, "steps", "From one sample to the next";
        samples: u32, "samples", "All of the dispatch";
        state_stride: u32, "words", "State of a member";
        output_stride: u32, "words", "Output of a member";
        row: u32, "workgroups", "Row of the dispatch grid";
        first_member: u32, "members", "The first whose wiring is drawn";
        padding_b: u32, "words", "Nothing";
        padding_c: u32, "words", "Nothing";
    }
}

impl NetworkDispatch {
    /// A dispatch of `steps` from `first_step`; members, strides and row are for the device that lays out the batch.
    pub fn new(first_step: u32, steps: u32, discard_steps: u32, sample_every: u32) -> NetworkDispatch {
        let due = |until: u32| until.max(discard_steps) / sample_every;
        NetworkDispatch {
            first_step,
            steps,
            discard_steps,
            sample_every,
            samples: due(first_step + steps) - due(first_step),
            ..NetworkDispatch::zeroed()
        }
    }
}

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

impl Context<'_> {
    /// Mean and deviation of a population's drive in a step, or row and columns of its table.
    #[inline(always)]
    pub fn drive_of(&self, q: &PopulationParameters, step: u32) -> [u32; 2] {
        self.drive[(q.drive + q.drive_stride * (step - self.dispatch.first_step)) as usize]
    }

    /// Row and columns of the table of a source's births in a step, or (`markov`) those of the step before.
    #[inline(always)]
    pub fn births_outside(&self, r: &ProjectionParameters, step: u32) -> [u32; 2] {
        self.drive[(r.outside + r.outside_stride * (step - self.dispatch.first_step)) as usize]
    }
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

    /// What the words of its chunk are a function of.
    pub fn draw(&self, context: &Context, chunk: Chunk, step: u32, purpose: u32) -> Draw {
        let first = self.first_neuron(context.shape) + chunk.at as u32;
        Draw { key: context.key, first, step, purpose }
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

/// What one member hands over after a dispatch, in the layout of the device's output buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkOutput {
    /// Steps done.
    pub steps: u32,
    pub flags: u32,
    /// Spikes per step and population.
    pub counts: Vec<u32>,
    /// Per sample: refractory neurons of each population, then kicks of each projection.
    pub samples: Vec<u32>,
    /// Per population: neurons per voltage bin, summed over samples.
    pub voltage: Vec<u32>,
    /// Per population: interspike intervals, their number, sum and sum of squares in steps (pairs of words).
    pub intervals: Vec<u32>,
}

/// Adds a number of two words to a pair of words.
pub fn add_wide(sum: &mut [u32], low: u32, high: u32) {
    let (value, carry) = sum[0].overflowing_add(low);
    sum[0] = value;
    sum[1] = sum[1].wrapping_add(high + u32::from(carry));
}

/// Books the spike of a neuron at time `now` (in steps) and returns its new last_spike.
pub fn book_spike(dispatch: &NetworkDispatch, intervals: &mut [u32], last_spike: u32, now: u32) -> u32 {
    if now <= dispatch.discard_steps {
        return 0;
    }
    if last_spike > 0 {
        let interval = now - last_spike;
        intervals[0] += 1;
        add_wide(&mut intervals[1..3], interval, 0);
        let square = u64::from(interval) * u64::from(interval);
        add_wide(&mut intervals[3..5], square as u32, (square >> 32) as u32);
    }
    now
}

/// The first block of a step's words; where two words serve a step, the second half of a block waits for the odd step.
#[inline(always)]
pub fn step_words(words: &mut Words, block: &mut NeuronBlock, chunk: Chunk, draw: Draw, count: u32) {
    let (spare_a, spare_b) = (chunk.of(&mut block.state.spare_a), chunk.of(&mut block.state.spare_b));
    if count == 2 && draw.step & 1 == 1 {
        let [a, b, ..] = words;
        take(spare_a, a);
        take(spare_b, b);
    } else {
        fill_words(words, spare_a.len(), draw, count, 0);
        if count == 2 {
            let [_, _, c, d] = words;
            keep(c, spare_a);
            keep(d, spare_b);
        }
    }
}

/// The block of later words that projection `k` onto the neurons draws from, or the Poisson drive after the last.
#[inline(always)]
pub fn later_words(later: &mut Words, n: usize, draw: Draw, count: u32, k: usize) {
    if k > 0 && k & 3 == 0 {
        fill_more(later, n, draw, count, k as u32 >> 2);
    }
}

/// Words of block `part` of a step. A call, as in [`super::passes`].
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn fill_more(words: &mut Words, n: usize, draw: Draw, count: u32, part: u32) {
    fill_words(words, n, draw, count, part);
}

/// The block of words of births that projections from `4 part` on draw from; where two words serve a step, an odd step takes the second half only if the even step had births too.
#[inline(always)]
pub fn birth_words(words: &mut Words, block: &mut NeuronBlock, chunk: Chunk, draw: Draw, count: u32, part: u32) {
    let (spare_a, spare_b) = (chunk.of(&mut block.births_a), chunk.of(&mut block.births_b));
    if block.births_for == draw.step {
        let [_, _, c, d] = words;
        take(spare_a, c);
        take(spare_b, d);
    } else {
        fill_words(words, spare_a.len(), draw, count, part);
        if count == 2 && draw.step & 1 == 0 {
            let [_, _, c, d] = words;
            keep(c, spare_a);
            keep(d, spare_b);
            block.births_for = draw.step + 1;
        }
    }
}

#[inline(always)]
fn keep(words: &[U32; CHUNK], spare: &mut [u32]) {
    spare.iter_mut().zip(words).for_each(|(spare, word)| *spare = word.0);
}

#[inline(always)]
fn take(spare: &[u32], words: &mut [U32; CHUNK]) {
    words.iter_mut().zip(spare).for_each(|(word, spare)| *word = Word(*spare));
}

/// Voltage, threshold and refractoriness, given where a neuron that is not refractory moves; whether the neuron fires.
#[inline(always)]
pub fn settle(
    q: &PopulationParameters,
    fixed: bool,
    flags: &mut u32,
    voltage: &mut u32,
    refractory: &mut u32,
    moved: U32,
    release: U32,
) -> bool {
    let moves = *refractory == 0;
    let after = select(Word(*voltage), moved, moves);
    let low = after.signed() < Word(0);
    let fired = after.signed() > Word(q.threshold as i32);
    *voltage = select(after, Word(q.reset), fired | low).0;
    *flags |= select(0, VOLTAGE_LOW, low);
    *refractory = if fixed {
        fixed_refractory(q, Word(*refractory), fired)
    } else {
        exponential_refractory(q, Word(*refractory), fired, release)
    }
    .0;
    fired
}
