//! Shader modules by concatenation: what is generated for a shape, then the files under `shaders/` as they are, then the passes
//! over its neurons.

use super::lookup::{lookup, lookup_truth};
use super::passes::{passes, states};
use super::wiring::{self, cumulative};
use super::workgroup::WorkgroupLayout;
use crate::network::dispatch::{MemberParameters, NetworkDispatch};
use crate::network::parameters::{PopulationParameters, ProjectionParameters};
use crate::network::scale::DRIFT_POINTS;
use crate::network::shape::{Model, NetworkShape};
use crate::network::state::member_words;
use crate::network::stepping::{HEADER, INTERVAL_WORDS};
use crate::random::normal_table::FRACTION;
use crate::random::permutation::sides;
use std::fmt::Write;

/// The files that a network kernel is made of, in order.
const NETWORK: [&str; 10] = [
    include_str!("../../shaders/random/threefry.wgsl"),
    include_str!("../../shaders/random/draws.wgsl"),
    include_str!("../../shaders/random/permutation.wgsl"),
    include_str!("../../shaders/network/fixed.wgsl"),
    include_str!("../../shaders/network/member.wgsl"),
    include_str!("../../shaders/network/neuron.wgsl"),
    include_str!("../../shaders/network/initial.wgsl"),
    include_str!("../../shaders/network/ring.wgsl"),
    include_str!("../../shaders/network/wiring.wgsl"),
    include_str!("../../shaders/network/stepping.wgsl"),
];
/// The upper half of a product, and the same on a device with 64-bit integers.
const PRODUCT: &str = include_str!("../../shaders/network/product.wgsl");
const WIDE_PRODUCT: &str = "\
fn multiply_high(a: u32, b: u32) -> u32 {
    return u32((u64(a) * u64(b) + 0x80000000lu) >> 32u);
}
";
/// What differs between the models.
const SNN: &str = include_str!("../../shaders/network/snn.wgsl");
const MARKOV: &str = include_str!("../../shaders/network/markov.wgsl");
/// What they do with kicks of two stages, or in its place where there are none.
const RISE: &str = include_str!("../../shaders/network/rise.wgsl");
const RISE_MOMENTS: &str = include_str!("../../shaders/network/rise_moments.wgsl");
const NO_RISE: &str = "\
fn rise(k: u32, born: u32, n: ptr<function, Neuron>) -> u32 {
    return 0u;
}

fn add_risen(pop: u32, k: u32, proj: u32, index: u32, step: u32, n: ptr<function, Neuron>) {}
";
const NO_RISE_MOMENTS: &str = "\
fn risen_moments(r: ProjectionParameters, dies: bool, before: ProjectionState, born: u32, births: u32) -> ProjectionState {
    return before;
}

fn deviate_rising(pop: u32, k: u32, proj: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> i32 {
    return 0;
}
";

/// Which binomials a kernel draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binomials {
    /// Those of up to 255; a larger count makes the kernel leave the dispatch undone ([`COUNT_LARGE`]).
    ///
    /// [`COUNT_LARGE`]: crate::network::member::COUNT_LARGE
    Small,
    All,
}

/// The kernel of a shape; `bins` voltage bins per population.
///
/// `Binomials::Small` is for state in registers: in memory it would be overwritten by steps that are not done.
pub fn network(shape: &NetworkShape, layout: &WorkgroupLayout, bins: &[u32], binomials: Binomials) -> String {
    let mut source = prelude(shape, layout, bins, binomials);
    for structure in
        [PopulationParameters::wgsl, ProjectionParameters::wgsl, MemberParameters::wgsl, NetworkDispatch::wgsl]
    {
        source += &structure();
    }
    source += &states(shape, layout);
    for file in NETWORK {
        source += file;
    }
    source += wiring::shader(layout.wiring);
    source += if layout.wide_products { WIDE_PRODUCT } else { PRODUCT };
    let (model, rise, no_rise) = match shape.model {
        Model::Snn => (SNN, RISE, NO_RISE),
        Model::Markov(_) => (MARKOV, RISE_MOMENTS, NO_RISE_MOMENTS),
    };
    source += model;
    source += if shape.has_rise() { rise } else { no_rise };
    source + "\n" + &passes(shape, layout)
}

