//! The maps of one model along one parameter of its network, or along a line in the plane of two.

use super::map::{Map, MapError};
use super::place::Place;
use super::tangent::Derivative;
use crate::config::{Parameter, Ranged, automatic_bins};
use crate::model::{AutomaticBins, Bins, Network, Variant};
use crate::reduced::Dsode;

/// A model of a network of which one number moves, or two in proportion.
#[derive(Clone, Debug)]
pub struct Family {
    network: Network,
    variant: Variant,
    moved: Vec<Moved>,
    /// Lowest and highest value, which have the distance 1 in scaled coordinates.
    pub range: [f64; 2],
    bins: Vec<AutomaticBins>,
    /// What coordinates are measured in.
    scales: Vec<f64>,
    /// How derivatives of its steps are found.
    derivative: Derivative,
}

/// A number of the network that is `start + slope value`.
#[derive(Clone, Debug)]
struct Moved {
    parameter: Parameter,
    start: f64,
    slope: f64,
}

/// Why there is nothing to go on from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Lost {
    /// No model there.
    #[error("no model at {value}: {reason}")]
    Model {
        /// Of the parameter.
        value: f64,
        /// In words.
        reason: String,
    },
    /// The trajectory does not come back.
    #[error("no return within {0} ms: no oscillation, a fixed point?")]
    NoReturn(f64),
    /// A state that is none.
    #[error("the state left the range of numbers")]
    Infinite,
}

impl Family {
    /// With automatic bins that do for the whole range.
    ///
    /// # Errors
    /// The model is no map of its state, or there is none at either end of the range.
    pub fn new(network: &Network, variant: &Variant, parameter: &Parameter, range: [f64; 2]) -> Result<Self, MapError> {
        Family::with_second(network, variant, (parameter, range), None)
    }

    /// The same with bins that do wherever a second parameter is moved to as well; it stays where it is.
    pub fn with_second(
        network: &Network,
        variant: &Variant,
        (parameter, range): Ranged,
        second: Option<Ranged>,
    ) -> Result<Self, MapError> {
        let bins = automatic_bins(network, (parameter, range), second);
        let (network, variant) = (network.clone().without_carry(), *variant);
        let moved = vec![Moved { parameter: parameter.clone(), start: 0.0, slope: 1.0 }];
        let derivative = Derivative::default();
        let mut family = Family { network, variant, moved, range, bins, scales: vec![], derivative };
        let value = range.into_iter().find(|&value| family.try_map(value).is_ok()).unwrap_or(range[0]);
        let mut map = family.try_map(value)?;
        family.scales = map.scales();
        let states = family.states(value, &mut map)?;
        family.derivative = Derivative::of(&mut map, &states);
        Ok(family)
    }

    /// Some states of a trajectory.
    fn states(&self, value: f64, map: &mut Map<f64>) -> Result<Vec<Vec<f64>>, MapError> {
        let network = self.network(value);
        let mut trajectory = Dsode::<f64>::with_bins(&network, &self.variant, &self.bins(&network), [0; 4])?;
        let mut after = |steps: usize| {
            for _ in 0..steps {
                trajectory.step();
            }
            map.read(&trajectory)
        };
        Ok(vec![after(87), after(110), after(140)])
    }

    fn try_map(&self, value: f64) -> Result<Map<f64>, MapError> {
        let network = self.network(value);
        Map::with_bins(&network, &self.variant, &self.bins(&network))
    }

    /// The network there.
    pub fn network(&self, value: f64) -> Network {
        let mut network = self.network.clone();
        for Moved { parameter, start, slope } in &self.moved {
            parameter.set(&mut network, start + slope * value);
        }
        network
    }

    /// The same model along a line through a point of the plane of its parameter and a second one, its parameter's coordinate first: the
    /// value is how often `along` has been added. In scaled coordinates 1 is as long as along a range.
    pub fn on_line(&self, second: &Parameter, through: [f64; 2], along: [f64; 2]) -> Family {
        let parameters = [&self.moved[0].parameter, second].into_iter();
        let moved = parameters.zip(through.into_iter().zip(along)).map(|(parameter, (start, slope))| Moved {
            parameter: parameter.clone(),
            start,
            slope,
        });
        Family { moved: moved.collect(), range: [-0.5, 0.5], ..self.clone() }
    }

    /// Voltage bins of each population.
    pub fn bins(&self, network: &Network) -> Vec<Bins> {
        let Variant::Dsode { bin, v_min, .. } = self.variant else { return vec![] };
        network.populations.iter().zip(&self.bins).map(|(p, bins)| bins.bins(p.v_th, bin, v_min)).collect()
    }

    /// What tells its coordinates from those of the same model over another range.
    pub fn identity(&self) -> String {
        self.bins.iter().map(AutomaticBins::canonical).collect()
    }

    /// The model.
    pub fn variant(&self) -> &Variant {
        &self.variant
    }

    /// The map at a value of the parameter.
    pub fn map(&self, value: f64) -> Result<Map<f64>, Lost> {
        let lost = |reason: String| Lost::Model { value, reason };
        let map = self.try_map(value).map_err(|error| lost(error.to_string()))?;
        match map.dimension() == self.scales.len() {
            true => Ok(map),
            false => Err(lost("another number of bins or steps than at the beginning of the range".into())),
        }
    }

    /// Whether a config could describe the network there.
    pub fn check(&self, value: f64) -> Result<(), Lost> {
        let error = |reason| Lost::Model { value, reason };
        self.network(value).check(self.variant).map_err(|errors| error(errors.to_string()))?;
        self.map(value).map(drop)
    }

    /// How derivatives of its steps are found.
    pub fn derivative(&self) -> Derivative {
        self.derivative
    }

    /// What coordinates are measured in.
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// A place in scaled coordinates, the parameter's last.
    pub fn scaled(&self, x: &[f64], value: f64) -> Vec<f64> {
        x.iter().zip(&self.scales).map(|(x, scale)| x / scale).chain([value / self.length()]).collect()
    }

    /// The place with these scaled coordinates.
    pub fn place(&self, scaled: &[f64]) -> Place {
        let x = scaled.iter().zip(&self.scales).map(|(x, scale)| x * scale).collect();
        Place { x, value: scaled[self.scales.len()] * self.length() }
    }

    /// Length of the range.
    pub fn length(&self) -> f64 {
        self.range[1] - self.range[0]
    }
}
