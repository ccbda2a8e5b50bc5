//! Connections of a projection in memory.

use super::chunk::PADDING;
use super::shape::{NetworkShape, ProjectionShape};
use super::wiring::Wiring;
use crate::random::draws::CHUNK;

/// Words of a chunk's targets.
pub const CHUNK_WORDS: usize = CHUNK / 32;

/// Of 32 sources, a word for each target; or of each source, a bit for each target.
#[derive(Default)]
pub struct Rows {
    pub words: Vec<u32>,
    /// Words of a row.
    pub stride: usize,
}

impl Rows {
    /// No connections, with as many words behind the rows as a chunk may read.
    pub fn new(shape: &NetworkShape, projection: &ProjectionShape, wiring: Wiring) -> Rows {
        let targets = shape.populations[projection.target as usize].size as usize;
        let (rows, stride) = match wiring {
            Wiring::BySource => (shape.source_neurons(projection), targets.div_ceil(32)),
            _ => (shape.source_words(projection), targets.next_multiple_of(PADDING)),
        };
        Rows { words: vec![0; rows as usize * stride + CHUNK_WORDS], stride }
    }
}
