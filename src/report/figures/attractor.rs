//! Where the trajectories spend their time: rates against each other, and excitatory against inhibitory kicks.

use super::at_points;
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::{Colours, Heatmap, Mark, hundredths};
use crate::report::read::Results;
use crate::report::read::densities::Densities;
use crate::report::read::series::{AllSeries, Series};
use crate::report::section::Section;
use crate::statistics::{BinAxis, HistogramKind};

pub fn section(results: &Results, densities: &Densities, series: &AllSeries, points: &[u32]) -> Section {
    let kinds = [(HistogramKind::JointRate, 0), (HistogramKind::JointKicks, 0), (HistogramKind::JointKicks, 1)];
    let section = Section {
        id: "attractor".into(),
        title: "Attractor".into(),
        text: "Share of time in each cell, on a logarithmic colour scale; sampled every ms.".into(),
        columns: results.models.len(),
        ..Section::default()
    };
    let has = |point| {
        (0..results.models.len()).any(|model| {
            kinds.iter().any(|&(kind, population)| densities.get(kind, population, model, point).is_some())
        })
    };
    let points: Vec<u32> = points.iter().copied().filter(|&point| has(point)).collect();
    let models = 0..results.models.len();
    let parts: Vec<_> = kinds.into_iter().flat_map(|kind| models.clone().map(move |model| (kind, model))).collect();
    at_points(results, section, &points, &parts, |&((kind, population), model), point| {
        figure(results, densities, series, kind, population, model, point)
    })
}

fn figure(
    results: &Results,
    densities: &Densities,
    series: &AllSeries,
    kind: HistogramKind,
    population: usize,
    model: usize,
    point: u32,
) -> Option<Figure> {
    let histogram = densities.get(kind, population, model, point)?;
    let (x, y) = (histogram.x, histogram.y?);
    let total: f64 = histogram.values.iter().sum();
    if total <= 0.0 {
        return None;
    }
    // common to all models, so that their figures can be laid side by side
    let (columns, rows) = extent(results, densities, kind, population, point)?;
    let y_bins = y.bins as usize;
    let cell = |column: usize, row: usize| {
        let share = 100.0 * histogram.values[column * y_bins + row] / total;
        (share > 0.0).then(|| hundredths(share.log10()))
    };
    let z: Vec<Option<f64>> = (0..rows).flat_map(|row| (0..columns).map(move |column| cell(column, row))).collect();
    let edges =
        |axis: BinAxis, bins: usize| (0..=bins).map(|bin| axis.low + bin as f64 * axis.width).collect::<Vec<f64>>();
    let map = Heatmap {
        label: "log₁₀ share of time (%)".into(),
        colours: Colours::Sequential,
        x: edges(x, columns),
        y: edges(y, rows),
        z,
        gaps: false,
        range: (-3.0, 1.0),
        contours: vec![],
    };
    let (names, label) = (&results.populations, &results.models[model].label);
    let (titles, stem) = match kind {
        HistogramKind::JointRate => {
            let rate = |name: &String| Scale::new(&format!("rate of {name}"), "Hz");
            ((rate(&names[0]), rate(names.get(1)?)), "rates".to_string())
        }
        _ => {
            let kicks = |what: &str| Scale::new(&format!("{what} kicks per neuron of {}", names[population]), "");
            ((kicks("excitatory"), kicks("inhibitory")), format!("kicks-{}", slug(&names[population])))
        }
    };
    let mut marks = vec![Mark::Heatmap(map)];
    // a model's own, or that of the first that has one
    let trajectory = std::iter::once(model).chain(0..results.models.len());
    let trajectory = trajectory
        .filter(|&m| results.models[m].deterministic)
        .filter_map(|m| Some((m, path(results, series.get(&(m, point))?, kind, population)?)))
        .next();
    let mut on_top = String::new();
    if let Some((of, (x, y))) = trajectory {
        let name = results.models[of].label.clone();
        on_top = format!(" Line: trajectory of {name}.");
        marks.push(Mark::Path { name, colour: results.colour(of), dash: 0, x, y });
    }
    let panel = Panel::new(titles.0, titles.1, marks);
    let caption = format!("Share of time in {label}; {}.{on_top}", results.realisations(model));
    let title = format!("{}, {label}", if kind == HistogramKind::JointRate { "Rates" } else { "Kicks" });
    Some(Figure::new(format!("attractor-{stem}-{}", slug(label)), title, caption, vec![panel]).in_row(stem))
}

/// Columns and rows that any model fills at a point.
fn extent(
    results: &Results,
    densities: &Densities,
    kind: HistogramKind,
    population: usize,
    point: u32,
) -> Option<(usize, usize)> {
    let (mut columns, mut rows) = (0, 0);
    for histogram in (0..results.models.len()).filter_map(|model| densities.get(kind, population, model, point)) {
        let y_bins = histogram.y?.bins as usize;
        for bin in (0..histogram.values.len()).filter(|&bin| histogram.values[bin] > 0.0) {
            (columns, rows) = (columns.max(bin / y_bins + 1), rows.max(bin % y_bins + 1));
        }
    }
    (columns > 0).then_some((columns, rows))
}

/// The recorded trajectory in the plane of a histogram.
fn path(results: &Results, series: &Series, kind: HistogramKind, population: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let trace = |name: String| series.orbit.iter().find(|(column, _)| *column == name).map(|(_, trace)| trace.clone());
    if kind == HistogramKind::JointRate {
        let rate = |i: usize| trace(format!("rate_{}", results.populations.get(i)?));
        return Some((rate(0)?, rate(1)?));
    }
    let network = &results.experiment.network;
    let kicks = |inhibitory: bool| {
        let mut sum: Option<Vec<f64>> = None;
        for (_, projection) in network.incoming(population) {
            if projection.synapse.is_inhibitory() == inhibitory {
                let of = trace(format!("kicks_{}", network.projection_name(projection)))?;
                sum = Some(sum.map_or(of.clone(), |sum| sum.iter().zip(&of).map(|(a, b)| a + b).collect()));
            }
        }
        sum.or_else(|| Some(vec![0.0; series.orbit.first()?.1.len()]))
    };
    Some((kicks(false)?, kicks(true)?))
}
