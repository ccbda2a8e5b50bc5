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
use super::rows::Rows;
use super::schema::ResultSchema;
use super::table::{Cell, Column, Table};
use std::path::Path;
use std::sync::Arc;

/// How members become rows.
pub struct MemberRows<'a> {
    schema: &'a ResultSchema,
    columns: Arc<[Column]>,
    axes: AxisColumns,
    /// Per axis: it has a second column, under another name.
    renamed: Vec<bool>,
    /// Statistics that windows have.
    windowed: Vec<usize>,
}

impl<'a> MemberRows<'a> {
    pub fn new(schema: &'a ResultSchema) -> MemberRows<'a> {
        let renamed = schema.axis_names().iter().zip(&schema.axes).map(|(name, path)| name != path).collect();
        let (axes, windowed) = (AxisColumns::new(schema), schema.windowed());
        MemberRows { schema, columns: dictionary::members(schema).into(), axes, renamed, windowed }
    }

    /// Realisations of one model at one point.
    pub fn of(&self, places: &[Place], records: &[Record]) -> Rows {
        let mut rows = Rows::new(&self.columns);
        let Some(first) = places.first() else { return rows };
        let schema = self.schema;
        let values = &schema.points[first.point as usize].values;
        let texts = AxisColumns::texts(values);
        let axes = self.axes.cells(values, &texts);
        let columns = schema.statistics.len();
        for (place, Record { statistics, .. }) in places.iter().zip(records) {
            let hash = |hash: Option<u64>| hash.map(|hash| format!("{hash:016x}"));
            let hashes = [statistics.spike_hash, statistics.rate_hash].map(hash);
            let (whole, windows) = statistics.values.split_at(columns);
            let mut row = Vec::with_capacity(self.columns.len());
            row.extend([
                Cell::Text(&schema.models[place.model as usize].label),
                Cell::Integer(i64::from(place.point)),
                Cell::Integer(i64::from(place.realisation)),
            ]);
            row.extend_from_slice(&axes);
            row.extend(whole.iter().map(|&value| Cell::from(value)));
            row.extend(statistics.spikes.iter().map(|&spikes| Cell::Real(spikes)));
            row.extend(hashes.iter().map(|hash| hash.as_deref().map_or(Cell::Null, Cell::Text)));
            row.extend(axes.iter().zip(&self.renamed).filter(|(_, renamed)| **renamed).map(|(cell, _)| *cell));
            for window in 0..schema.windows().len() {
                row.extend(self.windowed.iter().map(|&i| Cell::from(windows[window * columns + i])));
            }
            rows.push(row);
        }
        rows
    }
}

/// Reads `members.parquet`.
pub fn read(directory: &Path) -> Result<Table, ResultError> {
    Table::read(&directory.join(super::file::MEMBERS))
}
