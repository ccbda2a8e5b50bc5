//! The discrete-state ODE: n_j neurons with summed voltage m_j in each bin of the voltage axis, R refractory ones.
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117 (dsODE); the coloured closure is ours.
//!
//! One step from t to t + dt, c_X neurons of X having fired in the step before:
//! 1. kick counts of every projection take their new moments mu, s2 (`moments`), then r (`closure`);
//! 2. bin k, of mean voltage v_k = m_k/n_k, is uniform on [a, b]: from the lower edge if v_k lies in the lower half, else to the
//!    upper one, at least 1e-4 wide; a leak shrinks it toward e_leak by 1 - dt/tau_m, a nonlinear
//!    neuron takes it along (`flow`); with the coloured closure it is stretched;
//! 3. its neurons move by a Gaussian with the moments of drive, kicks and adaptation at v_k; what lands in a bin, with its
//!    first moment, goes there (`transition`), what lands above v_th has fired; the lowest bin takes all that falls below it;
//! 4. R, those just fired included, releases its share into the bin of v_reset, or what fired `delay` steps ago;
//! 5. the rounding remainder N - sum n - R goes to the fullest bin; a <- a (1 - dt/tau_a) + b c/N; g <- g (1 - q).
//!
//! With a linear density (`linear`, ours) step 2 is another one, and with the coloured closure each bin also keeps second moments
//! of its own (`local`); all else is the same.
//!
//! Differences from the authors' script: mass that falls below the lowest bin stays in it, nothing is rounded to ten digits,
//! the release is exact for its step, and kicks arrive one step earlier, as they do in the network.

use super::drives::Drives;
use super::initial::initial;
use super::parameters::Parameters;
use super::real::Real;
use super::scheme::{Linear, LocalLinear, Uniform};
use super::shape::{DsodeShape, ShapeError};
use super::spread::spread_bins;
use super::state::{State, StateFields};
use super::step::Step;
use super::workspace::Workspace;
use crate::model::bins::resolve;
use crate::model::{Bins, Network, Variant};

/// One step of a state of these parameters' shape, in any memory of that shape. A function of parameters, state and, with
/// finite-size noise, key: without it the key has no effect.
pub fn step<T: Real>(parameters: &Parameters<T>, state: &mut State<T>, key: [u32; 4], workspace: &mut Workspace<T>) {
    let mut step = Step::new(parameters, state, key, workspace);
    step.receive_kicks();
    step.move_neurons(workspace);
    state.step += 1;
}

/// The first part of a step: kick counts take the spikes of the step before.
pub fn receive_kicks<T: Real>(parameters: &Parameters<T>, state: &mut State<T>, workspace: &Workspace<T>) {
    Step::new(parameters, state, [0; 4], workspace).receive_kicks();
}

/// The rest of a step, without finite-size noise.
pub fn move_neurons<T: Real>(parameters: &Parameters<T>, state: &mut State<T>, workspace: &mut Workspace<T>) {
    Step::new(parameters, state, [0; 4], workspace).move_neurons(workspace);
}

