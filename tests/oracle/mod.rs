//! The finite network once more, in f64: plain loops over neurons and random numbers of its own, nothing shared with the
//! crate but the description of a network.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use snn_ensemble::model::*;

/// One population's neurons.
struct Neurons {
    v: Vec<f64>,
    /// Refractory (exponential), or steps still to be missed (fixed).
    refractory: Vec<u32>,
    a: Vec<f64>,
    fired: Vec<usize>,
}

/// Spike counts of each step, population by population: `counts[p][step]`.
pub fn simulate(network: &Network, steps: u32, seed: u64) -> Vec<Vec<u32>> {
    let mut random = Random::new(seed);
    let dt = network.dt;
    let mut all: Vec<Neurons> = network
        .populations
        .iter()
        .map(|p| {
            let n = p.size as usize;
            let (low, high) = p.initial_range();
            let v = (0..n).map(|_| if high > low { low + (high - low) * random.uniform() } else { low }).collect();
            Neurons { v, refractory: vec![0; n], a: vec![0.0; n], fired: vec![] }
        })
        .collect();
    let size = |p: usize| network.populations[p].size as usize;
    let mut kicks: Vec<Vec<f64>> = network.projections.iter().map(|j| vec![0.0; size(j.target)]).collect();
    let graphs: Vec<Vec<Vec<usize>>> = match network.connectivity {
        Connectivity::Annealed => vec![],
        Connectivity::Quenched => {
            let outside = |j: &Projection| network.source(j).is_some();
            let graph = |j: &Projection| {
                if outside(j) { vec![] } else { random.graph(size(j.source), size(j.target), j) }
            };
            network.projections.iter().map(graph).collect()
        }
    };
    let mut counts = vec![Vec::with_capacity(steps as usize); network.populations.len()];
    // Who fired in every step, population by population.
    let mut past: Vec<Vec<Vec<usize>>> = vec![];
    for step in 0..steps {
        let t = f64::from(step) * dt;
        for (p, neurons) in all.iter_mut().enumerate() {
            let population = &network.populations[p];
            let inputs: Vec<(&Projection, &[f64])> = network
                .projections
                .iter()
                .zip(&kicks)
                .filter(|(j, _)| j.target == p)
                .map(|(j, h)| (j, &h[..]))
                .collect();
            neurons.step(population, &inputs, rate_at(&population.drive.rate, t), dt, &mut random);
            counts[p].push(neurons.fired.len() as u32);
        }
        past.push(all.iter().map(|neurons| neurons.fired.clone()).collect());
        for (j, projection) in network.projections.iter().enumerate() {
            let q = share(projection.step, dt, projection.tau);
            let source = network.source(projection).map(|source| rate_at(&source.rate, t) * dt);
            // A spike has the time at the end of its step, and a kick that acts once acts in the step that ends with its arrival.
            let late = (projection.delay / dt).round() as i64 - i64::from(projection.tau == 0.0);
            let arriving = (i64::from(step) - late.max(0)).try_into().ok().map(|step: usize| &past[step]);
            let fired = arriving.filter(|_| source.is_none()).map_or(&[][..], |of| &of[projection.source]);
            for h in &mut kicks[j] {
                match projection.decay {
                    _ if projection.tau == 0.0 => *h = 0.0,
                    Decay::Stochastic => *h -= f64::from(random.binomial(*h as u32, q)),
                    Decay::Deterministic => *h *= 1.0 - q,
                }
                if let Some(mean) = source {
                    *h += f64::from(random.poisson(mean, libm::exp(-mean)));
                } else if graphs.is_empty() {
                    *h += f64::from(random.binomial(fired.len() as u32, projection.p));
                }
            }
            if !graphs.is_empty() {
                for &source in fired {
                    for &target in &graphs[j][source] {
                        kicks[j][target] += 1.0;
                    }
                }
            }
        }
    }
    counts
}

impl Neurons {
    /// Every neuron from t to t + dt, given the pending kicks at t.
    fn step(&mut self, p: &Population, inputs: &[(&Projection, &[f64])], rate: f64, dt: f64, random: &mut Random) {
        let release = if p.tau_ref > 0.0 { 1.0 - libm::exp(-dt / p.tau_ref) } else { 1.0 };
        let missed = (p.tau_ref / dt).round() as u32;
        let (mean, deviation) = (rate * p.drive.weight * dt, p.drive.weight * (rate * dt).sqrt());
        let none = libm::exp(-rate * dt);
        self.fired.clear();
        for i in 0..self.v.len() {
            let mut fires = false;
            if self.refractory[i] == 0 {
                let v = self.v[i];
                let mut dv = match p.drive.kind {
                    DriveKind::Gaussian => mean + deviation * random.normal(),
                    DriveKind::Poisson => p.drive.weight * f64::from(random.poisson(rate * dt, none)),
                    DriveKind::Deterministic | DriveKind::None => mean,
                };
                if let Some(tau_m) = p.tau_m {
                    dv -= (v - p.e_leak) * share(p.step, dt, tau_m);
                }
                for (j, h) in inputs {
                    let kick = match (j.synapse.kind, j.synapse.v_rev) {
                        (SynapseKind::Excitatory, None) => j.s,
                        (SynapseKind::Inhibitory, None) => -j.s,
                        (kind, Some(v_rev)) => {
                            let share = (v - v_rev) / (j.synapse.v_norm.unwrap_or(p.v_th) - v_rev);
                            if kind == SynapseKind::Excitatory { j.s * share } else { -j.s * share }
                        }
                    };
                    dv += kick * h[i] * share(j.step, dt, j.tau);
                }
                dv -= self.a[i] * dt;
                fires = v + dv > p.v_th;
                self.v[i] = if fires { p.v_reset } else { v + dv };
            }
            if let Some(Adaptation { b, tau }) = p.adaptation {
                self.a[i] -= self.a[i] * dt / tau;
                if fires {
                    self.a[i] += b;
                }
            }
            self.refractory[i] = match (p.refractory, fires) {
                (Refractory::Fixed, true) => missed,
                (Refractory::Fixed, false) => self.refractory[i].saturating_sub(1),
                (Refractory::Exponential, _) => {
                    let refractory = fires || self.refractory[i] > 0;
                    u32::from(refractory && random.uniform() >= release)
                }
            };
            if fires {
                self.fired.push(i);
            }
        }
    }
}

