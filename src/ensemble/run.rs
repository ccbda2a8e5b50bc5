//! One run: open the directory, compute what is missing, make the files.

use super::cpu::NetworkSetting;
use super::gpu::{BatchError, Device};
use super::observer::{MemberError, Observer};
use super::progress::Progress;
use super::reduced;
use super::schedule::{Schedule, Shard};
use super::setting::{Ensemble, Member, Setting, SettingError};
use super::sink::Sink;
use crate::model::Variant;
use crate::network::arithmetic::RangeError;
use crate::network::shape::Shape;
use crate::results::{AtomicFile, DirectoryLock, MemberLog, ResultError, assemble};
use rayon::prelude::*;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// Members that are looked up and prepared together; bounds the host's memory.
const WAVE: usize = 1 << 15;

/// What a user may ask of a run besides the config.
pub struct Options<'a> {
    pub shard: Option<Shard>,
    pub quiet: bool,
    /// Set from outside to end the run early; what is finished is kept.
    pub stop: &'a AtomicBool,
}

/// How a run ended.
pub struct Finished {
    pub members: usize,
    pub computed: u64,
    pub seconds: f64,
    /// Neuron-steps and biological seconds per second.
    pub rates: (f64, f64),
    /// Stopped from outside before everything was done.
    pub interrupted: bool,
    pub failures: Vec<(Member, MemberError)>,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{0}")]
    Result(#[from] ResultError),
    #[error("{0}")]
    Setting(#[from] SettingError),
    #[error("{0}")]
    Batch(#[from] BatchError),
    #[error("{0}")]
    Range(#[from] RangeError),
}

/// Computes the missing members of `ensemble` on `device`, or on the CPU, and makes the result files in `directory`.
pub fn run(
    ensemble: &Ensemble,
    directory: &Path,
    device: Option<&mut Device>,
    options: &Options,
) -> Result<Finished, RunError> {
    let _lock = DirectoryLock::acquire(directory)?;
    let mut log = MemberLog::open(directory, &ensemble.outline)?;
    AtomicFile::write_all(&directory.join("config.yaml"), ensemble.experiment.to_yaml().as_bytes())?;
    let mut schedule = Schedule::new(ensemble, options.shard);
    let (mut missing, there) = schedule.missing(&log);
    let progress = Progress::new(options.quiet, there, there + missing.len() as u64);
    let mut engine = Engine { ensemble, device };
    let mut failures = Vec::new();
    let mut computed = 0;
    loop {
        let sink = Sink::new(&mut log, &progress, options.stop);
        computed += missing.len() as u64;
        let outcome = missing.chunks(WAVE).try_for_each(|wave| engine.compute(wave, &sink));
        failures.extend(sink.close()?);
        log.sync()?;
        outcome?;
        if stopped(options) {
            break;
        }
        let more = schedule.extend(&mut log)?;
        if more == 0 {
            break;
        }
        progress.extend(more);
        missing = schedule.missing(&log).0;
        missing.retain(|member| failures.iter().all(|(failed, _)| failed != member));
    }
    progress.finish();
    let assembled = assemble(directory, &mut log)?;
    Ok(Finished {
        members: assembled.members,
        computed,
        seconds: progress.seconds(),
        rates: progress.rates(),
        interrupted: stopped(options),
        failures,
    })
}

fn stopped(options: &Options) -> bool {
    options.stop.load(std::sync::atomic::Ordering::Relaxed)
}

struct Engine<'a> {
    ensemble: &'a Ensemble,
    device: Option<&'a mut Device>,
}

impl Engine<'_> {
    fn compute(&mut self, members: &[Member], sink: &Sink) -> Result<(), RunError> {
        let mut settings: Vec<Setting> = Vec::new();
        let mut paired = Vec::with_capacity(members.len());
        for of_setting in members.chunk_by(|a, b| (a.model, a.point) == (b.model, b.point)) {
            settings.push(self.ensemble.setting(of_setting[0].model, of_setting[0].point)?);
            paired.extend(of_setting.iter().map(|&member| (member, settings.len() - 1)));
        }
        if self.device.is_none() {
            return self.on_cpu(&paired, &settings, sink);
        }
        let (watched, plain): (Vec<_>, Vec<_>) = paired.into_iter().partition(|&(member, setting)| {
            !matches!(settings[setting].variant, Variant::Dsode { .. }) && self.ensemble.records(member)
        });
        // Series need every neuron of every step; the CPU computes the same members.
        self.on_cpu(&watched, &settings, sink)?;
        self.on_gpu(&plain, &settings, sink)
    }

    fn on_gpu(&mut self, members: &[(Member, usize)], settings: &[Setting], sink: &Sink) -> Result<(), RunError> {
        let Some(device) = &mut self.device else { return Ok(()) };
        type Group<'a> = ((u32, Shape, Vec<u32>, u32), Vec<(Member, &'a Setting)>);
        let mut by_shape: Vec<Group> = Vec::new();
        for &(member, setting) in members {
            let setting = &settings[setting];
            let shape = (member.model, setting.shape(), setting.bins.clone(), setting.steps);
            match by_shape.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, group)) => group.push((member, setting)),
                None => by_shape.push((shape, vec![(member, setting)])),
            }
        }
        for (_, group) in &by_shape {
            match group[0].1.variant {
                Variant::Dsode { .. } => reduced::run_on_gpu(&device.gpu, self.ensemble, group, sink)?,
                _ => device.run(self.ensemble, group, sink)?,
            }
        }
        Ok(())
    }

    fn on_cpu(&self, members: &[(Member, usize)], settings: &[Setting], sink: &Sink) -> Result<(), RunError> {
        let prepared: Vec<OnceLock<NetworkSetting>> = settings.iter().map(|_| OnceLock::new()).collect();
        let threads = members.len() < rayon::current_num_threads();
        members.par_iter().try_for_each(|&(member, index)| {
            if !sink.goes_on() {
                return Ok(());
            }
            let setting = &settings[index];
            let size = match setting.variant {
                Variant::Dsode { .. } => setting.bins.iter().sum::<u32>().into(),
                _ => setting.network.neurons() as u64,
            };
            let go_on = |steps: u32| {
                sink.progress.steps(u64::from(steps), size, setting.network.dt);
                sink.goes_on()
            };
            let key = self.ensemble.random_key(setting, member.realisation);
            let recording = self.ensemble.records(member).then_some(&self.ensemble.experiment.record);
            if let Variant::Dsode { .. } = setting.variant {
                keep(sink, setting, member, reduced::run(setting, key, recording, go_on));
                return Ok(());
            }
            let network = match prepared[index].get() {
                Some(network) => network,
                None => {
                    let network = NetworkSetting::new(setting, self.ensemble.bins)?;
                    prepared[index].get_or_init(|| network)
                }
            };
            keep(sink, setting, member, network.run(setting, key, recording, threads, go_on));
            Ok(())
        })
    }
}

/// Hands over what became of a member; nothing if it was stopped.
fn keep(sink: &Sink, setting: &Setting, member: Member, outcome: Result<Option<Observer>, MemberError>) {
    match outcome {
        Ok(Some(observer)) => sink.accept(observer.finish(&setting.plan, setting.record_key(member.realisation))),
        Ok(None) => {}
        Err(error) => sink.reject(member, error),
    }
}
