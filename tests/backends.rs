//! Do the backends compute the same? Every spike count, sample, histogram and interval of the networks, exactly, and with
//! the work cut up in other ways. A machine without any adapter fails these tests.
//!
//! `tests/run.sh` has them done by two drivers of different make, but for the modules `one_driver`: what differs from another case in
//! size, or has several options at once. Compiling kernels is what takes time.
mod common;
use common::*;
use snn_ensemble::gpu::network::{NetworkBatch, NetworkKernel};
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::*;
use snn_ensemble::network::member::{COUNT_LARGE, MemberParameters, NetworkDispatch};
use snn_ensemble::network::shape::Model;
use snn_ensemble::network::shape::NetworkShape;
use snn_ensemble::network::tables::Tables;

const CUT: Cut = Cut { stretch: 150, workgroup_layout: None };
const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };

/// Two members on the GPU are two members on the CPU, and somebody fires.
fn same(network: &Network, model: Model, steps: u32, cut: Cut, cpu: CpuSplit) {
    let keys = [[1, 5, 6, 7], [2, 5, 6, 7]];
    let found = compared(&gpu(), network, model, &keys, (steps, steps / 5), cut, 130, cpu);
    assert!(found.difference.is_none(), "{}", found.difference.unwrap());
    assert_eq!(found.stopped, None, "status");
    assert!(found.spikes > 0 || network.neurons() < 10, "nobody fired");
}

fn quenched(network: Network) -> Network {
    Network { connectivity: Connectivity::Quenched, ..network }
}

/// The example network with `neurons` neurons, three quarters of them E, and strengths scaled with 1/N.
fn sized(neurons: u32) -> Network {
    let mut network = paper();
    network.populations[0].size = neurons - neurons / 4;
    network.populations[1].size = neurons / 4;
    every_projection(network, |p| p.s *= 400.0 / f64::from(neurons))
}

fn stepwise() -> Rate {
    Rate::Steps(vec![(0.0, 9.0), (20.0, 5.0), (31.0, 12.0)])
}

fn sinusoidal() -> Rate {
    Rate::Sinusoid { mean: 8.0, amplitude: 0.7, frequency: 40.0, phase: 0.3 }
}

/// Kicks that act in one step, as wholes.
fn delta(network: Network) -> Network {
    every_projection(network, |p| p.tau = 0.0)
}

/// Such kicks beside those that stay, which some of them do in fixed point.
fn some_delta(network: Network) -> Network {
    let network = every_projection(network, |p| p.decay = Decay::Deterministic);
    every_projection(network, |p| p.tau = if p.source == 0 { 0.0 } else { p.tau })
}

/// Spikes that arrive later, from each source and at each target after another time; the last ones at once.
fn delayed(network: Network) -> Network {
    let delays = [1.5, 0.3, 4.0, 0.0];
    let of = |i: usize| delays[i.min(3)];
    let mut network = network;
    network.projections.iter_mut().enumerate().for_each(|(i, p)| p.delay = of(i));
    network
}

/// Every target has a third of the source's neurons for its sources, of some projections.
fn indegrees(mut network: Network) -> Network {
    let sizes: Vec<u32> = network.populations.iter().map(|p| p.size).collect();
    let some = network.projections.iter_mut().filter(|p| p.source != 2);
    some.for_each(|p| p.indegree = Some((sizes[p.source] / 3).max(1)));
    every_projection(network, |p| p.s *= 2.0)
}

/// A network of one population that excites itself.
fn one_population() -> Network {
    let mut network = paper();
    network.populations.truncate(1);
    network.projections.truncate(1);
    network
}

/// Three populations, five projections, one population without any.
fn three_populations() -> Network {
    let mut network = paper();
    network.populations.push(population("X", 70));
    network.populations[2].v_th = 30.0;
    network.projections.push(projection(0, 2, 1.5, 3.0));
    network.projections.remove(3);
    network
}

/// Seven projections onto one population: more random words than one block holds.
fn many_projections() -> Network {
    let mut network = paper();
    for i in 0..5u32 {
        network.populations.push(population(&format!("X{i}"), 33 + i));
        network.projections.push(projection(0, 2 + i as usize, 0.3, 1.0 + f64::from(i)));
    }
    every_population(network, |p| p.drive.kind = DriveKind::Poisson)
}

