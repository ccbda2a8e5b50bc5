//! What a kernel finds the spikes with that arrive through the graph: files, and the constants that they refer to.

use super::lookup::lookup;
use crate::network::shape::{NetworkShape, ProjectionShape};
use crate::network::wiring::Wiring;
use std::fmt::Write;

/// Spikes that a step's counts have bits for.
const COUNTED: u32 = 0xffff;
/// Words of the counts of 32 targets.
const COUNT_WORDS: u32 = 16;
/// Spikes that are counted before they are written down, as many as eight bits hold in fours, and how many are read side by side.
const TOGETHER: u32 = 252;
const SIDE_BY_SIDE: u32 = 4;

/// What suits a shape. Where neurons have threads of their own they are few, and counting ahead would take more barriers.
pub fn suited(shape: &NetworkShape, resident: bool) -> Wiring {
    let counted = shape.populations.iter().all(|pop| pop.size <= COUNTED);
    Wiring::new(shape, resident || !counted)
}

/// The file under `shaders/`.
pub fn shader(wiring: Wiring) -> &'static str {
    match wiring {
        Wiring::BySource => include_str!("../../shaders/network/rows_of_sources.wgsl"),
        _ => include_str!("../../shaders/network/rows_of_targets.wgsl"),
    }
}

/// Words of one member: the graph and, behind it, what a step counts with.
pub fn words(wiring: Wiring, shape: &NetworkShape) -> u64 {
    match wiring {
        Wiring::BySource => counts_at(shape) + u64::from(COUNT_WORDS) * sum(shape, |proj| shape.target_words(proj)),
        _ => wiring.words(shape),
    }
}

/// Invocations that one member's graph is drawn by.
pub fn tasks(wiring: Wiring, shape: &NetworkShape) -> u32 {
    sum(shape, |proj| tasks_of(wiring, shape, proj)) as u32
}

/// Loop iterations of one thread in one step, at most.
pub fn iterations(wiring: Wiring, shape: &NetworkShape, workgroup: u32, neurons: u32) -> u32 {
    let words: u32 = shape.populations.iter().map(|pop| pop.size.div_ceil(32)).sum();
    match wiring {
        // Of a word, a graph that is drawn again takes eight parts, or, with a fixed in-degree, 32 sources and twice their walks.
        Wiring::Drawn if shape.projections.iter().any(|proj| proj.indegree) => 97 * words * neurons,
        Wiring::Drawn => 9 * words * neurons,
        Wiring::ByTarget => words * neurons,
        Wiring::BySource => {
            let projections = shape.projections.len() as u32;
            let largest = shape.populations.iter().map(|pop| pop.size).max().unwrap_or(0);
            let listed = projections * 33 * (words.div_ceil(workgroup) + 1);
            let targets = sum(shape, |proj| shape.target_words(proj)).div_ceil(u64::from(workgroup)) as u32;
            let counted = largest.div_ceil(SIDE_BY_SIDE) + (1 + COUNT_WORDS) * largest.div_ceil(TOGETHER) + 1;
            2 * projections + listed + targets * counted
        }
    }
}

/// What the files refer to.
pub fn constants(wiring: Wiring, shape: &NetworkShape) -> String {
    let mut text = String::new();
    let mut number =
        |name: &str, value: u64| writeln!(text, "const {name}: u32 = {value}u;").expect("writes to a string");
    number("WIRING_STRIDE", words(wiring, shape));
    number("WIRING_TASKS", tasks(wiring, shape).into());
    if wiring == Wiring::BySource {
        number("COUNTS_AT", counts_at(shape));
        number("COUNT_WORDS", COUNT_WORDS.into());
        number("COUNTED_TOGETHER", TOGETHER.into());
        number("ARRIVAL_WORDS", sum(shape, |proj| shape.target_words(proj)));
    }
    text += &format!("const WIRING_STORED: bool = {};\n", wiring != Wiring::Drawn);
    let mut of_projection = |name: &str, value: &dyn Fn(&ProjectionShape) -> u32, first: u32| {
        text += &lookup(name, "proj", cumulative(first, shape.projections.iter().map(value)));
    };
    of_projection("first_wiring_word_of", &|proj| wiring.words_of(shape, proj), 0);
    of_projection("first_wiring_task_of", &|proj| tasks_of(wiring, shape, proj), 0);
    if wiring == Wiring::BySource {
        of_projection("first_listed_of", &|proj| shape.source_neurons(proj), wiring.words(shape) as u32);
        of_projection("first_target_word_of", &|proj| shape.target_words(proj), 0);
        let words: Vec<u32> = shape.projections.iter().map(|proj| shape.target_words(proj)).collect();
        text += &lookup("target_words_of", "proj", words);
    }
    text
}

fn tasks_of(wiring: Wiring, shape: &NetworkShape, proj: &ProjectionShape) -> u32 {
    match wiring {
        Wiring::BySource => shape.source_neurons(proj).div_ceil(4) * shape.target_words(proj),
        _ => wiring.words_of(shape, proj),
    }
}

/// Where a step's counts begin: behind the lists of who fired.
fn counts_at(shape: &NetworkShape) -> u64 {
    Wiring::BySource.words(shape) + sum(shape, |proj| shape.source_neurons(proj))
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
