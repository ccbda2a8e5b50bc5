//! What a backend holds of one member: the neurons' state, the spikes of the step, and what goes out of a dispatch.
//!
//! Where the CPU keeps its neurons: [`super::chunk`].

use super::chunk::{Context, Pass};
use super::dispatch::NetworkDispatch;
use super::neuron::{exponential_refractory, fixed_refractory};
use super::parameters::{PopulationParameters, ProjectionParameters};
use crate::random::draws::{BIRTHS, CHUNK, Draw, UPDATE, Words, fill_words};
use crate::wgsl::{U32, Word, select};
use multiversion::multiversion;

/// A voltage fell below v_floor.
pub const VOLTAGE_LOW: u32 = 1;
/// A kick count exceeded its bound.
pub const KICKS_HIGH: u32 = 2;
/// A kernel without large binomials met a count that needs one: a kernel that has them does the dispatch again.
pub const COUNT_LARGE: u32 = 4;

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
pub fn step_words(pass: &mut Pass) {
    let (draw, count) = (pass.draw(UPDATE), pass.shape().words);
    let (words, state) = (&mut pass.scratch.words, &mut pass.block.state);
    let (spare_a, spare_b) = (pass.chunk.of(&mut state.spare_a), pass.chunk.of(&mut state.spare_b));
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
pub fn later_words(pass: &mut Pass, k: usize) {
    if k > 0 && k & 3 == 0 {
        let (draw, count) = (pass.draw(UPDATE), pass.shape().words);
        fill_more(&mut pass.scratch.later, pass.chunk.padded(), draw, count, k as u32 >> 2);
    }
}

/// Words of block `part` of a step. A call, as in [`super::passes`].
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn fill_more(words: &mut Words, n: usize, draw: Draw, count: u32, part: u32) {
    fill_words(words, n, draw, count, part);
}

/// The block of words of births that projections from `4 part` on draw from; where two words serve a step, an odd step takes the second half only if the even step had births too.
#[inline(always)]
pub fn birth_words(pass: &mut Pass, part: u32) {
    let (draw, count) = (pass.draw(BIRTHS), pass.shape().words);
    let (words, block) = (&mut pass.scratch.words, &mut *pass.block);
    let (spare_a, spare_b) = (pass.chunk.of(&mut block.births_a), pass.chunk.of(&mut block.births_b));
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
