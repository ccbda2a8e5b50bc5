//! Members on a GPU: batches of one shape, stretch by stretch, with the statistics computed while the device goes on.

use super::checkpoint::{MemberState, Start};
use super::observer::Observer;
use super::recorder::Recorder;
use super::reduced::{TRAJECTORIES, run_on_gpu};
use super::setting::{Ensemble, Member, Setting};
use super::sink::Sink;
use crate::gpu::network::{NetworkBatch, NetworkKernel};
use crate::gpu::{Gpu, GpuError};
use crate::model::Variant;
use crate::network::arithmetic::RangeError;
use crate::network::member::{Dispatch, MemberParameters};
use crate::network::shape::{Model, Shape};
use crate::network::tables::{PointParameters, Tables};
use crate::reduced::{self, gpu::DsodeKernel};
use rayon::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A dispatch is tuned to take about this long: a desktop stays usable and watchdogs asleep.
const DISPATCH: Duration = Duration::from_millis(50);
/// Most steps of a dispatch, and fewest: below, its own cost would hide that of the steps.
pub const STEPS: u32 = 1000;
pub const FEWEST_STEPS: u32 = 20;
/// Members of a batch: more than fill any device, few enough for the host's memory.
const MEMBERS: usize = 8192;
/// Points of a batch: each may have tables of its own, of some hundred kB.
const POINTS: usize = 1024;
/// Bytes of a batch's buffers, on a device and in an adapter that shares the host's memory.
const BYTES: u64 = 4 << 30;
const SOFTWARE_BYTES: u64 = 1 << 30;

