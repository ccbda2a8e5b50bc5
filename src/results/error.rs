//! What can go wrong in a result directory.

use super::difference::Differences;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What goes wrong with the files of a result directory; each message names the file.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum ResultError {
    /// No space, or none within the quota.
    #[error("{}: the disk is full", path.display())]
    DiskFull { path: PathBuf },
    /// Beyond what `ulimit -f` allows.
    #[error("{}: is as large as the limit on file sizes allows (ulimit -f)", path.display())]
    FileLimit { path: PathBuf },
    /// No permission to write.
    #[error("{}: cannot be written ({source})", path.display())]
    ReadOnly { path: PathBuf, source: io::Error },
    /// Another program keeps it from being replaced or read, as some of Windows do.
    #[error("{}: is open in another program ({source})", path.display())]
    InUse { path: PathBuf, source: io::Error },
    /// A file where a directory should be.
    #[error("{}: is no directory", path.display())]
    NoDirectory { path: PathBuf },
    /// No such file or directory.
    #[error("{}: does not exist", path.display())]
    Missing { path: PathBuf },
    /// Any other failure of the operating system.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A result directory in whose place is another, or nothing.
    #[error(
        "{}: was moved or removed while a run worked in it; what was finished is in the members.log that was there: move it back and \
         go on with --resume",
        path.display()
    )]
    Moved { path: PathBuf },
    /// Another process holds a lock of the directory.
    #[error("{}: another process{holder} is working in this directory; wait for it", path.display())]
    Locked { path: PathBuf, holder: String },
    /// A `members.log` that this program did not write.
    #[error("{}: is not a log of finished members", path.display())]
    Foreign { path: PathBuf },
    /// A `members.log` of another version of this program.
    #[error(
        "{}: was written by another version of this program, in {format}, and this one knows {known}; the manifest.json beside it \
         names the version that goes on with it",
        path.display()
    )]
    OtherFormat { path: PathBuf, format: String, known: String },
    /// A `config.yaml` without a `members.log` beside it.
    #[error(
        "{}: is not of this program's making (no members.log is beside it), or of another config, and would be written over",
        path.display()
    )]
    ForeignConfig { path: PathBuf },
    /// A damaged `members.log`.
    #[error(
        "{}: damaged at byte {offset}, after {records} intact members; move the file away to compute all members again, or cut \
         it there (truncate --size={offset}) to keep the intact ones",
        path.display()
    )]
    Corrupted { path: PathBuf, offset: u64, records: usize },
    /// A `members.log` whose members do not belong with those of this experiment.
    #[error("{}: holds results of another experiment: {differences}", path.display())]
    OtherExperiment { path: PathBuf, differences: Differences },
    /// A directory that holds another part of a run.
    #[error(
        "{}: holds part {there} of its run, asked for is {here}",
        path.display()
    )]
    OtherShard { path: PathBuf, there: String, here: String },
    /// Two logs hold different results of one member.
    #[error("model {model}, point {point}, realisation {realisation} was computed twice with different results")]
    Conflict { model: String, point: String, realisation: u32 },
    /// A Parquet file that cannot be read or written.
    #[error("{}: {message}", path.display())]
    Parquet { path: PathBuf, message: String },
    /// A JSON file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
}

impl ResultError {
    /// What should be directly in a result directory is not there any more.
    pub fn moved(inside: &Path) -> ResultError {
        ResultError::Moved { path: inside.parent().unwrap_or(Path::new(".")).to_path_buf() }
    }

    /// Whether a directory was named that holds something else.
    pub fn is_wrong_directory(&self) -> bool {
        matches!(
            self,
            ResultError::ForeignConfig { .. }
                | ResultError::NoDirectory { .. }
                | ResultError::OtherShard { .. }
                | ResultError::OtherExperiment { .. }
        )
    }

    /// What helps a run, whose options a message for every command does not name.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            ResultError::DiskFull { .. } => Some("free some space and go on with --resume"),
            ResultError::FileLimit { .. } => Some("raise it and go on with --resume"),
            ResultError::OtherExperiment { differences, .. }
                if differences.0.iter().all(|difference| difference.field == "voltage_bins") =>
            {
                Some(
                    "record.voltage keeps histograms in bins that suit all points of a scan, and these points need others; choose \
                     another directory with --out",
                )
            }
            ResultError::InUse { .. } => Some("close it there and go on with --resume"),
            ResultError::ReadOnly { .. } if cfg!(windows) => {
                Some("close it where another program has it open, or choose another directory with --out")
            }
            ResultError::ReadOnly { .. }
            | ResultError::NoDirectory { .. }
            | ResultError::Missing { .. }
            | ResultError::Locked { .. }
            | ResultError::OtherFormat { .. }
            | ResultError::ForeignConfig { .. }
            | ResultError::OtherShard { .. }
            | ResultError::OtherExperiment { .. } => Some("choose another directory with --out"),
            _ => None,
        }
    }

    /// What helps a report, whose directory is given.
    pub fn advice_of_report(&self) -> Option<&'static str> {
        match self {
            ResultError::ReadOnly { .. } => Some("--figures DIR writes its figures elsewhere"),
            ResultError::InUse { .. } => Some("close it there"),
            ResultError::Json { path, .. } if path.ends_with(super::file::VALIDATION) => {
                Some("`validate` with the same config and --out writes it again")
            }
            ResultError::Parquet { .. } | ResultError::Json { .. } => {
                Some("`run` with the same config and --out makes it again, and computes no finished member twice")
            }
            _ => None,
        }
    }

    /// The kind of failure that a user can do something about.
    pub fn io(path: &Path, source: io::Error) -> ResultError {
        let path = path.to_path_buf();
        match source.kind() {
            _ if is_in_use(&source) => ResultError::InUse { path, source },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ResultError::DiskFull { path },
            ErrorKind::FileTooLarge => ResultError::FileLimit { path },
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => ResultError::ReadOnly { path, source },
            ErrorKind::NotFound => ResultError::Missing { path },
            ErrorKind::NotADirectory => ResultError::NoDirectory { path },
            ErrorKind::AlreadyExists if !path.is_dir() => ResultError::NoDirectory { path },
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

/// What Windows says of a file that another program has open, or has locked.
pub(super) fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33))
}
