//! A homogeneous spiking network as data: populations, projections, and how they are wired.
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117, section 2; generalised to any number of
//! populations and projections.

use super::drive::{Drive, Rate};
use super::neuron::Neuron;
use super::synapse::{Stepping, Synapse};
use serde::{Deserialize, Serialize};

/// One parameter point: everything that the dynamics depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Time step in ms.
    pub dt: f64,
    /// Each with a name of its own.
    pub populations: Vec<Population>,
    /// At most one for each target and source.
    pub projections: Vec<Projection>,
    /// Who receives a spike.
    pub connectivity: Connectivity,
    /// Poisson kicks from outside, each with a name that no population has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Kicks per ms of each source in the step before the first, where a state is carried on; empty: none.
    #[serde(skip)]
    pub sent_before: Vec<f64>,
}

/// Poisson kicks from outside, independent for every target neuron and step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// A letter, then letters, digits or _.
    pub name: String,
    /// Kicks per ms that each neuron receives of each projection from here.
    pub rate: Rate,
}

/// Where the kicks of a projection come from.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// Spikes of its neurons.
    Population(&'a Population),
    /// Outside.
    Source(&'a Source),
}

/// N identical neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// A letter, then letters, digits or _.
    pub name: String,
    /// Number of neurons N.
    pub size: u32,
    /// A neuron fires in the step that leaves it above this voltage.
    pub v_th: f64,
    /// Voltage after a spike.
    pub v_reset: f64,
    /// Leak reversal voltage; without effect where `tau_m` is absent, and on neurons that have no leak.
    pub e_leak: f64,
    /// Membrane time constant in ms; absent: no leak.
    pub tau_m: Option<f64>,
    /// Mean refractory time in ms; 0: none.
    pub tau_ref: f64,
    /// Distribution of the refractory time.
    pub refractory: Refractory,
    /// Voltages at time 0.
    pub initial: Initial,
    /// Input from outside.
    pub drive: Drive,
    /// Absent: none.
    pub adaptation: Option<Adaptation>,
    /// How a step follows the voltage without input; of the leak, its share of the way to `e_leak`.
    #[serde(default, skip_serializing_if = "Stepping::is_euler")]
    pub step: Stepping,
    /// What the voltage does without input.
    #[serde(default, skip_serializing_if = "Neuron::is_lif")]
    pub neuron: Neuron,
}

/// How long a neuron stays refractory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refractory {
    /// Leaves with probability 1 - exp(-dt/tau_ref) per step, the step of the spike included.
    Exponential,
    /// Misses exactly round(tau_ref/dt) steps.
    Fixed,
}

/// Voltages at time 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// Every neuron at `v_reset`.
    Reset,
    /// Uniform in [v_reset, v_th).
    Uniform,
    /// The state in which the neighbouring point of a sweep ended.
    Carry,
    /// Every neuron at this voltage.
    #[serde(rename = "v")]
    Voltage(f64),
    /// Uniform from the first of these up to the second.
    Between(f64, f64),
}

/// Spike-triggered adaptation: V -= a dt, a <- a (1 - dt/tau), a += b at each own spike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// Jump per spike in voltage/ms, not negative.
    pub b: f64,
    /// Decay time in ms.
    pub tau: f64,
}

/// Synapses from every neuron of `source` onto every neuron of `target`, each with probability `p`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Index into [`Network::populations`].
    pub target: usize,
    /// Index into [`Network::populations`], then [`Network::sources`].
    pub source: usize,
    /// Sign and reversal voltage.
    pub synapse: Synapse,
    /// Connection probability; without effect where `indegree` is given, 1 of a source.
    pub p: f64,
    /// Strength: what a unit kick is worth in total, of a conductance at the synapse's v_norm.
    pub s: f64,
    /// Synaptic time constant in ms, at least the step; 0: a kick acts in one step, as a whole (a delta synapse).
    pub tau: f64,
    /// How pending kicks disappear.
    pub decay: Decay,
    /// From a spike to its arrival in ms; a kick with tau > 0 begins to act then, one with tau = 0 moves the voltage of that time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay: f64,
    /// Every target has exactly so many sources, none twice, at random; absent: as many as `p` brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indegree: Option<u32>,
    /// Share of the pending kicks that act and disappear in a step, and of the rising ones that begin to act.
    #[serde(default, skip_serializing_if = "Stepping::is_euler")]
    pub step: Stepping,
    /// Mean time in ms, longer than a step, that a kick rises before it begins to act; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tau_rise: Option<f64>,
}

