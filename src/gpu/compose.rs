//! Shader modules by concatenation: a prelude of constants, then the files under `shaders/` as they are.

use crate::model::Closure;
use crate::network::shape::{Model, NetworkShape};
use crate::network::state::NEURON_WORDS;
use crate::network::stepping::{HEADER, INTERVAL_WORDS};
use crate::network::wiring::{graph_words, wiring_stored};
use crate::random::normal_table::FRACTION;
use std::fmt::Write;

/// The files that a network kernel is made of, in order.
const NETWORK: [&str; 8] = [
    include_str!("../../shaders/random/threefry.wgsl"),
    include_str!("../../shaders/random/draws.wgsl"),
    include_str!("../../shaders/network/fixed.wgsl"),
    include_str!("../../shaders/network/member.wgsl"),
    include_str!("../../shaders/network/neuron.wgsl"),
    include_str!("../../shaders/network/initial.wgsl"),
    include_str!("../../shaders/network/wiring.wgsl"),
    include_str!("../../shaders/network/stepping.wgsl"),
];
/// What differs between the models.
const SNN: &str = include_str!("../../shaders/network/snn.wgsl");
const MARKOV: &str = include_str!("../../shaders/network/markov.wgsl");

/// How a shape is workgroup_layout over the threads of a workgroup.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkgroupLayout {
    /// Threads of a workgroup.
    pub workgroup: u32,
    /// Neurons of each population per thread.
    pub slots: Vec<u32>,
    /// State in registers for a whole dispatch, or streamed from memory in every step.
    pub resident: bool,
    /// A quenched graph is kept in memory instead of drawn again at each spike.
    pub stored_wiring: bool,
}

/// Most neurons per thread whose state stays in registers.
const RESIDENT_SLOTS: u32 = 16;
/// Neurons per thread from which a larger workgroup is better.
const SLOTS_WANTED: u32 = 8;

impl WorkgroupLayout {
    /// The smallest workgroup with few neurons per thread, of at most `limit` threads.
    pub fn new(shape: &NetworkShape, limit: u32) -> WorkgroupLayout {
        let mut workgroup = 32.min(limit);
        loop {
            let slots: Vec<u32> = shape.populations.iter().map(|pop| pop.size.div_ceil(workgroup)).collect();
            let all: u32 = slots.iter().sum();
            if all <= SLOTS_WANTED || workgroup * 2 > limit {
                return WorkgroupLayout {
                    workgroup,
                    slots,
                    resident: all <= RESIDENT_SLOTS,
                    stored_wiring: wiring_stored(shape),
                };
            }
            workgroup *= 2;
        }
    }

    /// Loop iterations of one thread in one step, at most; llvmpipe ends a shader at 65 535.
    pub fn iterations_per_step(&self, shape: &NetworkShape) -> u32 {
        let populations = shape.populations.len() as u32;
        let incoming = shape.incoming_max();
        let words: u32 =
            if shape.quenched { shape.populations.iter().map(|pop| pop.size.div_ceil(32)).sum() } else { 0 };
        let largest = shape.populations.iter().map(|pop| pop.size).max().unwrap_or(1);
        // Binomials of more than 255 loop over the powers of two in a count of at most about four times the source.
        let powers = (largest.ilog2() + 3).saturating_sub(8);
        let per_neuron = 3 + (5 + 2 * powers) * incoming + 9 * words;
        let prepare = (populations + shape.projections.len() as u32).div_ceil(self.workgroup) + 2;
        10 + prepare
            + 8 * populations
            + shape.projections.len() as u32
            + words
            + self.slots.iter().sum::<u32>() * per_neuron
    }
}

/// The kernel of a shape; `bins` voltage bins per population.
pub fn network(shape: &NetworkShape, workgroup_layout: &WorkgroupLayout, bins: &[u32]) -> String {
    let mut source = prelude(shape, workgroup_layout, bins);
    for file in NETWORK {
        source += file;
    }
    source += match shape.model {
        Model::Snn => SNN,
        Model::Markov(_) => MARKOV,
    };
    source
}

/// Words of the wiring of each projection, from the first.
pub fn wiring_offsets(shape: &NetworkShape) -> Vec<u32> {
    let mut offset = 0;
    let mut offsets = vec![];
    for projection in &shape.projections {
        offsets.push(offset);
        let source = shape.populations[projection.source as usize].size.div_ceil(32);
        offset += source * shape.populations[projection.target as usize].size;
    }
    offsets
}

