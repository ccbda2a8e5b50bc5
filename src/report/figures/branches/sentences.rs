//! What changes where, in words.

use super::rows::{Row, Rows};
use crate::report::read::Results;

/// Sentences that are shown; the table below has the rest.
const SHOWN: usize = 12;
/// Bursts of the network alternate where the correlation of consecutive peaks is below this, with its interval.
const ALTERNATING: f64 = -0.5;

/// What changes where, and from where on the network's bursts alternate.
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

/// From the lowest value on, above which they alternate at all values.
fn alternation(results: &Results, rows: &Rows) -> Option<String> {
    let along = super::along(results, rows)?;
    let column = results.statistics.iter().position(|column| column.statistic.name == "burst_lag1")?;
    let reference = results.reference()?;
    let alternates = |point: u32| {
        let summary = results.summary(reference, point, column);
        summary.and_then(|s| s.ci95.map(|(_, high)| high).or(s.mean)).is_some_and(|high| high < ALTERNATING)
    };
    let from = along.iter().find(|(_, point)| alternates(*point))?;
    let parameter = rows.parameter.rsplit('.').next().unwrap_or(&rows.parameter);
    Some(format!("The network's bursts alternate from {parameter} = {}", from.0))
}
