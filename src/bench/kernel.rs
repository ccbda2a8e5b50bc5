//! Members stepped by the library's own kernels and nothing else: no statistics, no log, no files.

use super::operations::Activity;
use crate::ensemble::batch::{BatchError, BatchMember};
use crate::ensemble::gpu::Device;
use crate::ensemble::kernel::Kernel;
use crate::ensemble::networks::placed;
use crate::ensemble::trajectories::trajectory;
use crate::ensemble::{Ensemble, MemberId, ModelAtPoint, checkpoint::Start};
use crate::gpu::network::{NetworkBatch, NetworkKernel};
use crate::gpu::pace::{Pace, Stepped};
use crate::gpu::{Gpu, GpuError};
use crate::model::{Precision, Variant};
use crate::network::cpu_member::{CpuMember, CpuSplit, DISPATCH_STEPS, PreparedNetwork};
use crate::network::dispatch::NetworkDispatch;
use crate::network::stepping;
use crate::reduced::gpu::{DsodeBatch, DsodeBatchError, DsodeKernel};
use crate::reduced::stepping::DsodeDispatch;
use crate::reduced::{Dsode, Real};
use rayon::prelude::*;
use std::sync::Arc;
use std::time::Instant;

/// What all members took on the kernel, and did.
pub struct KernelRun {
    pub seconds: f64,
    pub activity: Activity,
}

/// Members of a batch whose spikes are looked at; all of them would be work that is not the kernel's.
const WATCHED: usize = 16;

/// Every member of an experiment of one model, with its model at its point.
fn batch<'a>(ensemble: &Ensemble, at_points: &'a [ModelAtPoint]) -> Vec<BatchMember<'a>> {
    let each = |(point, at_point): (usize, &'a ModelAtPoint)| {
        (0..ensemble.realisations(0)).map(move |realisation| BatchMember {
            member: MemberId { model: 0, point: point as u32, realisation },
            at_point,
            start: Start::BEGIN,
        })
    };
    at_points.iter().enumerate().flat_map(each).collect()
}

/// Members that one batch on `device` holds, at most.
pub fn most_members(device: &mut Device, at_point: &ModelAtPoint) -> Result<usize, BatchError> {
    device.prepare(at_point)?;
    let kernel = device.kernel(at_point).expect("the kernel was prepared");
    Ok(kernel.batch_size(&device.gpu, at_point).0)
}

/// All members of `ensemble`, which has one model, for their whole duration.
pub fn run(
    ensemble: &Ensemble,
    at_points: &[ModelAtPoint],
    device: Option<&mut Device>,
) -> Result<KernelRun, BatchError> {
    let batch = batch(ensemble, at_points);
    match (device, at_points[0].variant) {
        (None, Variant::Dsode { precision: Precision::F32, .. }) => reduced::<f32>(ensemble, &batch),
        (None, Variant::Dsode { .. }) => reduced::<f64>(ensemble, &batch),
        (None, _) => networks(ensemble, at_points, &batch),
        (Some(device), _) => {
            device.prepare(&at_points[0])?;
            match device.kernel(&at_points[0]).expect("the kernel was prepared") {
                Kernel::Network(kernel) => networks_on(&device.gpu, kernel, ensemble, &batch),
                Kernel::Dsode(kernel) => reduced_on(&device.gpu, kernel, ensemble, &batch),
            }
        }
    }
}

fn networks(ensemble: &Ensemble, at_points: &[ModelAtPoint], batch: &[BatchMember]) -> Result<KernelRun, BatchError> {
    let at_point = &at_points[0];
    let network = Arc::new(PreparedNetwork::new(&at_point.member_setup(), DISPATCH_STEPS)?);
    let threads = batch.len() < rayon::current_num_threads();
    let start = |batched: &BatchMember| {
        let key = ensemble.random_key(at_point, batched.member.realisation);
        let mut cpu_member = CpuMember::of(network.clone(), key, CpuSplit { threads, ..CpuSplit::default() });
        cpu_member.dispatch(0, |_, _, _| {});
        cpu_member
    };
    let members: Vec<CpuMember> = batch.par_iter().map(start).collect();
    let begun = Instant::now();
    let activities = members.into_par_iter().with_max_len(1).map(|mut cpu_member| {
        let mut activity = Activity::default();
        for output in cpu_member.dispatches(at_point.steps, |_, _, _| {}) {
            activity.add(output.counts.into_iter().map(f64::from), network.shape.populations.len());
        }
        activity
    });
    let activity = activities.reduce(Activity::default, |a, b| a.merge(&b));
    Ok(KernelRun { seconds: begun.elapsed().as_secs_f64(), activity })
}

