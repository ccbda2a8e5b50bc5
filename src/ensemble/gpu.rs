//! An open device with its kernels, and the batches that it takes of one model and shape, as large as memory allows.

use super::batch::{BatchError, BatchMember, Driven, Ended};
use super::kernel::{Compiled, Kernel};
use super::model_at_point::ModelAtPoint;
use super::networks::{NetworkSetup, Networks, begin_networks};
use super::points::Ensemble;
use super::sink::Sink;
use super::trajectories::{Trajectories, TrajectorySetup, begin_trajectories};
use crate::gpu::pace::Pace;
use crate::gpu::{Gpu, GpuError};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Members of a batch: more than fill any device, few enough for the host's memory, which has the statistics of three.
const MEMBERS: usize = 4096;
/// Points of a batch: each may have tables of its own, of some hundred kB.
const POINTS: usize = 1024;

/// What a batch begins with.
pub enum Setup<'a> {
    /// Of `snn` or `markov`.
    Networks(Box<NetworkSetup>),
    /// Of `dsode`.
    Trajectories(TrajectorySetup<'a>),
}

/// A batch on its way.
pub enum Running<'a, 'b> {
    /// Of `snn` or `markov`.
    Networks(Driven<'a, Networks<'a, 'b>>),
    /// Of `dsode`.
    Trajectories(Driven<'a, Trajectories<'a, 'b>>),
}

impl Running<'_, '_> {
    /// See [`Driven::end`].
    pub fn end(self, states: bool, sink: &Sink, meanwhile: impl FnMut(&Pace)) -> Result<Ended, GpuError> {
        match self {
            Running::Networks(batch) => batch.end(states, sink, meanwhile),
            Running::Trajectories(batch) => batch.end(states, sink, meanwhile),
        }
    }
}

/// An open device with the kernels compiled so far.
pub struct Device {
    /// The open device itself.
    pub gpu: Gpu,
    kernels: HashMap<Compiled, Kernel>,
    /// Members of a batch, halved when the device runs out of memory.
    members: usize,
}

impl Device {
    /// Without kernels yet; each is compiled when a model first needs it.
    pub fn new(gpu: Gpu) -> Device {
        Device { gpu, kernels: HashMap::new(), members: MEMBERS }
    }

    /// Compiles the kernel of a model at a point, unless it was before.
    pub fn prepare(&mut self, at_point: &ModelAtPoint) -> Result<(), BatchError> {
        if let Entry::Vacant(place) = self.kernels.entry(Compiled::of(at_point)) {
            place.insert(Kernel::new(&self.gpu, at_point)?);
        }
        Ok(())
    }

    /// The kernel of a prepared model; `None` of another one.
    pub fn kernel(&self, at_point: &ModelAtPoint) -> Option<&Kernel> {
        self.kernels.get(&Compiled::of(at_point))
    }

    /// How many members, at these points, of one model and shape, are the next batch of a prepared model; 0 of another one.
    pub fn batch_size(&self, at_point: &ModelAtPoint, points: impl ExactSizeIterator<Item = u32>) -> usize {
        let all = points.len();
        let few = if let Some(Kernel::Network(_)) = self.kernel(at_point) { of_few_points(points) } else { all };
        self.most(at_point).0.min(few).min(all).min(self.members)
    }

    /// Whether so many members of a prepared model, of more than one batch, have room on the device at once.
    pub fn has_room(&self, at_point: &ModelAtPoint, members: usize) -> bool {
        members <= self.most(at_point).1
    }

    /// Most members of a batch, and at once.
    fn most(&self, at_point: &ModelAtPoint) -> (usize, usize) {
        self.kernel(at_point).map_or((0, 0), |kernel| kernel.batch_size(&self.gpu, at_point))
    }

    /// What a batch of a prepared model begins with.
    pub fn set_up<'a>(&self, ensemble: &Ensemble, batch: &[BatchMember<'a>]) -> Result<Setup<'a>, BatchError> {
        Ok(match self.kernel(batch[0].at_point) {
            Some(Kernel::Network(kernel)) => {
                let most = Pace::most(kernel.steps_max(&self.gpu));
                Setup::Networks(Box::new(NetworkSetup::new(ensemble, batch, most)?))
            }
            _ => Setup::Trajectories(TrajectorySetup::new(ensemble, batch)?),
        })
    }

    /// How long dispatches of a prepared model are at first.
    pub fn pace(&self, at_point: &ModelAtPoint) -> Pace {
        Pace::new(self.kernel(at_point).expect("a batch is of a prepared model").steps_max(&self.gpu))
    }

    /// Submits the first steps of a batch of a prepared model.
    pub fn begin<'a, 'b>(
        &'a self,
        batch: &'a [BatchMember<'a>],
        setup: Setup<'a>,
        pace: Pace,
        sink: &'a Sink<'b>,
    ) -> Result<Running<'a, 'b>, BatchError> {
        let gpu = &self.gpu;
        Ok(match (setup, self.kernel(batch[0].at_point)) {
            (Setup::Networks(setup), Some(Kernel::Network(kernel))) => {
                Running::Networks(begin_networks(gpu, kernel, batch, *setup, pace, sink)?)
            }
            (Setup::Trajectories(setup), Some(Kernel::Dsode(kernel))) => {
                Running::Trajectories(begin_trajectories(gpu, kernel, batch, setup, pace, sink)?)
            }
            _ => unreachable!("a batch is of a prepared model"),
        })
    }

    /// Has batches of half of `members` from now on: more did not fit.
    pub fn halve(&mut self, members: usize) {
        self.members = members / 2;
        self.gpu.forget_readbacks();
    }

    /// Opens the adapter again after its device was lost; its kernels went with it.
    pub fn reopen(&mut self) -> Result<(), GpuError> {
        self.kernels.clear();
        self.gpu = self.gpu.reopen()?;
        Ok(())
    }
}

/// How many of the first members share a bounded number of points, and so of tables.
fn of_few_points(mut points: impl ExactSizeIterator<Item = u32>) -> usize {
    let (all, mut different, mut last) = (points.len(), 0, None);
    let beyond = points.position(|point| {
        different += usize::from(last != Some(point));
        last = Some(point);
        different > POINTS
    });
    beyond.unwrap_or(all)
}
