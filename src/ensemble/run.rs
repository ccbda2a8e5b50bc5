//! One run: open the directory, compute what is missing, make the files.

use super::batch::{BatchError, BatchMember};
use super::chain::{Chain, carry};
use super::checkpoint::{Checkpoints, MemberState, Start};
use super::cpu;
use super::gpu::Device;
use super::model_at_point::{MemberId, ModelAtPoint, PointError};
use super::observer::MemberError;
use super::points::Ensemble;
use super::progress::Progress;
use super::provenance::{provenance, rates};
use super::recorder::Recorder;
use super::reduced;
use super::schedule::{Schedule, Shard};
use super::self_check::{Checked, Mismatch, SelfCheck, Verify};
use super::sink::{Sink, Watcher};
use crate::model::Variant;
use crate::network::cpu_member::{DISPATCH_STEPS, PreparedNetwork};
use crate::network::shape::NetworkShape;
use crate::results::log::Place;
use crate::results::{AtomicFile, DirectoryLock, FilesLock, Key, Manifest, MemberLog, ResultError, assemble, file};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Chains and points that are prepared together; bounds the host's memory. A point on the CPU has tables of its own.
const CHAINS: usize = 1 << 15;
const POINTS_ON_CPU: usize = 256;

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
    /// Still held, for what else is to be done in the directory.
    pub lock: DirectoryLock,
}

/// Why a run did not end; what its directory holds by then is kept.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum RunError {
    /// A file of the result directory.
    #[error(transparent)]
    Result(#[from] ResultError),
    /// A point at which a model cannot run.
    #[error(transparent)]
    ModelAtPoint(#[from] PointError),
    /// The device failed, or cannot hold a model.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The self-check found that the GPU computes other numbers than the CPU.
    #[error(
        "self-check: the GPU's spike counts of {model} at point {point} ({place}), realisation {realisation}, differ from the CPU's \
         between steps {} and {}; the {members} members that this run had finished are set aside in {}. Compute them with \
         --backend cpu, and please report this with what `snn-ensemble validate` says",
        steps.0, steps.1, aside.display()
    )]
    WrongDevice {
        model: String,
        point: u32,
        place: String,
        realisation: u32,
        steps: (u32, u32),
        members: usize,
        aside: PathBuf,
    },
}

/// Computes the missing members of `ensemble` on `device`, or on the CPU, and makes the result files in `directory`.
pub fn run(
    ensemble: &Ensemble,
    directory: &Path,
    device: Option<&mut Device>,
    options: &Options,
) -> Result<Finished, RunError> {
    let lock = DirectoryLock::acquire(directory)?;
    let mut log = MemberLog::open(directory, &ensemble.schema)?;
    let config = options.config.clone().unwrap_or_else(|| ensemble.experiment.to_yaml());
    if !directory.join(file::CONFIG).exists() {
        let _files = FilesLock::acquire(directory)?;
        write_config(directory, &config)?;
    }
    let before = Manifest::read(directory).ok();
    let first = Manifest {
        command: options.command.clone(),
        config: options.text.clone(),
        shard: (options.shard != Shard::WHOLE).then(|| options.shard.to_string()),
        skipped: ensemble.skipped.lines().to_vec(),
        ..provenance(ensemble, device.as_deref())
    };
    match &before {
        Some(there) if there.shard != first.shard => {
            let whole = |shard: &Option<String>| shard.clone().unwrap_or_else(|| "all".into());
            let (there, here) = (whole(&there.shard), whole(&first.shard));
            return Err(ResultError::OtherShard { path: directory.to_path_buf(), there, here }.into());
        }
        // So that a part is known as what it is, even if it is killed.
        None if options.shard != Shard::WHOLE => first.write(directory)?,
        _ => {}
    }
    let mut schedule = Schedule::new(ensemble, options.shard);
    schedule.extend(&mut log)?;
    let mut missing = schedule.missing(&log);
    let progress = Progress::new(options.quiet, missing.there, missing.there + missing.members.len() as u64);
    let checkpoints = Checkpoints::of(directory, options.checkpoint);
    let starts = checkpoints.load();
    let check = (device.is_some() && options.verify != Verify::Members(0))
        .then(|| SelfCheck::new(ensemble, &missing.chains, options.verify));
    let (end, there) = (log.end(), log.len());
    let mut engine = Engine { ensemble, device, starts, finished: HashSet::new() };
    let mut failures = Vec::new();
    let mut rounds = || -> Result<(), RunError> {
        while !missing.chains.is_empty() {
            let chains = &missing.chains;
            if !engine.starts.is_empty() {
                let members = chains.iter().flat_map(|chain| &chain.members).map(|&member| ensemble.record_key(member));
                engine.finished = members.filter(|key| log.contains(key)).collect();
            }
            let sink = Sink::new(&mut log, &progress, &checkpoints, check.as_ref(), options.stop);
            let outcome = waves(chains, engine.device.is_some()).try_for_each(|wave| engine.compute(wave, &sink));
            failures.extend(sink.close()?);
            log.sync()?;
            outcome?;
            if stopped(options) || check.as_ref().is_some_and(SelfCheck::failed) {
                return Ok(());
            }
            schedule.give_up(&missing.members, &log);
            schedule.extend(&mut log)?;
            missing = schedule.missing(&log);
            progress.extend(missing.members.len() as u64);
        }
        Ok(())
    };
    options.idle.store(false, Ordering::Relaxed);
    let outcome = std::thread::scope(|scope| {
        // Without a thread to be had the members stay unchecked, which the count of checked ones tells.
        if let Some(check) = &check {
            let _ = std::thread::Builder::new().spawn_scoped(scope, || check.work());
        }
        let outcome = rounds();
        options.idle.store(true, Ordering::Relaxed);
        check.iter().for_each(SelfCheck::end);
        outcome
    });
    progress.finish();
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
    schedule.extend(&mut log)?;
    let complete = schedule.missing(&log).chains.is_empty();
    if complete {
        checkpoints.clear();
    }
    let _files = FilesLock::acquire(directory)?;
    write_config(directory, &config)?;
    let assembled = assemble(directory, &mut log, belong(&schedule))?;
    let run = Manifest { wall_time_s: progress.seconds(), rates: rates(progress.rates()), ..first };
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
        lock,
    })
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

