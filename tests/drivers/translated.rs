//! Can kernels be said in the languages of the drivers that are not here? Metal's and DX12's, as wgpu has them translated.

use super::kernels::{Limits, UNCHECKED, of_configs, parsed};
use std::collections::BTreeMap;
use wgpu::naga::back::{hlsl, msl};
use wgpu::naga::valid::ModuleInfo;
use wgpu::naga::{AddressSpace, Module, ResourceBinding, StorageAccess};

/// What Apple's GPUs and DX12 promise; old ones have no 64-bit integers.
const fn limits(wide_integers: bool) -> Limits {
    Limits { invocations: 1024, memory: 32_768, wide_integers }
}
/// Metal gives a kernel no more of each.
const METAL_BUFFERS: usize = 31;
const METAL_WORKGROUP_VARIABLES: usize = 31;

/// Every binding, and whether the kernel writes there.
fn bindings(module: &Module) -> impl Iterator<Item = (ResourceBinding, AddressSpace, bool)> {
    module.global_variables.iter().filter_map(|(_, variable)| {
        let space = variable.space;
        let written = matches!(space, AddressSpace::Storage { access } if access.contains(StorageAccess::STORE));
        variable.binding.map(|binding| (binding, space, written))
    })
}

/// Metal's text of all entry points, without bounds checks and guards of loops.
fn metal(module: &Module, info: &ModuleInfo) -> Result<String, msl::Error> {
    let slots = bindings(module).enumerate().map(|(slot, (binding, _, mutable))| {
        (binding, msl::BindTarget { buffer: Some(slot as u8), mutable, ..Default::default() })
    });
    let resources: msl::BindingMap = slots.collect();
    assert!(resources.len() < METAL_BUFFERS, "{} buffers, and one of their sizes", resources.len());
    let sizes_buffer = Some(resources.len() as u8);
    let resources = msl::EntryPointResources { resources, immediates_buffer: None, sizes_buffer };
    let of_each = module.entry_points.iter().map(|entry| (entry.name.clone(), resources.clone()));
    let options = msl::Options {
        lang_version: (3, 0),
        per_entry_point_map: of_each.collect(),
        fake_missing_bindings: false,
        bounds_check_policies: UNCHECKED,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    Ok(msl::write_string(module, info, &options, &msl::PipelineOptions::default())?.0)
}

/// The text for DX12.
fn direct3d(module: &Module, info: &ModuleInfo) -> Result<String, hlsl::Error> {
    let mut taken = BTreeMap::<char, u32>::new();
    let registers = bindings(module).map(|(binding, space, written)| {
        let class = if space == AddressSpace::Uniform {
            'b'
        } else if written {
            'u'
        } else {
            't'
        };
        let register = taken.entry(class).or_default();
        *register += 1;
        (binding, hlsl::BindTarget { register: *register - 1, ..Default::default() })
    });
    let options = hlsl::Options {
        shader_model: hlsl::ShaderModel::V6_0,
        binding_map: registers.collect(),
        fake_missing_bindings: false,
        zero_initialize_workgroup_memory: false,
        restrict_indexing: false,
        force_loop_bounding: false,
        ..Default::default()
    };
    let mut text = String::new();
    hlsl::Writer::new(&mut text, &options, &hlsl::PipelineOptions::default()).write(module, info, None)?;
    Ok(text)
}

#[test]
fn every_kernel_has_a_text_for_metal_and_for_dx12() {
    let modules = [true, false].map(|wide_integers| of_configs(&limits(wide_integers))).concat();
    assert!(modules.len() >= 20, "{} modules", modules.len());
    for (name, source) in modules {
        let (module, info) = parsed(&source).unwrap_or_else(|e| panic!("{name}: {e}"));
        let workgroup = module.global_variables.iter().filter(|(_, v)| v.space == AddressSpace::WorkGroup).count();
        assert!(workgroup <= METAL_WORKGROUP_VARIABLES, "{name}: {workgroup} workgroup variables");
        let metal = metal(&module, &info).unwrap_or_else(|e| panic!("{name}: {e}"));
        let direct3d = direct3d(&module, &info).unwrap_or_else(|e| panic!("{name}: {e}"));
        let entries = module.entry_points.len();
        assert_eq!(metal.matches("kernel void ").count(), entries, "{name}");
        assert_eq!(direct3d.matches("[numthreads(").count(), entries, "{name}");
    }
}
