//! The modules that a device compiles, composed as they are for it.
#![allow(dead_code, reason = "tests and benchmarks use their own part")]

use snn_ensemble::config;
use snn_ensemble::ensemble::{Ensemble, ModelAtPoint};
use snn_ensemble::gpu::compose::{Binomials, network};
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::Variant;
use snn_ensemble::reduced::{layout, prelude};
use std::collections::BTreeMap;
use std::fs;
use wgpu::naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy::Unchecked};
use wgpu::naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use wgpu::naga::{Module, front::wgsl::parse_str};

/// As a run has its modules compiled.
pub const UNCHECKED: BoundsCheckPolicies =
    BoundsCheckPolicies { index: Unchecked, buffer: Unchecked, image_load: Unchecked, binding_array: Unchecked };

/// Of a workgroup.
pub struct Limits {
    pub invocations: u32,
    /// Bytes.
    pub memory: usize,
    pub wide_integers: bool,
}

/// The module of a model at a point; a network has one with large binomials and one without.
pub fn composed(at_point: &ModelAtPoint, limits: &Limits, binomials: Binomials) -> String {
    if let Variant::Dsode { .. } = at_point.variant {
        let shape = at_point.dsode_shape().unwrap();
        let layout = layout::TrajectoryLayout::new(
            &shape,
            layout::Room { memory: limits.memory, invocations: limits.invocations as usize },
        )
        .unwrap();
        prelude::compose(&shape, &layout)
    } else {
        let shape = at_point.shape();
        let &Limits { invocations: threads, wide_integers, .. } = limits;
        let limits = WorkgroupLimits { threads, memory: limits.memory as u32, software: false, wide_integers };
        network(&shape, &WorkgroupLayout::new(&shape, limits), &at_point.bin_counts(), binomials)
    }
}

/// A module, read and validated.
pub fn parsed(source: &str) -> Result<(Module, ModuleInfo), Box<dyn std::error::Error>> {
    let module = parse_str(source)?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::all()).validate(&module)?;
    Ok((module, info))
}

/// Name and source of every module of the committed configs, each source once.
pub fn of_configs(limits: &Limits) -> Vec<(String, String)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/configs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let experiment = config::load(&text, &name, &[]).unwrap_or_else(|e| panic!("{e}"));
        let (models, points) = (experiment.models.len(), experiment.points());
        let ensemble = Ensemble::new(experiment, true).unwrap();
        for model in 0..models as u32 {
            for point in 0..points as u32 {
                let at_point = ensemble.at_point(model, point).unwrap();
                let name = format!("{name}, {}, point {point}", at_point.variant.label());
                for binomials in [Binomials::Small, Binomials::All] {
                    found.entry(composed(&at_point, limits, binomials)).or_insert(name.clone());
                }
            }
        }
    }
    found.into_iter().map(|(source, name)| (name, source)).collect()
}
