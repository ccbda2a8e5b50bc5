//! `merge OUT DIR...`: join shards.

use super::output::{note, say};
use super::run::is_shown;
use super::{Outcome, Usage};
use anyhow::Result;
use clap::Args;
use snn_ensemble::ensemble::merge::{MergeError, merge};
use snn_ensemble::results::{FilesLock, ResultError};
use std::path::PathBuf;

#[derive(Args)]
pub struct MergeArguments {
    /// Directory of the joined results
    out: PathBuf,
    /// Result directories of the shards
    #[arg(required = true)]
    shards: Vec<PathBuf>,
    /// Join what there is, though parts or members are missing
    #[arg(long)]
    partial: bool,
}

impl MergeArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let merged = merge(&self.out, &self.shards, self.partial).map_err(|error| match error {
            MergeError::NoResults(_)
            | MergeError::OutIsPart(_)
            | MergeError::Twice(_)
            | MergeError::Doubled { .. }
            | MergeError::NotParts { .. }
            | MergeError::Config { .. }
            | MergeError::Result(ResultError::ForeignConfig { .. }) => anyhow::Error::from(Usage(error.to_string())),
            error => error.into(),
        })?;
        let place = self.out.display();
        merged.missing.iter().for_each(|line| note!("warning: {line}"));
        say!("{} members, {} points in {place}", merged.assembled.members, merged.assembled.points);
        if is_shown(&merged.ensemble) {
            let _files = FilesLock::acquire(&self.out)?;
            super::report::print(&snn_ensemble::report::write(&self.out)?);
        }
        super::skipped::print(&merged.ensemble);
        Ok(super::skipped::outcome(&merged.ensemble))
    }
}
