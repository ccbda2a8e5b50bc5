//! One step of the deterministic `dsode` as a map x -> Phi(x) of a flat state.
//!
//! x holds the fields of a state ([`StateFields`]) but for two. R = N - sum n follows from the counts, and of a delay line the neurons
//! that fired last from R and the others, so Phi has no trivial multiplier 1; and kick counts are taken after this step's spikes have
//! come in, so that c is not part of x either. Adaptation
//! is there where a population has one, g of the refractory neurons with the coloured closure, w where bins keep second moments (whose
//! births are then in w). A delay line is in the order in which it empties, and so are the spikes on their way, so that Phi does not
//! depend on time.

use crate::model::bins::resolve;
use crate::model::{Bins, Network, Noise, Variant};
use crate::reduced::dsode::{move_neurons, receive_kicks};
use crate::reduced::state::Extent;
use crate::reduced::{Dsode, DsodeShape, EMPTY, Parameters, Real, ShapeError, State, StateFields, Workspace};
use std::ops::Range;

/// Neurons of an empty bin that has a derivative.
pub(super) const SEED: f64 = 1e-25;

/// Why a model is no map of its state.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum MapError {
    /// Steps draw random numbers.
    #[error("{label} draws random numbers: choose `noise: none`")]
    Noise { label: String },
    /// The step depends on time.
    #[error("{rate} changes with time: a fixed point needs a constant rate")]
    Varying { rate: String },
    /// The network has no `dsode` of these options.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// Phi, with numbers of type T.
#[derive(Clone, Debug)]
pub struct Map<T> {
    parameters: Parameters<T>,
    /// Place in a state of every coordinate.
    coordinates: Vec<usize>,
    /// Coordinate of every place in a state; `usize::MAX` where it is none.
    rows: Vec<usize>,
    lines: Vec<Line>,
    state: State<T>,
    workspace: Workspace<T>,
}

impl<T: Real> Map<T> {
    /// The map of a network with the bins that the variant has on it.
    pub fn new(network: &Network, variant: &Variant) -> Result<Self, MapError> {
        Map::with_bins(network, variant, &resolve(network, variant))
    }

    /// The map of a network with other bins of each population.
    pub fn with_bins(network: &Network, variant: &Variant, bins: &[Bins]) -> Result<Self, MapError> {
        if let Variant::Dsode { noise: Noise::FiniteSize, .. } = variant {
            return Err(MapError::Noise { label: variant.label() });
        }
        if let Some(rate) = network.varying().next() {
            return Err(MapError::Varying { rate });
        }
        let parameters = Parameters::with_bins(network, variant, bins)?;
        let shape = parameters.shape();
        let (coordinates, lines) = (coordinates(&parameters), lines(&parameters));
        let (state, workspace) = (State::empty(shape), Workspace::new(shape));
        let mut rows = vec![usize::MAX; state.numbers.len()];
        coordinates.iter().enumerate().for_each(|(row, &place)| rows[place] = row);
        Ok(Map { parameters, coordinates, rows, lines, state, workspace })
    }

    /// Populations, bins, projections and options.
    pub fn shape(&self) -> &DsodeShape {
        self.parameters.shape()
    }

    /// What coordinates are measured in: n/N, m/(N h), kick counts and their fluctuations by the largest N, adaptation by what takes a voltage
    /// through all bins while it decays.
    pub fn scales(&self) -> Vec<f64> {
        let (shape, fields) = (self.shape(), StateFields::of(self.shape()));
        let p = &self.parameters.populations;
        let size = |q: usize| p[q].size.to_f64();
        let largest = (0..p.len()).map(size).fold(0.0, f64::max);
        let mut scales = vec![largest; self.rows.len()];
        for q in 0..p.len() {
            let delayed = fields.delayed.first + q * shape.delay;
            scales[delayed..delayed + shape.delay].fill(size(q));
            let per_step = p[q].adaptation_decay.to_f64() / p[q].dt.to_f64();
            scales[fields.adaptation.first + q] = shape.bins[q] as f64 * p[q].h.to_f64() * per_step;
            for j in shape.bins_of(q) {
                scales[fields.counts.first + j] = size(q);
                scales[fields.moments.first + j] = size(q) * p[q].h.to_f64();
            }
        }
        self.coordinates.iter().map(|&place| scales[place].max(f64::MIN_POSITIVE)).collect()
    }

