//! What a kernel is specialised for: everything about a network that decides which statements run, and no numbers.
//!
//! Points of one shape run in one batch with one pipeline; their numbers are data.

use super::parameters::ProjectionParameters;
use crate::model::{Closure, Connectivity, DriveKind, Network, Refractory, Variant};
use std::borrow::Cow;

/// What gives a neuron its current and conductance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// Kicks that are born and die.
    Snn,
    /// Noise with the moments of the kick count.
    Markov(Closure),
}

impl Model {
    /// The model of a variant that simulates neurons.
    pub fn of(variant: &Variant) -> Option<Model> {
        match *variant {
            Variant::Snn => Some(Model::Snn),
            Variant::Markov { closure } => Some(Model::Markov(closure)),
            Variant::Dsode { .. } => None,
        }
    }

    /// The network as the model sees it: `markov` has no graph, and takes the Gaussian drive with the same moments.
    pub fn network(self, network: &Network) -> Cow<'_, Network> {
        if self == Model::Snn {
            return Cow::Borrowed(network);
        }
        let mut network = network.clone();
        network.connectivity = Connectivity::Annealed;
        let poisson = network.populations.iter_mut().filter(|pop| pop.drive.kind == DriveKind::Poisson);
        poisson.for_each(|pop| pop.drive.kind = DriveKind::Gaussian);
        Cow::Owned(network)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetworkShape {
    pub model: Model,
    pub populations: Vec<PopulationShape>,
    pub projections: Vec<ProjectionShape>,
    pub quenched: bool,
    /// Steps whose spikes are kept, a power of two above every delay; 1: no projection has one.
    pub ring: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PopulationShape {
    pub size: u32,
    /// Index of its first neuron among the neurons of the network.
    pub first_neuron: u32,
    /// Random words of a neuron per step and purpose: 2, or a power of two from 4 on.
    pub words: u32,
    /// Indices of the projections onto it.
    pub incoming: Vec<u32>,
    pub poisson_drive: bool,
    pub fixed_refractory: bool,
    pub adaptation: bool,
    /// The voltage has a drift of its own, from a table.
    pub drift: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectionShape {
    /// A population, or a source beyond them.
    pub source: u32,
    pub target: u32,
    /// Whether kicks come from a source.
    pub outside: bool,
    pub inhibitory: bool,
    /// Whether kicks have a reversal voltage.
    pub conductance: bool,
    pub deterministic_decay: bool,
    /// Kicks act in one step, as a whole.
    pub delta: bool,
    /// Every target has as many sources.
    pub indegree: bool,
    /// Kicks rise before they act.
    pub rise: bool,
}

impl ProjectionShape {
    /// Whether the current of fixed-point kicks is subtracted: their constants are sizes.
    pub fn subtracts(&self) -> bool {
        self.inhibitory && !self.conductance
    }
}

impl NetworkShape {
    pub fn new(network: &Network, model: Model) -> NetworkShape {
        let network = &*model.network(network);
        let mut first_neuron = 0;
        let populations = network
            .populations
            .iter()
            .enumerate()
            .map(|(target, population)| {
                let incoming: Vec<u32> = network.incoming(target).map(|(index, _)| index as u32).collect();
                let poisson_drive = population.drive.kind == DriveKind::Poisson;
                let shape = PopulationShape {
                    size: population.size,
                    first_neuron,
                    words: (incoming.len() as u32 + u32::from(poisson_drive)).next_power_of_two().max(2),
                    incoming,
                    poisson_drive,
                    fixed_refractory: population.refractory == Refractory::Fixed,
                    adaptation: population.adaptation.is_some(),
                    drift: !population.neuron.is_lif(),
                };
                first_neuron += population.size;
                shape
            })
            .collect();
        let projections = network
            .projections
            .iter()
            .map(|projection| ProjectionShape {
                source: projection.source as u32,
                target: projection.target as u32,
                outside: network.source(projection).is_some(),
                inhibitory: projection.synapse.is_inhibitory(),
                conductance: projection.synapse.v_rev.is_some(),
                deterministic_decay: projection.has_deterministic_decay(),
                delta: projection.is_delta(),
                indegree: projection.indegree.is_some(),
                rise: projection.tau_rise.is_some(),
            })
            .collect();
        NetworkShape {
            model,
            populations,
            projections,
            quenched: network.connectivity == Connectivity::Quenched,
            ring: (network.delay_max() + 1).next_power_of_two(),
        }
    }

    pub fn neurons(&self) -> u32 {
        self.populations.iter().map(|pop| pop.size).sum()
    }

    /// Words that hold a bit for each neuron, every population beginning one: of the populations before `population`.
    pub fn spike_words_before(&self, population: usize) -> usize {
        self.populations[..population].iter().map(|pop| pop.size.div_ceil(32) as usize).sum()
    }

    /// Words of a slot of the ring: spikes of each population, and of a quenched network who fired.
    pub fn slot_words(&self) -> usize {
        let populations = self.populations.len();
        populations + if self.quenched { self.spike_words_before(populations) } else { 0 }
    }

    /// Words of the ring.
    pub fn ring_words(&self) -> usize {
        if self.ring > 1 { self.ring as usize * self.slot_words() } else { 0 }
    }

    /// Neurons that spikes reach a projection from; none of a source.
    pub fn source_neurons(&self, projection: &ProjectionShape) -> u32 {
        if projection.outside { 0 } else { self.populations[projection.source as usize].size }
    }

    /// Words of 32 of them.
    pub fn source_words(&self, projection: &ProjectionShape) -> u32 {
        self.source_neurons(projection).div_ceil(32)
    }

    /// Words of 32 targets that spikes of a projection reach; none of a source.
    pub fn target_words(&self, projection: &ProjectionShape) -> u32 {
        if projection.outside { 0 } else { self.populations[projection.target as usize].size.div_ceil(32) }
    }

    /// Whether kicks are born without spikes.
    pub fn has_sources(&self) -> bool {
        self.projections.iter().any(|projection| projection.outside)
    }

    /// Steps after which a neuron's random words begin again: their blocks are counted in 32 bits.
    pub fn most_steps(&self) -> u64 {
        let of = |pop: &PopulationShape| (1 << 32) / u64::from(pop.words.max(4));
        self.populations.iter().map(of).min().unwrap_or(u64::MAX)
    }

    /// Most projections onto one population.
    pub fn incoming_max(&self) -> u32 {
        self.populations.iter().map(|pop| pop.incoming.len() as u32).max().unwrap_or(0)
    }

    /// Kick counts that each neuron of a population keeps; with the white closure none.
    pub fn kick_words(&self, population: usize) -> u32 {
        match self.model {
            Model::Markov(Closure::White) => 0,
            _ => self.populations[population].incoming.len() as u32,
        }
    }

    /// Most kick counts that a neuron keeps.
    pub fn kick_words_max(&self) -> u32 {
        (0..self.populations.len()).map(|pop| self.kick_words(pop)).max().unwrap_or(0)
    }

    /// Whether kicks of any projection rise before they act.
    pub fn has_rise(&self) -> bool {
        self.projections.iter().any(|projection| projection.rise)
    }

    /// Rising kick counts that each neuron of a population keeps, of all projections onto it or none.
    pub fn rising_words(&self, population: usize) -> u32 {
        if self.has_rise() { self.kick_words(population) } else { 0 }
    }

    /// Whether each neuron keeps the fluctuations of a projection's kicks: with the coloured closure, of those that act more than once.
    #[inline]
    pub fn has_memory(&self, projection: usize) -> bool {
        self.model == Model::Markov(Closure::Coloured) && !self.projections[projection].delta
    }

    /// Kicks of all targets of a projection per unit of what a sample has: of [`super::snn::sampled_kicks`], or of the mean of `markov`.
    pub fn kick_unit(&self, projection: usize, parameters: &ProjectionParameters) -> f64 {
        let shape = &self.projections[projection];
        let fraction = if self.model == Model::Snn && !shape.deterministic_decay { 0 } else { parameters.fraction };
        let unit = libm::ldexp(1.0, parameters.sampled as i32 - fraction as i32);
        match self.model {
            Model::Snn => unit,
            Model::Markov(_) => f64::from(self.populations[shape.target as usize].size) * unit,
        }
    }
}
