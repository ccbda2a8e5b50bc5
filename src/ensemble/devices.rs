//! Chains on devices: whichever is free takes a batch of them, from the first point of its chains to the last.

use super::batch::{BatchError, BatchMember};
use super::batches::Batches;
use super::chain::{ChainWork, carry};
use super::checkpoint::Start;
use super::gpu::Device;
use super::model_at_point::{MemberId, ModelAtPoint};
use super::points::Ensemble;
use super::queue::Queue;
use super::sink::Sink;
use crate::gpu::GpuError;
use std::panic::resume_unwind;
use std::thread::Builder;

/// A device that was lost and could not be had again, and what it left.
pub struct Loss {
    /// Among the devices.
    pub place: usize,
    /// Of the chains that it had taken; some may have a result.
    pub members: Vec<MemberId>,
    pub error: BatchError,
}

/// Computes what waits in `queue`, until nothing does or the run is stopped. Devices that are lost for good leave their chains; the
/// others go on.
///
/// # Errors
/// What another device would not do better, at which all of them stop; the last device is lost.
pub fn on_devices(
    devices: &mut [&mut Device],
    queue: &Queue,
    ensemble: &Ensemble,
    sink: &Sink,
) -> Result<Vec<Loss>, BatchError> {
    let mut working = 1;
    let mut losses = Vec::new();
    std::thread::scope(|scope| {
        let (first, others) = devices.split_first_mut().expect("a run on devices has one");
        // One for which there is no thread computes nothing.
        let others: Vec<_> = others
            .iter_mut()
            .enumerate()
            .filter_map(|(i, device)| {
                let work = move || on_device(i + 1, device, queue, ensemble, sink);
                Builder::new().spawn_scoped(scope, work).ok()
            })
            .collect();
        working += others.len();
        losses.extend(on_device(0, first, queue, ensemble, sink));
        losses.extend(others.into_iter().filter_map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
    });
    let ends_run = |loss: &Loss| !is_lost(&loss.error);
    let last = if losses.len() == working { losses.len().checked_sub(1) } else { None };
    match losses.iter().position(ends_run).or(last) {
        Some(place) => Err(losses.swap_remove(place).error),
        None => Ok(losses),
    }
}

fn is_lost(error: &BatchError) -> bool {
    matches!(error.gpu(), Some(GpuError::Lost { .. }))
}

/// One device, until nothing waits; what it left if it failed.
fn on_device(place: usize, device: &mut Device, queue: &Queue, ensemble: &Ensemble, sink: &Sink) -> Option<Loss> {
    let mut batches = Batches::new(device, ensemble, sink);
    let mut members = Vec::new();
    let outcome = loop {
        if !sink.goes_on() {
            break Ok(());
        }
        let chains = match queue.take(batches.device()) {
            Ok(chains) if chains.is_empty() => break Ok(()),
            Ok(chains) => chains,
            Err(error) => break Err(error),
        };
        members = chains.iter().flat_map(|work| work.chain.members.iter().copied()).collect();
        if let Err(error) = along(chains, &mut batches, queue.at_points, sink) {
            break Err(error);
        }
        members.clear();
    };
    let error = outcome.err()?;
    if !is_lost(&error) {
        sink.halt();
    }
    Some(Loss { place, members, error })
}

/// Chains of one kind, one position after the other.
fn along<'a>(
    mut group: Vec<ChainWork>,
    batches: &mut Batches<'a, '_>,
    at_points: &'a [ModelAtPoint],
    sink: &Sink,
) -> Result<(), BatchError> {
    let length = group[0].chain.members.len();
    let mut starts: Vec<Start> =
        group.iter_mut().map(|work| std::mem::replace(&mut work.start, Start::BEGIN)).collect();
    for position in 0..length {
        let mut members: Vec<BatchMember> = group
            .iter()
            .zip(starts)
            .map(|(work, start)| {
                let at_point = &at_points[work.at_points[position]];
                BatchMember { member: work.chain.members[position], at_point, start }
            })
            .collect();
        let last = position + 1 == length;
        let ended = batches.run(&mut members, !last)?;
        starts = Vec::new();
        if last || !sink.goes_on() {
            break;
        }
        let mut going_on = Vec::with_capacity(group.len());
        for (work, state) in group.into_iter().zip(ended) {
            let Some(state) = state else { continue };
            let (from, to) = (&at_points[work.at_points[position]], &at_points[work.at_points[position + 1]]);
            match carry(&state, from, to) {
                Ok(state) => {
                    starts.push(Start::carried(state));
                    going_on.push(work);
                }
                Err(error) => sink.reject(work.chain.members[position + 1], error.into()),
            }
        }
        group = going_on;
    }
    Ok(())
}
