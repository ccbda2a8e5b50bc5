//! A batch of `dsode` trajectories that lives on a device: state stays there, outputs come back.
//!
//! `start` submits a dispatch, `finish` waits for the oldest one and hands over its outputs.

use super::drives::Drives;
use super::dsode::Dsode;
use super::layout::{KernelError, Room, TrajectoryLayout};
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::prelude::compose;
use super::shape::DsodeShape;
use super::state::State;
use super::stepping::{DsodeDispatch, DsodeOutput, HEADER};
use crate::gpu::bindings::{READ, WRITE};
use crate::gpu::readback::{Readback, all_done, read};
use crate::gpu::{Gpu, GpuError, compute};
use std::collections::HashMap;
use wgpu::{BindGroup, Buffer, BufferUsages, ComputePipeline};

/// Why a batch has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DsodeBatchError {
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error("trajectory {trajectory} differs in shape or step from the first of its batch")]
    Mixed { trajectory: usize },
    #[error(transparent)]
    Gpu(#[from] GpuError),
    #[error("trajectory {trajectory} has a number that is not finite by step {step}")]
    Unsound { trajectory: usize, step: u32 },
}

/// The compiled kernel of one shape.
pub struct DsodeKernel {
    pub shape: DsodeShape,
    pub layout: TrajectoryLayout,
    pipeline: ComputePipeline,
    bind_group_layout: wgpu::BindGroupLayout,
}

impl DsodeKernel {
    pub fn new(gpu: &Gpu, shape: &DsodeShape) -> Result<Self, DsodeBatchError> {
        DsodeKernel::with_layout(gpu, shape, TrajectoryLayout::new(shape, DsodeKernel::room(gpu))?)
    }

    /// What a device has for a kernel.
    pub fn room(gpu: &Gpu) -> Room {
        Room {
            memory: gpu.limits.max_compute_workgroup_storage_size as usize,
            invocations: gpu.limits.max_compute_invocations_per_workgroup as usize,
        }
    }

    /// The kernel with a layout of one's own choice; up to rounding, results do not depend on it.
    pub fn with_layout(gpu: &Gpu, shape: &DsodeShape, layout: TrajectoryLayout) -> Result<Self, DsodeBatchError> {
        let uniform = gpu.uniform_binding();
        let bind_group_layout = gpu.layout("dsode", &[uniform, READ, READ, READ, READ, WRITE, WRITE, READ]);
        let mut pipelines = gpu.pipelines(&compose(shape, &layout), &bind_group_layout, &["stepping"])?;
        let pipeline = pipelines.pop().expect("one pipeline for the one entry point");
        Ok(DsodeKernel { shape: shape.clone(), layout, pipeline, bind_group_layout })
    }

    /// Words of output of one trajectory in a run, and the most in any as long.
    pub fn output_words(&self, run: &DsodeDispatch) -> u64 {
        u64::from(HEADER) + run.numbers(&self.shape).iter().sum::<usize>() as u64
    }

    pub fn most_output_words(&self, run: &DsodeDispatch) -> u64 {
        u64::from(HEADER) + run.most_numbers(&self.shape).iter().sum::<usize>() as u64
    }

    /// Most steps of one dispatch that this device finishes, whatever the time they take.
    pub fn steps_max(&self, gpu: &Gpu) -> u32 {
        gpu.steps_max(self.layout.iterations_per_step(&self.shape) as u32)
    }
}

/// What a device is told of trajectories of one shape at the same step; none of it is empty.
pub struct TrajectoryNumbers {
    pub populations: Vec<f32>,
    pub projections: Vec<f32>,
    /// Tables of flows that populations name.
    pub flows: Vec<f32>,
    pub keys: Vec<u32>,
    pub states: Vec<f32>,
}

