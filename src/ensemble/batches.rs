//! Batches on a device, one after the other: while it computes one, the host sets up the next and finishes the last.

use super::batch::{BatchError, BatchMember, Ended};
use super::checkpoint::{MemberState, Start};
use super::gpu::Device;
use super::model_at_point::{MemberId, ModelAtPoint};
use super::observer::Observer;
use super::points::Ensemble;
use super::sink::Sink;
use crate::gpu::GpuError;
use crate::results::Key;
use rayon::prelude::*;
use std::collections::HashMap;

/// The batches of a run; the last one is finished when this is dropped, however that comes about.
pub struct Batches<'a, 'b> {
    device: &'a mut Device,
    ensemble: &'a Ensemble,
    sink: &'a Sink<'b>,
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
        Batches { device, ensemble, sink, last: None }
    }

    /// What computes them.
    pub fn device(&mut self) -> &mut Device {
        self.device
    }

    /// Runs members of one model, shape and starting step, in as many batches as memory asks for. Returns the states that they
    /// ended in, if `states` are wanted; `None` for those that have no result.
    ///
    /// A batch for which the device has no memory is cut in two. A device that is lost is opened again, once for a batch, which
    /// goes on from its last checkpoint.
    pub fn run(
        &mut self,
        members: &mut [BatchMember<'a>],
        states: bool,
    ) -> Result<Vec<Option<MemberState>>, BatchError> {
        let Batches { device, ensemble, sink, last } = self;
        let mut ended = Vec::with_capacity(members.len());
        let mut rest = members;
        let (mut lost, mut next) = (false, None);
        while !rest.is_empty() && sink.goes_on() {
            let at_point = rest[0].at_point;
            device.prepare(at_point)?;
            let size = device.batch_size(at_point, points(rest));
            let (batch, behind) = rest.split_at(size);
            let setup = match next.take() {
                Some(setup) => setup,
                None => device.set_up(ensemble, batch),
            };
            let behind = &behind[..device.batch_size(at_point, points(behind))];
            let (open, before) = (&**device, last.take());
            let outcome = rayon::in_place_scope(|scope| {
                scope.spawn(|_| before.into_iter().for_each(|before| before.finish(sink)));
                if !behind.is_empty() {
                    scope.spawn(|_| next = Some(open.set_up(ensemble, behind)));
                }
                open.run(batch, setup?, states, sink)
            });
            match outcome {
                Ok(Ended { states, observers, written }) => {
                    ended.extend(states);
                    *last = Some(Unfinished::new(batch, observers, written));
                    rest = &mut rest[size..];
                    lost = false;
                }
                Err(error) => {
                    next = None;
                    match error.gpu() {
                        Some(GpuError::OutOfMemory { .. }) if size > 1 => device.halve(size),
                        Some(GpuError::Lost { .. }) if !lost => {
                            lost = true;
                            device.reopen()?;
                            go_on(&mut rest[..size], sink);
                        }
                        _ => return Err(error),
                    }
                }
            }
        }
        ended.resize_with(ended.len() + rest.len(), || None);
        Ok(ended)
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
        self.members.into_par_iter().for_each(|(member, at_point, observer)| {
            if let Some(observer) = observer {
                sink.accept(observer.finish(&at_point.plan, at_point.record_key(member.realisation)));
            }
        });
        if let Some(checkpoint) = self.checkpoint {
            sink.checkpoints.remove(&checkpoint);
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