    /// Length of a step in ms.
    pub fn dt(&self) -> f64 {
        self.parameters.populations[0].dt.to_f64()
    }

    /// Numbers of x.
    pub fn dimension(&self) -> usize {
        self.coordinates.len()
    }

    /// x <- Phi(x). Returns the neurons of each population that fired.
    pub fn apply(&mut self, x: &mut [T]) -> &[T] {
        self.load(x);
        let state = &mut self.state;
        move_neurons(&self.parameters, state, &mut self.workspace);
        // The sources have sent kicks in every step before.
        state.step = 1;
        receive_kicks(&self.parameters, state, &self.workspace);
        for &Line { first, len, .. } in &self.lines {
            state.numbers[first..first + len].rotate_left(1);
        }
        for (number, place) in x.iter_mut().zip(&self.coordinates) {
            *number = state.numbers[*place];
        }
        self.workspace.places.slices(&self.state.numbers).fired
    }

    /// Makes x the state that a step goes on from.
    pub(super) fn load(&mut self, x: &[T]) {
        assert_eq!(x.len(), self.coordinates.len(), "a state of this map");
        let (shape, places, state) = (self.parameters.shape(), &self.workspace.places, &mut self.state);
        state.step = 0;
        for (place, number) in self.coordinates.iter().zip(x) {
            state.numbers[*place] = *number;
        }
        let StateFields { counts, refractory, delayed, .. } = places.slices_mut(&mut state.numbers);
        for (q, p) in self.parameters.populations.iter().enumerate() {
            refractory[q] = p.size - counts[shape.bins_of(q)].iter().copied().sum();
            if let Some((newest, older)) = delayed[q * shape.delay..][..steps_of(p.delay)].split_last_mut() {
                *newest = refractory[q] - older.iter().copied().sum();
            }
        }
    }

    /// Gives the empty bins of populations in which nothing returns to v_reset a few neurons. Otherwise those that a tangent takes from the
    /// refractory ones would come to a bin that, empty, sends nothing on: neurons would be lost, and Phi seem to keep what it does not.
    pub(super) fn seed_silent(&mut self) {
        let (shape, places) = (self.parameters.shape(), &self.workspace.places);
        let StateFields { counts, moments, .. } = places.slices_mut(&mut self.state.numbers);
        for (q, p) in self.parameters.populations.iter().enumerate() {
            let reset = shape.start(q) + p.reset_bin.to_i32() as usize;
            let silent = counts[reset] <= T::of(EMPTY);
            for j in shape.bins_of(q) {
                if silent && counts[j] <= T::of(EMPTY) {
                    counts[j] = T::of(SEED);
                    moments[j] = T::of(SEED) * if j == reset { p.reset_voltage } else { T::of(0.5) * p.h };
                }
            }
        }
    }

    /// What x is made into, and back.
    pub(super) fn state(&self) -> &State<T> {
        &self.state
    }

    pub(super) fn parameters(&self) -> &Parameters<T> {
        &self.parameters
    }

    pub(super) fn coordinates(&self) -> &[usize] {
        &self.coordinates
    }

    /// Coordinate of every place in a state; `usize::MAX` where it is none.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Coordinate of the mean kick count of a projection.
    pub fn kick_row(&self, projection: usize) -> usize {
        self.rows[self.workspace.places.kick_mean.first + projection]
    }

    /// Coordinate of the variance of the kick count of a projection.
    pub fn variance_row(&self, projection: usize) -> usize {
        self.rows[self.workspace.places.kick_variance.first + projection]
    }