/// Why a batch did not run.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error(transparent)]
    Gpu(#[from] GpuError),
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Reduced(#[from] crate::reduced::gpu::BatchError),
    #[error(transparent)]
    Shape(#[from] crate::reduced::ShapeError),
}

impl BatchError {
    /// What the device itself reported.
    fn gpu(&self) -> Option<&GpuError> {
        match self {
            BatchError::Gpu(error) | BatchError::Reduced(crate::reduced::gpu::BatchError::Gpu(error)) => Some(error),
            _ => None,
        }
    }
}

/// An open device with the kernels compiled so far.
pub struct Device {
    pub gpu: Gpu,
    kernels: HashMap<(Shape, Vec<u32>), NetworkKernel>,
    reduced: Vec<DsodeKernel>,
    /// Members of a batch, halved when the device runs out of memory.
    members: usize,
}

impl Device {
    pub fn new(gpu: Gpu) -> Device {
        Device { gpu, kernels: HashMap::new(), reduced: Vec::new(), members: MEMBERS }
    }

    /// Compiles the kernel of a setting, unless it was before.
    pub fn prepare(&mut self, setting: &Setting) -> Result<(), BatchError> {
        if let Variant::Dsode { .. } = setting.variant {
            if self.dsode_kernel(setting).is_none() {
                let shape = reduced::Shape::new(&setting.network, &setting.variant)?;
                self.reduced.push(DsodeKernel::new(&self.gpu, &shape)?);
            }
        } else if self.network_kernel(setting).is_none() {
            let key = kernel_key(setting);
            let kernel = NetworkKernel::new(&self.gpu, &key.0, &key.1)?;
            self.kernels.insert(key, kernel);
        }
        Ok(())
    }

    /// The kernel of a prepared setting of a network; `None` for others.
    pub fn network_kernel(&self, setting: &Setting) -> Option<&NetworkKernel> {
        Model::of(&setting.variant).and_then(|_| self.kernels.get(&kernel_key(setting)))
    }

    /// The kernel of a prepared setting of `dsode`; `None` for others.
    pub fn dsode_kernel(&self, setting: &Setting) -> Option<&DsodeKernel> {
        let Variant::Dsode { .. } = setting.variant else { return None };
        let shape = reduced::Shape::new(&setting.network, &setting.variant).ok()?;
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
        members: &mut [Leg],
        states: bool,
        sink: &Sink,
    ) -> Result<Vec<Option<MemberState>>, BatchError> {
        let mut ended = Vec::with_capacity(members.len());
        let mut rest = members;
        let mut lost = false;
        while !rest.is_empty() && sink.goes_on() {
            let setting = rest[0].setting;
            self.prepare(setting)?;
            let gpu = &self.gpu;
            let (size, outcome) = if let Some(kernel) = self.dsode_kernel(setting) {
                let size = rest.len().min(TRAJECTORIES).min(self.members);
                (size, run_on_gpu(gpu, kernel, ensemble, &rest[..size], sink))
            } else {
                let kernel = &self.kernels[&kernel_key(setting)];
                let size = of_few_points(rest).min(batch_size(gpu, kernel)).min(self.members);
                (size, run_batch(gpu, kernel, ensemble, &mut rest[..size], states, sink))
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
fn go_on(legs: &mut [Leg], sink: &Sink) {
    let keys: Vec<_> = legs.iter().map(|leg| leg.setting.record_key(leg.member.realisation)).collect();
    let mut starts: HashMap<_, _> = sink.checkpoints.read(&keys[0]).into_iter().collect();
    if keys.iter().all(|key| starts.contains_key(key)) {
        for (leg, key) in legs.iter_mut().zip(&keys) {
            leg.start = starts.remove(key).unwrap_or(Start::BEGIN);
        }
    }
}

fn kernel_key(setting: &Setting) -> (Shape, Vec<u32>) {
    (setting.shape(), setting.bins.clone())
}

/// A member on its way through a batch.
pub struct Leg<'a> {
    pub member: Member,
    pub setting: &'a Setting,
    pub start: Start,
}

/// How many of the first members share a bounded number of points, and so of tables.
fn of_few_points(members: &[Leg]) -> usize {
    let mut points = 0;
    let mut last = None;
    let beyond = members.iter().position(|leg| {
        points += usize::from(last != Some(leg.member.point));
        last = Some(leg.member.point);
        points > POINTS
    });
    beyond.unwrap_or(members.len())
}

/// Members whose buffers fit the device's limits.
pub fn batch_size(gpu: &Gpu, kernel: &NetworkKernel) -> usize {
    let steps = STEPS.min(kernel.steps_max(gpu));
    let output = 4 * kernel.output_words(steps, steps);
    let (state, wiring) = (4 * kernel.state_words(), 4 * kernel.wiring_words());
    let largest = output.max(state).max(wiring);
    let bytes = if gpu.is_software() { SOFTWARE_BYTES } else { BYTES };
    let by_binding = gpu.binding_limit() / largest;
    let by_memory = bytes / (state + wiring + 3 * output);
    let by_grid = u64::from(gpu.limits.max_compute_workgroups_per_dimension);
    by_binding.min(by_memory).min(by_grid).max(1) as usize
}

/// Tables, points and members of a batch whose dispatches have at most `most` steps.
pub fn placed(
    ensemble: &Ensemble,
    members: &[Leg],
    most: u32,
) -> Result<(Tables, Vec<PointParameters>, Vec<MemberParameters>), RangeError> {
    let mut tables = Tables::new(most);
    let mut points = Vec::new();
    let mut parameters = Vec::with_capacity(members.len());
    let mut last = None;
    for Leg { member, setting, .. } in members.iter() {
        if last != Some(member.point) {
            points.push(tables.place(&setting.network, setting.model(), ensemble.bins)?);
            last = Some(member.point);
        }
        parameters.push(MemberParameters {
            key: ensemble.random_key(setting, member.realisation),
            point: points.len() as u32 - 1,
            ..bytemuck::Zeroable::zeroed()
        });
    }
    Ok((tables, points, parameters))
}

fn run_batch(
    gpu: &Gpu,
    kernel: &NetworkKernel,
    ensemble: &Ensemble,
    members: &mut [Leg],
    states: bool,
    sink: &Sink,
) -> Result<Vec<Option<MemberState>>, BatchError> {
    let most = STEPS.min(kernel.steps_max(gpu));
    let (tables, points, parameters) = placed(ensemble, members, most)?;
    let mut batch = NetworkBatch::new(gpu, kernel, &tables, &points, &parameters, most, most)?;
    for (index, leg) in members.iter().enumerate() {
        if let Some(MemberState::Network(words)) = &leg.start.state {
            batch.restore(index, words);
        }
    }
    let (setting, resumed) = (members[0].setting, members[0].start.step > 0);
    // The batch may have to be cut in two and begun again, so what it starts from stays as it is.
    let watched = members.iter().map(|leg| {
        let observer = leg.start.observer.clone();
        let observer = observer.unwrap_or_else(|| Observer::new(&leg.setting.plan, &Recorder::none()));
        Some((observer, leg.setting.plan.scratch()))
    });
    let mut observers: Vec<Watched> = watched.collect();
    let checked = sink.check.map_or(vec![], |check| {
        members.iter().enumerate().filter(|(_, leg)| check.watches(leg.member)).map(|(i, _)| (check, i)).collect()
    });
    let (mut first, mut stretch) = (members[0].start.step, FEWEST_STEPS.min(most));
    let (mut clock, mut saved) = (Instant::now(), Instant::now());
    let mut written = false;
    let keep = |batch: &NetworkBatch, observers: &[Watched], step: u32| -> Result<(), GpuError> {
        let under_way = members.iter().zip(observers).zip(batch.states()?).filter_map(|((leg, watched), words)| {
            let (observer, _) = watched.as_ref()?;
            let state = Some(MemberState::Network(words));
            let start = Start { step, state, observer: Some(observer.clone()) };
            Some((leg.setting.record_key(leg.member.realisation), start))
        });
        sink.checkpoint(under_way.collect());
        Ok(())
    };
    while first < setting.steps || batch.under_way() > 0 {
        if first < setting.steps && sink.goes_on() && saved.elapsed() < sink.checkpoints.every {
            let steps = stretch.min(setting.steps - first);
            batch.start(Dispatch::new(first, steps, setting.window, setting.sample_every))?;
            first += steps;
        } else if batch.under_way() == 0 {
            keep(&batch, &observers, first)?;
            (saved, written) = (Instant::now(), true);
            if !sink.goes_on() {
                return Ok(members.iter().map(|_| None).collect());
            }
        }
        let waits = first == setting.steps || !sink.goes_on() || saved.elapsed() >= sink.checkpoints.every;
        if batch.under_way() == 2 || (waits && batch.under_way() > 0) {
            batch.finish(|dispatch, words| {
                let took = clock.elapsed().max(Duration::from_micros(100));
                clock = Instant::now();
                stretch = tuned(dispatch.steps, took).clamp(FEWEST_STEPS.min(most), most);
                observe(kernel, members, &mut observers, dispatch, words, sink);
                for &(check, i) in &checked {
                    if let Some((observer, _)) = &observers[i] {
                        let seen = &observer.accumulator;
                        check.device_did(members[i].member, seen.step() as u32, seen.hash());
                    }
                }
                let neurons = u64::from(kernel.shape.neurons()) * members.len() as u64;
                sink.progress.steps(u64::from(dispatch.steps), neurons, setting.network.dt);
            })?;
        }
    }
    let mut ended: Vec<Option<MemberState>> = members.iter().map(|_| None).collect();
    if states {
        let words = batch.states()?.into_iter().map(|words| Some(MemberState::Network(words)));
        ended = words.zip(&observers).map(|(state, watched)| state.filter(|_| watched.is_some())).collect();
    }
    for (leg, watched) in members.iter().zip(observers) {
        if let Some((observer, _)) = watched {
            sink.accept(observer.finish(&leg.setting.plan, leg.setting.record_key(leg.member.realisation)));
        }
    }
    if written || resumed {
        sink.checkpoints.remove(&members[0].setting.record_key(members[0].member.realisation));
    }
    Ok(ended)
}

/// Steps that would have taken [`DISPATCH`], at most four times as many as before.
pub fn tuned(steps: u32, took: Duration) -> u32 {
    let wanted = f64::from(steps) * DISPATCH.as_secs_f64() / took.as_secs_f64();
    wanted.min(4.0 * f64::from(steps)) as u32
}

type Watched = Option<(Observer, crate::statistics::Scratch)>;

fn observe(
    kernel: &NetworkKernel,
    members: &[Leg],
    observers: &mut [Watched],
    dispatch: &Dispatch,
    words: &[u32],
    sink: &Sink,
) {
    let outputs = words.par_chunks_exact(dispatch.output_stride as usize);
    outputs.zip(observers).zip(members).for_each(|((words, watched), leg)| {
        let Some((observer, scratch)) = watched else { return };
        let output = kernel.output(dispatch, words);
        if let Err(error) = observer.network(&leg.setting.plan, scratch, &kernel.shape, &output) {
            sink.reject(leg.member, error);
            *watched = None;
        }
    });
}
