//! Which adapter computes: a discrete GPU before an integrated one, Vulkan before DX12, software only when asked for.

use super::GpuError;
use wgpu::{Adapter, AdapterInfo, Backend, Backends, DeviceType, Instance, InstanceDescriptor, Limits};

/// Most invocations of a workgroup that a kernel is made for: more would leave each of them few registers.
const INVOCATIONS: u32 = 1024;

/// Linked statically, a program can load no driver.
pub const STATIC: bool = cfg!(all(target_env = "musl", target_feature = "crt-static"));

/// What a user asked for with `--device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The best adapter that is not a CPU.
    Hardware,
    /// The best adapter, a software one if need be.
    Any,
    /// By its number in `devices`.
    Number(usize),
    /// By a part of its name, in any case, or by its place on the PCI bus.
    Name(String),
    /// One that was open before: its number then, and what it told of itself.
    Again(usize, Box<AdapterInfo>),
}

impl Choice {
    /// `N`, a part of a name, or a PCI address.
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

/// The adapter that `choice` means, and its number.
pub fn choose(choice: &Choice) -> Result<(usize, Adapter), GpuError> {
    let mut adapters = adapters();
    let infos: Vec<AdapterInfo> = adapters.iter().map(Adapter::get_info).collect();
    if let Some(number) = number(choice, &infos) {
        return Ok((number, adapters.swap_remove(number)));
    }
    let found = infos.into_iter().map(|info| info.name).collect();
    Err(match choice {
        Choice::Hardware | Choice::Any => GpuError::NoAdapter { found },
        Choice::Number(n) => GpuError::NoSuchDevice { wanted: n.to_string(), found },
        Choice::Name(part) => GpuError::NoSuchDevice { wanted: part.clone(), found },
        Choice::Again(_, info) => GpuError::NoSuchDevice { wanted: info.name.clone(), found },
    })
}

/// Which of these adapters `choice` means.
pub fn number(choice: &Choice, infos: &[AdapterInfo]) -> Option<usize> {
    match choice {
        Choice::Hardware => infos.iter().position(|info| !is_software(info)),
        Choice::Any => (!infos.is_empty()).then_some(0),
        Choice::Number(n) => (*n < infos.len()).then_some(*n),
        Choice::Name(part) if part.trim().is_empty() => None,
        Choice::Name(part) => infos.iter().position(|info| {
            let named = info.name.to_lowercase().contains(&part.to_lowercase());
            named || info.device_pci_bus_id.eq_ignore_ascii_case(part)
        }),
        // Cards of one model differ by where they are plugged in; where a driver does not tell, by their order.
        Choice::Again(n, before) => {
            let card = |a: &AdapterInfo| (a.backend, a.vendor, a.device, a.device_pci_bus_id.clone(), a.name.clone());
            let same = |info: &AdapterInfo| card(info) == card(before);
            infos.get(*n).is_some_and(same).then_some(*n).or_else(|| infos.iter().position(same))
        }
    }
}

/// What kernels may ask of an adapter with these limits; their workgroups have one dimension.
pub fn usable(limits: Limits) -> Limits {
    let invocations = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
    Limits { max_compute_invocations_per_workgroup: invocations.min(INVOCATIONS), ..limits }
}

/// Name, and place on the PCI bus where the driver tells it.
pub fn named(info: &AdapterInfo) -> String {
    match info.device_pci_bus_id.as_str() {
        "" => info.name.clone(),
        address => format!("{} at {address}", info.name),
    }
}

/// Computes on the CPU (llvmpipe, WARP).
pub fn is_software(info: &AdapterInfo) -> bool {
    info.device_type == DeviceType::Cpu
}

/// The order of adapters. Windows lists a card once for Vulkan and once for DX12, for which shaders are translated twice.
pub fn rank(info: &AdapterInfo) -> (u8, bool) {
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    };
    (kind, info.backend == Backend::Dx12)
}
