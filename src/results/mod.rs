//! The result directory: what is written while a run goes on, and the files made of it.
//!
//! A finished member is one record appended to `members.log` ([`MemberLog`]); nothing else has to survive a kill. All other
//! files are functions of the log and the [`ResultSchema`] alone: models in the schema's order, then points, then
//! realisations, whoever computed them and whenever ([`assemble()`]); so the files of joined shards are those of a single run,
//! byte by byte. Files appear whole ([`AtomicFile`]), one run at a time goes on in a directory ([`DirectoryLock`]), and one
//! process at a time writes or reads its files ([`FilesLock`]).

pub mod assemble;
pub mod atomic;
mod bodies;
pub mod branches;
mod chunks;
pub mod column;
mod deflated;
pub mod dictionary;
pub mod difference;
pub mod error;
pub mod lock;
pub mod log;
pub mod manifest;
pub mod record;
mod rows;
mod scanned;
pub mod schema;
pub mod table;
mod tables;

// Internals that tests and benchmarks reach; may change with any version.
#[doc(hidden)]
pub mod axes;
#[doc(hidden)]
pub mod densities;
#[doc(hidden)]
pub mod frame;
#[doc(hidden)]
pub mod long_points;
#[doc(hidden)]
pub mod members;
#[doc(hidden)]
pub mod points;
#[doc(hidden)]
pub mod series;
mod stamp;
#[doc(hidden)]
pub mod transitions;

pub use assemble::assemble;
pub use atomic::{AtomicFile, remove};
pub use difference::Differences;
pub use error::ResultError;
pub use lock::{DirectoryLock, FilesLock};
pub use log::MemberLog;
pub use manifest::{Adapter, Manifest, PastRun};
pub use record::{EncodedRecord, Key, NeuronTrace, NeuronTraces, Record, Spike, Trace};
pub use schema::{AxisValue, Identity, ResultSchema, SchemaModel, SchemaPoint, is_logarithmic};
pub use stamp::{Assembled, intact};
pub use table::{Table, Values};

/// Names of the files in a result directory.
pub mod file {
    /// The resolved config.
    pub const CONFIG: &str = "config.yaml";
    /// One record per finished member; all other results are made from it.
    pub const LOG: &str = "members.log";
    /// Statistics of every member.
    pub const MEMBERS: &str = "members.parquet";
    /// Means and intervals over the members of every model and point.
    pub const POINTS: &str = "points.csv";
    /// The same in long form: a row per population and statistic.
    pub const LONG_POINTS: &str = "points.parquet";
    /// What `points.csv` has, over windows of their own.
    pub const WINDOWS: &str = "windows.csv";
    /// Where statistics cross levels along the axis of a scan.
    pub const TRANSITIONS: &str = "transitions.csv";
    /// Histograms and spectra of every model and point.
    pub const DENSITIES: &str = "densities.parquet";
    /// Recorded rates and kick counts.
    pub const TRACES: &str = "traces.parquet";
    /// Recorded spikes.
    pub const SPIKES: &str = "spikes.parquet";
    /// Recorded voltages and kick counts of single neurons.
    pub const NEURONS: &str = "neurons.parquet";
    /// What the columns of these files are.
    pub const COLUMNS: &str = "columns.json";
    /// Where the results come from.
    pub const MANIFEST: &str = "manifest.json";
    /// Figures and tables for a browser.
    pub const REPORT: &str = "report.html";
    /// What `validate` found.
    pub const VALIDATION: &str = "validation.json";
    /// Points of all branches.
    pub const BRANCHES: &str = "branches.parquet";
    /// The same as text.
    pub const BRANCHES_CSV: &str = "branches.csv";
    /// Bifurcations, ends and points that were asked for.
    pub const SPECIAL: &str = "special.csv";
    /// Orbits of these points over a period.
    pub const ORBITS: &str = "orbits.parquet";
    /// Branches with all states, to be gone on from.
    pub const CONTINUED: &str = "branches.state";
    /// Curves of bifurcations in two parameters.
    pub const CURVES: &str = "curves.parquet";
    /// The same as text.
    pub const CURVES_CSV: &str = "curves.csv";
    /// Curves with all states, to be gone on from.
    pub const CURVES_CONTINUED: &str = "curves.state";
    /// The resolved config that the branches are of.
    pub const BRANCHES_CONFIG: &str = "branches.yaml";
    /// All that may be in a directory, but for the locks.
    pub const ALL: [&str; 24] = [
        CONFIG,
        LOG,
        MEMBERS,
        POINTS,
        LONG_POINTS,
        WINDOWS,
        TRANSITIONS,
        DENSITIES,
        TRACES,
        SPIKES,
        NEURONS,
        COLUMNS,
        MANIFEST,
        REPORT,
        VALIDATION,
        BRANCHES,
        BRANCHES_CSV,
        SPECIAL,
        ORBITS,
        CONTINUED,
        CURVES,
        CURVES_CSV,
        CURVES_CONTINUED,
        BRANCHES_CONFIG,
    ];
    /// Those that are made from the log.
    pub const ASSEMBLED: [&str; 10] =
        [MEMBERS, POINTS, LONG_POINTS, WINDOWS, TRANSITIONS, DENSITIES, TRACES, SPIKES, NEURONS, COLUMNS];
    /// What these were made of.
    pub const STAMP: &str = ".tables.json";
    /// Held while a run or a merge works in the directory; stays behind, empty.
    pub const LOCK: &str = ".lock";
    /// Held while the other files are written or read; stays behind, empty.
    pub const FILES_LOCK: &str = ".files.lock";
}
