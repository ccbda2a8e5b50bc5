//! Where in a config something stands.

use std::fmt;
use std::sync::Arc;

/// Where a key or value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the variants tell what their fields are")]
pub enum Position {
    /// Both count from 1.
    File { line: usize, column: usize },
    /// On the command line, the whole `--set PATH=VALUE`.
    Flag { flag: Arc<str> },
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Position::File { line, column } => write!(f, "on line {line}, column {column}"),
            Position::Flag { flag } => write!(f, "by {flag}"),
        }
    }
}
