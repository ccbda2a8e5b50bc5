//! `snn`: the finite network, every neuron and every pending kick.
//!
//! One step from t to t + dt, everything on the right at t, q = dt/tau:
//!
//! | | |
//! |---|---|
//! | voltage of a non-refractory neuron | V += drive - (V - e_leak) dt/tau_m + sum over projections of kick(V) H q - a dt |
//! | kick, excitatory / inhibitory | s / -s (V - v_rev)/(v_th - v_rev) |
//! | spike | V > v_th: V = v_reset, refractory |
//! | deaths | Binomial(H, q), or H <- H (1 - q) (deterministic decay) |
//! | births | Binomial(spikes of the source, p), or the spikes that reach the neuron through its graph (quenched) |
//! | release | with probability 1 - exp(-dt/tau_ref), the step of the spike included; or after round(tau_ref/dt) steps |
//! | adaptation | a <- a (1 - dt/tau_a), a += b at an own spike |
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117, and the authors' code. Deviation: they draw
//! Poisson(H q) deaths and clip at 0; the binomial has the same mean and cannot kill more kicks than exist.

use super::fixed::{count_times, fixed_times, multiply_high};
use super::member::{Context, KICKS_HIGH, Tile, load, settle, store};
use super::neuron::{adapt, adaptation_current, gaussian_drive, integrate, poisson_drive};
use super::wiring::{Graph, wired_spikes};
use crate::lanes::{I32, Lanes, Mask, U32};
use crate::random::draws::{
    BIRTHS, LARGE_BIRTHS, LARGE_DEATHS, ROWS, UPDATE, large_binomial, small_binomial, word_block,
};

/// Kicks for the sample, in units of 1 (stochastic decay) or 1/16.
#[inline(always)]
pub fn sampled_kicks(context: &Context, j: usize, kicks: u32) -> u32 {
    if context.shape.projections[j].deterministic_decay {
        return kicks >> (context.projections[j].fraction - 4);
    }
    kicks
}

/// Kicks born from the spikes of this step: `counts` per population, bits in the graph.
#[inline(always)]
pub fn receive<const L: usize>(
    context: &Context,
    graph: Option<&Graph>,
    flags: &mut u32,
    counts: &[u32],
    tile: &mut Tile,
    at: usize,
    step: u32,
) {
    let shape = &context.shape.populations[tile.population as usize];
    let index = tile.index::<L>(at);
    let neuron = index + shape.first_neuron;
    let mut words = [U32::splat(0); 4];
    for (k, &j) in shape.incoming.iter().enumerate() {
        let k = k as u32;
        let source = &context.shape.projections[j as usize];
        let spikes = counts[source.source as usize];
        let word = (step * shape.words + k) & 3;
        if !context.shape.quenched && (k == 0 || word == 0) {
            words = word_block(context.key, neuron, step, BIRTHS, shape.words, k >> 2);
        }
        if spikes > 0 {
            let r = &context.projections[j as usize];
            let mut born;
            if let Some(graph) = graph {
                born = wired_spikes(context, graph, j, tile.first as usize + at);
            } else {
                let spikes = U32::splat(spikes);
                born = small_binomial(context.tables, r.births, r.births_columns, spikes, words[word as usize]);
                if spikes.0[0] >= ROWS {
                    let purpose = LARGE_BIRTHS | (j << 8);
                    born = born
                        + neuron.map(|i| {
                            large_binomial(context.tables, r.births_large, context.key, i, step, purpose, spikes.0[0])
                        });
                }
            }
            if source.deterministic_decay {
                born = born << r.fraction;
            }
            let kicks = load::<L>(&tile.kicks[k as usize], at) + born;
            store(&mut tile.kicks[k as usize], at, kicks);
            if (kicks.gt(U32::splat(r.kicks_max)) & tile.valid(at)).any() {
                *flags |= KICKS_HIGH;
            }
        }
    }
}

/// Drive, kicks, voltage, refractoriness and adaptation in one step; whether the neuron fires.
#[inline(always)]
pub fn update<const L: usize>(context: &Context, flags: &mut u32, tile: &mut Tile, at: usize, step: u32) -> Mask<L> {
    let shape = &context.shape.populations[tile.population as usize];
    let neuron = tile.index::<L>(at) + shape.first_neuron;
    let q = &context.populations[tile.population as usize];
    let driven = context.drive[(q.drive + q.drive_stride * (step - context.dispatch.first_step)) as usize];
    let (spare_a, spare_b) = (load::<L>(&tile.spare_a, at), load::<L>(&tile.spare_b, at));
    let mut words = [spare_a, spare_b, spare_a, spare_b];
    if shape.words > 2 || step & 1 == 0 {
        words = word_block(context.key, neuron, step, UPDATE, shape.words, 0);
        store(&mut tile.spare_a, at, words[2]);
        store(&mut tile.spare_b, at, words[3]);
    }
    let release = words[1];
    let mut current = I32::splat(q.leak_current);
    let mut conductance = U32::splat(q.leak);
    if !shape.poisson_drive {
        current = current + gaussian_drive(context.normal, q, driven, words[0]);
    }
    for (k, &j) in shape.incoming.iter().enumerate() {
        let r = &context.projections[j as usize];
        let projection = &context.shape.projections[j as usize];
        if k > 0 && k & 3 == 0 {
            words = word_block(context.key, neuron, step, UPDATE, shape.words, k as u32 >> 2);
        }
        let kicks = load::<L>(&tile.kicks[k], at);
        if projection.deterministic_decay {
            current = current + fixed_times(kicks, r.current_high).signed();
            if projection.inhibitory {
                conductance = conductance + fixed_times(kicks, r.conductance_high);
            }
            store(&mut tile.kicks[k], at, kicks - multiply_high(kicks, U32::splat(r.decay)));
        } else {
            current = current + count_times(kicks, r.current_high, r.current_low).signed();
            if projection.inhibitory {
                conductance = conductance + count_times(kicks, r.conductance_high, r.conductance_low);
            }
            let mut dead = small_binomial(context.tables, r.deaths, r.deaths_columns, kicks, words[k & 3]);
            if kicks.gt(U32::splat(ROWS - 1)).any() {
                let purpose = LARGE_DEATHS | (j << 8);
                dead = Lanes::from_fn(|l| {
                    let (n, i) = (kicks.0[l], neuron.0[l]);
                    dead.0[l] + large_binomial(context.tables, r.deaths_large, context.key, i, step, purpose, n)
                });
            }
            store(&mut tile.kicks[k], at, kicks - dead);
        }
    }
    if shape.poisson_drive {
        let k = shape.incoming.len();
        if k > 0 && k & 3 == 0 {
            words = word_block(context.key, neuron, step, UPDATE, shape.words, k as u32 >> 2);
        }
        current = current + poisson_drive(context.tables, q, driven, words[k & 3]);
    }
    let adaptation = load::<L>(&tile.adaptation, at);
    if shape.adaptation {
        current = current - adaptation_current(q, adaptation);
    }
    let moved = integrate(q, load::<L>(&tile.voltage, at), current, conductance);
    let fired = settle(context, flags, tile, at, moved, release);
    if shape.adaptation {
        store(&mut tile.adaptation, at, adapt(q, adaptation, fired));
    }
    fired
}