/// Excitation with a reversal voltage, and each kind of kick with a voltage at which it is worth s.
fn conductances() -> Network {
    every_projection(paper(), |p| {
        (p.synapse.v_rev, p.synapse.v_norm) = match p.synapse.kind {
            SynapseKind::Excitatory => (Some(150.0), if p.target == 0 { Some(50.0) } else { None }),
            SynapseKind::Inhibitory => (Some(-66.0), Some(30.0)),
        };
        p.s *= 0.3;
    })
}

/// Kicks of either sign that are the same at every voltage, onto neurons with a leak.
fn currents() -> Network {
    let network = every_population(paper(), |p| (p.tau_m, p.e_leak) = (Some(20.0), 5.0));
    every_projection(network, |p| {
        p.synapse.v_rev = None;
        p.s *= 0.3;
    })
}

fn deterministic(network: Network) -> Network {
    every_projection(network, |p| p.decay = Decay::Deterministic)
}

fn exact(network: Network) -> Network {
    every_projection(every_population(network, |p| (p.step, p.tau_m) = (Stepping::Exact, Some(20.0))), |p| {
        p.step = Stepping::Exact;
    })
}

/// The drives that do not fluctuate, one that does, and the initial voltages that are given.
fn driven() -> Network {
    let mut network = three_populations();
    let rates = [Rate::Constant(8.0), sinusoidal()];
    for (population, rate) in network.populations.iter_mut().zip(rates) {
        population.drive = Drive { kind: DriveKind::Deterministic, weight: 1.5, rate };
    }
    network.populations[0].initial = Initial::Between(-20.0, 60.0);
    network.populations[1].initial = Initial::Voltage(-3.0);
    network.populations[2].drive = Drive::NONE;
    network.populations[2].initial = Initial::Between(0.0, 30.0);
    network
}

/// Sources of every kind onto populations that have other inputs, or none.
fn sources() -> Network {
    let mut network = three_populations();
    network.populations[2].drive = Drive::NONE;
    network.populations[2].v_th = 12.0;
    for (i, rate) in [Rate::Constant(4.0), stepwise(), sinusoidal()].into_iter().enumerate() {
        network.sources.push(Source { name: format!("S{i}"), rate });
    }
    let from = network.populations.len();
    network.projections.insert(1, Projection::excitatory(2, from, 0.9, 2.0));
    network.projections.push(Projection::inhibitory(0, from + 1, 0.1, 3.0));
    network.projections.push(Projection::excitatory(1, from + 2, 0.3, 12.0));
    network.projections.push(Projection::excitatory(2, from + 1, 0.3, 1.0));
    network
}

macro_rules! same_on_both {
    ($model:expr; $($name:ident: $network:expr, $steps:expr;)*) => { $(
        #[test]
        fn $name() {
            same(&$network, $model, $steps, CUT, CPU);
        }
    )* };
}

mod snn {
    use super::*;

    same_on_both! {
        Model::Snn;
        annealed: paper(), 1000;
        quenched_graph: quenched(paper()), 1000;
        leak: every_population(paper(), |p| (p.tau_m, p.e_leak) = (Some(20.0), -5.0)), 600;
        poisson: every_population(paper(), |p| p.drive.kind = DriveKind::Poisson), 600;
        stepwise_poisson: every_population(paper(), |p| (p.drive.kind, p.drive.rate) = (DriveKind::Poisson, stepwise())), 500;
        sinusoidal_gaussian: every_population(paper(), |p| p.drive.rate = sinusoidal()), 500;
        deterministic_decay: every_projection(paper(), |p| p.decay = Decay::Deterministic), 600;
        fixed_refractory: every_population(paper(), |p| p.refractory = Refractory::Fixed), 600;
        no_refractory: every_population(paper(), |p| p.tau_ref = 0.0), 600;
        adaptation: every_population(paper(), |p| p.adaptation = Some(Adaptation { b: 0.05, tau: 100.0 })), 800;
        uniform_initial: every_population(paper(), |p| p.initial = Initial::Uniform), 300;
        single_neuron: every_population(one_population(), |p| p.size = 1), 1000;
        three_quenched: quenched(three_populations()), 500;
        delta_quenched: quenched(delta(paper())), 600;
        some_delta_synapses: some_delta(paper()), 600;
        delays_quenched: quenched(delayed(paper())), 600;
        indegrees_with_delays: quenched(indegrees(delayed(delta(paper())))), 600;
        delays_of_five_thousand: delayed(sized(5000)), 300;
        conductances_of_both_kinds: conductances(), 600;
        currents_deterministic: deterministic(currents()), 600;
        exact_steps: exact(paper()), 600;
        drives_without_noise: driven(), 600;
        kicks_from_outside_quenched: quenched(sources()), 400;
        nonlinear_neurons: nonlinear(three_populations(), 0, Stepping::Exact), 500;
        nonlinear_euler: nonlinear(quenched(delayed(three_populations())), 1, Stepping::Euler), 400;
        rise_times: rising(paper()), 600;
        rise_times_deterministic: rising(deterministic(exact(sources()))), 400;
        rise_times_quenched: quenched(delayed(rising(some_delta(three_populations())))), 400;
    }

