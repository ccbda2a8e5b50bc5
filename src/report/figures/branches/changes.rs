//! What changes where.

use super::rows::{Row, Rows};
use crate::report::findings::CHANGES;
use crate::report::read::Results;
use crate::report::read::dimensions::label;
use crate::report::table::{Cell, TableView};

/// A row for each model, a column for each kind of change, with its places in ascending order.
pub fn changes(rows: &Rows) -> Option<TableView> {
    let mut found: Vec<&Row> = rows.rows.iter().filter(|row| row.is_bifurcation()).collect();
    let (mut models, mut kinds): (Vec<&str>, Vec<String>) = (vec![], vec![]);
    for row in &found {
        if !models.contains(&row.model.as_str()) {
            models.push(&row.model);
        }
        let kind = kind(rows, row);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    found.sort_by(|a, b| a.value.total_cmp(&b.value));
    let cell = |model: &str, of: &String| {
        let places = found.iter().filter(|row| row.model == model && kind(rows, row) == *of);
        Cell::listed(&places.map(|row| row.short_place() + criticality(rows, row)).collect::<Vec<_>>(), 1, "; ")
    };
    let lines =
        models.iter().map(|&model| (model.to_string(), kinds.iter().map(|kind| cell(model, kind)).collect::<Vec<_>>()));
    let caption = format!("Where along {} stability changes.", label(&[&rows.parameter], true));
    (!models.is_empty()).then(|| TableView::named(CHANGES, caption, "model", kinds.iter().cloned(), lines))
}

/// Where the network's bursts begin to alternate, and what the branches are of.
pub fn of(results: &Results, rows: &Rows) -> String {
    let alternation = alternation(results, rows).map_or(String::new(), |sentence| format!("{sentence}.\n"));
    let unfinished = match rows.is_unfinished() {
        true => "Not all of it: `branches` was interrupted, and the same command goes on.\n",
        false => "",
    };
    unfinished.to_string()
        + &alternation
        + "What is analysed is the map at the configured time step and bins: both move these values."
}

/// "Hopf bifurcation of the fixed point at p".
fn kind(rows: &Rows, row: &Row) -> String {
    let what = match row.code.as_str() {
        "HB" => "Hopf bifurcation",
        "LP" => "fold",
        "PD" => "period doubling",
        "NS" => "birth of a torus",
        _ => "crossing of branches",
    };
    format!("{what} of the {} at {}", row.object(), parameter(rows))
}

/// What is born is stable on the far side, or unstable beside what stays stable: as long as nothing else is unstable there.
fn criticality(rows: &Rows, row: &Row) -> &'static str {
    match rows.born(row).map(|born| born.unstable) {
        Some(0) => ", supercritical",
        Some(1) => ", subcritical",
        _ => "",
    }
}

fn parameter(rows: &Rows) -> String {
    label(&[rows.parameter.as_str()], true)
}

/// Where the correlation of the heights of consecutive bursts falls below 0.
fn alternation(results: &Results, rows: &Rows) -> Option<String> {
    super::along(results, rows)?;
    let (reference, first) = (&results.models[results.reference()?].label, results.populations.first()?);
    let onset = results.transitions.iter().find(|crossing| {
        let of_network = crossing.model == *reference && crossing.population == *first;
        of_network && crossing.statistic == "burst_lag1" && crossing.direction == "falls"
    })?;
    Some(format!("The network's bursts begin to alternate at {} = {}", parameter(rows), onset.place()))
}
