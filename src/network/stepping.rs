//! Many steps of one member on the CPU: update every neuron, count the spikes, deliver them, sample.
//!
//! A step has two passes over the neurons with the spike counts between them. No pass depends on the order of neurons, so
//! tiles of a large network may run on several threads.

use super::initial::initial;
use super::markov::{MeanField, prepare, sampled_mean};
use super::member::{Context, Output, TILE, Tile, book_spike, load};
use super::neuron::voltage_bin;
use super::shape::{Model, Shape};
use super::snn::sampled_kicks;
use super::wiring::Graph;
use crate::lanes::U32;
use multiversion::multiversion;
use rayon::prelude::*;

/// Neurons side by side in the vectorised text.
const LANES: usize = 8;
/// Networks from this size on share a step out over threads, if asked to.
pub const SHARED: u32 = 4 * TILE as u32;

/// Header of the device's output: steps done, flags.
pub const HEADER: u32 = 2;
/// Words per population of the interval sums.
pub const INTERVAL_WORDS: usize = 5;

/// The neurons of one member between dispatches.
pub struct Member {
    pub tiles: Vec<Tile>,
    /// Of a quenched `snn`.
    pub graph: Option<Graph>,
    /// Of `markov`.
    pub field: Option<MeanField>,
}

/// Sums that one tile adds to in a pass.
#[derive(Clone, Default)]
struct Sums {
    fired: u32,
    flags: u32,
    intervals: [u32; INTERVAL_WORDS],
}

impl Member {
    /// The state at time 0; `stored`: keep a quenched graph instead of drawing it again at each spike.
    pub fn new(context: &Context, stored: bool) -> Member {
        let shape = context.shape;
        let mut tiles = Vec::new();
        for (p, population) in shape.populations.iter().enumerate() {
            for first in (0..population.size).step_by(TILE) {
                let len = (population.size - first).min(TILE as u32);
                let mut tile = Tile::new(p, first, len, shape.kick_words(p) as usize);
                for at in (0..tile.voltage.len()).step_by(LANES) {
                    initial::<LANES>(context, &mut tile, at);
                }
                tiles.push(tile);
            }
        }
        let connect = |j: usize| context.projections[j].connect;
        let graph = shape.quenched.then(|| Graph::new(shape, context.key, stored, connect));
        let field = (shape.model != Model::Snn).then(|| MeanField::new(shape));
        Member { tiles, graph, field }
    }

    /// `context.dispatch.steps` steps; fewer after a flag was raised. `threads`: share a large network's steps out. After
    /// each step `each` gets its number and the member.
    pub fn stepping(&mut self, context: &Context, threads: bool, mut each: impl FnMut(u32, &Member)) -> Output {
        let shape = context.shape;
        let populations = shape.populations.len();
        let threads = threads && shape.neurons() >= SHARED;
        let bins = context.bins.iter().copied().max().unwrap_or(0) as usize;
        let mut output = Output {
            voltage: vec![0; populations * bins],
            intervals: vec![0; populations * INTERVAL_WORDS],
            counts: Vec::with_capacity(context.dispatch.steps as usize * populations),
            ..Output::default()
        };
        let mut counts = vec![0; populations];
        for s in 0..context.dispatch.steps {
            let step = context.dispatch.first_step + s;
            counts.fill(0);
            let mut field = self.field.take();
            if let Some(field) = &mut field {
                prepare(context, &mut output.flags, field);
            }
            let sums = self.pass(threads, |tile| update_tile(context, field.as_ref(), tile, step));
            self.field = field;
            for (tile, sums) in self.tiles.iter().zip(&sums) {
                let p = tile.population as usize;
                counts[p] += sums.fired;
                output.flags |= sums.flags;
                let to = &mut output.intervals[p * INTERVAL_WORDS..][..INTERVAL_WORDS];
                to[0] += sums.intervals[0];
                super::member::add_wide(&mut to[1..3], sums.intervals[1], sums.intervals[2]);
                super::member::add_wide(&mut to[3..5], sums.intervals[3], sums.intervals[4]);
            }
            if let Some(field) = &mut self.field {
                field.counts.copy_from_slice(&counts);
            } else if counts.iter().any(|&c| c > 0) {
                output.flags |= self.deliver(context, threads, &counts, step);
            }
            output.counts.extend_from_slice(&counts);
            output.steps += 1;
            if output.flags != 0 {
                break;
            }
            if step + 1 > context.dispatch.window && (step + 1).is_multiple_of(context.dispatch.sample_every) {
                self.sample(context, &mut output, bins);
            }
            each(step, self);
        }
        output
    }

