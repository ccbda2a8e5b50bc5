//! Rows that wait to be written, column by column.

use super::column::{Column, Kind};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use std::io::Write;
use std::sync::Arc;

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// For [`Kind::Text`] and [`Kind::OptionalText`].
    Text(&'a str),
    /// For [`Kind::Integer`].
    Integer(i64),
    /// For [`Kind::Real`].
    Real(f64),
    /// For [`Kind::OptionalText`] and [`Kind::Real`].
    Null,
}

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Cell::Null, Cell::Real)
    }
}

/// Rows of a table.
pub struct Rows {
    columns: Arc<[Column]>,
    values: Vec<Buffered>,
    rows: usize,
}

/// One column; null rows have no value and level 0.
struct Buffered {
    buffer: Buffer,
    levels: Vec<i16>,
}

enum Buffer {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Real(Vec<f64>),
}

impl Rows {
    /// None so far, of these columns.
    pub fn new(columns: &Arc<[Column]>) -> Rows {
        let values = columns.iter().map(|column| Buffered::new(column.kind)).collect();
        Rows { columns: columns.clone(), values, rows: 0 }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Adds a row: one cell per column.
    ///
    /// Panics if a cell does not fit its column.
    pub fn push<'a>(&mut self, row: impl IntoIterator<Item = Cell<'a>>) {
        let mut cells = row.into_iter();
        for (values, column) in self.values.iter_mut().zip(&self.columns[..]) {
            values.push(column, cells.next().unwrap_or_else(|| panic!("no value for column {}", column.name)));
        }
        assert!(cells.next().is_none(), "more values than columns");
        self.rows += 1;
    }

    /// Takes the first rows of `others`, which have the same columns, but no more than `most`.
    pub fn take(&mut self, others: &mut Rows, most: usize) {
        let rows = others.rows.min(most);
        for (to, from) in self.values.iter_mut().zip(&mut others.values) {
            to.take(from, rows);
        }
        self.rows += rows;
        others.rows -= rows;
    }

    /// Writes a row group of all rows, after which there are none.
    pub fn write<W: Write + Send>(&mut self, to: &mut SerializedFileWriter<W>) -> Result<(), ParquetError> {
        self.rows = 0;
        let mut group = to.next_row_group()?;
        for (values, column) in self.values.iter_mut().zip(&self.columns[..]) {
            let Some(to) = group.next_column()? else {
                return Err(ParquetError::General(format!("no column {} in the schema", column.name)));
            };
            values.write(column.kind, to)?;
        }
        group.close().map(drop)
    }
}

impl Buffered {
    fn new(kind: Kind) -> Buffered {
        let buffer = match kind {
            Kind::Text | Kind::OptionalText => Buffer::Text(Vec::new()),
            Kind::Integer => Buffer::Integer(Vec::new()),
            Kind::Real => Buffer::Real(Vec::new()),
        };
        Buffered { buffer, levels: Vec::new() }
    }

    fn push(&mut self, column: &Column, cell: Cell) {
        match (&mut self.buffer, cell) {
            // Texts come in runs, which share theirs.
            (Buffer::Text(values), Cell::Text(text)) => match values.last() {
                Some(last) if last.data() == text.as_bytes() => values.push(last.clone()),
                _ => values.push(ByteArray::from(text)),
            },
            (Buffer::Integer(values), Cell::Integer(integer)) => values.push(integer),
            (Buffer::Real(values), Cell::Real(real)) => values.push(real),
            (_, Cell::Null) if matches!(column.kind, Kind::Real | Kind::OptionalText) => {}
            (_, cell) => panic!("{cell:?} in column {} of {:?}", column.name, column.kind),
        }
        self.levels.push(i16::from(cell != Cell::Null));
    }

    fn take(&mut self, from: &mut Buffered, rows: usize) {
        let values = from.levels[..rows].iter().filter(|level| **level != 0).count();
        self.levels.extend(from.levels.drain(..rows));
        match (&mut self.buffer, &mut from.buffer) {
            (Buffer::Text(to), Buffer::Text(from)) => to.extend(from.drain(..values)),
            (Buffer::Integer(to), Buffer::Integer(from)) => to.extend(from.drain(..values)),
            (Buffer::Real(to), Buffer::Real(from)) => to.extend(from.drain(..values)),
            _ => unreachable!("the same columns"),
        }
    }

    fn write(&mut self, kind: Kind, mut to: SerializedColumnWriter) -> Result<(), ParquetError> {
        let optional = matches!(kind, Kind::Real | Kind::OptionalText);
        let levels = optional.then_some(&self.levels[..]);
        match &mut self.buffer {
            Buffer::Text(values) => {
                to.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Buffer::Integer(values) => {
                to.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Buffer::Real(values) => {
                to.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        to.close()
    }
}
