//! What a run prints of its results: a row per model and point with a bar for each value, or, where these are more than a
//! screen, a row per model with the course of each statistic along the scan.

use super::output::{note, say, width};
use anyhow::{Context, Result};
use snn_ensemble::align;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::report::read::dimensions::{ScannedAxes, evenly};
use snn_ensemble::results::points::{self, PointRow};
use snn_ensemble::results::{ResultSchema, Table, file};
use snn_ensemble::statistics::{self, Group, Precision, Statistic};
use std::collections::HashMap;
use std::path::Path;

/// Rows that fit a screen.
const ROWS: usize = 24;
/// Statistics of the table: of as many populations as fit a line.
const COLUMNS: usize = 6;
const STANDARD_ERROR: &str = "±: standard error of the mean over n members\n";
/// Share of a population that the lowest bin may hold.
const BOTTOM: f64 = 1e-3;
/// Characters of a full bar, and of a course.
const BAR: usize = 6;
const COURSE: usize = 20;
/// Eighths of a character, from left and from below.
const LEFT: [&str; 9] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
const BELOW: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Rows of `points.csv`.
pub fn rows(directory: &Path, ensemble: &Ensemble) -> Result<Vec<PointRow>> {
    let members = Table::read(&directory.join(file::MEMBERS))?;
    points::from_members(&members, &ensemble.schema.statistics).context("members.parquet lacks a column")
}

pub fn print(ensemble: &Ensemble, rows: &[PointRow]) {
    say!("{}", text(&ensemble.schema, rows, width()).trim_end());
}

/// What the numbers are not to be trusted for.
pub fn warn(ensemble: &Ensemble, rows: &[PointRow]) {
    too_low(&ensemble.schema, rows).iter().for_each(|warning| note!("warning: {warning}"));
}

/// `dsode`s whose lowest bin holds more than [`BOTTOM`] of a population, each at the worst of its points.
fn too_low(schema: &ResultSchema, rows: &[PointRow]) -> Vec<String> {
    let columns = schema.statistics.iter().enumerate().filter(|(_, name)| name.starts_with("bottom_share_"));
    let of_column = |(i, name): (usize, &String)| {
        let share = |row: &&PointRow| row.summaries[i].mean.unwrap_or(0.0);
        let worst = rows.iter().max_by(|a, b| share(a).total_cmp(&share(b))).map_or(0.0, |row| share(&row));
        (worst > BOTTOM).then(|| {
            format!(
                "{name} reaches {worst:.1e}: the lowest voltage bin of dsode holds what inhibition without v_rev would take \
                 lower; lower models.*.dsode.v_min"
            )
        })
    };
    columns.filter_map(of_column).collect()
}

fn text(schema: &ResultSchema, rows: &[PointRow], most: usize) -> String {
    let axes = schema.axes.iter().map(|axis| (axis.clone(), String::new())).collect();
    let points = rows.iter().map(|row| (row.point, schema.points[row.point as usize].values.clone())).collect();
    let scan = ScannedAxes::new(axes, points);
    let shown = |name: &String| overview().any(|s| schema.populations.iter().any(|p| *name == s.column(p)));
    let columns: Vec<usize> = (0..schema.statistics.len()).filter(|&i| shown(&schema.statistics[i])).collect();
    let columns: Vec<Column> = columns.into_iter().take(COLUMNS).map(|i| Column::new(schema, rows, i)).collect();
    // a course needs an axis of numbers
    match scan.dimensions.iter().enumerate().max_by_key(|(_, dimension)| dimension.values.len()) {
        Some((along, _)) if rows.len() > ROWS => courses(rows, &scan, along, &columns, most) + &imprecise(schema, rows),
        _ => table(schema, rows, &scan, &columns, most),
    }
}

/// What a reader looks at first.
fn overview() -> impl Iterator<Item = &'static Statistic> {
    statistics::table().filter(|statistic| statistic.group == Group::Overview)
}

/// How many points of an adaptive ensemble are not as precise as asked for.
fn imprecise(schema: &ResultSchema, rows: &[PointRow]) -> String {
    let reached = ["", Precision::Reached.name()];
    let others = rows.iter().filter(|row| !reached.contains(&row.precision(schema).as_str())).count();
    if others == 0 {
        return String::new();
    }
    format!(
        "{others} of {} are not as precise as asked for: points.csv says why, in its column precision\n",
        rows.len()
    )
}

/// A statistic, and what is common to its values.
struct Column {
    index: usize,
    name: String,
    decimals: usize,
    /// Largest mean.
    most: f64,
    /// Characters of the longest mean, and of the longest mean with its error.
    width: usize,
    whole: usize,
}

impl Column {
    fn new(schema: &ResultSchema, rows: &[PointRow], index: usize) -> Column {
        let means = || rows.iter().filter_map(|row| row.summaries[index].mean);
        let most = means().fold(0.0, f64::max);
        let decimals = if most < 10.0 { 4 } else { 2 };
        let width = means().map(|mean| format!("{mean:.decimals$}").len()).max().unwrap_or(1);
        let column = Column { index, name: schema.statistics[index].clone(), decimals, most, width, whole: 0 };
        let whole = rows.iter().map(|row| column.value(row).chars().count()).max().unwrap_or(0);
        Column { whole, ..column }
    }

