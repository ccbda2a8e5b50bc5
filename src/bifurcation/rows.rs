//! Rows of a table, written as text and as Parquet.

use crate::results::column::Column;
use crate::results::table::{Cell, TableWriter};
use crate::results::{AtomicFile, ResultError};
use std::path::Path;

/// A cell that owns its text.
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(usize),
    /// A number.
    Real(f64),
    /// Nothing.
    None,
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.filter(|x| x.is_finite()).map_or(Value::None, Value::Real)
    }
}

impl Value {
    fn cell(&self) -> Cell<'_> {
        match self {
            Value::Text(text) => Cell::Text(text),
            Value::Integer(integer) => Cell::Integer(*integer as i64),
            Value::Real(real) => Cell::Real(*real),
            Value::None => Cell::Null,
        }
    }

    fn text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Integer(integer) => integer.to_string(),
            Value::Real(real) => real.to_string(),
            Value::None => String::new(),
        }
    }
}

/// A table.
pub struct Rows {
    /// What the columns are.
    pub columns: Vec<Column>,
    /// As many cells each.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Writes it as text.
    pub fn csv(&self, path: &Path) -> Result<(), ResultError> {
        let mut writer = csv::Writer::from_writer(vec![]);
        let mut write = |row: Vec<String>| writer.write_record(row).map_err(|e| ResultError::io(path, e.into()));
        write(self.columns.iter().map(|column| column.name.clone()).collect())?;
        self.rows.iter().try_for_each(|row| write(row.iter().map(Value::text).collect()))?;
        let bytes = writer.into_inner().map_err(|e| ResultError::io(path, e.into_error()))?;
        AtomicFile::write_all(path, &bytes)
    }

    /// The same as Parquet.
    pub fn parquet(&self, path: &Path) -> Result<(), ResultError> {
        let mut writer = TableWriter::create(path, self.columns.clone())?;
        self.rows.iter().try_for_each(|row| writer.push(row.iter().map(Value::cell)))?;
        writer.finish()
    }
}
