//! How many operations a step takes: the other half of the ceiling.
//!
//! Counted in the text of the shaders, which the CPU's twins share: every 32-bit addition, multiplication, shift, rotation,
//! logic, comparison, selection and table load is one. What is the same for all neurons of a step, addresses, loads and
//! stores of the state, and what a spike costs its own neuron, count nothing, so the ceiling is not too low. A product whose upper
//! half is kept counts as in 64 bits, a births block for the two steps that it serves: shaders without 64-bit integers, and those
//! with the state in memory, do more.

use crate::model::{Bins, Closure};
use crate::network::shape::{Model, NetworkShape};
use crate::network::wiring::Wiring;
use crate::reduced::Real;

/// Threefry-4x32-13: 13 rounds of 6, four words of counter and key, three times four of the key's schedule.
const BLOCK: f64 = 13.0 * 6.0 + 4.0 + 3.0 * 4.0;
/// A multiplication that keeps the upper half: product, rounding, shift.
const MULTIPLY_HIGH: f64 = 3.0;
/// Kicks times a constant of two words.
const COUNT_TIMES: f64 = 5.0;
/// A draw from a table of binomials: its row, and an alias entry.
const BINOMIAL: f64 = 3.0 + 11.0;
/// A normal variate times a size, shifted: index, load, product, rounding, shift.
const NOISE: f64 = 5.0;
/// Gaussian drive, threshold and reset, release.
const NEURON: f64 = (NOISE + 2.0) + 6.0 + 5.0;
/// Voltage from current and conductance.
const INTEGRATE: f64 = 5.0 + MULTIPLY_HIGH;

/// A row that is added to 32 counts: its share of four rows. And counts as numbers, and taking one.
const ROW: f64 = 8.0;
const COUNTED: f64 = 10.0 + 4.0;

/// What the spikes of a measured kernel_run make a step do.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    pub steps: f64,
    /// Spikes of each population.
    pub spikes: Vec<f64>,
    /// Steps in which each population fired, in which any did, and pairs of an even step and the next in which any did.
    pub firing: Vec<f64>,
    pub any: f64,
    pub pairs: f64,
}

impl Activity {
    /// Adds the spike counts of some steps from an even one on, `populations` each.
    pub fn add(&mut self, counts: impl IntoIterator<Item = f64>, populations: usize) {
        self.spikes.resize(populations, 0.0);
        self.firing.resize(populations, 0.0);
        let (mut any, mut before) = (false, false);
        for (i, count) in counts.into_iter().enumerate() {
            let pop = i % populations;
            self.spikes[pop] += count;
            self.firing[pop] += f64::from(count > 0.0);
            any |= count > 0.0;
            if pop + 1 == populations {
                self.steps += 1.0;
                self.any += f64::from(any);
                self.pairs += f64::from(any && !before);
                before = any && (i / populations).is_multiple_of(2);
                any = false;
            }
        }
    }

    pub fn merge(mut self, other: &Activity) -> Activity {
        let populations = self.spikes.len().max(other.spikes.len());
        self.spikes.resize(populations, 0.0);
        self.firing.resize(populations, 0.0);
        self.spikes.iter_mut().zip(&other.spikes).for_each(|(a, b)| *a += b);
        self.firing.iter_mut().zip(&other.firing).for_each(|(a, b)| *a += b);
        let (steps, any, pairs) = (self.steps + other.steps, self.any + other.any, self.pairs + other.pairs);
        Activity { steps, any, pairs, ..self }
    }
}

/// Integer operations of one neuron in one step, averaged over the network's neurons.
pub fn of_neuron(shape: &NetworkShape, activity: &Activity) -> f64 {
    let share = |steps: f64| steps / activity.steps.max(1.0);
    let of_population = |pop: usize| {
        let population = &shape.populations[pop];
        // With two words, one block serves two steps.
        let blocks = f64::from(population.words) / 4.0 * BLOCK;
        let mut operations = NEURON + INTEGRATE + blocks;
        for &j in &population.incoming {
            let projection = &shape.projections[j as usize];
            let conductance = f64::from(projection.conductance);
            operations += match shape.model {
                Model::Snn if projection.deterministic_decay => (2.0 + conductance) * (MULTIPLY_HIGH + 2.0),
                Model::Snn => (1.0 + conductance) * (COUNT_TIMES + 1.0) + BINOMIAL + 2.0,
                Model::Markov(Closure::White) => 1.0 + (1.0 + conductance) * (NOISE + 1.0),
                Model::Markov(Closure::Coloured) => {
                    NOISE + 6.0 + MULTIPLY_HIGH + (1.0 + conductance) * (MULTIPLY_HIGH + 5.0)
                }
            };
        }
        if shape.model == Model::Snn {
            let of_births =
                if population.words == 2 { share(activity.pairs) * BLOCK } else { share(activity.any) * blocks };
            operations += births(shape, pop, activity, share, of_births);
        }
        f64::from(population.size) * operations
    };
    (0..shape.populations.len()).map(of_population).sum::<f64>() / f64::from(shape.neurons())
}

/// Of the kicks that are born in a neuron of population `pop`; random words of an annealed one take `blocks`.
fn births(shape: &NetworkShape, pop: usize, activity: &Activity, share: impl Fn(f64) -> f64, blocks: f64) -> f64 {
    let incoming = shape.populations[pop].incoming.iter().map(|&j| &shape.projections[j as usize]);
    let sources = incoming.filter(|projection| !projection.outside).map(|projection| projection.source as usize);
    if !shape.quenched {
        let drawn: f64 = sources.map(|source| share(activity.firing[source]) * (BINOMIAL + 3.0)).sum();
        return blocks + drawn;
    }
    // A word of 32 sources is looked at, and where one of them fired, its bits are compared with the row's, or drawn again; or 32
    // neurons add up the rows of those that fired, whichever is less.
    let stored = Wiring::new(shape, true) != Wiring::Drawn;
    sources
        .map(|source| {
            let words = f64::from(shape.populations[source].size.div_ceil(32));
            let (firing, spikes) = (activity.firing[source], activity.spikes[source]);
            let spikes_per_step = spikes / firing.max(1.0);
            let hit = words * (1.0 - (1.0 - 1.0 / words).powf(spikes_per_step));
            let fours = 8.0 * words * (1.0 - (1.0 - 1.0 / (8.0 * words)).powf(spikes_per_step));
            let draws = fours * (BLOCK + 4.0 * 3.0 + 2.0);
            let looked = words + 4.0 * hit;
            share(firing)
                * (3.0 + if stored { looked.min(COUNTED + spikes_per_step * ROW / 32.0) } else { looked + draws })
        })
        .sum()
}

/// Floating-point operations of one edge that a source bin's law crosses: exponential, Mills' ratio, expansion, share.
const EDGE_F64: f64 = 26.0 + 44.0 + 48.0;
const EDGE_F32: f64 = 20.0 + 19.0 + 48.0;

/// Floating-point operations of one `dsode` step, at least: every bin reaches the edges within the drive's noise alone.
pub fn of_trajectory(drive_variances: &[f64], bins: &[Bins], counts: &[u32], gpu: bool) -> f64 {
    let (reach, edge) =
        if gpu { (f64::from(<f32 as Real>::REACH), EDGE_F32) } else { (<f64 as Real>::REACH, EDGE_F64) };
    let edges = |variance: f64, width: f64| 2.0 * reach * variance.sqrt() / width + 1.0;
    let populations = drive_variances.iter().zip(bins).zip(counts);
    populations.map(|((&variance, bins), &count)| f64::from(count) * edges(variance, bins.width) * edge).sum()
}
