//! Are fixed points, orbits and bifurcations where an independent f64 implementation has them, and do they behave as the theory
//! of bifurcations says?

#[path = "../cases/mod.rs"]
mod cases;
mod curves;
mod diagrams;
mod known;
mod support;
#[path = "../theory/mod.rs"]
mod theory;
