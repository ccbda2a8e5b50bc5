//! Are the statistics what they are defined to be? Trains with known answers, a plain form of every definition, and invariance.

mod crossing;
mod known;
mod plain;
mod points;
mod responses;
mod spectrum;
mod streaming;
mod support;
