//! What is done in several submissions, or again.

use super::common::*;
use super::networks::*;
use super::{CPU, CUT};
use snn_ensemble::gpu::network::{NetworkBatch, NetworkKernel};
use snn_ensemble::model::*;
use snn_ensemble::network::dispatch::{MemberParameters, NetworkDispatch};
use snn_ensemble::network::member::COUNT_LARGE;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::tables::Tables;
use std::sync::Arc;

/// Graphs of many members are drawn a few members at a time.
#[test]
fn graphs_drawn_in_several_submissions() {
    let submissions = |members: u32| {
        let gpu = gpu();
        let keys: Vec<[u32; 4]> = (0..members).map(|i| [i, 5, 6, 7]).collect();
        let network = quenched(every_population(paper(), |p| p.initial = Initial::Uniform));
        let found = compared(&gpu, &network, Model::Snn, &keys, (40, 0), CUT, 40, CPU);
        assert!(found.difference.is_none(), "{}", found.difference.unwrap());
        assert!(found.spikes > 0, "nobody fired");
        (gpu.faults.counted().1, gpu.is_software())
    };
    // 5600 words a member: 11 members at a time on a software adapter, thousands on others.
    let ((few, _), (many, software)) = (submissions(11), submissions(25));
    assert_eq!(many - few, if software { 2 } else { 0 });
}

/// A kernel without large binomials does what it can, one that has them the rest: a member with counts above 255 among members
/// without. Where they are common, the second does everything.
#[test]
fn large_counts_are_done_again() {
    let gpu = gpu();
    let network = every_population(sized(600), |p| (p.refractory, p.tau_ref) = (Refractory::Fixed, 20.0));
    let calm = every_projection(network.clone(), |p| p.s = 0.0);
    // All of E fire together, are refractory together, and fire together again: more than 255 spikes, and kicks.
    let bursting = every_projection(network, |p| p.s *= if p.source == 0 { 3.0 } else { 0.1 });
    let (shape, steps) = (NetworkShape::new(&calm, Model::Snn), 60);
    let kernel = NetworkKernel::new(&gpu, &shape, &case(&calm, Model::Snn, steps, 0).bin_counts()).unwrap();
    let mut tables = Tables::new(steps);
    let points = [&calm, &bursting].map(|network| tables.place(network, Model::Snn, &[BINS; 64]).unwrap());
    let (mut seen, tables) = ([0, 0], Arc::new(tables));
    for (calm_members, dispatches) in [(9, 15), (0, 15)] {
        let keys: Vec<[u32; 4]> = (0..=calm_members).map(|i| [i, 3, 5, 7]).collect();
        let network = |member: usize| if member < calm_members as usize { &calm } else { &bursting };
        let point = |member: usize| u32::from(member >= calm_members as usize);
        let members: Vec<_> = keys.iter().enumerate().map(|(i, &key)| MemberParameters::new(key, point(i))).collect();
        let mut batch = NetworkBatch::new(&gpu, &kernel, tables.clone(), &points, &members, steps, steps).unwrap();
        let mut again = vec![];
        let mut outputs = vec![vec![]; members.len()];
        for first in (0..dispatches * steps).step_by(steps as usize) {
            batch.start(NetworkDispatch::new(first, steps, 0, 10)).unwrap();
            let taken = |dispatch: &NetworkDispatch, words: &[u32]| {
                for (member, words) in words.chunks(dispatch.output_stride as usize).enumerate() {
                    outputs[member].push(kernel.output(dispatch, words));
                    if words[1] & COUNT_LARGE != 0 {
                        again.push(member);
                    }
                }
            };
            batch.finish(taken).unwrap();
        }
        for (member, (outputs, &key)) in outputs.iter().zip(&keys).enumerate() {
            let cpu = run_cpu(network(member), Model::Snn, key, dispatches * steps, steps, 0, CPU);
            assert!(*outputs == cpu, "member {member}");
        }
        assert!(again.iter().all(|&member| member == calm_members as usize), "members done again: {again:?}");
        seen[usize::from(calm_members == 0)] = again.len();
    }
    assert!(seen[0] > 1, "the bursting member was done again in {} dispatches", seen[0]);
    assert_eq!(seen[1], 1, "dispatches done again before the second kernel takes over");
}
