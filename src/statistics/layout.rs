//! What a member's statistics are computed over: time step, window, populations, and the analysis options.

use super::analysis::{Analysis, Attractor, TwoStates};
use super::histogram::BinAxis;
use super::rhythm::Rhythm;
pub use super::span::steps_within;
use crate::model::{Network, Origin, SynapseKind};
use thiserror::Error;

/// Everything that the accumulators need to know of an experiment; the same for all members of a point and model.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Time step in ms.
    pub dt: f64,
    /// Simulated time in ms; the statistics run over (discard, duration].
    pub duration: f64,
    /// Transient left out, in ms.
    pub discard: f64,
    /// In the order of the network.
    pub populations: Vec<PopulationLayout>,
    /// Options of the statistics.
    pub analysis: Analysis,
    /// Whether the joint histograms of [`Analysis::attractor`] are recorded.
    pub joint: bool,
    /// Spike counts are whole numbers (`snn`, `markov`) and are hashed as u32; otherwise (`dsode`) as f64.
    pub whole_counts: bool,
}

/// What the statistics need to know of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationLayout {
    /// Ends the names of its columns.
    pub name: String,
    /// Number of neurons N.
    pub size: u32,
    /// Bins of the voltage histogram; absent: voltages are not recorded.
    pub voltage: Option<BinAxis>,
    /// Upper ends of the joint histogram of (excitatory, inhibitory) mean kick counts.
    pub kicks_max: (f64, f64),
    /// Currents can pull the voltage below the lowest bin of `dsode`, which then holds what should be lower.
    pub bottomless: bool,
    /// The sinusoid that its spikes are compared with.
    pub rhythm: Option<Rhythm>,
}

/// Spikes per ms of neurons that fire a lot.
const BUSY: f64 = 0.1;

impl PopulationLayout {
    /// Population `target` of a network, with the range of its kick counts taken from what one spike of every neuron brings,
    /// or of slow synapses from what stays pending where all fire at 100 Hz.
    pub fn new(network: &Network, target: usize, voltage: Option<BinAxis>) -> PopulationLayout {
        let population = &network.populations[target];
        let (mut excitatory, mut inhibitory) = (0.0, 0.0);
        for (_, projection) in network.incoming(target) {
            let kicks = match network.origin(projection) {
                Origin::Population(source) => {
                    network.probability(projection) * f64::from(source.size) * (BUSY * projection.tau).max(1.0)
                }
                Origin::Source(source) => 2.0 * source.rate.max() * projection.tau.max(network.dt),
            };
            match projection.synapse.kind {
                SynapseKind::Excitatory => excitatory += kicks,
                SynapseKind::Inhibitory => inhibitory += kicks,
            }
        }
        // a population without such input still has a histogram: all in the first bin
        let kicks_max = (f64::max(excitatory, 1.0), f64::max(inhibitory, 1.0));
        let bottomless = network.incoming(target).any(|(_, projection)| projection.synapse.is_bottomless());
        let (name, rhythm) = (population.name.clone(), Rhythm::of(network, target));
        PopulationLayout { name, size: population.size, voltage, kicks_max, bottomless, rhythm }
    }
}

/// Steps of the longest time within which counts are compared: 8 MB per population and member.
pub const MOST_STEPS: u64 = 1 << 20;

/// Why no statistics can be computed with a layout.
#[derive(Clone, Debug, PartialEq, Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum LayoutError {
    /// A time, height or width that is not finite and above 0.
    #[error("{name} is {found}, must be a finite number above 0")]
    NotPositive { name: &'static str, found: f64 },
    /// No step is left after the transient.
    #[error("discard is {discard} ms, must be at least 0 and below duration, {duration} ms")]
    EmptyWindow { discard: f64, duration: f64 },
    /// A network without populations.
    #[error("there are no populations")]
    NoPopulations,
    /// A population without neurons.
    #[error("population {name} has no neurons")]
    EmptyPopulation { name: String },
    /// Two columns of one name.
    #[error("two statistics would share the column {column}: rename a population")]
    DuplicateColumn { column: String },
    /// A band of the spectral peak that is none.
    #[error("the band of the spectral peak is [{low}, {high}] Hz, must be increasing and not negative")]
    Band { low: f64, high: f64 },
    /// Thresholds or a shortest state that are out of order.
    #[error("two states need low <= high and a minimum of at least 0 ms, found {low} and {high} Hz, {minimum} ms")]
    States { low: f64, high: f64, minimum: f64 },
    /// A joint histogram that is too fine.
    #[error("an attractor of {bins} x {bins} bins is too fine, at most {most} x {most}")]
    TooManyBins { bins: usize, most: usize },
    /// A time of more steps than are counted.
    #[error("{name} spans {steps} steps of dt, at most {most}: take a larger dt or a shorter time")]
    TooManySteps { name: &'static str, steps: u64, most: u64 },
}

impl Layout {
    /// First step of the window, counted from 0 at t = 0.
    pub fn first(&self) -> u64 {
        steps_within(self.discard, self.dt)
    }

    /// One past the last step of the window.
    pub fn last(&self) -> u64 {
        steps_within(self.duration, self.dt)
    }

    /// The same over each of the other windows.
    pub fn windows(&self) -> impl Iterator<Item = Layout> {
        self.analysis.windows.iter().map(|&[discard, duration]| Layout { discard, duration, ..self.clone() })
    }

    /// Bins of the joint histograms, where they are recorded.
    pub fn attractor(&self) -> Option<Attractor> {
        self.joint.then_some(self.analysis.attractor)
    }

    /// Errors: times, thresholds or populations that no statistics can be computed over.
    pub fn validate(&self) -> Result<(), LayoutError> {
        let analysis = &self.analysis;
        let mut positive = vec![("dt", self.dt), ("duration", self.duration)];
        positive.extend([("burst height", analysis.burst.height), ("burst distance", analysis.burst.distance)]);
        if let Some(attractor) = self.attractor() {
            positive.extend([("attractor bin", attractor.bin), ("attractor max", attractor.max)]);
            let kicks = self.populations.iter().take(2).flat_map(|p| [p.kicks_max.0, p.kicks_max.1]);
            positive.extend(kicks.map(|max| ("largest kick count", max)));
        }
        positive.extend(analysis.states.iter().flat_map(|states| {
            [("threshold of the lower state", states.low), ("moving average of the states", states.smooth)]
        }));
        if let Some(&(name, found)) = positive.iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
            return Err(LayoutError::NotPositive { name, found });
        }
        if !(self.discard >= 0.0 && self.first() < self.last()) {
            return Err(LayoutError::EmptyWindow { discard: self.discard, duration: self.duration });
        }
        if self.populations.is_empty() {
            return Err(LayoutError::NoPopulations);
        }
        if let Some(empty) = self.populations.iter().find(|p| p.size == 0) {
            return Err(LayoutError::EmptyPopulation { name: empty.name.clone() });
        }
        if let Some(TwoStates { low, high, minimum, .. }) = analysis.states
            && !(low <= high && high.is_finite() && minimum >= 0.0 && minimum.is_finite())
        {
            return Err(LayoutError::States { low, high, minimum });
        }
        let [low, high] = analysis.psd_band;
        if !(low >= 0.0 && low < high && high.is_finite()) {
            return Err(LayoutError::Band { low, high });
        }
        Ok(())
    }
}
