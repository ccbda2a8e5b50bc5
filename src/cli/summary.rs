//! The table that a run prints: rates and synchrony of the points.

use crate::ensemble::Ensemble;
use crate::results::{Table, file, points};
use anyhow::{Context, Result};
use std::path::Path;

/// Rows that fit a screen.
const ROWS: usize = 24;
/// Statistics of the table.
const SHOWN: [&str; 2] = ["rate", "ssi"];

pub fn print(directory: &Path, ensemble: &Ensemble) -> Result<()> {
    let outline = &ensemble.outline;
    let members = Table::read(&directory.join(file::MEMBERS))?;
    let rows = points::from_members(&members, &outline.statistics).context("members.parquet lacks a column")?;
    let shown: Vec<usize> = outline
        .statistics
        .iter()
        .enumerate()
        .filter(|(_, name)| SHOWN.iter().any(|s| outline.populations.iter().any(|p| **name == format!("{s}_{p}"))))
        .map(|(i, _)| i)
        .take(6)
        .collect();
    let mut header = vec!["model".to_string()];
    header.extend(outline.axes.iter().cloned());
    header.push("n".to_string());
    header.extend(shown.iter().map(|&i| outline.statistics[i].clone()));
    let mut table = vec![header];
    for row in rows.iter().take(ROWS) {
        let mut line = vec![row.model.clone()];
        line.extend(outline.points[row.point as usize].values.iter().map(|v| v.to_string()));
        line.push(row.n.to_string());
        line.extend(shown.iter().map(|&i| {
            let summary = &row.summaries[i];
            match (summary.mean, summary.sem) {
                (Some(mean), Some(sem)) => format!("{} ± {}", significant(mean), significant(sem)),
                (Some(mean), None) => significant(mean),
                _ => "-".to_string(),
            }
        }));
        table.push(line);
    }
    let widths: Vec<usize> =
        (0..table[0].len()).map(|c| table.iter().map(|line| line[c].chars().count()).max().unwrap_or(0)).collect();
    for line in &table {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
    }
    if rows.len() > ROWS {
        println!("... {} more rows in points.csv", rows.len() - ROWS);
    }
    Ok(())
}

/// Three decimals below 10, two above.
fn significant(x: f64) -> String {
    if x.abs() < 10.0 { format!("{x:.4}") } else { format!("{x:.2}") }
}
