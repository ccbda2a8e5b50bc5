//! `devices`: the adapters of this machine and which one a run takes.

use super::Outcome;
use super::output::say;
use anyhow::Result;
use snn_ensemble::gpu::adapter::{adapters, is_software, usable};

pub fn execute() -> Result<Outcome> {
    let adapters = adapters();
    for (number, adapter) in adapters.iter().enumerate() {
        let (info, limits) = (adapter.get_info(), usable(adapter.limits()));
        say!("{number}: {} ({:?}, {:?})", info.name, info.device_type, info.backend);
        say!("   driver {} {}", info.driver, info.driver_info);
        say!(
            "   {} MiB per binding, {} B of workgroup memory, {} invocations per workgroup, {} workgroups per dimension",
            limits.max_storage_buffer_binding_size >> 20,
            limits.max_compute_workgroup_storage_size,
            limits.max_compute_invocations_per_workgroup,
            limits.max_compute_workgroups_per_dimension
        );
    }
    match adapters.iter().position(|a| !is_software(&a.get_info())) {
        Some(number) => say!("--backend auto takes adapter {number}: the first that is no CPU"),
        None => {
            say!("--backend auto takes the CPU backend, {} threads: no GPU adapter", rayon::current_num_threads());
            say!(
                "(a driver for Vulkan, Metal or DX12 was {})",
                if adapters.is_empty() { "not found" } else { "found for the CPU only" }
            );
        }
    }
    Ok(Outcome::Done)
}
