//! Which adapter computes: a discrete GPU before an integrated one, software only when asked for.

use super::GpuError;
use wgpu::{Adapter, AdapterInfo, Backends, DeviceType, Instance, InstanceDescriptor};

/// What a user asked for with `--device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The best adapter that is not a CPU.
    Hardware,
    /// The best adapter, a software one if need be.
    Any,
    /// By its number in `devices`.
    Number(usize),
    /// By a part of its name, in any case.
    Name(String),
}

impl Choice {
    /// `N` or a part of a name.
    pub fn parse(text: &str) -> Choice {
        text.parse().map_or_else(|_| Choice::Name(text.to_string()), Choice::Number)
    }
}

/// Every adapter of this machine, best first.
pub fn adapters() -> Vec<Adapter> {
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = Backends::PRIMARY;
    let mut adapters = pollster::block_on(Instance::new(descriptor).enumerate_adapters(Backends::PRIMARY));
    adapters.sort_by_key(|a| rank(&a.get_info()));
    adapters
}

/// The adapter that `choice` means.
pub fn choose(choice: &Choice) -> Result<Adapter, GpuError> {
    let mut adapters = adapters();
    let names: Vec<String> = adapters.iter().map(|a| a.get_info().name).collect();
    let index = match choice {
        Choice::Hardware => adapters.iter().position(|a| !is_software(&a.get_info())),
        Choice::Any => (!adapters.is_empty()).then_some(0),
        Choice::Number(n) => (*n < adapters.len()).then_some(*n),
        Choice::Name(part) => names.iter().position(|n| n.to_lowercase().contains(&part.to_lowercase())),
    };
    match (index, choice) {
        (Some(index), _) => Ok(adapters.swap_remove(index)),
        (None, Choice::Hardware | Choice::Any) => Err(GpuError::NoAdapter { found: names }),
        (None, Choice::Number(n)) => Err(GpuError::NoSuchDevice { wanted: n.to_string(), found: names }),
        (None, Choice::Name(part)) => Err(GpuError::NoSuchDevice { wanted: part.clone(), found: names }),
    }
}

/// Computes on the CPU (llvmpipe, WARP).
pub fn is_software(info: &AdapterInfo) -> bool {
    info.device_type == DeviceType::Cpu
}

fn rank(info: &AdapterInfo) -> u8 {
    match info.device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}
