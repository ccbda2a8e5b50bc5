//! Loops over the neurons of a chunk.
//!
//! Each is a function of its own: the compiler knows that what it writes is nothing else that it reads, tables too, and so
//! makes vector instructions of the loop. What the paper's network does not have is a call: its constants would be set up in every
//! pass.

use super::chunk::Chunk;
use super::fixed::{count_times, fixed_times, fixed_times_signed, multiply_high_signed};
use super::member::settle;
use super::neuron::{adapt, adaptation_current, drift, gaussian_drive, noise, poisson_drive};
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::product::multiply_high;
use super::scale::DRIFT_POINTS;
use super::shape::ProjectionShape;
use super::state::NeuronState;
use crate::random::draws::{CHUNK, REACH, alias_draw, small_binomial};
use crate::random::normal_table::VALUES;
use crate::wgsl::{I32, U32, Word};
use multiversion::multiversion;
use std::ops::{Add, Sub};

/// Current of leak and Gaussian drive.
#[inline(always)]
pub fn begin_gaussian_drive(
    normal: &[i32; VALUES],
    q: &PopulationParameters,
    step: [u32; 2],
    words: &[U32],
    current: &mut [I32],
) {
    for (current, word) in current.iter_mut().zip(words) {
        *current = gaussian_drive(normal, q, step, *word) + q.leak_current;
    }
}

/// current += Poisson drive.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn add_poisson_drive(
    row: &[u32; REACH],
    q: &PopulationParameters,
    step: [u32; 2],
    words: &[U32],
    current: &mut [I32],
) {
    for (current, word) in current.iter_mut().zip(words) {
        *current = *current + poisson_drive(row, q, step, *word);
    }
}

/// current += drift of each neuron.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn add_drift(tables: &[u32], q: &PopulationParameters, voltage: &[u32], current: &mut [I32]) {
    let table: &[u32; DRIFT_POINTS] = tables[q.drift as usize..].first_chunk().expect("a table of drifts");
    for (current, voltage) in current.iter_mut().zip(voltage) {
        *current = *current + drift(table, q, Word(*voltage));
    }
}

/// current -= adaptation of each neuron.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn subtract_adaptation(q: &PopulationParameters, adaptation: &[u32], current: &mut [I32]) {
    for (current, adaptation) in current.iter_mut().zip(adaptation) {
        *current = *current - adaptation_current(q, Word(*adaptation));
    }
}

/// Decay of each neuron's adaptation, and its jump at a spike.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn adapt_all(q: &PopulationParameters, fired: &[u32], adaptation: &mut [u32]) {
    for (adaptation, fired) in adaptation.iter_mut().zip(fired) {
        *adaptation = adapt(q, Word(*adaptation), *fired != 0).0;
    }
}

/// conductance += that of whole kicks.
#[inline(always)]
pub fn add_conductance(r: &ProjectionParameters, kicks: &[u32], conductance: &mut [U32]) {
    for (conductance, kicks) in conductance.iter_mut().zip(kicks) {
        *conductance = *conductance + count_times(Word(*kicks), r.conductance_high, r.conductance_low);
    }
}

/// Current of whole kicks, and their deaths as far as counts below 256 go; the counts as they were, and their union.
#[allow(clippy::needless_range_loop, reason = "one index into several arrays")]
#[inline(always)]
pub fn apply_and_decay(
    table: &[u32; REACH],
    r: &ProjectionParameters,
    words: &[U32],
    kicks: &mut [u32],
    current: &mut [I32],
    count: &mut [u32],
) -> u32 {
    let n = kicks.len();
    let (words, current, count) = (&words[..n], &mut current[..n], &mut count[..n]);
    let mut all = 0;
    for i in 0..n {
        let h = Word(kicks[i]);
        current[i] = current[i] + count_times(h, r.current_high, r.current_low).signed();
        let dead = small_binomial(table, r.deaths_columns, h, words[i]);
        kicks[i] = (h - dead).0;
        count[i] = h.0;
        all |= h.0;
    }
    all
}