/// Share of a decay of time constant tau in a step; all of it of a delta synapse.
fn share(step: Stepping, dt: f64, tau: f64) -> f64 {
    match step {
        _ if tau == 0.0 => 1.0,
        Stepping::Exact => 1.0 - (-dt / tau).exp(),
        Stepping::Euler => dt / tau,
    }
}

fn rate_at(rate: &Rate, t: f64) -> f64 {
    match rate {
        Rate::Constant(rate) => *rate,
        Rate::Steps(table) => table.iter().rev().find(|(from, _)| *from <= t).unwrap_or(&table[0]).1,
        Rate::Sinusoid { mean, amplitude, frequency, phase } => {
            mean * (1.0 + amplitude * libm::sin(std::f64::consts::TAU * frequency * t / 1000.0 + phase))
        }
    }
}

/// Uniform, normal, Poisson and binomial variates by textbook methods.
struct Random {
    generator: Xoshiro256PlusPlus,
    spare: Option<f64>,
}

impl Random {
    fn new(seed: u64) -> Random {
        Random { generator: Xoshiro256PlusPlus::seed_from_u64(seed), spare: None }
    }

    fn uniform(&mut self) -> f64 {
        self.generator.random()
    }

    /// Marsaglia's polar method.
    fn normal(&mut self) -> f64 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Inversion; `none` = exp(-mean).
    fn poisson(&mut self, mean: f64, none: f64) -> u32 {
        let (mut k, mut p, mut u) = (0, none, self.uniform());
        while u > p && k < 1000 {
            u -= p;
            k += 1;
            p *= mean / f64::from(k);
        }
        k
    }

    /// Inversion from P(0), of the rarer outcome; many trials in two halves.
    fn binomial(&mut self, n: u32, p: f64) -> u32 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        if f64::from(n) * p > 30.0 {
            return self.binomial(n / 2, p) + self.binomial(n - n / 2, p);
        }
        let odds = p / (1.0 - p);
        let (mut k, mut share, mut u) = (0, (1.0 - p).powi(n as i32), self.uniform());
        while u > share && k < n {
            u -= share;
            share *= f64::from(n - k) / f64::from(k + 1) * odds;
            k += 1;
        }
        k
    }

    /// Targets of each source.
    fn graph(&mut self, sources: usize, targets: usize, projection: &Projection) -> Vec<Vec<usize>> {
        let Some(indegree) = projection.indegree else {
            return (0..sources).map(|_| (0..targets).filter(|_| self.uniform() < projection.p).collect()).collect();
        };
        let mut graph = vec![vec![]; sources];
        for target in 0..targets {
            // The first of a shuffled list.
            let mut order: Vec<usize> = (0..sources).collect();
            for k in 0..indegree as usize {
                let other = k + (self.uniform() * (sources - k) as f64) as usize;
                order.swap(k, other);
                graph[order[k]].push(target);
            }
        }
        graph
    }
}

/// Firing rate in Hz and spike synchrony index of each population from `counts[p][step]`, the first `discard` steps left out.
///
/// Index: mean over spikes of the share of the population that fires within 0.5 ms of it.
pub fn rate_and_synchrony(network: &Network, counts: &[Vec<u32>], discard: usize) -> Vec<f64> {
    let half = (0.5 / network.dt).round() as usize;
    let mut values = vec![];
    for (population, counts) in network.populations.iter().zip(counts) {
        let (counts, size) = (&counts[discard..], f64::from(population.size));
        let spikes: u32 = counts.iter().sum();
        values.push(f64::from(spikes) / size / (counts.len() as f64 * network.dt / 1000.0));
        let (mut weighted, mut weights) = (0.0, 0.0);
        for t in half..counts.len() - half {
            let near: u32 = counts[t - half..=t + half].iter().sum();
            weighted += f64::from(counts[t]) * f64::from(near) / size;
            weights += f64::from(counts[t]);
        }
        values.push(weighted / weights);
    }
    values
}
