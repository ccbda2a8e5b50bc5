//! Joins the parts of a sharded run into the results of the whole, after having made sure that they are its parts.

use super::model_at_point::{MemberId, PointError};
use super::points::Ensemble;
use super::provenance::joined;
use super::run::{belong, write_config};
use super::schedule::{Schedule, Shard};
use crate::config::{self, ConfigErrors, Experiment};
use crate::results::{
    Assembled, Differences, DirectoryLock, FilesLock, Manifest, MemberLog, ResultError, assemble, file,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Members that are named where many are missing.
const NAMED: usize = 10;

/// What was joined.
pub struct Merged {
    /// The experiment of the parts, which decides which members there should be.
    pub ensemble: Ensemble,
    /// Members and rows in the joined files.
    pub assembled: Assembled,
    /// What the results lack, a line each.
    pub missing: Vec<String>,
    /// Still held, for what else is to be done in the directory.
    pub lock: DirectoryLock,
}

/// Why parts cannot be joined.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum MergeError {
    /// A part without `members.log`.
    #[error("{} is no result directory", .0.display())]
    NoResults(PathBuf),
    /// No part is named.
    #[error("nothing to merge")]
    NoParts,
    /// A part would be written over.
    #[error("{} is one of the parts; the joined results need a directory of their own", .0.display())]
    OutIsPart(PathBuf),
    /// The same directory is named twice.
    #[error("{} is named twice", .0.display())]
    Twice(PathBuf),
    /// Two directories hold the same part of a run.
    #[error("{} and {} are both part {shard}", first.display(), second.display())]
    Doubled { first: PathBuf, second: PathBuf, shard: Shard },
    /// Parts of runs with different configs, or by different versions of the program.
    #[error(
        "{} and {} are no parts of one run: {}",
        first.display(), second.display(), differences.told("in the first", "in the second")
    )]
    NotParts { first: PathBuf, second: PathBuf, differences: Differences },
    /// A file in a part that another run has left there.
    #[error("{}: {file} is not of this run; run it again with --resume, which writes all files anew", directory.display())]
    Mixed { directory: PathBuf, file: &'static str },
    /// Members, or whole parts, are missing.
    #[error("not everything is there:\n  {}\n--partial joins what there is", .0.join("\n  "))]
    Incomplete(Vec<String>),
    /// The config of a part is no config of this program.
    #[error("{}: {source}", path.display())]
    Config { path: PathBuf, source: ConfigErrors },
    /// A point at which a model cannot run.
    #[error(transparent)]
    Point(#[from] PointError),
    /// A file of a part, or of the joined results.
    #[error(transparent)]
    Result(#[from] ResultError),
}

/// Joins the finished members of `parts` in `out`, which may hold some of them already, and makes the files of a single run.
///
/// Errors: parts of different runs, parts that another process works in, damaged ones, a part that is there twice; and, unless
/// `partial` results are wanted, anything missing. `out` is as it was after errors before anything is written, which are all but
/// conflicts and full disks.
pub fn merge(out: &Path, parts: &[PathBuf], partial: bool) -> Result<Merged, MergeError> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    if let Some(part) = parts.iter().find(|part| real(out).is_some_and(|out| real(part) == Some(out))) {
        return Err(MergeError::OutIsPart(part.clone()));
    }
    if manifest(out)?.is_some_and(|manifest| manifest.shard.is_some()) {
        return Err(MergeError::OutIsPart(out.to_path_buf()));
    }
    let is_before = |(i, part): &(usize, &PathBuf)| {
        real(part).is_some_and(|part| parts[..*i].iter().any(|other| real(other).as_ref() == Some(&part)))
    };
    if let Some((_, part)) = parts.iter().enumerate().find(is_before) {
        return Err(MergeError::Twice(part.clone()));
    }
    let mut parts = parts.iter().map(|part| Part::open(part)).collect::<Result<Vec<_>, _>>()?;
    let first = parts.first().ok_or(MergeError::NoParts)?;
    let ensemble = Ensemble::new(first.experiment.clone(), first.log.schema().identity.dsode_on_gpu)?;
    parts.iter().try_for_each(|part| part.belongs(first, &ensemble))?;
    let mut missing = absent_parts(&parts)?;
    let mut failed = Vec::new();
    for part in &mut parts {
        missing.extend(part.missing(&ensemble, &mut failed)?);
    }
    if !missing.is_empty() && !partial {
        return Err(MergeError::Incomplete(missing));
    }
    let lock = DirectoryLock::acquire(out)?;
    let mut log = MemberLog::open(out, &ensemble.schema)?;
    parts.iter_mut().try_for_each(|part| log.append_all(&mut part.log))?;
    log.sync()?;
    let mut schedule = Schedule::new(&ensemble, Shard::WHOLE);
    schedule.give_up(&failed, &log);
    schedule.extend(&mut log)?;
    let _files = FilesLock::acquire(out)?;
    write_config(out, &parts[0].config)?;
    let assembled = assemble(out, &mut log, belong(&schedule))?;
    let manifests: Vec<Manifest> = parts.iter().filter_map(|part| part.manifest.clone()).collect();
    if !manifests.is_empty() {
        let (complete, members) = (missing.is_empty(), assembled.members as u64);
        Manifest { complete, members, ..joined(&manifests) }.write(out)?;
    }
    drop(schedule);
    Ok(Merged { ensemble, assembled, missing, lock })
}

/// The manifest of a directory; none where a run was killed before it could write one.
fn manifest(directory: &Path) -> Result<Option<Manifest>, ResultError> {
    directory.join(file::MANIFEST).exists().then(|| Manifest::read(directory)).transpose()
}

/// The result directory of a shard.
struct Part {
    directory: PathBuf,
    config: String,
    experiment: Experiment,
    /// None where the run was killed before it could write one.
    manifest: Option<Manifest>,
    log: MemberLog,
    /// None where nobody can write.
    _lock: Option<DirectoryLock>,
}

impl Part {
    fn open(directory: &Path) -> Result<Part, MergeError> {
        if !directory.join(file::LOG).exists() {
            return Err(MergeError::NoResults(directory.to_path_buf()));
        }
        let lock = match DirectoryLock::acquire(directory) {
            Err(ResultError::ReadOnly { .. }) => None,
            lock => Some(lock?),
        };
        let path = directory.join(file::CONFIG);
        let config = std::fs::read_to_string(&path).map_err(|e| ResultError::io(&path, e))?;
        let experiment =
            config::load(&config, file::CONFIG, &[]).map_err(|source| MergeError::Config { path, source })?;
        let log = MemberLog::read_only(directory)?;
        let manifest = manifest(directory)?.map(|manifest| manifest.settled(log.len() as u64));
        Ok(Part { directory: directory.to_path_buf(), config, experiment, manifest, log, _lock: lock })
    }

    /// Makes sure that the files of this part belong together, and to the run of the first one.
    fn belongs(&self, first: &Part, ensemble: &Ensemble) -> Result<(), MergeError> {
        let differ = |differences: Differences| match differences.is_empty() {
            true => Ok(()),
            false => Err(MergeError::NotParts {
                first: first.directory.clone(),
                second: self.directory.clone(),
                differences,
            }),
        };
        let mixed = |file| Err(MergeError::Mixed { directory: self.directory.clone(), file });
        differ(Differences::between(&first.experiment.resolved(), &self.experiment.resolved()))?;
        if let (Some(first), Some(here)) = (&first.manifest, &self.manifest) {
            differ(Differences::between(&Program::of(first), &Program::of(here)))?;
        }
        if self.manifest.as_ref().is_some_and(|manifest| manifest.config_hash != self.experiment.hash()) {
            return mixed(file::MANIFEST);
        }
        differ(ensemble.schema.differences(self.log.schema()))?;
        if *self.log.schema() != ensemble.schema { mixed(file::LOG) } else { Ok(()) }
    }

    fn shard(&self) -> Option<Shard> {
        let shard = self.manifest.as_ref()?.shard.as_deref();
        shard.map_or(Some(Shard::WHOLE), |shard| Shard::parse(shard).ok())
    }

    /// What this part lacks, in words; of a run that came to its end these are members that failed.
    fn missing(&mut self, ensemble: &Ensemble, failed: &mut Vec<MemberId>) -> Result<Vec<String>, MergeError> {
        let directory = self.directory.display().to_string();
        let mut lines = Vec::new();
        if self.log.is_torn() {
            lines.push(format!(
                "{directory}: its last record is damaged or was never finished; --resume computes it again"
            ));
        }
        let (Some(manifest), Some(shard)) = (&self.manifest, self.shard()) else {
            lines.push(format!("{directory}: the run was killed, it has left no manifest.json; go on with --resume"));
            return Ok(lines);
        };
        let ended = manifest.complete && !self.log.is_torn();
        let mut schedule = Schedule::new(ensemble, shard);
        let mut members = Vec::new();
        loop {
            schedule.extend(&mut self.log)?;
            let missing = schedule.missing(&self.log);
            members.extend_from_slice(&missing.members);
            if missing.members.is_empty() || !ended {
                break;
            }
            schedule.give_up(&missing.members, &self.log);
            failed.extend(missing.members);
        }
        if !members.is_empty() {
            let why = if ended { "the run ended without them" } else { "go on with --resume" };
            let count = members.len();
            let names = members.iter().take(NAMED).map(|member| ensemble.name(*member)).collect::<Vec<_>>().join("; ");
            let more = if count > NAMED { format!("; and {} more", count - NAMED) } else { String::new() };
            lines.push(format!("{directory}, part {shard}: {count} members are missing ({why}): {names}{more}"));
        }
        Ok(lines)
    }
}

/// What else two parts have to share.
#[derive(Serialize)]
struct Program<'a> {
    version: &'a str,
    arithmetic_version: u32,
    tables_hash: &'a str,
    seed: u64,
    parts: u32,
}

impl Program<'_> {
    fn of(manifest: &Manifest) -> Program<'_> {
        let Manifest { version, arithmetic_version, tables_hash, seed, shard, .. } = manifest;
        let parts = shard.as_deref().and_then(|shard| Shard::parse(shard).ok()).unwrap_or(Shard::WHOLE).of;
        Program { version, arithmetic_version: *arithmetic_version, tables_hash, seed: *seed, parts }
    }
}

/// The parts of the run that are not among these.
fn absent_parts(parts: &[Part]) -> Result<Vec<String>, MergeError> {
    let mut there: Vec<(Shard, &Part)> = parts.iter().filter_map(|part| Some((part.shard()?, part))).collect();
    there.sort_by_key(|(shard, _)| *shard);
    if let Some(pair) = there.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let [(shard, first), (_, second)] = [pair[0], pair[1]];
        let (first, second) = (first.directory.clone(), second.directory.clone());
        return Err(MergeError::Doubled { first, second, shard });
    }
    let of = there.first().map_or(0, |(shard, _)| shard.of);
    let absent = (1..=of).map(|part| Shard { part, of }).filter(|shard| there.iter().all(|(known, _)| known != shard));
    Ok(absent.map(|shard| format!("part {shard} is not among the directories")).collect())
}
