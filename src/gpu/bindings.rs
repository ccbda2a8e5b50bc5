//! Which buffers a kernel has: in the order of its `@binding` numbers, all in group 0.

use super::device::Gpu;
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry,
    BindingType, Buffer, BufferBindingType, ShaderStages,
};

/// A storage buffer that a kernel reads.
pub const READ: BufferBindingType = BufferBindingType::Storage { read_only: true };
/// A storage buffer that it writes too.
pub const WRITE: BufferBindingType = BufferBindingType::Storage { read_only: false };

impl Gpu {
    /// The layout of a kernel whose bindings have these types.
    pub fn layout(&self, label: &str, types: &[BufferBindingType]) -> BindGroupLayout {
        let entry = |(binding, &ty): (u32, &BufferBindingType)| BindGroupLayoutEntry {
            binding,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let entries: Vec<_> = (0..).zip(types).map(entry).collect();
        self.device.create_bind_group_layout(&BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
    }

    /// Buffers, as many as its layout has.
    pub fn bind(&self, label: &str, layout: &BindGroupLayout, buffers: &[&Buffer]) -> BindGroup {
        let resources = buffers.iter().map(|buffer| buffer.as_entire_binding());
        let entries: Vec<_> =
            (0..).zip(resources).map(|(binding, resource)| BindGroupEntry { binding, resource }).collect();
        self.device.create_bind_group(&BindGroupDescriptor { label: Some(label), layout, entries: &entries })
    }
}
