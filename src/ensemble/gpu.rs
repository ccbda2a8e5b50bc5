//! An open device with its kernels, and the batches that it takes of one model and shape, as large as memory allows.

use super::batch::{BatchError, BatchMember, Driven, Ended};
use super::model_at_point::ModelAtPoint;
use super::networks::{self, NetworkSetup, Networks, begin_networks};
use super::points::Ensemble;
use super::sink::Sink;
use super::trajectories::{self, Trajectories, TrajectorySetup, begin_trajectories};
use crate::gpu::network::NetworkKernel;
use crate::gpu::pace::Pace;
use crate::gpu::{Gpu, GpuError};
use crate::model::Variant;
use crate::network::shape::{Model, NetworkShape};
use crate::reduced::gpu::DsodeKernel;
use std::collections::HashMap;

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

    /// How many members, at these points, of one model and shape, are the next batch of a prepared model; 0 of another one.
    pub fn batch_size(&self, at_point: &ModelAtPoint, points: impl ExactSizeIterator<Item = u32>) -> usize {
        let all = points.len();
        let few = if self.network_kernel(at_point).is_some() { of_few_points(points) } else { all };
        self.most(at_point).0.min(few).min(all).min(self.members)
    }

    /// Whether so many members of a prepared model, of more than one batch, have room on the device at once.
    pub fn has_room(&self, at_point: &ModelAtPoint, members: usize) -> bool {
        members <= self.most(at_point).1
    }

    /// Most members of a batch, and at once.
    fn most(&self, at_point: &ModelAtPoint) -> (usize, usize) {
        match (self.network_kernel(at_point), self.dsode_kernel(at_point)) {
            (Some(kernel), _) => networks::batch_size(&self.gpu, kernel),
            (_, Some(kernel)) => trajectories::batch_size(&self.gpu, kernel, at_point),
            _ => (0, 0),
        }
    }

    /// What a batch of a prepared model begins with.
    pub fn set_up<'a>(&self, ensemble: &Ensemble, batch: &[BatchMember<'a>]) -> Result<Setup<'a>, BatchError> {
        Ok(match self.network_kernel(batch[0].at_point) {
            Some(kernel) => {
                let most = Pace::most(kernel.steps_max(&self.gpu));
                Setup::Networks(Box::new(NetworkSetup::new(ensemble, batch, most)?))
            }
            None => Setup::Trajectories(TrajectorySetup::new(ensemble, batch)?),
        })
    }

    /// How long dispatches of a prepared model are at first.
    pub fn pace(&self, at_point: &ModelAtPoint) -> Pace {
        let of_network = self.network_kernel(at_point).map(|kernel| kernel.steps_max(&self.gpu));
        let of_dsode = self.dsode_kernel(at_point).map(|kernel| kernel.steps_max(&self.gpu));
        Pace::new(of_network.or(of_dsode).expect("a batch is of a prepared model"))
    }

    /// Submits the first steps of a batch of a prepared model.
    pub fn begin<'a, 'b>(
        &'a self,
        batch: &'a [BatchMember<'a>],
        setup: Setup<'a>,
        pace: Pace,
        sink: &'a Sink<'b>,
    ) -> Result<Running<'a, 'b>, BatchError> {
        let (gpu, at_point) = (&self.gpu, batch[0].at_point);
        Ok(match (setup, self.network_kernel(at_point), self.dsode_kernel(at_point)) {
            (Setup::Networks(setup), Some(kernel), _) => {
                Running::Networks(begin_networks(gpu, kernel, batch, *setup, pace, sink)?)
            }
            (Setup::Trajectories(setup), _, Some(kernel)) => {
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
        self.reduced.clear();
        self.gpu = self.gpu.reopen()?;
        Ok(())
    }
}

/// What a network's kernel is compiled for: its shape, and the bins of its histograms.
pub(super) fn kernel_key(at_point: &ModelAtPoint) -> (NetworkShape, Vec<u32>) {
    (at_point.shape(), at_point.bin_counts())
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
