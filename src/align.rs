//! Cells as lines of text whose columns are aligned.

/// The side of its column that a cell keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// Width in characters of every column; all rows are as long as the first.
pub fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    (0..columns).map(width).collect()
}

/// Every cell filled up to the width of its column.
pub fn padded(row: &[String], widths: &[usize], side: impl Fn(usize) -> Side) -> Vec<String> {
    let pad = |(column, (cell, &width)): (usize, (&String, &usize))| match side(column) {
        Side::Left => format!("{cell:<width$}"),
        Side::Right => format!("{cell:>width$}"),
    };
    row.iter().zip(widths).enumerate().map(pad).collect()
}

/// A line of cells kept to the left, without blanks at its end.
pub fn line(row: &[String], widths: &[usize]) -> String {
    padded(row, widths, |_| Side::Left).join("  ").trim_end().to_string()
}
