//! The discrete-state ODE: populations reduced to voltage bins, with and without finite-size noise.
//!
//! Every file that has a namesake in `shaders/reduced` computes what the shader computes, generic over the precision.

pub mod closure;
pub mod drives;
pub mod dsode;
mod edges;
pub mod elementary;
pub mod gpu;
pub mod initial;
pub mod lanes;
pub mod moments;
pub mod noise;
pub mod normal;
pub mod parameters;
pub mod prelude;
pub mod real;
mod settle;
pub mod shape;
pub mod shares;
mod spread;
pub mod state;
pub mod stepping;
pub mod transition;
mod work;

pub use dsode::Dsode;
pub use real::Real;
pub use shape::{DsodeShape, ShapeError};
pub use state::State;
