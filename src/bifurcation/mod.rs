//! Bifurcation analysis of the deterministic `dsode`: its step as a map of a flat state, the tangent of that map, fixed points and
//! orbits, their stability, and the branches that they lie on.
//!
//! What is analysed is the discrete map at the configured dt and bins, not their limits.

pub mod algebra;
pub mod attractor;
mod branch;
mod code;
mod columns;
mod combinations;
mod compress;
pub mod continuation;
pub mod course;
mod cubic;
mod curve;
pub mod curves;
pub mod derivative;
mod diagram;
pub mod dual;
mod events;
mod explore;
mod family;
pub mod home;
mod jacobian;
mod map;
mod memory;
mod newton;
pub mod note;
pub mod object;
mod pace;
pub mod place;
mod resection;
mod results;
mod round;
mod rows;
pub mod run;
mod section;
pub mod solver;
pub mod spectrum;
mod stored;
pub mod switching;
pub mod tangent;
mod wanted;
pub mod watch;

pub use branch::{Branch, End, Point};
pub use code::Code;
pub use columns::Columns;
pub use diagram::Diagram;
pub use explore::Explorer;
pub use family::{Family, Lost};
pub use map::{Map, MapError};
pub use object::Object;
pub use section::Section;
pub use tangent::{Derivative, Tangent};
pub use watch::Watch;
