//! Statistics window by window, a figure per population with all models; of a single point as a table too.

use super::{MANY, at_points, realisations};
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::{Line, Mark};
use crate::report::numbers::{mean, plain, with_unit};
use crate::report::read::Results;
use crate::report::read::windows::Windows;
use crate::report::section::Section;
use crate::report::table::{Cell, TableView};
use crate::statistics::Group;

pub fn section(results: &Results) -> Section {
    let windows = Windows::read(results);
    let points: Vec<u32> = if windows.spans.is_empty() { vec![] } else { results.scan.spread(MANY) };
    let section = Section { id: "windows".into(), title: "Statistics in windows".into(), ..Section::default() };
    let populations: Vec<usize> = (0..results.populations.len()).collect();
    let mut section = at_points(results, section, &points, &populations, |&population, point| {
        figure(results, &windows, population, point)
    });
    if let ([point], true) = (&points[..], results.scan.points.len() == 1) {
        section.tables.extend(table(results, &windows, *point));
    }
    section
}

fn name([from, to]: [f64; 2]) -> String {
    format!("{}–{} ms", plain(from), plain(to))
}

/// What a reader looks at first, a panel each, against the middle of the window.
fn figure(results: &Results, windows: &Windows, population: usize, point: u32) -> Option<Figure> {
    let shown = windows.statistics.iter().enumerate().filter(|(_, column)| {
        let column = &results.statistics[**column];
        column.population == population && column.statistic.group == Group::Overview
    });
    let middle = |window: usize| 0.5 * (windows.spans[window][0] + windows.spans[window][1]);
    let mut order: Vec<usize> = (0..windows.spans.len()).collect();
    order.sort_by(|&a, &b| middle(a).total_cmp(&middle(b)));
    let models: Vec<usize> = (0..results.models.len()).collect();
    let time = || Scale::new("middle of the window", "ms");
    let panel = |(statistic, &column): (usize, &usize)| {
        let lines = models.iter().filter_map(|&model| {
            let of: Vec<_> = order.iter().map(|&window| windows.summary(model, point, window, statistic)).collect();
            let x = order.iter().map(|&window| middle(window)).collect();
            Line::of_means(&results.models[model].label, results.colour(model), x, &of).drawn()
        });
        let lines: Vec<Mark> = lines.collect();
        let statistic = results.statistics[column].statistic;
        let y = Scale::new(&statistic.title(), statistic.unit).from_zero();
        (!lines.is_empty()).then(|| Panel::new(time(), y, lines))
    };
    let panels: Vec<Panel> = shown.filter_map(panel).collect();
    let label = &results.populations[population];
    let spans: Vec<String> = order.iter().map(|&window| name(windows.spans[window])).collect();
    let caption = format!(
        "Statistics of {label} in the windows {}, each at its middle. Mean over realisations and its 95 % interval (Student t); {}.",
        spans.join(", "),
        realisations(results, &models)
    );
    let id = format!("windows-{}", slug(label));
    (!panels.is_empty()).then(|| Figure::new(id, label.clone(), caption, panels))
}

/// A row per statistic, population and window that any model has a value for, a column per model.
fn table(results: &Results, windows: &Windows, point: u32) -> Option<TableView> {
    let models: Vec<usize> = (0..results.models.len()).collect();
    let header = ["statistic".to_string(), "window".to_string()];
    let header = header.into_iter().chain(models.iter().map(|&model| results.models[model].label.clone())).collect();
    let mut rows = Vec::new();
    for (statistic, &column) in windows.statistics.iter().enumerate() {
        let column = &results.statistics[column];
        let of = with_unit(&column.statistic.title(), column.statistic.unit);
        for (window, &span) in windows.spans.iter().enumerate() {
            let summary =
                |&model: &usize| windows.summary(model, point, window, statistic).filter(|s| s.mean.is_some());
            let cell = |model: &usize| Cell::from(summary(model).and_then(|s| mean(column.statistic, s)));
            if models.iter().any(|model| summary(model).is_some()) {
                let first = [format!("{of}, {}", results.populations[column.population]), name(span)];
                rows.push(first.into_iter().map(Cell::from).chain(models.iter().map(cell)).collect());
            }
        }
    }
    let counts = realisations(results, &models);
    let caption = format!("Mean ± half width of its 95 % interval (Student t); {counts}.");
    (!rows.is_empty()).then(|| TableView { id: "windows".into(), caption, header, rows })
}
