//! `dsode` trajectories of an ensemble on the CPU, in either precision; what is kept of a trajectory, wherever it runs.

use super::checkpoint::{MemberState, Start};
use super::cpu::Ended;
use super::model_at_point::ModelAtPoint;
use super::observer::{MemberError, Observer};
use super::recorder::Recorder;
use super::regime::RegimeWatch;
use super::sink::Watcher;
use crate::model::{Bins, Precision, Variant};
use crate::reduced::stepping::{DsodeDispatch, DsodeOutput, stepping};
use crate::reduced::{Dsode, DsodeShape, Real, State};
use crate::statistics::{Sample, StatisticsScratch};
use num_integer::gcd;
use std::time::{Duration, Instant};

/// Steps between looks at the stop flag, at first and at most: as many as take about so long.
const STRETCHES: (u32, u32) = (10, 1000);
const STRETCH: Duration = Duration::from_millis(50);

/// What is kept of one trajectory while it runs.
pub struct Watch<'a> {
    at_point: &'a ModelAtPoint,
    recorder: Recorder,
    pub observer: Observer,
    scratch: StatisticsScratch,
}

impl<'a> Watch<'a> {
    pub fn new(at_point: &'a ModelAtPoint, recorder: Recorder, observer: Option<Observer>) -> Watch<'a> {
        let observer = observer.unwrap_or_else(|| Observer::new(&at_point.plan, &recorder));
        Watch { at_point, recorder, observer, scratch: StatisticsScratch::default() }
    }

    /// Steps between the kick means that samples and rows of the trace take; `None` where none do.
    pub fn row_every(&self) -> Option<u32> {
        let sampled = Some(self.at_point.sample_every).filter(|&every| every <= self.at_point.steps);
        sampled.into_iter().chain(self.recorder.every()).reduce(gcd)
    }

    /// Takes the output of a run.
    pub fn take<T: Real>(
        &mut self,
        shape: &DsodeShape,
        run: &DsodeDispatch,
        output: &DsodeOutput<T>,
    ) -> Result<(), MemberError> {
        if output.unsound {
            return Err(MemberError::Unsound { time: f64::from(run.end()) * self.at_point.network.dt });
        }
        let populations = shape.populations();
        let spikes: Vec<f64> = output.spikes.iter().map(|x| x.to_f64()).collect();
        self.observer.accumulator.feed(&self.at_point.plan, &mut self.scratch, &spikes);
        let mut rows = output.kicks.chunks(shape.projections.len().max(1));
        let mut samples = output.samples.chunks(shape.total_bins() + populations);
        let mut now = run.first_step;
        while now < run.end() {
            let ends = |every: u32| now - now % every + every;
            let until = ends(run.row_every).min(ends(run.sample_every)).min(run.end());
            let at = |step: u32| (step - run.first_step) as usize * populations;
            let fired = &spikes[at(now)..at(until)];
            now = until;
            self.recorder.count_steps(&mut self.observer.series, fired);
            if !now.is_multiple_of(run.row_every) {
                continue;
            }
            let kicks = rows.next().unwrap_or_default();
            if now.is_multiple_of(run.sample_every) {
                let sample = samples.next().unwrap_or_default();
                if now > self.at_point.discard_steps {
                    self.sample(shape, sample, kicks);
                }
            }
            self.recorder.row(&mut self.observer.series, self.at_point, now, |j| kicks[j].to_f64());
        }
        Ok(())
    }

    /// Takes voltages and refractory neurons, and mean kick counts.
    fn sample<T: Real>(&mut self, shape: &DsodeShape, sample: &[T], kicks: &[T]) {
        let plan = &self.at_point.plan;
        for pop in 0..shape.populations() {
            if let Some(axis) = plan.layout.populations[pop].voltage {
                let Bins { v_min, width } = self.at_point.dsode_bins[pop];
                let mut voltage = vec![0.0; axis.bins as usize];
                for (k, count) in sample[shape.bins_of(pop)].iter().enumerate() {
                    let low = (v_min + k as f64 * width - axis.low) / axis.width;
                    spread(&mut voltage, low, width / axis.width, count.to_f64());
                }
                let refractory = sample[shape.total_bins() + pop].to_f64();
                self.observer.accumulator.add_sample(pop, &Sample { times: 1, voltage: &voltage, refractory });
            }
            let lowest = sample[shape.start(pop)].to_f64();
            self.observer.accumulator.add_bottom(plan, pop, lowest);
            let mut means = [0.0; 2];
            for (j, projection) in self.at_point.network.incoming(pop) {
                let inhibitory = projection.synapse.is_inhibitory();
                means[usize::from(inhibitory)] += kicks[j].to_f64();
            }
            self.observer.accumulator.add_kicks(plan, pop, means[0], means[1]);
        }
    }
}

/// Adds `count`, uniform on [`low`, `low + width`) in units of bins, to the bins; what lies below goes to the first.
fn spread(bins: &mut [f64], low: f64, width: f64, count: f64) {
    let high = low + width;
    let last = bins.len() - 1;
    let (first, end) = (low.floor().clamp(0.0, last as f64) as usize, high.ceil().max(1.0) as usize);
    for (i, bin) in bins.iter_mut().enumerate().take(end).skip(first) {
        let from = if i == 0 { f64::NEG_INFINITY } else { i as f64 };
        let to = if i == last { f64::INFINITY } else { (i + 1) as f64 };
        *bin += count * ((high.min(to) - low.max(from)) / width).max(0.0);
    }
}

/// One trajectory on the CPU from `start` to its end; `None` if `watcher` stopped it.
pub fn run(
    at_point: &ModelAtPoint,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    match at_point.variant {
        Variant::Dsode { precision: Precision::F32, .. } => run_in::<f32>(at_point, key, start, recorder, watcher),
        _ => run_in::<f64>(at_point, key, start, recorder, watcher),
    }
}

fn run_in<T: Precise>(
    at_point: &ModelAtPoint,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    let mut dsode = at_point.dsode::<T>(key).map_err(MemberError::Shape)?;
    if let Some(state) = start.state.and_then(T::state) {
        dsode.resume(state);
    }
    let shape = dsode.shape().clone();
    let mut watch = Watch::new(at_point, recorder.clone(), start.observer);
    let mut regime = RegimeWatch::of(at_point)?;
    let row_every = watch.row_every().into_iter().chain(regime.as_ref().map(RegimeWatch::row_every)).reduce(gcd);
    let row_every = row_every.unwrap_or(at_point.steps + 1);
    let (mut step, mut stretch) = (start.step, STRETCHES.0);
    while step < at_point.steps {
        let begun = Instant::now();
        let boundary = if step < at_point.discard_steps { at_point.discard_steps } else { at_point.steps };
        let steps = stretch.min(boundary - step);
        let run = DsodeDispatch::new(step, steps, row_every, at_point.sample_every);
        let output = stepping(&mut dsode, &run, |dsode| {
            if let Some((regime, dsode)) = regime.as_mut().zip(T::exact(dsode)) {
                regime.see(dsode, &mut watch.observer);
            }
        });
        watcher.count(steps);
        watch.take(&shape, &run, &output)?;
        if let Some(regime) = &mut regime {
            regime.take(&run, &output, T::exact(&dsode), &mut watch.observer);
        }
        step = run.end();
        // Results do not depend on it.
        stretch = if begun.elapsed() < STRETCH { 2 * stretch } else { stretch / 2 }.clamp(1, STRETCHES.1);
        let snapshot = || {
            let (state, observer) = (T::keep(dsode.state().clone()), watch.observer.clone());
            Start { step, state: Some(state), observer: Some(observer) }
        };
        if step < at_point.steps && !watcher.after(snapshot) {
            return Ok(None);
        }
    }
    Ok(Some((watch.observer, T::keep(dsode.state().clone()))))
}

/// The precisions that a state is kept in.
trait Precise: Real {
    /// A trajectory in f64; `None` in f32, in which no regime is followed.
    fn exact(trajectory: &Dsode<Self>) -> Option<&Dsode<f64>>;
    fn keep(state: State<Self>) -> MemberState;
    fn state(kept: MemberState) -> Option<State<Self>>;
}

impl Precise for f64 {
    fn exact(trajectory: &Dsode<f64>) -> Option<&Dsode<f64>> {
        Some(trajectory)
    }

    fn keep(state: State<f64>) -> MemberState {
        MemberState::F64(state)
    }

    fn state(kept: MemberState) -> Option<State<f64>> {
        if let MemberState::F64(state) = kept { Some(state) } else { None }
    }
}

impl Precise for f32 {
    fn exact(_: &Dsode<f32>) -> Option<&Dsode<f64>> {
        None
    }

    fn keep(state: State<f32>) -> MemberState {
        MemberState::F32(state)
    }

    fn state(kept: MemberState) -> Option<State<f32>> {
        if let MemberState::F32(state) = kept { Some(state) } else { None }
    }
}
