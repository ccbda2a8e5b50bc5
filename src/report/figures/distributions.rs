//! Distributions at a point, all models in one panel: power spectra, rates after a stimulus, voltages, burst sizes and heights.

use super::{MANY, at_points, edges, realisations};
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::findings::PEAKS;
use crate::report::mark::{Colours, Heatmap, Line, Mark, hundredths, rounded};
use crate::report::numbers::short;
use crate::report::read::densities::Densities;
use crate::report::read::{Column, Results};
use crate::report::section::Section;
use crate::report::table::TableView;
use crate::statistics::{Histogram, HistogramKind, wasserstein};

/// What is shown of a kind of histogram.
struct View {
    kind: HistogramKind,
    id: &'static str,
    title: &'static str,
    x: (&'static str, &'static str),
    y: &'static str,
    doc: &'static str,
}

/// Shown of a spectrum, below its top.
const DECADES: i32 = 7;

const VIEWS: [View; 5] = [
    View {
        kind: HistogramKind::Psd,
        id: "spectra",
        title: "Power spectra",
        x: ("frequency", "Hz"),
        y: "density (Hz²/Hz)",
        doc: "Welch density of the population rate per neuron, mean over realisations",
    },
    View {
        kind: HistogramKind::Psth,
        id: "psth",
        title: "Rates over time",
        x: ("time", "ms"),
        y: "rate (Hz)",
        doc: "Rate per neuron in bins of time, mean over realisations",
    },
    View {
        kind: HistogramKind::Voltage,
        id: "voltages",
        title: "Voltages",
        x: ("voltage", ""),
        y: "density (1/voltage)",
        doc: "Voltages of the neurons that are not refractory, sampled every ms",
    },
    View {
        kind: HistogramKind::BurstSize,
        id: "burst-sizes",
        title: "Burst sizes",
        x: ("spikes of a burst per neuron", ""),
        y: "density",
        doc: "Spikes within 4 ms of a burst's peak, per neuron",
    },
    View {
        kind: HistogramKind::BurstPeak,
        id: "burst-heights",
        title: "Burst heights",
        x: ("burst height", "spikes/ms per 300"),
        y: "density",
        doc: "Smoothed population rate at the peak of a burst, per 300 neurons",
    },
];

pub fn sections(results: &Results, densities: &Densities) -> Vec<Section> {
    let maps = VIEWS.iter().map(|view| section(results, densities, view));
    std::iter::once(images(results, densities)).chain(maps).collect()
}

fn section(results: &Results, densities: &Densities, view: &View) -> Section {
    let has = |&point: &u32| {
        let mut models = 0..results.models.len();
        models.any(|m| (0..results.populations.len()).any(|p| densities.get(view.kind, p, m, point).is_some()))
    };
    let points: Vec<u32> = results.scan.spread(MANY).into_iter().filter(has).collect();
    let mut section = Section { id: view.id.into(), title: view.title.into(), ..Section::default() };
    let populations: Vec<usize> = (0..results.populations.len()).collect();
    if let ([point], HistogramKind::Psd) = (&points[..], view.kind) {
        section.tables.extend(peaks(results, densities, *point));
    }
    at_points(results, section, &points, &populations, |&population, point| {
        figure(results, densities, view, population, point)
    })
}

/// Spectra along the only dimension of a scan.
fn images(results: &Results, densities: &Densities) -> Section {
    let populations = results.populations.len();
    let mut section = Section { id: "spectra-along".into(), columns: results.models.len(), ..Section::default() };
    if let [dimension] = &results.scan.dimensions[..] {
        section.title = format!("Power spectra along {}", dimension.label);
        section.figures.extend((0..populations).flat_map(|population| spectra(results, densities, population)));
    }
    section
}

