//! How a trajectory is laid out over the invocations and the workgroup memory of a device.

use super::parameters::{PopulationParameters, ProjectionParameters};
use super::real::Real;
use super::shape::DsodeShape;
use super::state::StateFields;
use crate::gpu::workgroup::FEWEST_THREADS;

/// Partial sums of a sum over bins.
const STRANDS: usize = <f32 as Real>::STRANDS;
/// Invocations of a workgroup are a multiple of this where the device allows it.
const SUBGROUP: usize = 32;
/// More invocations than this only wait for each other.
const WORKGROUP_MAX: usize = 320;
/// Trajectories of a workgroup, at most, with the white closure: 70 bins fill three subgroups to 73 %, twice as many five to 88 %. The
/// coloured one gains nothing by it (`benches/slots.rs`).
const TOGETHER_MOST: usize = 2;
/// Destinations per source and pass that are kept in workgroup memory, at least: as many as a window of 6 standard deviations mostly
/// reaches in the example network, few enough that many workgroups are resident (`benches/slots.rs`). Of more bins, which are narrower,
/// one in so many.
const SLOTS_WANTED: usize = 6;
const BINS_PER_SLOT: usize = 10;

/// A shape has no kernel on a device.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{bins} voltage bins of all populations, and what this network keeps of them, need {needed} bytes of workgroup memory, the device \
     allows {allowed}; choose a wider models.*.dsode.bin, or --backend cpu"
)]
pub struct KernelError {
    pub bins: usize,
    pub needed: usize,
    pub allowed: usize,
}

/// What a device has for a workgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes of workgroup memory.
    pub memory: usize,
    /// Most invocations of a workgroup.
    pub invocations: usize,
}

/// How a shape is laid out over the invocations and the workgroup memory of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrajectoryLayout {
    /// Trajectories of a workgroup.
    pub together: usize,
    /// Invocations of a workgroup.
    pub workgroup: usize,
    /// Destinations per source and pass.
    pub slots: usize,
    /// Passes that the widest window would take.
    pub passes: usize,
    /// Bytes of workgroup memory.
    pub memory: usize,
    /// f32 numbers of state per trajectory.
    pub state: usize,
}

/// Loop iterations that a binomial variate seldom takes more than.
const DRAW: usize = 60;
/// The same on average over the destinations of a bin, whose draws share its neurons.
const DRAWS: usize = 4;

impl TrajectoryLayout {
    /// The layout of `shape` on a device.
    pub fn new(shape: &DsodeShape, Room { memory, invocations }: Room) -> Result<Self, KernelError> {
        let together = if shape.coloured { 1 } else { TOGETHER_MOST };
        let widest = shape.bins.iter().copied().max().unwrap_or(1);
        let slots = widest.div_ceil(BINS_PER_SLOT).max(SLOTS_WANTED);
        TrajectoryLayout::with_most(shape, memory, invocations, slots, together)
    }

    /// The same with at most so many destinations per source and pass, and trajectories of a workgroup.
    pub fn with_most(
        shape: &DsodeShape,
        memory: usize,
        invocations: usize,
        slots: usize,
        together: usize,
    ) -> Result<Self, KernelError> {
        let bins = shape.total_bins();
        let widest = shape.bins.iter().copied().max().unwrap_or(1);
        let (populations, projections) = (shape.populations(), shape.projections.len().max(1));
        let fluctuations = shape.fluctuations().count();
        let places = StateFields::of(shape);
        let held = places.delayed.first;
        let (averages, between) = if shape.coloured { (bins, (fluctuations * STRANDS).max(1)) } else { (1, 1) };
        let moments = if shape.is_local() { 4 * shape.drifts().max(1) + 2 * projections } else { 6 };
        let sums = 2 * populations * STRANDS + between;
        let parameters =
            populations * size_of::<PopulationParameters<f32>>() + projections * size_of::<ProjectionParameters<f32>>();
        let fixed = held
            + parameters / size_of::<f32>()
            + 4 * bins
            + 2 * averages
            + 4 * shape.drifts().max(1)
            + 5 * populations
            + 3 * fluctuations.max(1)
            + sums
            + 1;
        // A workgroup's array is never empty.
        let (fixed, per_slot) =
            if shape.is_local() { (fixed + moments, 3 * bins) } else { (fixed + moments + 1, 2 * bins) };
        let bytes = |together: usize, slots: usize| 4 * (1 + together * (fixed + slots * per_slot));
        let needed = bytes(1, 1);
        if needed > memory {
            return Err(KernelError { bins, needed, allowed: memory });
        }
        let slots = ((memory / 4 - fixed - 1) / per_slot).min(slots).min(widest);
        let invocations = invocations.min(WORKGROUP_MAX);
        let wanted =
            |together: usize| (together * (bins + populations)).next_multiple_of(SUBGROUP).max(FEWEST_THREADS as usize);
        let fits = |&together: &usize| wanted(together) <= invocations && bytes(together, slots) <= memory;
        // Fewest invocations per trajectory; of equals the fewest trajectories.
        let fewer = |a: &usize, b: &usize| (wanted(*a) * b).cmp(&(wanted(*b) * a));
        let together = (1..=together).filter(fits).min_by(fewer).unwrap_or(1);
        Ok(TrajectoryLayout {
            together,
            workgroup: wanted(together).min(invocations),
            slots,
            passes: widest.div_ceil(slots),
            memory: bytes(together, slots),
            state: places.total(),
        })
    }

    /// Loop iterations of one invocation in one step, at most, with as many passes as the widest window takes; llvmpipe ends a
    /// shader at 65 535. Of binomial draws the number is one that they seldom exceed.
    pub fn iterations_per_step(&self, shape: &DsodeShape) -> usize {
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let widest = shape.bins.iter().copied().max().unwrap_or(1);
        let strand = widest.div_ceil(STRANDS);
        let incoming = (0..populations).map(|q| shape.incoming(q).len()).max().unwrap_or(0);
        let rounds = |items: usize| (self.together * items).div_ceil(self.workgroup);
        // Of each bin that is looped over, the projections whose fluctuations it keeps.
        let each = 1 + if shape.coloured { incoming } else { 0 };
        let (draw, draws) = if shape.finite_size { (DRAW, DRAWS) } else { (0, 0) };
        // Every pass places the bins and, of its edges, has the first once more.
        let placed = 1 + 5 * incoming + if shape.finite_size { 3 } else { 0 };
        let gather = 1 + incoming + widest * each;
        let pass = 1 + rounds(shape.total_bins()) * (placed + gather);
        let shares = rounds(shape.total_bins()) * (widest * (each + draws) + draw);
        // Births or averages, sums of drifts, what lands, its moments, the tally.
        let of_strand = 4 + incoming * (3 + STRANDS) + strand * (2 + 4 * each);
        let settled = 1 + 2 * incoming + widest * each + draw;
        let written = rounds(projections) + rounds(shape.total_bins()) + rounds(populations);
        1 + self.passes * pass
            + shares
            + rounds(shape.fluctuations().count().max(1)) * (2 + STRANDS)
            + rounds(populations * STRANDS) * of_strand
            + rounds(populations) * (settled + 1 + STRANDS)
            + written
    }
}
