//! `points.csv`: one row per model and point with at least one finished member.
//!
//! model, point, one column per axis, n (members), of an adaptive ensemble precision (whether what was asked for is reached, and
//! otherwise of which statistic not, and why), and for every statistic STAT_POP_n (members where it is defined), _mean, _sem,
//! _ci95_low, _ci95_high. Numbers are the shortest text that reads back as the same double; undefined ones are empty.

use super::atomic::AtomicFile;
use super::column::Column;
use super::error::ResultError;
use super::schema::{AxisValue, ResultSchema};
use super::table::Table;
use crate::statistics::summary::Values;
use crate::statistics::table::domain_of;
use crate::statistics::{Precision, Summary};
use rayon::prelude::*;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The statistics of a model at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct PointRow {
    pub model: String,
    /// Index into [`ResultSchema::points`].
    pub point: u32,
    /// Members.
    pub n: u64,
    /// One per statistic.
    pub summaries: Vec<Summary>,
}

impl PointRow {
    /// Whether an adaptive ensemble is as precise as it should be: "reached", or each statistic that is not, with the reason. Empty
    /// where nothing was asked for, as of a deterministic model.
    pub fn precision(&self, schema: &ResultSchema) -> String {
        let stochastic = schema.models.iter().any(|model| model.label == self.model && !model.deterministic);
        if schema.until.is_empty() || !stochastic {
            return String::new();
        }
        let of = |(name, &limit): (&String, &f64)| {
            let i = schema.statistics.iter().position(|statistic| statistic == name)?;
            let precision = Precision::of(&self.summaries[i], limit);
            (precision != Precision::Reached).then(|| format!("{name} {}", precision.name()))
        };
        let others: Vec<String> = schema.until.iter().filter_map(of).collect();
        if others.is_empty() { Precision::Reached.name().into() } else { others.join("; ") }
    }
}

/// Reduces members that come in the order of their realisations.
#[derive(Clone, Debug)]
pub struct PointReduction {
    n: u64,
    /// One per statistic.
    values: Vec<Values>,
}

impl PointReduction {
    /// Of these columns.
    pub fn new(statistics: &[String]) -> PointReduction {
        PointReduction { n: 0, values: statistics.iter().map(|column| Values::new(domain_of(column))).collect() }
    }

    pub fn push(&mut self, values: impl IntoIterator<Item = Option<f64>>) {
        self.n += 1;
        for (values, value) in self.values.iter_mut().zip(values) {
            value.into_iter().for_each(|value| values.push(value));
        }
    }

    pub fn row(self, model: &str, point: u32) -> PointRow {
        let summaries = self.values.into_iter().map(Values::summary).collect();
        PointRow { model: model.to_string(), point, n: self.n, summaries }
    }
}

/// The rows of `points.csv` from the rows of `members.parquet`; `None` if it lacks a column.
pub fn from_members(members: &Table, statistics: &[String]) -> Option<Vec<PointRow>> {
    let (models, points) = (members.text("model")?, members.integer("point")?);
    let columns: Option<Vec<_>> = statistics.iter().map(|name| members.real(name)).collect();
    let columns = columns?;
    let row = |members: Range<usize>| {
        let (model, point) = (models[members.start].as_deref()?, u32::try_from(points[members.start]).ok()?);
        let mut reduction = PointReduction::new(statistics);
        members.for_each(|row| reduction.push(columns.iter().map(|column| column[row])));
        Some(reduction.row(model, point))
    };
    ranges(members)?.into_par_iter().map(row).collect()
}

/// Rows of `members.parquet` of each row of `points.csv`; `None` if it lacks a column.
pub fn ranges(members: &Table) -> Option<Vec<Range<usize>>> {
    let (models, points) = (members.text("model")?, members.integer("point")?);
    let begins = |row: &usize| *row == 0 || (&models[*row], points[*row]) != (&models[row - 1], points[row - 1]);
    let mut edges: Vec<usize> = (0..members.rows).filter(begins).collect();
    edges.push(members.rows);
    Some(edges.windows(2).map(|edges| edges[0]..edges[1]).collect())
}

pub struct PointsWriter {
    path: PathBuf,
    to: csv::Writer<AtomicFile>,
}

impl PointsWriter {
    /// `columns`: those of `points.csv`, or of `windows.csv`, which has the window before them.
    pub fn create(path: &Path, columns: Vec<Column>) -> Result<PointsWriter, ResultError> {
        let header: Vec<String> = columns.into_iter().map(|column| column.name).collect();
        let to = csv::Writer::from_writer(AtomicFile::create(path)?);
        let mut writer = PointsWriter { path: path.to_path_buf(), to };
        writer.line(&header)?;
        Ok(writer)
    }

    /// A row of `points.csv`, behind the edges of its window in `windows.csv`.
    pub fn push(&mut self, schema: &ResultSchema, window: Option<[f64; 2]>, row: &PointRow) -> Result<(), ResultError> {
        let mut cells: Vec<String> = window.iter().flatten().map(|&edge| number(edge)).collect();
        cells.extend([row.model.clone(), row.point.to_string()]);
        cells.extend(schema.points[row.point as usize].values.iter().map(|value| match value {
            AxisValue::Number(x) => number(*x),
            AxisValue::Text(text) => text.clone(),
        }));
        cells.push(row.n.to_string());
        cells.extend((!schema.until.is_empty()).then(|| row.precision(schema)));
        for summary in &row.summaries {
            let (low, high) = summary.ci95.unzip();
            cells.push(summary.n.to_string());
            cells.extend([summary.mean, summary.sem, low, high].map(|x| x.map_or_else(String::new, number)));
        }
        self.line(&cells)
    }

    fn line(&mut self, cells: &[String]) -> Result<(), ResultError> {
        self.to.write_record(cells).map_err(|e| ResultError::io(&self.path, of_file(e)))
    }

    pub fn finish(self) -> Result<(), ResultError> {
        self.to.into_inner().map_err(|e| ResultError::io(&self.path, e.into_error()))?.commit()
    }
}

/// What the file said, by which a full disk is told from others.
fn of_file(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        kind => std::io::Error::other(format!("{kind:?}")),
    }
}

/// Shortest text that reads back as `x`.
fn number(x: f64) -> String {
    let plain = x == 0.0 || (1e-4..1e15).contains(&x.abs()) || !x.is_finite();
    if plain { format!("{x}") } else { format!("{x:e}") }
}
