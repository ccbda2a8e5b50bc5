//! Do spikes arrive when they should? Kicks of a population that nothing reaches, with a delay and without: the same ones, shifted;
//! and those on their way when a run is interrupted, or goes on at another point of a sweep.
mod common;
use common::*;
use snn_ensemble::model::*;
use snn_ensemble::network::cpu_member::{CpuMember, CpuSplit as Split};
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::{Units, carried};
use snn_ensemble::reduced::{Dsode, Parameters};

const MODELS: [Model; 3] = [Model::Snn, Model::Markov(Closure::White), Model::Markov(Closure::Coloured)];
const KEY: [u32; 4] = [3, 1, 4, 1];
const CPU: CpuSplit = CpuSplit { threads: false, stored_wiring: true };

/// A source of 40 neurons, all of whose spikes reach a target of 20.
fn feed_forward(tau: f64, delay: f64) -> Network {
    let mut network = paper();
    network.populations = vec![population("A", 40), population("B", 20)];
    network.populations[0].v_th = 20.0;
    let onto = projection(1, 0, 0.1, tau);
    network.projections = vec![Projection { p: 1.0, decay: Decay::Deterministic, delay, ..onto }];
    network
}

/// Spikes of A in every step, and the pending kicks of B after it, in the units of the state.
fn kicks_of(network: &Network, model: Model, steps: u32) -> (Vec<u32>, Vec<u32>) {
    let mut kicks = vec![];
    let outputs = watch_cpu(network, model, KEY, steps, 77, 0, CPU, |_, member| {
        kicks.push(match &member.field {
            Some(field) => field.projections[0].mean,
            None => member.blocks[1].state.kicks[0][7],
        });
    });
    let counts = outputs.iter().flat_map(|output| output.counts.iter().step_by(2).copied()).collect();
    (counts, kicks)
}

/// What was pending so many steps ago is pending now, on the grid of the delay.
#[test]
fn kicks_are_those_of_an_undelayed_network_later() {
    for model in MODELS {
        for quenched in [false, true] {
            let with = |network: Network| Network {
                connectivity: if quenched { Connectivity::Quenched } else { Connectivity::Annealed },
                ..network
            };
            let (spikes, now) = kicks_of(&with(feed_forward(2.0, 0.0)), model, 400);
            assert!(spikes.iter().sum::<u32>() > 100);
            for steps in [1, 2, 7, 8, 40] {
                let (same, later) = kicks_of(&with(feed_forward(2.0, f64::from(steps) * 0.1)), model, 400);
                assert_eq!(same, spikes);
                let shift = steps as usize;
                assert_eq!(&later[shift..], &now[..400 - shift], "{model:?}, {steps} steps");
                assert!(later[..shift].iter().all(|&kicks| kicks == 0));
            }
        }
    }
}

/// A kick that acts in one step does so at the time of its arrival: after the step of the spike with the shortest delay, one later
/// with each step more.
#[test]
fn delta_kicks_are_the_spikes_at_their_arrival() {
    for (delay, steps) in [(0.0, 0), (0.1, 0), (0.2, 1), (1.5, 14)] {
        let (spikes, kicks) = kicks_of(&feed_forward(0.0, delay), Model::Snn, 300);
        assert_eq!(&kicks[steps..], &spikes[..300 - steps], "{delay} ms");
        assert!(kicks[..steps].iter().all(|&kicks| kicks == 0));
    }
}

/// The same of the reduced model, whose kicks are taken at the beginning of a step.
#[test]
fn reduced_kicks_are_those_of_an_undelayed_network_later() {
    let schemes = [
        (Closure::White, Density::Uniform),
        (Closure::Coloured, Density::Uniform),
        (Closure::White, Density::Linear),
        (Closure::Coloured, Density::Linear),
    ];
    for (closure, density) in schemes {
        for (tau, undelayed) in [(2.0, 0.0), (0.0, 0.1)] {
            let means = |delay: f64| -> Vec<f64> {
                let variant = Variant::Dsode {
                    closure,
                    density,
                    noise: Noise::FiniteSize,
                    bin: Some(2.0),
                    v_min: Some(-40.0),
                    precision: Precision::F64,
                };
                let mut model = Dsode::<f64>::new(&feed_forward(tau, delay), &variant, KEY).unwrap();
                let each = |_| {
                    model.step();
                    model.fields().kick_mean[0]
                };
                (0..300).map(each).collect()
            };
            let now = means(undelayed);
            assert!(now.iter().sum::<f64>() > 100.0);
            for steps in [1, 3, 8] {
                let later = means(undelayed + f64::from(steps as u32) * 0.1);
                assert_eq!(&later[steps..], &now[..300 - steps], "{closure:?}, tau {tau}, {steps} steps");
            }
        }
    }
}

/// E and I with delays of their own.
fn network_of_delays(delays: [f64; 4]) -> Network {
    let mut network = paper();
    network.projections.iter_mut().zip(delays).for_each(|(p, delay)| p.delay = delay);
    network.projections[0].tau = 0.0;
    network
}

/// The spikes on their way belong to the state that a checkpoint has.
#[test]
fn interrupted_members_go_on_as_if_nothing_had_been() {
    for connectivity in [Connectivity::Annealed, Connectivity::Quenched] {
        let network = Network { connectivity, ..network_of_delays([1.5, 0.0, 3.0, 0.7]) };
        for model in MODELS {
            let setup = case(&network, model, 400, 0);
            let member = || CpuMember::new(&setup, KEY, Split::default()).unwrap();
            let mut whole = member();
            let expected = whole.run(400);
            assert!(expected.counts.iter().sum::<u32>() > 100);
            let mut first = member();
            first.run(237);
            let words = first.words().unwrap();
            let mut second = member();
            second.restore(237, &words);
            assert_eq!(second.run(163).counts, expected.counts[2 * 237..], "{model:?}, {connectivity:?}");
            assert_eq!(second.words(), whole.words());
        }
    }
}

