//! Recorded voltages and spikes of single neurons, cut to the stretch of time that is shown.

use super::Results;
use super::series::members;
use crate::report::error::ReportError;
use crate::results::table::read_groups;
use crate::results::{Table, file};
use std::collections::HashMap;
use std::path::Path;

/// Longest stretch shown, ms: single spikes are told apart.
const LONGEST: f64 = 200.0;

/// A neuron of the first member that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// Index into [`Results::populations`].
    pub population: usize,
    pub neuron: i64,
    /// ms.
    pub times: Vec<f64>,
    pub voltage: Vec<f64>,
    /// Of rows with a spike since the row before, ms.
    pub spikes: Vec<f64>,
}

/// Realisation and neurons by model and point.
pub type AllNeurons = HashMap<(usize, u32), (i64, Vec<Neuron>)>;

/// Beginning and end of what is shown, ms.
pub fn window(results: &Results) -> (f64, f64) {
    let (record, time) = (&results.experiment.record, &results.experiment.time);
    let (from, to) =
        record.neurons.as_ref().map_or((time.discard, time.duration), |neurons| (neurons.from, neurons.to));
    (from, to.min(from + LONGEST))
}

/// Of the given points.
pub fn read(directory: &Path, results: &Results, points: &[u32]) -> Result<AllNeurons, ReportError> {
    let mut all = AllNeurons::new();
    let path = directory.join(file::NEURONS);
    if path.is_file() {
        read_groups(&path, |_| true, |group| collect(&group, results, points, &mut all))?;
    }
    Ok(all)
}

fn collect(group: &Table, results: &Results, points: &[u32], all: &mut AllNeurons) {
    let (from, to) = window(results);
    let (Some(times), Some(populations), Some(neurons), Some(voltages), Some(spikes)) = (
        group.real("t"),
        group.text("population"),
        group.integer("neuron"),
        group.real("voltage"),
        group.integer("spikes"),
    ) else {
        return;
    };
    for (of, realisation, rows) in members(group, results, points) {
        let (first, recorded) = all.entry(of).or_insert((realisation, vec![]));
        if *first != realisation {
            continue;
        }
        for row in rows {
            let population = results.populations.iter().position(|p| Some(p) == populations[row].as_ref());
            let (Some(t), Some(voltage), Some(population)) = (times[row], voltages[row], population) else { continue };
            if t <= from || t > to {
                continue;
            }
            let neuron = neurons[row];
            if recorded.last().is_none_or(|last| (last.population, last.neuron) != (population, neuron)) {
                recorded.push(Neuron { population, neuron, times: vec![], voltage: vec![], spikes: vec![] });
            }
            let Some(last) = recorded.last_mut() else { continue };
            last.times.push(t);
            last.voltage.push(voltage);
            last.spikes.extend((spikes[row] > 0).then_some(t));
        }
    }
}
