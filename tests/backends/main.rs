//! Do the backends compute the same? Every spike count, sample, histogram and interval of the networks, exactly, and with
//! the work cut up in other ways. A machine without any adapter fails these tests.
//!
//! `tests/run.sh` has how work is cut up, but for the modules `one_driver`, done by a second driver of different make. What its compiler
//! makes of the options is seen by random networks (`backends_random`), which have many in a kernel.
#[path = "../common/mod.rs"]
mod common;
mod cuts;
mod networks;
mod submissions;

use common::*;
use networks::*;
use snn_ensemble::model::*;
use snn_ensemble::network::shape::Model;

const CUT: Cut = Cut { dispatch_steps: 150, workgroup_layout: None };
const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };

/// Two members on the GPU are two members on the CPU, and somebody fires.
fn same(network: &Network, model: Model, steps: u32, cut: Cut, cpu: CpuSplit) {
    let keys = [[1, 5, 6, 7], [2, 5, 6, 7]];
    let found = compared(&gpu(), network, model, &keys, (steps, steps / 5), cut, 130, cpu);
    assert!(found.difference.is_none(), "{}", found.difference.unwrap());
    assert_eq!(found.stopped, [], "status");
    assert!(found.spikes > 0 || network.neurons() < 10, "nobody fired");
}

/// A member whose voltages fall out of their range ends on both in the same step; the others go on being compared.
#[test]
fn a_member_that_leaves_its_range() {
    let mut network = one_population();
    network.projections.clear();
    network.populations[0].drive = Drive { kind: DriveKind::Gaussian, weight: 40.0, rate: Rate::Constant(0.1) };
    let keys = [1, 2, 3, 4, 5, 6].map(|key| [key, 5, 6, 7]);
    let steps = 400;
    let found = compared(&gpu(), &network, Model::Snn, &keys, (steps, 80), CUT, 130, CPU);
    assert!(found.difference.is_none(), "{}", found.difference.unwrap());
    println!("{:?}", found.stopped);
    let [first, .., last] = &found.stopped[..] else { panic!("{:?}: too few left their range", found.stopped) };
    assert!(first.1 + CUT.dispatch_steps < last.1 && found.stopped.len() < keys.len(), "{:?}", found.stopped);
    // What goes on is compared to the end.
    assert!(found.compared >= u64::from(steps) * (keys.len() - found.stopped.len()) as u64, "{}", found.compared);
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

/// What `markov` does with either closure.
macro_rules! of_either_closure {
    ($closure:expr) => {
        same_on_both! {
            Model::Markov($closure);
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
            rise_times: rising(delayed(sources())), 400;
            rise_times_deterministic: rising(deterministic(paper())), 400;
            thirty_seven: sized(37), 800;
            five_thousand: sized(5000), 300;
            single_neuron: every_population(one_population(), |p| p.size = 1), 600;
            seven_projections: many_projections(), 300;
            some_delta_synapses: some_delta(paper()), 400;
            delays_of_some_delta_synapses: delayed(some_delta(paper())), 400;
            currents_deterministic: deterministic(currents()), 300;
        }
    };
}

mod markov {
    use super::*;

    of_either_closure!(Closure::White);
    same_on_both! {
        Model::Markov(Closure::White);
        stepwise_poisson: every_population(paper(), |p| (p.drive.kind, p.drive.rate) = (DriveKind::Poisson, stepwise())), 400;
        nonlinear_neurons: nonlinear(three_populations(), 0, Stepping::Exact), 400;
        three_quenched: quenched(three_populations()), 400;
        p_one: every_projection(paper(), |p| p.p = 1.0), 300;
        no_projections: Network { projections: vec![], ..paper() }, 300;
    }
}

mod markov_coloured {
    use super::*;

    of_either_closure!(Closure::Coloured);
    same_on_both! {
        Model::Markov(Closure::Coloured);
        nonlinear_neurons: nonlinear(three_populations(), 1, Stepping::Euler), 400;
        rise_times_of_seven: rising(many_projections()), 300;
    }
}