    mod one_driver {
        use super::*;

        same_on_both! {
            Model::Snn;
            stepwise_gaussian: every_population(paper(), |p| p.drive.rate = stepwise()), 500;
            sinusoidal_poisson:
                every_population(paper(), |p| (p.drive.kind, p.drive.rate) = (DriveKind::Poisson, sinusoidal())), 500;
            no_fixed_refractory: every_population(paper(), |p| (p.tau_ref, p.refractory) = (0.0, Refractory::Fixed)), 600;
            one_neuron: sized(4), 400;
            thirty_seven: sized(37), 1000;
            thousand: sized(1000), 500;
            five_thousand: sized(5000), 500;
            twenty_thousand: sized(20_000), 500;
            five_thousand_quenched: quenched(sized(5000)), 300;
            single_population: one_population(), 500;
            three: three_populations(), 500;
            seven_projections: many_projections(), 300;
            p_zero: every_projection(paper(), |p| p.p = 0.0), 400;
            p_one: every_projection(paper(), |p| p.p = 1.0), 400;
            p_one_quenched: quenched(every_projection(paper(), |p| p.p = 1.0)), 400;
            no_projections: Network { projections: vec![], ..paper() }, 400;
            half_step: Network { dt: 0.05, ..paper() }, 600;
            delta_synapses: delta(paper()), 600;
            delta_of_five_thousand: delta(sized(5000)), 300;
            delays: delayed(paper()), 600;
            delays_of_delta_synapses: quenched(delayed(delta(paper()))), 600;
            indegrees_quenched: quenched(indegrees(paper())), 600;
            indegrees_of_three: quenched(indegrees(three_populations())), 400;
            delays_of_five_thousand_quenched: quenched(delayed(some_delta(sized(5000)))), 200;
            long_delay: every_projection(quenched(paper()), |p| p.delay = 25.6), 600;
            one_step_synapses: every_projection(paper(), |p| p.tau = 0.1), 400;
            conductances_deterministic: deterministic(conductances()), 600;
            currents_of_both_kinds: currents(), 600;
            currents_quenched: quenched(currents()), 400;
            exact_steps_of_currents: deterministic(exact(currents())), 600;
            kicks_from_outside: sources(), 600;
            kicks_from_outside_decaying: deterministic(sources()), 400;
            rise_times_of_five_thousand: rising(sized(5000)), 300;
            rise_times_of_seven: rising(many_projections()), 300;
            nonlinear_of_five_thousand: nonlinear(sized(5000), 2, Stepping::Exact), 200;
            nonlinear_carried: every_population(nonlinear(paper(), 0, Stepping::Exact), |p| p.initial = Initial::Carry), 300;
        }
    }
}

mod markov {
    use super::*;

