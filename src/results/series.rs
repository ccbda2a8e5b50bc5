//! `traces.parquet`, `spikes.parquet` and `neurons.parquet`: what was recorded of single members. A file exists only if a member was recorded, be it without rows.
//!
//! Traces: model, point, realisation, t (ms), and the columns of [`ResultSchema::traces`]. Spikes: model, point, realisation, t (ms),
//! population (name), neuron (index in its population), step (t in steps of dt). Neurons, one after the other: model, point,
//! realisation, t (ms), population (name), neuron (index in its population), voltage, spikes since the row before, and the columns of
//! [`ResultSchema::kicks`], null where a projection enters another population.
//!
//! Times are whole steps of dt; a product like 1001 * 0.1 is not the double next to 100.1, so they are rounded to the 12 digits that dt
//! has.

use super::atomic::remove;
use super::dictionary;
use super::error::ResultError;
use super::log::Place;
use super::record::{NeuronTraces, Spike, Trace};
use super::schema::ResultSchema;
use super::table::{Cell, Column, TableWriter};
use crate::model::round12;
use std::path::{Path, PathBuf};

/// Creates its file with the first member that was recorded.
pub struct SeriesWriter {
    path: PathBuf,
    columns: Vec<Column>,
    table: Option<TableWriter>,
}

impl SeriesWriter {
    pub fn traces(path: &Path, schema: &ResultSchema) -> SeriesWriter {
        SeriesWriter { path: path.to_path_buf(), columns: dictionary::traces(schema), table: None }
    }

    pub fn spikes(path: &Path) -> SeriesWriter {
        SeriesWriter { path: path.to_path_buf(), columns: dictionary::spikes(), table: None }
    }

    pub fn neurons(path: &Path, schema: &ResultSchema) -> SeriesWriter {
        SeriesWriter { path: path.to_path_buf(), columns: dictionary::neurons(schema), table: None }
    }

    pub fn push_trace(&mut self, schema: &ResultSchema, place: &Place, trace: &Trace) -> Result<(), ResultError> {
        self.open()?;
        for (i, &t) in trace.times.iter().enumerate() {
            let values = trace.columns.iter().map(|column| Cell::from(column.get(i).copied()));
            self.push(schema, place, t, values)?;
        }
        Ok(())
    }

    pub fn push_spikes(&mut self, schema: &ResultSchema, place: &Place, spikes: &[Spike]) -> Result<(), ResultError> {
        self.open()?;
        let dt = schema.dt_at(place.point);
        for spike in spikes {
            let population = Cell::Text(&schema.populations[spike.population as usize]);
            let step = (spike.t / dt).round() as i64;
            let own = [population, Cell::Integer(i64::from(spike.neuron)), Cell::Integer(step)];
            self.push(schema, place, spike.t, own)?;
        }
        Ok(())
    }

    pub fn push_neurons(
        &mut self,
        schema: &ResultSchema,
        place: &Place,
        traces: &NeuronTraces,
    ) -> Result<(), ResultError> {
        self.open()?;
        for trace in &traces.neurons {
            for (i, &t) in traces.times.iter().enumerate() {
                let population = Cell::Text(&schema.populations[trace.population as usize]);
                let own = [
                    population,
                    Cell::Integer(i64::from(trace.neuron)),
                    Cell::Real(trace.voltage[i]),
                    Cell::Integer(i64::from(trace.spikes[i])),
                ];
                let kicks = trace.kicks.iter().map(|kicks| Cell::from(kicks.as_ref().map(|kicks| kicks[i])));
                self.push(schema, place, t, own.into_iter().chain(kicks))?;
            }
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&mut TableWriter, ResultError> {
        match &mut self.table {
            Some(table) => Ok(table),
            table => Ok(table.insert(TableWriter::create(&self.path, self.columns.clone())?)),
        }
    }

    fn push<'a>(
        &mut self,
        schema: &'a ResultSchema,
        place: &Place,
        t: f64,
        own: impl IntoIterator<Item = Cell<'a>>,
    ) -> Result<(), ResultError> {
        let table = self.open()?;
        let member = [
            Cell::Text(&schema.models[place.model as usize].label),
            Cell::Integer(i64::from(place.point)),
            Cell::Integer(i64::from(place.realisation)),
            Cell::Real(round12(t)),
        ];
        table.push(member.into_iter().chain(own))
    }

    /// Gives the file its name, or removes an older one where nothing is recorded now.
    pub fn finish(self) -> Result<(), ResultError> {
        match self.table {
            Some(table) => table.finish(),
            None => remove(&self.path),
        }
    }
}
