pub mod config;
pub mod gpu;
pub mod lanes;
pub mod model;
pub mod network;
pub mod random;
pub mod results;
pub mod statistics;
