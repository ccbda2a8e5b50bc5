//! `dsode` trajectories of an ensemble, on the CPU in either precision and on a GPU.

use super::gpu::BatchError;
use super::observer::{MemberError, Observer};
use super::setting::{Ensemble, Member, Setting};
use super::sink::Sink;
use crate::config::Record as Recording;
use crate::gpu::Gpu;
use crate::model::{Precision, Synapse, Variant};
use crate::reduced::gpu::{BatchError as ReducedError, DsodeBatch, DsodeKernel};
use crate::reduced::{Dsode, Real, Shape, State};
use crate::results::Trace;
use crate::statistics::{Sample, Scratch};

/// Steps between looks at the stop flag, and of one dispatch on a GPU where nothing asks for fewer.
const STRETCH: u32 = 1000;
/// Loop iterations that a software adapter finishes in one shader (Mesa 22.3 stops at 65 535), binomial draws included.
const SOFTWARE_ITERATIONS: usize = 20_000;
/// Trajectories of a batch.
const TRAJECTORIES: usize = 16_384;

/// What is kept of one trajectory while it runs.
struct Watch<'a> {
    setting: &'a Setting,
    observer: Observer,
    scratch: Scratch,
    /// Steps between rows of the trace; rates are means since the last row.
    every: u32,
    since: Vec<f64>,
}