    same_on_both! {
        Model::Markov(Closure::White);
        example: paper(), 800;
        leak: every_population(paper(), |p| (p.tau_m, p.e_leak) = (Some(20.0), -5.0)), 400;
        stepwise_poisson: every_population(paper(), |p| (p.drive.kind, p.drive.rate) = (DriveKind::Poisson, stepwise())), 400;
        deterministic_decay: every_projection(paper(), |p| p.decay = Decay::Deterministic), 400;
        fixed_refractory: every_population(paper(), |p| p.refractory = Refractory::Fixed), 400;
        adaptation: every_population(paper(), |p| p.adaptation = Some(Adaptation { b: 0.05, tau: 100.0 })), 600;
        delta_synapses: delta(paper()), 600;
        delays: delayed(paper()), 600;
        indegrees_annealed: indegrees(paper()), 500;
        conductances_of_both_kinds: conductances(), 300;
        currents_of_both_kinds: currents(), 300;
        exact_steps: exact(paper()), 300;
        drives_without_noise: driven(), 300;
        kicks_from_outside: sources(), 400;
        nonlinear_neurons: nonlinear(three_populations(), 0, Stepping::Exact), 400;
        rise_times: rising(delayed(sources())), 400;
        rise_times_deterministic: rising(deterministic(paper())), 400;
    }

    mod one_driver {
        use super::*;

        same_on_both! {
            Model::Markov(Closure::White);
            thirty_seven: sized(37), 800;
            five_thousand: sized(5000), 300;
            single_neuron: every_population(one_population(), |p| p.size = 1), 600;
            three_quenched: quenched(three_populations()), 400;
            seven_projections: many_projections(), 300;
            p_one: every_projection(paper(), |p| p.p = 1.0), 300;
            no_projections: Network { projections: vec![], ..paper() }, 300;
            some_delta_synapses: some_delta(paper()), 400;
            delays_of_some_delta_synapses: delayed(some_delta(paper())), 400;
            currents_deterministic: deterministic(currents()), 300;
        }
    }
}

mod markov_coloured {
    use super::*;

    same_on_both! {
        Model::Markov(Closure::Coloured);
        example: paper(), 800;
        leak: every_population(paper(), |p| (p.tau_m, p.e_leak) = (Some(20.0), -5.0)), 400;
        deterministic_decay: every_projection(paper(), |p| p.decay = Decay::Deterministic), 400;
        fixed_refractory: every_population(paper(), |p| p.refractory = Refractory::Fixed), 400;
        adaptation: every_population(paper(), |p| p.adaptation = Some(Adaptation { b: 0.05, tau: 100.0 })), 600;
        delta_synapses: delta(paper()), 600;
        delays: delayed(paper()), 600;
        indegrees_annealed: indegrees(paper()), 500;
        conductances_of_both_kinds: conductances(), 300;
        currents_of_both_kinds: currents(), 300;
        exact_steps: exact(paper()), 300;
        drives_without_noise: driven(), 300;
        kicks_from_outside: sources(), 400;
        nonlinear_neurons: nonlinear(three_populations(), 1, Stepping::Euler), 400;
        rise_times: rising(delayed(sources())), 400;
        rise_times_deterministic: rising(deterministic(paper())), 400;
        rise_times_of_seven: rising(many_projections()), 300;
    }

    mod one_driver {
        use super::*;

        same_on_both! {
            Model::Markov(Closure::Coloured);
            thirty_seven: sized(37), 800;
            five_thousand: sized(5000), 300;
            single_neuron: every_population(one_population(), |p| p.size = 1), 600;
            seven_projections: many_projections(), 300;
            some_delta_synapses: some_delta(paper()), 400;
            delays_of_some_delta_synapses: delayed(some_delta(paper())), 400;
            currents_deterministic: deterministic(currents()), 300;
        }
    }
}

/// A network with the work cut up in other ways: workgroup sizes, streamed state, stretches of odd length, graphs drawn again at each
/// spike, threads within a member.
fn cut(network: Network, model: Model) {
    let most = gpu().limits.max_compute_invocations_per_workgroup;
    let other = CpuSplit { threads: true, stored_wiring: false };
    let network = every_population(network, |p| p.initial = Initial::Uniform);
    for (stretch, workgroup_layout) in
        [(1, (64, true, true)), (77, (256, false, false)), (333, (32, false, true)), (90, (448, true, false))]
    {
        let steps = if stretch == 1 { 40 } else { 333 };
        let (threads, resident, stored) = workgroup_layout;
        let workgroup_layout = Some((threads.min(most), resident, stored));
        same(&network, model, steps, Cut { stretch, workgroup_layout }, other);
    }
}

