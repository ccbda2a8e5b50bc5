//! What a kernel is specialised for: everything about a network that decides which statements run, and no numbers.
//!
//! Points of one shape run in one batch with one pipeline; their numbers are data.

use crate::model::{Connectivity, Decay, DriveKind, Network, Refractory, Synapse};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    pub populations: Vec<PopulationShape>,
    pub projections: Vec<ProjectionShape>,
    pub quenched: bool,
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
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectionShape {
    pub source: u32,
    pub target: u32,
    pub inhibitory: bool,
    pub deterministic_decay: bool,
}

impl ProjectionShape {
    /// Kicks per unit of a sampled sum, see [`super::snn::sampled_kicks`].
    pub fn kick_unit(&self) -> f64 {
        if self.deterministic_decay { 1.0 / 16.0 } else { 1.0 }
    }
}

impl Shape {
    pub fn new(network: &Network) -> Shape {
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
                inhibitory: matches!(projection.synapse, Synapse::Inhibitory { .. }),
                deterministic_decay: projection.decay == Decay::Deterministic,
            })
            .collect();
        Shape { populations, projections, quenched: network.connectivity == Connectivity::Quenched }
    }

    pub fn neurons(&self) -> u32 {
        self.populations.iter().map(|p| p.size).sum()
    }

    /// Most projections onto one population.
    pub fn incoming_max(&self) -> u32 {
        self.populations.iter().map(|p| p.incoming.len() as u32).max().unwrap_or(0)
    }
}
