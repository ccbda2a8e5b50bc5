//! `snn`: the finite network, every neuron and every pending kick.
//!
//! One step from t to t + dt, everything on the right at t, q = dt/tau:
//!
//! | | |
//! |---|---|
//! | voltage of a non-refractory neuron | V += drive - (V - e_leak) dt/tau_m (or Phi(V) - V, [`crate::model::flow`]) + sum over projections of kick(V) H q - a dt |
//! | kick | +-s, or +-s (V - v_rev)/(v_norm - v_rev) |
//! | spike | V > v_th: V = v_reset, refractory |
//! | deaths | Binomial(H, q), or H <- H (1 - q) (deterministic decay), or all (tau = 0, q = 1); with a rise time [`super::rise`] |
//! | births | Binomial(spikes of the source, p), or the spikes that reach the neuron through its graph (quenched); those of D steps before ([`super::ring`]); from outside Poisson(rate dt) |
//! | release | with probability 1 - exp(-dt/tau_ref), the step of the spike included; or after round(tau_ref/dt) steps |
//! | adaptation | a <- a (1 - dt/tau_a), a += b at an own spike |
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117, and the authors' code. Deviation: they draw
//! Poisson(H q) deaths and clip at 0; the binomial has the same mean and cannot kill more kicks than exist.

use super::graph::{Graph, wired_spikes};
use super::member::{Chunk, ChunkScratch, Context, KICKS_HIGH, NeuronBlock, birth_words, later_words, step_words};
use super::neuron::integrate;
use super::passes::{
    act_and_decay, act_once, adapt_all, add_born, add_conductance, add_drift, add_poisson_drive, apply_and_decay,
    begin_gaussian_drive, draw_births, draw_outside, settle_chunk, subtract_adaptation,
};
use super::ring::{Ring, delayed_bits, delayed_spikes};
use super::rise::{add_risen, rise};
use crate::random::draws::{
    BIRTHS, Draw, LARGE_BIRTHS, LARGE_DEATHS, OUTSIDE, ROWS, UPDATE, large_binomial, small_table,
};
use crate::wgsl::Word;

/// Kicks of neuron `i` for the sample, in the unit of [`NetworkShape::kick_unit`]: without the last bits, rounded up or down by the neuron's
/// number (van der Corput's sequence). So a sum over many is right however few bits are left.
#[inline(always)]
pub fn sampled_kicks(context: &Context, proj: usize, kicks: u32, i: u32) -> u32 {
    let left_out = context.projections[proj].sampled;
    (kicks + ((i.reverse_bits() >> 1) >> (31 - left_out))) >> left_out
}

/// Kicks born from the spikes that arrive: of this step, `counts` per population and bits in the graph, or of steps before; and of
/// sources.
#[allow(clippy::too_many_arguments, reason = "what a step reads, and what it changes")]
#[inline(always)]
pub fn receive(
    context: &Context,
    graph: Option<&Graph>,
    ring: &Ring,
    scratch: &mut ChunkScratch,
    flags: &mut u32,
    counts: &[u32],
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
) {
    let shape = &context.shape.populations[block.population as usize];
    let n = chunk.padded();
    let draw = block.draw(context, chunk, step, BIRTHS);
    let ChunkScratch { words, large, count, drawn, .. } = scratch;
    let (count, born) = (&mut count[..n], &mut drawn[..n]);
    let mut drawn_part = u32::MAX;
    for (k, &proj) in shape.incoming.iter().enumerate() {
        let part = k as u32 >> 2;
        let source = &context.shape.projections[proj as usize];
        let from = source.source as usize;
        let r = &context.projections[proj as usize];
        let spikes = if source.outside { 0 } else { delayed_spikes(ring, from, step, r.delay, counts[from]) };
        if source.outside || spikes > 0 {
            if source.outside {
                let [row, columns] = context.births_outside(r, step);
                let draw = Draw { purpose: OUTSIDE, ..draw };
                draw_outside(small_table(context.tables, row), columns, large, draw, shape.words, k, born);
            } else if let Some(graph) = graph {
                let first = context.shape.spike_words_before(from);
                let bits = delayed_bits(ring, context.shape, first, step, r.delay, &graph.spikes[from]);
                wired_spikes(context, graph, bits, proj, block.first as usize + chunk.at, born);
            } else {
                if drawn_part != part {
                    birth_words(words, block, chunk, draw, shape.words, part);
                    drawn_part = part;
                }
                let word = &words[((step * shape.words + k as u32) & 3) as usize][..n];
                draw_births(small_table(context.tables, r.births), r, spikes, word, born);
                if spikes >= ROWS {
                    count.fill(spikes);
                    let draw = Draw { purpose: LARGE_BIRTHS | (proj << 8), ..draw };
                    large_binomial(context.tables, r.births_large, draw, count, large, born);
                }
            }
            let shift = if source.deterministic_decay { r.fraction } else { 0 };
            let kicks = if source.rise { rise(block, chunk, k) } else { chunk.of(&mut block.state.kicks[k]) };
            add_born(born, shift, kicks);
            let most = r.kicks_max;
            if kicks[..chunk.len].iter().fold(false, |high, &kicks| high | (kicks > most)) {
                *flags |= KICKS_HIGH;
            }
        }
    }
}

