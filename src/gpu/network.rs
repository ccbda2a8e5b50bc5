//! A batch of network members that lives on the device: state stays there, counts come back.
//!
//! `start` submits a dispatch of steps, `finish` waits for the oldest one and hands over its outputs, so that the device
//! computes dispatch k + 1 while the host reads dispatch k.

use super::bindings::{READ, WRITE};
use super::compose::{Binomials, network};
use super::device::{Gpu, GpuError, compute};
use super::readback::{Readback, all_done, read};
use super::wiring;
use super::workgroup::{WorkgroupLayout, WorkgroupLimits};
use crate::network::dispatch::{MemberParameters, NetworkDispatch};
use crate::network::member::{COUNT_LARGE, NetworkOutput};
use crate::network::shape::{Model, NetworkShape};
use crate::network::state::state_words;
use crate::network::stepping::{HEADER, INTERVAL_WORDS};
use crate::network::tables::{PointParameters, Tables};
use std::sync::Arc;
use wgpu::{BindGroup, Buffer, BufferUsages, ComputePipeline};

/// Words of wiring that are drawn in one submission, each of 32 connections and some 600 operations.
const WIRING_WORDS: u32 = 1 << 24;
const SOFTWARE_WIRING_WORDS: u32 = 1 << 16;
/// Where one member in so many did a dispatch twice, the kernel without large binomials is no gain.
const AGAIN: usize = 4;

/// The compiled kernels of one shape.
pub struct NetworkKernel {
    pub shape: NetworkShape,
    pub workgroup_layout: WorkgroupLayout,
    bins: Vec<u32>,
    layout: wgpu::BindGroupLayout,
    /// Without large binomials; what it leaves undone, `stepping` does.
    common: Option<ComputePipeline>,
    stepping: ComputePipeline,
    initial: ComputePipeline,
    wire: ComputePipeline,
}

impl NetworkKernel {
    pub fn new(gpu: &Gpu, shape: &NetworkShape, bins: &[u32]) -> Result<NetworkKernel, GpuError> {
        let workgroup_layout = WorkgroupLayout::new(shape, WorkgroupLimits::new(gpu));
        NetworkKernel::with_workgroup_layout(gpu, shape, bins, workgroup_layout)
    }

    /// The kernels with a workgroup size and residency of one's own choice; results do not depend on them.
    pub fn with_workgroup_layout(
        gpu: &Gpu,
        shape: &NetworkShape,
        bins: &[u32],
        workgroup_layout: WorkgroupLayout,
    ) -> Result<NetworkKernel, GpuError> {
        let uniform = gpu.uniform_binding();
        let layout = gpu.layout("network", &[uniform, READ, READ, READ, READ, READ, WRITE, WRITE, WRITE]);
        let source = network(shape, &workgroup_layout, bins, Binomials::All);
        let mut pipelines = gpu.pipelines(&source, &layout, &["stepping", "initial", "wire"])?.into_iter();
        let mut next = || pipelines.next().expect("one pipeline for each entry point");
        let (stepping, initial, wire) = (next(), next(), next());
        // A dispatch that is done again needs the spikes on their way as they were.
        let common = if workgroup_layout.is_resident() && draws_binomials(shape) && shape.ring == 1 {
            let source = network(shape, &workgroup_layout, bins, Binomials::Small);
            gpu.pipelines(&source, &layout, &["stepping"])?.pop()
        } else {
            None
        };
        Ok(NetworkKernel {
            shape: shape.clone(),
            workgroup_layout,
            bins: bins.to_vec(),
            layout,
            common,
            stepping,
            initial,
            wire,
        })
    }

    /// Words of state of one member.
    pub fn state_words(&self) -> u64 {
        state_words(&self.shape)
    }

    /// Words of wiring of one member.
    pub fn wiring_words(&self) -> u64 {
        wiring::words(self.workgroup_layout.wiring, &self.shape)
    }

    /// Words of output of one member for a dispatch.
    pub fn output_words(&self, steps: u32, samples: u32) -> u64 {
        output_words(&self.shape, self.bins_max(), steps, samples)
    }

    /// One member's output of a dispatch.
    pub fn output(&self, dispatch: &NetworkDispatch, words: &[u32]) -> NetworkOutput {
        let populations = self.shape.populations.len();
        let (header, rest) = words.split_at(HEADER as usize);
        let (counts, rest) = rest.split_at(dispatch.steps as usize * populations);
        let (samples, rest) = rest.split_at(dispatch.samples as usize * (populations + self.shape.projections.len()));
        let (voltage, rest) = rest.split_at(populations * self.bins_max() as usize);
        NetworkOutput {
            steps: header[0],
            flags: header[1] & !COUNT_LARGE,
            counts: counts.to_vec(),
            samples: samples.to_vec(),
            voltage: voltage.to_vec(),
            intervals: rest[..populations * INTERVAL_WORDS].to_vec(),
        }
    }