    /// Coordinates of the bins' neurons, those of their first moments and, with the coloured closure, of their fluctuations.
    pub fn bin_rows(&self) -> [Range<usize>; 3] {
        let (bins, drifts) = (self.shape().total_bins(), self.shape().drifts());
        [0..bins, bins..2 * bins, 2 * bins..2 * bins + drifts]
    }

    /// x of a trajectory with the same parameters.
    pub fn read(&mut self, trajectory: &Dsode<T>) -> Vec<T> {
        let mut x = Vec::with_capacity(self.dimension());
        self.read_into(trajectory, &mut x);
        x
    }

    /// The same in memory that there is.
    pub fn read_into(&mut self, trajectory: &Dsode<T>, x: &mut Vec<T>) {
        let Map { parameters, coordinates, lines, state, workspace, .. } = self;
        let State { step, numbers, .. } = trajectory.state();
        state.step = *step;
        state.numbers.copy_from_slice(numbers);
        receive_kicks(parameters, state, workspace);
        for &Line { first, len, .. } in lines.iter() {
            state.numbers[first..first + len].rotate_left(*step as usize % len);
        }
        x.clear();
        x.extend(coordinates.iter().map(|&place| state.numbers[place]));
    }
}

/// Places of the coordinates in a state.
fn coordinates<T: Real>(parameters: &Parameters<T>) -> Vec<usize> {
    let shape = parameters.shape();
    let places = StateFields::of(shape);
    let adapting = (0..shape.populations()).filter(|&q| parameters.populations[q].adaptation_decay > T::zero());
    let mut coordinates = Vec::new();
    for field in [
        places.counts,
        places.moments,
        places.drifts,
        places.products,
        places.squares,
        places.kick_mean,
        places.kick_variance,
    ] {
        coordinates.extend(field.first..field.first + field.len);
    }
    // Of projections whose kicks do not rise these places are never written.
    for field in [places.rising_mean, places.rising_variance, places.covariance] {
        coordinates.extend(shape.rising.iter().map(|x| field.first + x));
    }
    coordinates.extend(adapting.map(|q| places.adaptation.first + q));
    if shape.coloured {
        for field in [places.refractory_drift, places.refractory_square] {
            coordinates.extend(field.first..field.first + field.len);
        }
    }
    coordinates.extend(lines(parameters).into_iter().flat_map(|line| line.read));
    coordinates
}

/// A delay line or ring in a state, whose places move on by one in a step.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) first: usize,
    /// Places in use.
    pub(super) len: usize,
    /// Those that are coordinates: of a ring as many as the longest delay has steps, of neurons that fired all but the last.
    read: Range<usize>,
}

/// A delay in steps, as a count.
pub(super) fn steps_of<T: Real>(delay: T) -> usize {
    delay.to_i32() as usize
}

fn lines<T: Real>(parameters: &Parameters<T>) -> Vec<Line> {
    let shape = parameters.shape();
    let longest = parameters.projections.iter().map(|p| steps_of(p.delay)).max().unwrap_or(0);
    let fields = StateFields::TABLE.list().into_iter().zip(StateFields::of(shape).list());
    let lines = fields.filter(|(field, _)| field.entry.extent.is_line()).flat_map(|(field, place)| {
        let rows = field.entry.extent.rows(shape).into_iter().enumerate();
        rows.map(move |(line, row)| {
            let (first, delay) = (place.first + line * row.len, steps_of(parameters.populations[row.population].delay));
            let (len, read) = match field.entry.extent {
                Extent::PopulationRing => (row.len, first + row.len - longest..first + row.len),
                Extent::PopulationDelay => (delay, first..first + delay.saturating_sub(1)),
                _ => (delay, first..first + delay),
            };
            Line { first, len, read }
        })
    });
    lines.filter(|line| line.len > 0).collect()
}
