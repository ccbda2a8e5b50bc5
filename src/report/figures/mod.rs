//! The sections of a report, one file per subject; each is left out where the results hold nothing for it.

mod agreement;
mod along;
mod attractor;
mod branches;
mod bursts;
mod convergence;
mod distributions;
mod extremes;
mod maps;
mod neurons;
mod rasters;
mod spread;
mod validation;
mod windows;

pub use agreement::difference_tables;

use super::chooser::Points;
use super::error::ReportError;
use super::figure::Figure;
use super::findings::Kind;
use super::read::Results;
use super::read::densities::Densities;
use super::read::neurons::read as read_neurons;
use super::read::series;
use super::section::Section;
use crate::statistics::Group;
use std::path::Path;

/// Points to choose from where each brings a megabyte of cells or samples.
const FEW: usize = 12;
/// Points to choose from where each brings some curves.
const MANY: usize = 101;
/// Slices of a scan of several dimensions.
const SLICES: usize = 5;

/// Every section that has something to show, in the order of reading: what answers the question of the experiment comes first.
pub fn sections(directory: &Path, results: &Results) -> Result<Vec<Section>, ReportError> {
    if results.rows.is_empty() {
        let of_branches = branches::section(directory, results)?;
        return Ok(of_branches.into_iter().map(|section| Section { key: true, ..section }).collect());
    }
    let few = results.scan.spread(FEW);
    let densities = Densities::read(directory, results, &few)?;
    let series = series::read(directory, results, &few)?;
    let recorded = read_neurons(directory, results, &few)?;
    let mut sections = vec![convergence::section(results)];
    sections.extend(branches::section(directory, results)?);
    sections.extend(along::sections(results, Group::Overview));
    sections.push(maps::section(results));
    sections.extend(extremes::sections(results));
    sections.push(agreement::section(results));
    sections.extend(bursts::sections(results, &densities));
    sections.push(rasters::section(results, &series, &few));
    sections.push(neurons::section(results, &recorded, &few));
    sections.push(windows::section(results));
    sections.push(attractor::section(results, &densities, &series, &few));
    sections.extend(distributions::sections(results, &densities));
    sections.push(spread::section(results));
    sections.extend(along::sections(results, Group::Regime));
    sections.extend(along::sections(results, Group::States));
    sections.extend(along::sections(results, Group::More));
    sections.extend(validation::section(results));
    let points = Points::of(results, &sections);
    for section in &mut sections {
        // the middle of a scan; the first of the statistics
        let middle = if section.id == maps::ID { 0 } else { section.choices.len().saturating_sub(1) / 2 };
        section.shown = points.sections.get(&section.id).map_or(middle, |own| own.nearest[points.shown]);
    }
    let kind = Kind::of(results);
    sections.iter_mut().for_each(|section| section.key = is_key(kind, &section.id));
    sections.sort_by_key(|section| !section.key);
    sections.retain(|section| !section.figures.is_empty() || !section.tables.is_empty());
    Ok(sections)
}

/// Whether a section is the key to a kind of experiment.
fn is_key(kind: Kind, id: &str) -> bool {
    let begins = |stem: &str| id.starts_with(stem);
    id == "branches"
        || match kind {
            Kind::Point => ["rasters", "windows", "spectra", "psth", "spread"].contains(&id),
            Kind::Scan => begins("along-"),
            Kind::Sweep => begins("along-") || id == extremes::HYSTERESIS,
            Kind::Grid => id == maps::ID,
            Kind::Convergence => id == convergence::ID,
        }
}

/// Names of points to choose from; a single point needs no choice.
fn choices(results: &Results, points: &[u32]) -> Vec<String> {
    if results.scan.points.len() < 2 {
        return Vec::new();
    }
    points.iter().map(|&point| results.scan.name(point)).collect()
}

/// A section with a figure of each of `parts` at each of `points`, where there is one; readers choose a point.
fn at_points<P>(
    results: &Results,
    section: Section,
    points: &[u32],
    parts: &[P],
    figure: impl Fn(&P, u32) -> Option<Figure>,
) -> Section {
    let choices = choices(results, points);
    let mut figures = Vec::new();
    for (choice, &point) in points.iter().enumerate() {
        let found = parts.iter().filter_map(|part| figure(part, point));
        figures.extend(found.map(|figure| if choices.is_empty() { figure } else { figure.chosen(choice) }));
    }
    Section { choices, points: points.to_vec(), chooser: "Point".into(), figures, ..section }
}

/// "snn: 64 realisations, dsode: one realisation".
fn realisations(results: &Results, models: &[usize]) -> String {
    let of = |&model: &usize| format!("{}: {}", results.models[model].label, results.realisations(model));
    models.iter().map(of).collect::<Vec<_>>().join(", ")
}

/// Edges of cells around ascending values.
fn edges(values: &[f64], log: bool) -> Vec<f64> {
    let to = |x: f64| if log { x.ln() } else { x };
    let from = |x: f64| if log { x.exp() } else { x };
    let values: Vec<f64> = values.iter().map(|&x| to(x)).collect();
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return Vec::new() };
    let steps: Vec<f64> = values.windows(2).map(|pair| 0.5 * (pair[1] - pair[0])).collect();
    let (before, after) = (steps.first().copied().unwrap_or(0.5), steps.last().copied().unwrap_or(0.5));
    let mut edges = vec![from(first - before)];
    edges.extend(values.iter().zip(&steps).map(|(value, half)| from(value + half)));
    edges.push(from(last + after));
    edges
}
