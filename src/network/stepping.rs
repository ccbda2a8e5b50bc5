//! Many steps of one member on the CPU: update every neuron, count the spikes, deliver them, sample.
//!
//! A step has two passes over the neurons with the spike counts between them. No pass depends on the order of neurons, so
//! blocks of a large network may run on several threads.

use super::chunk::{Chunk, ChunkScratch, Context, NeuronBlock, Pass, TILE};
use super::graph::Graph;
use super::initial::initial;
use super::markov::{MeanField, prepare};
use super::member::{NetworkOutput, add_wide, book_spike};
use super::neuron::voltage_bin;
use super::ring::{Ring, delayed_spikes, keep_spikes};
use super::shape::{Model, NetworkShape};
use super::snn::sampled_kicks;
use super::state::Units;
use super::wiring::Wiring;
use crate::wgsl::Word;
use multiversion::multiversion;
use rayon::prelude::*;
use std::cell::RefCell;

/// Networks from this size on share a step out over threads, if asked to.
const SHARED: u32 = 4 * TILE as u32;

/// Header of the device's output: steps done, flags.
pub const HEADER: u32 = 2;
/// Words per population of the interval sums.
pub const INTERVAL_WORDS: usize = 5;

thread_local! {
    /// One for each thread, so that a pass allocates nothing.
    static SCRATCH: RefCell<Box<ChunkScratch>> = RefCell::new(ChunkScratch::new());
}

/// The neurons of one member between dispatches.
pub struct NetworkMember {
    pub blocks: Vec<NeuronBlock>,
    /// Of a quenched `snn`.
    pub graph: Option<Graph>,
    /// Of `markov`.
    pub field: Option<MeanField>,
    /// Spikes that have not arrived.
    pub ring: Ring,
}

/// Sums that one block adds to in a pass.
#[derive(Clone, Default)]
struct Sums {
    fired: u32,
    flags: u32,
    intervals: [u32; INTERVAL_WORDS],
}

impl NetworkMember {
    /// The state at time 0.
    pub fn new(context: &Context, wiring: Wiring) -> NetworkMember {
        let shape = context.shape;
        let mut blocks = Vec::new();
        for (pop, population) in shape.populations.iter().enumerate() {
            let incoming = [shape.kick_words(pop), shape.rising_words(pop)].map(|words| words as usize);
            for first in (0..population.size).step_by(TILE) {
                let len = (population.size - first).min(TILE as u32);
                let mut block = NeuronBlock::new(pop, first, len, incoming);
                initial(context, &mut block);
                blocks.push(block);
            }
        }
        let connect = |proj: usize| context.projections[proj].connect;
        let graph = shape.quenched.then(|| Graph::new(shape, context.key, wiring, connect));
        let field = (shape.model != Model::Snn).then(|| MeanField::new(shape));
        NetworkMember { blocks, graph, field, ring: Ring::new(shape) }
    }

    /// `context.dispatch.steps` steps; fewer after a flag was raised. `threads`: share a large network's steps out. After
    /// each step `each` gets its number and the member.
    pub fn stepping(
        &mut self,
        context: &Context,
        threads: bool,
        mut each: impl FnMut(u32, &NetworkMember),
    ) -> NetworkOutput {
        let shape = context.shape;
        let populations = shape.populations.len();
        let threads = threads && shape.neurons() >= SHARED;
        let bins = context.bins.iter().copied().max().unwrap_or(0) as usize;
        let mut output = NetworkOutput {
            voltage: vec![0; populations * bins],
            intervals: vec![0; populations * INTERVAL_WORDS],
            counts: Vec::with_capacity(context.dispatch.steps as usize * populations),
            ..NetworkOutput::default()
        };
        let mut counts = vec![0; populations];
        for s in 0..context.dispatch.steps {
            let step = context.dispatch.first_step + s;
            counts.fill(0);
            let mut field = self.field.take();
            if let Some(field) = &mut field {
                prepare(context, &mut output.flags, field, &self.ring, step);
            }
            let update = |scratch: &mut ChunkScratch, block: &mut NeuronBlock| match &field {
                None => update_tile(context, scratch, block, step),
                Some(field) => update_tile_of_field(context, field, scratch, block, step),
            };
            self.pass(threads, update, |pop, sums| {
                counts[pop] += sums.fired;
                output.flags |= sums.flags;
                let to = &mut output.intervals[pop * INTERVAL_WORDS..][..INTERVAL_WORDS];
                to[0] += sums.intervals[0];
                add_wide(&mut to[1..3], sums.intervals[1], sums.intervals[2]);
                add_wide(&mut to[3..5], sums.intervals[3], sums.intervals[4]);
            });
            self.field = field;
            self.collect(&counts, step);
            if let Some(field) = &mut self.field {
                field.populations.iter_mut().zip(&counts).for_each(|(state, &spikes)| state.spikes = spikes);
            } else if self.receives(context, &counts, step) {
                output.flags |= self.deliver(context, threads, &counts, step);
            }
            output.counts.extend_from_slice(&counts);
            output.steps += 1;
            if output.flags != 0 {
                break;
            }
            if step + 1 > context.dispatch.discard_steps && (step + 1).is_multiple_of(context.dispatch.sample_every) {
                self.sample(context, &mut output, bins);
            }
            each(step, self);
        }
        output
    }

