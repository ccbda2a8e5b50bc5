//! The kernels of a device, and what each is compiled for.

use super::batch::BatchError;
use super::model_at_point::ModelAtPoint;
use super::{networks, trajectories};
use crate::gpu::Gpu;
use crate::gpu::network::NetworkKernel;
use crate::model::Variant;
use crate::network::shape::NetworkShape;
use crate::reduced::DsodeShape;
use crate::reduced::gpu::DsodeKernel;

/// What a kernel is compiled for.
#[derive(PartialEq, Eq, Hash)]
pub enum Compiled {
    /// Of `snn` and `markov`: the shape, and the bins of its histograms.
    Network(NetworkShape, Vec<u32>),
    /// `None` of one that cannot be had, which is told when it is to be compiled.
    Dsode(Option<DsodeShape>),
}

impl Compiled {
    /// That of a model at a point.
    pub fn of(at_point: &ModelAtPoint) -> Compiled {
        match at_point.variant {
            Variant::Dsode { .. } => Compiled::Dsode(at_point.dsode_shape().ok()),
            _ => Compiled::Network(at_point.shape(), at_point.bin_counts()),
        }
    }
}

/// A compiled kernel.
pub enum Kernel {
    /// Of `snn` and `markov`.
    Network(NetworkKernel),
    /// Of `dsode`.
    Dsode(DsodeKernel),
}

impl Kernel {
    /// Compiles that of a model at a point.
    pub fn new(gpu: &Gpu, at_point: &ModelAtPoint) -> Result<Kernel, BatchError> {
        Ok(match at_point.variant {
            Variant::Dsode { .. } => Kernel::Dsode(DsodeKernel::new(gpu, &at_point.dsode_shape()?)?),
            _ => Kernel::Network(NetworkKernel::new(gpu, &at_point.shape(), &at_point.bin_counts())?),
        })
    }

    /// Most steps of a dispatch.
    pub fn steps_max(&self, gpu: &Gpu) -> u32 {
        match self {
            Kernel::Network(kernel) => kernel.steps_max(gpu),
            Kernel::Dsode(kernel) => kernel.steps_max(gpu),
        }
    }

    /// Most members of a batch, and at once.
    pub fn batch_size(&self, gpu: &Gpu, at_point: &ModelAtPoint) -> (usize, usize) {
        match self {
            Kernel::Network(kernel) => networks::batch_size(gpu, kernel),
            Kernel::Dsode(kernel) => trajectories::batch_size(gpu, kernel, at_point),
        }
    }
}
