//! What changes where, in words.

use super::rows::{Row, Rows};
use crate::report::read::Results;

/// Sentences that are shown; the table below has the rest.
const SHOWN: usize = 12;

/// What changes where, and where the network's bursts begin to alternate.
pub fn of(results: &Results, rows: &Rows) -> String {
    let changes = rows.rows.iter().filter(|row| row.is_bifurcation()).take(SHOWN);
    let mut text: String = changes.map(|row| format!("{}. ", change(rows, row))).collect();
    text.extend(alternation(results, rows).into_iter().map(|sentence| format!("{sentence}. ")));
    text + "What is analysed is the map at the configured time step and bins: both move these values."
}

fn change(rows: &Rows, row: &Row) -> String {
    let what = match row.code.as_str() {
        "HB" => "Hopf bifurcation",
        "LP" => "fold",
        "PD" => "period doubling",
        "NS" => "birth of a torus",
        _ => "crossing of branches",
    };
    let parameter = rows.parameter.rsplit('.').next().unwrap_or(&rows.parameter);
    // What is born is stable on the far side, or unstable beside what stays stable: as long as nothing else is unstable there.
    let kind = rows.born(row).filter(|born| born.unstable <= 1).map(|born| match born.unstable {
        0 => ", supercritical",
        _ => ", subcritical",
    });
    format!("{}: {what} of the {} at {parameter} = {}{}", row.model, row.object(), row.place(), kind.unwrap_or(""))
}

/// Where the correlation of the heights of consecutive bursts falls below 0.
fn alternation(results: &Results, rows: &Rows) -> Option<String> {
    super::along(results, rows)?;
    let (reference, first) = (&results.models[results.reference()?].label, results.populations.first()?);
    let onset = results.transitions.iter().find(|crossing| {
        let of_network = crossing.model == *reference && crossing.population == *first;
        of_network && crossing.statistic == "burst_lag1" && crossing.direction == "falls"
    })?;
    let parameter = rows.parameter.rsplit('.').next().unwrap_or(&rows.parameter);
    Some(format!("The network's bursts begin to alternate at {parameter} = {}", onset.place()))
}