    /// Puts the spikes of a step where its receivers find them.
    fn collect(&mut self, counts: &[u32], step: u32) {
        if let Some(graph) = &mut self.graph {
            for block in &self.blocks {
                let words = &mut graph.spikes[block.population as usize][block.first as usize / 32..];
                words[..block.spikes.len()].copy_from_slice(&block.spikes);
            }
        }
        keep_spikes(&mut self.ring, step, counts, self.graph.as_ref().map(|graph| &graph.spikes[..]));
    }

    /// Whether any spike arrives after a step.
    fn receives(&self, context: &Context, counts: &[u32], step: u32) -> bool {
        context.shape.projections.iter().zip(context.projections).any(|(shape, r)| {
            let source = shape.source as usize;
            shape.outside || delayed_spikes(&self.ring, source, step, r.delay, counts[source]) > 0
        })
    }

    fn deliver(&mut self, context: &Context, threads: bool, counts: &[u32], step: u32) -> u32 {
        let (graph, ring) = (self.graph.take(), std::mem::take(&mut self.ring));
        let mut flags = 0;
        let receive = |scratch: &mut ChunkScratch, block: &mut NeuronBlock| {
            receive_block(context, graph.as_ref(), &ring, scratch, counts, block, step)
        };
        self.pass(threads, receive, |_, raised| flags |= raised);
        (self.graph, self.ring) = (graph, ring);
        flags
    }

    /// `f` for every block, on several threads if asked to; `take` gets its population and what came of it, in order.
    fn pass<T: Send>(
        &mut self,
        threads: bool,
        f: impl Fn(&mut ChunkScratch, &mut NeuronBlock) -> T + Sync + Send,
        mut take: impl FnMut(usize, T),
    ) {
        let f = |block: &mut NeuronBlock| SCRATCH.with_borrow_mut(|scratch| f(scratch, block));
        if threads {
            let of_blocks: Vec<T> = self.blocks.par_iter_mut().map(f).collect();
            self.blocks.iter().zip(of_blocks).for_each(|(block, of_block)| take(block.population as usize, of_block));
        } else {
            self.blocks.iter_mut().for_each(|block| take(block.population as usize, f(block)));
        }
    }

    /// Where a neuron is: its block, and its place there.
    pub fn neuron(&self, population: usize, neuron: u32) -> Option<(&NeuronBlock, usize)> {
        let mut of_population = self.blocks.iter().filter(|block| block.population as usize == population);
        let block = of_population.nth(neuron as usize / TILE)?;
        Some((block, neuron as usize % TILE)).filter(|&(block, index)| index < block.len as usize)
    }

    /// Pending kicks of the `k`-th projection onto a neuron that act: of `markov` their mean, with the coloured closure and the
    /// neuron's own deviation from it.
    pub fn kicks_of_neuron(
        &self,
        shape: &NetworkShape,
        units: &Units,
        block: &NeuronBlock,
        index: usize,
        k: usize,
    ) -> f64 {
        let projection = shape.populations[block.population as usize].incoming[k] as usize;
        let own = block.state.kicks.get(k).map_or(0.0, |kicks| units.kicks(projection, kicks[index]));
        own + self.field.as_ref().map_or(0.0, |field| units.kicks(projection, field.projections[projection].mean))
    }