    /// Most steps of one dispatch that this device finishes, whatever the time they take.
    pub fn steps_max(&self, gpu: &Gpu) -> u32 {
        gpu.steps_max(self.workgroup_layout.iterations_per_step(&self.shape))
    }

    fn bins_max(&self) -> u32 {
        self.bins.iter().copied().max().unwrap_or(0)
    }
}

/// Words of output of one member for a dispatch, with at most so many voltage bins of a population.
pub fn output_words(shape: &NetworkShape, bins_max: u32, steps: u32, samples: u32) -> u64 {
    let populations = shape.populations.len() as u64;
    u64::from(HEADER)
        + u64::from(steps) * populations
        + u64::from(samples) * (populations + shape.projections.len() as u64)
        + populations * (u64::from(bins_max) + INTERVAL_WORDS as u64)
}

/// Whether any number of this shape is a binomial variate.
fn draws_binomials(shape: &NetworkShape) -> bool {
    shape.model == Model::Snn
        && shape.projections.iter().any(|proj| !shape.quenched || !(proj.deterministic_decay || proj.delta))
}

/// Members on the device.
pub struct NetworkBatch<'a> {
    gpu: &'a Gpu,
    kernel: &'a NetworkKernel,
    tables: Arc<Tables>,
    members: u32,
    /// Most steps and samples of a dispatch.
    steps: u32,
    uniform: Buffer,
    table_words: Buffer,
    drive: Buffer,
    state: Buffer,
    output: Buffer,
    bind_group: BindGroup,
    readback: Readback<'a, NetworkDispatch>,
    /// Large counts are so common that the kernel that draws them does every dispatch.
    large_counts: bool,
}

