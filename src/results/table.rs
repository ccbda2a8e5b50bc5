//! Tables as Parquet files, with bytes that depend on the rows alone.
//!
//! No timestamps, a fixed writer name, Snappy, row groups of a fixed number of rows; what the columns are is in the file's metadata
//! under [`COLUMNS`], as JSON. Three column types, which pandas, polars, DuckDB, MATLAB and Julia all read as they are: UTF-8
//! strings, 64-bit integers, doubles. A double may be null, a string of an optional column too.

use super::atomic::AtomicFile;
pub use super::column::{Column, Kind};
use super::error::ResultError;
pub use super::rows::Cell;
use super::rows::Rows;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a row group: bounds the memory of a writer.
const GROUP: usize = 1 << 16;

/// Key of the metadata that says what each column is.
pub const COLUMNS: &str = "snn-ensemble.columns";

const DAMAGED: &str = "damaged; `run` with the same config and --resume makes it once more, out of members.log";

/// Writes rows in order; the file appears at [`TableWriter::finish`].
pub struct TableWriter {
    path: PathBuf,
    /// The writer has a second handle of it: taking the file out of a writer hides why a flush failed.
    file: AtomicFile,
    writer: SerializedFileWriter<File>,
    /// Of the next row group.
    rows: Rows,
}

impl TableWriter {
    /// A table with these columns and no rows yet.
    pub fn create(path: &Path, columns: Vec<impl Into<Column>>) -> Result<TableWriter, ResultError> {
        let error = |e| ResultError::parquet(path, e);
        let columns: Arc<[Column]> = columns.into_iter().map(Into::into).collect();
        let fields: Result<Vec<_>, _> = columns.iter().map(field).collect();
        let described = serde_json::to_string(&columns[..]).expect("plain data");
        let schema = Type::group_type_builder("schema").with_fields(fields.map_err(error)?).build().map_err(error)?;
        let mut properties = WriterProperties::builder()
            .set_created_by("snn-ensemble".into())
            .set_key_value_metadata(Some(vec![KeyValue::new(COLUMNS.into(), described)]))
            .set_compression(Compression::SNAPPY)
            // Few numbers occur twice.
            .set_dictionary_enabled(false)
            .set_max_row_group_row_count(Some(GROUP));
        for column in columns.iter().filter(|column| column.kind != Kind::Real) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name.clone()), true);
        }
        let file = AtomicFile::create(path)?;
        let handle = file.handle()?;
        let writer =
            SerializedFileWriter::new(handle, Arc::new(schema), Arc::new(properties.build())).map_err(error)?;
        Ok(TableWriter { path: path.to_path_buf(), file, writer, rows: Rows::new(&columns) })
    }

    /// Adds a row: one cell per column.
    ///
    /// Panics if a cell does not fit its column.
    pub fn push<'a>(&mut self, row: impl IntoIterator<Item = Cell<'a>>) -> Result<(), ResultError> {
        self.rows.push(row);
        if self.rows.len() == GROUP { self.write_group() } else { Ok(()) }
    }

    /// Adds rows of the same columns, that another thread may have made.
    pub fn append(&mut self, mut rows: Rows) -> Result<(), ResultError> {
        while rows.len() > 0 {
            self.rows.take(&mut rows, GROUP - self.rows.len());
            if self.rows.len() == GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ResultError> {
        self.rows.write(&mut self.writer).map_err(|e| ResultError::parquet(&self.path, e))
    }

    /// Writes what is left and gives the file its name.
    pub fn finish(mut self) -> Result<(), ResultError> {
        if self.rows.len() > 0 {
            self.write_group()?;
        }
        self.writer.close().map_err(|e| ResultError::parquet(&self.path, e))?;
        self.file.commit()
    }
}

fn field(Column { name, kind, .. }: &Column) -> Result<Arc<Type>, ParquetError> {
    let (physical, repetition) = match kind {
        Kind::Text => (Physical::BYTE_ARRAY, Repetition::REQUIRED),
        Kind::OptionalText => (Physical::BYTE_ARRAY, Repetition::OPTIONAL),
        Kind::Integer => (Physical::INT64, Repetition::REQUIRED),
        Kind::Real => (Physical::DOUBLE, Repetition::OPTIONAL),
    };
    let builder = Type::primitive_type_builder(name, physical).with_repetition(repetition);
    let builder = match physical {
        Physical::BYTE_ARRAY => {
            builder.with_logical_type(Some(LogicalType::String)).with_converted_type(ConvertedType::UTF8)
        }
        _ => builder,
    };
    builder.build().map(Arc::new)
}

/// A file, or a part of it, in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Length of every column.
    pub rows: usize,
    /// (name, values), in the order of the file.
    pub columns: Vec<(String, Values)>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// UTF-8; `None`: null.
    Text(Vec<Option<String>>),
    /// 64 bits with sign.
    Integer(Vec<i64>),
    /// Doubles; `None`: null.
    Real(Vec<Option<f64>>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Text(values) => values.len(),
            Values::Integer(values) => values.len(),
            Values::Real(values) => values.len(),
        }
    }
}

