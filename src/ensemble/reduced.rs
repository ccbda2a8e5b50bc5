//! `dsode` trajectories of an ensemble, on the CPU in either precision and on a GPU.

use super::checkpoint::{MemberState, Start};
use super::cpu::Ended;
use super::gpu::{BatchError, Leg};
use super::observer::{MemberError, Observer};
use super::recorder::Recorder;
use super::setting::{Ensemble, Setting};
use super::sink::{Sink, Watcher};
use crate::gpu::Gpu;
use crate::model::{Precision, Synapse, Variant};
use crate::reduced::gpu::{BatchError as ReducedError, DsodeBatch, DsodeKernel};
use crate::reduced::{Dsode, Real, Shape, State};
use crate::statistics::{Sample, Scratch};
use std::time::Instant;

/// Steps between looks at the stop flag, and of one dispatch on a GPU where nothing asks for fewer.
const STRETCH: u32 = 1000;
/// Loop iterations that a software adapter finishes in one shader (Mesa 22.3 stops at 65 535), binomial draws included.
const SOFTWARE_ITERATIONS: usize = 20_000;
/// Trajectories of a batch.
pub const TRAJECTORIES: usize = 16_384;

/// What is kept of one trajectory while it runs.
struct Watch<'a> {
    setting: &'a Setting,
    recorder: Recorder,
    observer: Observer,
    scratch: Scratch,
}

impl<'a> Watch<'a> {
    fn new(setting: &'a Setting, recorder: Recorder, observer: Option<Observer>) -> Watch<'a> {
        let observer = observer.unwrap_or_else(|| Observer::new(&setting.plan, &recorder));
        Watch { setting, recorder, observer, scratch: setting.plan.scratch() }
    }

    /// Steps until the state is wanted again, from `step` on.
    fn until_wanted(&self, step: u32) -> u32 {
        let every = self.setting.sample_every;
        let sampled = if every > self.setting.steps { u32::MAX } else { every - step % every };
        sampled.min(self.recorder.until_row(step))
    }

    /// Takes the spikes of some steps and the state after them, `now` steps from time 0.
    fn take<T: Real>(&mut self, shape: &Shape, now: u32, spikes: &[T], state: Option<&State<T>>) {
        let real: Vec<f64> = spikes.iter().map(|x| x.to_f64()).collect();
        self.observer.accumulator.feed(&self.setting.plan, &mut self.scratch, &real);
        let populations = self.setting.network.populations.len();
        for (i, &fired) in real.iter().enumerate() {
            self.recorder.count(&mut self.observer, i % populations, fired);
        }
        let Some(state) = state else { return };
        if now > self.setting.window && now.is_multiple_of(self.setting.sample_every) {
            self.sample(shape, state);
        }
        self.recorder.row(&mut self.observer, self.setting, now, |j| state.kick_mean[j].to_f64());
    }

    fn sample<T: Real>(&mut self, shape: &Shape, state: &State<T>) {
        let plan = &self.setting.plan;
        let Variant::Dsode { bin, v_min, .. } = self.setting.variant else { return };
        for p in 0..self.setting.network.populations.len() {
            if let Some(axis) = plan.layout.populations[p].voltage {
                let mut voltage = vec![0.0; axis.bins as usize];
                for (k, count) in state.counts[shape.bins_of(p)].iter().enumerate() {
                    spread(
                        &mut voltage,
                        (v_min + k as f64 * bin - axis.low) / axis.width,
                        bin / axis.width,
                        count.to_f64(),
                    );
                }
                let refractory = state.refractory[p].to_f64();
                self.observer.accumulator.add_sample(p, &Sample { times: 1, voltage: &voltage, refractory });
            }
            let mut means = [0.0; 2];
            for (j, projection) in self.setting.network.incoming(p) {
                let inhibitory = matches!(projection.synapse, Synapse::Inhibitory { .. });
                means[usize::from(inhibitory)] += state.kick_mean[j].to_f64();
            }
            self.observer.accumulator.add_kicks(plan, p, means[0], means[1]);
        }
    }
}

/// Adds `count`, uniform on [`low`, `low + width`) in units of bins, to the bins; what lies below goes to the first.
fn spread(bins: &mut [f64], low: f64, width: f64, count: f64) {
    let high = low + width;
    let last = bins.len() - 1;
    for (i, bin) in bins.iter_mut().enumerate() {
        let from = if i == 0 { f64::NEG_INFINITY } else { i as f64 };
        let to = if i == last { f64::INFINITY } else { (i + 1) as f64 };
        *bin += count * ((high.min(to) - low.max(from)) / width).max(0.0);
    }
}

/// One trajectory on the CPU from `start` to its end; `None` if `watcher` stopped it.
pub fn run(
    setting: &Setting,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    match setting.variant {
        Variant::Dsode { precision: Precision::F32, .. } => run_in::<f32>(setting, key, start, recorder, watcher),
        _ => run_in::<f64>(setting, key, start, recorder, watcher),
    }
}

fn run_in<T: Precise>(
    setting: &Setting,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    let mut dsode = Dsode::<T>::new(&setting.network, &setting.variant, key).map_err(MemberError::Shape)?;
    if let Some(state) = start.state.and_then(T::state) {
        dsode.resume(state);
    }
    let shape = dsode.shape().clone();
    let mut watch = Watch::new(setting, recorder.clone(), start.observer);
    let mut spikes = Vec::new();
    let mut step = start.step;
    while step < setting.steps {
        let asked = step;
        while step < setting.steps && step - asked < STRETCH {
            let until = step + watch.until_wanted(step).min(STRETCH - (step - asked)).min(setting.steps - step);
            spikes.clear();
            while step < until {
                spikes.extend_from_slice(dsode.step());
                step += 1;
            }
            watch.take(&shape, step, &spikes, Some(dsode.state()));
        }
        watcher.count(step - asked);
        if !dsode.state().is_sound() {
            return Err(MemberError::Unsound { time: f64::from(step) * setting.network.dt });
        }
        let snapshot = || {
            let (state, observer) = (T::keep(dsode.state().clone()), watch.observer.clone());
            Start { step, state: Some(state), observer: Some(observer) }
        };
        if step < setting.steps && !watcher.after(snapshot) {
            return Ok(None);
        }
    }
    Ok(Some((watch.observer, T::keep(dsode.state().clone()))))
}

/// The precisions that a state is kept in.
trait Precise: Real {
    fn keep(state: State<Self>) -> MemberState;
    fn state(kept: MemberState) -> Option<State<Self>>;
}

impl Precise for f64 {
    fn keep(state: State<f64>) -> MemberState {
        MemberState::F64(state)
    }

