//! One open device: its limits, its buffers and pipelines, and every way in which it fails as an error.
//!
//! This file holds the library's only `unsafe`: our own validated shaders are compiled without the bounds checks and loop
//! guards that wgpu adds to foreign ones.

use super::adapter::{Choice, choose, is_software, named, usable};
use super::fault::Faults;
use std::sync::{Arc, Mutex};
use wgpu::{
    AdapterInfo, BindGroup, Buffer, BufferBindingType, BufferDescriptor, BufferUsages, CommandEncoder, ComputePipeline,
    Device, DeviceDescriptor, ErrorFilter, Features, Limits, PollError, PollType, Queue, ShaderModule,
    ShaderModuleDescriptor, ShaderRuntimeChecks, ShaderSource, SubmissionIndex,
};

/// Largest number of loop iterations that a software adapter finishes in one shader (Mesa 22.3 stops at 65 535).
const SOFTWARE_ITERATIONS: u32 = 50_000;

/// What can go wrong between the host and a GPU.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    #[error(
        "no GPU adapter found (adapters: {}); use `--backend cpu`, or install a driver (Vulkan, Metal or DX12)",
        list(found)
    )]
    NoAdapter { found: Vec<String> },
    #[error("no GPU adapter matches {wanted:?}; `snn-ensemble devices` lists: {}", list(found))]
    NoSuchDevice { wanted: String, found: Vec<String> },
    #[error("{0}")]
    Selection(String),
    #[error("the adapter {adapter} gives no device: {reason}")]
    NoDevice { adapter: String, reason: String },
    #[error("out of memory on the device: {what} needs {bytes} bytes")]
    OutOfMemory { what: String, bytes: u64 },
    #[error("{what} needs {needed} bytes, the device allows {allowed}; use `--backend cpu`")]
    Limit { what: String, needed: u64, allowed: u64 },
    #[error("the device was lost: {reason}")]
    Lost { reason: String },
    #[error("the device reports: {reason}")]
    Device { reason: String },
    #[error("a shader stopped after {done} of {steps} steps of member {member}, from step {first_step}")]
    Incomplete { member: u32, done: u32, steps: u32, first_step: u32 },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

/// An open device.
pub struct Gpu {
    pub device: Device,
    pub queue: Queue,
    pub info: AdapterInfo,
    /// What kernels may ask for.
    pub limits: Limits,
    /// Among the adapters of this machine.
    number: usize,
    /// Compile shaders with wgpu's bounds checks and loop guards.
    pub checked: bool,
    /// None outside the tests.
    pub faults: Faults,
    trouble: Arc<Mutex<Option<GpuError>>>,
    /// Buffers that brought outputs back, for the next batch: hundreds of MB that the system need not find and clear again.
    readbacks: Mutex<Vec<Buffer>>,
}

