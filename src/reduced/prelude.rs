//! The `dsode` kernel of a shape: a prelude of constants, structs and look-ups, then the shader files as they are.

use super::fields::Field;
use super::layout::TrajectoryLayout;
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::real::Real;
use super::shape::DsodeShape;
use super::state::StateFields;
use super::transition::{BinLaw, Edge, Share};
use crate::gpu::lookup::{flag, lookup, size};

/// The files that the kernel is made of, in order.
const FILES: [&str; 18] = [
    include_str!("../../shaders/random/threefry.wgsl"),
    include_str!("../../shaders/reduced/elementary.wgsl"),
    include_str!("../../shaders/reduced/normal.wgsl"),
    include_str!("../../shaders/reduced/transition.wgsl"),
    include_str!("../../shaders/reduced/linear.wgsl"),
    include_str!("../../shaders/reduced/edges.wgsl"),
    include_str!("../../shaders/reduced/moments.wgsl"),
    include_str!("../../shaders/reduced/closure.wgsl"),
    include_str!("../../shaders/reduced/local.wgsl"),
    include_str!("../../shaders/reduced/noise.wgsl"),
    include_str!("../../shaders/reduced/workspace.wgsl"),
    include_str!("../../shaders/reduced/flow.wgsl"),
    include_str!("../../shaders/reduced/inputs.wgsl"),
    include_str!("../../shaders/reduced/ring.wgsl"),
    include_str!("../../shaders/reduced/linear_step.wgsl"),
    include_str!("../../shaders/reduced/spread.wgsl"),
    include_str!("../../shaders/reduced/settle.wgsl"),
    include_str!("../../shaders/reduced/stepping.wgsl"),
];

/// The whole module.
pub fn compose(shape: &DsodeShape, layout: &TrajectoryLayout) -> String {
    let mut source = String::from("// Made for one shape.\n");
    source += &constants(shape, layout);
    source += &structure("PopulationParameters", &PopulationParameters::TABLE.list());
    source += &structure("ProjectionParameters", &ProjectionParameters::TABLE.list());
    source += &structure("BinLaw", &BinLaw::TABLE.list());
    source += &structure("Edge", &Edge::TABLE.list());
    source += &structure("Share", &Share::TABLE.list());
    source += &lookups(shape);
    FILES.iter().for_each(|file| source += file);
    source
}

fn constants(shape: &DsodeShape, layout: &TrajectoryLayout) -> String {
    let (bins, populations, projections) = (shape.total_bins(), shape.populations(), shape.projections.len());
    // Arrays are never empty.
    let of_closure = |count: usize| if shape.coloured { count.max(1) } else { 1 };
    let of_local = |count: usize| if shape.is_local() { count.max(1) } else { 1 };
    let places = StateFields::of(shape);
    let sizes = [
        ("WORKGROUP", layout.workgroup),
        ("TOGETHER", layout.together),
        ("SLOTS", layout.slots),
        ("PASSES", layout.passes),
        ("CONTRIBUTIONS", layout.slots * bins),
        ("STRANDS", f32::STRANDS),
        ("POPULATIONS", populations),
        ("DRIVES", populations + shape.sources),
        ("TALLIES", populations * f32::STRANDS),
        ("TOTAL_BINS", bins),
        ("AVERAGES", of_closure(bins)),
        ("COUNT_PROJECTIONS", projections),
        ("COUNT_FLUCTUATIONS", shape.fluctuations().count()),
        ("PROJECTIONS", projections.max(1)),
        ("FLUCTUATIONS", shape.fluctuations().count().max(1)),
        ("BETWEEN", of_closure(shape.fluctuations().count() * f32::STRANDS)),
        ("DRIFT_MOMENTS", of_closure(shape.drifts())),
        ("LOCAL_MOMENTS", of_local(shape.drifts())),
        ("LOCAL_PROJECTIONS", of_local(projections)),
        ("SCATTERS", of_local(layout.slots * bins)),
        ("FLOW_POINTS", shape.flow_points()),
        ("DELAY", shape.delay),
        ("RING", shape.ring),
        ("HELD", places.delayed.first),
        ("STATE", places.total()),
    ];
    let number = |(name, value): (&str, usize)| size((name, value as u32));
    let offsets = StateFields::TABLE.list().into_iter().zip(places.list());
    let offsets = offsets.map(|(field, place)| number((&field.name.to_uppercase(), place.first)));
    let flags = [
        ("COLOURED", shape.coloured),
        ("LINEAR", shape.linear),
        ("LOCAL", shape.is_local()),
        ("FINITE_SIZE", shape.finite_size),
    ];
    sizes.into_iter().map(number).chain(offsets).chain(flags.into_iter().map(flag)).collect()
}

/// The struct of f32 whose fields these are.
fn structure(name: &str, fields: &[Field<&str>]) -> String {
    let field = |field: &Field<&str>| format!("    ///{} [{}]\n    {}: f32,\n", field.meaning, field.entry, field.name);
    format!("struct {name} {{\n{}}}\n", fields.iter().map(field).collect::<String>())
}

/// Bins and their populations, projections and what comes in to each population.
fn lookups(shape: &DsodeShape) -> String {
    let populations = || 0..shape.populations();
    let incoming = || populations().flat_map(|q| shape.incoming(q));
    let from = |q: usize| (0..q).map(|q| shape.incoming(q).len()).sum();
    let offset = |x: usize| if shape.coloured { shape.drift_offset(x) } else { 0 };
    let functions: [(&str, Vec<usize>); 10] = [
        ("bins_of", shape.bins.clone()),
        ("intervals_of", shape.intervals.clone()),
        ("start_of", populations().map(|q| shape.start(q)).collect()),
        ("population_of", populations().flat_map(|q| vec![q; shape.bins[q]]).collect()),
        ("target_of", shape.projections.iter().map(|projection| projection.0).collect()),
        ("source_of", shape.projections.iter().map(|projection| projection.1).collect()),
        ("acting_of", shape.fluctuations().collect()),
        ("offset_of", (0..shape.fluctuations().count()).map(offset).collect()),
        ("incoming_at", incoming().map(|incoming| incoming.projection).collect()),
        ("incoming_from", (0..=shape.populations()).map(from).collect()),
    ];
    functions.iter().map(|(name, values)| lookup(name, "i", values.iter().map(|&value| value as u32))).collect()
}
