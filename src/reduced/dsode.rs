//! The discrete-state ODE: n_j neurons with summed voltage m_j in each bin of the voltage axis, R refractory ones.
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117 (dsODE); the coloured closure is ours.
//!
//! One step from t to t + dt, c_X neurons of X having fired in the step before:
//! 1. kick counts of every projection take their new moments mu, s2 (`moments`), then r (`closure`);
//! 2. bin k, of mean voltage v_k = m_k/n_k, is uniform on [a, b]: from the lower edge if v_k lies in the lower half, else to the
//!    upper one, at least 1e-4 wide; a leak shrinks it toward e_leak by 1 - dt/tau_m; with the coloured closure it is stretched;
//! 3. its neurons move by a Gaussian with the moments of drive, kicks and adaptation at v_k; what lands in a bin, with its
//!    first moment, goes there (`transition`), what lands above v_th has fired; the lowest bin takes all that falls below it;
//! 4. R, those just fired included, releases its share into the bin of v_reset, or what fired `delay` steps ago;
//! 5. the rounding remainder N - sum n - R goes to the fullest bin; a <- a (1 - dt/tau_a) + b c/N; g <- g (1 - q).
//!
//! Differences from the authors' script: mass that falls below the lowest bin stays in it, nothing is rounded to ten digits,
//! the release is exact for its step, and kicks arrive one step earlier, as they do in the network.

use super::closure::residual_variance;
use super::drives::Drives;
use super::initial::{draw_counts, fill_uniformly};
use super::moments::{next_mean, next_variance};
use super::noise::{self, Stream};
use super::parameters::Parameters;
use super::real::Real;
use super::shape::{DsodeShape, ShapeError};
use super::spread::spread_bins;
use super::state::State;
use super::work::DsodeScratch;
use crate::model::bins::resolve;
use crate::model::{Bins, Initial, Network, Population, Variant};

/// Bins with fewer neurons are empty: keeps squares and quotients of counts normal numbers in f32.
pub(super) const EMPTY: f64 = 1e-30;
/// One trajectory.
#[derive(Clone, Debug)]
pub struct Dsode<T> {
    pub(super) shape: DsodeShape,
    pub(super) parameters: Parameters<T>,
    drives: Drives,
    pub(super) key: [u32; 4],
    pub(super) state: State<T>,
    pub(super) work: DsodeScratch<T>,
}

impl<T: Real> Dsode<T> {
    /// At time 0 in the state that the populations' `initial` names; `carry` starts from reset until [`Dsode::carry`].
    /// Without finite-size noise `key` has no effect.
    pub fn new(network: &Network, variant: &Variant, key: [u32; 4]) -> Result<Self, ShapeError> {
        Dsode::with_bins(network, variant, &resolve(network, variant), key)
    }

    /// The same with other bins than the variant's own on this network: those of an experiment that it is a point of.
    pub fn with_bins(network: &Network, variant: &Variant, bins: &[Bins], key: [u32; 4]) -> Result<Self, ShapeError> {
        let shape = DsodeShape::with_bins(network, variant, bins)?;
        let single = T::one() + T::of(f64::EPSILON) == T::one();
        let uncountable = |p: &&Population| shape.finite_size && single && p.size > DsodeShape::F32_COUNT;
        if let Some(p) = network.populations.iter().find(uncountable) {
            let (population, size, max) = (p.name.clone(), p.size, DsodeShape::F32_COUNT);
            return Err(ShapeError::Size { population, size, max });
        }
        let parameters = Parameters::<T>::new(network, bins);
        let mut state = State::empty(&shape);
        for (q, p) in network.populations.iter().enumerate() {
            let bins = shape.bins_of(q);
            let (counts, moments) = (&mut state.counts[bins.clone()], &mut state.moments[bins]);
            let own = &parameters.populations[q];
            if p.initial == Initial::Uniform {
                let stream = Stream { key, step: 0, population: q as u32, bin: 0, purpose: noise::INITIAL };
                fill_uniformly(counts, moments, own.h.to_f64(), own.v_min.to_f64(), (p.v_reset, p.v_th), p.size);
                if shape.finite_size {
                    draw_counts(&stream, counts, moments, own.size);
                }
            } else {
                let bin = own.reset_bin.to_i32() as usize;
                counts[bin] = own.size;
                moments[bin] = own.size * own.reset_voltage;
            }
        }
        let work = DsodeScratch::new(&shape);
        Ok(Dsode { shape, parameters, drives: Drives::new(network), key, state, work })
    }

