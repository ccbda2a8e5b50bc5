//! Where results come from, for their manifest.

use super::gpu::Device;
use super::identity::ARITHMETIC_VERSION;
use super::points::Ensemble;
use crate::network::tables::drifts_hash;
use crate::results::{Adapter, Manifest};
use std::collections::BTreeMap;

/// The program, the config and the device; nothing was computed yet.
pub fn provenance(ensemble: &Ensemble, device: Option<&Device>) -> Manifest {
    let gpu = device.map(|d| &d.gpu);
    let limits = gpu.map(|gpu| {
        [
            ("max_storage_buffer_binding_size".to_string(), gpu.binding_limit()),
            ("max_compute_workgroup_storage_size".to_string(), gpu.limits.max_compute_workgroup_storage_size.into()),
            (
                "max_compute_invocations_per_workgroup".to_string(),
                gpu.limits.max_compute_invocations_per_workgroup.into(),
            ),
        ]
    });
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_string(),
        commit: Some(env!("SNN_ENSEMBLE_COMMIT").to_string()).filter(|commit| commit != "unknown"),
        arithmetic_version: ARITHMETIC_VERSION,
        tables_hash: crate::random::tables_hash(),
        drifts_hash: drifts_hash(&ensemble.experiment.point(0).network),
        config_hash: ensemble.experiment.hash(),
        seed: ensemble.experiment.seed,
        command: None,
        config: None,
        backend: if gpu.is_some() { "gpu" } else { "cpu" }.to_string(),
        adapter: gpu.map(|gpu| Adapter {
            name: gpu.info.name.clone(),
            api: gpu.info.backend.to_str().to_string(),
            driver: format!("{} {}", gpu.info.driver, gpu.info.driver_info).trim().to_string(),
        }),
        threads: rayon::current_num_threads(),
        limits: limits.into_iter().flatten().collect(),
        shard: None,
        complete: false,
        members: 0,
        wall_time_s: 0.0,
        rates: BTreeMap::new(),
        voltage_bins: ensemble.experiment.used_bins().map(|(name, bins)| (name.to_string(), bins.into())).collect(),
        skipped: vec![],
        runs: vec![],
        warnings: ensemble.experiment.warnings(),
    }
}

/// Neuron-steps and biological seconds per second, by name.
pub fn rates((work, time): (f64, f64)) -> BTreeMap<String, f64> {
    [("neuron_steps_per_s".to_string(), work), ("biological_s_per_s".to_string(), time)].into()
}

/// Of the joined parts of a run, what they have in common; times add up. `parts` has at least one.
pub fn joined(parts: &[Manifest]) -> Manifest {
    let first = parts[0].clone();
    let seconds: f64 = parts.iter().map(|part| part.wall_time_s).sum();
    let rate = |name: &String| {
        let work: f64 = parts.iter().map(|p| p.rates.get(name).unwrap_or(&0.0) * p.wall_time_s).sum();
        (name.clone(), if seconds > 0.0 { work / seconds } else { 0.0 })
    };
    let mut backends: Vec<&str> = parts.iter().map(|part| part.backend.as_str()).collect();
    backends.sort_unstable();
    backends.dedup();
    let mut warnings: Vec<String> = parts.iter().flat_map(|part| part.warnings.iter().cloned()).collect();
    warnings.sort_unstable();
    warnings.dedup();
    let one_device = parts.iter().all(|part| part.adapter == first.adapter && part.limits == first.limits);
    Manifest {
        commit: first.commit.filter(|commit| parts.iter().all(|part| part.commit.as_ref() == Some(commit))),
        command: first.command.filter(|command| parts.iter().all(|part| part.command.as_ref() == Some(command))),
        backend: backends.join(", "),
        config: first.config.filter(|config| parts.iter().all(|part| part.config.as_ref() == Some(config))),
        adapter: first.adapter.filter(|_| one_device),
        limits: if one_device { first.limits } else { BTreeMap::new() },
        shard: None,
        wall_time_s: seconds,
        rates: first.rates.keys().map(rate).collect(),
        warnings,
        runs: parts.iter().flat_map(|part| part.runs.iter().cloned()).collect(),
        ..first
    }
}
