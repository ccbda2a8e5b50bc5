//! Rows of numbers, each a linear combination of rows before it: how a step carries all directions of a tangent at once.
//!
//! Two combinations that come from the same rows are a pair, computed side by side: so each row is read once for both.

use super::columns::{Block, Columns};
use rayon::prelude::*;

/// A linear map from rows to rows, written down in the order in which it is computed.
#[derive(Clone, Debug, Default)]
pub struct Combinations {
    inputs: usize,
    entries: Vec<Entry>,
    /// (row, factors) of both of a pair; rows are the inputs, then the combinations in order.
    shared: Vec<(u32, [f64; 2])>,
    /// (row, factor) of one: those of the first of a pair, then those of the second.
    own: Vec<(u32, f64)>,
    /// Those of the second of the pair that is being written.
    second: Vec<(u32, f64)>,
    /// Number of combinations.
    written: usize,
    /// Rows that come out.
    outputs: Vec<u32>,
}

/// A combination or a pair: where its terms end.
#[derive(Clone, Copy, Debug)]
struct Entry {
    shared: u32,
    own: [u32; 2],
    pair: bool,
}

impl Combinations {
    /// Begins anew, with so many rows coming in.
    pub fn clear(&mut self, inputs: usize) {
        (self.inputs, self.written) = (inputs, 0);
        self.entries.clear();
        self.shared.clear();
        self.own.clear();
        self.outputs.clear();
    }

    /// Adds a term to the combination that is being written, or to the first of a pair.
    #[inline]
    pub fn term(&mut self, row: usize, factor: f64) {
        if factor != 0.0 {
            self.own.push((row as u32, factor));
        }
    }

    /// Adds a term to the second of a pair.
    #[inline]
    pub fn second(&mut self, row: usize, factor: f64) {
        if factor != 0.0 {
            self.second.push((row as u32, factor));
        }
    }

    /// Adds a term to both of a pair.
    #[inline]
    pub fn both(&mut self, row: usize, factors: [f64; 2]) {
        if factors != [0.0; 2] {
            self.shared.push((row as u32, factors));
        }
    }

    /// Ends the combination that is being written; its row.
    pub fn end(&mut self) -> usize {
        let [row, _] = self.end_entry(false);
        row
    }

    /// Ends the pair that is being written; its rows.
    pub fn end_pair(&mut self) -> [usize; 2] {
        self.end_entry(true)
    }

    fn end_entry(&mut self, pair: bool) -> [usize; 2] {
        let first = self.own.len() as u32;
        self.own.append(&mut self.second);
        self.entries.push(Entry { shared: self.shared.len() as u32, own: [first, self.own.len() as u32], pair });
        let row = self.inputs + self.written;
        self.written += 1 + usize::from(pair);
        [row, row + 1]
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
        2 * self.shared.len() + self.own.len()
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
    rows.resize(rows.len().max(map.inputs + map.written), [0.0; Columns::WIDTH]);
    rows[..map.inputs].copy_from_slice(block);
    let (mut place, mut shared, mut own) = (map.inputs, 0, 0);
    for entry in &map.entries {
        let (before, after) = rows.split_at_mut(place);
        let [mut one, mut other] = [[0.0; Columns::WIDTH]; 2];
        for (row, [factor, by]) in &map.shared[shared..entry.shared as usize] {
            let row = &before[*row as usize];
            add(&mut one, row, *factor);
            add(&mut other, row, *by);
        }
        let [first, second] = entry.own.map(|end| end as usize);
        for (row, factor) in &map.own[own..first] {
            add(&mut one, &before[*row as usize], *factor);
        }
        for (row, factor) in &map.own[first..second] {
            add(&mut other, &before[*row as usize], *factor);
        }
        after[0] = one;
        place += 1;
        if entry.pair {
            after[1] = other;
            place += 1;
        }
        (shared, own) = (entry.shared as usize, second);
    }
    block.clear();
    block.extend(map.outputs.iter().map(|&row| rows[row as usize]));
}
