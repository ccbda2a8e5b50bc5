//! Why there is no report.

use crate::config::ConfigErrors;
use crate::results::ResultError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ReportError {
    #[error("{} is no result directory: it holds no {missing}", path.display())]
    NoResults { path: PathBuf, missing: &'static str },
    #[error("{}: not the config of these results: {source}", path.display())]
    Config { path: PathBuf, source: ConfigErrors },
    #[error("{}: no table of members: {what}", path.display())]
    Members { path: PathBuf, what: String },
    #[error("{}: {message}", path.display())]
    Image { path: PathBuf, message: String },
    #[error("--font {}: no font (TrueType or OpenType)", path.display())]
    NoFont { path: PathBuf },
    #[error("no figure or table is named {name}; allowed: {allowed}")]
    NoFigure { name: String, allowed: String },
    #[error("{0}")]
    Result(#[from] ResultError),
}

impl ReportError {
    pub fn io(path: &Path, source: io::Error) -> ReportError {
        ReportError::Result(ResultError::io(path, source))
    }
}
