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
pub mod attractor;
pub mod bursts;
pub mod compare;
pub mod fft;
pub mod hash;
pub mod histogram;
pub mod history;
pub mod intervals;
pub mod layout;
pub mod moments;
mod packed;
pub mod plan;
pub mod population;
pub mod population_plan;
pub mod precision;
pub mod sampled;
pub mod spectrum;
pub mod states;
pub mod statistic;
pub mod student;
pub mod summary;
pub mod table;
pub mod welch;

pub use accumulator::{Accumulator, MemberStatistics, Sample};
pub use compare::{Deviation, Estimate, wasserstein};
pub use histogram::{BinAxis, Histogram, HistogramKind};
pub use intervals::Intervals;
pub use layout::{Analysis, Attractor, Layout, LayoutError, PopulationLayout, TwoStates};
pub use plan::{StatisticsPlan, StatisticsScratch};
pub use precision::Precision;
pub use statistic::{Group, Statistic};
pub use summary::Summary;
pub use table::{Column, table};
