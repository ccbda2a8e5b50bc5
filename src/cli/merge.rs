//! `merge OUT DIR...`: join shards.

use super::{Outcome, Usage};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct MergeArguments {
    /// Directory of the joined results
    out: PathBuf,
    /// Result directories of the shards
    #[arg(required = true)]
    shards: Vec<PathBuf>,
}

impl MergeArguments {
    pub fn execute(&self) -> Result<Outcome> {
        if let Some(missing) = self.shards.iter().find(|shard| !shard.join(snn_ensemble::results::file::LOG).exists()) {
            return Err(Usage(format!("{} is no result directory", missing.display())).into());
        }
        let assembled = snn_ensemble::results::merge(&self.out, &self.shards)?;
        for name in ["config.yaml", snn_ensemble::results::file::MANIFEST] {
            std::fs::copy(self.shards[0].join(name), self.out.join(name))?;
        }
        println!("{} members, {} points in {}", assembled.members, assembled.points, self.out.display());
        Ok(Outcome::Done)
    }
}
