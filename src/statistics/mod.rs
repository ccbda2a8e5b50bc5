//! Statistics of a member (one realisation at one parameter point), accumulated while it runs.
//!
//! Invariants. The state of an [`Accumulator`] depends on the counts it was given, never on how they were cut into chunks;
//! written out with serde and read back, it goes on with the same bits. Its size depends on dt and on the number of
//! populations, not on the duration. Nothing here calls the platform's mathematical library or chooses instructions
//! by processor, so that equal counts give equal bytes everywhere.
//!
//! Definitions, units and column names: [`mod@table`]. Windows are (from, to]: a spike in the step from t to t + dt has time
//! t + dt. Every standard deviation and variance is the one with n - 1. A statistic is `None` where it is undefined.

pub mod accumulator;
pub mod analysis;
pub mod angle;
pub mod choice;
pub mod compare;
pub mod crossing;
pub mod histogram;
pub mod intervals;
pub mod layout;
mod packed;
pub mod plan;
pub mod precision;
pub mod psth;
pub mod regime;
pub mod rhythm;
pub mod sample;
mod span;
pub mod states;
pub mod statistic;
pub mod summary;
pub mod table;
pub mod transition;
pub mod two_kinds;

// Internals that tests and benchmarks reach; may change with any version.
#[doc(hidden)]
pub mod attractor;
#[doc(hidden)]
pub mod bursts;
#[doc(hidden)]
pub mod fft;
#[doc(hidden)]
pub mod hash;
#[doc(hidden)]
pub mod history;
#[doc(hidden)]
pub mod moments;
#[doc(hidden)]
pub mod population;
#[doc(hidden)]
pub mod population_plan;
#[doc(hidden)]
pub mod sampled;
mod scratch;
#[doc(hidden)]
pub mod spectrum;
#[doc(hidden)]
pub mod student;
mod sum;
#[doc(hidden)]
pub mod welch;
#[doc(hidden)]
pub mod window;

pub use accumulator::{Accumulator, MemberStatistics, Sample};
pub use analysis::{Analysis, Attractor, Burst, TwoStates};
pub use choice::Choice;
pub use compare::{Deviation, Estimate, Sampling, wasserstein};
pub use histogram::{BinAxis, Histogram, HistogramKind};
pub use intervals::Intervals;
pub use layout::{Layout, LayoutError, PopulationLayout};
pub use plan::StatisticsPlan;
pub use precision::Precision;
pub use psth::Psth;
pub use regime::Regime;
pub use rhythm::Rhythm;
pub use scratch::StatisticsScratch;
pub use statistic::{Domain, Group, Statistic};
pub use summary::Summary;
pub use table::{Column, table};