impl<'a> NetworkBatch<'a> {
    /// Uploads the members' parameters and sets them to time 0. `members[i].point` indexes `points`; a dispatch has at most
    /// `steps` steps and `samples` samples.
    pub fn new(
        gpu: &'a Gpu,
        kernel: &'a NetworkKernel,
        tables: Arc<Tables>,
        points: &[PointParameters],
        members: &[MemberParameters],
        steps: u32,
        samples: u32,
    ) -> Result<NetworkBatch<'a>, GpuError> {
        let count = members.len() as u64;
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        let populations: Vec<_> = points.iter().flat_map(|point| point.populations.iter().copied()).collect();
        let mut projections: Vec<_> = points.iter().flat_map(|point| point.projections.iter().copied()).collect();
        if projections.is_empty() {
            projections.push(bytemuck::Zeroable::zeroed());
        }
        let populations = gpu.filled("population parameters", &populations, BufferUsages::STORAGE)?;
        let projections = gpu.filled("projection parameters", &projections, BufferUsages::STORAGE)?;
        let members = gpu.filled("member parameters", members, BufferUsages::STORAGE)?;
        // Poisson rows of a dispatch follow the tables.
        let table_words = gpu.buffer("tables", (tables.words.len() + tables.row_words()) as u64, storage)?;
        gpu.queue.write_buffer(&table_words, 0, bytemuck::cast_slice(&tables.words));
        let drive = gpu.buffer("drive", 2 * tables.drive_entries() as u64, storage)?;
        let state = gpu.buffer("state", count * kernel.state_words(), storage | BufferUsages::COPY_SRC)?;
        let wiring = gpu.buffer("wiring", count * kernel.wiring_words(), storage)?;
        let output_words = count * kernel.output_words(steps, samples);
        let output = gpu.buffer("output", output_words, storage | BufferUsages::COPY_SRC)?;
        let uniform = gpu.uniform::<NetworkDispatch>("dispatch")?;
        let readback = Readback::new(gpu, output_words)?;
        let buffers = [&uniform, &populations, &projections, &table_words, &drive, &members, &state, &output, &wiring];
        let bind_group = gpu.bind("network", &kernel.layout, &buffers);
        let mut batch = NetworkBatch {
            gpu,
            kernel,
            tables,
            members: count as u32,
            steps,
            uniform,
            table_words,
            drive,
            state,
            output,
            bind_group,
            readback,
            large_counts: false,
        };
        batch.initialise();
        gpu.check()?;
        Ok(batch)
    }

    /// Puts a member into a state that [`NetworkBatch::states`] or the CPU gave.
    pub fn restore(&mut self, member: usize, words: &[u32]) {
        let at = 4 * member as u64 * self.kernel.state_words();
        self.gpu.queue.write_buffer(&self.state, at, bytemuck::cast_slice(words));
    }

    /// The state of every member, after all that was started.
    pub fn states(&self) -> Result<Vec<Vec<u32>>, GpuError> {
        let stride = self.kernel.state_words();
        let words = read(self.gpu, &self.state, stride * u64::from(self.members))?;
        Ok(words.chunks_exact(stride as usize).map(<[u32]>::to_vec).collect())
    }

    /// Submits a dispatch of steps.
    pub fn start(&mut self, dispatch: NetworkDispatch) -> Result<(), GpuError> {
        assert!(dispatch.steps <= self.steps, "a dispatch of more steps than the batch was made for");
        let dispatch = self.write(dispatch);
        let (drive, rows) = self.tables.drive(dispatch.first_step, dispatch.steps);
        self.gpu.queue.write_buffer(&self.drive, 0, bytemuck::cast_slice(&drive));
        if !rows.is_empty() {
            let after = 4 * self.tables.words.len() as u64;
            self.gpu.queue.write_buffer(&self.table_words, after, bytemuck::cast_slice(&rows));
        }
        let words = u64::from(dispatch.output_stride) * u64::from(self.members);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        // A shader that never ran leaves zeros, and zero steps done.
        encoder.clear_buffer(&self.output, 0, Some(4 * words));
        let common = self.kernel.common.iter().filter(|_| !self.large_counts);
        for pipeline in common.chain([&self.kernel.stepping]) {
            compute(&mut encoder, pipeline, &self.bind_group, [dispatch.row, self.members.div_ceil(dispatch.row)]);
        }
        self.readback.submit(encoder, &self.output, words, dispatch)
    }

    /// Stretches that were started and not finished; at most two.
    pub fn under_way(&self) -> usize {
        self.readback.under_way()
    }

    /// Waits for the oldest dispatch and hands `all` its outputs, `dispatch.output_stride` words a member, to be read with
    /// [`NetworkKernel::output`].
    pub fn finish(&mut self, all: impl FnOnce(&NetworkDispatch, &[u32])) -> Result<(), GpuError> {
        let (members, large_counts) = (self.members as usize, &mut self.large_counts);
        self.readback.finish(|dispatch, words| {
            all_done(words, dispatch.output_stride, dispatch.first_step, dispatch.steps)?;
            let outputs = words.chunks_exact(dispatch.output_stride as usize);
            let again = outputs.filter(|words| words[1] & COUNT_LARGE != 0).count();
            *large_counts |= again * AGAIN >= members;
            all(dispatch, words);
            Ok(())
        })
    }

    /// Fills in what depends on the batch, and uploads.
    fn write(&self, dispatch: NetworkDispatch) -> NetworkDispatch {
        let dispatch = NetworkDispatch {
            members: self.members,
            state_stride: self.kernel.state_words() as u32,
            output_stride: self.kernel.output_words(dispatch.steps, dispatch.samples) as u32,
            row: self.members.min(self.gpu.limits.max_compute_workgroups_per_dimension),
            ..dispatch
        };
        self.gpu.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&dispatch));
        dispatch
    }

    fn initialise(&mut self) {
        self.write(NetworkDispatch::new(0, 0, 0, 1));
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&self.state, 0, None);
        let neurons = self.kernel.shape.neurons();
        compute(&mut encoder, &self.kernel.initial, &self.bind_group, [neurons.div_ceil(64), self.members]);
        self.gpu.submit(encoder);
        self.wire();
    }

    /// Draws the members' graphs, in submissions that no watchdog takes for a hang.
    fn wire(&mut self) {
        let words = self.kernel.wiring_words() as u32;
        if words == 0 {
            return;
        }
        let most = if self.gpu.is_software() { SOFTWARE_WIRING_WORDS } else { WIRING_WORDS };
        let together = (most / words).max(1);
        for first_member in (0..self.members).step_by(together as usize) {
            self.write(NetworkDispatch { first_member, ..NetworkDispatch::new(0, 0, 0, 1) });
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            let members = together.min(self.members - first_member);
            let tasks = wiring::tasks(self.kernel.workgroup_layout.wiring, &self.kernel.shape);
            let in_a_row = tasks.div_ceil(64).min(self.gpu.limits.max_compute_workgroups_per_dimension);
            compute(&mut encoder, &self.kernel.wire, &self.bind_group, [in_a_row, members]);
            self.gpu.submit(encoder);
        }
    }
}
