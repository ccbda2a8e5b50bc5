//! Kernels as flat code: words of an invocation's memory, operations on them, and accesses of what a workgroup shares.

use super::layout::{Layout, Region, path};
use wgpu::naga::{BuiltIn, Module, Span};

/// A word of an invocation's memory: of the frame of the function at work or, marked so, of all its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub u32);

/// Marks words that no frame moves: constants and private variables.
const FIXED: u32 = 1 << 31;

impl Word {
    pub fn fixed(at: u32) -> Word {
        Word(at | FIXED)
    }

    pub fn plus(self, further: u32) -> Word {
        Word(self.0 + further)
    }

    pub fn place(self, frame: u32) -> usize {
        ((self.0 & !FIXED) + if self.0 & FIXED == 0 { frame } else { 0 }) as usize
    }
}

/// Shared memory from word `base` + `first` on.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub base: Word,
    pub first: u32,
}

/// What a number has to be, or WGSL does not say what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Less than 32.
    Shift,
    /// Not zero.
    Divisor,
}

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Copy { to: Word, from: Word, words: u32 },
    One { f: fn(u32) -> u32, to: Word, a: Word },
    Two { f: fn(u32, u32) -> u32, to: Word, a: Word, b: Word },
    Three { f: fn(u32, u32, u32) -> u32, to: Word, a: Word, b: Word, c: Word },
    // Of pairs of words, the lower one first.
    Wide { f: fn(u64, u64) -> u64, to: Word, a: [Word; 2], b: [Word; 2] },
    Within { limit: Limit, a: Word },
    // Where a word of the frame lies in the invocation's memory.
    Address { to: Word, of: Word },
    // base + index stride, of an array that has `count` elements.
    Index { to: Word, base: Word, index: Word, stride: u32, count: u32 },
    // The invocation's own memory, from a word that only a run knows.
    Load { to: Word, from: Place, words: u32 },
    Store { to: Place, from: Word },
    // What all share.
    Read { to: Word, from: Place, words: u32, atomic: bool },
    Write { to: Place, from: Word, atomic: bool },
    Atomic { f: fn(u32, u32) -> u32, before: Word, at: Place, with: Word },
    Jump { to: u32 },
    Unless { a: Word, to: u32 },
    Call { to: u32, frame: u32 },
    Return,
    Barrier { workgroup: bool, storage: bool },
}

/// One entry point.
pub struct Code {
    pub ops: Vec<Op>,
    /// Function and text that each comes from.
    pub sites: Vec<(String, Span)>,
    pub start: u32,
    /// Where the entry point takes its arguments, of which there are up to three words each.
    pub arguments: Vec<(BuiltIn, Word)>,
    /// An invocation's memory at its beginning: private variables and constants; then words for frames.
    pub fixed: Vec<u32>,
    pub frames: u32,
    pub workgroup: u32,
    pub layout: Layout,
    pub source: String,
    pub module: Module,
}

impl Code {
    /// Function, line and column, and the line, of an operation.
    pub fn site(&self, op: u32) -> String {
        let (function, span) = &self.sites[op as usize];
        let at = span.location(&self.source);
        let line = self.source.lines().nth(at.line_number as usize - 1).unwrap_or("").trim();
        format!("{function} ({}:{}): {line}", at.line_number, at.line_position)
    }

    /// A word of shared memory by its name.
    pub fn element(&self, word: u32) -> String {
        let Region { name, ty, first, .. } = self.layout.region(word);
        format!("{name}{}", path(&self.module, *ty, word - first))
    }
}