impl<'a, T: Real> Step<'a, T> {
    fn new(parameters: &'a Parameters<T>, state: &'a mut State<T>, key: [u32; 4], work: &Workspace<T>) -> Step<'a, T> {
        let State { step, unsound, numbers } = state;
        let state = work.places.slices_mut(numbers);
        Step { shape: parameters.shape(), parameters, key, number: *step, unsound, state }
    }

    fn receive_kicks(&mut self) {
        (0..self.shape.projections.len()).for_each(|x| self.update_kicks(x));
        if self.shape.is_local() {
            (0..self.shape.populations()).for_each(|q| (0..T::STRANDS).for_each(|strand| self.add_births(q, strand)));
        }
    }

    fn move_neurons(&mut self, work: &mut Workspace<T>) {
        let populations = self.shape.populations();
        for q in 0..populations {
            work.drive[q] = self.parameters.drives.at(self.number, q);
        }
        work.clear();
        if self.shape.coloured && !self.shape.linear {
            (0..populations).for_each(|q| (0..T::STRANDS).for_each(|strand| self.update_average(work, q, strand)));
        }
        let shape = self.shape;
        shape.fluctuations().enumerate().for_each(|(x, acting)| self.update_residual(work, x, acting));
        match (self.shape.linear, self.shape.coloured) {
            (false, _) => spread_bins::<T, Uniform>(self, work),
            (true, false) => spread_bins::<T, Linear>(self, work),
            (true, true) => spread_bins::<T, LocalLinear>(self, work),
        }
        for q in 0..populations {
            self.settle(work, q);
            if self.shape.is_local() && self.shape.finite_size {
                (0..T::STRANDS).for_each(|strand| self.sum_drifts(work, q, strand));
            }
            self.advance(work, q);
            (0..T::STRANDS).for_each(|strand| self.tally(work, q, strand));
            self.balance(work, q);
        }
    }
}

/// One trajectory: parameters, state, key and memory to step in.
#[derive(Clone, Debug)]
pub struct Dsode<T> {
    parameters: Parameters<T>,
    state: State<T>,
    key: [u32; 4],
    workspace: Workspace<T>,
}

impl<T: Real> Dsode<T> {
    /// At time 0 in the state that the populations' `initial` names; `carry` starts from reset until [`Dsode::carry`].
    /// Without finite-size noise `key` has no effect.
    pub fn new(network: &Network, variant: &Variant, key: [u32; 4]) -> Result<Self, ShapeError> {
        Dsode::with_bins(network, variant, &resolve(network, variant), key)
    }

    /// A trajectory at time 0 with other bins than the variant's own on this network: those of an experiment that it is a point of.
    pub fn with_bins(network: &Network, variant: &Variant, bins: &[Bins], key: [u32; 4]) -> Result<Self, ShapeError> {
        let parameters = Parameters::with_bins(network, variant, bins)?;
        let state = initial(network, &parameters, key);
        Ok(Dsode::from_parts(parameters, state, key))
    }

    /// Goes on from a state of the parameters' shape.
    pub fn from_parts(parameters: Parameters<T>, state: State<T>, key: [u32; 4]) -> Self {
        let workspace = Workspace::new(parameters.shape());
        Dsode { parameters, state, key, workspace }
    }

    /// Populations, bins, projections and options.
    pub fn shape(&self) -> &DsodeShape {
        self.parameters.shape()
    }

    /// What a step multiplies with.
    pub fn parameters(&self) -> &Parameters<T> {
        &self.parameters
    }

    /// All numbers that a step goes on from.
    pub fn state(&self) -> &State<T> {
        &self.state
    }

    /// The state's numbers by name.
    pub fn fields(&self) -> StateFields<&[T]> {
        self.workspace.places.slices(&self.state.numbers)
    }

    /// What the finite-size noise is a function of.
    pub fn key(&self) -> [u32; 4] {
        self.key
    }

    /// The external input of every population.
    pub fn drives(&self) -> &Drives {
        &self.parameters.drives
    }

    /// Continues from a state that [`Dsode::state`] gave for the same network and variant.
    pub fn resume(&mut self, state: State<T>) {
        self.state = state;
    }

    /// Starts, at time 0, from where another trajectory with the same bins, population sizes, projections and options ended.
    pub fn carry(&mut self, previous: &Dsode<T>) {
        self.state = previous.state.restarted(&previous.parameters, &self.parameters);
    }

    /// Neurons of each population that fired in the last step.
    pub fn fired(&self) -> &[T] {
        self.fields().fired
    }

    /// Whether no step has lost neurons, every number is finite and no count negative.
    pub fn is_sound(&self) -> bool {
        self.state.is_sound(self.shape())
    }

    /// One step; returns the neurons of each population that fired in it.
    pub fn step(&mut self) -> &[T] {
        step(&self.parameters, &mut self.state, self.key, &mut self.workspace);
        self.fired()
    }
}
