//! Batches on a device, one right after the other: while it computes one, the host sets up the next and finishes the last.

use super::batch::{BatchError, BatchMember, Ended};
use super::beside::{beside, threads};
use super::checkpoint::{MemberState, Start};
use super::gpu::Device;
use super::model_at_point::{MemberId, ModelAtPoint};
use super::observer::Observer;
use super::points::Ensemble;
use super::sink::Sink;
use crate::gpu::GpuError;
use crate::gpu::pace::Pace;
use crate::results::Key;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::mpsc::sync_channel;

/// Members that go into the log at once: a lock and two calls of the system for all of them.
const TOGETHER: usize = 16;

/// The batches of a run; the last one is finished when this is dropped, however that comes about.
pub struct Batches<'a, 'b> {
    device: &'a mut Device,
    ensemble: &'a Ensemble,
    sink: &'a Sink<'b>,
    /// For finishing batches, so that statistics of the one under way, for which its device waits, do not queue behind that.
    finishing: Option<ThreadPool>,
    last: Option<Unfinished<'a>>,
}

/// Members that ended, and whose results are to be made of what was seen.
struct Unfinished<'a> {
    members: Vec<(MemberId, &'a ModelAtPoint, Option<Observer>)>,
    /// The checkpoint that they then need no more.
    checkpoint: Option<Key>,
}

impl<'a, 'b> Batches<'a, 'b> {
    pub fn new(device: &'a mut Device, ensemble: &'a Ensemble, sink: &'a Sink<'b>) -> Batches<'a, 'b> {
        let finishing = threads(rayon::current_num_threads() / 2);
        Batches { device, ensemble, sink, finishing, last: None }
    }

    /// What computes them.
    pub fn device(&mut self) -> &mut Device {
        self.device
    }

