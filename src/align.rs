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

/// Columns in blocks that are no wider than `most`; the first `keys` columns begin each of them.
pub fn blocks(widths: &[usize], keys: usize, most: usize) -> Vec<Vec<usize>> {
    let first: Vec<usize> = (0..keys.min(widths.len())).collect();
    let mut blocks = vec![first.clone()];
    for column in keys..widths.len() {
        let block = blocks.last_mut().expect("there is a block");
        let width = |columns: &[usize]| columns.iter().map(|&column| widths[column] + GAP).sum::<usize>();
        if block.len() > keys && width(block) + widths[column] > most {
            blocks.push(first.clone());
        }
        blocks.last_mut().expect("there is a block").push(column);
    }
    blocks
}

/// Between columns.
const GAP: usize = 2;

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

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn wide_tables_are_cut_between_columns() {
        let widths = [5, 3, 10, 10, 10];
        assert_eq!(blocks(&widths, 2, usize::MAX), [[0, 1, 2, 3, 4]]);
        // 5 + 3 + 10 + 10 and three gaps are 34
        assert_eq!(blocks(&widths, 2, 34), [vec![0, 1, 2, 3], vec![0, 1, 4]]);
        assert_eq!(blocks(&widths, 2, 33), [[0, 1, 2], [0, 1, 3], [0, 1, 4]]);
        // a column of its own is never lost
        assert_eq!(blocks(&widths, 2, 1).len(), 3);
    }
}