fn reduced<T: Real>(ensemble: &Ensemble, batch: &[BatchMember]) -> Result<KernelRun, BatchError> {
    let start = |batched: &BatchMember| {
        let key = ensemble.random_key(batched.at_point, batched.member.realisation);
        batched.at_point.dsode::<T>(key)
    };
    let trajectories: Vec<Dsode<T>> = batch.iter().map(start).collect::<Result<_, _>>()?;
    let steps = batch[0].at_point.steps;
    let begun = Instant::now();
    trajectories.into_par_iter().with_max_len(1).for_each(|mut trajectory| {
        for _ in 0..steps {
            std::hint::black_box(trajectory.step());
        }
    });
    Ok(KernelRun { seconds: begun.elapsed().as_secs_f64(), activity: Activity::default() })
}

/// Networks on a device, with the spikes of some of them.
struct Networks<'a> {
    batch: NetworkBatch<'a>,
    at_point: &'a ModelAtPoint,
    populations: usize,
    activity: Activity,
}

impl Stepped for Networks<'_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        self.batch.start(NetworkDispatch::new(first, steps, self.at_point.discard_steps, self.at_point.sample_every))
    }

    fn under_way(&self) -> usize {
        self.batch.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let Networks { batch, populations, activity, .. } = self;
        let mut steps = 0;
        batch.finish(|dispatch, words| {
            for words in words.chunks(dispatch.output_stride as usize).take(WATCHED) {
                let counts = &words[stepping::HEADER as usize..][..dispatch.steps as usize * *populations];
                activity.add(counts.iter().map(|&count| f64::from(count)), *populations);
            }
            steps = dispatch.steps;
        })?;
        Ok(steps)
    }
}

/// Trajectories on a device, with nothing read of them.
pub struct Trajectories<'a>(DsodeBatch<'a>);

impl<'a> Trajectories<'a> {
    /// From `starting`, in dispatches of at most `most` steps.
    pub fn new(
        gpu: &'a Gpu,
        kernel: &'a DsodeKernel,
        starting: &[Dsode<f32>],
        most: u32,
    ) -> Result<Self, DsodeBatchError> {
        DsodeBatch::new(gpu, kernel, starting, &Self::run(0, most)).map(Trajectories)
    }

    fn run(first: u32, steps: u32) -> DsodeDispatch {
        DsodeDispatch::new(first, steps, u32::MAX, u32::MAX)
    }
}

impl Stepped for Trajectories<'_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        self.0.start(Self::run(first, steps))
    }

    fn under_way(&self) -> usize {
        self.0.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let mut steps = 0;
        self.0.finish(|run, _| steps = run.steps)?;
        Ok(steps)
    }
}

fn networks_on(
    gpu: &Gpu,
    kernel: &NetworkKernel,
    ensemble: &Ensemble,
    batch: &[BatchMember],
) -> Result<KernelRun, BatchError> {
    let at_point = batch[0].at_point;
    let most = Pace::most(kernel.steps_max(gpu));
    let (tables, points, parameters) = placed(ensemble, batch, most)?;
    let batch = NetworkBatch::new(gpu, kernel, tables.into(), &points, &parameters, most, most)?;
    let populations = kernel.shape.populations.len();
    let mut networks = Networks { batch, at_point, populations, activity: Activity::default() };
    let seconds = timed(gpu, &mut networks, most, at_point.steps)?;
    Ok(KernelRun { seconds, activity: networks.activity })
}

fn reduced_on(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    ensemble: &Ensemble,
    batch: &[BatchMember],
) -> Result<KernelRun, BatchError> {
    let at_point = batch[0].at_point;
    let starting: Vec<Dsode<f32>> =
        batch.iter().map(|batched| trajectory(ensemble, batched)).collect::<Result<_, _>>()?;
    let most = Pace::most(kernel.steps_max(gpu));
    let seconds = timed(gpu, &mut Trajectories::new(gpu, kernel, &starting, most)?, most, at_point.steps)?;
    Ok(KernelRun { seconds, activity: Activity::default() })
}

/// Seconds of `steps` steps of a batch.
fn timed(gpu: &Gpu, batch: &mut impl Stepped, most: u32, steps: u32) -> Result<f64, GpuError> {
    gpu.wait(gpu.queue.submit([]))?;
    let begun = Instant::now();
    Pace::new(most).step(batch, 0, steps, || true, |_| ())?;
    Ok(begun.elapsed().as_secs_f64())
}
