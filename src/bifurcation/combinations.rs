//! Rows of numbers, each a linear combination of rows before it: how a step carries all directions of a tangent at once.

use super::columns::{Block, Columns};
use rayon::prelude::*;

/// A linear map from rows to rows, written down in the order in which it is computed.
#[derive(Clone, Debug, Default)]
pub struct Combinations {
    inputs: usize,
    /// Of each combination, where its terms end.
    ends: Vec<u32>,
    /// (row, factor); rows are the inputs, then the combinations in order.
    terms: Vec<(u32, f64)>,
    /// Rows that come out.
    outputs: Vec<u32>,
}

impl Combinations {
    /// Begins anew, with so many rows coming in.
    pub fn clear(&mut self, inputs: usize) {
        self.inputs = inputs;
        self.ends.clear();
        self.terms.clear();
        self.outputs.clear();
    }

    /// Adds a term to the combination that is being written.
    #[inline]
    pub fn term(&mut self, row: usize, factor: f64) {
        if factor != 0.0 {
            self.terms.push((row as u32, factor));
        }
    }

    /// Ends the combination that is being written; its row.
    pub fn end(&mut self) -> usize {
        self.ends.push(self.terms.len() as u32);
        self.inputs + self.ends.len() - 1
    }

    /// A whole combination; its row.
    pub fn push(&mut self, terms: impl IntoIterator<Item = (usize, f64)>) -> usize {
        terms.into_iter().for_each(|(row, factor)| self.term(row, factor));
        self.end()
    }

    /// Makes a row the next one that comes out.
    pub fn output(&mut self, row: usize) {
        self.outputs.push(row as u32);
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.terms.len()
    }
}

/// Columns through several maps, one after the other. Blocks of columns go side by side, each by the same operations whatever
/// the number of threads.
pub fn apply(maps: &[Combinations], columns: &mut Columns) {
    columns.blocks_mut().par_iter_mut().for_each_init(Vec::new, |rows, block| {
        for map in maps {
            combine(map, rows, block);
        }
    });
}

#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
fn combine(map: &Combinations, rows: &mut Vec<Block>, block: &mut Vec<Block>) {
    rows.clear();
    rows.extend_from_slice(block);
    rows.resize(map.inputs + map.ends.len(), [0.0; Columns::WIDTH]);
    let mut first = 0;
    for (&end, place) in map.ends.iter().zip(map.inputs..) {
        let (before, after) = rows.split_at_mut(place);
        let mut sum = [0.0; Columns::WIDTH];
        for &(row, factor) in &map.terms[first..end as usize] {
            let row = &before[row as usize];
            for i in 0..Columns::WIDTH {
                sum[i] = row[i].mul_add(factor, sum[i]);
            }
        }
        after[0] = sum;
        first = end as usize;
    }
    block.clear();
    block.extend(map.outputs.iter().map(|&row| rows[row as usize]));
}