impl TrajectoryNumbers {
    pub fn new(trajectories: &[Dsode<f32>]) -> Self {
        let (populations, flows) = with_flows(trajectories);
        let projections = trajectories.iter().flat_map(|t| &t.parameters().projections);
        let mut projections: Vec<f32> = projections.flat_map(|p| p.list()).collect();
        if projections.is_empty() {
            projections.extend(ProjectionParameters::<f32>::default().list());
        }
        let keys = trajectories.iter().flat_map(|t| t.key()).collect();
        let states = trajectories.iter().flat_map(|t| &t.state().numbers).copied().collect();
        TrajectoryNumbers { populations, projections, flows, keys, states }
    }
}

/// Population parameters of all trajectories, and the tables of flows that they name, each once and as long as the longest; never none.
fn with_flows(trajectories: &[Dsode<f32>]) -> (Vec<f32>, Vec<f32>) {
    let (mut populations, mut flows) = (vec![], vec![]);
    let mut places: HashMap<Vec<u32>, usize> = HashMap::new();
    for trajectory in trajectories {
        let (parameters, points) = (trajectory.parameters(), trajectory.shape().flow_points());
        for (p, flow) in parameters.populations.iter().zip(&parameters.flows) {
            let place = if flow.is_empty() {
                0
            } else {
                let next = places.len();
                *places.entry(flow.iter().map(|x| x.to_bits()).collect()).or_insert_with(|| {
                    flows.extend(flow);
                    flows.resize((next + 1) * points, 0.0);
                    next
                })
            };
            populations.extend(PopulationParameters { flow: place as f32, ..*p }.list());
        }
    }
    if flows.is_empty() {
        flows.push(0.0);
    }
    (populations, flows)
}

/// Trajectories on a device.
pub struct DsodeBatch<'a> {
    gpu: &'a Gpu,
    kernel: &'a DsodeKernel,
    trajectories: u32,
    /// Of every trajectory; empty where none varies.
    varying: Vec<Drives>,
    uniform: Buffer,
    drive: Buffer,
    states: Buffer,
    output: Buffer,
    bind_group: BindGroup,
    readback: Readback<'a, DsodeDispatch>,
    step: u32,
}

impl<'a> DsodeBatch<'a> {
    /// Uploads trajectories at the same step, of the kernel's shape; no run has more steps than `largest`, or other intervals.
    pub fn new(
        gpu: &'a Gpu,
        kernel: &'a DsodeKernel,
        trajectories: &[Dsode<f32>],
        largest: &DsodeDispatch,
    ) -> Result<Self, DsodeBatchError> {
        let step = trajectories.first().map_or(0, |t| t.state().step);
        let same = |t: &Dsode<f32>| *t.shape() == kernel.shape && t.state().step == step;
        if let Some(trajectory) = trajectories.iter().position(|t| !same(t)) {
            return Err(DsodeBatchError::Mixed { trajectory });
        }
        let TrajectoryNumbers { populations, projections, flows, keys, states } = TrajectoryNumbers::new(trajectories);
        let vary = trajectories.iter().any(|t| t.drives().vary());
        let rows: Vec<[f32; 2]> = trajectories.iter().flat_map(|t| t.drives().rows(step, 1)).collect();
        let count = trajectories.len() as u64;
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST;

        let populations = gpu.filled("population parameters", &populations, BufferUsages::STORAGE)?;
        let flows = gpu.filled("flows", &flows, BufferUsages::STORAGE)?;
        let projections = gpu.filled("projection parameters", &projections, BufferUsages::STORAGE)?;
        let keys = gpu.filled("keys", &keys, BufferUsages::STORAGE)?;
        let rows_most = if vary { u64::from(largest.steps) } else { 1 };
        let drive = gpu.buffer("drive", 2 * rows.len() as u64 * rows_most, storage)?;
        gpu.queue.write_buffer(&drive, 0, bytemuck::cast_slice(&rows));
        let state_buffer = gpu.buffer("states", states.len() as u64, storage | BufferUsages::COPY_SRC)?;
        gpu.queue.write_buffer(&state_buffer, 0, bytemuck::cast_slice(&states));
        let words = count * kernel.most_output_words(largest);
        let output = gpu.buffer("output", words, storage | BufferUsages::COPY_SRC)?;
        let uniform = gpu.uniform::<DsodeDispatch>("run")?;
        let buffers = [&uniform, &populations, &projections, &keys, &drive, &state_buffer, &output, &flows];
        let bind_group = gpu.bind("dsode", &kernel.bind_group_layout, &buffers);
        let readback = Readback::new(gpu, words)?;
        gpu.check()?;
        Ok(DsodeBatch {
            gpu,
            kernel,
            trajectories: count as u32,
            varying: if vary { trajectories.iter().map(|t| t.drives().clone()).collect() } else { vec![] },
            uniform,
            drive,
            states: state_buffer,
            output,
            bind_group,
            readback,
            step,
        })
    }

