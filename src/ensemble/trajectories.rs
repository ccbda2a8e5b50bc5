//! `dsode` trajectories on a GPU, with the statistics computed while the device goes on.

use super::batch::{BYTES, BatchError, BatchMember, Driven, ObservedBatch, SOFTWARE_BYTES};
use super::checkpoint::MemberState;
use super::model_at_point::ModelAtPoint;
use super::observer::Observer;
use super::points::Ensemble;
use super::recorder::Recorder;
use super::reduced::Watch;
use super::self_check::{HORIZON_MS, Seen};
use super::sink::Sink;
use crate::gpu::pace::{Pace, Stepped};
use crate::gpu::{Gpu, GpuError};
use crate::reduced::Dsode;
use crate::reduced::gpu::{DsodeBatch, DsodeKernel};
use crate::reduced::stepping::{DsodeDispatch, DsodeOutput};
use rayon::prelude::*;

/// Trajectories of a batch: more than fill any device, few enough for the host's memory.
const TRAJECTORIES: u64 = 16_384;

/// Trajectories whose buffers fit the device's limits, the most that any may put out supposed, and as many at once.
pub fn batch_size(gpu: &Gpu, kernel: &DsodeKernel, at_point: &ModelAtPoint) -> (usize, usize) {
    let most = Pace::most(kernel.steps_max(gpu));
    let output = 4 * kernel.most_output_words(&DsodeDispatch::new(0, most, 1, at_point.sample_every));
    let (state, drive) = (
        4 * kernel.layout.state as u64,
        8 * u64::from(most) * (kernel.shape.populations() + kernel.shape.sources) as u64,
    );
    let bytes = if gpu.is_software() { SOFTWARE_BYTES } else { BYTES };
    let by_binding = gpu.binding_limit() / output.max(state).max(drive);
    let by_memory = bytes / (state + drive + 3 * output);
    (by_binding.min(by_memory).clamp(1, TRAJECTORIES) as usize, by_memory as usize)
}

/// What a batch of trajectories begins with; made on the host.
pub struct TrajectorySetup<'a> {
    starting: Vec<Dsode<f32>>,
    watches: Vec<Option<Watch<'a>>>,
}

impl<'a> TrajectorySetup<'a> {
    pub fn new(ensemble: &Ensemble, members: &[BatchMember<'a>]) -> Result<TrajectorySetup<'a>, BatchError> {
        let starting = members.par_iter().map(|batched| trajectory(ensemble, batched)).collect::<Result<_, _>>()?;
        let watches = members.par_iter().map(|batched| {
            let recorder = Recorder::new(batched.at_point, &ensemble.experiment.record, batched.member.realisation);
            Some(Watch::new(batched.at_point, recorder, batched.start.observer.clone()))
        });
        Ok(TrajectorySetup { starting, watches: watches.collect() })
    }
}

/// Begins a batch of trajectories, in dispatches as long as `pace` says.
pub fn begin_trajectories<'a, 'b>(
    gpu: &'a Gpu,
    kernel: &'a DsodeKernel,
    members: &'a [BatchMember<'a>],
    setup: TrajectorySetup<'a>,
    pace: Pace,
    sink: &'a Sink<'b>,
) -> Result<Driven<'a, Trajectories<'a, 'b>>, BatchError> {
    let at_point = members[0].at_point;
    let TrajectorySetup { starting, watches } = setup;
    let row_every = watches.iter().flatten().filter_map(Watch::row_every).reduce(num_integer::gcd);
    let row_every = row_every.unwrap_or(at_point.steps + 1);
    let most = Pace::most(kernel.steps_max(gpu));
    let batch =
        DsodeBatch::new(gpu, kernel, &starting, &DsodeDispatch::new(0, most, row_every, at_point.sample_every))?;
    drop(starting);
    let trajectories = Trajectories { batch, kernel, members, watches, row_every, sink };
    Ok(Driven::begin(trajectories, members, pace)?)
}

/// A member's trajectory where it starts.
pub fn trajectory(ensemble: &Ensemble, batched: &BatchMember) -> Result<Dsode<f32>, BatchError> {
    let BatchMember { member, at_point, start } = batched;
    let key = ensemble.random_key(at_point, member.realisation);
    let mut trajectory = at_point.dsode::<f32>(key)?;
    if let Some(MemberState::F32(state)) = &start.state {
        trajectory.resume(state.clone());
    }
    Ok(trajectory)
}

/// A batch, and what is seen of it.
pub struct Trajectories<'a, 'b> {
    batch: DsodeBatch<'a>,
    kernel: &'a DsodeKernel,
    members: &'a [BatchMember<'a>],
    /// `None` for those that have no result.
    watches: Vec<Option<Watch<'a>>>,
    row_every: u32,
    sink: &'a Sink<'b>,
}

impl Stepped for Trajectories<'_, '_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        self.batch.start(DsodeDispatch::new(first, steps, self.row_every, self.members[0].at_point.sample_every))
    }

    fn under_way(&self) -> usize {
        self.batch.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let Trajectories { batch, kernel, members, watches, sink, .. } = self;
        let mut steps = 0;
        batch.finish(|run, words| {
            let outputs = words.par_chunks_exact(run.output_stride as usize);
            outputs.zip(watches).zip(*members).for_each(|((words, watched), batched)| {
                let Some(watch) = watched else { return };
                let output = DsodeOutput::read(run, &kernel.shape, words);
                if let Some(check) = sink.check.filter(|check| check.watches(batched.member))
                    && run.first_step < batched.at_point.steps_in(HORIZON_MS)
                {
                    check.device_did(batched.member, Seen::Spikes(run.first_step, output.spikes.clone()));
                }
                if let Err(error) = watch.take(&kernel.shape, run, &output) {
                    sink.reject(batched.member, error);
                    *watched = None;
                }
            });
            steps = run.steps;
        })?;
        let bins = kernel.shape.total_bins() as u64 * members.len() as u64;
        sink.progress.steps(u64::from(steps), members.len(), bins, members[0].at_point.network.dt);
        Ok(steps)
    }
}

impl ObservedBatch for Trajectories<'_, '_> {
    fn states(&self) -> Result<Vec<MemberState>, GpuError> {
        Ok(self.batch.states()?.into_iter().map(MemberState::F32).collect())
    }

    fn observers(&self) -> impl Iterator<Item = Option<&Observer>> {
        self.watches.iter().map(|watch| watch.as_ref().map(|watch| &watch.observer))
    }

    fn into_observers(self) -> impl Iterator<Item = Option<Observer>> {
        self.watches.into_iter().map(|watch| watch.map(|watch| watch.observer))
    }
}
