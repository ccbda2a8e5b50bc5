//! Shader modules by concatenation: what is generated for a shape, then the files under `shaders/` as they are, then the passes
//! over its neurons.

use super::lookup::{flag, lookup, lookup_truth, size};
use super::passes::{passes, states};
use super::wiring::{self, cumulative};
use super::workgroup::WorkgroupLayout;
use crate::network::dispatch::{MemberParameters, NetworkDispatch};
use crate::network::parameters::{PopulationParameters, ProjectionParameters};
use crate::network::scale::DRIFT_POINTS;
use crate::network::shape::{Model, NetworkShape, PopulationShape};
use crate::network::state::member_words;
use crate::network::stepping::{HEADER, INTERVAL_WORDS};
use crate::random::normal_table::FRACTION;
use crate::random::permutation::sides;

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

/// What is known of a shape: constants, and look-ups by population and projection.
fn prelude(shape: &NetworkShape, layout: &WorkgroupLayout, bins: &[u32], binomials: Binomials) -> String {
    let mut text = String::from("// Constants of one shape, generated.\n");
    text += &sizes(shape, layout, bins.iter().copied().max().unwrap_or(1));
    text += &flags(shape, layout, binomials);
    text += &of_populations(shape, bins);
    text += &of_projections(shape);
    text += &wiring::constants(layout.wiring, shape);
    if !layout.written_out {
        text += &incoming(shape);
    }
    text
}

fn sizes(shape: &NetworkShape, layout: &WorkgroupLayout, bins_max: u32) -> String {
    let (populations, projections) = (shape.populations.len() as u32, shape.projections.len() as u32);
    // Arrays are never empty.
    let moments = projections.max(1);
    let words: u32 = spike_words(shape).sum();
    let sizes = [
        ("POPULATIONS", populations),
        ("PROJECTIONS", projections),
        ("NEURONS", shape.neurons()),
        ("WORKGROUP", layout.workgroup),
        ("ROUNDS", layout.rounds().max(1)),
        ("KICKS", shape.kick_words_max().max(1)),
        ("MOMENTS", moments),
        ("HELD_POPULATIONS", if layout.held_parameters { populations } else { 1 }),
        ("HELD_PROJECTIONS", if layout.held_parameters { moments } else { 1 }),
        ("HEADER", HEADER),
        ("NORMAL_FRACTION", FRACTION),
        ("DRIFT_POINTS", DRIFT_POINTS as u32),
        ("BINS_MAX", bins_max),
        ("SPIKE_COUNTS", 3 * populations),
        ("SPIKE_BITS", if shape.quenched { 3 * words } else { 3 }),
        ("RING", shape.ring),
        ("RING_AT", member_words(shape)[2] as u32),
        ("SLOT_WORDS", shape.slot_words() as u32),
        ("VOLTAGE_COUNTS", populations * bins_max),
        ("INTERVAL_SUMS", populations * INTERVAL_WORDS as u32),
        ("SAMPLE_SUMS", populations + projections),
    ];
    sizes.map(size).concat()
}

fn flags(shape: &NetworkShape, layout: &WorkgroupLayout, binomials: Binomials) -> String {
    let flags = [
        ("RESIDENT", layout.is_resident()),
        ("HOLDS_PARAMETERS", layout.held_parameters),
        ("LARGE_BINOMIALS", binomials == Binomials::All),
        ("QUENCHED", shape.quenched),
        ("PREPARES", shape.model != Model::Snn),
        ("RECEIVES", shape.model == Model::Snn && !shape.projections.is_empty()),
        ("SOURCES", shape.has_sources()),
    ];
    flags.map(flag).concat() + "\n"
}

/// Words of each population's spikes, one bit a neuron.
fn spike_words(shape: &NetworkShape) -> impl Iterator<Item = u32> {
    shape.populations.iter().map(|pop| pop.size.div_ceil(32))
}

fn of_populations(shape: &NetworkShape, bins: &[u32]) -> String {
    let each = || shape.populations.iter();
    [
        lookup("size_of", "pop", each().map(|pop| pop.size)),
        lookup("first_neuron_of", "pop", each().map(|pop| pop.first_neuron)),
        lookup("words_of", "pop", each().map(|pop| pop.words)),
        lookup("bins_of", "pop", bins.iter().copied()),
        lookup("spike_words_of", "pop", spike_words(shape)),
        lookup("first_spike_word_of", "pop", cumulative(0, spike_words(shape))),
        lookup("incoming_count_of", "pop", each().map(|pop| pop.incoming.len() as u32)),
        lookup("kick_count_of", "pop", (0..shape.populations.len()).map(|pop| shape.kick_words(pop))),
        lookup_truth("has_poisson_drive", "pop", each().map(|pop| pop.poisson_drive)),
        lookup_truth("has_fixed_refractory", "pop", each().map(|pop| pop.fixed_refractory)),
        lookup_truth("has_adaptation", "pop", each().map(|pop| pop.adaptation)),
        lookup_truth("has_drift", "pop", each().map(|pop| pop.drift)),
    ]
    .concat()
}

fn of_projections(shape: &NetworkShape) -> String {
    let each = || shape.projections.iter();
    [
        lookup("source_of", "proj", each().map(|proj| proj.source)),
        lookup("target_of", "proj", each().map(|proj| proj.target)),
        lookup("rows_of", "proj", each().map(|proj| sides(shape.source_neurons(proj))[0])),
        lookup("columns_of", "proj", each().map(|proj| sides(shape.source_neurons(proj))[1])),
        lookup_truth("is_outside", "proj", each().map(|proj| proj.outside)),
        lookup_truth("has_conductance", "proj", each().map(|proj| proj.conductance)),
        lookup_truth("subtracts", "proj", each().map(|proj| proj.subtracts())),
        lookup_truth("has_deterministic_decay", "proj", each().map(|proj| proj.deterministic_decay)),
        lookup_truth("has_memory", "proj", (0..shape.projections.len()).map(|proj| shape.has_memory(proj))),
        lookup_truth("has_indegree", "proj", each().map(|proj| proj.indegree)),
        lookup_truth("has_rise", "proj", each().map(|proj| proj.rise)),
        lookup_truth("is_delta", "proj", each().map(|proj| proj.delta)),
    ]
    .concat()
}

/// Projections onto each population, where passes are loops over them.
fn incoming(shape: &NetworkShape) -> String {
    let most = shape.incoming_max().max(1);
    let of = |pop: &PopulationShape| {
        (0..most as usize).map(|k| pop.incoming.get(k).copied().unwrap_or(0)).collect::<Vec<u32>>()
    };
    lookup("incoming_entry", "entry", shape.populations.iter().flat_map(of))
        + &format!("fn incoming_of(pop: u32, k: u32) -> u32 {{\n    return incoming_entry(pop * {most}u + k);\n}}\n\n")
}
