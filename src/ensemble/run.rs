//! One run: open the directory, compute what is missing, make the files.

use super::checkpoint::Checkpoints;
use super::engine::{Engine, waves};
use super::gpu::Device;
use super::model_at_point::MemberId;
use super::observer::MemberError;
use super::points::Ensemble;
use super::progress::Progress;
use super::provenance::{provenance, rates};
pub use super::run_error::RunError;
use super::schedule::{Missing, Schedule, Shard};
use super::self_check::{Checked, Mismatch, SelfCheck, Verify};
use super::sink::Sink;
use crate::results::log::Place;
use crate::results::{AtomicFile, DirectoryLock, FilesLock, Manifest, MemberLog, ResultError, assemble, file, remove};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a user may ask of a run besides the config.
pub struct Options<'a> {
    /// The part of the members to compute.
    pub shard: Shard,
    /// No progress on standard error.
    pub quiet: bool,
    /// Set from outside to end the run early; what is finished is kept.
    pub stop: &'a AtomicBool,
    /// Wall time between checkpoints of what is under way.
    pub checkpoint: Duration,
    /// Members of a run on a GPU that are computed on the CPU too.
    pub verify: Verify,
    /// Text of the resolved config, if not as [`crate::config::Experiment::to_yaml`] writes it.
    pub config: Option<String>,
    /// What gives these results, for the manifest.
    pub command: Option<String>,
    /// The config as it was read, for the manifest.
    pub text: Option<String>,
    /// Kept unset while members are computed, when it takes a moment to stop: what is under way is checkpointed. At any other time
    /// the process may end at once.
    pub idle: Arc<AtomicBool>,
}

impl<'a> Options<'a> {
    /// A quiet run of everything.
    pub fn new(stop: &'a AtomicBool) -> Options<'a> {
        Options {
            shard: Shard::WHOLE,
            quiet: true,
            stop,
            checkpoint: Duration::from_secs(60),
            verify: Verify::Share,
            config: None,
            command: None,
            text: None,
            idle: Arc::default(),
        }
    }
}

/// How a run ended.
pub struct Finished {
    /// Members in the result files, those of earlier runs in the directory included.
    pub members: usize,
    /// Members that this run computed.
    pub computed: u64,
    /// Members in the log that the config does not ask for.
    pub beyond: usize,
    /// Neuron-steps done, or what counts as such.
    pub work: u64,
    /// Wall time.
    pub seconds: f64,
    /// Neuron-steps and biological seconds per second.
    pub rates: (f64, f64),
    /// Stopped from outside before everything was done.
    pub interrupted: bool,
    /// Members that ended without a result, and why.
    pub failures: Vec<(MemberId, MemberError)>,
    /// What the self-check of a run on a GPU did.
    pub checked: Option<Checked>,
    /// Devices that were lost for good while others went on, and why.
    pub lost: Vec<String>,
    /// Still held, for what else is to be done in the directory.
    pub lock: DirectoryLock,
}

/// Computes the missing members of `ensemble` on `devices`, or where there are none on the CPU, and makes the result files in
/// `directory`. Of several devices, a batch goes to whichever is free.
pub fn run(
    ensemble: &Ensemble,
    directory: &Path,
    devices: &mut [Device],
    options: &Options,
) -> Result<Finished, RunError> {
    let lock = DirectoryLock::acquire(directory)?;
    let Begun { manifest, before, config, mut log, mut schedule, missing } =
        begin(ensemble, directory, devices, options)?;
    let progress = Progress::new(options.quiet, missing.there, missing.there + missing.members.len() as u64);
    let checkpoints = Checkpoints::of(directory, &ensemble.schema.identity, options.checkpoint);
    let check = (!devices.is_empty() && options.verify != Verify::Members(0))
        .then(|| SelfCheck::new(ensemble, &missing.chains, options.verify, devices.len()));
    let (end, there) = (log.end(), log.len());
    let (finished, lost, undone) = (HashSet::new(), Vec::new(), HashSet::new());
    let devices = devices.iter_mut().collect();
    let engine = Engine { ensemble, devices, starts: checkpoints.load(), finished, lost, undone };
    let (log, schedule) = (&mut log, &mut schedule);
    let (failures, progress, checkpoints, stop) = (Vec::new(), &progress, &checkpoints, options.stop);
    let mut rounds = Rounds { ensemble, log, schedule, missing, engine, failures, progress, checkpoints, stop };
    let outcome = checked(check.as_ref(), &options.idle, || rounds.all(check.as_ref()));
    progress.finish();
    let Rounds { log, schedule, failures, engine: Engine { lost, .. }, .. } = rounds;
    let checked = match check.map(SelfCheck::close).transpose() {
        Ok(checked) => checked,
        Err(mismatch) => {
            // Checkpoints of a wrong device are wrong.
            checkpoints.clear();
            let members = log.len() - there;
            return Err(wrong_device(ensemble, mismatch, members, log.set_aside(end)?));
        }
    };
    outcome?;
    schedule.extend(log)?;
    let complete = schedule.missing(log).chains.is_empty();
    if complete {
        checkpoints.clear();
    }
    let _files = FilesLock::acquire(directory)?;
    write_config(directory, &config)?;
    let assembled = assemble(directory, log, belong(schedule))?;
    let run = Manifest { wall_time_s: progress.seconds(), rates: rates(progress.rates()), ..manifest };
    let manifest = run.after(before, (log.len() - there) as u64);
    Manifest { complete, members: assembled.members as u64, ..manifest }.write(directory)?;
    Ok(Finished {
        members: assembled.members,
        computed: (log.len() - there) as u64,
        beyond: log.len() - assembled.members,
        work: progress.work(),
        seconds: progress.seconds(),
        rates: progress.rates(),
        interrupted: !complete,
        failures,
        checked,
        lost,
        lock,
    })
}

/// A directory whose missing members are to be computed.
struct Begun<'a> {
    /// Of this run.
    manifest: Manifest,
    /// The one that was there.
    before: Option<Manifest>,
    /// Text of the resolved config.
    config: String,
    log: MemberLog,
    schedule: Schedule<'a>,
    missing: Missing,
}

