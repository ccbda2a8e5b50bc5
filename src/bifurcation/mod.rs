//! Bifurcation analysis of the deterministic `dsode`: its step as a map of a flat state, and the tangent of that map.
//!
//! What is analysed is the discrete map at the configured dt and bins, not their limits.

pub mod dual;
pub mod map;
pub mod tangent;

pub use map::{Map, MapError};
