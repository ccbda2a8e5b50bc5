//! Do invocations of a workgroup meet at a barrier before one touches what another wrote? Software drivers let them run one after the
//! other, so that nothing else would tell. Kernels are interpreted, and every access of memory that invocations share is watched.

mod body;
#[path = "../cases/mod.rs"]
mod cases;
mod code;
#[path = "../common/mod.rs"]
mod common;
mod compile;
mod dsode;
mod expressions;
mod kernel;
#[path = "../common/kernels.rs"]
mod kernels;
mod layout;
mod machine;
mod members;
#[path = "../backends/networks.rs"]
#[allow(dead_code, reason = "shared with the comparison of backends")]
mod networks;
mod numbers;
mod shadow;
mod small;

use cases::{dsode, linear, network};
use common::*;
use dsode::Trajectories;
use kernel::Case;
use machine::RACE;
use members::Members;
use networks::*;
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::*;
use snn_ensemble::network::shape::{Model, NetworkShape};
use std::collections::BTreeMap;

/// Every option of the kernel of `dsode`.
fn variants(width: f64) -> Vec<Variant> {
    use Closure::{Coloured, White};
    use Noise::{FiniteSize, None};
    [(White, None), (White, FiniteSize), (Coloured, None), (Coloured, FiniteSize)]
        .into_iter()
        .flat_map(|(closure, noise)| [dsode(closure, noise, width), linear(closure, noise, width)])
        .collect()
}

/// Trajectories in a burst of the example network, with few bins and as many as its config has, in one pass and in several; and of
/// networks that have of each option something.
fn trajectories() -> Vec<Box<dyn Case>> {
    let burst = 118;
    let default = [(3, 6), (6, 6), (7, 6), (7, 2), (35, 6)];
    let default = default.map(|(bins, slots)| ("default", network("default"), burst, bins, slots));
    let options = [
        ("three populations", cases::three_populations(), 40),
        ("every input", cases::every_input(), 40),
        ("nonlinear", cases::nonlinear(), 40),
        ("rising", cases::rising(), 40),
        ("inhibited", cases::inhibited(), burst),
    ];
    let options = options.map(|(name, network, before)| (name, network, before, 14, 6));
    let each = default.into_iter().chain(options).flat_map(|(name, network, before, bins, slots)| {
        let new = |variant| Trajectories::new(name, &network, &variant, before, slots);
        variants(140.0 / f64::from(bins)).into_iter().filter_map(new).collect::<Vec<_>>()
    });
    each.map(|case| Box::new(case) as Box<dyn Case>).collect()
}

type LayoutOf = fn(&NetworkShape) -> WorkgroupLayout;

/// As a GPU has them: a neuron a thread.
fn in_registers(shape: &NetworkShape) -> WorkgroupLayout {
    let limits = WorkgroupLimits { threads: 1024, memory: 1 << 15, software: false, wide_integers: false };
    WorkgroupLayout::new(shape, limits)
}

/// Two neurons a thread, and products in 64 bits.
fn in_two_rounds(shape: &NetworkShape) -> WorkgroupLayout {
    let limits = WorkgroupLimits { threads: 256, memory: 1 << 15, software: false, wide_integers: true };
    WorkgroupLayout::new(shape, limits)
}

fn in_memory(shape: &NetworkShape) -> WorkgroupLayout {
    WorkgroupLayout::streamed(shape, 64)
}

