//! The columns of the axes in tables.

use super::schema::{AxisValue, ResultSchema};
use super::table::Cell;

/// How the values of the axes become cells.
pub struct AxisColumns {
    /// Per axis: its column holds numbers; others hold texts, numbers among them too.
    numeric: Vec<bool>,
}

impl AxisColumns {
    /// Of all axes of a schema.
    pub fn new(schema: &ResultSchema) -> AxisColumns {
        AxisColumns { numeric: (0..schema.axes.len()).map(|i| schema.is_numeric(i)).collect() }
    }

    /// One cell per axis; `texts` are the values as texts.
    pub fn cells<'a>(&self, values: &[AxisValue], texts: &'a [String]) -> Vec<Cell<'a>> {
        let each = values.iter().zip(texts).zip(&self.numeric);
        let cells = each.map(|((value, text), numeric)| match value {
            AxisValue::Number(number) if *numeric => Cell::Real(*number),
            _ => Cell::Text(text),
        });
        cells.collect()
    }

    /// The values at a point as texts.
    pub fn texts(values: &[AxisValue]) -> Vec<String> {
        values.iter().map(AxisValue::to_string).collect()
    }
}