impl<'a> Watch<'a> {
    fn new(setting: &'a Setting, recording: Option<&Recording>) -> Watch<'a> {
        let mut observer = Observer::new(&setting.plan);
        let dt = setting.network.dt;
        let populations = setting.network.populations.len();
        let traces = recording.and_then(|r| r.traces);
        let columns = populations + setting.network.projections.len();
        observer.trace = traces.map(|_| Trace { times: vec![], columns: vec![vec![]; columns] });
        Watch {
            setting,
            observer,
            scratch: setting.plan.scratch(),
            every: traces.map_or(u32::MAX, |t| crate::config::steps(t.every, dt).max(1)),
            since: vec![0.0; populations],
        }
    }

    /// Steps until the state is wanted again, from `step` on.
    fn until_wanted(&self, step: u32) -> u32 {
        let next = |every: u32| every - step % every;
        let sampled =
            if self.setting.sample_every > self.setting.steps { u32::MAX } else { next(self.setting.sample_every) };
        sampled.min(if self.every == u32::MAX { u32::MAX } else { next(self.every) })
    }

    /// Takes the spikes of some steps and the state after them, `now` steps from time 0.
    fn take<T: Real>(&mut self, shape: &Shape, now: u32, spikes: &[T], state: Option<&State<T>>) {
        let real: Vec<f64> = spikes.iter().map(|x| x.to_f64()).collect();
        self.observer.accumulator.feed(&self.setting.plan, &mut self.scratch, &real);
        let populations = self.since.len();
        if self.every != u32::MAX {
            for (i, x) in real.iter().enumerate() {
                self.since[i % populations] += x;
            }
        }
        let Some(state) = state else { return };
        if now > self.setting.window && now.is_multiple_of(self.setting.sample_every) {
            self.sample(shape, state);
        }
        if self.every != u32::MAX && now.is_multiple_of(self.every) {
            self.trace(now, state);
        }
    }

    fn sample<T: Real>(&mut self, shape: &Shape, state: &State<T>) {
        let plan = &self.setting.plan;
        let Variant::Dsode { bin, v_min, .. } = self.setting.variant else { return };
        for p in 0..self.since.len() {
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

    fn trace<T: Real>(&mut self, now: u32, state: &State<T>) {
        let Some(trace) = &mut self.observer.trace else { return };
        let network = &self.setting.network;
        trace.times.push(f64::from(now) * network.dt);
        let span = f64::from(self.every) * network.dt / 1000.0;
        for (p, fired) in self.since.iter_mut().enumerate() {
            trace.columns[p].push(*fired / (f64::from(network.populations[p].size) * span));
            *fired = 0.0;
        }
        for (column, mean) in trace.columns[self.since.len()..].iter_mut().zip(&state.kick_mean) {
            column.push(mean.to_f64());
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

/// One trajectory on the CPU to its end; `None` if `go_on` (asked with the steps done since it was last asked) said no.
pub fn run(
    setting: &Setting,
    key: [u32; 4],
    recording: Option<&Recording>,
    go_on: impl Fn(u32) -> bool,
) -> Result<Option<Observer>, MemberError> {
    match setting.variant {
        Variant::Dsode { precision: Precision::F32, .. } => run_in::<f32>(setting, key, recording, go_on),
        _ => run_in::<f64>(setting, key, recording, go_on),
    }
}

fn run_in<T: Real>(
    setting: &Setting,
    key: [u32; 4],
    recording: Option<&Recording>,
    go_on: impl Fn(u32) -> bool,
) -> Result<Option<Observer>, MemberError> {
    let mut dsode = Dsode::<T>::new(&setting.network, &setting.variant, key).map_err(MemberError::Shape)?;
    let shape = dsode.shape().clone();
    let mut watch = Watch::new(setting, recording);
    let mut spikes = Vec::new();
    let mut step = 0;
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
        if !dsode.state().is_sound() {
            return Err(MemberError::Unsound { time: f64::from(step) * setting.network.dt });
        }
        if !go_on(step - asked) {
            return Ok(None);
        }
    }
    Ok(Some(watch.observer))
}

/// Trajectories of one shape on a GPU, in batches.
pub fn run_on_gpu(
    gpu: &Gpu,
    ensemble: &Ensemble,
    members: &[(Member, &Setting)],
    sink: &Sink,
) -> Result<(), BatchError> {
    let Some(&(_, first)) = members.first() else { return Ok(()) };
    let shape = match Shape::new(&first.network, &first.variant) {
        Ok(shape) => shape,
        Err(error) => {
            members.iter().for_each(|(member, _)| sink.reject(*member, MemberError::Shape(error.clone())));
            return Ok(());
        }
    };
    let kernel = DsodeKernel::new(&gpu.device, &shape)?;
    for batch in members.chunks(TRAJECTORIES) {
        let mut batch = batch.to_vec();
        // A trajectory that became unsound is left out, and the others run again.
        while !batch.is_empty() && sink.goes_on() {
            match run_batch(gpu, &kernel, ensemble, &batch, sink) {
                Ok(()) => break,
                Err(BatchError::Reduced(ReducedError::Unsound { trajectory, step })) => {
                    let (member, setting) = batch.remove(trajectory);
                    sink.reject(member, MemberError::Unsound { time: f64::from(step) * setting.network.dt });
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn run_batch(
    gpu: &Gpu,
    kernel: &DsodeKernel,
    ensemble: &Ensemble,
    members: &[(Member, &Setting)],
    sink: &Sink,
) -> Result<(), BatchError> {
    let setting = members[0].1;
    let mut watches = Vec::with_capacity(members.len());
    let mut trajectories = Vec::with_capacity(members.len());
    for (member, setting) in members {
        let recording = ensemble.records(*member).then_some(&ensemble.experiment.record);
        watches.push(Watch::new(setting, recording));
        let key = ensemble.random_key(setting, member.realisation);
        trajectories.push(Dsode::<f32>::new(&setting.network, &setting.variant, key)?);
    }
    let mut batch = DsodeBatch::upload(&gpu.device, &gpu.queue, kernel, trajectories)?;
    let most = if gpu.is_software() { kernel.steps_within(SOFTWARE_ITERATIONS) } else { STRETCH };
    let mut step = 0;
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
        sink.progress.steps(
            u64::from(steps),
            members.len() as u64 * kernel.shape.total_bins() as u64,
            setting.network.dt,
        );
        if !sink.goes_on() {
            return Ok(());
        }
    }
    for ((member, setting), watch) in members.iter().zip(watches) {
        sink.accept(watch.observer.finish(&setting.plan, setting.record_key(member.realisation)));
    }
    Ok(())
}
