//! A batch of members on a device, from where they start to where they end, whatever the model.

use super::checkpoint::{MemberState, Start};
use super::model_at_point::{MemberId, ModelAtPoint};
use super::observer::Observer;
use super::sink::Sink;
use crate::gpu::GpuError;
use crate::gpu::pace::{Pace, Stepped};
use crate::network::arithmetic::RangeError;
use std::time::Instant;

/// Bytes of a batch's buffers, on a device and in an adapter that shares the host's memory. No driver's memory is known through
/// wgpu: this is what small cards have. Larger ones would hardly use more, since a binding has at most 2 GiB and a member's graph
/// is what fills it.
pub const BYTES: u64 = 4 << 30;
pub const SOFTWARE_BYTES: u64 = 1 << 30;

/// A member on its way through a batch.
pub struct BatchMember<'a> {
    pub member: MemberId,
    pub at_point: &'a ModelAtPoint,
    pub start: Start,
}

/// Why a batch did not run.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error(transparent)]
    Gpu(#[from] GpuError),
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Reduced(#[from] crate::reduced::gpu::DsodeBatchError),
    #[error(transparent)]
    Shape(#[from] crate::reduced::ShapeError),
}

impl BatchError {
    /// What the device itself reported.
    pub fn gpu(&self) -> Option<&GpuError> {
        match self {
            BatchError::Gpu(error) | BatchError::Reduced(crate::reduced::gpu::DsodeBatchError::Gpu(error)) => {
                Some(error)
            }
            _ => None,
        }
    }
}

/// Members that step together, and what was seen of each; `None` for those that have no result.
pub trait ObservedBatch: Stepped {
    /// The state of every member, with nothing under way.
    fn states(&self) -> Result<Vec<MemberState>, GpuError>;

    fn observers(&self) -> impl Iterator<Item = Option<&Observer>>;

    fn into_observers(self) -> impl Iterator<Item = Option<Observer>>;
}

/// How a batch ended; `None` for members without a result, and for all of one that was stopped.
pub struct Ended {
    /// The states that the members ended in, if they were wanted.
    pub states: Vec<Option<MemberState>>,
    pub observers: Vec<Option<Observer>>,
    /// There is a checkpoint, of no use once the members are in the log.
    pub written: bool,
}

/// A batch on its way.
pub struct Driven<'a, B> {
    batch: B,
    members: &'a [BatchMember<'a>],
    pace: Pace,
    /// The first step that was not submitted.
    next: u32,
}

impl<'a, B: ObservedBatch> Driven<'a, B> {
    /// Submits the first steps of `members`.
    pub fn begin(mut batch: B, members: &'a [BatchMember<'a>], pace: Pace) -> Result<Driven<'a, B>, GpuError> {
        let (at_point, first) = (members[0].at_point, members[0].start.step);
        let next = pace.begin(&mut batch, first, at_point.steps)?;
        Ok(Driven { batch, members, pace, next })
    }

    /// Runs the members to their end, or until the run is stopped. `meanwhile` is done when all is submitted and the device still
    /// computes, unless the run is stopped before.
    pub fn end(self, states: bool, sink: &Sink, mut meanwhile: impl FnMut(&Pace)) -> Result<Ended, GpuError> {
        let Driven { mut batch, members, mut pace, next: mut step } = self;
        let at_point = members[0].at_point;
        let mut written = members[0].start.step > 0;
        if step == at_point.steps {
            meanwhile(&pace);
        }
        loop {
            let begun = Instant::now();
            let goes_on = || sink.goes_on() && begun.elapsed() < sink.checkpoints.every;
            step = pace.step(&mut batch, step, at_point.steps, goes_on, &mut meanwhile)?;
            if step == at_point.steps {
                break;
            }
            keep(&batch, members, step, sink)?;
            written = true;
            if !sink.goes_on() {
                let states = members.iter().map(|_| None).collect();
                return Ok(Ended { states, observers: vec![], written: false });
            }
        }
        let mut ended: Vec<Option<MemberState>> = members.iter().map(|_| None).collect();
        if states {
            let states = batch.states()?;
            ended =
                states.into_iter().zip(batch.observers()).map(|(state, observer)| observer.map(|_| state)).collect();
        }
        Ok(Ended { states: ended, observers: batch.into_observers().collect(), written })
    }
}

/// Writes a checkpoint of all members that may still have a result.
fn keep(batch: &impl ObservedBatch, members: &[BatchMember], step: u32, sink: &Sink) -> Result<(), GpuError> {
    let states = batch.states()?;
    let under_way = members.iter().zip(batch.observers()).zip(states).filter_map(|((batched, observer), state)| {
        let start = Start { step, state: Some(state), observer: Some(observer?.clone()) };
        Some((batched.at_point.record_key(batched.member.realisation), start))
    });
    sink.checkpoint(under_way.collect());
    Ok(())
}
