//! Voltages of a few recorded neurons with their spikes, and the spikes of all recorded ones below.

use super::at_points;
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::{Colour, Line, Mark, rounded};
use crate::report::read::Results;
use crate::report::read::neurons::{AllNeurons, Neuron, window};
use crate::report::section::Section;

/// Voltages shown, shared out among the populations.
const SHOWN: usize = 4;
/// Samples of a curve; more are thinned out.
const SAMPLES: usize = 2000;

pub fn section(results: &Results, neurons: &AllNeurons, points: &[u32]) -> Section {
    let recorded = |model: usize, point: u32| neurons.get(&(model, point)).filter(|(_, neurons)| !neurons.is_empty());
    let models: Vec<usize> =
        (0..results.models.len()).filter(|&m| points.iter().any(|&p| recorded(m, p).is_some())).collect();
    let points: Vec<u32> =
        points.iter().copied().filter(|&point| models.iter().any(|&m| recorded(m, point).is_some())).collect();
    let section = Section {
        id: "neurons".into(),
        title: "Voltages of single neurons".into(),
        columns: models.len(),
        ..Section::default()
    };
    at_points(results, section, &points, &models, |&model, point| {
        let (realisation, neurons) = recorded(model, point)?;
        Some(figure(results, model, point, *realisation, neurons))
    })
}

fn figure(results: &Results, model: usize, point: u32, realisation: i64, neurons: &[Neuron]) -> Figure {
    let (from, to) = window(results);
    let time = || Scale::new("time", "ms").within(from, to);
    let thresholds = results.thresholds(point);
    let mut panels: Vec<Panel> = shown(neurons)
        .into_iter()
        .map(|of| {
            let threshold = thresholds[of.population];
            let name = format!("{} {}", results.populations[of.population], of.neuron);
            let marks = vec![Mark::Level { y: threshold }, curve(results, of), fired(of, threshold)];
            Panel::new(time(), Scale { label: format!("V of {name}"), ..Scale::default() }, marks)
        })
        .collect();
    let rasters = results.populations.iter().enumerate().filter_map(|(population, name)| {
        let own = neurons.iter().enumerate().filter(|(_, neuron)| neuron.population == population);
        let ticks = own.flat_map(|(row, neuron)| neuron.spikes.iter().map(move |&t| (t, row as u32)));
        let mut ticks: Vec<(f64, u32)> = ticks.collect();
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (t, row) = ticks.into_iter().unzip();
        let colour = Colour::Population(population);
        neurons.iter().any(|n| n.population == population).then(|| Mark::Raster { name: name.clone(), colour, t, row })
    });
    let rows = Scale { label: "neuron".into(), ..Scale::default() }.within(0.0, neurons.len() as f64);
    panels.push(Panel::new(time(), rows, rasters.collect()));
    let label = &results.models[model].label;
    let caption = format!(
        "Voltages and, below, spikes of recorded neurons of realisation {realisation} of {label}, {from} to {to} ms. Dots: spikes, at the \
         threshold (dotted)."
    );
    Figure::new(format!("neurons-{}", slug(label)), label.clone(), caption, panels)
}

/// The first neuron of each population, then the second of each and so on, as far as there is room; in the order of the populations.
fn shown(neurons: &[Neuron]) -> Vec<&Neuron> {
    let place = |of: &Neuron| neurons.iter().take_while(|n| *n != of).filter(|n| n.population == of.population).count();
    let mut by_place: Vec<(usize, &Neuron)> = neurons.iter().map(|neuron| (place(neuron), neuron)).collect();
    by_place.sort_by_key(|(place, _)| *place);
    by_place.truncate(SHOWN);
    by_place.sort_by_key(|(_, neuron)| neuron.population);
    by_place.into_iter().map(|(_, neuron)| neuron).collect()
}

fn curve(results: &Results, of: &Neuron) -> Mark {
    let every = of.times.len().div_ceil(SAMPLES).max(1);
    let x = of.times.iter().step_by(every).copied().collect();
    let y = of.voltage.iter().step_by(every).map(|&v| Some(rounded(v))).collect();
    let line = Line::new(&results.populations[of.population], Colour::Population(of.population), x, y);
    Mark::Line(Line { markers: false, ..line })
}

fn fired(of: &Neuron, threshold: f64) -> Mark {
    let y = vec![threshold; of.spikes.len()];
    Mark::Scatter { name: "spike".into(), colour: Colour::Ink, symbol: None, x: of.spikes.clone(), y }
}
