//! Which thread of a workgroup steps which neurons.
//!
//! On a GPU each neuron has a thread of its own, as far as a workgroup has threads: populations lie one after the other, each
//! beginning with a warp, so that a warp does one thing. Where that takes more threads than there are, a thread has a neuron
//! in each of a few rounds. All of it is known when the kernel is composed, so that state stays in registers. Larger
//! networks, and those with more populations and projections than are worth writing out, have their state in memory.

use super::device::Gpu;
use super::wiring::{iterations, suited};
use crate::network::parameters::{PopulationParameters, ProjectionParameters};
use crate::network::scale::KICKS;
use crate::network::shape::{Model, NetworkShape, ProjectionShape};
use crate::network::wiring::Wiring;
use crate::random::draws::ROWS;

/// Threads that always do the same at the same time; a population begins at a multiple of it.
const WARP: u32 = 32;
/// Lanes of a vector of a software adapter.
const VECTOR: u32 = 8;
/// Fewest threads of a workgroup where the device allows them. Apple's compiler loses barriers between threads of one warp that are a
/// whole workgroup (FB22265690).
pub const FEWEST_THREADS: u32 = 64;
/// Most threads of a workgroup.
const THREADS: u32 = 1024;
/// The same where a thread has several neurons: NVIDIA's multiprocessors have 65 536 registers, and 64 are too few for two.
const FEWER_THREADS: u32 = 512;
/// Most neurons of a thread whose state stays in registers: with more, compilers put it into memory by themselves.
const ROUNDS: u32 = 2;
/// The same of a software adapter, whose registers are memory.
const SOFTWARE_ROUNDS: u32 = 8;
/// Most pieces and projections onto them that are written out.
const TEXTS: usize = 64;
/// Neurons per thread from which a larger workgroup is better, where state is in memory.
const SLOTS_WANTED: u32 = 8;
/// What an adapter allows a workgroup.
#[derive(Clone, Copy, Debug)]
pub struct WorkgroupLimits {
    pub threads: u32,
    /// Bytes of workgroup memory.
    pub memory: u32,
    /// Does both sides of every branch that depends on the thread, as Mesa 22.3's llvmpipe does.
    pub software: bool,
    /// Its shaders have 64-bit integers.
    pub wide_integers: bool,
}

impl WorkgroupLimits {
    pub fn new(gpu: &Gpu) -> WorkgroupLimits {
        let limits = &gpu.limits;
        let threads = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
        WorkgroupLimits {
            threads: threads.min(THREADS),
            memory: limits.max_compute_workgroup_storage_size,
            software: gpu.is_software(),
            wide_integers: gpu.has_wide_integers(),
        }
    }
}

/// Consecutive neurons of one population on consecutive threads, one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Which of the neurons of its threads.
    pub round: u32,
    pub population: u32,
    /// The first neuron, by its index within the population.
    pub first: u32,
    pub len: u32,
    pub thread: u32,
}

/// How the neurons of a shape are laid out over the threads of a workgroup; results do not depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkgroupLayout {
    /// Threads of a workgroup.
    pub workgroup: u32,
    /// Every neuron once, for a whole dispatch in registers; empty: state in memory, thread t of w takes neurons t, t + w, ...
    /// of each population.
    pub pieces: Vec<Piece>,
    /// Populations and the projections onto them are written out one by one; state in registers asks for it.
    pub written_out: bool,
    /// Parameters of the member's point in workgroup memory.
    pub held_parameters: bool,
    /// How a quenched graph is kept.
    pub wiring: Wiring,
    /// Products of 32 bits are made in 64-bit integers.
    pub wide_products: bool,
}

impl WorkgroupLayout {
    /// What suits the adapter.
    pub fn new(shape: &NetworkShape, limits: WorkgroupLimits) -> WorkgroupLayout {
        let texts = |layout: &WorkgroupLayout| -> usize {
            layout.pieces.iter().map(|piece| 1 + shape.populations[piece.population as usize].incoming.len()).sum()
        };
        let resident = if limits.software { separate(shape, limits.threads) } else { packed(shape, limits.threads) };
        let layout = resident.filter(|layout| texts(layout) <= TEXTS).unwrap_or_else(|| {
            let slots = |workgroup: u32| shape.populations.iter().map(|pop| pop.size.div_ceil(workgroup)).sum::<u32>();
            let mut workgroup = FEWEST_THREADS.min(limits.threads);
            while slots(workgroup) > SLOTS_WANTED && 2 * workgroup <= limits.threads.min(FEWER_THREADS) {
                workgroup *= 2;
            }
            let written_out = shape.populations.len() + shape.projections.len() <= TEXTS;
            WorkgroupLayout { written_out, ..WorkgroupLayout::streamed(shape, workgroup) }
        });
        let parameters = shape.populations.len() * size_of::<PopulationParameters>()
            + shape.projections.len() * size_of::<ProjectionParameters>();
        let held_parameters = parameters <= limits.memory as usize / 4;
        WorkgroupLayout { held_parameters, wide_products: limits.wide_integers, ..layout }
    }

