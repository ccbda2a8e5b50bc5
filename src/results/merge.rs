//! Joins the shards of an experiment.

use super::assemble::{Assembled, assemble};
use super::error::ResultError;
use super::lock::DirectoryLock;
use super::log::MemberLog;
use std::path::{Path, PathBuf};

/// Joins the finished members of `shards` in `out`, which may hold some already, and assembles the files of a single run.
///
/// Errors: shards of different experiments, a member that two of them computed with different results, or a damaged log.
pub fn merge(out: &Path, shards: &[PathBuf]) -> Result<Assembled, ResultError> {
    let first = shards.first().ok_or(ResultError::NoShards)?;
    let schema = MemberLog::read_only(first)?.schema().clone();
    for shard in &shards[1..] {
        let other = MemberLog::read_only(shard)?;
        let other = other.schema();
        let differ = [(schema.models != other.models, "models"), (schema.points != other.points, "points")];
        let differ = differ.into_iter().find_map(|(differ, what)| differ.then_some(what));
        if let Some(what) = schema.incompatibility(other).or(differ) {
            return Err(ResultError::NotShards { first: first.clone(), second: shard.clone(), what });
        }
    }
    let _lock = DirectoryLock::acquire(out)?;
    let mut log = MemberLog::open(out, &schema)?;
    for shard in shards {
        let mut from = MemberLog::read_only(shard)?;
        for place in from.order() {
            log.append(&[from.record(place.offset)?])?;
        }
    }
    log.sync()?;
    assemble(out, &mut log)
}