/// Whether a number is left out of a network's text.
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

/// How pending kicks disappear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// Binomial(H, dt/tau) of H kicks per step.
    Stochastic,
    /// H <- H (1 - dt/tau).
    Deterministic,
}

/// Who receives a spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// Drawn afresh per target and step.
    Annealed,
    /// A random graph fixed per realisation.
    Quenched,
}

impl Network {
    /// The same network on its own: populations that a sweep would carry from point to point begin at v_reset.
    pub fn without_carry(mut self) -> Network {
        self.populations.iter_mut().filter(|p| p.initial == Initial::Carry).for_each(|p| p.initial = Initial::Reset);
        self
    }

    /// No population yet; spikes reach other targets each time (annealed). `dt` in ms.
    pub fn new(dt: f64) -> Network {
        Network {
            dt,
            populations: vec![],
            projections: vec![],
            connectivity: Connectivity::Annealed,
            sources: vec![],
            sent_before: vec![],
        }
    }

    /// Neurons in all populations.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|p| p.size as usize).sum()
    }

    /// `target<-source`, as configs and tables name a projection.
    pub fn projection_name(&self, projection: &Projection) -> String {
        format!("{}<-{}", self.populations[projection.target].name, self.source_name(projection))
    }

    /// Where a projection's kicks come from.
    pub fn origin(&self, projection: &Projection) -> Origin<'_> {
        match projection.source.checked_sub(self.populations.len()) {
            None => Origin::Population(&self.populations[projection.source]),
            Some(index) => Origin::Source(&self.sources[index]),
        }
    }

    /// The name of the population or source that a projection begins at.
    pub fn source_name(&self, projection: &Projection) -> &str {
        match self.origin(projection) {
            Origin::Population(population) => &population.name,
            Origin::Source(source) => &source.name,
        }
    }

    /// The source that a projection begins at, if it is one.
    pub fn source(&self, projection: &Projection) -> Option<&Source> {
        self.sources.get(projection.source.wrapping_sub(self.populations.len()))
    }

    /// Kicks per ms that a source sent in the step before the first.
    pub fn kicks_before(&self, source: usize) -> f64 {
        self.sent_before.get(source).copied().unwrap_or(0.0)
    }

    /// Share of the source's neurons that a target of a projection is connected with, on average or exactly.
    pub fn probability(&self, projection: &Projection) -> f64 {
        let share = |k: u32| f64::from(k) / f64::from(self.source_size(projection).max(1));
        projection.indegree.map_or(projection.p, share)
    }

    /// Neurons of the population that a projection comes from; none of a source.
    pub fn source_size(&self, projection: &Projection) -> u32 {
        match self.origin(projection) {
            Origin::Population(source) => source.size,
            Origin::Source(_) => 0,
        }
    }

    /// Longest delay in steps.
    pub fn delay_max(&self) -> u32 {
        self.projections.iter().map(|projection| projection.delay_steps(self.dt)).max().unwrap_or(0)
    }

    /// Paths of the rates that change with time: `populations.E.drive.rate`, `sources.S.rate`.
    pub fn varying(&self) -> impl Iterator<Item = String> {
        let drives = self.populations.iter().filter(|population| !population.drive.rate.is_constant());
        let sources = self.sources.iter().filter(|source| !source.rate.is_constant());
        let drives = drives.map(|population| format!("populations.{}.drive.rate", population.name));
        drives.chain(sources.map(|source| format!("sources.{}.rate", source.name)))
    }

    /// Projections onto population `target`, in declaration order.
    pub fn incoming(&self, target: usize) -> impl Iterator<Item = (usize, &Projection)> {
        self.projections.iter().enumerate().filter(move |(_, p)| p.target == target)
    }

    /// Whether currents pull the voltage of population `target` down and nothing holds it up: neither a leak or another drift, nor a reversal voltage.
    pub fn is_walk(&self, target: usize) -> bool {
        !self.populations[target].is_held_up()
            && self.incoming(target).any(|(_, p)| p.synapse.is_bottomless())
            && self.incoming(target).all(|(_, p)| p.synapse.v_rev.is_none())
    }
}

impl Population {
    /// `size` neurons with what a config takes for granted: threshold 100, reset 0, no leak, a Gaussian drive of 7 kicks of
    /// weight 1 per ms, all at reset at first; never refractory.
    pub fn new(name: &str, size: u32) -> Population {
        Population {
            name: name.into(),
            size,
            v_th: 100.0,
            v_reset: 0.0,
            e_leak: 0.0,
            tau_m: None,
            tau_ref: 0.0,
            refractory: Refractory::Exponential,
            initial: Initial::Reset,
            drive: Drive::DEFAULT,
            adaptation: None,
            step: Stepping::Euler,
            neuron: Neuron::Lif,
        }
    }

