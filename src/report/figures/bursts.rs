//! Orbit diagrams: the distribution of burst heights, and of the differences of consecutive ones, along the scan.

use super::{SLICES, edges};
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::{Colours, Heatmap, Mark};
use crate::report::read::Results;
use crate::report::read::densities::Densities;
use crate::report::section::Section;
use crate::statistics::HistogramKind;

/// Kind, file stem, title, axis.
type View = (HistogramKind, &'static str, &'static str, &'static str);

const VIEWS: [View; 2] = [
    (HistogramKind::BurstPeak, "orbit", "Burst heights", "height (spikes/ms per 300)"),
    (HistogramKind::BurstDelta, "delta", "Height differences", "difference (spikes/ms per 300)"),
];
/// Colours of a model end at this quantile of its filled cells: a deterministic model's few sharp lines do not bleach the network, which
/// has a scale of its own.
const DARKEST: f64 = 0.95;

/// One section per dimension.
pub fn sections(results: &Results, densities: &Densities) -> Vec<Section> {
    (0..results.scan.dimensions.len()).map(|along| section(results, densities, along)).collect()
}

fn section(results: &Results, densities: &Densities, along: usize) -> Section {
    let (scan, label) = (&results.scan, &results.scan.dimensions[along].label);
    let slices = scan.slices(&[along], SLICES);
    let varieties = scan.varieties();
    let several = slices.len() * varieties.len() > 1;
    let mut section = Section {
        id: format!("bursts-{}", slug(label)),
        title: format!("Bursts along {label}"),
        text: "Orbit diagrams: at each point of the scan the share of bursts with this height, and of pairs of consecutive bursts \
               with this difference, in spikes/ms per 300 neurons. Two branches of differences, up and down, are an alternation of large and small bursts."
            .into(),
        chooser: "At".into(),
        columns: results.models.len(),
        ..Section::default()
    };
    for (at, points) in &slices {
        for variety in varieties {
            let line = scan.line(along, points, variety);
            let choice = several.then(|| {
                let parts = [at.as_str(), variety.as_str()];
                section.choices.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
                section.choices.len() - 1
            });
            for population in 0..results.populations.len() {
                for view in VIEWS {
                    let figures = figures(results, densities, view, population, along, &line);
                    let chosen = |figure: Figure| choice.map_or(figure.clone(), |choice| figure.chosen(choice));
                    section.figures.extend(figures.into_iter().map(chosen));
                }
            }
        }
    }
    section
}

/// One per model, on common axes, each with its own colours.
fn figures(
    results: &Results,
    densities: &Densities,
    (kind, stem, title, axis): View,
    population: usize,
    along: usize,
    line: &[(usize, u32)],
) -> Vec<Figure> {
    let dimension = &results.scan.dimensions[along];
    let models: Vec<usize> = (0..results.models.len()).filter(|&m| densities.of_model(kind, population, m)).collect();
    let of = |model: usize| {
        let histograms = line.iter().map(|&(_, point)| densities.get(kind, population, model, point));
        histograms.collect::<Vec<_>>()
    };
    let Some(bins) = models.iter().flat_map(|&model| of(model)).flatten().next().map(|histogram| histogram.x) else {
        return Vec::new();
    };
    let log = dimension.is_logarithmic();
    let x = edges(&line.iter().map(|&(place, _)| dimension.number(place)).collect::<Vec<_>>(), log);
    let y: Vec<f64> = (0..=bins.bins).map(|bin| bins.low + f64::from(bin) * bins.width).collect();
    // row by row, a row per bin: percent of the point's bursts
    let shares = |model: usize| {
        let columns = of(model).into_iter().map(|histogram| {
            let histogram = histogram.filter(|h| h.x == bins);
            let total: f64 = histogram.map_or(0.0, |h| h.values.iter().sum());
            (histogram, total)
        });
        let columns: Vec<_> = columns.collect();
        let cell = |bin: usize, (histogram, total): &(Option<&crate::statistics::Histogram>, f64)| {
            histogram.filter(|h| *total > 0.0 && h.x == bins).map(|h| 100.0 * h.values[bin] / total)
        };
        let rows = 0..bins.bins as usize;
        rows.flat_map(|bin| columns.iter().map(move |column| cell(bin, column))).collect::<Vec<Option<f64>>>()
    };
    let all: Vec<(usize, Vec<Option<f64>>)> = models.iter().map(|&model| (model, shares(model))).collect();
    let figure = |(model, z): (usize, Vec<Option<f64>>)| {
        let darkest = quantile(z.iter().flatten().copied().filter(|&z| z > 0.0), DARKEST)?;
        let (label, name) = (&results.models[model].label, &results.populations[population]);
        let map = Heatmap {
            label: format!("share of {} (%)", if kind == HistogramKind::BurstDelta { "pairs" } else { "bursts" }),
            colours: Colours::Sequential,
            x: x.clone(),
            y: y.clone(),
            z: z.into_iter().map(|z| z.map(crate::report::mark::rounded)).collect(),
            gaps: false,
            range: (0.0, darkest),
            contours: vec![],
        };
        let caption = format!(
            "{title} of {name} in {label}, bins of {} spikes/ms; {}. Darkest: {darkest:.0} % or more.",
            bins.width,
            results.realisations(model)
        );
        let scale = Scale::new(&dimension.label, &dimension.unit).log(log);
        let panel = Panel::new(scale, Scale { label: axis.into(), ..Scale::default() }, vec![Mark::Heatmap(map)]);
        let id = format!("{stem}-{}-{}-{}", slug(name), slug(label), slug(&dimension.label));
        Some(
            Figure::new(id, format!("{title} of {name}, {label}"), caption, vec![panel])
                .in_row(format!("{stem}-{name}")),
        )
    };
    all.into_iter().filter_map(figure).collect()
}

fn quantile(values: impl Iterator<Item = f64>, share: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(values[(share * last as f64).round() as usize])
}
