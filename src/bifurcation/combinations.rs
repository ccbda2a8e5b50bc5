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

/// sum <- sum + factor row.
#[inline(always)]
fn add(sum: &mut Block, row: &Block, factor: f64) {
    for (sum, number) in sum.iter_mut().zip(row) {
        *sum = number.mul_add(factor, *sum);
    }
}

#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
fn combine(map: &Combinations, rows: &mut Vec<Block>, block: &mut Vec<Block>) {
    // Every row is written before it is read: what an earlier map left need not be cleared.
    rows.resize(rows.len().max(map.inputs + map.ends.len()), [0.0; Columns::WIDTH]);
    rows[..map.inputs].copy_from_slice(block);
    let mut first = 0;
    for (&end, place) in map.ends.iter().zip(map.inputs..) {
        let (before, after) = rows.split_at_mut(place);
        // Two sums side by side, since one alone waits for its own additions.
        let [mut even, mut odd] = [[0.0; Columns::WIDTH]; 2];
        let (pairs, rest) = map.terms[first..end as usize].as_chunks::<2>();
        for [(row, factor), (other, by)] in pairs {
            let (row, other) = (&before[*row as usize], &before[*other as usize]);
            add(&mut even, row, *factor);
            add(&mut odd, other, *by);
        }
        for (row, factor) in rest {
            let row = &before[*row as usize];
            add(&mut even, row, *factor);
        }
        add(&mut even, &odd, 1.0);
        after[0] = even;
        first = end as usize;
    }
    block.clear();
    block.extend(map.outputs.iter().map(|&row| rows[row as usize]));
}