impl Table {
    /// A whole Parquet file. Errors: it is missing, damaged, or has columns of other types.
    pub fn read(path: &Path) -> Result<Table, ResultError> {
        let mut whole = None;
        read_groups(
            path,
            |_| true,
            |group| match &mut whole {
                None => whole = Some(group),
                Some(whole) => whole.append(group),
            },
        )?;
        Ok(whole.unwrap_or_default())
    }

    fn append(&mut self, other: Table) {
        self.rows += other.rows;
        for ((_, to), (_, from)) in self.columns.iter_mut().zip(other.columns) {
            match (to, from) {
                (Values::Text(to), Values::Text(from)) => to.extend(from),
                (Values::Integer(to), Values::Integer(from)) => to.extend(from),
                (Values::Real(to), Values::Real(from)) => to.extend(from),
                _ => unreachable!("one schema per file"),
            }
        }
    }

    /// The column of this name, of any type.
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, values)| values)
    }

    /// A column of doubles.
    pub fn real(&self, name: &str) -> Option<&[Option<f64>]> {
        match self.column(name)? {
            Values::Real(values) => Some(values),
            _ => None,
        }
    }

    /// A column of integers.
    pub fn integer(&self, name: &str) -> Option<&[i64]> {
        match self.column(name)? {
            Values::Integer(values) => Some(values),
            _ => None,
        }
    }

    /// A column of text.
    pub fn text(&self, name: &str) -> Option<&[Option<String>]> {
        match self.column(name)? {
            Values::Text(values) => Some(values),
            _ => None,
        }
    }
}

/// Visits the row groups of a file in order, of each the columns that are `wanted`; a file without rows has one empty group.
pub fn read_groups(
    path: &Path,
    wanted: impl Fn(&str) -> bool,
    mut visit: impl FnMut(Table),
) -> Result<(), ResultError> {
    let file = File::open(path).map_err(|e| ResultError::io(path, e))?;
    let read = || {
        let reader = SerializedFileReader::new(file)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let mut empty = Table::default();
        let mut places = Vec::new();
        for (place, column) in schema.columns().iter().enumerate().filter(|(_, column)| wanted(column.name())) {
            let values = match column.physical_type() {
                Physical::BYTE_ARRAY => Values::Text(Vec::new()),
                Physical::INT64 => Values::Integer(Vec::new()),
                Physical::DOUBLE => Values::Real(Vec::new()),
                other => return Err(ParquetError::General(format!("column {} is {other}", column.name()))),
            };
            empty.columns.push((column.name().to_string(), values));
            places.push(place);
        }
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            let mut table = empty.clone();
            table.rows = group.metadata().num_rows() as usize;
            for (&place, (_, values)) in places.iter().zip(&mut table.columns) {
                read_column(group.get_column_reader(place)?, table.rows, values)?;
            }
            visit(table);
        }
        if reader.num_row_groups() == 0 {
            visit(empty);
        }
        Ok(())
    };
    // The crate panics at some damage instead of saying so.
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(ParquetError::General(DAMAGED.to_string()))).map_err(|e| ResultError::parquet(path, e))
}

fn read_column(reader: ColumnReader, rows: usize, to: &mut Values) -> Result<(), ParquetError> {
    match (reader, &mut *to) {
        (ColumnReader::ByteArrayColumnReader(mut reader), Values::Text(to)) => {
            let (mut values, mut levels) = (Vec::new(), Vec::new());
            reader.read_records(rows, Some(&mut levels), None, &mut values)?;
            let texts: Result<Vec<_>, _> = values.iter().map(|v| v.as_utf8().map(str::to_string)).collect();
            to.extend(with_nulls(texts?, &levels));
        }
        (ColumnReader::Int64ColumnReader(mut reader), Values::Integer(to)) => {
            reader.read_records(rows, None, None, to)?;
        }
        (ColumnReader::DoubleColumnReader(mut reader), Values::Real(to)) => {
            let (mut values, mut levels) = (Vec::new(), Vec::new());
            reader.read_records(rows, Some(&mut levels), None, &mut values)?;
            to.extend(with_nulls(values, &levels));
        }
        _ => return Err(ParquetError::General("a column changes its type between row groups".into())),
    }
    if to.len() == rows { Ok(()) } else { Err(ParquetError::General(DAMAGED.to_string())) }
}

/// Values with the nulls between them; required columns have no levels.
fn with_nulls<T>(values: Vec<T>, levels: &[i16]) -> Vec<Option<T>> {
    if levels.is_empty() {
        return values.into_iter().map(Some).collect();
    }
    let mut values = values.into_iter();
    levels.iter().map(|&level| if level == 0 { None } else { values.next() }).collect()
}
