//! Do the backends compute the same for networks that nobody thought of? Random populations, sizes, projections and options;
//! fixed seeds.
mod common;
use common::random::{any_network, runner};
use common::*;
use proptest::prelude::*;
use snn_ensemble::network::shape::Model;

/// Networks of each seed; fewer where a driver takes long to compile their kernels.
const CASES: u32 = 6;
const STEPS: u32 = 120;

/// Counts, samples, histograms and intervals of every stretch, exactly.
fn random_networks_agree(seed: u8) {
    let cases =
        std::env::var("SNN_ENSEMBLE_RANDOM_CASES").map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    let gpu = gpu();
    let spikes = std::cell::Cell::new(0u64);
    runner(cases, seed)
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
    assert!(cases < CASES || spikes.get() > 1_000, "the networks hardly fired: {}", spikes.get());
}

macro_rules! random_networks {
    ($($name:ident: $seed:literal;)*) => { $(
        #[test]
        fn $name() {
            random_networks_agree($seed);
        }
    )* };
}

random_networks! {
    first: 7;
    second: 8;
    third: 9;
    fourth: 10;
}