    fn state(kept: MemberState) -> Option<State<f64>> {
        if let MemberState::F64(state) = kept { Some(state) } else { None }
    }
}

impl Precise for f32 {
    fn keep(state: State<f32>) -> MemberState {
        MemberState::F32(state)
    }

    fn state(kept: MemberState) -> Option<State<f32>> {
        if let MemberState::F32(state) = kept { Some(state) } else { None }
    }
}

/// Most steps of a dispatch.
pub fn steps_max(gpu: &Gpu, kernel: &DsodeKernel) -> u32 {
    if gpu.is_software() { kernel.steps_within(SOFTWARE_ITERATIONS) } else { STRETCH }
}

/// One batch of trajectories, of one shape and starting step, on a GPU: the states that they ended in, `None` for those that
/// have no result.
pub fn run_on_gpu(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    ensemble: &Ensemble,
    members: &[Leg],
    sink: &Sink,
) -> Result<Vec<Option<MemberState>>, BatchError> {
    let mut states: Vec<Option<MemberState>> = members.iter().map(|_| None).collect();
    let mut rest: Vec<usize> = (0..members.len()).collect();
    // A trajectory that became unsound is left out, and the others run again.
    while !rest.is_empty() && sink.goes_on() {
        let batch: Vec<&Leg> = rest.iter().map(|&i| &members[i]).collect();
        match run_batch(gpu, kernel, ensemble, &batch, sink) {
            Ok(found) => {
                rest.iter().zip(found).for_each(|(&i, state)| states[i] = state);
                break;
            }
            Err(BatchError::Reduced(ReducedError::Unsound { trajectory, step })) => {
                let Leg { member, setting, .. } = members[rest.remove(trajectory)];
                sink.reject(member, MemberError::Unsound { time: f64::from(step) * setting.network.dt });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(states)
}

fn run_batch(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    ensemble: &Ensemble,
    members: &[&Leg],
    sink: &Sink,
) -> Result<Vec<Option<MemberState>>, BatchError> {
    let (setting, mut step) = (members[0].setting, members[0].start.step);
    let resumed = step > 0;
    let mut watches = Vec::with_capacity(members.len());
    let mut trajectories = Vec::with_capacity(members.len());
    for Leg { member, setting, start } in members {
        let recorder = Recorder::new(setting, &ensemble.experiment.record, member.realisation);
        watches.push(Watch::new(setting, recorder, start.observer.clone()));
        let key = ensemble.random_key(setting, member.realisation);
        let mut trajectory = Dsode::<f32>::new(&setting.network, &setting.variant, key)?;
        if let Some(MemberState::F32(state)) = &start.state {
            trajectory.resume(state.clone());
        }
        trajectories.push(trajectory);
    }
    let mut batch = DsodeBatch::upload(gpu, kernel, trajectories)?;
    let most = steps_max(gpu, kernel);
    let mut saved = Instant::now();
    let mut written = false;
    while step < setting.steps {
        let wanted = watches.iter().map(|w| w.until_wanted(step)).min().unwrap_or(STRETCH);
        let steps = wanted.min(most).min(setting.steps - step);
        let spikes = batch.dispatch(steps)?;
        gpu.check()?;
        step += steps;
        let states = if wanted == steps { Some(batch.states()?) } else { None };
        let stride = spikes.steps * spikes.populations;
        for (i, (watch, spikes)) in watches.iter_mut().zip(spikes.counts.chunks(stride)).enumerate() {
            watch.take(&kernel.shape, step, spikes, states.as_ref().map(|s| &s[i]));
        }
        let bins = members.len() as u64 * kernel.shape.total_bins() as u64;
        sink.progress.steps(u64::from(steps), bins, setting.network.dt);
        if step < setting.steps && (!sink.goes_on() || saved.elapsed() >= sink.checkpoints.every) {
            let under_way = members.iter().zip(&watches).zip(batch.states()?).map(|((leg, watch), state)| {
                let (state, observer) = (Some(MemberState::F32(state)), Some(watch.observer.clone()));
                (leg.setting.record_key(leg.member.realisation), Start { step, state, observer })
            });
            sink.checkpoint(under_way.collect());
            (saved, written) = (Instant::now(), true);
            if !sink.goes_on() {
                return Ok(members.iter().map(|_| None).collect());
            }
        }
    }
    let ended = batch.states()?.into_iter().map(|state| Some(MemberState::F32(state))).collect();
    for (leg, watch) in members.iter().zip(watches) {
        sink.accept(watch.observer.finish(&leg.setting.plan, leg.setting.record_key(leg.member.realisation)));
    }
    if written || resumed {
        sink.checkpoints.remove(&members[0].setting.record_key(members[0].member.realisation));
    }
    Ok(ended)
}
