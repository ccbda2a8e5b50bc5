//! A batch of `dsode` trajectories that lives on a device: state stays there, spikes come back.

use super::dsode::Dsode;
use super::parameters::Fields;
use super::prelude::{KernelError, Layout, compose, flatten, unflatten};
use super::shape::Shape;
use super::state::State;
use crate::gpu::{Gpu, GpuError};
use wgpu::{BindGroup, Buffer, BufferUsages, CommandEncoder, ComputePipeline};

/// The shader's buffers in order of their bindings.
const BINDINGS: [(u32, wgpu::BufferBindingType); 8] = {
    use wgpu::BufferBindingType::{Storage, Uniform};
    let (input, output) = (Storage { read_only: true }, Storage { read_only: false });
    [(0, Uniform), (1, input), (2, input), (3, input), (4, input), (5, output), (6, output), (7, output)]
};

/// Why a batch has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BatchError {
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error("trajectory {trajectory} differs in shape from the first of its batch")]
    Mixed { trajectory: usize },
    #[error(transparent)]
    Gpu(#[from] GpuError),
    #[error("trajectory {trajectory} stopped at step {done} of {wanted}")]
    Incomplete { trajectory: usize, done: u32, wanted: u32 },
    #[error("trajectory {trajectory} has a number that is not finite at step {step}")]
    Unsound { trajectory: usize, step: u32 },
}

/// The compiled kernel of one shape.
pub struct DsodeKernel {
    pub shape: Shape,
    pub layout: Layout,
    pipeline: ComputePipeline,
    bind_group_layout: wgpu::BindGroupLayout,
}

/// Neurons that fired, in a stretch of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Spikes {
    /// (trajectory, step, population)
    pub counts: Vec<f32>,
    pub steps: usize,
    pub populations: usize,
}

impl Spikes {
    /// Neurons of every population that fired in a step of the stretch.
    pub fn at(&self, trajectory: usize, step: usize) -> &[f32] {
        let first = (trajectory * self.steps + step) * self.populations;
        &self.counts[first..first + self.populations]
    }
}

impl DsodeKernel {
    pub fn new(gpu: &Gpu, shape: &Shape) -> Result<Self, BatchError> {
        let memory = gpu.limits.max_compute_workgroup_storage_size as usize;
        let layout = Layout::new(shape, memory, gpu.limits.max_compute_invocations_per_workgroup as usize)?;
        DsodeKernel::with_layout(gpu, shape, layout)
    }

    /// The kernel with a layout of one's own choice; up to rounding, results do not depend on it.
    pub fn with_layout(gpu: &Gpu, shape: &Shape, layout: Layout) -> Result<Self, BatchError> {
        let device = &gpu.device;
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("dsode"),
            source: wgpu::ShaderSource::Wgsl(gpu.faults.altered(&compose(shape, &layout)).into_owned().into()),
        });
        let bind_group_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("dsode"),
            entries: &BINDINGS.map(|(binding, ty)| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
                count: None,
            }),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("dsode"),
            bind_group_layouts: &[Some(&bind_group_layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("dsode"),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("step"),
            compilation_options: Default::default(),
            cache: None,
        });
        if let Some(error) = pollster::block_on(scope.pop()) {
            return Err(GpuError::Device { reason: error.to_string() }.into());
        }
        Ok(DsodeKernel { shape: shape.clone(), layout, pipeline, bind_group_layout })
    }

    /// Steps of one dispatch within `iterations` loop iterations per invocation (llvmpipe of Mesa 22.3 ends a shader at
    /// 65 535).
    pub fn steps_within(&self, iterations: usize) -> u32 {
        (iterations / self.layout.iterations).max(1) as u32
    }
}

/// Trajectories on a device.
pub struct DsodeBatch<'a> {
    gpu: &'a Gpu,
    kernel: &'a DsodeKernel,
    trajectories: Vec<Dsode<f32>>,
    step: u32,
    populations: Buffer,
    projections: Buffer,
    keys: Buffer,
    states: Buffer,
    statuses: Buffer,
}

impl<'a> DsodeBatch<'a> {
    /// Uploads trajectories at the same step, of the kernel's shape.
    pub fn upload(gpu: &'a Gpu, kernel: &'a DsodeKernel, trajectories: Vec<Dsode<f32>>) -> Result<Self, BatchError> {
        let step = trajectories.first().map_or(0, |t| t.state().step);
        let same = |t: &Dsode<f32>| *t.shape() == kernel.shape && t.state().step == step;
        if let Some(trajectory) = trajectories.iter().position(|t| !same(t)) {
            return Err(BatchError::Mixed { trajectory });
        }
        let parameters = || trajectories.iter().map(|t| t.parameters());
        let populations: Vec<f32> = parameters().flat_map(|p| &p.populations).flat_map(Fields::fields).collect();
        let mut projections: Vec<f32> = parameters().flat_map(|p| &p.projections).flat_map(Fields::fields).collect();
        if projections.is_empty() {
            projections = vec![0.0; 7];
        }
        let keys: Vec<u32> = trajectories.iter().flat_map(|t| t.key()).collect();
        let states: Vec<f32> = trajectories.iter().flat_map(|t| flatten(t.state())).collect();
        let statuses: Vec<u32> = trajectories.iter().flat_map(|t| [t.state().step, t.state().unsound]).collect();
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        Ok(DsodeBatch {
            gpu,
            kernel,
            step,
            populations: gpu.filled("population parameters", &populations, usage)?,
            projections: gpu.filled("projection parameters", &projections, usage)?,
            keys: gpu.filled("keys", &keys, usage)?,
            states: gpu.filled("states", &states, usage)?,
            statuses: gpu.filled("statuses", &statuses, usage)?,
            trajectories,
        })
    }