/// Members about the first burst of the example network, and of networks that have of each option something. Those come first without
/// which a barrier would not be missed.
fn members() -> Vec<Box<dyn Case>> {
    use Model::{Markov, Snn};
    let (white, coloured) = (Markov(Closure::White), Markov(Closure::Coloured));
    let adapting = every_population(paper(), |p| p.adaptation = Some(Adaptation { b: 0.05, tau: 100.0 }));
    let fixed = every_population(quenched(sized(100)), |p| p.refractory = Refractory::Fixed);
    let varying = every_population(paper(), |p| (p.drive.kind, p.drive.rate) = (DriveKind::Poisson, stepwise()));
    // All fire in the last step: births of more than 255 spikes.
    let synchronous = every_population(paper(), |p| p.drive.kind = DriveKind::Deterministic);
    let of: [(&str, Network, Model, LayoutOf); 26] = [
        ("large binomials", synchronous, Snn, in_registers),
        ("paper", paper(), white, in_registers),
        ("quenched", fixed.clone(), Snn, in_memory),
        ("delays", delayed(paper()), Snn, in_registers),
        ("paper", paper(), Snn, in_registers),
        ("paper", paper(), Snn, in_two_rounds),
        ("paper", paper(), Snn, in_memory),
        ("quenched", fixed, Snn, in_registers),
        ("quenched with delays", quenched(delayed(sized(200))), Snn, in_registers),
        ("quenched with delays", quenched(delayed(sized(200))), Snn, in_memory),
        ("indegrees", quenched(indegrees(delayed(delta(sized(100))))), Snn, in_registers),
        ("sources", quenched(sources()), Snn, in_registers),
        ("rise times", quenched(delayed(rising(some_delta(three_populations())))), Snn, in_registers),
        ("adaptation", adapting.clone(), Snn, in_registers),
        ("conductances", conductances(), Snn, in_registers),
        ("nonlinear", nonlinear(three_populations(), 0, Stepping::Exact), Snn, in_registers),
        ("nonlinear", nonlinear(three_populations(), 1, Stepping::Euler), coloured, in_registers),
        ("drives without noise", driven(), white, in_two_rounds),
        ("varying drives", varying, Snn, in_two_rounds),
        ("seven projections", many_projections(), Snn, in_registers),
        ("paper", paper(), coloured, in_registers),
        ("paper", paper(), coloured, in_memory),
        ("delays", delayed(some_delta(sized(100))), white, in_registers),
        ("sources", rising(delayed(sources())), coloured, in_registers),
        ("sources", rising(delayed(sources())), white, in_registers),
        ("adaptation", adapting, white, in_registers),
    ];
    let each = of.into_iter().map(|(name, network, model, layout)| Members::new(name, network, model, 121, layout));
    each.map(|case| Box::new(case) as Box<dyn Case>).collect()
}

/// Invocations take turns in ascending order, and in another one.
fn nothing_is_found(cases: Vec<Box<dyn Case>>) {
    for case in cases {
        for seed in [0, 7] {
            let found = case.run(&case.sources(), seed);
            assert!(found.is_empty(), "{}:\n{}", case.name(), found.join("\n"));
        }
    }
}

#[test]
fn trajectories_have_no_races() {
    nothing_is_found(trajectories());
}

#[test]
fn members_have_no_races() {
    nothing_is_found(members());
}

/// A kernel without its `index`-th barrier, and the lines around it; `None` where it has fewer.
fn without_barrier(source: &str, index: usize) -> Option<(String, String)> {
    let barriers = ["workgroupBarrier();", "storageBarrier();"];
    let mut all: Vec<(usize, &str)> = barriers.iter().flat_map(|barrier| source.match_indices(barrier)).collect();
    all.sort();
    let &(at, barrier) = all.get(index)?;
    let line = source[..at].lines().count();
    let around: Vec<&str> = source.lines().skip(line - 4).take(5).map(str::trim).collect();
    Some((source[..at].to_string() + &source[at + barrier.len()..], around.join(" ")))
}

/// Takes every barrier out of the kernels of cases, one at a time, up to a case that has a race without it. Each is one of these, but for
/// those with `unneeded` around them.
fn each_is_missed(cases: &[Box<dyn Case>], unneeded: &str) {
    let mut missed: BTreeMap<String, bool> = BTreeMap::new();
    for case in cases {
        for index in 0.. {
            let each = case.sources().iter().map(|source| without_barrier(source, index)).collect::<Option<Vec<_>>>();
            let Some(each) = each else { break };
            let (sources, around): (Vec<String>, Vec<String>) = each.into_iter().unzip();
            let missed = missed.entry(around[0].clone()).or_insert(false);
            *missed = *missed || case.run(&sources, 7).iter().any(|text| text.contains(RACE));
        }
    }
    for (around, missed) in missed {
        assert_ne!(missed, around.contains(unneeded), "{around}");
    }
}

#[test]
fn every_barrier_of_trajectories_is_missed() {
    // It orders what is found of numbers that are not finite, of which there are none.
    each_is_missed(&trajectories(), "store(first, held, thread); workgroupBarrier();");
}

#[test]
fn every_barrier_of_members_is_missed() {
    // Counts of arrivals are in storage, and what is cleared of them in the next step is so behind other barriers.
    each_is_missed(&members(), "atomicLoad(&arriving[proj])); } storageBarrier(); workgroupBarrier(); }");
}
