//! Scans of two and more dimensions as heat maps: every model's value, and every reduced model's error.

use super::{SLICES, edges};
use crate::report::figure::{Colours, Figure, Heatmap, Mark, Panel, Scale, Section, slug, with_unit};
use crate::report::read::Results;
use crate::report::read::dimensions::Dimension;

pub const ID: &str = "maps";
/// Errors beyond this share of the reference are drawn alike.
const LARGEST: f64 = 0.5;

pub fn section(results: &Results) -> Section {
    let scan = &results.scan;
    let mut section =
        Section { id: ID.into(), chooser: "Statistic".into(), columns: results.models.len(), ..Section::default() };
    let [x, y, ..] = &scan.dimensions[..] else { return section };
    section.title = format!("Over {} and {}", x.label, y.label);
    section.text = "Means over realisations, and errors of the reduced models relative to snn.".into();
    let slices = scan.slices(&[0, 1], SLICES);
    for statistic in 0..results.statistics.len() {
        for (at, points) in &slices {
            for variety in scan.varieties() {
                let points: Vec<u32> = points.iter().copied().filter(|&p| scan.variety(p) == *variety).collect();
                let figures = figures(results, statistic, (x, y), &points);
                if figures.is_empty() {
                    continue;
                }
                let column = &results.statistics[statistic];
                let name = column.statistic.title();
                let parts =
                    [format!("{name} of {}", results.populations[column.population]), at.clone(), variety.clone()];
                section.choices.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
                let choice = section.choices.len() - 1;
                section.figures.extend(figures.into_iter().map(|figure| figure.chosen(choice)));
            }
        }
    }
    section
}

fn figures(results: &Results, statistic: usize, (x, y): (&Dimension, &Dimension), points: &[u32]) -> Vec<Figure> {
    let column = &results.statistics[statistic];
    let cells = |value: &dyn Fn(u32) -> Option<f64>| {
        let mut z = vec![None; x.values.len() * y.values.len()];
        for &point in points {
            if let [i, j, ..] = results.scan.places(point) {
                z[j * x.values.len() + i] = value(point);
            }
        }
        z
    };
    let models: Vec<usize> = (0..results.models.len()).filter(|&model| results.has(model, statistic)).collect();
    let mean = |model, point| results.summary(model, point, statistic).and_then(|summary| summary.mean);
    let means: Vec<_> = models.iter().map(|&model| cells(&|point| mean(model, point))).collect();
    let all = || means.iter().flatten().flatten().copied();
    let range = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let mut figures = Vec::new();
    let mut push =
        |model: usize, stem: &str, label: String, colours, z: Vec<Option<f64>>, range: (f64, f64), caption| {
            if z.iter().all(Option::is_none) {
                return;
            }
            let (x_log, y_log) = (x.is_logarithmic(), y.is_logarithmic());
            let (xs, ys) = (edges(&x.numbers(), x_log), edges(&y.numbers(), y_log));
            let map = Heatmap { label, colours, x: xs, y: ys, z, range };
            let scale = |d: &Dimension, log| Scale::new(&d.label, &d.unit).log(log);
            let panel = Panel::new(scale(x, x_log), scale(y, y_log), vec![Mark::Heatmap(map)]);
            let slot = format!("map-{stem}-{}", slug(&results.models[model].label));
            let id = format!("{slot}-{}", slug(&column.name));
            let title =
                format!("{}, {}", results.models[model].label, if stem == "error" { "relative error" } else { "mean" });
            figures.push(Figure { slot, ..Figure::new(id, title, caption, vec![panel]) }.in_row(stem.to_string()));
        };
    for (&model, z) in models.iter().zip(&means) {
        let caption = format!("{}; {}.", column.statistic.definition, results.realisations(model));
        let label = with_unit(&column.name, column.statistic.unit);
        push(model, "mean", label, Colours::Sequential, z.clone(), range, caption);
    }
    for &model in &models {
        let z = cells(&|point| Some(results.deviation(model, point, statistic)?.relative?.value));
        let most = z.iter().flatten().fold(0.0, |most: f64, e| most.max(e.abs())).clamp(1e-6, LARGEST);
        let caption = format!(
            "Relative error of {} of {}; darkest: {} % or more.",
            column.name,
            results.models[model].label,
            (100.0 * most).round()
        );
        push(model, "error", "relative error".into(), Colours::Diverging, z, (-most, most), caption);
    }
    figures
}
