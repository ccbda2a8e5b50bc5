//! What Vulkan's drivers make of the kernels: registers, memory, instructions. Needs no GPU where a driver compiles without one;
//! `benches/offline.sh` makes some do so.
//!
//!     cargo bench --bench offline -- [TEXT...]
//!
//! A table for every adapter with VK_KHR_pipeline_executable_properties, of the kernels of `bench`'s cases; TEXT: only those with one of
//! these in their name. Modules are compiled as they are for a run: by naga, with wgpu's options, without checks.

#[path = "../tests/common/kernels.rs"]
mod kernels;

use ash::{Entry, Instance, khr, vk};
use kernels::{Limits, UNCHECKED, composed, parsed};
use snn_ensemble::bench::suite::suite;
use snn_ensemble::bench::table::markdown;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::gpu::compose::Binomials;
use std::ffi::CStr;
use wgpu::naga::{self, back::spv};

type Failure = Box<dyn std::error::Error>;

/// Columns, and what drivers (NVIDIA, NVK, RADV) call them.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("registers", &["Register Count", "Number of GPRs", "VGPRs"]),
    ("local bytes", &["Local Memory", "SLM Size", "Scratch size"]),
    ("spills", &["Spills to Memory", "Spilled VGPRs"]),
    ("instructions", &["Instruction Count", "Instructions"]),
    ("cycles", &["Static Cycle Count", "Latency"]),
    ("warps", &["Max Warps/SM", "Subgroups per SIMD"]),
    ("code bytes", &["Binary Size", "Code Size"]),
];
/// How the drivers' texts begin an instruction that loads from a buffer; their last column counts them.
const LOADS: [&str; 5] = ["ld.global", "ldc", "buffer_load", "s_buffer_load", "global_load"];
/// Drivers that compile for a card which is not there promise what it would.
const LIMITS: Limits = Limits { invocations: 1024, memory: 32_768, wide_integers: true };

/// SPIR-V of the entry point `stepping`, as wgpu has it.
fn assembled(source: &str, version: (u8, u8)) -> Result<(Vec<u32>, Vec<u32>), Failure> {
    let (module, info) = parsed(source)?;
    let bindings: Vec<naga::ResourceBinding> =
        module.global_variables.iter().filter_map(|(_, variable)| variable.binding).collect();
    let binding_map = bindings
        .iter()
        .map(|&b| (b, spv::BindingInfo { descriptor_set: b.group, binding: b.binding, binding_array_size: None }));
    let options = spv::Options {
        lang_version: version,
        flags: spv::WriterFlags::empty(),
        binding_map: binding_map.collect(),
        bounds_check_policies: UNCHECKED,
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..spv::Options::default()
    };
    let entry = spv::PipelineOptions { shader_stage: naga::ShaderStage::Compute, entry_point: "stepping".into() };
    let uniform = module.global_variables.iter().filter(|(_, v)| v.space == naga::AddressSpace::Uniform);
    let uniform = uniform.filter_map(|(_, v)| v.binding.map(|b| b.binding)).collect();
    let words = spv::write_vec(&module, &info, &options, Some(&entry))?;
    Ok((words, uniform))
}

/// An adapter that tells what it compiled.
struct Compiler {
    device: ash::Device,
    executables: khr::pipeline_executable_properties::Device,
    version: (u8, u8),
}

