//! Members on the CPU: each runs to its end on one thread, or shares a large network's steps out.

use super::observer::{MemberError, Observer};
use super::setting::Setting;
use crate::config::Record as Recording;
use crate::network::arithmetic::{Bins, RangeError};
use crate::network::member::{Context, Dispatch};
use crate::network::shape::Shape;
use crate::network::stepping::Member;
use crate::network::tables::{PointParameters, Tables};
use crate::network::wiring::wiring_stored;
use crate::results::{Spike, Trace};
use crate::statistics::Scratch;

/// Steps between looks at the clock and the stop flag.
const STRETCH: u32 = 500;

/// A network's integer parameters for members on the CPU.
pub struct NetworkSetting {
    pub shape: Shape,
    tables: Tables,
    point: PointParameters,
}

impl NetworkSetting {
    pub fn new(setting: &Setting, bins: Bins) -> Result<NetworkSetting, RangeError> {
        let mut tables = Tables::new(STRETCH);
        let point = tables.place(&setting.network, setting.model(), bins)?;
        Ok(NetworkSetting { shape: setting.shape(), tables, point })
    }

    /// A member from time 0 to its end; `None` if `go_on` (asked with the steps done since it was last asked) said no.
    pub fn run(
        &self,
        setting: &Setting,
        key: [u32; 4],
        recording: Option<&Recording>,
        threads: bool,
        go_on: impl Fn(u32) -> bool,
    ) -> Result<Option<Observer>, MemberError> {
        let mut observer = Observer::new(&setting.plan);
        let mut recorder = recording.map(|r| Recorder::new(setting, r));
        let mut scratch: Scratch = setting.plan.scratch();
        let mut member = None;
        let mut first = 0;
        while first < setting.steps {
            let steps = STRETCH.min(setting.steps - first);
            let (drive, rows) = self.tables.drive(first, steps);
            let with_rows;
            let tables = if rows.is_empty() {
                &self.tables.words
            } else {
                with_rows = [&self.tables.words[..], &rows[..]].concat();
                &with_rows
            };
            let context = Context {
                shape: &self.shape,
                populations: &self.point.populations,
                projections: &self.point.projections,
                tables,
                normal: self.tables.normal,
                drive: &drive,
                key,
                dispatch: Dispatch::new(first, steps, setting.window, setting.sample_every),
                bins: &setting.bins,
            };
            let member = member.get_or_insert_with(|| Member::new(&context, wiring_stored(&self.shape)));
            let output = member.stepping(&context, threads, |step, member| {
                if let Some(recorder) = &mut recorder {
                    recorder.step(&context, step, member);
                }
            });
            observer.network(&setting.plan, &mut scratch, &self.shape, &output)?;
            if !go_on(steps) {
                return Ok(None);
            }
            first += steps;
        }
        if let Some(recorder) = recorder {
            (observer.trace, observer.spikes) = (recorder.trace, recorder.spikes);
        }
        Ok(Some(observer))
    }
}

/// Series of one network member.
struct Recorder {
    trace: Option<Trace>,
    spikes: Option<Vec<Spike>>,
    /// Steps between rows of the trace, and spikes since the last one.
    every: u32,
    fired: Vec<u32>,
    /// Steps after which spikes are recorded, the last one included.
    from: u32,
    to: u32,
    dt: f64,
}

impl Recorder {
    fn new(setting: &Setting, recording: &Recording) -> Recorder {
        let dt = setting.network.dt;
        let columns = setting.network.populations.len() + setting.network.projections.len();
        let steps = |time: f64| crate::config::steps(time, dt);
        Recorder {
            trace: recording.traces.map(|_| Trace { times: vec![], columns: vec![vec![]; columns] }),
            spikes: recording.spikes.map(|_| vec![]),
            every: recording.traces.map_or(1, |t| steps(t.every).max(1)),
            fired: vec![0; setting.network.populations.len()],
            from: recording.spikes.map_or(0, |s| steps(s.from)),
            to: recording.spikes.map_or(0, |s| steps(s.to)),
            dt,
        }
    }

    fn step(&mut self, context: &Context, step: u32, member: &Member) {
        let now = step + 1;
        let time = f64::from(now) * self.dt;
        if let Some(spikes) = &mut self.spikes
            && now > self.from
            && now <= self.to
        {
            for tile in &member.tiles {
                for (word, &bits) in tile.spikes.iter().enumerate() {
                    for bit in (0..32).filter(|bit| bits >> bit & 1 == 1) {
                        let neuron = tile.first + 32 * word as u32 + bit;
                        spikes.push(Spike { t: time, population: tile.population, neuron });
                    }
                }
            }
        }
        let Some(trace) = &mut self.trace else { return };
        for tile in &member.tiles {
            self.fired[tile.population as usize] += tile.spikes.iter().map(|w| w.count_ones()).sum::<u32>();
        }
        if now.is_multiple_of(self.every) {
            trace.times.push(time);
            let populations = &context.shape.populations;
            let span = f64::from(self.every) * self.dt / 1000.0;
            for (p, fired) in self.fired.iter_mut().enumerate() {
                trace.columns[p].push(f64::from(*fired) / (f64::from(populations[p].size) * span));
                *fired = 0;
            }
            for (j, projection) in context.shape.projections.iter().enumerate() {
                let target = &populations[projection.target as usize];
                let kicks = f64::from(member.kicks(context, j)) * context.shape.kick_unit(j);
                let mean = kicks / f64::from(target.size);
                trace.columns[populations.len() + j].push(mean);
            }
        }
    }
}