    /// State in registers, populations packed one after the other.
    pub fn resident(shape: &NetworkShape, workgroup: u32) -> WorkgroupLayout {
        let mut pieces = vec![];
        let mut lane = 0u32;
        for (population, of_shape) in shape.populations.iter().enumerate() {
            lane = lane.next_multiple_of(WARP.min(workgroup));
            let mut first = 0;
            while first < of_shape.size {
                let (round, thread) = (lane / workgroup, lane % workgroup);
                let len = (of_shape.size - first).min(workgroup - thread);
                pieces.push(Piece { round, population: population as u32, first, len, thread });
                (first, lane) = (first + len, lane + len);
            }
        }
        WorkgroupLayout { pieces, ..WorkgroupLayout::in_registers(shape, workgroup) }
    }

    /// State in registers, of pieces that are not there yet.
    fn in_registers(shape: &NetworkShape, workgroup: u32) -> WorkgroupLayout {
        let wiring = suited(shape, true);
        WorkgroupLayout { written_out: true, wiring, ..WorkgroupLayout::streamed(shape, workgroup) }
    }

    /// State in memory, all of it in loops.
    pub fn streamed(shape: &NetworkShape, workgroup: u32) -> WorkgroupLayout {
        WorkgroupLayout {
            workgroup,
            pieces: vec![],
            written_out: false,
            held_parameters: true,
            wiring: suited(shape, false),
            wide_products: false,
        }
    }

    /// State in registers for a whole dispatch.
    pub fn is_resident(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Neurons of a thread, at most.
    pub fn rounds(&self) -> u32 {
        self.pieces.iter().map(|piece| piece.round + 1).max().unwrap_or(0)
    }

    /// Loop iterations of one thread in one step, at most; llvmpipe ends a shader at 65 535.
    pub fn iterations_per_step(&self, shape: &NetworkShape) -> u32 {
        let (populations, projections) = (shape.populations.len() as u32, shape.projections.len() as u32);
        let incoming = shape.incoming_max();
        let words: u32 =
            if shape.quenched { shape.populations.iter().map(|pop| pop.size.div_ceil(32)).sum() } else { 0 };
        let draws = shape.projections.iter().map(|projection| draws(shape, projection)).max().unwrap_or(0);
        let neurons = if self.is_resident() {
            self.rounds() * draws * incoming + iterations(self.wiring, shape, self.workgroup, self.rounds())
        } else {
            let slots: u32 = shape.populations.iter().map(|pop| pop.size.div_ceil(self.workgroup)).sum();
            let wired = iterations(self.wiring, shape, self.workgroup, slots);
            8 * populations + slots * (3 + (7 + draws) * incoming) + wired
        };
        // The step itself, its spikes, what is prepared, published and sampled.
        let passes = if shape.ring > 1 { 5 } else { 4 };
        let shared = passes * ((populations + projections + words).div_ceil(self.workgroup) + 1);
        1 + populations + shared + neurons
    }
}

/// Loop iterations of a neuron's binomials of a projection in one step, at most: those of more than 255 loop over the powers of two in
/// their count, of births the spikes of the source, of deaths and of kicks that rise the pending kicks.
fn draws(shape: &NetworkShape, projection: &ProjectionShape) -> u32 {
    let powers = |count: u32| (count.max(1).ilog2() + 1).saturating_sub(ROWS.ilog2());
    if shape.model != Model::Snn {
        return 0;
    }
    let births = if projection.outside { 0 } else { powers(shape.populations[projection.source as usize].size) };
    // One step of births comes before the flag.
    let pending = if projection.delta || projection.deterministic_decay { 0 } else { powers(2 * KICKS) };
    births + (1 + u32::from(projection.rise)) * pending
}

/// As few neurons per thread as a workgroup of at most `limit` threads allows.
fn packed(shape: &NetworkShape, limit: u32) -> Option<WorkgroupLayout> {
    let warp = WARP.min(limit);
    let lanes: u32 = shape.populations.iter().map(|pop| pop.size.next_multiple_of(warp)).sum();
    let mut workgroups = (1..=ROUNDS).map(|rounds| (rounds, lanes.div_ceil(rounds).next_multiple_of(warp)));
    let most = |rounds: u32| if rounds == 1 { limit } else { limit.min(FEWER_THREADS) };
    let (_, workgroup) = workgroups.find(|&(rounds, workgroup)| workgroup <= most(rounds))?;
    Some(WorkgroupLayout::resident(shape, workgroup.max(FEWEST_THREADS).min(limit)))
}

/// Each round is of one population alone, in the workgroup that leaves fewest threads idle; a round costs as much as a few.
fn separate(shape: &NetworkShape, limit: u32) -> Option<WorkgroupLayout> {
    let rounds = |workgroup: u32| shape.populations.iter().map(|pop| pop.size.div_ceil(workgroup)).sum::<u32>();
    let workgroups = (1..=limit / VECTOR).map(|vectors| vectors * VECTOR).filter(|&w| rounds(w) <= SOFTWARE_ROUNDS);
    let workgroup = workgroups.min_by_key(|&workgroup| rounds(workgroup) * (workgroup + 2 * VECTOR))?;
    let mut layout = WorkgroupLayout::in_registers(shape, workgroup);
    for (population, of_shape) in shape.populations.iter().enumerate() {
        for first in (0..of_shape.size).step_by(workgroup as usize) {
            let len = (of_shape.size - first).min(workgroup);
            layout.pieces.push(Piece { round: layout.rounds(), population: population as u32, first, len, thread: 0 });
        }
    }
    Some(layout)
}
