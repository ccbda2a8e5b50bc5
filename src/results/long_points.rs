//! `points.parquet`: one row per model, point, population and statistic, in the order of `points.csv` and its columns.

use super::axes::AxisColumns;
use super::dictionary;
use super::error::ResultError;
use super::points::PointRow;
use super::schema::ResultSchema;
use super::table::{Cell, TableWriter};
use std::path::Path;

pub struct LongPointsWriter {
    table: TableWriter,
    axes: AxisColumns,
    /// Per statistic: population, statistic and unit.
    statistics: Vec<[String; 3]>,
}

impl LongPointsWriter {
    pub fn create(path: &Path, schema: &ResultSchema) -> Result<LongPointsWriter, ResultError> {
        let statistics = schema.statistics.iter().map(|name| {
            let meaning = dictionary::statistic(schema, name).meaning;
            meaning
                .map_or_else(Default::default, |m| [m.population, m.statistic, m.unit].map(Option::unwrap_or_default))
        });
        let statistics = statistics.collect();
        let table = TableWriter::create(path, dictionary::long_points(schema))?;
        Ok(LongPointsWriter { table, axes: AxisColumns::new(schema), statistics })
    }

    pub fn push(&mut self, schema: &ResultSchema, row: &PointRow) -> Result<(), ResultError> {
        let values = &schema.points[row.point as usize].values;
        let texts = AxisColumns::texts(values);
        let axes = self.axes.cells(values, &texts);
        for (names, summary) in self.statistics.iter().zip(&row.summaries) {
            let mut cells = vec![Cell::Text(&row.model), Cell::Integer(i64::from(row.point))];
            cells.extend_from_slice(&axes);
            cells.extend(names.iter().map(|name| Cell::Text(name)));
            let (low, high) = summary.ci95.unzip();
            cells.push(Cell::Integer(summary.n as i64));
            cells.extend([summary.mean, summary.sem, low, high].map(Cell::from));
            self.table.push(cells)?;
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), ResultError> {
        self.table.finish()
    }
}