    /// Runs a stretch of steps in one dispatch and returns its spikes.
    pub fn dispatch(&mut self, steps: u32) -> Result<Spikes, BatchError> {
        let (count, populations) = (self.trajectories.len(), self.kernel.shape.populations());
        let drives: Vec<Vec<[f32; 2]>> = self.trajectories.iter().map(|t| t.drive_rows(self.step, steps)).collect();
        let rows = drives.iter().map(Vec::len).max().unwrap_or(0) / populations;
        // A constant drive beside one that varies is repeated.
        let drive: Vec<[f32; 2]> =
            drives.iter().flat_map(|d| (0..rows * populations).map(|i| d[i % d.len()])).collect();
        let run = [steps, count as u32, rows as u32, 0];
        let run = self.gpu.filled("run", &run, BufferUsages::UNIFORM)?;
        let drive = self.gpu.filled("drive", &drive, BufferUsages::STORAGE)?;
        let words = (count * steps as usize * populations) as u64;
        let spikes = self.gpu.buffer("spikes", words, BufferUsages::STORAGE | BufferUsages::COPY_SRC)?;
        let group = self.bind(&run, &drive, &spikes);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        {
            let row = count.min(self.gpu.limits.max_compute_workgroups_per_dimension as usize).max(1);
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&self.kernel.pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(row as u32, count.div_ceil(row) as u32, 1);
        }
        self.step += steps;
        let [statuses, counts] = self.read(encoder, [&self.statuses, &spikes])?;
        // A trajectory's status is written after its last spikes: the right step says that they all are there.
        let statuses: Vec<u32> = bytemuck::pod_collect_to_vec(&statuses);
        for (trajectory, status) in statuses.chunks_exact(2).enumerate() {
            if status[0] != self.step {
                return Err(BatchError::Incomplete { trajectory, done: status[0], wanted: self.step });
            }
            if status[1] != 0 {
                return Err(BatchError::Unsound { trajectory, step: self.step });
            }
        }
        Ok(Spikes { counts: bytemuck::pod_collect_to_vec(&counts), steps: steps as usize, populations })
    }

    /// The state of every trajectory.
    pub fn states(&self) -> Result<Vec<State<f32>>, BatchError> {
        let encoder = self.gpu.device.create_command_encoder(&Default::default());
        let [numbers, statuses] = self.read(encoder, [&self.states, &self.statuses])?;
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&numbers);
        let statuses: Vec<u32> = bytemuck::pod_collect_to_vec(&statuses);
        let states = numbers.chunks_exact(self.kernel.layout.state).zip(statuses.chunks_exact(2));
        Ok(states
            .map(|(numbers, status)| {
                let state = unflatten(&self.kernel.shape, numbers);
                State { step: status[0], unsound: status[1], ..state }
            })
            .collect())
    }

    fn bind(&self, run: &Buffer, drive: &Buffer, spikes: &Buffer) -> BindGroup {
        let buffers =
            [run, &self.populations, &self.projections, &self.keys, drive, &self.states, &self.statuses, spikes];
        let entries: Vec<_> = buffers
            .iter()
            .enumerate()
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: binding as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let layout = &self.kernel.bind_group_layout;
        self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("dsode"),
            layout,
            entries: &entries,
        })
    }

    /// Submits what `encoder` holds, waits, and returns the bytes of two buffers.
    fn read(&self, mut encoder: CommandEncoder, buffers: [&Buffer; 2]) -> Result<[Vec<u8>; 2], BatchError> {
        let mut copies = Vec::with_capacity(2);
        for buffer in buffers {
            let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
            let copy = self.gpu.buffer("readback", buffer.size() / 4, usage)?;
            encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, buffer.size());
            copies.push(copy);
        }
        let submission = self.gpu.submit(encoder);
        copies.iter().for_each(|copy| copy.slice(..).map_async(wgpu::MapMode::Read, |_| {}));
        self.gpu.wait(submission)?;
        let mut contents = [vec![], vec![]];
        for (bytes, copy) in contents.iter_mut().zip(&copies) {
            let view = copy.slice(..).get_mapped_range();
            *bytes = view.map_err(|e| GpuError::Device { reason: e.to_string() })?.to_vec();
        }
        Ok(contents)
    }
}
