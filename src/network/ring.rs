//! Spikes on their way: those of the last few steps, for projections with a delay.
//!
//! A spike in the step from t to t + dt has time t + dt and arrives at t + dt + delay. With tau > 0 its kick begins to act then, D =
//! delay/dt steps after it would without a delay; with tau = 0 it moves the voltage of that time, D = delay/dt - 1. So the kicks born
//! in a step are of the spikes D steps before, and those of the last L steps are kept, L a power of two above every D: those of
//! step t in slot t mod L. Slots of steps before the first are empty. Without any delay L is 1, and nothing is kept.
//!
//! A slot is a row of words of the member's state: spikes of each population, then, of a quenched network, who fired as bits, each
//! population beginning a word.

use super::shape::NetworkShape;

/// The last words of a member's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    /// Slots, one after the other; none without delays.
    pub words: Vec<u32>,
    /// Words of a slot.
    slot: usize,
}

impl Ring {
    /// No spikes.
    pub fn new(shape: &NetworkShape) -> Ring {
        Ring { words: vec![0; shape.ring_words()], slot: shape.slot_words() }
    }

    /// Where the slot of a step begins; steps before the first count downwards from 2^32.
    fn slot_of(&self, step: u32) -> usize {
        step as usize % (self.words.len() / self.slot) * self.slot
    }
}

/// Spikes of a population `delay` steps before `step`, in which there are `now`.
#[inline(always)]
pub fn delayed_spikes(ring: &Ring, population: usize, step: u32, delay: u32, now: u32) -> u32 {
    if delay == 0 { now } else { ring.words[ring.slot_of(step.wrapping_sub(delay)) + population] }
}

/// The same as bits, in words from `first` on of those of a slot.
#[inline(always)]
pub fn delayed_bits<'a>(
    ring: &'a Ring,
    shape: &NetworkShape,
    first: usize,
    step: u32,
    delay: u32,
    now: &'a [u32],
) -> &'a [u32] {
    if delay == 0 {
        return now;
    }
    let at = ring.slot_of(step.wrapping_sub(delay)) + shape.populations.len() + first;
    &ring.words[at..at + now.len()]
}

/// The spikes of a step go into its slot: of each population how many, and, quenched, who.
pub fn keep_spikes(ring: &mut Ring, step: u32, counts: &[u32], bits: Option<&[Vec<u32>]>) {
    if ring.words.is_empty() {
        return;
    }
    let at = ring.slot_of(step);
    let (of_counts, mut of_bits) = ring.words[at..at + ring.slot].split_at_mut(counts.len());
    of_counts.copy_from_slice(counts);
    for bits in bits.unwrap_or_default() {
        let (own, rest) = of_bits.split_at_mut(bits.len());
        own.copy_from_slice(bits);
        of_bits = rest;
    }
}

/// The slots at time 0 of a ring of `slots`, of those after `step` steps of another one: what fired so many steps before then did so
/// before time 0, as far as both reach back.
pub fn restarted(from: &[u32], slot: usize, step: u32, slots: usize) -> Vec<u32> {
    let mut to = vec![0; slots * slot];
    let before = from.len() / slot;
    for back in 1..=before.min(slots) {
        let at = (step as usize + before - back) % before * slot;
        to[(slots - back) * slot..][..slot].copy_from_slice(&from[at..at + slot]);
    }
    to
}