fn begin<'a>(
    ensemble: &'a Ensemble,
    directory: &Path,
    devices: &[Device],
    options: &Options,
) -> Result<Begun<'a>, RunError> {
    let manifest = Manifest {
        command: options.command.clone(),
        config: options.text.clone(),
        shard: options.shard.name(),
        skipped: ensemble.skipped.lines().to_vec(),
        ..provenance(ensemble, devices)
    };
    let before = of_the_same_part(directory, options.shard)?;
    let before = of_the_same_log(directory, before, &manifest.config_hash)?;
    let mut log = MemberLog::open(directory, &ensemble.schema)?;
    let config = options.config.clone().unwrap_or_else(|| ensemble.experiment.to_yaml());
    if !directory.join(file::CONFIG).exists() {
        let _files = FilesLock::acquire(directory)?;
        write_config(directory, &config)?;
    }
    let before = before.map(|before| before.settled(log.len() as u64));
    let mut schedule = Schedule::new(ensemble, options.shard);
    schedule.extend(&mut log)?;
    let missing = schedule.missing(&log);
    if !missing.members.is_empty() {
        // So that a part is known as what it is, and a run as what computed, even if they are killed.
        let _files = FilesLock::acquire(directory)?;
        manifest.begun(before.clone()).write(directory)?;
    }
    Ok(Begun { manifest, before, config, log, schedule, missing })
}

/// What is computed while a thread of its own checks it; meanwhile the process is not idle.
fn checked<T>(check: Option<&SelfCheck>, idle: &AtomicBool, compute: impl FnOnce() -> T) -> T {
    idle.store(false, Ordering::Relaxed);
    std::thread::scope(|scope| {
        // Without a thread to be had the members stay unchecked, which the count of checked ones tells.
        if let Some(check) = check {
            let _ = std::thread::Builder::new().spawn_scoped(scope, || check.work());
        }
        let outcome = compute();
        idle.store(true, Ordering::Relaxed);
        check.into_iter().for_each(SelfCheck::end);
        outcome
    })
}