macro_rules! cut_in_other_ways {
    ($($name:ident: $network:expr, $model:expr;)*) => { $(
        #[test]
        fn $name() {
            cut($network, $model);
        }
    )* };
}

mod cut_in_other_ways {
    use super::*;

    cut_in_other_ways! {
        quenched_graph: quenched(sized(37)), Model::Snn;
        adaptation: every_population(paper(), |p| p.adaptation = Some(Adaptation { b: 0.05, tau: 100.0 })), Model::Markov(Closure::White);
    }

    mod one_driver {
        use super::*;

        cut_in_other_ways! {
            annealed: paper(), Model::Snn;
            three_quenched: quenched(three_populations()), Model::Snn;
            three: three_populations(), Model::Markov(Closure::Coloured);
            quenched_delays_and_delta_synapses: quenched(delayed(some_delta(three_populations()))), Model::Snn;
            delays: delayed(three_populations()), Model::Snn;
            indegrees_with_delays: quenched(indegrees(delayed(three_populations()))), Model::Snn;
            nonlinear_with_rise_times: rising(nonlinear(three_populations(), 1, Stepping::Exact)), Model::Snn;
            markov_nonlinear_with_rise_times:
                rising(nonlinear(three_populations(), 0, Stepping::Exact)), Model::Markov(Closure::Coloured);
            markov_delays: delayed(some_delta(three_populations())), Model::Markov(Closure::White);
        }
    }
}

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
    let mut seen = [0, 0];
    for (calm_members, dispatches) in [(9, 15), (0, 15)] {
        let keys: Vec<[u32; 4]> = (0..=calm_members).map(|i| [i, 3, 5, 7]).collect();
        let network = |member: usize| if member < calm_members as usize { &calm } else { &bursting };
        let point = |member: usize| u32::from(member >= calm_members as usize);
        let members: Vec<_> = keys.iter().enumerate().map(|(i, &key)| MemberParameters::new(key, point(i))).collect();
        let mut batch = NetworkBatch::new(&gpu, &kernel, &tables, &points, &members, steps, steps).unwrap();
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

mod one_driver {
    use super::*;

    /// A graph of more words than a row of the grid has invocations.
    #[test]
    fn graphs_larger_than_a_row_of_the_grid() {
        let network = quenched(every_population(sized(12_500), |p| p.initial = Initial::Uniform));
        same(&network, Model::Snn, 10, CUT, CPU);
    }

    /// A network that is shared out over threads on the CPU.
    #[test]
    fn threads_within_a_member() {
        let network = sized(10_000);
        for model in [Model::Snn, Model::Markov(Closure::Coloured)] {
            let one = run_cpu(&network, model, [9; 4], 400, 100, 0, CPU);
            let many = run_cpu(&network, model, [9; 4], 400, 100, 0, CpuSplit { threads: true, ..CPU });
            assert!(one == many);
        }
    }

    /// Every neuron has one place, populations begin with a warp or have a round of their own, and no workgroup is larger than allowed.
    #[test]
    fn every_neuron_has_one_place() {
        let mut resident = 0;
        for neurons in [4, 37, 400, 900, 1000, 1100, 5000] {
            for threads in [1, 24, 128, 256, 1024] {
                for software in [false, true] {
                    let shape = NetworkShape::new(&sized(neurons), Model::Snn);
                    let layout = WorkgroupLayout::new(&shape, WorkgroupLimits { threads, memory: 16384, software });
                    assert!(layout.workgroup <= threads);
                    let mut places = std::collections::HashSet::new();
                    let mut neurons = std::collections::HashSet::new();
                    for piece in &layout.pieces {
                        resident += 1;
                        assert!(piece.first > 0 || piece.thread % 32.min(layout.workgroup) == 0, "{piece:?}");
                        assert!(piece.thread + piece.len <= layout.workgroup, "{piece:?}");
                        for i in 0..piece.len {
                            assert!(places.insert((piece.round, piece.thread + i)), "{piece:?} of {layout:?}");
                            assert!(neurons.insert((piece.population, piece.first + i)), "{piece:?} of {layout:?}");
                        }
                    }
                    assert!(neurons.is_empty() || neurons.len() == shape.neurons() as usize, "{layout:?}");
                }
            }
        }
        assert!(resident > 50, "{resident} pieces");
    }
}