/// Current and conductance of fixed-point kicks, and their decay.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn act_and_decay(
    r: &ProjectionParameters,
    shape: &ProjectionShape,
    kicks: &mut [u32],
    current: &mut [I32],
    conductance: &mut [U32],
) {
    if shape.conductance {
        for (conductance, kicks) in conductance.iter_mut().zip(&*kicks) {
            *conductance = *conductance + fixed_times(Word(*kicks), r.conductance_high);
        }
    }
    if shape.subtracts() {
        decay(r, kicks, current, Sub::sub);
    } else {
        decay(r, kicks, current, Add::add);
    }
}

/// Current of fixed-point kicks, which `add` adds or subtracts, and their decay.
#[inline(always)]
fn decay(r: &ProjectionParameters, kicks: &mut [u32], current: &mut [I32], add: impl Fn(I32, I32) -> I32) {
    for (current, kicks) in current.iter_mut().zip(kicks) {
        let h = Word(*kicks);
        *current = add(*current, fixed_times(h, r.current_high).signed());
        *kicks = (h - multiply_high(h, Word(r.decay))).0;
    }
}

/// Current and conductance of whole kicks that act once: all of them die.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn act_once(
    r: &ProjectionParameters,
    has_conductance: bool,
    kicks: &mut [u32],
    current: &mut [I32],
    conductance: &mut [U32],
) {
    if has_conductance {
        add_conductance(r, kicks, conductance);
    }
    for (current, kicks) in current.iter_mut().zip(kicks) {
        *current = *current + count_times(Word(*kicks), r.current_high, r.current_low).signed();
        *kicks = 0;
    }
}

/// Kicks born of `spikes`, as far as counts below 256 go.
#[inline(always)]
pub fn draw_births(table: &[u32; REACH], r: &ProjectionParameters, spikes: u32, words: &[U32], born: &mut [u32]) {
    for (born, word) in born.iter_mut().zip(words) {
        *born = small_binomial(table, r.births_columns, Word(spikes), *word).0;
    }
}

/// Kicks born of a source: an outcome from `row` each.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn draw_outside(row: &[u32; REACH], log2_columns: u32, words: &[U32], born: &mut [u32]) {
    for (born, word) in born.iter_mut().zip(words) {
        *born = alias_draw(row, Word(0), log2_columns, *word).0;
    }
}

/// Kicks that have risen, as far as counts below 256 go; the counts as they were, and their union.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn draw_risen(
    table: &[u32; REACH],
    r: &ProjectionParameters,
    words: &[U32],
    rising: &[u32],
    count: &mut [u32],
    risen: &mut [u32],
) -> u32 {
    let mut all = 0;
    for (((risen, count), rising), word) in risen.iter_mut().zip(count).zip(rising).zip(words) {
        *risen = small_binomial(table, r.rising_columns, Word(*rising), *word).0;
        *count = *rising;
        all |= *rising;
    }
    all
}

/// The share of fixed-point kicks that rises in a step.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn share_risen(r: &ProjectionParameters, rising: &[u32], risen: &mut [u32]) {
    for (risen, rising) in risen.iter_mut().zip(rising) {
        *risen = multiply_high(Word(*rising), Word(r.rise)).0;
    }
}

/// rising -= risen, kicks += risen; the most kicks of the first `neurons`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn move_risen(risen: &[u32], neurons: usize, rising: &mut [u32], kicks: &mut [u32]) -> u32 {
    for ((kicks, rising), risen) in kicks.iter_mut().zip(rising).zip(risen) {
        *rising = (Word(*rising) - *risen).0;
        *kicks = (Word(*kicks) + *risen).0;
    }
    kicks[..neurons].iter().fold(0, |most, kicks| most.max(*kicks))
}

/// kicks += born 2^shift.
#[inline(always)]
pub fn add_born(born: &[u32], shift: u32, kicks: &mut [u32]) {
    for (kicks, born) in kicks.iter_mut().zip(born) {
        *kicks = (Word(*kicks) + (Word(*born) << shift)).0;
    }
}

/// White noise of mean `mean` added to a current or conductance.
#[inline(always)]
pub fn add_noise(normal: &[i32; VALUES], size_and_shift: u32, mean: i32, words: &[U32], to: &mut [I32]) {
    for (to, word) in to.iter_mut().zip(words) {
        *to = *to + noise(Word(normal[(*word >> 20).0 as usize]), size_and_shift) + mean;
    }
}

