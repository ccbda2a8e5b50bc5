//! Networks on a GPU: their tables, and their statistics computed while the device goes on.

use super::batch::{BYTES, BatchError, BatchMember, Driven, ObservedBatch, SOFTWARE_BYTES};
use super::checkpoint::MemberState;
use super::observer::Observer;
use super::points::Ensemble;
use super::recorder::Recorder;
use super::self_check::Seen;
use super::sink::Sink;
use crate::gpu::network::{NetworkBatch, NetworkKernel};
use crate::gpu::pace::{Pace, Stepped};
use crate::gpu::{Gpu, GpuError};
use crate::network::arithmetic::RangeError;
use crate::network::dispatch::{MemberParameters, NetworkDispatch};
use crate::network::tables::{PointParameters, Tables};
use crate::statistics::StatisticsScratch;
use rayon::prelude::*;

/// Members whose buffers fit the device's limits, and as many at once.
pub fn batch_size(gpu: &Gpu, kernel: &NetworkKernel) -> (usize, usize) {
    let steps = Pace::most(kernel.steps_max(gpu));
    let output = 4 * kernel.output_words(steps, steps);
    let (state, wiring) = (4 * kernel.state_words(), 4 * kernel.wiring_words());
    let largest = output.max(state).max(wiring);
    let bytes = if gpu.is_software() { SOFTWARE_BYTES } else { BYTES };
    let by_binding = gpu.binding_limit() / largest;
    let by_memory = bytes / (state + wiring + 3 * output);
    let by_grid = u64::from(gpu.limits.max_compute_workgroups_per_dimension);
    (by_binding.min(by_memory).min(by_grid).max(1) as usize, by_memory as usize)
}

/// Tables, points and members of a batch whose dispatches have at most `most` steps.
pub fn placed(
    ensemble: &Ensemble,
    members: &[BatchMember],
    most: u32,
) -> Result<(Tables, Vec<PointParameters>, Vec<MemberParameters>), RangeError> {
    let mut tables = Tables::new(most);
    let mut points = Vec::new();
    let mut parameters = Vec::with_capacity(members.len());
    let mut last = None;
    for BatchMember { member, at_point, .. } in members.iter() {
        if last != Some(member.point) {
            points.push(tables.place(&at_point.network, at_point.model(), &at_point.bins)?);
            last = Some(member.point);
        }
        parameters
            .push(MemberParameters::new(ensemble.random_key(at_point, member.realisation), points.len() as u32 - 1));
    }
    Ok((tables, points, parameters))
}

/// What a batch of networks begins with; made on the host.
pub struct NetworkSetup {
    tables: Tables,
    points: Vec<PointParameters>,
    parameters: Vec<MemberParameters>,
    observers: Vec<Option<Observer>>,
}

impl NetworkSetup {
    pub fn new(ensemble: &Ensemble, members: &[BatchMember], most: u32) -> Result<NetworkSetup, BatchError> {
        let (tables, points, parameters) = placed(ensemble, members, most)?;
        // The batch may have to be cut in two and begun again, so what it starts from stays as it is.
        let observers = members.par_iter().map(|batched| {
            let observer = batched.start.observer.clone();
            let observer = observer.unwrap_or_else(|| Observer::new(&batched.at_point.plan, &Recorder::none()));
            Some(observer)
        });
        Ok(NetworkSetup { tables, points, parameters, observers: observers.collect() })
    }
}

/// Begins a batch of networks, in dispatches as long as `pace` says.
pub fn begin_networks<'a, 'b>(
    gpu: &'a Gpu,
    kernel: &'a NetworkKernel,
    members: &'a [BatchMember<'a>],
    setup: NetworkSetup,
    pace: Pace,
    sink: &'a Sink<'b>,
) -> Result<Driven<'a, Networks<'a, 'b>>, BatchError> {
    let most = Pace::most(kernel.steps_max(gpu));
    let NetworkSetup { tables, points, parameters, observers } = setup;
    let mut batch = NetworkBatch::new(gpu, kernel, tables.into(), &points, &parameters, most, most)?;
    for (index, batched) in members.iter().enumerate() {
        if let Some(MemberState::Network(words)) = &batched.start.state {
            batch.restore(index, words);
        }
    }
    let networks = Networks { batch, kernel, members, points, parameters, observers, sink };
    Ok(Driven::begin(networks, members, pace)?)
}

/// A batch, and what is seen of it.
pub struct Networks<'a, 'b> {
    batch: NetworkBatch<'a>,
    kernel: &'a NetworkKernel,
    members: &'a [BatchMember<'a>],
    points: Vec<PointParameters>,
    parameters: Vec<MemberParameters>,
    /// `None` for those that have no result.
    observers: Vec<Option<Observer>>,
    sink: &'a Sink<'b>,
}

impl Stepped for Networks<'_, '_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        let at_point = self.members[0].at_point;
        self.batch.start(NetworkDispatch::new(first, steps, at_point.discard_steps, at_point.sample_every))
    }

    fn under_way(&self) -> usize {
        self.batch.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let Networks { batch, kernel, members, points, parameters, observers, sink } = self;
        let mut steps = 0;
        batch.finish(|dispatch, words| {
            let outputs = words.par_chunks_exact(dispatch.output_stride as usize);
            let each = outputs.zip(&mut **observers).zip(*members).zip(&*parameters);
            each.for_each_init(StatisticsScratch::default, |scratch, (((words, watched), batched), member)| {
                let projections = &points[member.point as usize].projections;
                let Some(observer) = watched else { return };
                let output = kernel.output(dispatch, words);
                if let Err(error) =
                    observer.network(&batched.at_point.plan, scratch, &kernel.shape, projections, &output)
                {
                    sink.reject(batched.member, error);
                    *watched = None;
                }
            });
            steps = dispatch.steps;
        })?;
        if let Some(check) = sink.check {
            for (batched, watched) in members.iter().zip(&*observers) {
                if let Some(observer) = watched.as_ref().filter(|_| check.watches(batched.member)) {
                    let seen = &observer.accumulator;
                    check.device_did(batched.member, Seen::Hash(seen.step() as u32, seen.hash()));
                }
            }
        }
        let neurons = u64::from(kernel.shape.neurons()) * members.len() as u64;
        sink.progress.steps(u64::from(steps), members.len(), neurons, members[0].at_point.network.dt);
        Ok(steps)
    }
}

impl ObservedBatch for Networks<'_, '_> {
    fn states(&self) -> Result<Vec<MemberState>, GpuError> {
        Ok(self.batch.states()?.into_iter().map(MemberState::Network).collect())
    }

    fn observers(&self) -> impl Iterator<Item = Option<&Observer>> {
        self.observers.iter().map(Option::as_ref)
    }

    fn into_observers(self) -> impl Iterator<Item = Option<Observer>> {
        self.observers.into_iter()
    }
}
