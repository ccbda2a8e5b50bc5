//! The library behind the `snn-ensemble` program: models, backends, statistics and results.

pub mod bench;
pub mod config;
pub mod ensemble;
pub mod gpu;
pub mod model;
pub mod network;
pub mod random;
pub mod reduced;
pub mod report;
pub mod results;
pub mod statistics;
pub mod validate;
pub mod wgsl;
