//! What a backend holds of one member: the neurons' state, the spikes of the step, and what goes out of a dispatch.
//!
//! The CPU keeps neurons in tiles of one population each, so that a step of a large network can be shared out over threads;
//! a tile is padded to whole lanes, and padding neither fires nor raises a flag.

use super::arithmetic::{PopulationParameters, ProjectionParameters};
use super::neuron::{exponential_refractory, fixed_refractory};
use super::shape::Shape;
use crate::lanes::{I32, Lanes, Mask, U32, select};
use crate::random::normal_table::VALUES;
use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};

/// A voltage fell below v_floor.
pub const VOLTAGE_LOW: u32 = 1;
/// A kick count exceeded its bound.
pub const KICKS_HIGH: u32 = 2;
/// Neurons of a tile.
pub const TILE: usize = 2048;
/// Lanes that every tile is a multiple of.
pub const PADDING: usize = 16;

/// One member of a batch.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MemberParameters {
    pub key: [u32; 4],
    /// Index of its parameter point within the batch.
    pub point: u32,
    pub padding_a: u32,
    pub padding_b: u32,
    pub padding_c: u32,
}

/// A stretch of steps that a batch does in one go.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Dispatch {
    /// Step that the dispatch begins with, and how many it does.
    pub first_step: u32,
    pub steps: u32,
    pub members: u32,
    /// Spikes and samples count from the end of this step on.
    pub window: u32,
    /// Steps between samples.
    pub sample_every: u32,
    pub samples: u32,
    /// Words of state and of output per member.
    pub state_stride: u32,
    pub output_stride: u32,
    /// Workgroups per row of the dispatch grid.
    pub row: u32,
    pub padding_a: u32,
    pub padding_b: u32,
    pub padding_c: u32,
}

impl Dispatch {
    /// A stretch of `steps` from `first_step`; strides are for the device that lays out the batch.
    pub fn new(first_step: u32, steps: u32, window: u32, sample_every: u32) -> Dispatch {
        let due = |until: u32| until.max(window) / sample_every;
        Dispatch {
            first_step,
            steps,
            window,
            sample_every,
            samples: due(first_step + steps) - due(first_step),
            ..Dispatch::zeroed()
        }
    }
}

/// What one member's statements read.
pub struct Context<'a> {
    pub shape: &'a Shape,
    pub populations: &'a [PopulationParameters],
    pub projections: &'a [ProjectionParameters],
    pub tables: &'a [u32],
    pub normal: &'a [i32; VALUES],
    pub drive: &'a [[u32; 2]],
    pub key: [u32; 4],
    pub dispatch: Dispatch,
    /// Voltage bins of each population.
    pub bins: &'a [u32],
}

/// Up to [`TILE`] neurons of one population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    pub population: u32,
    /// Index of its first neuron within the population.
    pub first: u32,
    pub len: u32,
    pub voltage: Vec<u32>,
    pub refractory: Vec<u32>,
    pub spare_a: Vec<u32>,
    pub spare_b: Vec<u32>,
    pub adaptation: Vec<u32>,
    pub last_spike: Vec<u32>,
    /// Kicks of each incoming projection.
    pub kicks: Vec<Vec<u32>>,
    /// Spikes of the last step, as bits.
    pub spikes: Vec<u32>,
}

impl Tile {
    pub fn new(population: usize, first: u32, len: u32, incoming: usize) -> Tile {
        let padded = (len as usize).next_multiple_of(PADDING);
        let zeros = || vec![0; padded];
        Tile {
            population: population as u32,
            first,
            len,
            voltage: zeros(),
            refractory: zeros(),
            spare_a: zeros(),
            spare_b: zeros(),
            adaptation: zeros(),
            last_spike: zeros(),
            kicks: vec![zeros(); incoming],
            spikes: vec![0; (len as usize).div_ceil(32)],
        }
    }

    /// Indices within the population of the lanes from `at` on.
    #[inline(always)]
    pub fn index<const L: usize>(&self, at: usize) -> U32<L> {
        Lanes::from_fn(|l| self.first + (at + l) as u32)
    }

    /// Lanes from `at` on that are neurons.
    #[inline(always)]
    pub fn valid<const L: usize>(&self, at: usize) -> Mask<L> {
        Lanes::from_fn(|l| at + l < self.len as usize)
    }
}

#[inline(always)]
pub fn load<const L: usize>(values: &[u32], at: usize) -> U32<L> {
    let values = &values[at..at + L];
    Lanes::from_fn(|l| values[l])
}

#[inline(always)]
pub fn store<const L: usize>(values: &mut [u32], at: usize, lanes: U32<L>) {
    values[at..at + L].copy_from_slice(&lanes.0);
}

/// What one member hands over after a dispatch, in the layout of the device's output buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
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
pub fn book_spike(dispatch: &Dispatch, intervals: &mut [u32], last_spike: u32, now: u32) -> u32 {
    if now <= dispatch.window {
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

/// Voltage, threshold and refractoriness, given where a neuron that is not refractory moves; whether the neuron fires.
#[inline(always)]
pub fn settle<const L: usize>(
    context: &Context,
    flags: &mut u32,
    tile: &mut Tile,
    at: usize,
    moved: U32<L>,
    release: U32<L>,
) -> Mask<L> {
    let p = tile.population as usize;
    let q = &context.populations[p];
    let refractory = load::<L>(&tile.refractory, at);
    let before = load::<L>(&tile.voltage, at);
    let moves = refractory.eq(U32::splat(0));
    let voltage = select(before, moved, moves);
    let low = voltage.signed().lt(I32::splat(0));
    let fired = voltage.signed().gt(I32::splat(q.threshold as i32));
    store(&mut tile.voltage, at, select(voltage, U32::splat(q.reset), fired | low));
    if (low & tile.valid(at)).any() {
        *flags |= VOLTAGE_LOW;
    }
    if context.shape.populations[p].fixed_refractory {
        store(&mut tile.refractory, at, fixed_refractory(q, refractory, fired));
    } else {
        store(&mut tile.refractory, at, exponential_refractory(q, refractory, fired, release));
    }
    fired & tile.valid(at)
}
