//! The GPU path: adapters, the device and its errors, composed shaders, and batches of members that live on the device.

pub mod adapter;
pub mod bindings;
pub mod compose;
pub mod device;
pub mod fault;
pub mod lookup;
pub mod network;
pub mod pace;
mod passes;
pub mod readback;
pub mod selection;
pub mod wiring;
pub mod workgroup;

pub use device::{Gpu, GpuError, compute};