fn figure(results: &Results, densities: &Densities, view: &View, population: usize, point: u32) -> Option<Figure> {
    let of: Vec<(usize, &Histogram)> = (0..results.models.len())
        .filter_map(|model| Some((model, densities.get(view.kind, population, model, point)?)))
        .filter(|(_, histogram)| histogram.values.iter().any(|&value| value > 0.0))
        .collect();
    let models: Vec<usize> = of.iter().map(|&(model, _)| model).collect();
    let spectrum = view.kind == HistogramKind::Psd;
    let mark = |&(model, histogram): &(usize, &Histogram)| {
        let (name, colour) = (results.models[model].label.clone(), results.colour(model));
        let axis = histogram.x;
        let edge = |bin: usize| axis.low + bin as f64 * axis.width;
        let bins = histogram.values.len();
        if spectrum {
            // the mean is removed from each segment, so frequency 0 holds nothing
            let shown = (0..bins).filter(|&bin| edge(bin) + 0.5 * axis.width > 0.0 && histogram.values[bin] > 0.0);
            let (x, y) =
                shown.map(|bin| (rounded(edge(bin) + 0.5 * axis.width), Some(rounded(histogram.values[bin])))).unzip();
            return Mark::Line(Line::new(name, colour, x, y));
        }
        let total = if view.kind.is_mean() { 1.0 } else { histogram.values.iter().sum::<f64>() * axis.width };
        let filled = |bin: &usize| histogram.values[*bin] > 0.0;
        let (first, last) = ((0..bins).find(filled).unwrap_or(0), (0..bins).rfind(filled).unwrap_or(0));
        Mark::Histogram {
            name,
            colour,
            edges: (first..=last + 1).map(|bin| rounded(edge(bin))).collect(),
            values: histogram.values[first..=last].iter().map(|value| value / total).collect(),
        }
    };
    let mut marks: Vec<Mark> = of.iter().map(mark).collect();
    if spectrum {
        marks.extend(of.iter().filter_map(|&(model, histogram)| {
            let x = peak(results, histogram, (model, population, point))?;
            Some(Mark::Place { x, colour: results.colour(model), text: hertz(x) })
        }));
    }
    let name = &results.populations[population];
    let distances = distances(results, &of);
    let caption = format!("{name}: {}; {}.{distances}", view.doc, realisations(results, &models));
    let x = Scale::new(view.x.0, view.x.1);
    let y = Scale { label: view.y.into(), log: spectrum, zero: !spectrum, range: shown_densities(&marks) };
    let title = format!("{} of {name}", view.title);
    (!marks.is_empty())
        .then(|| Figure::new(format!("{}-{}", view.id, slug(name)), title, caption, vec![Panel::new(x, y, marks)]))
}

/// Where the mean spectrum of each model has its peak, by population, at the only point.
fn peaks(results: &Results, densities: &Densities, point: u32) -> Option<TableView> {
    let cell = |model: usize, population: usize| {
        let histogram = densities.get(HistogramKind::Psd, population, model, point)?;
        peak(results, histogram, (model, population, point)).map(hertz)
    };
    let populations = || 0..results.populations.len();
    let rows = results.models.iter().enumerate().map(|(model, of)| {
        (of.label.clone(), populations().map(|population| cell(model, population)).collect::<Vec<_>>())
    });
    let rows: Vec<(String, Vec<Option<String>>)> =
        rows.filter(|(_, cells)| cells.iter().any(Option::is_some)).collect();
    let [low, high] = results.experiment.analysis.psd_band;
    let caption = format!(
        "Frequency of the largest density of the spectrum, mean over realisations, from {} to {} Hz; the mean of the realisations' own \
         peaks is psd_peak_hz.",
        short(low),
        short(high)
    );
    (!rows.is_empty()).then(|| TableView::named(PEAKS, caption, "model", results.populations.iter().cloned(), rows))
}

/// The frequency of the largest density of a spectrum in the band; `None` where no realisation has a peak.
fn peak(results: &Results, histogram: &Histogram, (model, population, point): (usize, usize, u32)) -> Option<f64> {
    let is_peak = |column: &Column| column.statistic.name == "psd_peak_hz" && column.population == population;
    let statistic = results.statistics.iter().position(is_peak)?;
    results.summary(model, point, statistic)?.mean?;
    let axis = histogram.x;
    let [low, high] = results.experiment.analysis.psd_band;
    let of = histogram
        .values
        .iter()
        .enumerate()
        .map(|(bin, &density)| (axis.low + (bin as f64 + 0.5) * axis.width, density));
    let inside = of.filter(|(frequency, _)| (low..=high).contains(frequency));
    inside.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(frequency, _)| frequency)
}

fn hertz(frequency: f64) -> String {
    format!("{frequency:.1} Hz")
}

