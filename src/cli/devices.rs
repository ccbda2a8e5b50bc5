//! `devices`: the adapters of this machine and which ones a run takes.

use super::Outcome;
use super::output::say;
use anyhow::Result;
use snn_ensemble::gpu::adapter::{STATIC, adapters, is_software, named, usable};
use snn_ensemble::gpu::selection::Selection;

pub fn execute() -> Result<Outcome> {
    let adapters = adapters();
    let infos: Vec<_> = adapters.iter().map(|adapter| adapter.get_info()).collect();
    for (number, (info, adapter)) in infos.iter().zip(&adapters).enumerate() {
        let limits = usable(adapter.limits());
        say!("{number}: {} ({:?}, {:?})", named(info), info.device_type, info.backend);
        say!("   driver {} {}", info.driver, info.driver_info);
        say!(
            "   {} MiB per binding, {} B of workgroup memory, {} invocations per workgroup, {} workgroups per dimension",
            limits.max_storage_buffer_binding_size >> 20,
            limits.max_compute_workgroup_storage_size,
            limits.max_compute_invocations_per_workgroup,
            limits.max_compute_workgroups_per_dimension
        );
    }
    match infos.iter().position(|info| !is_software(info)) {
        Some(number) => say!("--backend auto takes adapter {number}: the first that is no CPU"),
        None if STATIC => {
            say!("--backend auto takes the CPU backend, {} threads", rayon::current_num_threads());
            say!("(this program is linked statically and can load no driver of a GPU)");
        }
        None => {
            say!("--backend auto takes the CPU backend, {} threads: no GPU adapter", rayon::current_num_threads());
            say!(
                "(a driver for Vulkan, Metal or DX12 was {})",
                if adapters.is_empty() { "not found" } else { "found for the CPU only" }
            );
        }
    }
    if let Ok(all) = Selection::All.numbers(&infos) {
        let numbers: Vec<String> = all.iter().map(usize::to_string).collect();
        say!("--device all takes {}", numbers.join(", "));
    }
    Ok(Outcome::Done)
}
