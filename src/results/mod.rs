//! The result directory: what is written while a run goes on, and the files made of it.
//!
//! A finished member is one record appended to `members.log` ([`MemberLog`]); nothing else has to survive a kill. All other
//! files are functions of the log and the [`ResultSchema`] alone: models in the schema's order, then points, then
//! realisations, whoever computed them and whenever ([`assemble()`]); so the files of joined shards are those of a single run,
//! byte by byte. Files appear whole ([`AtomicFile`]), one run at a time goes on in a directory ([`DirectoryLock`]), and one
//! process at a time writes or reads its files ([`FilesLock`]).

pub mod assemble;
pub mod atomic;
pub mod densities;
pub mod difference;
pub mod error;
pub mod frame;
pub mod lock;
pub mod log;
pub mod manifest;
pub mod members;
pub mod points;
pub mod record;
pub mod schema;
pub mod series;
pub mod table;

pub use assemble::{Assembled, assemble};
pub use atomic::AtomicFile;
pub use difference::Differences;
pub use error::ResultError;
pub use lock::{DirectoryLock, FilesLock};
pub use log::MemberLog;
pub use manifest::{Adapter, Manifest};
pub use record::{Key, Record, Spike, Trace};
pub use schema::{AxisValue, Identity, ResultSchema, SchemaModel, SchemaPoint};
pub use table::{Table, Values};

/// Names of the files in a result directory.
pub mod file {
    /// The resolved config.
    pub const CONFIG: &str = "config.yaml";
    pub const LOG: &str = "members.log";
    pub const MEMBERS: &str = "members.parquet";
    pub const POINTS: &str = "points.csv";
    pub const DENSITIES: &str = "densities.parquet";
    pub const TRACES: &str = "traces.parquet";
    pub const SPIKES: &str = "spikes.parquet";
    pub const MANIFEST: &str = "manifest.json";
    pub const REPORT: &str = "report.html";
    /// What `validate` found.
    pub const VALIDATION: &str = "validation.json";
    pub const ALL: [&str; 10] = [CONFIG, LOG, MEMBERS, POINTS, DENSITIES, TRACES, SPIKES, MANIFEST, REPORT, VALIDATION];
    /// Stay behind, empty.
    pub const LOCK: &str = ".lock";
    pub const FILES_LOCK: &str = ".files.lock";
}
