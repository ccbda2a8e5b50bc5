//! Directions side by side: the columns of a matrix, in blocks of a few vectors' width.

/// One row of a block of columns.
pub type Block = [f64; Columns::WIDTH];

/// A matrix of `rows` by `count`.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    count: usize,
    /// Blocks of columns, each row by row; columns beyond `count` are 0.
    blocks: Vec<Vec<Block>>,
}

impl Columns {
    /// Columns of a block.
    pub const WIDTH: usize = 16;

    /// The matrix of element (row, column).
    pub fn from_fn(rows: usize, count: usize, element: impl Fn(usize, usize) -> f64) -> Self {
        let element = |row: usize, column: usize| if column < count { element(row, column) } else { 0.0 };
        let row = |block: usize, row: usize| std::array::from_fn(|c| element(row, block * Self::WIDTH + c));
        let blocks = (0..count.div_ceil(Self::WIDTH)).map(|block| (0..rows).map(|r| row(block, r)).collect());
        Columns { count, blocks: blocks.collect() }
    }

    /// The identity.
    pub fn identity(n: usize) -> Self {
        Columns::from_fn(n, n, |row, column| f64::from(u8::from(row == column)))
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.blocks.first().map_or(0, Vec::len)
    }

    /// An element.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.blocks[column / Self::WIDTH][row][column % Self::WIDTH]
    }

    /// Blocks, to be changed row by row.
    pub fn blocks_mut(&mut self) -> &mut [Vec<Block>] {
        &mut self.blocks
    }

    /// Multiplies every number.
    pub fn scale(&mut self, factor: f64) {
        self.blocks.iter_mut().flatten().flatten().for_each(|x| *x *= factor);
    }

    /// Multiplies every row by a factor of its own.
    pub fn scale_rows(&mut self, factor: impl Fn(usize) -> f64) {
        for block in &mut self.blocks {
            block.iter_mut().enumerate().for_each(|(row, numbers)| numbers.iter_mut().for_each(|x| *x *= factor(row)));
        }
    }

    /// Adds `factor` times another matrix of this size.
    pub fn add(&mut self, other: &Columns, factor: f64) {
        let ours = self.blocks.iter_mut().flatten().flatten();
        ours.zip(other.blocks.iter().flatten().flatten()).for_each(|(x, y)| *x += factor * y);
    }
}
