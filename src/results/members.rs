//! `members.parquet`: one row per member, sorted by model, point and realisation.
//!
//! model (string), point (index), realisation, one column per axis path, every statistic as STAT_POP, spikes_POP (spikes in the
//! window), spike_hash, rate_hash, the axes once more under their clean names, and STAT_POP_FROM_TO of other windows. The 64-bit hashes are strings of 16 hexadecimal
//! digits: an integer column with nulls, as `dsode` has them, is read as doubles by pandas and MATLAB, which loses the low bits.

use super::axes::AxisColumns;
use super::dictionary;
use super::error::ResultError;
use super::log::Place;
use super::record::Record;
use super::schema::ResultSchema;
use super::table::{Cell, Table, TableWriter};
use std::path::Path;

pub struct MembersWriter {
    table: TableWriter,
    axes: AxisColumns,
    /// Per axis: it has a second column, under another name.
    renamed: Vec<bool>,
    /// Statistics that windows have.
    windowed: Vec<usize>,
}

impl MembersWriter {
    pub fn create(path: &Path, schema: &ResultSchema) -> Result<MembersWriter, ResultError> {
        let renamed = schema.axis_names().iter().zip(&schema.axes).map(|(name, path)| name != path).collect();
        let table = TableWriter::create(path, dictionary::members(schema))?;
        Ok(MembersWriter { table, axes: AxisColumns::new(schema), renamed, windowed: schema.windowed() })
    }

    pub fn push(&mut self, schema: &ResultSchema, place: &Place, record: &Record) -> Result<(), ResultError> {
        let statistics = &record.statistics;
        let values = &schema.points[place.point as usize].values;
        let texts = AxisColumns::texts(values);
        let axes = self.axes.cells(values, &texts);
        let hashes = [statistics.spike_hash, statistics.rate_hash].map(|hash| hash.map(|hash| format!("{hash:016x}")));
        let mut row = vec![
            Cell::Text(&schema.models[place.model as usize].label),
            Cell::Integer(i64::from(place.point)),
            Cell::Integer(i64::from(place.realisation)),
        ];
        row.extend_from_slice(&axes);
        let (whole, windows) = statistics.values.split_at(schema.statistics.len());
        row.extend(whole.iter().map(|&value| Cell::from(value)));
        row.extend(statistics.spikes.iter().map(|&spikes| Cell::Real(spikes)));
        row.extend(hashes.iter().map(|hash| hash.as_deref().map_or(Cell::Null, Cell::Text)));
        row.extend(axes.iter().zip(&self.renamed).filter(|(_, renamed)| **renamed).map(|(cell, _)| *cell));
        let windows = windows.chunks(schema.statistics.len());
        row.extend(windows.flat_map(|values| self.windowed.iter().map(|&i| Cell::from(values[i]))));
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