    /// Runs members of one model, shape and starting step, in as many batches as memory asks for. Returns the states that they
    /// ended in, if `states` are wanted; `None` for those that have no result.
    ///
    /// A batch for which the device has no memory, or whose points' tables are too large for it, is cut in two. A device that is
    /// lost is opened again, once for a batch, which goes on from its last checkpoint.
    pub fn run(
        &mut self,
        members: &mut [BatchMember<'a>],
        states: bool,
    ) -> Result<Vec<Option<MemberState>>, BatchError> {
        let mut ended = Vec::with_capacity(members.len());
        let mut lost_at = None;
        while ended.len() < members.len() && self.sink.goes_on() {
            self.device.prepare(members[0].at_point)?;
            let Err((size, error)) = self.run_as_far(&members[ended.len()..], states, &mut ended) else { break };
            let at = ended.len();
            match error.gpu() {
                Some(GpuError::OutOfMemory { .. }) if size > 1 => self.device.halve(size),
                // Tables, which another batch of fewer points has room for.
                Some(GpuError::Limit { .. }) if is_of_points(&members[at..at + size]) => self.device.halve(size),
                Some(GpuError::Lost { .. }) if lost_at != Some(at) => {
                    lost_at = Some(at);
                    self.device.reopen()?;
                    go_on(&mut members[at..at + size], self.sink);
                }
                _ => return Err(error),
            }
        }
        ended.resize_with(members.len(), || None);
        Ok(ended)
    }

    /// Batch after batch, until the last or the first that fails, whose size it then tells. While the device computes the last steps
    /// of one it is given the first of the next, if it has room for both.
    fn run_as_far(
        &mut self,
        members: &[BatchMember<'a>],
        states: bool,
        ended: &mut Vec<Option<MemberState>>,
    ) -> Result<(), (usize, BatchError)> {
        let Batches { device, ensemble, sink, finishing, last } = self;
        let device = &**device;
        let at_point = members[0].at_point;
        let next_size = |rest: &[BatchMember]| device.batch_size(at_point, points(rest));
        let (mut rest, mut pace) = (members, device.pace(at_point));
        let (mut ahead, mut set_up, mut room) = (None, None, true);
        while !rest.is_empty() && sink.goes_on() {
            let (batch, behind) = rest.split_at(next_size(rest));
            let set_up_now = || device.set_up(ensemble, batch);
            let begin = || device.begin(batch, set_up.take().unwrap_or_else(set_up_now)?, pace.clone(), sink);
            let running = ahead.take().map_or_else(begin, Ok).map_err(|error| (batch.len(), error))?;
            let next = &behind[..next_size(behind)];
            room &= device.has_room(at_point, batch.len() + next.len());
            let (send, ready) = sync_channel(1);
            let begin_next = |now: &Pace| {
                pace = now.clone();
                // Where it is not ready, or there is no room after all, the next begins when this one has ended.
                if room && let Ok(Ok(setup)) = ready.try_recv() {
                    let begun = device.begin(next, setup, pace.clone(), sink);
                    room = begun.is_ok();
                    ahead = begun.ok();
                }
            };
            let before = last.take();
            let outcome = beside(
                finishing.as_ref(),
                || before.into_iter().for_each(|before| before.finish(sink)),
                || {
                    rayon::in_place_scope(|scope| {
                        if !next.is_empty() {
                            // The channel has room for it, and outlives this scope.
                            scope.spawn(|_| drop(send.send(device.set_up(ensemble, next))));
                        }
                        running.end(states, sink, begin_next)
                    })
                },
            );
            set_up = ready.try_recv().ok();
            let Ended { states, observers, written } = outcome.map_err(|error| (batch.len(), error.into()))?;
            ended.extend(states);
            *last = Some(Unfinished::new(batch, observers, written));
            rest = behind;
        }
        Ok(())
    }
}

impl Drop for Batches<'_, '_> {
    fn drop(&mut self) {
        self.last.take().into_iter().for_each(|last| last.finish(self.sink));
    }
}

impl<'a> Unfinished<'a> {
    fn new(batch: &[BatchMember<'a>], observers: Vec<Option<Observer>>, written: bool) -> Unfinished<'a> {
        let first = &batch[0];
        let checkpoint = written.then(|| first.at_point.record_key(first.member.realisation));
        let members = batch.iter().zip(observers);
        Unfinished {
            members: members.map(|(batched, observer)| (batched.member, batched.at_point, observer)).collect(),
            checkpoint,
        }
    }

    /// Members into the log.
    fn finish(self, sink: &Sink) {
        let finished = |(member, at_point, observer): (MemberId, &ModelAtPoint, Option<Observer>)| {
            Some(observer?.finish(&at_point.plan, at_point.record_key(member.realisation)))
        };
        self.members
            .into_par_iter()
            .chunks(TOGETHER)
            .for_each(|members| sink.accept(members.into_iter().filter_map(finished)));
        if let Some(checkpoint) = self.checkpoint {
            sink.forget(&checkpoint);
        }
    }
}

fn points(members: &[BatchMember]) -> impl ExactSizeIterator<Item = u32> {
    members.iter().map(|batched| batched.member.point)
}

/// Lets the members of a batch go on from its last checkpoint, if that holds all of them.
fn go_on(batch: &mut [BatchMember], sink: &Sink) {
    let keys: Vec<_> = batch.iter().map(|batched| batched.at_point.record_key(batched.member.realisation)).collect();
    let mut starts: HashMap<_, _> = sink.checkpoints.read(&keys[0]).into_iter().collect();
    if keys.iter().all(|key| starts.contains_key(key)) {
        for (batched, key) in batch.iter_mut().zip(&keys) {
            batched.start = starts.remove(key).unwrap_or(Start::BEGIN);
        }
    }
}

/// Whether a batch has members of more than one point.
fn is_of_points(members: &[BatchMember]) -> bool {
    members.iter().any(|other| other.member.point != members[0].member.point)
}