    /// Kicks of a projection in all its targets, in units of [`NetworkShape::kick_unit`].
    pub fn kicks(&self, context: &Context, projection: usize) -> u32 {
        if let Some(field) = &self.field {
            return field.projections[projection].mean;
        }
        let target = context.shape.projections[projection].target;
        let incoming = &context.shape.populations[target as usize].incoming;
        let k = incoming.iter().position(|&proj| proj as usize == projection).expect("a projection enters its target");
        let of_target = self.blocks.iter().filter(|block| block.population == target);
        let of_block = |block: &NeuronBlock| {
            let kicks = block.state.kicks[k][..block.len as usize].iter().zip(block.first..);
            kicks.map(|(&kicks, i)| sampled_kicks(context, projection, kicks, i)).sum::<u32>()
        };
        of_target.map(of_block).sum()
    }

    /// Adds every neuron to the voltage histogram, and the sums of this sample to the output.
    fn sample(&self, context: &Context, output: &mut NetworkOutput, bins: usize) {
        let shape: &NetworkShape = context.shape;
        let mut refractory = vec![0; shape.populations.len()];
        for block in &self.blocks {
            let pop = block.population as usize;
            for index in 0..block.len as usize {
                if block.state.refractory[index] > 0 {
                    refractory[pop] += 1;
                } else {
                    let voltage = Word(block.state.voltage[index]);
                    let bin = voltage_bin(&context.populations[pop], voltage, context.bins[pop] - 1);
                    output.voltage[pop * bins + bin.0 as usize] += 1;
                }
            }
        }
        output.samples.extend(refractory);
        output.samples.extend((0..shape.projections.len()).map(|proj| self.kicks(context, proj)));
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn update_tile(context: &Context, scratch: &mut ChunkScratch, block: &mut NeuronBlock, step: u32) -> Sums {
    let mut sums = Sums::default();
    block.spikes.fill(0);
    for chunk in block.chunks() {
        let mut pass = Pass { context, scratch, flags: &mut sums.flags, block, chunk, step };
        super::snn::update(&mut pass);
        sums.book(context, scratch, block, chunk, step);
    }
    sums
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn update_tile_of_field(
    context: &Context,
    field: &MeanField,
    scratch: &mut ChunkScratch,
    block: &mut NeuronBlock,
    step: u32,
) -> Sums {
    let mut sums = Sums::default();
    block.spikes.fill(0);
    for chunk in block.chunks() {
        let mut pass = Pass { context, scratch, flags: &mut sums.flags, block, chunk, step };
        super::markov::update(&mut pass, field);
        sums.book(context, scratch, block, chunk, step);
    }
    sums
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2+popcnt", "aarch64+neon"))]
fn receive_block(
    context: &Context,
    graph: Option<&Graph>,
    ring: &Ring,
    scratch: &mut ChunkScratch,
    counts: &[u32],
    block: &mut NeuronBlock,
    step: u32,
) -> u32 {
    let mut flags = 0;
    for chunk in block.chunks() {
        let mut pass = Pass { context, scratch, flags: &mut flags, block, chunk, step };
        super::snn::receive(&mut pass, graph, ring, counts);
    }
    flags
}

impl Sums {
    /// Takes the spikes of a chunk.
    #[inline(always)]
    fn book(&mut self, context: &Context, scratch: &ChunkScratch, block: &mut NeuronBlock, chunk: Chunk, step: u32) {
        let (groups, _) = scratch.fired[..chunk.padded()].as_chunks::<8>();
        for (group, fired) in groups.iter().enumerate().filter(|(_, fired)| **fired != [0; 8]) {
            for index in (0..8).filter(|&i| fired[i] != 0).map(|i| chunk.at + 8 * group + i) {
                self.fired += 1;
                block.spikes[index / 32] |= 1 << (index % 32);
                let last = &mut block.state.last_spike[index];
                *last = book_spike(&context.dispatch, &mut self.intervals, *last, step + 1);
            }
        }
    }
}