    /// "47.08 ± 0.09".
    fn value(&self, row: &PointRow) -> String {
        let summary = &row.summaries[self.index];
        let Some(mean) = summary.mean else { return format!("{:>1$}", "-", self.width) };
        let error = summary.sem.map_or(String::new(), |sem| format!(" ± {sem:.*}", self.decimals));
        self.number(mean) + &error
    }

    fn number(&self, x: f64) -> String {
        format!("{x:>width$.decimals$}", width = self.width, decimals = self.decimals)
    }
}

/// A row per model and point.
fn table(schema: &ResultSchema, rows: &[PointRow], scan: &ScannedAxes, columns: &[Column], most: usize) -> String {
    let dimensions = || scan.dimensions.iter().chain(&scan.labels);
    let mut header = vec!["model".to_string()];
    header.extend(dimensions().map(|dimension| dimension.label.clone()));
    header.push("n".into());
    let adaptive = !schema.until.is_empty();
    header.extend(adaptive.then(|| "precision".to_string()));
    let keys = header.len();
    header.extend(columns.iter().map(|column| column.name.clone()));
    let line = |row: &PointRow| {
        let mut line = vec![row.model.clone()];
        line.extend(scan.coordinates(row.point));
        line.push(row.n.to_string());
        line.extend(adaptive.then(|| row.precision(schema)));
        // the only value needs no bar
        let bar = |column: &Column| {
            row.summaries[column.index].mean.filter(|_| rows.len() > 1).map(|mean| bar(mean, column.most))
        };
        line.extend(columns.iter().map(|column| {
            let cell = format!("{:<1$} {2}", column.value(row), column.whole, bar(column).unwrap_or_default());
            cell.trim_end().to_string()
        }));
        line
    };
    let lines = rows.iter().take(ROWS).map(line).collect::<Vec<_>>();
    let mut text = aligned(header, lines, keys, most);
    if rows.len() > ROWS {
        text += &more(rows.len() - ROWS);
    }
    let errors = rows.iter().flat_map(|row| columns.iter().map(|column| row.summaries[column.index].sem)).flatten();
    text += if errors.count() > 0 { STANDARD_ERROR } else { "" };
    text
}

/// A row per model and place in the other dimensions: each statistic along one of them, first and last value beside it.
fn courses(rows: &[PointRow], scan: &ScannedAxes, along: usize, columns: &[Column], most: usize) -> String {
    let dimension = &scan.dimensions[along];
    let values = &dimension.values;
    let heading = format!(
        "along {}: {} values from {} to {}\n",
        dimension.label,
        values.len(),
        values[0],
        values[values.len() - 1]
    );
    let mut models: Vec<&str> = rows.iter().map(|row| row.model.as_str()).collect();
    models.dedup();
    let others = scan.dimensions.len() + scan.labels.len() > 1;
    let mut header = vec!["model".to_string()];
    header.extend(others.then(|| "at".to_string()));
    let keys = header.len();
    header.extend(columns.iter().map(|column| column.name.clone()));
    let mut lines = Vec::new();
    let by_place: HashMap<(&str, u32), &PointRow> =
        rows.iter().map(|row| ((row.model.as_str(), row.point), row)).collect();
    for model in &models {
        for (at, points) in scan.slices(&[along], usize::MAX) {
            for variety in scan.varieties() {
                let line = scan.line(along, &points, variety);
                let of: Vec<&PointRow> =
                    line.iter().filter_map(|&(_, point)| by_place.get(&(*model, point)).copied()).collect();
                let place: Vec<&str> =
                    [at.as_str(), variety.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
                let mut cells = vec![model.to_string()];
                cells.extend(others.then(|| place.join(", ")));
                cells.extend(columns.iter().map(|column| course(column, &of)));
                if !of.is_empty() {
                    lines.push(cells);
                }
            }
        }
    }
    let rest = lines.len().saturating_sub(ROWS);
    lines.truncate(ROWS);
    let rest = if rest > 0 { more(rest) } else { String::new() };
    heading + &aligned(header, lines, keys, most) + &rest
}

/// "107.31 █▇▆▅▄▃▂▁  11.02".
fn course(column: &Column, rows: &[&PointRow]) -> String {
    let means: Vec<Option<f64>> = rows.iter().map(|row| row.summaries[column.index].mean).collect();
    let height = |mean: f64| ((mean / column.most * BELOW.len() as f64).ceil() as usize).clamp(1, BELOW.len()) - 1;
    let step = |i: usize| means[i].map_or(' ', |mean| BELOW[height(mean)]);
    let line: String = evenly(means.len(), COURSE).into_iter().map(step).collect();
    let end = |mean: Option<&Option<f64>>| {
        mean.copied().flatten().map_or(format!("{:>1$}", "-", column.width), |mean| column.number(mean))
    };
    format!("{} {line} {}", end(means.first()), end(means.last()))
}

/// From 0 to the largest of a column.
fn bar(value: f64, most: f64) -> String {
    let eighths = if most > 0.0 { (value / most * (8 * BAR) as f64).round().max(0.0) as usize } else { 0 };
    LEFT[8].repeat(eighths / 8) + LEFT[eighths % 8]
}

/// A table, cut where it is wider than the terminal; the first `keys` columns say what a row is.
fn aligned(header: Vec<String>, lines: Vec<Vec<String>>, keys: usize, most: usize) -> String {
    let table: Vec<Vec<String>> = std::iter::once(header).chain(lines).collect();
    let widths = align::widths(&table);
    let block = |columns: &Vec<usize>| -> String {
        let widths: Vec<usize> = columns.iter().map(|&column| widths[column]).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = columns.iter().map(|&column| row[column].clone()).collect();
            align::line(&cells, &widths) + "\n"
        };
        table.iter().map(line).collect()
    };
    align::blocks(&widths, keys, most).iter().map(block).collect::<Vec<_>>().join("\n")
}

