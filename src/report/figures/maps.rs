//! Scans of two and more dimensions as heat maps: every model's value, and every reduced model's error, over any two of them.

use super::{SLICES, edges};
use crate::report::contours::contours;
use crate::report::figure::{Colours, Figure, Heatmap, Mark, Panel, Scale, Section, slug, with_unit};
use crate::report::read::Results;
use crate::report::read::dimensions::Dimension;

pub const ID: &str = "maps";
/// Errors beyond this share of the reference are drawn alike.
const LARGEST: f64 = 0.5;

/// Two dimensions, and points that agree in all others.
struct Plane {
    x: usize,
    y: usize,
    /// Empty where there is one plane only.
    name: String,
    points: Vec<u32>,
}

pub fn section(results: &Results) -> Section {
    let scan = &results.scan;
    let mut section = Section {
        id: ID.into(),
        chooser: "Statistic".into(),
        place: "Over".into(),
        columns: results.models.len(),
        ..Section::default()
    };
    if scan.dimensions.len() < 2 {
        return section;
    }
    let planes = planes(results);
    let labels: Vec<&str> = scan.dimensions.iter().map(|dimension| dimension.label.as_str()).collect();
    section.title = format!("Over {}", labels.join(" and "));
    section.text = "Means over realisations, and errors of the reduced models relative to snn. All maps of one statistic share their \
                    scale of values, and their scale of errors; lines: equal values."
        .into();
    section.places = planes.iter().map(|plane| plane.name.clone()).collect();
    for statistic in 0..results.statistics.len() {
        let of: Vec<Vec<Figure>> = planes.iter().map(|plane| figures(results, statistic, plane)).collect();
        if of.iter().all(Vec::is_empty) {
            continue;
        }
        let column = &results.statistics[statistic];
        section.choices.push(format!("{} of {}", column.statistic.title(), results.populations[column.population]));
        let first = (section.choices.len() - 1) * planes.len();
        for (place, figures) in of.into_iter().enumerate() {
            section.figures.extend(figures.into_iter().map(|figure| figure.chosen(first + place)));
        }
    }
    section
}

/// Every pair of dimensions, and some slices of the others.
fn planes(results: &Results) -> Vec<Plane> {
    let scan = &results.scan;
    let n = scan.dimensions.len();
    let several = n > 2 || scan.varieties().len() > 1;
    let mut planes = Vec::new();
    for (x, y) in (0..n).flat_map(|x| (x + 1..n).map(move |y| (x, y))) {
        for (at, points) in scan.slices(&[x, y], SLICES) {
            for variety in scan.varieties() {
                let points = points.iter().copied().filter(|&p| scan.variety(p) == *variety).collect();
                let pair = format!("{} and {}", scan.dimensions[x].label, scan.dimensions[y].label);
                let parts = [pair.as_str(), at.as_str(), variety.as_str()];
                let name = parts.into_iter().filter(|part| several && !part.is_empty()).collect::<Vec<_>>().join(", ");
                planes.push(Plane { x, y, name, points });
            }
        }
    }
    planes
}

fn figures(results: &Results, statistic: usize, plane: &Plane) -> Vec<Figure> {
    let column = &results.statistics[statistic];
    let [x, y] = [plane.x, plane.y].map(|d| &results.scan.dimensions[d]);
    let cells = |value: &dyn Fn(u32) -> Option<f64>| {
        let mut z = vec![None; x.values.len() * y.values.len()];
        for &point in &plane.points {
            let places = results.scan.places(point);
            z[places[plane.y] * x.values.len() + places[plane.x]] = value(point);
        }
        z
    };
    let models: Vec<usize> = (0..results.models.len()).filter(|&model| results.has(model, statistic)).collect();
    let mean = |model: usize, point: u32| results.summary(model, point, statistic)?.mean;
    let error = |model: usize, point: u32| Some(results.deviation(model, point, statistic)?.relative?.value);
    let all = || models.iter().flat_map(|&model| results.scan.points.keys().map(move |&point| (model, point)));
    let means = all().filter_map(|(model, point)| mean(model, point));
    let range = means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), z| (low.min(z), high.max(z)));
    let most = all().filter_map(|(model, point)| error(model, point)).fold(0.0, |most: f64, e| most.max(e.abs()));
    let most = most.clamp(1e-6, LARGEST);
    let scale = |d: &Dimension| Scale::new(&d.label, &d.unit).log(d.is_logarithmic());
    let (x_log, y_log) = (x.is_logarithmic(), y.is_logarithmic());
    let mut figures = Vec::new();
    let mut push = |model: usize, stem: &str, map: Heatmap, caption: String| {
        if map.z.iter().all(Option::is_none) {
            return;
        }
        let panel = Panel::new(scale(x), scale(y), vec![Mark::Heatmap(map)]);
        let label = &results.models[model].label;
        let slot = format!("map-{stem}-{}", slug(label));
        let title = format!("{label}, {}", if stem == "error" { "relative error" } else { "mean" });
        let figure = Figure::new(format!("{slot}-{}", slug(&column.name)), title, caption, vec![panel]);
        figures.push(Figure { slot, ..figure }.of_statistic(&column.name).in_row(stem.to_string()));
    };
    let (xs, ys) = (edges(&x.numbers(), x_log), edges(&y.numbers(), y_log));
    let empty = Heatmap {
        label: String::new(),
        colours: Colours::Sequential,
        x: xs,
        y: ys,
        z: vec![],
        range,
        contours: vec![],
    };
    for &model in &models {
        let label = with_unit(&column.name, column.statistic.unit);
        let mut map = Heatmap { label, z: cells(&|point| mean(model, point)), ..empty.clone() };
        map.contours = contours(&map, (x_log, y_log));
        push(model, "mean", map, format!("{}; {}.", column.statistic.definition, results.realisations(model)));
    }
    for &model in &models {
        let caption = format!(
            "Relative error of {} of {}; darkest: {} % or more.",
            column.name,
            results.models[model].label,
            (100.0 * most).round()
        );
        let (label, colours) = ("relative error".into(), Colours::Diverging);
        let map =
            Heatmap { label, colours, z: cells(&|point| error(model, point)), range: (-most, most), ..empty.clone() };
        push(model, "error", map, caption);
    }
    figures
}
