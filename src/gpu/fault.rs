//! What a device can be made to do wrong, so that the tests see what becomes of it. Outside them nothing plans a fault.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The faults of one device, which go on when it is opened again after a loss.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    no_memory: Vec<u32>,
    lost: Vec<u32>,
    shader: Vec<(&'static str, &'static str)>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    allocations: AtomicU32,
    submissions: AtomicU32,
}

impl Faults {
    /// Finds no memory for these allocations, counted from 0.
    pub fn no_memory(mut self, allocations: impl IntoIterator<Item = u32>) -> Faults {
        self.no_memory.extend(allocations);
        self
    }

    /// Is lost when it gets these submissions, counted from 0.
    pub fn lost(mut self, submissions: impl IntoIterator<Item = u32>) -> Faults {
        self.lost.extend(submissions);
        self
    }

    /// Computes `instead` wherever a shader says `text`; of several, one after the other.
    pub fn shader(mut self, text: &'static str, instead: &'static str) -> Faults {
        self.shader.push((text, instead));
        self
    }

    /// Buffers asked for, and submissions made, so far.
    pub fn counted(&self) -> (u32, u32) {
        (self.counts.allocations.load(Ordering::Relaxed), self.counts.submissions.load(Ordering::Relaxed))
    }

    pub(super) fn refuses_memory(&self) -> bool {
        self.no_memory.contains(&self.counts.allocations.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn loses_device(&self) -> bool {
        self.lost.contains(&self.counts.submissions.fetch_add(1, Ordering::Relaxed))
    }

    /// The source that is compiled in place of `source`.
    ///
    /// Panics if the planned text is nowhere in it: the fault would be none.
    pub fn altered<'a>(&self, source: &'a str) -> Cow<'a, str> {
        self.shader.iter().fold(source.into(), |source, (text, instead)| {
            assert!(source.contains(text), "no shader says {text:?}");
            source.replace(text, instead).into()
        })
    }
}