/// Wasserstein distances to the reference, where that is a distance between distributions.
fn distances(results: &Results, of: &[(usize, &Histogram)]) -> String {
    let reference = results.reference().and_then(|r| of.iter().find(|&&(model, _)| model == r));
    let Some((reference, to)) = reference.filter(|(_, h)| !h.kind.is_mean()) else { return String::new() };
    let others = of.iter().filter(|(model, _)| model != reference);
    let distance = |(model, from): &(usize, &Histogram)| {
        Some(format!("{} {:.3}", results.models[*model].label, wasserstein(from, to)?))
    };
    let distances: Vec<String> = others.filter_map(distance).collect();
    match distances.is_empty() {
        true => String::new(),
        false => format!(" Wasserstein-1 distance to {}: {}.", results.models[*reference].label, distances.join(", ")),
    }
}

/// Ends of the axis of spectra, [`DECADES`] apart: a trajectory at rest has nothing but rounding below.
fn shown_densities(marks: &[Mark]) -> Option<(f64, f64)> {
    let lines = marks.iter().filter_map(|mark| if let Mark::Line(line) = mark { Some(line) } else { None });
    let (low, high) = lines
        .flat_map(|line| line.y.iter().flatten())
        .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), &y| (low.min(y), high.max(y)));
    let deepest = high * 10_f64.powi(-DECADES);
    (low < deepest).then_some((deepest, 2.0 * high))
}

/// Images of one population, one per model, in the same colours.
fn spectra(results: &Results, densities: &Densities, population: usize) -> Vec<Figure> {
    let scan = &results.scan;
    let variety = scan.varieties()[0].clone();
    let points: Vec<u32> = scan.points.keys().copied().collect();
    let line = scan.line(0, &points, &variety);
    let dimension = &scan.dimensions[0];
    let log = dimension.is_logarithmic();
    let x = edges(&line.iter().map(|&(place, _)| dimension.number(place)).collect::<Vec<_>>(), log);
    let models = 0..results.models.len();
    let of = |model: usize| line.iter().map(move |&(_, p)| densities.get(HistogramKind::Psd, population, model, p));
    // segments are as long as their steps allow: only spectra of the same bins make an image
    let Some(axis) = models.clone().flat_map(of).flatten().next().map(|histogram| histogram.x) else {
        return Vec::new();
    };
    let image = |model: usize| {
        let of: Vec<_> = of(model).map(|histogram| histogram.filter(|h| h.x == axis)).collect();
        let first = (0..axis.bins as usize).find(|&bin| axis.low + (bin as f64 + 0.5) * axis.width > 0.0)?;
        let cell = |bin: usize, histogram: &Option<&Histogram>| {
            histogram.map(|h| h.values[bin]).filter(|&density| density > 0.0).map(|density| hundredths(density.log10()))
        };
        let z: Vec<Option<f64>> =
            (first..axis.bins as usize).flat_map(|bin| of.iter().map(move |h| cell(bin, h))).collect();
        let y: Vec<f64> = (first..=axis.bins as usize).map(|bin| rounded(axis.low + bin as f64 * axis.width)).collect();
        z.iter().any(Option::is_some).then_some((model, y, z))
    };
    let images: Vec<_> = models.filter_map(image).collect();
    let top = images.iter().flat_map(|(_, _, z)| z.iter().flatten()).fold(f64::NEG_INFINITY, |top, &z| z.max(top));
    let figure = |(model, y, z): (usize, Vec<f64>, Vec<Option<f64>>)| {
        // three decades below the top: what lies lower is the estimate's noise
        let map = Heatmap {
            label: "log₁₀ density (Hz²/Hz)".into(),
            colours: Colours::Sequential,
            x: x.clone(),
            y,
            z,
            gaps: false,
            range: (top - 3.0, top),
            contours: vec![],
        };
        let (name, label) = (&results.populations[population], &results.models[model].label);
        let scale = Scale::new(&dimension.label, &dimension.unit).log(log);
        let panel = Panel::new(scale, Scale::new("frequency", "Hz"), vec![Mark::Heatmap(map)]);
        let pass = if variety.is_empty() { String::new() } else { format!(" ({variety})") };
        let caption =
            format!("Power spectra of {name} in {label}{pass} along the scan; {}.", results.realisations(model));
        let id = format!("spectra-along-{}-{}", slug(name), slug(label));
        Figure::new(id, format!("Spectra of {name}, {label}"), caption, vec![panel]).in_row(name.to_string())
    };
    images.into_iter().map(figure).collect()
}
