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

use super::chunk::{ChunkScratch, Context, Pass};
use super::graph::{Graph, wired_spikes};
use super::member::{KICKS_HIGH, birth_words, fill_more, later_words, step_words};
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

/// Kicks of neuron `i` for the sample, in the unit of `NetworkShape::kick_unit`: without the last bits, rounded up or down by the
/// neuron's number (van der Corput's sequence). So a sum over many is right however few bits are left.
#[inline(always)]
pub fn sampled_kicks(context: &Context, proj: usize, kicks: u32, i: u32) -> u32 {
    let left_out = context.projections[proj].sampled;
    (kicks + ((i.reverse_bits() >> 1) >> (31 - left_out))) >> left_out
}

/// Kicks born from the spikes that arrive: of this step, `counts` per population and bits in the graph, or of steps before; and of
/// sources.
#[inline(always)]
pub fn receive(pass: &mut Pass, graph: Option<&Graph>, ring: &Ring, counts: &[u32]) {
    let (context, shape, chunk, step) = (pass.context, pass.shape(), pass.chunk, pass.step);
    let n = chunk.padded();
    let draw = pass.draw(BIRTHS);
    let mut drawn_part = u32::MAX;
    for (k, &proj) in shape.incoming.iter().enumerate() {
        let part = k as u32 >> 2;
        let source = &context.shape.projections[proj as usize];
        let from = source.source as usize;
        let r = &context.projections[proj as usize];
        let spikes = if source.outside { 0 } else { delayed_spikes(ring, from, step, r.delay, counts[from]) };
        if source.outside || spikes > 0 {
            let by_chance = !source.outside && graph.is_none();
            if by_chance && drawn_part != part {
                birth_words(pass, part);
                drawn_part = part;
            }
            let ChunkScratch { words, large, count, drawn, .. } = &mut *pass.scratch;
            let (count, born) = (&mut count[..n], &mut drawn[..n]);
            if source.outside {
                let [row, columns] = context.births_outside(r, step);
                let draw = Draw { purpose: OUTSIDE, ..draw };
                fill_more(large, n, draw, shape.words.max(4), part);
                draw_outside(small_table(context.tables, row), columns, &large[k & 3], born);
            } else if let Some(graph) = graph {
                let first = context.shape.spike_words_before(from);
                let bits = delayed_bits(ring, context.shape, first, step, r.delay, &graph.spikes[from]);
                wired_spikes(context, graph, bits, proj, pass.block.first as usize + chunk.at, born);
            } else {
                let word = &words[((step * shape.words + k as u32) & 3) as usize][..n];
                draw_births(small_table(context.tables, r.births), r, spikes, word, born);
                if spikes >= ROWS {
                    count.fill(spikes);
                    let draw = Draw { purpose: LARGE_BIRTHS | (proj << 8), ..draw };
                    large_binomial(context.tables, r.births_large, draw, count, large, born);
                }
            }
            let shift = if source.deterministic_decay { r.fraction } else { 0 };
            let kicks = if source.rise { rise(pass.block, chunk, k) } else { chunk.of(&mut pass.block.state.kicks[k]) };
            add_born(born, shift, kicks);
            let most = r.kicks_max;
            if kicks[..chunk.len].iter().fold(false, |high, &kicks| high | (kicks > most)) {
                *pass.flags |= KICKS_HIGH;
            }
        }
    }
}

/// Drive, kicks, voltage, refractoriness and adaptation of a chunk in one step; who fires is in its scratch.
#[inline(always)]
pub fn update(pass: &mut Pass) {
    begin_update(pass);
    for (k, &proj) in pass.shape().incoming.iter().enumerate() {
        match pass.context.shape.projections[proj as usize].delta {
            false => add_input(pass, k, proj),
            true => add_delta(pass, k, proj),
        }
        if pass.context.shape.projections[proj as usize].rise {
            add_risen(pass, k, proj);
        }
    }
    end_update(pass);
}

/// Random words of the step, drive and leak.
#[inline(always)]
fn begin_update(pass: &mut Pass) {
    step_words(pass);
    let (context, q, n) = (pass.context, pass.parameters(), pass.chunk.padded());
    let poisson_drive = pass.shape().poisson_drive;
    let ChunkScratch { words, current, conductance, .. } = &mut *pass.scratch;
    let (current, conductance) = (&mut current[..n], &mut conductance[..n]);
    conductance.fill(Word(q.leak));
    if poisson_drive {
        current.fill(Word(q.leak_current));
    } else {
        begin_gaussian_drive(context.normal, q, context.drive_of(q, pass.step), &words[0], current);
    }
}

/// Current and conductance of the kicks of one projection, and their deaths.
#[inline(always)]
fn add_input(pass: &mut Pass, k: usize, proj: u32) {
    later_words(pass, k);
    let (context, draw, n) = (pass.context, pass.draw(UPDATE), pass.chunk.padded());
    let (r, shape) = (&context.projections[proj as usize], &context.shape.projections[proj as usize]);
    let ChunkScratch { words, later, large, current, conductance, count, drawn, .. } = &mut *pass.scratch;
    let (current, conductance) = (&mut current[..n], &mut conductance[..n]);
    let (count, drawn) = (&mut count[..n], &mut drawn[..n]);
    let kicks = pass.chunk.of(&mut pass.block.state.kicks[k]);
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
fn add_delta(pass: &mut Pass, k: usize, proj: u32) {
    later_words(pass, k);
    let (context, n) = (pass.context, pass.chunk.padded());
    let (r, shape) = (&context.projections[proj as usize], &context.shape.projections[proj as usize]);
    let kicks = pass.chunk.of(&mut pass.block.state.kicks[k]);
    let ChunkScratch { current, conductance, .. } = &mut *pass.scratch;
    act_once(r, shape.conductance, kicks, &mut current[..n], &mut conductance[..n]);
}

/// Poisson drive, adaptation, voltage and refractoriness; who fires is in the scratch.
#[inline(always)]
fn end_update(pass: &mut Pass) {
    let (context, shape, q, chunk) = (pass.context, pass.shape(), pass.parameters(), pass.chunk);
    let n = chunk.padded();
    if shape.poisson_drive {
        let k = shape.incoming.len();
        later_words(pass, k);
        let ChunkScratch { words, later, current, .. } = &mut *pass.scratch;
        let word = &if k < 4 { words } else { later }[k & 3];
        let driven = context.drive_of(q, pass.step);
        add_poisson_drive(small_table(context.tables, driven[0]), q, driven, word, &mut current[..n]);
    }
    let ChunkScratch { words, current, conductance, fired, .. } = &mut *pass.scratch;
    let (current, state) = (&mut current[..n], &mut pass.block.state);
    if shape.drift {
        add_drift(context.tables, q, chunk.of(&mut state.voltage), current);
    }
    if shape.adaptation {
        subtract_adaptation(q, chunk.of(&mut state.adaptation), current);
    }
    let input = (&*current, &conductance[..n], &words[1][..]);
    *pass.flags |= settle_chunk(q, shape.fixed_refractory, state, chunk, input, fired, integrate);
    if shape.adaptation {
        adapt_all(q, fired, chunk.of(&mut state.adaptation));
    }
}
