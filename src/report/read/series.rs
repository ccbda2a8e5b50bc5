//! Recorded spikes and traces of single members, cut to the stretch of time that is shown.

use super::Results;
use crate::report::error::ReportError;
use crate::results::table::read_groups;
use crate::results::{Table, file};
use std::collections::HashMap;
use std::path::Path;

/// Longest stretch shown, ms, and where there are few points.
const LONGEST: f64 = 400.0;
const LONGEST_OF_FEW: f64 = 1000.0;
const FEW: usize = 6;
/// Rates are averaged over this time, ms, as those of the attractor are.
const BIN: f64 = 1.0;

/// Length of a trajectory, ms: a few cycles of a gamma rhythm.
const ORBIT: f64 = 60.0;
/// Per ms of a trajectory.
const SAMPLES: f64 = 10.0;

/// What was recorded of the first member of a model at a point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub realisation: i64,
    /// Per population: times in ms and neurons.
    pub spikes: Vec<(Vec<f64>, Vec<u32>)>,
    /// Middle of each bin, ms.
    pub times: Vec<f64>,
    /// Name, and mean of each bin; NaN where nothing was recorded.
    pub traces: Vec<(String, Vec<f64>)>,
    /// Of deterministic models: name, and samples as they were recorded, over the first `ORBIT` ms.
    pub orbit: Vec<(String, Vec<f64>)>,
}

/// Series by model and point.
pub type AllSeries = HashMap<(usize, u32), Series>;

/// Beginning and end of what is shown, ms.
pub fn window(results: &Results) -> (f64, f64) {
    let (record, time) = (&results.experiment.record, &results.experiment.time);
    let (from, to) = record.spikes.map_or((time.discard, time.duration), |spikes| (spikes.from, spikes.to));
    let longest = if results.scan.points.len() <= FEW { LONGEST_OF_FEW } else { LONGEST };
    (from, to.min(from + longest))
}

/// Series of the given points.
pub fn read(directory: &Path, results: &Results, points: &[u32]) -> Result<AllSeries, ReportError> {
    let mut series = AllSeries::new();
    let path = directory.join(file::SPIKES);
    if path.is_file() {
        read_groups(&path, |_| true, |group| spikes(&group, results, points, &mut series))?;
    }
    let path = directory.join(file::TRACES);
    if path.is_file() {
        let mut sums = HashMap::new();
        read_groups(&path, |_| true, |group| traces(&group, results, points, &mut series, &mut sums))?;
        for (of, sums) in sums {
            finish(series.entry(of).or_default(), window(results), sums);
        }
    }
    for (&(_, point), of) in series.iter_mut().filter(|(_, series)| series.traces.is_empty()) {
        rates_of_spikes(of, results, &results.sizes(point));
    }
    Ok(series)
}

/// Stretches of rows of one member: (model, point), realisation, rows.
pub fn members<'a>(
    group: &'a Table,
    results: &'a Results,
    points: &'a [u32],
) -> impl Iterator<Item = ((usize, u32), i64, std::ops::Range<usize>)> + 'a {
    let models = group.text("model").unwrap_or_default();
    let of_point = group.integer("point").unwrap_or_default();
    let realisations = group.integer("realisation").unwrap_or_default();
    let whole = [models.len(), of_point.len(), realisations.len()] == [group.rows; 3];
    let mut begin = if whole { 0 } else { group.rows };
    std::iter::from_fn(move || {
        while begin < group.rows {
            let first = begin;
            let same = |&row: &usize| {
                realisations[row] == realisations[first]
                    && of_point[row] == of_point[first]
                    && models[row] == models[first]
            };
            let end = (first..group.rows).take_while(same).last().map_or(first, |last| last) + 1;
            begin = end;
            let label = models[first].as_deref().unwrap_or_default();
            let point = of_point[first] as u32;
            if let Some(model) = results.models.iter().position(|model| model.label == label)
                && points.contains(&point)
            {
                return Some(((model, point), realisations[first], first..end));
            }
        }
        None
    })
}

fn spikes(group: &Table, results: &Results, points: &[u32], series: &mut AllSeries) {
    let (from, to) = window(results);
    let (Some(times), Some(populations), Some(neurons)) =
        (group.real("t"), group.text("population"), group.integer("neuron"))
    else {
        return;
    };
    for (of, realisation, rows) in members(group, results, points) {
        let series = series.entry(of).or_insert_with(|| Series { realisation, ..Series::default() });
        series.spikes.resize(results.populations.len(), Default::default());
        if series.realisation != realisation {
            continue;
        }
        for row in rows {
            let population = results.populations.iter().position(|p| Some(p) == populations[row].as_ref());
            if let (Some(t), Some(population)) = (times[row], population)
                && t > from
                && t <= to
            {
                series.spikes[population].0.push(t);
                series.spikes[population].1.push(neurons[row] as u32);
            }
        }
    }
}

