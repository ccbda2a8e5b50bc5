//! Series of single members: rates and kick means every so often, spikes in a window, and single neurons.

use super::model_at_point::ModelAtPoint;
use super::neurons::{NeuronRecorder, NeuronSeries};
use crate::config::{Recording, steps};
use crate::network::chunk::Context;
use crate::network::state::Units;
use crate::network::stepping::NetworkMember;
use crate::results::{Spike, Trace};
use serde::{Deserialize, Serialize};

/// What to record of one member.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// Steps between rows of the trace.
    every: Option<u32>,
    /// Spikes are recorded after step `from`, up to the end of step `to`.
    window: Option<(u32, u32)>,
    neurons: Option<NeuronRecorder>,
    columns: usize,
    dt: f64,
}

/// What was recorded of one member so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Absent where not asked for, as the spikes.
    pub trace: Option<Trace>,
    pub spikes: Option<Vec<Spike>>,
    pub neurons: Option<NeuronSeries>,
    /// Spikes of each population since the last row of the trace.
    since_row: Vec<f64>,
}

impl Recorder {
    /// Nothing.
    pub fn none() -> Recorder {
        Recorder::default()
    }

    /// What `record` asks for of realisation `realisation`.
    pub fn new(at_point: &ModelAtPoint, record: &Recording, realisation: u32) -> Recorder {
        let dt = at_point.network.dt;
        Recorder {
            every: record.traces.filter(|t| realisation < t.members).map(|t| steps(t.every, dt).max(1)),
            window: record.spikes.filter(|s| realisation < s.members).map(|s| (steps(s.from, dt), steps(s.to, dt))),
            neurons: record
                .neurons
                .as_ref()
                .filter(|neurons| realisation < neurons.members)
                .and_then(|neurons| NeuronRecorder::new(at_point, neurons)),
            columns: at_point.network.populations.len() + at_point.network.projections.len(),
            dt,
        }
    }

    /// Nothing is recorded.
    pub fn is_idle(&self) -> bool {
        self.every.is_none() && self.window.is_none() && self.neurons.is_none()
    }

    /// The series at time 0.
    pub fn begin(&self, populations: usize) -> Series {
        Series {
            trace: self.every.map(|_| Trace { times: vec![], columns: vec![vec![]; self.columns] }),
            spikes: self.window.map(|_| vec![]),
            neurons: self.neurons.as_ref().map(NeuronRecorder::begin),
            since_row: vec![0.0; populations],
        }
    }

    /// Steps between rows of the trace.
    pub fn every(&self) -> Option<u32> {
        self.every
    }

    /// Counts fired neurons toward the next row.
    pub fn count(&self, series: &mut Series, population: usize, fired: f64) {
        if self.every.is_some() {
            series.since_row[population] += fired;
        }
    }

    /// The same of all populations in some steps, one after the other.
    pub fn count_steps(&self, series: &mut Series, fired: &[f64]) {
        if self.every.is_some() {
            for step in fired.chunks_exact(series.since_row.len()) {
                series.since_row.iter_mut().zip(step).for_each(|(sum, fired)| *sum += fired);
            }
        }
    }

    /// Ends a row of the trace if one ends `now`, in steps from time 0; `kicks` gives the mean kick count of a projection.
    pub fn row(&self, series: &mut Series, at_point: &ModelAtPoint, now: u32, kicks: impl Fn(usize) -> f64) {
        let (Some(every), Some(trace)) = (self.every, &mut series.trace) else { return };
        if !now.is_multiple_of(every) {
            return;
        }
        trace.times.push(f64::from(now) * self.dt);
        let populations = &at_point.network.populations;
        let span = f64::from(every) * self.dt / 1000.0;
        for (pop, fired) in series.since_row.iter_mut().enumerate() {
            trace.columns[pop].push(*fired / (f64::from(populations[pop].size) * span));
            *fired = 0.0;
        }
        for j in 0..at_point.network.projections.len() {
            trace.columns[populations.len() + j].push(kicks(j));
        }
    }

    /// Takes the step that a network has just done.
    pub fn network_step(
        &self,
        series: &mut Series,
        at_point: &ModelAtPoint,
        context: &Context,
        units: &Units,
        step: u32,
        member: &NetworkMember,
    ) {
        let now = step + 1;
        if let (Some((from, to)), Some(spikes)) = (self.window, &mut series.spikes)
            && now > from
            && now <= to
        {
            let t = f64::from(now) * self.dt;
            for block in &member.blocks {
                for (word, &bits) in block.spikes.iter().enumerate() {
                    for bit in (0..32).filter(|bit| bits >> bit & 1 == 1) {
                        let neuron = block.first + 32 * word as u32 + bit;
                        spikes.push(Spike { t, population: block.population, neuron });
                    }
                }
            }
        }
        if let (Some(recorder), Some(series)) = (&self.neurons, &mut series.neurons) {
            recorder.step(series, context.shape, units, now, member);
        }
        for block in &member.blocks {
            let fired: u32 = block.spikes.iter().map(|w| w.count_ones()).sum();
            self.count(series, block.population as usize, f64::from(fired));
        }
        self.row(series, at_point, now, |j| {
            let target = &context.shape.populations[context.shape.projections[j].target as usize];
            f64::from(member.kicks(context, j)) * context.shape.kick_unit(j, &context.projections[j])
                / f64::from(target.size)
        });
    }
}