fn prelude(shape: &NetworkShape, layout: &WorkgroupLayout, bins: &[u32], binomials: Binomials) -> String {
    let mut text = String::from("// Constants of one shape, generated.\n");
    let (populations, projections) = (&shape.populations, &shape.projections);
    let (count, moments) = (populations.len() as u32, projections.len().max(1) as u32);
    let incoming = shape.incoming_max().max(1);
    let bins_max = bins.iter().copied().max().unwrap_or(1);
    let words = || populations.iter().map(|pop| pop.size.div_ceil(32));
    let mut number =
        |name: &str, value: u32| writeln!(text, "const {name}: u32 = {value}u;").expect("writes to a string");
    number("POPULATIONS", count);
    number("PROJECTIONS", projections.len() as u32);
    number("NEURONS", shape.neurons());
    number("WORKGROUP", layout.workgroup);
    number("ROUNDS", layout.rounds().max(1));
    number("KICKS", shape.kick_words_max().max(1));
    number("MOMENTS", moments);
    number("HELD_POPULATIONS", if layout.held_parameters { count } else { 1 });
    number("HELD_PROJECTIONS", if layout.held_parameters { moments } else { 1 });
    number("HEADER", HEADER);
    number("NORMAL_FRACTION", FRACTION);
    number("DRIFT_POINTS", DRIFT_POINTS as u32);
    number("BINS_MAX", bins_max);
    number("SPIKE_COUNTS", 3 * count);
    number("SPIKE_BITS", if shape.quenched { 3 * words().sum::<u32>() } else { 3 });
    number("RING", shape.ring);
    number("RING_AT", member_words(shape)[2] as u32);
    number("SLOT_WORDS", shape.slot_words() as u32);
    number("VOLTAGE_COUNTS", count * bins_max);
    number("INTERVAL_SUMS", count * INTERVAL_WORDS as u32);
    number("SAMPLE_SUMS", count + projections.len() as u32);
    let mut flag =
        |name: &str, value: bool| writeln!(text, "const {name}: bool = {value};").expect("writes to a string");
    flag("RESIDENT", layout.is_resident());
    flag("HOLDS_PARAMETERS", layout.held_parameters);
    flag("LARGE_BINOMIALS", binomials == Binomials::All);
    flag("QUENCHED", shape.quenched);
    flag("PREPARES", shape.model != Model::Snn);
    flag("RECEIVES", shape.model == Model::Snn && !projections.is_empty());
    flag("SOURCES", shape.has_sources());
    text += "\n";
    let mut of_population = |name: &str, values: Vec<u32>| text += &lookup(name, "pop", &values);
    of_population("size_of", populations.iter().map(|pop| pop.size).collect());
    of_population("first_neuron_of", populations.iter().map(|pop| pop.first_neuron).collect());
    of_population("words_of", populations.iter().map(|pop| pop.words).collect());
    of_population("bins_of", bins.to_vec());
    of_population("spike_words_of", words().collect());
    of_population("first_spike_word_of", cumulative(0, words()));
    of_population("incoming_count_of", populations.iter().map(|pop| pop.incoming.len() as u32).collect());
    of_population("kick_count_of", (0..populations.len()).map(|pop| shape.kick_words(pop)).collect());
    let mut whether = |name: &str, values: Vec<bool>| text += &lookup_truth(name, "pop", &values);
    whether("has_poisson_drive", populations.iter().map(|pop| pop.poisson_drive).collect());
    whether("has_fixed_refractory", populations.iter().map(|pop| pop.fixed_refractory).collect());
    whether("has_adaptation", populations.iter().map(|pop| pop.adaptation).collect());
    whether("has_drift", populations.iter().map(|pop| pop.drift).collect());
    let mut of_projection = |name: &str, values: Vec<u32>| text += &lookup(name, "proj", &values);
    of_projection("source_of", projections.iter().map(|proj| proj.source).collect());
    of_projection("target_of", projections.iter().map(|proj| proj.target).collect());
    let sides = |side: usize| projections.iter().map(|proj| sides(shape.source_neurons(proj))[side]).collect();
    of_projection("rows_of", sides(0));
    of_projection("columns_of", sides(1));
    text += &wiring::constants(layout.wiring, shape);
    let mut whether = |name: &str, values: Vec<bool>| text += &lookup_truth(name, "proj", &values);
    whether("is_outside", projections.iter().map(|proj| proj.outside).collect());
    whether("has_conductance", projections.iter().map(|proj| proj.conductance).collect());
    whether("subtracts", projections.iter().map(|proj| proj.subtracts()).collect());
    whether("has_deterministic_decay", projections.iter().map(|proj| proj.deterministic_decay).collect());
    whether("has_memory", (0..projections.len()).map(|proj| shape.has_memory(proj)).collect());
    whether("has_indegree", projections.iter().map(|proj| proj.indegree).collect());
    whether("has_rise", projections.iter().map(|proj| proj.rise).collect());
    whether("is_delta", projections.iter().map(|proj| proj.delta).collect());
    if !layout.written_out {
        let table = populations
            .iter()
            .flat_map(|pop| (0..incoming as usize).map(|k| pop.incoming.get(k).copied().unwrap_or(0)));
        text += &lookup("incoming_entry", "entry", &table.collect::<Vec<u32>>());
        text += &format!(
            "fn incoming_of(pop: u32, k: u32) -> u32 {{\n    return incoming_entry(pop * {incoming}u + k);\n}}\n\n"
        );
    }
    text
}