/// Consecutive chains that are computed together.
fn waves(chains: &[Chain], gpu: bool) -> impl Iterator<Item = &[Chain]> {
    let mut rest = chains;
    std::iter::from_fn(move || {
        let (mut points, mut last) = (0, None);
        let end = rest.iter().take(CHAINS).position(|chain| {
            let first = chain.members[0];
            points += if last == Some(first.point) { 0 } else { chain.members.len() };
            last = Some(first.point);
            !gpu && points > POINTS_ON_CPU.max(chain.members.len())
        });
        let (wave, after) = rest.split_at(end.unwrap_or(rest.len().min(CHAINS)));
        rest = after;
        (!wave.is_empty()).then_some(wave)
    })
}

fn stopped(options: &Options) -> bool {
    options.stop.load(Ordering::Relaxed)
}

struct Engine<'a> {
    ensemble: &'a Ensemble,
    device: Option<&'a mut Device>,
    /// Members that were under way when an earlier run ended.
    starts: HashMap<Key, Start>,
    /// Members with a result, for the beginnings of chains.
    finished: HashSet<Key>,
}

/// A chain with where it begins and the models at the points of its members.
struct ChainWork {
    chain: Chain,
    start: Start,
    at_points: Vec<usize>,
}

impl Engine<'_> {
    fn compute(&mut self, chains: &[Chain], sink: &Sink) -> Result<(), RunError> {
        let mut at_points: Vec<ModelAtPoint> = Vec::new();
        let mut known: HashMap<(u32, u32), usize> = HashMap::new();
        let mut work = Vec::with_capacity(chains.len());
        for chain in chains {
            let (chain, start) =
                chain.clone().resume(self.ensemble, &mut self.starts, |key| self.finished.contains(key));
            let mut of_chain = Vec::with_capacity(chain.members.len());
            for member in &chain.members {
                of_chain.push(match known.get(&(member.model, member.point)) {
                    Some(&index) => index,
                    None => {
                        at_points.push(self.ensemble.at_point(member.model, member.point)?);
                        known.insert((member.model, member.point), at_points.len() - 1);
                        at_points.len() - 1
                    }
                });
            }
            work.push(ChainWork { chain, start, at_points: of_chain });
        }
        if self.device.is_none() {
            self.on_cpu(work, &at_points, sink);
            return Ok(());
        }
        // Series of a network need every neuron of every step; the CPU computes the same members.
        let (watched, plain) = work.into_iter().partition(|work| {
            let network = !matches!(at_points[work.at_points[0]].variant, Variant::Dsode { .. });
            network && work.chain.members.iter().any(|&member| self.ensemble.records(member))
        });
        self.on_cpu(watched, &at_points, sink);
        self.on_gpu(plain, &at_points, sink)
    }

    fn on_gpu(&mut self, work: Vec<ChainWork>, at_points: &[ModelAtPoint], sink: &Sink) -> Result<(), RunError> {
        let Some(device) = &mut self.device else { return Ok(()) };
        type Kind = (u32, NetworkShape, Vec<u32>, u32, u32, usize);
        let mut by_kind: HashMap<Kind, Vec<ChainWork>> = HashMap::new();
        let mut order: Vec<Kind> = Vec::new();
        for work in work {
            let at_point = &at_points[work.at_points[0]];
            let model = work.chain.members[0].model;
            let length = work.chain.members.len();
            let kind = (model, at_point.shape(), at_point.bin_counts(), at_point.steps, work.start.step, length);
            by_kind
                .entry(kind.clone())
                .or_insert_with(|| {
                    order.push(kind);
                    vec![]
                })
                .push(work);
        }
        for kind in &order {
            let length = kind.5;
            let mut group = by_kind.remove(kind).unwrap_or_default();
            let mut starts: Vec<Start> =
                group.iter_mut().map(|work| std::mem::replace(&mut work.start, Start::BEGIN)).collect();
            for position in 0..length {
                let mut batch: Vec<BatchMember> = group
                    .iter()
                    .zip(starts)
                    .map(|(work, start)| {
                        let at_point = &at_points[work.at_points[position]];
                        BatchMember { member: work.chain.members[position], at_point, start }
                    })
                    .collect();
                let last = position + 1 == length;
                let ended = device.run(self.ensemble, &mut batch, !last, sink)?;
                starts = Vec::new();
                if last || !sink.goes_on() {
                    break;
                }
                let mut going_on = Vec::with_capacity(group.len());
                for (work, state) in group.into_iter().zip(ended) {
                    let Some(state) = state else { continue };
                    let (from, to) = (&at_points[work.at_points[position]], &at_points[work.at_points[position + 1]]);
                    match carry(&state, from, to) {
                        Ok(state) => {
                            starts.push(Start::carried(state));
                            going_on.push(work);
                        }
                        Err(error) => sink.reject(work.chain.members[position + 1], error.into()),
                    }
                }
                group = going_on;
            }
        }
        Ok(())
    }

    fn on_cpu(&self, work: Vec<ChainWork>, at_points: &[ModelAtPoint], sink: &Sink) {
        let prepared: Vec<OnceLock<Arc<PreparedNetwork>>> = at_points.iter().map(|_| OnceLock::new()).collect();
        let threads = work.len() < rayon::current_num_threads();
        work.into_par_iter().for_each(|ChainWork { chain, mut start, at_points: of_chain }| {
            for (position, (&member, &index)) in chain.members.iter().zip(&of_chain).enumerate() {
                if !sink.goes_on() {
                    return;
                }
                let at_point = &at_points[index];
                let ended = self.member_on_cpu(member, at_point, &prepared[index], start, threads, sink);
                let (Some(state), Some(&next)) = (ended, of_chain.get(position + 1)) else { return };
                start = match carry(&state, at_point, &at_points[next]) {
                    Ok(state) => Start::carried(state),
                    Err(error) => return sink.reject(chain.members[position + 1], error.into()),
                };
            }
        });
    }

    /// One member to its end and into the log: the state it ended in, `None` if it was stopped or has no result.
    fn member_on_cpu(
        &self,
        member: MemberId,
        at_point: &ModelAtPoint,
        prepared: &OnceLock<Arc<PreparedNetwork>>,
        start: Start,
        threads: bool,
        sink: &Sink,
    ) -> Option<MemberState> {
        let record_key = at_point.record_key(member.realisation);
        let key = self.ensemble.random_key(at_point, member.realisation);
        let recorder = Recorder::new(at_point, &self.ensemble.experiment.record, member.realisation);
        let resumed = start.step > 0;
        let mut watcher = Watcher::new(sink, record_key.clone(), at_point.size(), at_point.network.dt);
        let outcome = if let Variant::Dsode { .. } = at_point.variant {
            reduced::run(at_point, key, start, &recorder, &mut watcher)
        } else {
            let network = match prepared.get() {
                Some(network) => Ok(network),
                None => PreparedNetwork::new(&at_point.member_setup(), DISPATCH_STEPS)
                    .map(|network| prepared.get_or_init(|| Arc::new(network))),
            };
            network
                .map_err(MemberError::Range)
                .and_then(|network| cpu::run(network, at_point, key, start, &recorder, threads, &mut watcher))
        };
        match outcome {
            Ok(Some((observer, state))) => {
                sink.accept(observer.finish(&at_point.plan, record_key));
                watcher.finish(resumed);
                Some(state)
            }
            Ok(None) => None,
            Err(error) => {
                sink.reject(member, error);
                None
            }
        }
    }
}