/// Drive, kicks, voltage, refractoriness and adaptation of a chunk in one step; who fires is in `scratch`.
#[inline(always)]
pub fn update(
    context: &Context,
    scratch: &mut ChunkScratch,
    flags: &mut u32,
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
) {
    begin_update(context, scratch, block, chunk, step);
    let shape = &context.shape.populations[block.population as usize];
    for (k, &proj) in shape.incoming.iter().enumerate() {
        match context.shape.projections[proj as usize].delta {
            false => add_input(context, scratch, block, chunk, step, k, proj),
            true => add_delta(context, scratch, block, chunk, step, k, proj),
        }
        if context.shape.projections[proj as usize].rise {
            add_risen(context, scratch, flags, block, chunk, step, k, proj);
        }
    }
    end_update(context, scratch, flags, block, chunk, step);
}

/// Random words of the step, drive and leak.
#[inline(always)]
fn begin_update(context: &Context, scratch: &mut ChunkScratch, block: &mut NeuronBlock, chunk: Chunk, step: u32) {
    let shape = &context.shape.populations[block.population as usize];
    let q = &context.populations[block.population as usize];
    let n = chunk.padded();
    step_words(&mut scratch.words, block, chunk, block.draw(context, chunk, step, UPDATE), shape.words);
    let (current, conductance) = (&mut scratch.current[..n], &mut scratch.conductance[..n]);
    conductance.fill(Word(q.leak));
    if shape.poisson_drive {
        current.fill(Word(q.leak_current));
    } else {
        begin_gaussian_drive(context.normal, q, context.drive_of(q, step), &scratch.words[0], current);
    }
}

/// Current and conductance of the kicks of one projection, and their deaths.
#[inline(always)]
fn add_input(
    context: &Context,
    scratch: &mut ChunkScratch,
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
    k: usize,
    proj: u32,
) {
    let r = &context.projections[proj as usize];
    let shape = &context.shape.projections[proj as usize];
    let n = chunk.padded();
    let draw = block.draw(context, chunk, step, UPDATE);
    let ChunkScratch { words, later, large, current, conductance, count, drawn, .. } = scratch;
    let (current, conductance) = (&mut current[..n], &mut conductance[..n]);
    let (count, drawn) = (&mut count[..n], &mut drawn[..n]);
    later_words(later, n, draw, context.shape.populations[block.population as usize].words, k);
    let kicks = chunk.of(&mut block.state.kicks[k]);
    if shape.deterministic_decay {
        act_and_decay(r, shape, kicks, current, conductance);
    } else {
        if shape.conductance {
            add_conductance(r, kicks, conductance);
        }
        let word = &if k < 4 { words } else { later }[k & 3];
        let all = apply_and_decay(small_table(context.tables, r.deaths), r, word, kicks, current, count);
        if all >= ROWS {
            let draw = Draw { purpose: LARGE_DEATHS | (proj << 8), ..draw };
            drawn.fill(0);
            large_binomial(context.tables, r.deaths_large, draw, count, large, drawn);
            kicks.iter_mut().zip(&*drawn).for_each(|(kicks, dead)| *kicks -= dead);
        }
    }
}

/// The same of kicks that act once. A call, as in [`super::passes`].
#[inline(never)]
fn add_delta(
    context: &Context,
    scratch: &mut ChunkScratch,
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
    k: usize,
    proj: u32,
) {
    let r = &context.projections[proj as usize];
    let n = chunk.padded();
    let draw = block.draw(context, chunk, step, UPDATE);
    later_words(&mut scratch.later, n, draw, context.shape.populations[block.population as usize].words, k);
    let kicks = chunk.of(&mut block.state.kicks[k]);
    let shape = &context.shape.projections[proj as usize];
    act_once(r, shape.conductance, kicks, &mut scratch.current[..n], &mut scratch.conductance[..n]);
}

/// Poisson drive, adaptation, voltage and refractoriness; who fires is in `scratch`.
#[inline(always)]
fn end_update(
    context: &Context,
    scratch: &mut ChunkScratch,
    flags: &mut u32,
    block: &mut NeuronBlock,
    chunk: Chunk,
    step: u32,
) {
    let shape = &context.shape.populations[block.population as usize];
    let q = &context.populations[block.population as usize];
    let n = chunk.padded();
    let draw = block.draw(context, chunk, step, UPDATE);
    let ChunkScratch { words, later, current, conductance, fired, .. } = scratch;
    let (current, conductance) = (&mut current[..n], &mut conductance[..n]);
    if shape.poisson_drive {
        let k = shape.incoming.len();
        later_words(later, n, draw, shape.words, k);
        let word = &if k < 4 { &*words } else { &*later }[k & 3];
        let driven = context.drive_of(q, step);
        add_poisson_drive(small_table(context.tables, driven[0]), q, driven, word, current);
    }
    if shape.drift {
        add_drift(context.tables, q, chunk.of(&mut block.state.voltage), current);
    }
    if shape.adaptation {
        subtract_adaptation(q, chunk.of(&mut block.state.adaptation), current);
    }
    settle_chunk(context, flags, block, chunk, (current, conductance), &words[1], fired, integrate);
    if shape.adaptation {
        adapt_all(q, fired, chunk.of(&mut block.state.adaptation));
    }
}