    /// Submits a run, which begins where the one before ended.
    pub fn start(&mut self, run: DsodeDispatch) -> Result<(), GpuError> {
        assert_eq!(run.first_step, self.step, "runs follow each other");
        let workgroups = self.trajectories.div_ceil(self.kernel.layout.together as u32);
        let run = DsodeDispatch {
            trajectories: self.trajectories,
            drive_rows: if self.varying.is_empty() { 1 } else { run.steps },
            output_stride: self.kernel.output_words(&run) as u32,
            row: workgroups.min(self.gpu.limits.max_compute_workgroups_per_dimension),
            ..run
        };
        self.gpu.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&run));
        if !self.varying.is_empty() {
            let rows: Vec<[f32; 2]> =
                self.varying.iter().flat_map(|drives| drives.rows(run.first_step, run.steps)).collect();
            self.gpu.queue.write_buffer(&self.drive, 0, bytemuck::cast_slice(&rows));
        }
        let words = u64::from(run.output_stride) * u64::from(run.trajectories);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        // A shader that never ran leaves zeros, and zero steps done.
        encoder.clear_buffer(&self.output, 0, Some(4 * words));
        let grid = [run.row, workgroups.div_ceil(run.row.max(1))];
        compute(&mut encoder, &self.kernel.pipeline, &self.bind_group, grid);
        self.step = run.end();
        self.readback.submit(encoder, &self.output, words, run)
    }

    /// Runs that were started and not finished; at most two.
    pub fn under_way(&self) -> usize {
        self.readback.under_way()
    }

    /// Waits for the oldest run and hands over its outputs, `run.output_stride` words a trajectory, to be read with
    /// [`DsodeOutput::read`].
    pub fn finish(&mut self, all: impl FnOnce(&DsodeDispatch, &[u32])) -> Result<(), GpuError> {
        self.readback.finish(|run, words| {
            all_done(words, run.output_stride, run.first_step, run.steps)?;
            all(run, words);
            Ok(())
        })
    }

    /// One run to its end: the output of every trajectory, all of which have to be sound.
    pub fn run(&mut self, run: DsodeDispatch) -> Result<Vec<DsodeOutput<f32>>, DsodeBatchError> {
        let (mut outputs, shape) = (Vec::new(), &self.kernel.shape);
        self.start(run)?;
        self.finish(|run, words| {
            outputs =
                words.chunks_exact(run.output_stride as usize).map(|w| DsodeOutput::read(run, shape, w)).collect();
        })?;
        match outputs.iter().position(|output| output.unsound) {
            Some(trajectory) => Err(DsodeBatchError::Unsound { trajectory, step: run.end() }),
            None => Ok(outputs),
        }
    }

    /// The state of every trajectory after all runs that were started.
    pub fn states(&self) -> Result<Vec<State<f32>>, GpuError> {
        let stride = self.kernel.layout.state;
        let words = read(self.gpu, &self.states, stride as u64 * u64::from(self.trajectories))?;
        let numbers: &[f32] = bytemuck::cast_slice(&words);
        let state = |numbers: &[f32]| State { step: self.step, unsound: 0, numbers: numbers.to_vec() };
        Ok(numbers.chunks_exact(stride).map(state).collect())
    }
}
