//! Where results come from, for their manifest.

use super::gpu::Device;
use super::identity::ARITHMETIC_VERSION;
use super::points::Ensemble;
use crate::gpu::Gpu;
use crate::network::tables::drifts_hash;
use crate::results::{Adapter, Manifest};
use std::collections::BTreeMap;

/// The program, the config and the devices; nothing was computed yet.
pub fn provenance(ensemble: &Ensemble, devices: &[Device]) -> Manifest {
    let mut limits: BTreeMap<String, u64> = BTreeMap::new();
    for Device { gpu, .. } in devices {
        for (name, limit) in [
            ("max_storage_buffer_binding_size", gpu.binding_limit()),
            ("max_compute_workgroup_storage_size", gpu.limits.max_compute_workgroup_storage_size.into()),
            ("max_compute_invocations_per_workgroup", gpu.limits.max_compute_invocations_per_workgroup.into()),
        ] {
            let least = limits.entry(name.to_string()).or_insert(limit);
            *least = limit.min(*least);
        }
    }
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
        backend: if devices.is_empty() { "cpu" } else { "gpu" }.to_string(),
        adapter: adapter(devices),
        threads: rayon::current_num_threads(),
        limits,
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

/// Several devices as one adapter: names that occur more than once with how often they do.
fn adapter(devices: &[Device]) -> Option<Adapter> {
    let of = |text: fn(&Gpu) -> String| {
        let mut texts: Vec<(String, usize)> = Vec::new();
        for text in devices.iter().map(|device| text(&device.gpu)) {
            match texts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, times)) => *times += 1,
                None => texts.push((text, 1)),
            }
        }
        texts
    };
    let listed = |texts: Vec<(String, usize)>| texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", ");
    let counted = |(name, times)| (if times > 1 { format!("{times} x {name}") } else { name }, times);
    (!devices.is_empty()).then(|| Adapter {
        name: listed(of(|gpu| gpu.info.name.clone()).into_iter().map(counted).collect()),
        api: listed(of(|gpu| gpu.info.backend.to_str().to_string())),
        driver: listed(of(|gpu| format!("{} {}", gpu.info.driver, gpu.info.driver_info).trim().to_string())),
    })
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
