//! Voltages, spikes and kick counts of single neurons of a network, every so often.

use super::model_at_point::ModelAtPoint;
use crate::config::{Neurons, steps};
use crate::model::Variant;
use crate::network::shape::NetworkShape;
use crate::network::state::Units;
use crate::network::stepping::NetworkMember;
use crate::results::{NeuronTrace, NeuronTraces};
use serde::{Deserialize, Serialize};

/// Which neurons of a member are recorded, and when.
#[derive(Clone, Debug)]
pub struct NeuronRecorder {
    /// After step `from`, up to the end of step `to`.
    from: u32,
    to: u32,
    every: u32,
    dt: f64,
    /// Population, and index within it.
    neurons: Vec<(usize, u32)>,
    /// Of each projection.
    targets: Vec<usize>,
}

/// What was recorded of them so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NeuronSeries {
    pub traces: NeuronTraces,
    /// Spikes of each since the last row.
    since_row: Vec<u32>,
}

impl NeuronRecorder {
    /// Nothing of `dsode`, which has no neurons.
    pub fn new(at_point: &ModelAtPoint, wanted: &Neurons) -> Option<NeuronRecorder> {
        let network = &at_point.network;
        let first =
            |&pop: &usize| (0..wanted.count.min(network.populations[pop].size)).map(move |neuron| (pop, neuron));
        let [from, to, every] = [wanted.from, wanted.to, wanted.every].map(|time| steps(time, network.dt));
        (!matches!(at_point.variant, Variant::Dsode { .. })).then(|| NeuronRecorder {
            from,
            to,
            every: every.max(1),
            dt: network.dt,
            neurons: wanted.populations.iter().flat_map(first).collect(),
            targets: network.projections.iter().map(|projection| projection.target).collect(),
        })
    }

    /// The series at time 0.
    pub fn begin(&self) -> NeuronSeries {
        let neurons = self.neurons.iter().map(|&(population, neuron)| NeuronTrace {
            population: population as u32,
            neuron,
            voltage: vec![],
            spikes: vec![],
            kicks: self.targets.iter().map(|&target| (target == population).then(Vec::new)).collect(),
        });
        let traces = NeuronTraces { times: vec![], neurons: neurons.collect() };
        NeuronSeries { traces, since_row: vec![0; self.neurons.len()] }
    }

    /// Takes the step of a member that ends `now`, in steps from time 0.
    pub fn step(
        &self,
        series: &mut NeuronSeries,
        shape: &NetworkShape,
        units: &Units,
        now: u32,
        member: &NetworkMember,
    ) {
        if now <= self.from || now > self.to {
            return;
        }
        let ends_row = now.is_multiple_of(self.every);
        let NeuronSeries { traces, since_row } = series;
        if ends_row {
            traces.times.push(f64::from(now) * self.dt);
        }
        for (trace, since_row) in traces.neurons.iter_mut().zip(since_row) {
            let population = trace.population as usize;
            let Some((block, index)) = member.neuron(population, trace.neuron) else { continue };
            *since_row += block.spikes[index / 32] >> (index % 32) & 1;
            if ends_row {
                trace.spikes.push(std::mem::take(since_row));
                trace.voltage.push(units.voltage(population, block.state.voltage[index]));
                for (k, &projection) in shape.populations[population].incoming.iter().enumerate() {
                    let kicks = member.kicks_of_neuron(shape, units, block, index, k);
                    trace.kicks[projection as usize].iter_mut().for_each(|column| column.push(kicks));
                }
            }
        }
    }
}
