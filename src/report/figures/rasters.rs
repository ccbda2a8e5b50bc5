//! Spikes of the first recorded member, with the population rates below.

use super::at_points;
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::{Colour, Line, Mark};
use crate::report::read::Results;
use crate::report::read::series::{AllSeries, Series, window};
use crate::report::section::Section;

pub fn section(results: &Results, series: &AllSeries, points: &[u32]) -> Section {
    let points: Vec<u32> = points
        .iter()
        .copied()
        .filter(|&point| (0..results.models.len()).any(|model| series.contains_key(&(model, point))))
        .collect();
    let section = Section {
        id: "rasters".into(),
        title: "Spikes and population rates".into(),
        columns: results.models.len(),
        ..Section::default()
    };
    let models: Vec<usize> = (0..results.models.len()).collect();
    at_points(results, section, &points, &models, |&model, point| {
        series.get(&(model, point)).and_then(|of| figure(results, model, of))
    })
}

fn figure(results: &Results, model: usize, series: &Series) -> Option<Figure> {
    let (from, to) = window(results);
    let time = || Scale::new("time", "ms").within(from, to);
    let mut panels = Vec::new();
    let spikes: usize = series.spikes.iter().map(|(times, _)| times.len()).sum();
    if !series.spikes.is_empty() {
        let mut marks = Vec::new();
        let mut first = 0;
        for (population, (t, neurons)) in series.spikes.iter().enumerate() {
            let (name, colour) = (results.populations[population].clone(), Colour::Population(population));
            let row: Vec<u32> = neurons.iter().map(|neuron| first + neuron).collect();
            let size = results.experiment.network.populations.get(population).map_or(0, |p| p.size);
            first += size.max(neurons.iter().max().map_or(0, |most| most + 1));
            marks.push(Mark::Raster { name, colour, t: t.clone(), row });
        }
        let neurons = Scale { label: "neuron".into(), ..Scale::default() }.within(0.0, f64::from(first.max(1)));
        panels.push(Panel { share: 2.0, ..Panel::new(time(), neurons, marks) });
    }
    let rates = results.populations.iter().enumerate().filter_map(|(population, name)| {
        let (_, rate) = series.traces.iter().find(|(column, _)| *column == format!("rate_{name}"))?;
        let y: Vec<Option<f64>> =
            rate.iter().map(|&rate| rate.is_finite().then(|| crate::report::mark::rounded(rate))).collect();
        Line::new(name, Colour::Population(population), series.times.clone(), y).drawn()
    });
    let rates: Vec<Mark> = rates.collect();
    if !rates.is_empty() {
        panels.push(Panel::new(time(), Scale::new("rate", "Hz").from_zero(), rates));
    }
    let label = &results.models[model].label;
    let shown = if spikes > 0 { "Spikes (one tick each) and population" } else { "Population" };
    let caption = format!(
        "{shown} rates per neuron in bins of 1 ms of realisation {} of {label}, {from} to {to} ms.",
        series.realisation
    );
    (!panels.is_empty()).then(|| Figure::new(format!("raster-{}", slug(label)), label.clone(), caption, panels))
}
