//! Members on a GPU: batches of one shape, stretch by stretch, with the statistics computed while the device goes on.

use super::observer::Observer;
use super::setting::{Ensemble, Member, Setting};
use super::sink::Sink;
use crate::gpu::network::{NetworkBatch, NetworkKernel};
use crate::gpu::{Gpu, GpuError};
use crate::network::arithmetic::RangeError;
use crate::network::member::{Dispatch, MemberParameters};
use crate::network::shape::Shape;
use crate::network::tables::Tables;
use rayon::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A dispatch is tuned to take about this long: a desktop stays usable and watchdogs asleep.
const DISPATCH: Duration = Duration::from_millis(50);
/// Most steps of a dispatch, and steps of the first one.
const STEPS: u32 = 1000;
const FIRST_STEPS: u32 = 20;
/// Members of a batch: more than fill any device, few enough for the host's memory.
const MEMBERS: usize = 8192;
/// Bytes of a batch's buffers, on a device and in an adapter that shares the host's memory.
const BYTES: u64 = 4 << 30;
const SOFTWARE_BYTES: u64 = 1 << 30;

/// Why a batch did not run.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error("{0}")]
    Gpu(#[from] GpuError),
    #[error("{0}")]
    Range(#[from] RangeError),
    #[error("{0}")]
    Reduced(#[from] crate::reduced::gpu::BatchError),
    #[error("{0}")]
    Shape(#[from] crate::reduced::ShapeError),
}

/// An open device with the kernels compiled so far.
pub struct Device {
    pub gpu: Gpu,
    kernels: HashMap<(Shape, Vec<u32>), NetworkKernel>,
    /// Members of a batch, halved when the device runs out of memory.
    members: usize,
}

impl Device {
    pub fn new(gpu: Gpu) -> Device {
        Device { gpu, kernels: HashMap::new(), members: MEMBERS }
    }

    /// Runs network members of one shape, in as many batches as memory asks for. `members` pairs each with its setting.
    pub fn run(&mut self, ensemble: &Ensemble, members: &[(Member, &Setting)], sink: &Sink) -> Result<(), BatchError> {
        let Some(&(_, setting)) = members.first() else { return Ok(()) };
        let key = (setting.shape(), setting.bins.clone());
        if !self.kernels.contains_key(&key) {
            let kernel = NetworkKernel::new(&self.gpu, &key.0, &key.1)?;
            self.kernels.insert(key.clone(), kernel);
        }
        let kernel = &self.kernels[&key];
        let mut rest = members;
        while !rest.is_empty() && sink.goes_on() {
            let size = rest.len().min(self.members).min(batch_size(&self.gpu, kernel));
            match run_batch(&self.gpu, kernel, ensemble, &rest[..size], sink) {
                Ok(()) => rest = &rest[size..],
                Err(BatchError::Gpu(GpuError::OutOfMemory { .. })) if size > 1 => self.members = size / 2,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Members whose buffers fit the device's limits.
fn batch_size(gpu: &Gpu, kernel: &NetworkKernel) -> usize {
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

fn run_batch(
    gpu: &Gpu,
    kernel: &NetworkKernel,
    ensemble: &Ensemble,
    members: &[(Member, &Setting)],
    sink: &Sink,
) -> Result<(), BatchError> {
    let most = STEPS.min(kernel.steps_max(gpu));
    let mut tables = Tables::new(most);
    let mut points = Vec::new();
    let mut parameters = Vec::with_capacity(members.len());
    let mut last = None;
    for (member, setting) in members {
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
    let setting = members[0].1;
    let mut observers: Vec<_> = members.iter().map(|(_, s)| Some((Observer::new(&s.plan), s.plan.scratch()))).collect();
    let mut batch = NetworkBatch::new(gpu, kernel, &tables, &points, &parameters, most, most)?;
    let (mut first, mut stretch) = (0, FIRST_STEPS.min(most));
    let mut clock = Instant::now();
    while (first < setting.steps && sink.goes_on()) || batch.under_way() > 0 {
        if first < setting.steps && sink.goes_on() {
            let steps = stretch.min(setting.steps - first);
            batch.start(Dispatch::new(first, steps, setting.window, setting.sample_every))?;
            first += steps;
        }
        if batch.under_way() == 2 || first == setting.steps || !sink.goes_on() {
            batch.finish(|dispatch, words| {
                let took = clock.elapsed().max(Duration::from_micros(100));
                clock = Instant::now();
                stretch = tuned(dispatch.steps, took).clamp(1, most);
                observe(kernel, members, &mut observers, dispatch, words, sink);
                let neurons = u64::from(kernel.shape.neurons()) * members.len() as u64;
                sink.progress.steps(u64::from(dispatch.steps), neurons, setting.network.dt);
            })?;
        }
    }
    if first < setting.steps {
        return Ok(());
    }
    for ((member, setting), observer) in members.iter().zip(observers) {
        if let Some((observer, _)) = observer {
            sink.accept(observer.finish(&setting.plan, setting.record_key(member.realisation)));
        }
    }
    Ok(())
}

/// Steps that would have taken [`DISPATCH`], at most four times as many as before.
fn tuned(steps: u32, took: Duration) -> u32 {
    let wanted = f64::from(steps) * DISPATCH.as_secs_f64() / took.as_secs_f64();
    wanted.min(4.0 * f64::from(steps)) as u32
}

type Watched = Option<(Observer, crate::statistics::Scratch)>;

fn observe(
    kernel: &NetworkKernel,
    members: &[(Member, &Setting)],
    observers: &mut [Watched],
    dispatch: &Dispatch,
    words: &[u32],
    sink: &Sink,
) {
    let outputs = words.par_chunks_exact(dispatch.output_stride as usize);
    outputs.zip(observers).zip(members).for_each(|((words, watched), (member, setting))| {
        let Some((observer, scratch)) = watched else { return };
        let output = kernel.output(dispatch, words);
        if let Err(error) = observer.network(&setting.plan, scratch, &kernel.shape, &output) {
            sink.reject(*member, error);
            *watched = None;
        }
    });
}
