//! Members of a network on the CPU and on a GPU: spike counts of every step, samples, histograms, intervals, and the whole
//! state after every dispatch. Where they differ, the dispatch is done again step by step to find the first neuron.

use super::ValidateError;
use crate::gpu::network::{NetworkBatch, NetworkKernel};
use crate::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use crate::gpu::{Gpu, GpuError};
use crate::model::Network;
use crate::network::cpu_member::{CpuMember, CpuSplit, MemberSetup, PreparedNetwork};
use crate::network::dispatch::{MemberParameters, NetworkDispatch};
use crate::network::member::NetworkOutput;
use crate::network::shape::NetworkShape;
use crate::network::state::{Carry, PopulationState, ProjectionState, Row, Units, member_words, neuron_words, rows};
use crate::network::tables::Tables;
use crate::statistics::hash::Fnv1a;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// How the work is cut up; results do not depend on it.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Steps of a dispatch, where the device takes as many.
    pub dispatch_steps: u32,
    /// `None`: the kernel's own choice.
    pub workgroup_layout: Option<WorkgroupLayout>,
    pub cpu: CpuSplit,
}

impl Default for Cut {
    fn default() -> Self {
        Cut { dispatch_steps: 250, workgroup_layout: None, cpu: CpuSplit::default() }
    }
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Numbers compared.
    pub compared: u64,
    pub spikes: u64,
    /// Hash of each member's counts on the GPU, as its result has it.
    pub hashes: Vec<u64>,
    /// Members that left the range of their arithmetic, on both, and the steps by which; nothing of them is compared beyond.
    pub stopped: Vec<(usize, u32)>,
    pub difference: Option<Difference>,
}

/// The first difference of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Index among the members compared.
    pub member: usize,
    /// From 0; the step ends at time (step + 1) dt.
    pub step: u32,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Neuron {
        population: String,
        neuron: u32,
        cpu: NeuronReading,
        gpu: NeuronReading,
        /// Spikes of its population in the step.
        spikes: (u32, u32),
    },
    /// Of the moments and adaptations that a `markov` member has besides its neurons.
    Member { field: String, cpu: u32, gpu: u32 },
    /// The state is equal, what was counted of it is not.
    Output { what: &'static str },
    /// A dispatch differed, and did not when it was done again in single steps.
    Unsteady { steps: u32 },
}

/// A neuron after a step: names and values of its fields. Voltage is in the network's unit, pending kicks (of `markov` their
/// fluctuation) are in kicks, all else is in units of the arithmetic; what is 0 and not always used is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuronReading(pub Vec<(String, f64)>);