    pub fn shape(&self) -> &DsodeShape {
        &self.shape
    }

    pub fn parameters(&self) -> &Parameters<T> {
        &self.parameters
    }

    pub fn state(&self) -> &State<T> {
        &self.state
    }

    /// What the finite-size noise is a function of.
    pub fn key(&self) -> [u32; 4] {
        self.key
    }

    pub fn drives(&self) -> &Drives {
        &self.drives
    }

    /// Continues from a state that [`Dsode::state`] gave for the same network and variant.
    pub fn resume(&mut self, state: State<T>) {
        self.state = state;
    }

    /// Starts, at time 0, from where another trajectory with the same bins, population sizes, projections and options ended.
    pub fn carry(&mut self, previous: &Dsode<T>) {
        self.state = previous.state.restarted((&previous.shape, &previous.parameters), (&self.shape, &self.parameters));
    }

    /// Neurons of each population that fired in the last step.
    pub fn fired(&self) -> &[T] {
        &self.state.fired
    }

    /// One step; returns the neurons of each population that fired in it.
    pub fn step(&mut self) -> &[T] {
        for q in 0..self.shape.populations() {
            self.work.drive[q] = self.drives.at(self.state.step, q);
        }
        self.work.clear();
        for x in 0..self.shape.projections.len() {
            self.update_kicks(x);
        }
        for q in 0..self.shape.populations() {
            for k in 0..self.shape.bins[q] {
                self.update_average(q, k);
            }
        }
        for x in 0..self.shape.projections.len() {
            self.update_residual(x);
        }
        spread_bins(self);
        self.advance();
        for q in 0..self.shape.populations() {
            self.settle(q);
        }
        self.state.step += 1;
        &self.state.fired
    }

    /// Moments of the kick count of projection `x`.
    fn update_kicks(&mut self, x: usize) {
        let p = &self.parameters.projections[x];
        let c = self.state.fired[self.shape.projections[x].1];
        let (mu, s2) = (self.state.kick_mean[x], self.state.kick_variance[x]);
        self.state.kick_variance[x] = next_variance(mu, s2, p.q, p.p, p.stochastic_decay, c);
        self.state.kick_mean[x] = next_mean(mu, p.q, p.p, c);
    }

    /// Mean voltage of bin `k` of population `q` and the mean fluctuations of its neurons' kick counts.
    fn update_average(&mut self, q: usize, k: usize) {
        if !self.shape.coloured {
            return;
        }
        let p = &self.parameters.populations[q];
        let i = self.work.start[q] + k;
        let n = self.state.counts[i];
        self.work.voltage[i] = p.v_min + T::of(k as f64) * p.h;
        if n > T::of(EMPTY) {
            self.work.voltage[i] += (self.state.moments[i] / n).clamp(T::zero(), p.h);
        }
        for &(_, offset) in &self.work.incoming[q] {
            let mut c = T::zero();
            if n > T::of(EMPTY) {
                c = self.state.drifts[offset + k] / n;
            }
            self.work.fluctuation[offset + k] = c;
        }
    }

    /// Variance of the kick count of projection `x` that acts as noise.
    fn update_residual(&mut self, x: usize) {
        let q = self.shape.projections[x].0;
        let p = &self.parameters.populations[q];
        if !self.shape.coloured {
            self.work.residual[x] = self.state.kick_variance[x] / p.dt;
            return;
        }
        let offset = self.work.offset[x];
        let mut between = T::zero();
        for k in 0..self.shape.bins[q] {
            between += self.work.fluctuation[offset + k] * self.state.drifts[offset + k];
        }
        if self.state.refractory[q] > T::of(EMPTY) {
            let g = self.state.refractory_drift[x];
            between += g / self.state.refractory[q] * g;
        }
        self.work.residual[x] = residual_variance(self.state.kick_variance[x], between, p.size);
    }
}