fn prelude(shape: &NetworkShape, workgroup_layout: &WorkgroupLayout, bins: &[u32]) -> String {
    let mut text = String::from("// Constants of one shape, generated.\n");
    let populations = &shape.populations;
    let projections = &shape.projections;
    let count = populations.len() as u32;
    let incoming = shape.incoming_max().max(1);
    let bins_max = bins.iter().copied().max().unwrap_or(1);
    let words: Vec<u32> = populations.iter().map(|pop| pop.size.div_ceil(32)).collect();
    let stored = workgroup_layout.stored_wiring;
    let table: Vec<u32> = populations
        .iter()
        .flat_map(|pop| (0..incoming as usize).map(|k| pop.incoming.get(k).copied().unwrap_or(0)))
        .collect();
    let slots: u32 = workgroup_layout.slots.iter().sum();
    let mut number =
        |name: &str, value: u32| writeln!(text, "const {name}: u32 = {value}u;").expect("writes to a string");
    number("POPULATIONS", count);
    number("PROJECTIONS", projections.len() as u32);
    number("NEURONS", shape.neurons());
    number("WORKGROUP", workgroup_layout.workgroup);
    number("INCOMING", incoming);
    number("KICKS", shape.kick_words_max().max(1));
    number("MOMENTS", projections.len().max(1) as u32);
    number("AFTER_NEURONS", shape.neurons() * (NEURON_WORDS + shape.kick_words_max()));
    number("HEADER", HEADER);
    number("NORMAL_FRACTION", FRACTION);
    number("RESIDENT_SLOTS", if workgroup_layout.resident { slots } else { 1 });
    number("BINS_MAX", bins_max);
    number("SPIKE_COUNTS", 3 * count);
    number("SPIKE_BITS", if shape.quenched { 3 * words.iter().sum::<u32>() } else { 3 });
    number("VOLTAGE_COUNTS", count * bins_max);
    number("INTERVAL_SUMS", count * INTERVAL_WORDS as u32);
    number("SAMPLE_SUMS", count + projections.len() as u32);
    number("WIRING_STRIDE", if stored { graph_words(shape) as u32 } else { 0 });
    let mut flag =
        |name: &str, value: bool| writeln!(text, "const {name}: bool = {value};").expect("writes to a string");
    flag("RESIDENT", workgroup_layout.resident);
    flag("QUENCHED", shape.quenched);
    flag("WIRING_STORED", stored);
    flag("PREPARES", shape.model != Model::Snn);
    flag("RECEIVES", shape.model == Model::Snn && !projections.is_empty());
    flag("COLOURED", shape.model == Model::Markov(Closure::Coloured));
    let numbers = |text: &mut String, name: &str, values: Vec<u32>| {
        let list: Vec<String> = values.iter().map(|v| format!("{v}u")).collect();
        let list = if list.is_empty() { vec!["0u".to_string()] } else { list };
        writeln!(text, "const {name} = array<u32, {}>({});", list.len(), list.join(", ")).expect("writes to a string");
    };
    let flags = |text: &mut String, name: &str, values: Vec<bool>| {
        let list: Vec<String> = values.iter().map(bool::to_string).collect();
        let list = if list.is_empty() { vec!["false".to_string()] } else { list };
        writeln!(text, "const {name} = array<bool, {}>({});", list.len(), list.join(", ")).expect("writes to a string");
    };
    numbers(&mut text, "SIZE", populations.iter().map(|pop| pop.size).collect());
    numbers(&mut text, "FIRST_NEURON", populations.iter().map(|pop| pop.first_neuron).collect());
    numbers(&mut text, "WORDS", populations.iter().map(|pop| pop.words).collect());
    numbers(&mut text, "BINS", bins.to_vec());
    numbers(&mut text, "SLOTS", workgroup_layout.slots.clone());
    numbers(&mut text, "FIRST_SLOT", cumulative(&workgroup_layout.slots));
    numbers(&mut text, "SOURCE_WORDS", words.clone());
    numbers(&mut text, "FIRST_WORD", cumulative(&words));
    numbers(&mut text, "INCOMING_COUNT", populations.iter().map(|pop| pop.incoming.len() as u32).collect());
    numbers(&mut text, "INCOMING_PROJECTION", table);
    numbers(&mut text, "KICK_COUNT", (0..populations.len()).map(|pop| shape.kick_words(pop)).collect());
    numbers(&mut text, "SOURCE", projections.iter().map(|j| j.source).collect());
    numbers(&mut text, "TARGET", projections.iter().map(|j| j.target).collect());
    numbers(&mut text, "WIRING_FIRST", if stored { wiring_offsets(shape) } else { vec![0; projections.len()] });
    flags(&mut text, "POISSON_DRIVE", populations.iter().map(|pop| pop.poisson_drive).collect());
    flags(&mut text, "FIXED_REFRACTORY", populations.iter().map(|pop| pop.fixed_refractory).collect());
    flags(&mut text, "ADAPTATION", populations.iter().map(|pop| pop.adaptation).collect());
    flags(&mut text, "INHIBITORY", projections.iter().map(|j| j.inhibitory).collect());
    flags(&mut text, "DETERMINISTIC_DECAY", projections.iter().map(|j| j.deterministic_decay).collect());
    text
}

/// Sum of everything before each entry.
fn cumulative(values: &[u32]) -> Vec<u32> {
    values
        .iter()
        .scan(0, |sum, v| {
            let before = *sum;
            *sum += v;
            Some(before)
        })
        .collect()
}