impl fmt::Display for NeuronReading {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            match name.as_str() {
                "voltage" => write!(f, "{comma}{name} {value:.6}")?,
                _ => write!(f, "{comma}{name} {value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "step {}: ", self.step)?;
        match &self.place {
            Place::Neuron { population, neuron, cpu, gpu, spikes } => write!(
                f,
                "neuron {neuron} of {population}: CPU {cpu}; GPU {gpu}; spikes of {population}: CPU {}, GPU {}",
                spikes.0, spikes.1
            ),
            Place::Member { field, cpu, gpu } => write!(f, "{field}: CPU {cpu}, GPU {gpu}"),
            Place::Output { what } => write!(f, "{what} differ, the states are equal"),
            Place::Unsteady { steps } => {
                write!(
                    f,
                    "{steps} steps from here differ, and do not when they are done again: the device is unreliable"
                )
            }
        }
    }
}

/// Compares members with these keys, all in one batch on the device, up to the first difference.
pub fn compare(gpu: &Gpu, case: &MemberSetup, keys: &[[u32; 4]], cut: &Cut) -> Result<Comparison, ValidateError> {
    let placed = Arc::new(PreparedNetwork::new(case, cut.cpu.dispatch_steps)?);
    let mut twins: Vec<CpuMember> = keys.iter().map(|&key| CpuMember::of(placed.clone(), key, cut.cpu)).collect();
    let Some(shape) = twins.first().map(|twin| twin.shape().clone()) else { return Ok(Comparison::default()) };
    let workgroup_layout =
        cut.workgroup_layout.clone().unwrap_or_else(|| WorkgroupLayout::new(&shape, WorkgroupLimits::new(gpu)));
    let kernel = NetworkKernel::with_workgroup_layout(gpu, &shape, &case.bin_counts(), workgroup_layout)?;
    let dispatch_steps = cut.dispatch_steps.min(kernel.steps_max(gpu));
    let mut tables = Tables::new(dispatch_steps);
    let point = tables.place(case.network, case.model, case.bins)?;
    let mut batch =
        NetworkBatch::new(gpu, &kernel, tables.into(), &[point], &parameters(keys), dispatch_steps, dispatch_steps)?;
    let mut found = Comparison { hashes: vec![Fnv1a::default().0; keys.len()], ..Comparison::default() };
    let mut first = 0;
    while first < case.steps && found.stopped.len() < keys.len() {
        let steps = dispatch_steps.min(case.steps - first);
        let before: Vec<Option<Vec<u32>>> = twins.iter().map(CpuMember::words).collect();
        let outputs =
            dispatched(&mut batch, &kernel, NetworkDispatch::new(first, steps, case.discard_steps, case.sample_every))?;
        let states = batch.states()?;
        let is_going = |member: usize| found.stopped.iter().all(|&(stopped, _)| stopped != member);
        let going = twins.par_iter_mut().enumerate().filter(|(member, _)| is_going(*member));
        let cpu: Vec<(usize, NetworkOutput, Option<Vec<u32>>)> =
            going.map(|(member, twin)| (member, twin.run(steps), twin.words())).collect();
        for (member, cpu, words) in cpu {
            let gpu_output = &outputs[member];
            let mut hash = Fnv1a(found.hashes[member]);
            gpu_output.counts.iter().for_each(|&count| hash.write_u32(count));
            found.hashes[member] = hash.0;
            found.spikes += cpu.counts.iter().map(|&c| u64::from(c)).sum::<u64>();
            found.compared += numbers(&cpu) + words.as_ref().map_or(0, |words| words.len() as u64);
            // The device goes on to the end of the dispatch, and may raise more.
            if cpu.flags != 0 && gpu_output.flags & cpu.flags == cpu.flags && gpu_output.counts.starts_with(&cpu.counts)
            {
                found.stopped.push((member, first + cpu.steps));
                continue;
            }
            if cpu == *gpu_output && words.as_ref() == Some(&states[member]) {
                continue;
            }
            let place = Located { gpu, kernel: &kernel, case, key: keys[member], cut };
            let difference = place.locate(before[member].as_deref(), first, steps)?;
            found.difference = Some(Difference { member, ..difference });
            return Ok(found);
        }
        first += steps;
    }
    Ok(found)
}

fn parameters(keys: &[[u32; 4]]) -> Vec<MemberParameters> {
    keys.iter().map(|&key| MemberParameters::new(key, 0)).collect()
}

/// Every member's output of one dispatch.
fn dispatched(
    batch: &mut NetworkBatch,
    kernel: &NetworkKernel,
    dispatch: NetworkDispatch,
) -> Result<Vec<NetworkOutput>, GpuError> {
    let mut outputs = Vec::new();
    batch.start(dispatch)?;
    batch.finish(|dispatch, words| {
        outputs.extend(words.chunks(dispatch.output_stride as usize).map(|words| kernel.output(dispatch, words)));
    })?;
    Ok(outputs)
}

fn numbers(output: &NetworkOutput) -> u64 {
    (output.counts.len() + output.samples.len() + output.voltage.len() + output.intervals.len()) as u64
}

/// A member that differs somewhere in a dispatch.
struct Located<'a> {
    gpu: &'a Gpu,
    kernel: &'a NetworkKernel,
    case: &'a MemberSetup<'a>,
    key: [u32; 4],
    cut: &'a Cut,
}

