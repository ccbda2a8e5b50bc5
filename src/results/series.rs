//! `traces.parquet` and `spikes.parquet`: what was recorded of single members. A file exists only if a member has rows for it.
//!
//! Traces: model, point, realisation, t (ms), and the columns of [`ResultSchema::traces`]. Spikes: model, point, realisation, t (ms),
//! population (name), neuron (index in its population).

use super::error::ResultError;
use super::log::Place;
use super::record::{Spike, Trace};
use super::schema::ResultSchema;
use super::table::{Cell, Kind, TableWriter};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Creates its file with the first row.
pub struct SeriesWriter {
    path: PathBuf,
    columns: Vec<(String, Kind)>,
    table: Option<TableWriter>,
}

impl SeriesWriter {
    pub fn traces(path: &Path, schema: &ResultSchema) -> SeriesWriter {
        SeriesWriter::new(path, schema.traces.iter().map(|name| (name.clone(), Kind::Real)))
    }

    pub fn spikes(path: &Path) -> SeriesWriter {
        SeriesWriter::new(path, [("population".into(), Kind::Text), ("neuron".into(), Kind::Integer)])
    }

    fn new(path: &Path, own: impl IntoIterator<Item = (String, Kind)>) -> SeriesWriter {
        let member =
            [("model", Kind::Text), ("point", Kind::Integer), ("realisation", Kind::Integer), ("t", Kind::Real)];
        let mut columns = Vec::from(member.map(|(name, kind)| (name.to_string(), kind)));
        columns.extend(own);
        SeriesWriter { path: path.to_path_buf(), columns, table: None }
    }

    pub fn push_trace(&mut self, schema: &ResultSchema, place: &Place, trace: &Trace) -> Result<(), ResultError> {
        for (i, &t) in trace.times.iter().enumerate() {
            let values = trace.columns.iter().map(|column| Cell::from(column.get(i).copied()));
            self.push(schema, place, t, values)?;
        }
        Ok(())
    }

    pub fn push_spikes(&mut self, schema: &ResultSchema, place: &Place, spikes: &[Spike]) -> Result<(), ResultError> {
        for spike in spikes {
            let population = Cell::Text(&schema.populations[spike.population as usize]);
            self.push(schema, place, spike.t, [population, Cell::Integer(i64::from(spike.neuron))])?;
        }
        Ok(())
    }

    fn push<'a>(
        &mut self,
        schema: &'a ResultSchema,
        place: &Place,
        t: f64,
        own: impl IntoIterator<Item = Cell<'a>>,
    ) -> Result<(), ResultError> {
        let table = match &mut self.table {
            Some(table) => table,
            None => self.table.insert(TableWriter::create(&self.path, self.columns.clone())?),
        };
        let member = [
            Cell::Text(&schema.models[place.model as usize].label),
            Cell::Integer(i64::from(place.point)),
            Cell::Integer(i64::from(place.realisation)),
            Cell::Real(t),
        ];
        table.push(member.into_iter().chain(own))
    }

    /// Gives the file its name, or removes an older one where there are no rows now.
    pub fn finish(self) -> Result<(), ResultError> {
        match self.table {
            Some(table) => table.finish(),
            None => match fs::remove_file(&self.path) {
                Err(e) if e.kind() != ErrorKind::NotFound => Err(ResultError::io(&self.path, e)),
                _ => Ok(()),
            },
        }
    }
}
