//! What becomes of a member's output while it runs: statistics, and the series that were asked for.

use super::carry_error::CarryError;
use super::recorder::{Recorder, Series};
use crate::bifurcation::course::Course;
use crate::model::round12;
use crate::network::member::{KICKS_HIGH, NetworkOutput, VOLTAGE_LOW};
use crate::network::parameters::ProjectionParameters;
use crate::network::shape::NetworkShape;
use crate::network::stepping::INTERVAL_WORDS;
use crate::results::{Key, Record};
use crate::statistics::{Accumulator, Intervals, Sample, StatisticsPlan, StatisticsScratch};
use serde::{Deserialize, Serialize};

/// Why a member has no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MemberError {
    #[error(
        "a voltage fell more than one span below the lowest reset or reversal potential by {time} ms: noise or a negative weight \
         of the drive, inhibition without v_rev, adaptation, or in the white closure kicks of less than 0.5 ms, took it there; reduce them, \
         or let a leak (tau_m) hold it up"
    )]
    VoltageLow { time: f64 },
    #[error("a neuron gathered more pending kicks than its arithmetic holds by {time} ms; reduce s, p or tau")]
    KicksHigh { time: f64 },
    #[error("the state became negative or was no number by {time} ms")]
    Unsound { time: f64 },
    #[error(transparent)]
    Shape(#[from] crate::reduced::ShapeError),
    #[error(transparent)]
    Range(#[from] crate::network::arithmetic::RangeError),
    #[error(transparent)]
    Map(#[from] crate::bifurcation::MapError),
    #[error(transparent)]
    Carry(#[from] CarryError),
}

/// One member's statistics and series so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Observer {
    pub accumulator: Accumulator,
    pub series: Series,
    /// Where the regime is followed.
    pub course: Option<Course>,
}

impl Observer {
    /// At time 0, with the series that `recorder` asks for.
    pub fn new(plan: &StatisticsPlan, recorder: &Recorder) -> Observer {
        let series = recorder.begin(plan.layout.populations.len());
        Observer { accumulator: Accumulator::new(plan), series, course: None }
    }

    /// Takes one dispatch of a network.
    pub fn network(
        &mut self,
        plan: &StatisticsPlan,
        scratch: &mut StatisticsScratch,
        shape: &NetworkShape,
        projections: &[ProjectionParameters],
        output: &NetworkOutput,
    ) -> Result<(), MemberError> {
        let time = round12((self.accumulator.step() + u64::from(output.steps)) as f64 * plan.layout.dt);
        if output.flags & VOLTAGE_LOW != 0 {
            return Err(MemberError::VoltageLow { time });
        }
        if output.flags & KICKS_HIGH != 0 {
            return Err(MemberError::KicksHigh { time });
        }
        self.accumulator.feed(plan, scratch, &output.counts);
        let populations = shape.populations.len();
        let stride = populations + shape.projections.len();
        let samples = output.samples.len() / stride.max(1);
        let bins = output.voltage.len() / populations;
        for pop in 0..populations {
            let words = &output.intervals[pop * INTERVAL_WORDS..][..INTERVAL_WORDS];
            let pair = |at: usize| u64::from(words[at]) | u64::from(words[at + 1]) << 32;
            let intervals = Intervals { n: u64::from(words[0]), sum: pair(1), squares: u128::from(pair(3)) };
            self.accumulator.add_intervals(pop, &intervals);
            if let Some(axis) = plan.layout.populations[pop].voltage {
                let voltage: Vec<f64> =
                    output.voltage[pop * bins..][..axis.bins as usize].iter().map(|&n| f64::from(n)).collect();
                let refractory = output.samples.chunks(stride).map(|sample| f64::from(sample[pop])).sum();
                self.accumulator.add_sample(pop, &Sample { times: samples as u64, voltage: &voltage, refractory });
            }
            for sample in output.samples.chunks(stride) {
                let (excitatory, inhibitory) = kick_means(shape, projections, pop, |j| sample[populations + j]);
                self.accumulator.add_kicks(plan, pop, excitatory, inhibitory);
            }
        }
        Ok(())
    }

    /// The result of the finished member.
    pub fn finish(self, plan: &StatisticsPlan, key: Key) -> Record {
        let Series { trace, spikes, neurons, .. } = self.series;
        let neurons = neurons.map(|series| series.traces);
        Record { key, statistics: self.accumulator.finish(plan), trace, spikes, neurons }
    }
}

/// Mean excitatory and inhibitory kick counts of a population's neurons, from the sampled sums of each projection.
pub fn kick_means(
    shape: &NetworkShape,
    projections: &[ProjectionParameters],
    pop: usize,
    sum: impl Fn(usize) -> u32,
) -> (f64, f64) {
    let population = &shape.populations[pop];
    let mut means = [0.0; 2];
    for &j in &population.incoming {
        let inhibitory = shape.projections[j as usize].inhibitory;
        means[usize::from(inhibitory)] +=
            f64::from(sum(j as usize)) * shape.kick_unit(j as usize, &projections[j as usize]);
    }
    let size = f64::from(population.size);
    (means[0] / size, means[1] / size)
}