impl Compiler {
    /// `None` for an adapter that does not tell.
    ///
    /// # Safety
    /// `adapter` is one of `instance`, which outlives the compiler.
    unsafe fn new(instance: &Instance, adapter: vk::PhysicalDevice) -> Result<Option<Compiler>, Failure> {
        let (extensions, properties) = unsafe {
            (instance.enumerate_device_extension_properties(adapter)?, instance.get_physical_device_properties(adapter))
        };
        let has = |name: &CStr| extensions.iter().any(|e| e.extension_name_as_c_str() == Ok(name));
        if !has(khr::pipeline_executable_properties::NAME) {
            return Ok(None);
        }
        // wgpu opens devices with both kinds of robustness, which drivers compile into the code.
        let mut robustness = vk::PhysicalDeviceRobustness2FeaturesEXT::default();
        let mut told =
            vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
        let mut model = vk::PhysicalDeviceVulkanMemoryModelFeatures::default().vulkan_memory_model(true);
        let mut names = vec![khr::pipeline_executable_properties::NAME.as_ptr()];
        let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
        let features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true).shader_int64(true);
        let robust = has(ash::ext::robustness2::NAME);
        if robust {
            names.push(ash::ext::robustness2::NAME.as_ptr());
            robustness = robustness.robust_buffer_access2(true).robust_image_access2(true);
        }
        let mut wanted = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queues)
            .enabled_extension_names(&names)
            .enabled_features(&features)
            .push_next(&mut told)
            .push_next(&mut model);
        if robust {
            wanted = wanted.push_next(&mut robustness);
        }
        let device = unsafe { instance.create_device(adapter, &wanted, None)? };
        let executables = khr::pipeline_executable_properties::Device::new(instance, &device);
        let version = if properties.api_version >= vk::API_VERSION_1_3 { (1, 6) } else { (1, 5) };
        Ok(Some(Compiler { device, executables, version }))
    }

    /// The columns of one kernel; empty where the driver does not tell.
    fn compile(&self, source: &str) -> Result<Vec<String>, Failure> {
        let (code, uniform) = assembled(source, self.version)?;
        let bindings: Vec<_> = (0..16)
            .map(|binding| {
                let kind = match uniform.contains(&binding) {
                    true => vk::DescriptorType::UNIFORM_BUFFER,
                    false => vk::DescriptorType::STORAGE_BUFFER,
                };
                let binding = vk::DescriptorSetLayoutBinding::default().binding(binding).descriptor_type(kind);
                binding.descriptor_count(1).stage_flags(vk::ShaderStageFlags::COMPUTE)
            })
            .collect();
        let asked = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
        // SAFETY: the handles are of this device and live until it ends, with the program.
        unsafe {
            let set = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            let sets = [self.device.create_descriptor_set_layout(&set, None)?];
            let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
            let layout = self.device.create_pipeline_layout(&layout, None)?;
            let module = vk::ShaderModuleCreateInfo::default().code(&code);
            let module = self.device.create_shader_module(&module, None)?;
            let stage = vk::PipelineShaderStageCreateInfo::default().stage(vk::ShaderStageFlags::COMPUTE);
            let stage = stage.module(module).name(c"stepping");
            let pipeline = vk::ComputePipelineCreateInfo::default().flags(asked).stage(stage).layout(layout);
            let pipelines = self.device.create_compute_pipelines(vk::PipelineCache::null(), &[pipeline], None);
            let pipeline = pipelines.map_err(|(_, error)| error)?[0];
            let executable = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline);
            let statistics = self.executables.get_pipeline_executable_statistics(&executable)?;
            let number = |names: &[&str]| {
                let named = |statistic: &&vk::PipelineExecutableStatisticKHR| {
                    let name = statistic.name_as_c_str().unwrap_or_default().to_string_lossy();
                    names.iter().any(|n| n.eq_ignore_ascii_case(&name))
                };
                statistics.iter().find(named).map_or(String::new(), |statistic| match statistic.format {
                    vk::PipelineExecutableStatisticFormatKHR::FLOAT64 => statistic.value.f64.to_string(),
                    _ => statistic.value.u64.to_string(),
                })
            };
            let mut columns: Vec<String> = COLUMNS.iter().map(|(_, names)| number(names)).collect();
            columns.push(self.loads(&executable)?.map_or(String::new(), |loads| loads.to_string()));
            Ok(columns)
        }
    }

    /// Counted in the last text that the driver gives of a kernel, its assembly.
    unsafe fn loads(&self, executable: &vk::PipelineExecutableInfoKHR) -> Result<Option<usize>, Failure> {
        let get = self.executables.fp().get_pipeline_executable_internal_representations_khr;
        let device = self.device.handle();
        let mut count = 0;
        unsafe { get(device, executable, &mut count, std::ptr::null_mut()).result()? };
        let mut texts = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
        unsafe { get(device, executable, &mut count, texts.as_mut_ptr()).result()? };
        let mut storage: Vec<Vec<u8>> = texts.iter().map(|text| vec![0; text.data_size]).collect();
        for (text, bytes) in texts.iter_mut().zip(&mut storage) {
            text.p_data = bytes.as_mut_ptr().cast();
        }
        unsafe { get(device, executable, &mut count, texts.as_mut_ptr()).result()? };
        let text = storage.last().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let loads = |line: &str| line.split_whitespace().any(|word| LOADS.iter().any(|load| word.starts_with(load)));
        Ok(text.map(|text| text.lines().filter(|line| loads(line)).count()))
    }
}

fn main() -> Result<(), Failure> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut modules = vec![];
    for case in suite() {
        if wanted.is_empty() || wanted.iter().any(|text| case.name.contains(text)) {
            let ensemble = Ensemble::new(case.experiment(1, 1)?, true)?;
            modules.push((case.name.clone(), composed(&ensemble.at_point(0, 0)?, &LIMITS, Binomials::Small)));
        }
    }
    // SAFETY: the loader is the system's; the instance lives to the end of the program.
    let (instance, adapters) = unsafe {
        let entry = Entry::load()?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
        let instance =
            entry.create_instance(&vk::InstanceCreateInfo::default().application_info(&application), None)?;
        std::mem::forget(entry);
        let adapters = instance.enumerate_physical_devices()?;
        (instance, adapters)
    };
    for adapter in adapters {
        // SAFETY: as above.
        let (properties, compiler) =
            unsafe { (instance.get_physical_device_properties(adapter), Compiler::new(&instance, adapter)?) };
        let mut driver = vk::PhysicalDeviceDriverProperties::default();
        let mut more = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
        // SAFETY: as above.
        unsafe { instance.get_physical_device_properties2(adapter, &mut more) };
        let [device, driver, version] =
            [properties.device_name_as_c_str()?, driver.driver_name_as_c_str()?, driver.driver_info_as_c_str()?]
                .map(|text| text.to_string_lossy().trim().to_string());
        let name = format!("{device}: {driver}, {version}");
        let Some(compiler) = compiler else {
            println!("{name} does not tell what it compiles");
            continue;
        };
        let header = COLUMNS.iter().map(|(title, _)| *title).chain(["loads"]);
        let mut rows: Vec<Vec<String>> = vec![std::iter::once("kernel").chain(header).map(str::to_string).collect()];
        for (name, source) in &modules {
            rows.push(std::iter::once(name.clone()).chain(compiler.compile(source)?).collect());
        }
        // What this driver does not tell of any kernel is no column.
        let told: Vec<bool> = (0..rows[0].len()).map(|c| rows[1..].iter().any(|row| !row[c].is_empty())).collect();
        rows.iter_mut().for_each(|row| {
            let mut told = told.iter();
            row.retain(|_| told.next() == Some(&true));
        });
        println!("{name}\n");
        markdown(&rows).iter().for_each(|line| println!("{line}"));
        println!();
    }
    Ok(())
}
