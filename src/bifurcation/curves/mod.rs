//! Bifurcations in the plane of two parameters: what was located along one is followed along both, as curves that may turn back in either.

pub mod explore;
pub mod follow;
pub mod meeting;
pub mod plane;
pub mod results;
pub mod run;

pub use super::curve::{Curve, CurvePoint};
pub use explore::Curves;
pub use plane::Plane;