    /// Probability that a refractory neuron leaves that state in one step (exponential refractoriness).
    pub fn release_probability(&self, dt: f64) -> f64 {
        if self.tau_ref == 0.0 { 1.0 } else { -libm::expm1(-dt / self.tau_ref) }
    }

    /// Lowest and highest voltage at time 0; of a carried state v_reset.
    pub fn initial_range(&self) -> (f64, f64) {
        match self.initial {
            Initial::Reset | Initial::Carry => (self.v_reset, self.v_reset),
            Initial::Uniform => (self.v_reset, self.v_th),
            Initial::Voltage(v) => (v, v),
            Initial::Between(low, high) => (low, high),
        }
    }

    /// Share of the way to `e_leak` that the leak takes in a step; 0: no leak, or one that is part of a nonlinear drift.
    pub fn leak_per_step(&self, dt: f64) -> f64 {
        self.tau_m.filter(|_| self.neuron.is_lif()).map_or(0.0, |tau| self.step.share(dt, tau))
    }

    /// Steps that a neuron misses after a spike (fixed refractoriness).
    pub fn refractory_steps(&self, dt: f64) -> u32 {
        (self.tau_ref / dt).round() as u32
    }
}

impl Projection {
    /// From every neuron of `source` onto every one of `target`, both indices into [`Network::populations`]; kicks of strength
    /// `s` that last `tau` ms on average.
    pub fn excitatory(target: usize, source: usize, s: f64, tau: f64) -> Projection {
        let (synapse, decay, step) = (Synapse::EXCITATORY, Decay::Stochastic, Stepping::Euler);
        let (delay, indegree, tau_rise) = (0.0, None, None);
        Projection { target, source, synapse, p: 1.0, s, tau, decay, delay, indegree, step, tau_rise }
    }

    /// Inhibition toward a reversal voltage of -66.
    pub fn inhibitory(target: usize, source: usize, s: f64, tau: f64) -> Projection {
        Projection { synapse: Synapse::inhibitory(-66.0), ..Projection::excitatory(target, source, s, tau) }
    }

    /// Value of a unit kick at voltage `v` of a target with threshold `v_th`.
    pub fn kick(&self, v: f64, v_th: f64) -> f64 {
        let worth = self.synapse.sign() * self.s;
        self.synapse.reversal(v_th).map_or(worth, |(v_rev, distance)| worth * (v - v_rev) / distance)
    }

    /// D: steps from the spikes of a step to the births of their kicks. These act from the next step on, so that those of a delta
    /// synapse are a step late even without a delay.
    pub fn delay_steps(&self, dt: f64) -> u32 {
        let steps = (self.delay / dt).round() as u32;
        if self.is_delta() { steps.saturating_sub(1) } else { steps }
    }

    /// Whether a kick acts in one step, as a whole.
    pub fn is_delta(&self) -> bool {
        self.tau == 0.0
    }

    /// Whether a share of each kick disappears in a step, rather than some kicks; a delta synapse leaves neither.
    pub fn has_deterministic_decay(&self) -> bool {
        self.decay == Decay::Deterministic && !self.is_delta()
    }

    /// Whether it is more than an excitatory current or an inhibitory conductance in Euler steps that is worth s at threshold: its
    /// kicks have narrower bounds.
    pub fn is_extended(&self) -> bool {
        let Synapse { v_rev, v_norm, .. } = self.synapse;
        v_rev.is_some() != self.synapse.is_inhibitory()
            || v_norm.is_some()
            || self.step != Stepping::Euler
            || self.tau_rise.is_some()
    }

    /// Share of the rising kicks that begin to act in one step; 0 where none rise.
    pub fn rise_per_step(&self, dt: f64) -> f64 {
        self.tau_rise.map_or(0.0, |tau| self.step.share(dt, tau))
    }

    /// The longer one of its time constants in ms.
    pub fn longest(&self) -> f64 {
        self.tau.max(self.tau_rise.unwrap_or(0.0))
    }

    /// Share of the pending kicks that act, and of those that disappear, in one step: q = dt/tau, or that of
    /// an exact step, or 1 of a delta synapse.
    pub fn per_step(&self, dt: f64) -> f64 {
        if self.is_delta() { 1.0 } else { self.step.share(dt, self.tau) }
    }
}
