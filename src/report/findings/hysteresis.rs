//! Where the two passes of a sweep differ: fold points, and the width of the bistable range between them.

use super::kind::{passes, swept};
use crate::report::figure::{Cell, TableView, with_unit};
use crate::report::numbers::{magnitude, percent, plain, short};
use crate::report::read::Results;
use crate::statistics::{Deviation, Group, table};

pub const TABLE: &str = "hysteresis";
pub const LOWER: &str = "lower fold";
pub const UPPER: &str = "upper fold";
pub const WIDTH: &str = "width";
pub const LARGEST: &str = "largest difference";
/// Slices of a sweep with further axes.
const SLICES: usize = 12;
/// Share of the forward pass by which the passes of a bistable point differ at least: less is the passage of a slow transient.
const APART: f64 = 0.05;

/// An end of the bistable range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// Middle between the last point that is bistable and its neighbour that is not.
    pub value: f64,
    /// Half of their distance; `None` at an end of the scan: the fold lies beyond.
    pub half: Option<f64>,
}

/// The longest stretch of points whose passes differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bistable {
    pub lower: Fold,
    pub upper: Fold,
}

impl Fold {
    fn text(&self, beyond: &str) -> String {
        match self.half {
            Some(half) => format!("{} ± {}", plain(self.value), plain(half)),
            None => format!("{beyond} {}", plain(self.value)),
        }
    }
}

/// Relative differences of the passes: backward less forward over forward, with the places of the points.
fn differences(
    results: &Results,
    model: usize,
    statistic: usize,
    slice: &[u32],
    (forward, backward): &(String, String),
) -> Vec<(usize, Deviation)> {
    let along = swept(results);
    let there = results.scan.line(along, slice, forward);
    let back = results.scan.line(along, slice, backward);
    let deterministic = results.models[model].deterministic;
    let of = |&(place, forward): &(usize, u32)| {
        let &(_, backward) = back.iter().find(|(other, _)| *other == place)?;
        let (a, b) = (results.summary(model, forward, statistic)?, results.summary(model, backward, statistic)?);
        Some((place, Deviation::new(b, deterministic, a)?))
    };
    there.iter().filter_map(of).collect()
}

/// Whether the passes differ by more than chance, and by more than [`APART`].
fn is_apart(deviation: &Deviation) -> bool {
    match deviation.relative {
        Some(relative) => relative.value.abs() > APART && relative.holds_zero() != Some(true),
        // one of them is silent
        None => deviation.difference.holds_zero() == Some(false),
    }
}

/// The bistable range of a statistic of a model; `None` where the passes agree.
pub fn bistable(
    results: &Results,
    model: usize,
    statistic: usize,
    slice: &[u32],
    pass: &(String, String),
) -> Option<Bistable> {
    let differences = differences(results, model, statistic, slice, pass);
    let numbers = results.scan.dimensions[swept(results)].numbers();
    let places: Vec<(usize, bool)> = differences.iter().map(|(place, d)| (*place, is_apart(d))).collect();
    let stretch = places.chunk_by(|a, b| a.1 == b.1).filter(|run| run[0].1).max_by_key(|run| run.len())?;
    let (first, last) = (stretch[0].0, stretch[stretch.len() - 1].0);
    let known = |place: Option<usize>| place.filter(|place| places.iter().any(|(other, _)| other == place));
    let fold = |inside: usize, outside: Option<usize>| match known(outside) {
        Some(outside) => Fold {
            value: 0.5 * (numbers[inside] + numbers[outside]),
            half: Some(0.5 * (numbers[inside] - numbers[outside]).abs()),
        },
        None => Fold { value: numbers[inside], half: None },
    };
    Some(Bistable { lower: fold(first, first.checked_sub(1)), upper: fold(last, Some(last + 1)) })
}

/// Fold points of every model and population along the sweep, by the first statistic that a reader looks at.
pub fn view(results: &Results) -> Option<TableView> {
    let statistic = table().find(|statistic| statistic.group == Group::Overview)?;
    let along = swept(results);
    let unit = &results.scan.dimensions[along].unit;
    let mut rows = Vec::new();
    for (at, slice) in results.scan.slices(&[along], SLICES) {
        for pass in passes(results) {
            for model in 0..results.models.len() {
                for (i, column) in results.statistics.iter().enumerate() {
                    if !std::ptr::eq(column.statistic, statistic) {
                        continue;
                    }
                    let differences = differences(results, model, i, &slice, &pass);
                    if differences.is_empty() {
                        continue;
                    }
                    let name = row(results, model, column.population, &[&at, &pass.0.replace("forward", "")]);
                    let found = bistable(results, model, i, &slice, &pass);
                    let [lower, upper, width] = match found {
                        Some(Bistable { lower, upper }) => {
                            let open = lower.half.is_none() || upper.half.is_none();
                            let width = plain(upper.value - lower.value);
                            let width = if open { format!("more than {width}") } else { width };
                            [lower.text("below"), upper.text("above"), width]
                        }
                        None => ["–", "–", "0"].map(String::from),
                    };
                    let cells = [name, lower, upper, width, largest(results, &differences, column.statistic.unit)];
                    rows.push(cells.map(Cell::from).into());
                }
            }
        }
    }
    let label = with_unit(&results.scan.dimensions[along].label, unit);
    let caption = format!(
        "Where both directions along {label} differ in {} by more than {} and more than chance (Welch's t, 95 %): the longest such \
         stretch of points. A fold lies between its last point and the next one.",
        statistic.title(),
        magnitude(APART)
    );
    let header = ["model, population", LOWER, UPPER, WIDTH, LARGEST].map(String::from).into();
    (!rows.is_empty()).then(|| TableView { id: TABLE.into(), caption, header, rows })
}

/// Name of a row of the table.
pub fn row(results: &Results, model: usize, population: usize, others: &[&str]) -> String {
    let (model, population) = (&results.models[model].label, &results.populations[population]);
    let parts = [model.as_str(), population.as_str()].into_iter().chain(others.iter().copied());
    parts.map(|part| part.trim_matches([' ', ','])).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// "+45.0 % at 0.93": backward against forward.
fn largest(results: &Results, differences: &[(usize, Deviation)], unit: &str) -> String {
    let size = |d: &Deviation| d.difference.value.abs();
    let Some((place, d)) = differences.iter().max_by(|a, b| size(&a.1).total_cmp(&size(&b.1))) else {
        return "–".into();
    };
    let number = match d.relative {
        Some(relative) => percent(relative.value),
        None => format!("{} {unit}", short(d.difference.value)),
    };
    format!("{number} at {}", plain(results.scan.dimensions[swept(results)].number(*place)))
}
