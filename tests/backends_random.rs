//! Do the backends compute the same for networks that nobody thought of? Random populations, sizes, projections and options;
//! fixed seeds.
mod common;
use common::random::{any_network, runner};
use common::*;
use proptest::prelude::*;
use snn_ensemble::model::*;
use snn_ensemble::network::shape::Model;

/// Networks of each seed; fewer where a driver takes long to compile their kernels.
const CASES: u32 = 8;
const FEW_CASES: u32 = 6;
const SEEDS: [u8; 4] = [31, 32, 33, 34];
const STEPS: u32 = 120;
const MODELS: [Model; 3] = [Model::Snn, Model::Markov(Closure::Coloured), Model::Markov(Closure::White)];

/// A network, and what steps it.
fn any_case() -> impl Strategy<Value = (Network, Model)> {
    (any_network(), prop::sample::select(&MODELS[..]))
}

/// Counts, samples, histograms and intervals of every dispatch, exactly.
fn random_networks_agree(number: usize) {
    let few = std::env::var_os("SNN_ENSEMBLE_FEW_CASES").is_some();
    let gpu = gpu();
    let spikes = std::cell::Cell::new(0u64);
    runner(if few { FEW_CASES } else { CASES }, SEEDS[number])
        .run(&any_case(), |(network, model)| {
            let (cut, cpu) =
                (Cut { dispatch_steps: 50, workgroup_layout: None }, CpuSplit { threads: false, stored_wiring: true });
            let found = compared(&gpu, &network, model, &[[11, 12, 13, 14]], (STEPS, 20), cut, 37, cpu);
            prop_assert!(found.difference.is_none(), "{}", found.difference.unwrap());
            prop_assert!(found.stopped.is_empty(), "status");
            spikes.set(spikes.get() + found.spikes);
            Ok(())
        })
        .unwrap();
    println!("{} spikes", spikes.get());
    assert!(few || spikes.get() > 1_000, "the networks hardly fired: {}", spikes.get());
}

macro_rules! random_networks {
    ($($name:ident: $number:literal;)*) => { $(
        #[test]
        fn $name() {
            random_networks_agree($number);
        }
    )* };
}

random_networks! {
    first: 0;
    second: 1;
    third: 2;
    fourth: 3;
}

/// What a network, population or projection may have.
type Named<T> = (&'static str, fn(&T) -> bool);

/// Those that nothing has.
fn lacking<'a, T: 'a>(options: &[Named<T>], all: impl Iterator<Item = &'a T> + Clone) -> Vec<&'static str> {
    options.iter().filter(|(_, has)| !all.clone().any(has)).map(|(name, _)| *name).collect()
}

/// Where they are few as well, so that a driver that has these has compiled every option.
#[test]
fn every_option_is_among_them() {
    let cases = std::cell::RefCell::new(vec![]);
    for seed in SEEDS {
        let keep = |case| {
            cases.borrow_mut().push(case);
            Ok(())
        };
        runner(FEW_CASES, seed).run(&any_case(), keep).unwrap();
    }
    let (networks, models): (Vec<_>, Vec<_>) = cases.into_inner().into_iter().unzip();
    let populations = networks.iter().flat_map(|network| &network.populations);
    let projections = networks.iter().flat_map(|network| &network.projections);
    let of_population: [Named<Population>; 13] = [
        ("leak", |p| p.tau_m.is_some()),
        ("adaptation", |p| p.adaptation.is_some()),
        ("fixed refractoriness", |p| p.refractory == Refractory::Fixed && p.tau_ref > 0.0),
        ("no refractoriness", |p| p.tau_ref == 0.0),
        ("Poisson drive", |p| p.drive.kind == DriveKind::Poisson),
        ("drive without noise", |p| p.drive.kind == DriveKind::Deterministic),
        ("drive in steps", |p| matches!(p.drive.rate, Rate::Steps(_))),
        ("sinusoidal drive", |p| matches!(p.drive.rate, Rate::Sinusoid { .. })),
        ("exact step", |p| p.step == Stepping::Exact),
        ("uniform start", |p| p.initial == Initial::Uniform),
        ("QIF", |p| matches!(p.neuron, Neuron::Qif(_))),
        ("EIF", |p| matches!(p.neuron, Neuron::Eif { .. })),
        ("table of drifts", |p| matches!(p.neuron, Neuron::Table(_))),
    ];
    let of_projection: [Named<Projection>; 9] = [
        ("delta synapses", |x| x.tau == 0.0),
        ("delay", |x| x.delay > 0.1),
        ("rise time", |x| x.tau_rise.is_some()),
        ("decay without noise", |x| x.decay == Decay::Deterministic),
        ("exact kicks", |x| x.step == Stepping::Exact),
        ("inhibitory current", |x| x.synapse.kind == SynapseKind::Inhibitory && x.synapse.v_rev.is_none()),
        ("conductance excitation", |x| x.synapse.kind == SynapseKind::Excitatory && x.synapse.v_rev.is_some()),
        ("normalised conductance", |x| x.synapse.v_norm.is_some()),
        ("p = 1", |x| x.p == 1.0),
    ];
    let of_network: [Named<Network>; 3] = [
        ("quenched", |network| network.connectivity == Connectivity::Quenched),
        ("sources", |network| !network.sources.is_empty()),
        ("half step", |network| network.dt == 0.05),
    ];
    let lacking = [
        lacking(&of_population, populations),
        lacking(&of_projection, projections),
        lacking(&of_network, networks.iter()),
    ]
    .concat();
    assert!(MODELS.iter().all(|model| models.contains(model)), "{models:?}");
    assert!(lacking.is_empty(), "no network with {}", lacking.join(", "));
}
