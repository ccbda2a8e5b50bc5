//! The work cut up in other ways, and networks of other sizes.

use super::common::*;
use super::networks::*;
use super::{CPU, CUT, same};
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::*;
use snn_ensemble::network::shape::{Model, NetworkShape};

/// A network with the work cut up in other ways: workgroup sizes, streamed state, dispatches of odd length, graphs drawn again at each
/// spike, threads within a member.
fn cut(network: Network, model: Model) {
    let most = gpu().limits.max_compute_invocations_per_workgroup;
    let other = CpuSplit { threads: true, stored_wiring: false };
    let network = every_population(network, |p| p.initial = Initial::Uniform);
    for (dispatch_steps, workgroup_layout) in
        [(1, (64, true, true)), (77, (256, false, false)), (333, (32, false, true)), (90, (448, true, false))]
    {
        let steps = if dispatch_steps == 1 { 40 } else { 333 };
        let (threads, resident, stored) = workgroup_layout;
        let workgroup_layout = Some((threads.min(most), resident, stored));
        same(&network, model, steps, Cut { dispatch_steps, workgroup_layout }, other);
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

mod one_driver {
    use super::*;
    use snn_ensemble::network::cpu_member::{CpuMember, CpuSplit};
    use snn_ensemble::network::wiring::Wiring;

    /// Graphs of more words than a row of the grid has invocations, in rows of targets and in rows of sources.
    #[test]
    fn graphs_larger_than_a_row_of_the_grid() {
        let mut gpu = gpu();
        gpu.limits.max_compute_workgroups_per_dimension = 20;
        let network = quenched(every_population(paper(), |p| p.initial = Initial::Uniform));
        for resident in [true, false] {
            let cut = Cut { workgroup_layout: Some((448, resident, true)), ..CUT };
            let found = compared(&gpu, &network, Model::Snn, &[[1, 5, 6, 7]], (40, 0), cut, 40, CPU);
            assert!(found.difference.is_none(), "{}", found.difference.unwrap());
            assert!(found.spikes > 0, "nobody fired");
        }
    }

    /// More spikes of a step than are counted before they are written down, through a graph that most of them reach.
    #[test]
    fn a_large_network_that_fires_together() {
        let network =
            quenched(every_population(sized(2500), |p| (p.refractory, p.tau_ref) = (Refractory::Fixed, 20.0)));
        let network = every_projection(network, |p| p.s *= if p.source == 0 { 3.0 } else { 0.1 });
        same(&network, Model::Snn, 300, CUT, CPU);
        let outputs = run_cpu(&network, Model::Snn, [1, 5, 6, 7], 300, 300, 0, CPU);
        assert!(outputs.iter().flat_map(|output| &output.counts).any(|&spikes| spikes > 2 * 252), "few fire together");
    }

    /// A graph that is drawn again, kept in rows of targets and in rows of sources.
    #[test]
    fn a_graph_may_be_kept_in_any_way() {
        let network = quenched(delayed(sized(500)));
        for network in [network.clone(), indegrees(network)] {
            let outputs = [Wiring::Drawn, Wiring::ByTarget, Wiring::BySource].map(|wiring| {
                let split = CpuSplit { wiring: Some(wiring), ..CpuSplit::default() };
                let mut member = CpuMember::new(&case(&network, Model::Snn, 600, 0), [3; 4], split).unwrap();
                member.dispatches(600, |_, _, _| {})
            });
            assert!(outputs[0].iter().flat_map(|output| &output.counts).sum::<u32>() > 1000, "hardly anybody fired");
            assert!(outputs[0] == outputs[1] && outputs[0] == outputs[2]);
        }
    }

    /// A network that is shared out over threads on the CPU.
    #[test]
    fn threads_within_a_member() {
        let network = sized(10_000);
        for model in [Model::Snn, Model::Markov(Closure::Coloured)] {
            let one = run_cpu(&network, model, [9; 4], 400, 100, 0, CPU);
            let many = run_cpu(&network, model, [9; 4], 400, 100, 0, super::CpuSplit { threads: true, ..CPU });
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
                    let limits = WorkgroupLimits { threads, memory: 16384, software, wide_integers: false };
                    let layout = WorkgroupLayout::new(&shape, limits);
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
