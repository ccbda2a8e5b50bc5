//! Networks of single neurons in integer arithmetic: `snn` and `markov`, the same bits on every backend.

pub mod arithmetic;
pub mod cpu_member;
pub mod error;
pub mod fields;
pub mod fixed;
pub mod initial;
pub mod markov;
pub mod member;
pub mod moments;
pub mod neuron;
pub mod parameters;
pub mod passes;
pub mod precision;
pub mod ranges;
pub mod ring;
pub mod rise;
pub mod rise_moments;
pub mod scale;
pub mod shape;
pub mod snn;
pub mod state;
pub mod stepping;
pub mod tables;
pub mod time_step;
pub mod wiring;
pub mod words;