/// The manifest that is there, if one can be read; it must be of the same part of a run.
fn of_the_same_part(directory: &Path, shard: Shard) -> Result<Option<Manifest>, ResultError> {
    let Ok(there) = Manifest::read(directory) else { return Ok(None) };
    if there.shard != shard.name() {
        let told = |shard: Option<String>| shard.unwrap_or_else(|| "all".into());
        let (there, here) = (told(there.shard), told(shard.name()));
        return Err(ResultError::OtherShard { path: directory.to_path_buf(), there, here });
    }
    Ok(Some(there))
}

/// Where the log was moved away, all members are computed again: of this config the directory is begun anew, others are left alone.
fn of_the_same_log(directory: &Path, before: Option<Manifest>, hash: &str) -> Result<Option<Manifest>, ResultError> {
    if directory.join(file::LOG).exists() {
        return Ok(before);
    }
    if before.is_some_and(|before| before.config_hash == hash) {
        remove(&directory.join(file::CONFIG))?;
    }
    Ok(None)
}

/// What a run computes, until nothing is missing: adaptive ensembles ask for more members, lost devices leave some.
struct Rounds<'a> {
    ensemble: &'a Ensemble,
    log: &'a mut MemberLog,
    schedule: &'a mut Schedule<'a>,
    missing: Missing,
    engine: Engine<'a>,
    failures: Vec<(MemberId, MemberError)>,
    progress: &'a Progress,
    checkpoints: &'a Checkpoints,
    stop: &'a AtomicBool,
}

impl Rounds<'_> {
    fn all(&mut self, check: Option<&SelfCheck>) -> Result<(), RunError> {
        while !self.missing.chains.is_empty() {
            self.compute(check)?;
            if self.stop.load(Ordering::Relaxed) || check.is_some_and(SelfCheck::failed) {
                break;
            }
            self.next_round()?;
        }
        Ok(())
    }

    /// All that is missing.
    fn compute(&mut self, check: Option<&SelfCheck>) -> Result<(), RunError> {
        let chains = &self.missing.chains;
        if !self.engine.starts.is_empty() {
            let members =
                chains.iter().flat_map(|chain| &chain.members).map(|&member| self.ensemble.record_key(member));
            self.engine.finished = members.filter(|key| self.log.contains(key)).collect();
        }
        let sink = Sink::new(self.log, self.progress, self.checkpoints, check, self.stop);
        let on_gpu = !self.engine.devices.is_empty();
        let outcome = waves(chains, on_gpu).try_for_each(|wave| self.engine.compute(wave, &sink));
        let closed = sink.close();
        // that the directory is gone explains every other trouble
        self.log.sync()?;
        self.failures.extend(closed?);
        outcome
    }

    /// What is missing now. What a lost device left has neither a result nor failed, unless it did before: it is gone on with.
    fn next_round(&mut self) -> Result<(), RunError> {
        let mut undone = std::mem::take(&mut self.engine.undone);
        for (member, _) in &self.failures {
            undone.remove(member);
        }
        if !undone.is_empty() {
            self.engine.starts = self.checkpoints.load();
        }
        self.missing.members.retain(|member| !undone.contains(member));
        self.schedule.give_up(&self.missing.members, self.log);
        self.schedule.extend(self.log)?;
        self.missing = self.schedule.missing(self.log);
        self.progress.extend(self.missing.members.iter().filter(|member| !undone.contains(member)).count() as u64);
        Ok(())
    }
}

/// Whether a member is one of those that the config asks for.
pub fn belong(schedule: &Schedule) -> impl Fn(&Place) -> bool {
    let realisations = schedule.realisations();
    move |place| place.realisation < realisations[place.model as usize][place.point as usize]
}

/// The resolved config, unless it is there.
pub fn write_config(directory: &Path, text: &str) -> Result<(), ResultError> {
    let path = directory.join(file::CONFIG);
    if std::fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    AtomicFile::write_all(&path, text.as_bytes())
}

fn wrong_device(ensemble: &Ensemble, mismatch: Mismatch, members: usize, aside: PathBuf) -> RunError {
    let Mismatch { member: MemberId { model, point, realisation }, steps } = mismatch;
    let model = ensemble.schema.models[model as usize].label.clone();
    RunError::WrongDevice { model, point, place: ensemble.schema.place(point), realisation, steps, members, aside }
}