fn more(rows: usize) -> String {
    format!("... {rows} more in points.csv\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use snn_ensemble::results::{AxisValue, SchemaModel, SchemaPoint};
    use snn_ensemble::statistics::Summary;

    fn rows(models: &[&str], points: u32) -> Vec<PointRow> {
        let of = |model: &str, point: u32| {
            let value = |x: f64, sem| Summary { n: 4, mean: Some(x), sem, ci95: None };
            let x = f64::from(point + 1);
            PointRow {
                model: model.into(),
                point,
                n: 4,
                summaries: vec![value(10.0 * x, Some(0.126)), value(0.1, None)],
            }
        };
        models.iter().flat_map(|model| (0..points).map(move |point| of(model, point))).collect()
    }

    fn schema(points: u32) -> ResultSchema {
        let point = |i: u32| SchemaPoint { key: i.to_string(), values: vec![AxisValue::Number(f64::from(i) / 10.0)] };
        let config = "name: a\ntime: {duration: 10}\npopulations: {E: {size: 1, tau_ref: 1}}\nmodels: [snn]";
        let ensemble = Ensemble::new(snn_ensemble::config::load(config, "a.yaml", &[]).unwrap(), false).unwrap();
        ResultSchema {
            axes: vec!["projections.E<-E.p".into()],
            points: (0..points).map(point).collect(),
            populations: vec!["E".into()],
            statistics: vec!["rate_E".into(), "ssi_E".into()],
            ..ensemble.schema
        }
    }

    #[test]
    fn one_point_is_a_line() {
        let text = text(&schema(1), &rows(&["snn"], 1), usize::MAX);
        let expected = "model  n  rate_E        ssi_E\nsnn    4  10.00 ± 0.13  0.1000\n";
        assert_eq!(text, expected.to_string() + STANDARD_ERROR);
    }

    #[test]
    fn points_of_an_adaptive_ensemble_say_how_precise_they_are() {
        let models = vec![SchemaModel { label: "snn".into(), deterministic: false, bins: None }];
        let until = |statistic: &str| [(statistic.to_string(), 0.03)].into();
        // half width 0.2 of 10, and no interval at all
        let mut rows = rows(&["snn"], 1);
        rows[0].summaries[0].ci95 = Some((9.8, 10.2));
        for (statistic, precision) in [("rate_E", "reached"), ("ssi_E", "ssi_E not reached")] {
            let schema = ResultSchema { models: models.clone(), until: until(statistic), ..schema(1) };
            let text = text(&schema, &rows, usize::MAX);
            assert_eq!(text.lines().nth(1), Some(&format!("snn    4  {precision:<9}  10.00 ± 0.13  0.1000")[..]));
        }
        let schema = ResultSchema { models, until: until("ssi_E"), ..schema(40) };
        let text = text(&schema, &self::rows(&["snn"], 40), usize::MAX);
        assert!(text.contains("40 of 40 are not as precise as asked for"), "{text}");
    }

    #[test]
    fn few_points_are_rows_with_bars() {
        let text = text(&schema(2), &rows(&["snn"], 2), usize::MAX);
        let expected = "model  p of E←E  n  rate_E               ssi_E\n\
                        snn    0         4  10.00 ± 0.13 ███     0.1000 ██████\n\
                        snn    0.1       4  20.00 ± 0.13 ██████  0.1000 ██████\n";
        assert_eq!(text, expected.to_string() + STANDARD_ERROR);
    }

    #[test]
    fn many_points_are_courses() {
        let text = text(&schema(40), &rows(&["snn", "dsode"], 40), usize::MAX);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[0], "along p of E←E: 40 values from 0 to 3.9");
        assert_eq!(lines[2], format!("snn     10.00 ▁▁▁▂▂▃▃▃▄▄▅▅▆▆▆▇▇███ 400.00  0.1000 {} 0.1000", "█".repeat(20)));
    }
}
