//! How a trajectory is laid out over the invocations and the workgroup memory of a device.

use super::real::Real;
use super::shape::DsodeShape;
use super::state::StateFields;

/// Partial sums of a sum over bins.
const STRANDS: usize = <f32 as Real>::STRANDS;
/// Invocations of a workgroup are a multiple of this where the device allows it.
const SUBGROUP: usize = 32;
/// More invocations than this only wait for each other.
const WORKGROUP_MAX: usize = 256;
/// Destinations per source and pass that are kept in workgroup memory: more than a window of 6 standard deviations reaches
/// in the example network, few enough that many workgroups are resident.
const SLOTS_WANTED: usize = 10;

/// A shape has no kernel on a device.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{bins} voltage bins need {needed} bytes of workgroup memory, the device allows {allowed}; \
     use wider bins (`bin`) or the CPU backend"
)]
pub struct KernelError {
    pub bins: usize,
    pub needed: usize,
    pub allowed: usize,
}

/// How a shape is laid out over the invocations and the workgroup memory of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrajectoryLayout {
    /// Invocations per trajectory.
    pub workgroup: usize,
    /// Destinations per source and pass.
    pub slots: usize,
    /// Passes that the widest window would take.
    pub passes: usize,
    /// Bytes of workgroup memory.
    pub memory: usize,
    /// f32 numbers of state per trajectory.
    pub state: usize,
    /// Loop iterations of one invocation in one step, at most, but for binomial draws: those seldom take more than 60.
    pub iterations: usize,
}

impl TrajectoryLayout {
    /// The layout of `shape` on a device with `memory` bytes of workgroup memory and workgroups of `invocations`.
    pub fn new(shape: &DsodeShape, memory: usize, invocations: usize) -> Result<Self, KernelError> {
        let bins = shape.total_bins();
        let widest = shape.bins.iter().copied().max().unwrap_or(1);
        let (populations, projections) = (shape.populations(), shape.projections.len().max(1));
        let fluctuations = shape.fluctuations().count();
        let places = StateFields::of(shape);
        let held = places.delayed.first;
        let (averages, between) = if shape.coloured { (bins, (fluctuations * STRANDS).max(1)) } else { (1, 1) };
        let moments = if shape.is_local() { 4 * shape.drifts().max(1) + 2 * projections } else { 6 };
        let sums = 2 * populations * STRANDS + between;
        let fixed = held
            + 5 * bins
            + 2 * averages
            + 4 * shape.drifts().max(1)
            + 3 * populations
            + 3 * fluctuations.max(1)
            + sums
            + 2;
        // A workgroup's array is never empty.
        let (fixed, per_slot) =
            if shape.is_local() { (fixed + moments, 3 * bins) } else { (fixed + moments + 1, 2 * bins) };
        let needed = 4 * (fixed + per_slot);
        if needed > memory {
            return Err(KernelError { bins, needed, allowed: memory });
        }
        let slots = ((memory / 4 - fixed) / per_slot).min(SLOTS_WANTED).min(widest);
        let workgroup = (bins + populations).next_multiple_of(SUBGROUP).min(WORKGROUP_MAX).min(invocations);
        let rounds = |items: usize| items.div_ceil(workgroup);
        let incoming = (0..populations).map(|q| shape.incoming(q).len()).max().unwrap_or(0);
        let each = if shape.coloured { 1 + incoming } else { 1 };
        let draws = if shape.finite_size { 4 * widest + 60 } else { 0 };
        let of_bin = 2 * widest * each + 3 * incoming + draws;
        let local = if shape.is_local() { incoming * (STRANDS + 3 * widest.div_ceil(STRANDS)) } else { 0 };
        let of_strand = local + incoming + 3 * widest.div_ceil(STRANDS) * each;
        let of_population = widest * each + incoming + STRANDS;
        Ok(TrajectoryLayout {
            workgroup,
            slots,
            passes: widest.div_ceil(slots),
            memory: 4 * (fixed + slots * per_slot),
            state: places.total(),
            iterations: rounds(bins) * of_bin
                + rounds(populations * STRANDS) * of_strand
                + rounds(populations) * of_population
                + rounds(fluctuations.max(1)) * (2 + STRANDS),
        })
    }
}
