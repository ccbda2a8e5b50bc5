//! `members.parquet`: one row per member, sorted by model, point and realisation.
//!
//! model (string), point (index), realisation, one column per axis path, every statistic as STAT_POP, spikes_POP (spikes in the
//! window), spike_hash, rate_hash. The 64-bit hashes are strings of 16 hexadecimal digits: an integer column with nulls, as
//! `dsode` has them, is read as doubles by pandas and MATLAB, which loses the low bits.

use super::error::ResultError;
use super::log::Place;
use super::record::Record;
use super::schema::{AxisValue, ResultSchema};
use super::table::{Cell, Kind, Table, TableWriter};
use std::path::Path;

pub struct MembersWriter {
    table: TableWriter,
    /// Per axis: its column holds numbers.
    numeric: Vec<bool>,
}

impl MembersWriter {
    pub fn create(path: &Path, schema: &ResultSchema) -> Result<MembersWriter, ResultError> {
        let mut columns =
            vec![("model".into(), Kind::Text), ("point".into(), Kind::Integer), ("realisation".into(), Kind::Integer)];
        let numeric: Vec<bool> = (0..schema.axes.len()).map(|i| schema.is_numeric(i)).collect();
        for (axis, &numeric) in schema.axes.iter().zip(&numeric) {
            columns.push((axis.clone(), if numeric { Kind::Real } else { Kind::Text }));
        }
        columns.extend(schema.statistics.iter().map(|name| (name.clone(), Kind::Real)));
        columns.extend(schema.populations.iter().map(|name| (format!("spikes_{name}"), Kind::Real)));
        columns.extend(["spike_hash", "rate_hash"].map(|name| (name.into(), Kind::OptionalText)));
        Ok(MembersWriter { table: TableWriter::create(path, columns)?, numeric })
    }

    pub fn push(&mut self, schema: &ResultSchema, place: &Place, record: &Record) -> Result<(), ResultError> {
        let statistics = &record.statistics;
        let axes = &schema.points[place.point as usize].values;
        let texts: Vec<String> = axes.iter().map(AxisValue::to_string).collect();
        let hashes = [statistics.spike_hash, statistics.rate_hash].map(|hash| hash.map(|hash| format!("{hash:016x}")));
        let mut row = vec![
            Cell::Text(&schema.models[place.model as usize].label),
            Cell::Integer(i64::from(place.point)),
            Cell::Integer(i64::from(place.realisation)),
        ];
        row.extend(axes.iter().zip(&texts).zip(&self.numeric).map(|((value, text), numeric)| match value {
            AxisValue::Number(number) if *numeric => Cell::Real(*number),
            _ => Cell::Text(text),
        }));
        row.extend(statistics.values.iter().map(|&value| Cell::from(value)));
        row.extend(statistics.spikes.iter().map(|&spikes| Cell::Real(spikes)));
        row.extend(hashes.iter().map(|hash| hash.as_deref().map_or(Cell::Null, Cell::Text)));
        self.table.push(row)
    }

    pub fn finish(self) -> Result<(), ResultError> {
        self.table.finish()
    }
}

/// Reads `members.parquet`.
pub fn read(directory: &Path) -> Result<Table, ResultError> {
    Table::read(&directory.join(super::file::MEMBERS))
}