    fn deliver(&mut self, context: &Context, threads: bool, counts: &[u32], step: u32) -> u32 {
        let mut graph = self.graph.take();
        if let Some(graph) = &mut graph {
            for tile in &self.tiles {
                let words = &mut graph.spikes[tile.population as usize][tile.first as usize / 32..];
                words[..tile.spikes.len()].copy_from_slice(&tile.spikes);
            }
        }
        let flags = self.pass(threads, |tile| receive_tile(context, graph.as_ref(), counts, tile, step));
        self.graph = graph;
        flags.into_iter().fold(0, |a, b| a | b)
    }

    fn pass<T: Send>(&mut self, threads: bool, f: impl Fn(&mut Tile) -> T + Sync + Send) -> Vec<T> {
        if threads { self.tiles.par_iter_mut().map(f).collect() } else { self.tiles.iter_mut().map(f).collect() }
    }

    /// Kicks of a projection in all its targets, in units of [`Shape::kick_unit`].
    pub fn kicks(&self, context: &Context, projection: usize) -> u32 {
        if let Some(field) = &self.field {
            return sampled_mean(context, field, projection);
        }
        let target = context.shape.projections[projection].target;
        let incoming = &context.shape.populations[target as usize].incoming;
        let k = incoming.iter().position(|&j| j as usize == projection).expect("a projection enters its target");
        let of_target = self.tiles.iter().filter(|tile| tile.population == target);
        let kicks = of_target.flat_map(|tile| &tile.kicks[k][..tile.len as usize]);
        kicks.map(|&h| sampled_kicks(context, projection, h)).sum()
    }

    /// Adds every neuron to the voltage histogram, and the sums of this sample to the output.
    fn sample(&self, context: &Context, output: &mut Output, bins: usize) {
        let shape: &Shape = context.shape;
        let mut refractory = vec![0; shape.populations.len()];
        for tile in &self.tiles {
            let p = tile.population as usize;
            for index in 0..tile.len as usize {
                if tile.refractory[index] > 0 {
                    refractory[p] += 1;
                } else {
                    let voltage = load::<1>(&tile.voltage, index);
                    let bin: U32<1> = voltage_bin(&context.populations[p], voltage, context.bins[p] - 1);
                    output.voltage[p * bins + bin.0[0] as usize] += 1;
                }
            }
        }
        output.samples.extend(refractory);
        output.samples.extend((0..shape.projections.len()).map(|j| self.kicks(context, j)));
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn update_tile(context: &Context, field: Option<&MeanField>, tile: &mut Tile, step: u32) -> Sums {
    let mut sums = Sums::default();
    tile.spikes.fill(0);
    for at in (0..tile.len as usize).step_by(LANES) {
        let fired = match field {
            None => super::snn::update::<LANES>(context, &mut sums.flags, tile, at, step),
            Some(field) => super::markov::update::<LANES>(context, field, &mut sums.flags, tile, at, step),
        };
        if fired.any() {
            for (l, _) in fired.0.iter().enumerate().filter(|(_, fired)| **fired) {
                let index = at + l;
                sums.fired += 1;
                tile.spikes[index / 32] |= 1 << (index % 32);
                tile.last_spike[index] =
                    book_spike(&context.dispatch, &mut sums.intervals, tile.last_spike[index], step + 1);
            }
        }
    }
    sums
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2+popcnt", "aarch64+neon"))]
fn receive_tile(context: &Context, graph: Option<&Graph>, counts: &[u32], tile: &mut Tile, step: u32) -> u32 {
    let mut flags = 0;
    for at in (0..tile.len as usize).step_by(LANES) {
        super::snn::receive::<LANES>(context, graph, &mut flags, counts, tile, at, step);
    }
    flags
}
