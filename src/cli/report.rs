//! `report DIR`: (re)build the report of a result directory.

use super::{Outcome, Usage};
use anyhow::Result;
use clap::Args;
use snn_ensemble::report::{self, ReportError};
use std::path::PathBuf;

#[derive(Args)]
pub struct ReportArguments {
    /// Result directory
    directory: PathBuf,
    /// Also write every figure as SVG, PNG and CSV into this directory
    #[arg(long, value_name = "OUT")]
    figures: Option<PathBuf>,
}

impl ReportArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let written = report::write(&self.directory).map_err(|error| match error {
            ReportError::NoResults { .. } => Usage(error.to_string()).into(),
            error => anyhow::Error::from(error),
        })?;
        println!("report: {}", written.display());
        if let Some(out) = &self.figures {
            println!("{} figures in {}", report::export(&self.directory, out)?, out.display());
        }
        Ok(Outcome::Done)
    }
}
