//! Counter-based randomness: every draw is a pure function of (member key, neuron, step, purpose).
//!
//! So a result does not depend on backend, device, workgroup or batch size, steps per dispatch, thread count, shard or
//! resume point.

pub mod alias;
pub mod draws;
pub mod normal_table;
pub mod threefry;