impl Located<'_> {
    /// Does `steps` steps again from a state that both had, one at a time, up to the first difference.
    fn locate(&self, state: Option<&[u32]>, first: u32, steps: u32) -> Result<Difference, ValidateError> {
        let case = self.case;
        let mut twin = CpuMember::new(case, self.key, self.cut.cpu)?;
        let mut tables = Tables::new(1);
        let point = tables.place(case.network, case.model, case.bins)?;
        let mut batch =
            NetworkBatch::new(self.gpu, self.kernel, tables.into(), &[point], &parameters(&[self.key]), 1, 1)?;
        if let Some(words) = state {
            twin.restore(first, words);
            batch.restore(0, words);
        }
        for step in first..first + steps {
            let dispatch = NetworkDispatch::new(step, 1, case.discard_steps, case.sample_every);
            let gpu = dispatched(&mut batch, self.kernel, dispatch)?.swap_remove(0);
            let on_gpu = batch.states()?.swap_remove(0);
            let cpu = twin.run(1);
            let on_cpu = twin.words().unwrap_or_default();
            if cpu.flags != 0 && cpu.flags == gpu.flags && cpu.counts == gpu.counts {
                break;
            }
            let place = if on_cpu != on_gpu {
                self.first_word(&twin, &on_cpu, &on_gpu, (&cpu, &gpu))?
            } else if cpu != gpu {
                let parts = [
                    (cpu.flags != gpu.flags, "flags"),
                    (cpu.counts != gpu.counts, "spike counts"),
                    (cpu.samples != gpu.samples, "samples"),
                    (cpu.voltage != gpu.voltage, "voltage histograms"),
                ];
                let what = parts.into_iter().find_map(|(differ, what)| differ.then_some(what));
                Place::Output { what: what.unwrap_or("interspike intervals") }
            } else {
                continue;
            };
            return Ok(Difference { member: 0, step, place });
        }
        Ok(Difference { member: 0, step: first, place: Place::Unsteady { steps } })
    }

    /// The first neuron that moved or fired differently, else the first whose state differs (it received other spikes in the
    /// same step), else the first word that belongs to none.
    fn first_word(
        &self,
        twin: &CpuMember,
        on_cpu: &[u32],
        on_gpu: &[u32],
        outputs: (&NetworkOutput, &NetworkOutput),
    ) -> Result<Place, ValidateError> {
        let shape = twin.shape();
        let neurons = shape.neurons() as usize;
        let of_neurons = neuron_words(shape) as usize;
        let differ = |i: &usize| on_cpu[*i] != on_gpu[*i];
        let first = |words: usize| (0..words).filter(differ).map(|i| i % neurons).min();
        let network = self.case.model.network(self.case.network);
        // Voltage and refractoriness are the first rows.
        let Some(neuron) = first(2 * neurons).or_else(|| first(of_neurons)) else {
            let word = (of_neurons..on_cpu.len()).find(differ).unwrap_or(of_neurons);
            let field = member_field(&network, shape, word);
            return Ok(Place::Member { field, cpu: on_cpu[word], gpu: on_gpu[word] });
        };
        let pop = shape.populations.iter().rposition(|pop| pop.first_neuron as usize <= neuron).unwrap_or(0);
        let units = Units::new(&network, shape, self.case.bins)?;
        let reading = |words: &[u32]| {
            let read = |(at, row): (usize, Row)| {
                let (name, word) = (row.field.field.name, words[at * neurons + neuron]);
                let Some(k) = row.incoming else {
                    let shown = row.field.used == "true" || word != 0;
                    let value = if row.field.carry == Carry::Voltage { units.voltage(pop, word) } else { word.into() };
                    return shown.then(|| (name.to_string(), value));
                };
                let proj = *shape.populations[pop].incoming.get(k)? as usize;
                let name = format!("{name} {}", network.projection_name(&network.projections[proj]));
                Some((name, units.kicks(proj, word)))
            };
            NeuronReading(rows(shape).enumerate().filter_map(read).collect())
        };
        let spikes = (outputs.0.counts.get(pop).copied().unwrap_or(0), outputs.1.counts.get(pop).copied().unwrap_or(0));
        Ok(Place::Neuron {
            population: network.populations[pop].name.clone(),
            neuron: (neuron - shape.populations[pop].first_neuron as usize) as u32,
            cpu: reading(on_cpu),
            gpu: reading(on_gpu),
            spikes,
        })
    }
}

/// Name of a word that belongs to no neuron.
fn member_field(network: &Network, shape: &NetworkShape, word: usize) -> String {
    let [projections, populations, ring] = member_words(shape);
    if word >= ring {
        return format!("word {} of the spikes on their way", word - ring);
    }
    if word < populations {
        let (proj, field) = divided(word - projections, ProjectionState::FIELDS.len());
        let name = network.projection_name(&network.projections[proj]);
        return format!("{} of {name}", ProjectionState::FIELDS[field].name);
    }
    let (pop, field) = divided(word - populations, PopulationState::FIELDS.len());
    format!("{} of {}", PopulationState::FIELDS[field].name, network.populations[pop].name)
}

/// Quotient and remainder.
fn divided(a: usize, b: usize) -> (usize, usize) {
    (a / b, a % b)
}
