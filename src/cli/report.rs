//! `report DIR`: (re)build the report of a result directory.

use super::{Outcome, Usage};
use anyhow::Result;
use clap::Args;
use snn_ensemble::report;
use snn_ensemble::results::FilesLock;
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
        report::read::required(&self.directory).map_err(|error| Usage(error.to_string()))?;
        let _files = FilesLock::acquire(&self.directory)?;
        let written = report::write(&self.directory)?;
        println!("report: {}", written.display());
        if let Some(out) = &self.figures {
            println!("{} figures in {}", report::export(&self.directory, out)?, out.display());
        }
        Ok(Outcome::Done)
    }
}
