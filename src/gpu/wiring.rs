//! How a quenched graph lies in a device's memory.

use super::lookup::lookup;
use crate::network::shape::{NetworkShape, ProjectionShape};
use crate::network::wiring::{graph_words, wiring_stored};
use std::fmt::Write;

/// How a kernel finds what arrives through the graph; results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wiring {
    /// Draws it again at each spike.
    Drawn,
    /// Keeps a word of 32 sources for each target: every neuron looks through the words of its sources.
    ByTarget,
    /// Keeps a row of each source, a bit for each target: what arrives is counted for 32 targets at a time.
    BySource,
}

/// Spikes that a step's counts have bits for.
const COUNTED: u32 = 0xffff;
/// Words of the counts of 32 targets.
const COUNT_WORDS: u32 = 16;
/// Spikes that are counted before they are written down, and how many are read side by side.
const TOGETHER: u32 = 252;
const SIDE_BY_SIDE: u32 = 4;

impl Wiring {
    /// What suits a shape. Where neurons have threads of their own they are few: their words are soon looked through, and counting ahead
    /// would take more barriers.
    pub fn new(shape: &NetworkShape, resident: bool) -> Wiring {
        let counted = shape.populations.iter().all(|pop| pop.size <= COUNTED);
        match (wiring_stored(shape), resident || !counted) {
            (false, _) => Wiring::Drawn,
            (true, true) => Wiring::ByTarget,
            (true, false) => Wiring::BySource,
        }
    }

    pub fn is_stored(self) -> bool {
        self != Wiring::Drawn
    }

    /// The files under `shaders/` for it.
    pub fn shader(self) -> &'static str {
        match self {
            Wiring::BySource => include_str!("../../shaders/network/rows_of_sources.wgsl"),
            _ => include_str!("../../shaders/network/rows_of_targets.wgsl"),
        }
    }

    /// Words of one member: the graph and, behind it, what a step counts with.
    pub fn words(self, shape: &NetworkShape) -> u64 {
        match self {
            Wiring::Drawn => 0,
            Wiring::ByTarget => sum(shape, |proj| words_by_target(shape, proj)),
            Wiring::BySource => u64::from(self.counts_at(shape)) + self.count_words(shape),
        }
    }

    /// Invocations that one member's graph is drawn by.
    pub fn tasks(self, shape: &NetworkShape) -> u32 {
        sum(shape, |proj| self.tasks_of(shape, proj)) as u32
    }

    /// Loop iterations of one thread in one step, at most.
    pub fn iterations(self, shape: &NetworkShape, workgroup: u32, neurons: u32) -> u32 {
        let words: u32 = shape.populations.iter().map(|pop| pop.size.div_ceil(32)).sum();
        match self {
            // Of a word, a graph that is drawn again takes eight parts, or, with a fixed in-degree, 32 sources and twice their walks.
            Wiring::Drawn if shape.projections.iter().any(|proj| proj.indegree) => 97 * words * neurons,
            Wiring::Drawn => 9 * words * neurons,
            Wiring::ByTarget => words * neurons,
            Wiring::BySource => {
                let projections = shape.projections.len() as u32;
                let largest = shape.populations.iter().map(|pop| pop.size).max().unwrap_or(0);
                let listed = projections * 33 * (words.div_ceil(workgroup) + 1);
                let targets = sum(shape, |proj| target_words(shape, proj)).div_ceil(u64::from(workgroup)) as u32;
                let counted = largest.div_ceil(SIDE_BY_SIDE) + (1 + COUNT_WORDS) * largest.div_ceil(TOGETHER) + 1;
                2 * projections + listed + targets * counted
            }
        }
    }

    /// What the files refer to.
    pub fn constants(self, shape: &NetworkShape) -> String {
        let mut text = String::new();
        let mut number =
            |name: &str, value: u64| writeln!(text, "const {name}: u32 = {value}u;").expect("writes to a string");
        number("WIRING_STRIDE", self.words(shape));
        number("WIRING_TASKS", self.tasks(shape).into());
        if self == Wiring::BySource {
            number("COUNTS_AT", self.counts_at(shape).into());
            number("ARRIVAL_WORDS", sum(shape, |proj| target_words(shape, proj)));
        }
        text += &format!("const WIRING_STORED: bool = {};\n", self.is_stored());
        let mut of_projection = |name: &str, value: &dyn Fn(&ProjectionShape) -> u32, first: u32| {
            text += &lookup(name, "proj", &cumulative(first, shape.projections.iter().map(value)));
        };
        match self {
            Wiring::Drawn => of_projection("first_wiring_word_of", &|_| 0, 0),
            Wiring::ByTarget => of_projection("first_wiring_word_of", &|proj| words_by_target(shape, proj), 0),
            Wiring::BySource => {
                of_projection("first_wiring_word_of", &|proj| words_by_source(shape, proj), 0);
                of_projection("first_wiring_task_of", &|proj| self.tasks_of(shape, proj), 0);
                of_projection("first_listed_of", &|proj| shape.source_neurons(proj), graph_words(shape) as u32);
                of_projection("first_target_word_of", &|proj| target_words(shape, proj), 0);
                let words: Vec<u32> = shape.projections.iter().map(|proj| target_words(shape, proj)).collect();
                text += &lookup("target_words_of", "proj", &words);
            }
        }
        text
    }

    fn tasks_of(self, shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
        match self {
            Wiring::Drawn => 0,
            Wiring::ByTarget => words_by_target(shape, proj),
            Wiring::BySource => shape.source_neurons(proj).div_ceil(4) * target_words(shape, proj),
        }
    }

    /// Where a step's counts begin: behind the lists of who fired.
    fn counts_at(self, shape: &NetworkShape) -> u32 {
        graph_words(shape) as u32 + sum(shape, |proj| shape.source_neurons(proj)) as u32
    }

    fn count_words(self, shape: &NetworkShape) -> u64 {
        u64::from(COUNT_WORDS) * sum(shape, |proj| target_words(shape, proj))
    }
}

fn words_by_target(shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
    shape.source_words(proj) * shape.populations[proj.target as usize].size
}

fn words_by_source(shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
    shape.source_neurons(proj) * target_words(shape, proj)
}

/// Words of a row of targets; none where no spikes come from.
fn target_words(shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
    if proj.outside { 0 } else { shape.populations[proj.target as usize].size.div_ceil(32) }
}

fn sum(shape: &NetworkShape, value: impl Fn(&ProjectionShape) -> u32) -> u64 {
    shape.projections.iter().map(|proj| u64::from(value(proj))).sum()
}

/// `first` and everything before each value.
pub fn cumulative(first: u32, values: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sum = first;
    let before = |value| {
        sum += value;
        sum - value
    };
    values.map(before).collect()
}
