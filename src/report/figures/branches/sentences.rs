//! What changes where, in words.

use super::rows::{Row, Rows};
use crate::report::read::Results;

/// Places that a sentence names; the table below has the rest.
const SHOWN: usize = 6;

/// What changes where, a line for each model and kind of change, and where the network's bursts begin to alternate.
pub fn of(results: &Results, rows: &Rows) -> String {
    let mut changes: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows.rows.iter().filter(|row| row.is_bifurcation()) {
        let (what, place) = change(rows, row);
        match changes.iter_mut().find(|(known, _)| *known == what) {
            Some((_, places)) => places.push(place),
            None => changes.push((what, vec![place])),
        }
    }
    let line = |(what, places): &(String, Vec<String>)| {
        let more = places.len().saturating_sub(SHOWN);
        let shown = places.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{what} {shown}{more}.\n")
    };
    let mut text: String = changes.iter().map(line).collect();
    text.extend(alternation(results, rows).into_iter().map(|sentence| format!("{sentence}.\n")));
    text + "What is analysed is the map at the configured time step and bins: both move these values."
}

/// "dsode: Hopf bifurcation of the fixed point at p =", and "0.486732113, supercritical".
fn change(rows: &Rows, row: &Row) -> (String, String) {
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
    let what = format!("{}: {what} of the {} at {parameter} =", row.model, row.object());
    // the error stands in the table
    let place = row.place();
    let place = place.split(" ± ").next().unwrap_or(&place);
    (what, format!("{place}{}", kind.unwrap_or("")))
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
