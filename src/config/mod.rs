//! From YAML text to an [`Experiment`] in which every default is resolved and every rule holds at every point.
//!
//! `keys` is the one table of keys; reading, error texts, JSON Schema and reference come from it. A text becomes a tree
//! that knows its places (`tree`), command-line settings are put into the tree (`overrides`), the tree is read against
//! the table (`section`, `read`, `network`, `axes`), and what single keys cannot say is checked last (`check`).

mod analysis;
mod axes;
mod check;
mod continuation;
mod error;
mod experiment;
mod keys;
mod kind;
pub mod limits;
mod network;
mod neuron;
mod overrides;
mod parameter;
mod points;
mod position;
mod read;
mod record;
mod regime;
mod scan;
mod schema;
mod section;
mod single;
mod tree;
mod warnings;
mod write;

pub use continuation::{Ranged, automatic_bins};
pub use error::{ConfigError, ConfigErrors, Problem, shortened};
pub use experiment::{
    Continuation, Direction, Experiment, Followed, Neurons, Point, Realisations, Recording, Second, Spikes, Start,
    Sweep, Time, Traces, steps,
};
pub use parameter::Parameter;
pub use position::Position;
pub use read::{load, unmarked};
pub use scan::{Axis, Scan, Values};
pub use schema::{reference, schema};
