//! Do the backends compute the same for networks that nobody thought of? Random populations, sizes, projections and options;
//! fixed seed.
mod common;
use common::random::{any_network, runner};
use common::*;
use proptest::prelude::*;
use snn_ensemble::network::shape::Model;

const CASES: u32 = 24;
const STEPS: u32 = 120;

/// Counts, samples, histograms and intervals of every stretch, exactly.
#[test]
fn random_networks_agree() {
    let gpu = gpu();
    let spikes = std::cell::Cell::new(0u64);
    runner(CASES, 7)
        .run(&any_network(), |network| {
            let (cut, cpu) =
                (Cut { stretch: 50, workgroup_layout: None }, CpuSplit { threads: false, stored_wiring: true });
            let found = compared(&gpu, &network, Model::Snn, &[[11, 12, 13, 14]], (STEPS, 20), cut, 37, cpu);
            prop_assert!(found.difference.is_none(), "{}", found.difference.unwrap());
            prop_assert_eq!(found.stopped, None, "status");
            spikes.set(spikes.get() + found.spikes);
            Ok(())
        })
        .unwrap();
    println!("{} spikes", spikes.get());
    assert!(spikes.get() > 5_000, "the networks hardly fired: {}", spikes.get());
}
