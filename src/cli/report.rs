//! `report DIR`: (re)build the report of a result directory.

use super::output::{note, say};
use super::{Outcome, Usage};
use anyhow::Result;
use clap::Args;
use snn_ensemble::report::{self, ReportError};
use snn_ensemble::results::{FilesLock, ResultError};
use std::path::PathBuf;

#[derive(Args)]
pub struct ReportArguments {
    /// Result directory
    directory: PathBuf,
    /// Also write every figure as SVG, PNG and CSV into this directory
    #[arg(long, value_name = "OUT")]
    figures: Option<PathBuf>,
}

fn is_read_only(error: &ReportError) -> bool {
    matches!(error, ReportError::Result(ResultError::ReadOnly { .. }))
}

impl ReportArguments {
    fn page(&self) -> Result<PathBuf, ReportError> {
        let _files = FilesLock::acquire(&self.directory)?;
        report::write(&self.directory)
    }

    pub fn execute(&self) -> Result<Outcome> {
        report::read::required(&self.directory).map_err(|error| Usage(error.to_string()))?;
        // Figures may go elsewhere than into a directory that nobody can write to.
        match (self.page(), &self.figures) {
            (Err(error), Some(_)) if is_read_only(&error) => note!("warning: no report.html: {error}"),
            (page, _) => say!("report: {}", page?.display()),
        }
        if let Some(out) = &self.figures {
            say!("{} figures in {}", report::export(&self.directory, out)?, out.display());
        }
        Ok(Outcome::Done)
    }
}
