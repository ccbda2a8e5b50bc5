//! Members on a GPU: in batches of one shape, as large as memory allows, and once more where the device fails.

use super::batch::{BatchError, BatchMember};
use super::checkpoint::{MemberState, Start};
use super::model_at_point::ModelAtPoint;
use super::networks::{batch_size, run_networks};
use super::points::Ensemble;
use super::sink::Sink;
use super::trajectories::{self, run_trajectories};
use crate::gpu::network::NetworkKernel;
use crate::gpu::{Gpu, GpuError};
use crate::model::Variant;
use crate::network::shape::{Model, NetworkShape};
use crate::reduced::gpu::DsodeKernel;
use std::collections::HashMap;

/// Members of a batch: more than fill any device, few enough for the host's memory.
const MEMBERS: usize = 8192;
/// Points of a batch: each may have tables of its own, of some hundred kB.
const POINTS: usize = 1024;
/// An open device with the kernels compiled so far.
pub struct Device {
    /// The open device itself.
    pub gpu: Gpu,
    kernels: HashMap<(NetworkShape, Vec<u32>), NetworkKernel>,
    reduced: Vec<DsodeKernel>,
    /// Members of a batch, halved when the device runs out of memory.
    members: usize,
}

impl Device {
    /// Without kernels yet; each is compiled when a model first needs it.
    pub fn new(gpu: Gpu) -> Device {
        Device { gpu, kernels: HashMap::new(), reduced: Vec::new(), members: MEMBERS }
    }

    /// Compiles the kernel of a model at a point, unless it was before.
    pub fn prepare(&mut self, at_point: &ModelAtPoint) -> Result<(), BatchError> {
        if let Variant::Dsode { .. } = at_point.variant {
            if self.dsode_kernel(at_point).is_none() {
                let shape = at_point.dsode_shape()?;
                self.reduced.push(DsodeKernel::new(&self.gpu, &shape)?);
            }
        } else if self.network_kernel(at_point).is_none() {
            let key = kernel_key(at_point);
            let kernel = NetworkKernel::new(&self.gpu, &key.0, &key.1)?;
            self.kernels.insert(key, kernel);
        }
        Ok(())
    }

    /// The kernel of a prepared network; `None` for others.
    pub fn network_kernel(&self, at_point: &ModelAtPoint) -> Option<&NetworkKernel> {
        Model::of(&at_point.variant).and_then(|_| self.kernels.get(&kernel_key(at_point)))
    }

    /// The kernel of a prepared `dsode`; `None` for others.
    pub fn dsode_kernel(&self, at_point: &ModelAtPoint) -> Option<&DsodeKernel> {
        let Variant::Dsode { .. } = at_point.variant else { return None };
        let shape = at_point.dsode_shape().ok()?;
        self.reduced.iter().find(|kernel| kernel.shape == shape)
    }

    /// Runs members of one model, shape and starting step, in as many batches as memory asks for. Returns the states that they
    /// ended in, if `states` are wanted; `None` for those that have no result.
    ///
    /// A batch for which the device has no memory is cut in two. A device that is lost is opened again, once for a batch, which
    /// goes on from its last checkpoint.
    pub fn run(
        &mut self,
        ensemble: &Ensemble,
        members: &mut [BatchMember],
        states: bool,
        sink: &Sink,
    ) -> Result<Vec<Option<MemberState>>, BatchError> {
        let mut ended = Vec::with_capacity(members.len());
        let mut rest = members;
        let mut lost = false;
        while !rest.is_empty() && sink.goes_on() {
            let at_point = rest[0].at_point;
            self.prepare(at_point)?;
            let gpu = &self.gpu;
            let (size, outcome) = if let Some(kernel) = self.dsode_kernel(at_point) {
                let size = trajectories::batch_size(gpu, kernel, at_point).min(rest.len()).min(self.members);
                (size, run_trajectories(gpu, kernel, ensemble, &rest[..size], states, sink))
            } else {
                let kernel = &self.kernels[&kernel_key(at_point)];
                let size = of_few_points(rest).min(batch_size(gpu, kernel)).min(self.members);
                (size, run_networks(gpu, kernel, ensemble, &rest[..size], states, sink))
            };
            match outcome {
                Ok(states) => {
                    ended.extend(states);
                    rest = &mut rest[size..];
                    lost = false;
                }
                Err(error) => match error.gpu() {
                    Some(GpuError::OutOfMemory { .. }) if size > 1 => self.members = size / 2,
                    Some(GpuError::Lost { .. }) if !lost => {
                        lost = true;
                        self.reopen()?;
                        go_on(&mut rest[..size], sink);
                    }
                    _ => return Err(error),
                },
            }
        }
        ended.resize_with(ended.len() + rest.len(), || None);
        Ok(ended)
    }

    /// Opens the adapter again after its device was lost; its kernels went with it.
    fn reopen(&mut self) -> Result<(), GpuError> {
        self.kernels.clear();
        self.reduced.clear();
        self.gpu = self.gpu.reopen()?;
        Ok(())
    }
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

fn kernel_key(at_point: &ModelAtPoint) -> (NetworkShape, Vec<u32>) {
    (at_point.shape(), at_point.bin_counts())
}

/// How many of the first members share a bounded number of points, and so of tables.
fn of_few_points(members: &[BatchMember]) -> usize {
    let mut points = 0;
    let mut last = None;
    let beyond = members.iter().position(|batched| {
        points += usize::from(last != Some(batched.member.point));
        last = Some(batched.member.point);
        points > POINTS
    });
    beyond.unwrap_or(members.len())
}
