//! What can go wrong in a result directory.

use super::difference::Differences;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ResultError {
    #[error("{}: the disk is full; free some space and go on with --resume", path.display())]
    DiskFull { path: PathBuf },
    #[error("{}: cannot be written ({source}); choose another directory with --out", path.display())]
    ReadOnly { path: PathBuf, source: io::Error },
    #[error("{}: does not exist", path.display())]
    Missing { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: another process{holder} is working in this directory; wait for it, or choose another one with --out", path.display())]
    Locked { path: PathBuf, holder: String },
    #[error("{}: is not a log of finished members", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "{}: was written by another version of this program, in {format}, and this one knows {known}; choose another \
         directory with --out, or go on with the version that the manifest.json beside it names",
        path.display()
    )]
    OtherFormat { path: PathBuf, format: String, known: String },
    #[error(
        "{}: is not of this program's making (no members.log is beside it) and would be written over; choose another \
         directory with --out",
        path.display()
    )]
    ForeignConfig { path: PathBuf },
    #[error(
        "{}: damaged at byte {offset}, after {records} intact members; move the file away to compute all members again, or cut \
         it there (truncate --size={offset}) to keep the intact ones",
        path.display()
    )]
    Corrupted { path: PathBuf, offset: u64, records: usize },
    #[error("{}: holds results of another experiment: {differences}; choose another directory with --out", path.display())]
    OtherExperiment { path: PathBuf, differences: Differences },
    #[error("model {model}, point {point}, realisation {realisation} was computed twice with different results")]
    Conflict { model: String, point: String, realisation: u32 },
    #[error("{}: {message}", path.display())]
    Parquet { path: PathBuf, message: String },
    #[error("{}: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
}

impl ResultError {
    /// The kind of failure that a user can do something about.
    pub fn io(path: &Path, source: io::Error) -> ResultError {
        let path = path.to_path_buf();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ResultError::DiskFull { path },
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => ResultError::ReadOnly { path, source },
            ErrorKind::NotFound => ResultError::Missing { path },
            _ => ResultError::Io { path, source },
        }
    }

    pub(super) fn parquet(path: &Path, error: parquet::errors::ParquetError) -> ResultError {
        use parquet::errors::ParquetError::External;
        match error {
            External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => ResultError::io(path, *source),
                Err(other) => ResultError::Parquet { path: path.to_path_buf(), message: other.to_string() },
            },
            other => ResultError::Parquet { path: path.to_path_buf(), message: other.to_string() },
        }
    }
}
