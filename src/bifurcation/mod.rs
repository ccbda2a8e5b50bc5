//! Bifurcation analysis of the deterministic `dsode`: its step as a map of a flat state, the tangent of that map, fixed points and
//! orbits, their stability, and the branches that they lie on.
//!
//! What is analysed is the discrete map at the configured dt and bins, not their limits.

pub mod algebra;
pub mod attractor;
pub mod branch;
pub mod code;
pub mod columns;
pub mod combinations;
pub mod compress;
pub mod continuation;
pub mod course;
pub mod cubic;
pub mod curve;
pub mod curves;
pub mod derivative;
pub mod diagram;
pub mod dual;
pub mod events;
pub mod explore;
pub mod family;
pub mod home;
pub mod jacobian;
pub mod map;
pub mod memory;
pub mod newton;
pub mod note;
pub mod object;
pub mod pace;
pub mod place;
pub mod resection;
pub mod results;
pub mod round;
pub mod rows;
pub mod run;
pub mod section;
pub mod solver;
pub mod spectrum;
pub mod stored;
pub mod switching;
pub mod tangent;
pub mod wanted;
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