/// Traces on their way into bins.
#[derive(Default)]
struct Sums {
    names: Vec<String>,
    /// How many samples, and their sums.
    bins: Vec<(f64, Vec<f64>)>,
    /// Times and values of a trajectory.
    times: Vec<f64>,
    orbit: Vec<Vec<f64>>,
}

fn traces(
    group: &Table,
    results: &Results,
    points: &[u32],
    series: &mut AllSeries,
    sums: &mut HashMap<(usize, u32), Sums>,
) {
    let (from, to) = window(results);
    let Some(times) = group.real("t") else { return };
    let columns: Vec<(&String, &[Option<f64>])> =
        group.columns.iter().skip(4).filter_map(|(name, _)| Some((name, group.real(name)?))).collect();
    for (of, realisation, rows) in members(group, results, points) {
        let series = series.entry(of).or_insert_with(|| Series { realisation, ..Series::default() });
        if series.realisation != realisation {
            continue;
        }
        let sums = sums.entry(of).or_insert_with(|| Sums {
            names: columns.iter().map(|(name, _)| name.to_string()).collect(),
            bins: vec![(0.0, vec![0.0; columns.len()]); ((to - from) / BIN).ceil().max(1.0) as usize],
            orbit: vec![Vec::new(); columns.len()],
            ..Sums::default()
        });
        let bins = &mut sums.bins;
        let deterministic = results.models[of.0].deterministic;
        for row in rows {
            let Some(t) = times[row].filter(|&t| t > from && t <= to) else { continue };
            // samples lie at the ends of their steps: one on an edge belongs before it
            let bin = (((t - from) / BIN - 1e-6).max(0.0) as usize).min(bins.len() - 1);
            bins[bin].0 += 1.0;
            for (sum, (_, column)) in bins[bin].1.iter_mut().zip(&columns) {
                *sum += column[row].unwrap_or(0.0);
            }
            if deterministic && t <= from + ORBIT {
                sums.times.push(t);
                let samples = columns.iter().map(|(_, column)| column[row].unwrap_or(f64::NAN));
                sums.orbit.iter_mut().zip(samples).for_each(|(orbit, sample)| orbit.push(sample));
            }
        }
    }
}

fn finish(series: &mut Series, (from, _): (f64, f64), sums: Sums) {
    let Sums { names, bins, times, orbit } = sums;
    series.times = (0..bins.len()).map(|bin| from + (bin as f64 + 0.5) * BIN).collect();
    let column = |i: usize| bins.iter().map(|(n, sums)| sums[i] / n).collect();
    series.orbit = names.iter().cloned().zip(orbit).map(|(name, samples)| sampled(name, &times, &samples)).collect();
    series.traces = names.into_iter().enumerate().map(|(i, name)| (name, column(i))).collect();
}

/// A column of a trajectory: rates as they are smoothed for the attractor, and no more than [`SAMPLES`] per ms.
fn sampled(name: String, times: &[f64], samples: &[f64]) -> (String, Vec<f64>) {
    let every = (times.len() as f64 / (ORBIT * SAMPLES)).ceil().max(1.0) as usize;
    let near = |i: usize| {
        let within = |&j: &usize| (times[j] - times[i]).abs() < 0.5 * BIN;
        let before = (0..=i).rev().take_while(within).count();
        let after = (i + 1..times.len()).take_while(within).count();
        let stretch = &samples[i + 1 - before..=i + after];
        stretch.iter().sum::<f64>() / stretch.len() as f64
    };
    let value = |i: usize| if name.starts_with("rate_") { near(i) } else { samples[i] };
    let column = (0..samples.len()).step_by(every).map(value).collect();
    (name, column)
}

/// Population rates in Hz from the spikes, where no traces were recorded.
fn rates_of_spikes(series: &mut Series, results: &Results, sizes: &[f64]) {
    let (from, to) = window(results);
    let bins = ((to - from) / BIN).ceil().max(1.0) as usize;
    series.times = (0..bins).map(|bin| from + (bin as f64 + 0.5) * BIN).collect();
    for ((name, size), (times, _)) in results.populations.iter().zip(sizes).zip(&series.spikes) {
        let mut rate = vec![0.0; bins];
        for t in times {
            rate[(((t - from) / BIN - 1e-6).max(0.0) as usize).min(bins - 1)] += 1000.0 / (size * BIN);
        }
        series.traces.push((format!("rate_{name}"), rate));
    }
}
