//! The discrete-state ODE: populations reduced to voltage bins, with and without finite-size noise.
//!
//! Every file that has a namesake in `shaders/reduced` computes what the shader computes, generic over the precision.

mod carry;
pub mod closure;
pub mod drives;
pub mod dsode;
mod edges;
pub mod elementary;
mod fields;
pub mod gpu;
pub mod initial;
mod inputs;
pub mod lanes;
pub mod layout;
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
mod step;
pub mod stepping;
pub mod transition;
mod workspace;

pub use dsode::{Dsode, step};
pub use fields::Field;
pub use parameters::Parameters;
pub use real::Real;
pub use shape::{DsodeShape, ShapeError};
pub use state::{State, StateFields};
pub use workspace::Workspace;