/// Coloured noise: each neuron's deviation from the mean kick count moves on.
#[inline(always)]
pub fn deviate(
    normal: &[i32; VALUES],
    r: &ProjectionParameters,
    size_and_shift: u32,
    words: &[U32],
    deviation: &mut [u32],
) {
    for (deviation, word) in deviation.iter_mut().zip(words) {
        let before = Word(*deviation).signed();
        let z = Word(normal[(*word >> 20).0 as usize]);
        let after = before - multiply_high_signed(before, Word(r.decay)) + noise(z, size_and_shift);
        *deviation = after.unsigned().0;
    }
}

/// Coloured noise of kicks that rise: what has risen of each deviation joins those that act, with the noises of both; the largest
/// deviation that is left of the first `neurons`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
pub fn deviate_risen(
    normal: &[i32; VALUES],
    r: &ProjectionParameters,
    [rise_noise, birth_noise]: [u32; 2],
    words: &[U32],
    neurons: usize,
    rising: &mut [u32],
    deviation: &mut [u32],
) -> u32 {
    for ((deviation, rising), word) in deviation.iter_mut().zip(&mut *rising).zip(words) {
        let before = Word(*rising).signed();
        let z = |bits: U32| Word(normal[(bits & 0xfff).0 as usize]);
        let risen = multiply_high_signed(before, Word(r.rise)) + noise(z(*word), rise_noise);
        let after = before - risen + noise(z(*word >> 20), birth_noise);
        *rising = after.unsigned().0;
        *deviation = (Word(*deviation) + risen.unsigned()).0;
    }
    rising[..neurons].iter().fold(0, |most, left| most.max(Word(*left).signed().size().0))
}

/// Current or conductance of `mean` kicks and each neuron's deviation from them, which `add` adds or subtracts.
#[inline(always)]
pub fn add_deviation(high: u32, mean: i32, deviation: &[u32], to: &mut [I32], add: impl Fn(I32, I32) -> I32) {
    for (to, deviation) in to.iter_mut().zip(deviation) {
        *to = add(*to, fixed_times_signed(Word(*deviation).signed() + mean, high));
    }
}

/// Currents, conductances, and random words of release.
type Input<'a, G> = (&'a [I32], &'a [G], &'a [U32]);

/// Moves voltages as `integrate` says and settles the neurons; who fires, and the flags raised.
#[allow(clippy::needless_range_loop, reason = "one index into several arrays")]
#[inline(always)]
fn settle_all<G: Copy>(
    q: &PopulationParameters,
    fixed: bool,
    integrate: impl Fn(&PopulationParameters, U32, I32, G) -> U32,
    (current, conductance, release): Input<G>,
    voltage: &mut [u32],
    refractory: &mut [u32],
    fired: &mut [u32],
) -> u32 {
    let n = fired.len();
    let (current, conductance, release) = (&current[..n], &conductance[..n], &release[..n]);
    let (voltage, refractory) = (&mut voltage[..n], &mut refractory[..n]);
    // A copy, because a load behind a condition would keep the loop from becoming vector instructions.
    let q = *q;
    let mut flags = 0;
    for i in 0..n {
        let moved = integrate(&q, Word(voltage[i]), current[i], conductance[i]);
        let (voltage, refractory) = (&mut voltage[i], &mut refractory[i]);
        fired[i] = u32::from(settle(&q, fixed, &mut flags, voltage, refractory, moved, release[i]));
    }
    flags
}

/// [`settle`]s a chunk whose input is known; padding stays where it is, neither fires nor falls.
#[inline(always)]
pub fn settle_chunk<G: Copy>(
    q: &PopulationParameters,
    fixed: bool,
    state: &mut NeuronState,
    chunk: Chunk,
    input: Input<G>,
    fired: &mut [u32; CHUNK],
    integrate: impl Fn(&PopulationParameters, U32, I32, G) -> U32,
) -> u32 {
    fired[chunk.len..chunk.padded()].fill(0);
    let (voltage, refractory) = (chunk.of(&mut state.voltage), chunk.of(&mut state.refractory));
    settle_all(q, fixed, integrate, input, voltage, refractory, &mut fired[..chunk.len])
}