impl Gpu {
    /// Opens the adapter that `choice` means, with its real limits.
    pub fn open(choice: &Choice) -> Result<Gpu, GpuError> {
        let (number, adapter) = choose(choice)?;
        let info = adapter.get_info();
        let limits = adapter.limits();
        let descriptor = DeviceDescriptor {
            label: Some("snn-ensemble"),
            required_features: adapter.features() & Features::SHADER_INT64,
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|e| GpuError::NoDevice { adapter: info.name.clone(), reason: e.to_string() })?;
        let trouble = Arc::new(Mutex::new(None));
        let lost = trouble.clone();
        device.set_device_lost_callback(move |_, reason| {
            *lost.lock().unwrap_or_else(|e| e.into_inner()) = Some(GpuError::Lost { reason });
        });
        let uncaptured = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let mut trouble = uncaptured.lock().unwrap_or_else(|e| e.into_inner());
            trouble.get_or_insert(GpuError::Device { reason: error.to_string() });
        }));
        let limits = usable(limits);
        let (faults, readbacks) = (Faults::default(), Mutex::default());
        Ok(Gpu { device, queue, info, limits, number, checked: false, faults, trouble, readbacks })
    }

    /// The same adapter opened anew, after its device was lost.
    pub fn reopen(&self) -> Result<Gpu, GpuError> {
        let opened = Gpu::open(&Choice::Again(self.number, Box::new(self.info.clone())));
        let gpu = opened.map_err(|e| GpuError::Lost { reason: format!("it could not be opened again: {e}") })?;
        Ok(Gpu { checked: self.checked, faults: self.faults.clone(), ..gpu })
    }

    /// What tells it from others, a card of the same name too where the driver says where it is plugged in.
    pub fn name(&self) -> String {
        named(&self.info)
    }

    /// Computes on the CPU.
    pub fn is_software(&self) -> bool {
        is_software(&self.info)
    }

    /// Most steps of one dispatch that the device finishes, whatever the time they take.
    pub fn steps_max(&self, iterations_per_step: u32) -> u32 {
        if self.is_software() { (SOFTWARE_ITERATIONS / iterations_per_step).max(1) } else { u32::MAX }
    }

    /// Its shaders have 64-bit integers.
    pub fn has_wide_integers(&self) -> bool {
        self.device.features().contains(Features::SHADER_INT64)
    }

    /// The first error that the device reported outside a call of ours.
    pub fn check(&self) -> Result<(), GpuError> {
        match &*self.trouble.lock().unwrap_or_else(|e| e.into_inner()) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Largest storage binding in bytes.
    pub fn binding_limit(&self) -> u64 {
        self.limits.max_storage_buffer_binding_size.min(self.limits.max_buffer_size).min((1 << 31) - 4)
    }

    /// A buffer of `words` 32-bit words (at least one).
    pub fn buffer(&self, what: &str, words: u64, usage: BufferUsages) -> Result<Buffer, GpuError> {
        let bytes = 4 * words.max(1);
        let allowed =
            if usage.contains(BufferUsages::STORAGE) { self.binding_limit() } else { self.limits.max_buffer_size };
        if bytes > allowed {
            return Err(GpuError::Limit { what: what.to_string(), needed: bytes, allowed });
        }
        if self.faults.refuses_memory() {
            return Err(GpuError::OutOfMemory { what: what.to_string(), bytes });
        }
        let memory = self.device.push_error_scope(ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(ErrorFilter::Validation);
        let descriptor = BufferDescriptor { label: Some(what), size: bytes, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        let invalid = pollster::block_on(validation.pop());
        if pollster::block_on(memory.pop()).is_some() {
            return Err(GpuError::OutOfMemory { what: what.to_string(), bytes });
        }
        match invalid {
            Some(error) => Err(GpuError::Device { reason: error.to_string() }),
            None => Ok(buffer),
        }
    }

    /// A buffer of at least `words` words that outputs come back in: one that was kept, if any is large enough.
    pub(super) fn readback(&self, words: u64) -> Result<Buffer, GpuError> {
        let mut kept = self.readbacks.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(at) = kept.iter().position(|buffer| buffer.size() >= 4 * words) {
            return Ok(kept.swap_remove(at));
        }
        kept.clear();
        drop(kept);
        self.buffer("readback", words, BufferUsages::MAP_READ | BufferUsages::COPY_DST)
    }

    /// Keeps buffers for [`Gpu::readback`] that nothing is on its way to.
    pub(super) fn keep_readbacks(&self, free: &mut Vec<Buffer>) {
        self.readbacks.lock().unwrap_or_else(|e| e.into_inner()).append(free);
    }

    /// Gives their memory back.
    pub fn forget_readbacks(&self) {
        self.readbacks.lock().unwrap_or_else(|e| e.into_inner()).clear();
    }

    /// A buffer that holds `data`, whole words.
    pub fn filled<T: bytemuck::NoUninit>(
        &self,
        what: &str,
        data: &[T],
        usage: BufferUsages,
    ) -> Result<Buffer, GpuError> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let buffer = self.buffer(what, bytes.len() as u64 / 4, usage | BufferUsages::COPY_DST)?;
        self.queue.write_buffer(&buffer, 0, bytes);
        Ok(buffer)
    }

    /// Where the numbers of a dispatch lie, which its shader declares `var<uniform>`: there, but in storage on software adapters.
    /// Mesa's llvmpipe compiles a kernel anew for each value of a uniform that it branches on, at every dispatch.
    pub fn uniform_binding(&self) -> BufferBindingType {
        if self.is_software() { BufferBindingType::Storage { read_only: true } } else { BufferBindingType::Uniform }
    }

    /// The buffer of such a binding for one `T`.
    pub fn uniform<T>(&self, what: &str) -> Result<Buffer, GpuError> {
        let usage = if self.is_software() { BufferUsages::STORAGE } else { BufferUsages::UNIFORM };
        self.buffer(what, size_of::<T>() as u64 / 4, usage | BufferUsages::COPY_DST)
    }

    /// A compiled module; `source` is composed from this crate's shaders.
    #[allow(unsafe_code, reason = "our shaders index within their buffers and end their loops; tests run them checked")]
    fn module(&self, label: &str, source: &str) -> ShaderModule {
        let mut source = self.faults.altered(source);
        if self.is_software() {
            source = source.replace("var<uniform>", "var<storage, read>").into();
        }
        let source = ShaderSource::Wgsl(source);
        let descriptor = ShaderModuleDescriptor { label: Some(label), source };
        if self.checked {
            return self.device.create_shader_module(descriptor);
        }
        // SAFETY: every index is bounded by the layout that sized the buffers, every loop by a constant, a dispatch's
        // steps or the bits of a word, and no divisor is zero; the backend tests run the same modules checked.
        unsafe { self.device.create_shader_module_trusted(descriptor, ShaderRuntimeChecks::unchecked()) }
    }

    /// The pipelines of the named entry points of one composed source, over one layout of bindings.
    pub fn pipelines(
        &self,
        source: &str,
        layout: &wgpu::BindGroupLayout,
        entries: &[&str],
    ) -> Result<Vec<ComputePipeline>, GpuError> {
        let scope = self.device.push_error_scope(ErrorFilter::Validation);
        let module = self.module(entries[0], source);
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(entries[0]),
            bind_group_layouts: &[Some(layout)],
            immediate_size: 0,
        });
        let pipelines = entries
            .iter()
            .map(|entry| {
                self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(entry),
                    layout: Some(&layout),
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        // Every kernel clears what it reads of workgroup memory itself. But Apple's compiler takes what one
                        // thread left there for what others left, unless all of it was written first (gfx-rs/wgpu#4500).
                        zero_initialize_workgroup_memory: self.info.backend == wgpu::Backend::Metal,
                        ..Default::default()
                    },
                    cache: None,
                })
            })
            .collect();
        match pollster::block_on(scope.pop()) {
            Some(error) => Err(GpuError::Device { reason: error.to_string() }),
            None => Ok(pipelines),
        }
    }

    /// Hands recorded commands to the device.
    pub fn submit(&self, encoder: CommandEncoder) -> SubmissionIndex {
        if self.faults.loses_device() {
            self.device.destroy();
        }
        self.queue.submit([encoder.finish()])
    }

    /// Waits until the submission is done and its callbacks have run.
    pub fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        let waited = self.device.poll(PollType::Wait { submission_index: Some(submission), timeout: None });
        self.check()?;
        waited.map(|_| ()).map_err(|error| match error {
            // The index came from `submit`, which fails on a lost device alone.
            PollError::WrongSubmissionIndex(..) => GpuError::Lost { reason: "a submission failed".into() },
            error => GpuError::Device { reason: error.to_string() },
        })
    }
}

/// Records a dispatch of x y workgroups.
pub fn compute(encoder: &mut CommandEncoder, pipeline: &ComputePipeline, group: &BindGroup, [x, y]: [u32; 2]) {
    let mut pass = encoder.begin_compute_pass(&Default::default());
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, group, &[]);
    pass.dispatch_workgroups(x, y, 1);
}
