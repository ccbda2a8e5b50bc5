//! The discrete-state ODE: populations reduced to voltage bins, with and without finite-size noise.
//!
//! Every file that has a namesake in `shaders/reduced` computes what the shader computes, generic over the precision.

mod carry;
pub mod drives;
pub mod dsode;
mod edges;
mod fields;
mod inputs;
mod linear_step;
pub mod parameters;
pub mod real;
mod ring;
mod settle;
pub mod shape;
mod spread;
pub mod state;
mod step;
mod workspace;

// Internals that tests and benchmarks reach; may change with any version.
#[doc(hidden)]
pub mod closure;
#[doc(hidden)]
pub mod elementary;
#[doc(hidden)]
pub mod flow;
#[doc(hidden)]
pub mod gpu;
#[doc(hidden)]
pub mod initial;
#[doc(hidden)]
pub mod lanes;
#[doc(hidden)]
pub mod layout;
#[doc(hidden)]
pub mod linear;
#[doc(hidden)]
pub mod local;
#[doc(hidden)]
pub mod moments;
#[doc(hidden)]
pub mod noise;
#[doc(hidden)]
pub mod normal;
#[doc(hidden)]
pub mod prelude;
#[doc(hidden)]
pub mod scheme;
#[doc(hidden)]
pub mod shares;
#[doc(hidden)]
pub mod stepping;
#[doc(hidden)]
pub mod transition;

pub use dsode::{Dsode, step};
pub use fields::Field;
pub(crate) use inputs::EMPTY;
pub use parameters::Parameters;
pub use real::Real;
pub use shape::{DsodeShape, ShapeError};
pub use state::{State, StateFields};
pub use workspace::Workspace;