/// A sweep over delays takes along what is on its way, as far as the next ring reaches back.
#[test]
fn carried_spikes_arrive_at_the_next_point() {
    let mut compared = 0;
    for model in MODELS {
        for (before, after) in [(20, 5), (5, 20), (12, 12)] {
            let networks = [before, after].map(|steps| feed_forward(2.0, f64::from(steps) * 0.1));
            let shapes = networks.each_ref().map(|network| NetworkShape::new(network, model));
            let [from, to] = [0, 1].map(|i| Units::new(&networks[i], &shapes[i], &[BINS; 64]).unwrap());
            let ended = 403;
            let setup = case(&networks[0], model, ended, 0);
            let mut member = CpuMember::new(&setup, KEY, Split::default()).unwrap();
            let spikes: Vec<u32> = member.run(ended).counts.into_iter().step_by(2).collect();
            let words = carried((&shapes[0], &shapes[1]), ended, &member.words().unwrap(), &from, &to);
            let setup = case(&networks[1], model, 400, 0);
            let mut next = CpuMember::new(&setup, KEY, Split::default()).unwrap();
            next.restore(0, &words);
            // Kicks pending at first decay by themselves; each step adds what has travelled.
            let mut pending = vec![];
            next.dispatches(after, |context, _, member| {
                let unit = f64::from(context.projections[0].fraction).exp2();
                let kicks = match &member.field {
                    Some(field) => field.projections[0].mean,
                    None => member.blocks[1].state.kicks[0][7],
                };
                pending.push(f64::from(kicks) / unit);
            });
            let reach = shapes[0].ring.min(shapes[1].ring) as usize;
            let late = usize::from(model != Model::Snn);
            for step in 1..after as usize {
                let born = pending[step] - 0.95 * pending[step - 1];
                // Fired so many steps before time 0.
                let back = after as usize - step + late;
                let fired = if back <= reach { f64::from(spikes[ended as usize - back]) } else { 0.0 };
                assert!((born - fired).abs() < 1e-2, "{model:?}, {before} to {after}: {born} for {fired} in {step}");
                compared += fired as u32;
            }
        }
    }
    assert!(compared > 20, "{compared} spikes were on their way");
}

/// The same of the reduced model.
#[test]
fn reduced_models_carry_what_is_on_its_way() {
    let variant = Variant::Dsode {
        closure: Closure::White,
        density: Density::Uniform,
        noise: Noise::None,
        bin: Some(2.0),
        v_min: Some(-40.0),
        precision: Precision::F64,
    };
    for (before, after) in [(20u32, 5u32), (5, 20)] {
        let [from, to] = [before, after].map(|steps| feed_forward(2.0, f64::from(steps) * 0.1));
        let mut model = Dsode::<f64>::new(&from, &variant, KEY).unwrap();
        let fired: Vec<f64> = (0..403).map(|_| model.step()[0]).collect();
        let mut next = Dsode::<f64>::new(&to, &variant, KEY).unwrap();
        next.carry(&model);
        let reach = Parameters::<f64>::new(&from, &variant).unwrap().shape().ring.min(next.shape().ring);
        let mut mean = next.fields().kick_mean[0];
        for step in 0..after as usize {
            next.step();
            let born = next.fields().kick_mean[0] - 0.95 * mean;
            mean = next.fields().kick_mean[0];
            let back = after as usize - step + 1;
            let expected = if back <= reach { fired[403 - back] } else { 0.0 };
            assert!((born - expected).abs() < 1e-9, "{before} to {after}: {born} for {expected} in step {step}");
        }
    }
}

/// Kicks that act once leave nothing to close: both closures are one, and the network's rates are theirs.
#[test]
fn closures_of_delta_synapses_are_one_and_the_networks() {
    let strengths = [0.9, 5.0, 1.2, 5.0];
    let mut network = every_projection(paper(), |p| (p.tau, p.p, p.delay) = (0.0, 0.3, 1.5));
    network.projections.iter_mut().zip(strengths).for_each(|(p, s)| p.s = s);
    const STEPS: u32 = 10_000;
    let rates = |model: Model| -> Vec<[f64; 2]> {
        let member = |r: u32| {
            let outputs = run_cpu(&network, model, [r, 9, 9, 9], STEPS, 500, 0, CPU);
            let spikes =
                |pop: usize| -> u32 { outputs.iter().flat_map(|o| o.counts.iter().skip(pop).step_by(2)).sum() };
            [0, 1].map(|pop| f64::from(spikes(pop)) / f64::from(network.populations[pop].size))
        };
        (0..10).map(member).collect()
    };
    let [snn, white, coloured] = MODELS.map(rates);
    assert_eq!(white, coloured);
    for pop in 0..2 {
        let summary = |rates: &[[f64; 2]]| {
            let n = rates.len() as f64;
            let mean = rates.iter().map(|rate| rate[pop]).sum::<f64>() / n;
            (mean, rates.iter().map(|rate| (rate[pop] - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
        };
        let ((a, of_a), (b, of_b)) = (summary(&snn), summary(&white));
        println!("{a:.2} and {b:.2} Hz, {:.2} standard errors apart", (a - b) / (of_a + of_b).sqrt());
        assert!((a - b).abs() < 4.0 * (of_a + of_b).sqrt() && (of_a + of_b).sqrt() < 0.01 * a, "{a} and {b} Hz");
    }
}
