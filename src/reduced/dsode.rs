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

#![expect(clippy::neg_cmp_op_on_partial_ord, reason = "What is not a number has to fail the guards")]

use super::closure::{kick_increment, limited_slope, regression, residual_variance, stretch};
use super::initial::{draw_counts, fill_uniformly};
use super::moments::{next_mean, next_variance};
use super::noise::{self, Stream, binomial};
use super::parameters::Parameters;
use super::real::Real;
use super::shape::{Shape, ShapeError};
use super::state::State;
use super::transition::{
    Share, edge_above, edge_distance, first_edge, share_above, share_between, share_drift, share_of, spread_over,
    upper_tails,
};
use super::work::Work;
use crate::model::{Drive, Initial, Network, Population, Variant};
use std::ops::Range;

/// Bins with fewer neurons are empty: keeps squares and quotients of counts normal numbers in f32.
const EMPTY: f64 = 1e-30;
/// Least width of the interval on which a bin's voltages are uniform.
const WIDTH_MIN: f64 = 1e-4;
/// A step that loses a larger share of a population than this is not rounding but a number that is not finite.
const LOSS_MAX: f64 = 1e-3;

/// One trajectory.
#[derive(Clone, Debug)]
pub struct Dsode<T> {
    shape: Shape,
    parameters: Parameters<T>,
    drives: Vec<Drive>,
    dt: f64,
    key: [u32; 4],
    state: State<T>,
    work: Work<T>,
}

impl<T: Real> Dsode<T> {
    /// At time 0 in the state that the populations' `initial` names; `carry` starts from reset until [`Dsode::carry`].
    /// Without finite-size noise `key` has no effect.
    pub fn new(network: &Network, variant: &Variant, key: [u32; 4]) -> Result<Self, ShapeError> {
        let shape = Shape::new(network, variant)?;
        let single = T::one() + T::of(f64::EPSILON) == T::one();
        let uncountable = |p: &&Population| shape.finite_size && single && p.size > Shape::F32_COUNT;
        if let Some(p) = network.populations.iter().find(uncountable) {
            let (population, size, max) = (p.name.clone(), p.size, Shape::F32_COUNT);
            return Err(ShapeError::Size { population, size, max });
        }
        let parameters = Parameters::<T>::new(network, variant);
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
        let drives = network.populations.iter().map(|p| p.drive.clone()).collect();
        let work = Work::new(&shape);
        Ok(Dsode { shape, parameters, drives, dt: network.dt, key, state, work })
    }

    pub fn shape(&self) -> &Shape {
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

    /// Mean and variance of the drive's increment in `steps` steps from `first` on, (step, population); one row where no drive
    /// varies.
    pub fn drive_rows(&self, first: u32, steps: u32) -> Vec<[T; 2]> {
        let rows = if self.drives.iter().all(|d| d.rate.is_constant()) { 1 } else { steps };
        (first..first + rows).flat_map(|step| (0..self.drives.len()).map(move |q| self.drive_at(step, q))).collect()
    }

    fn drive_at(&self, step: u32, q: usize) -> [T; 2] {
        let t = f64::from(step) * self.dt;
        [T::of(self.drives[q].mean(t, self.dt)), T::of(self.drives[q].variance(t, self.dt))]
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
        for q in 0..self.drives.len() {
            self.work.drive[q] = self.drive_at(self.state.step, q);
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
        self.state.kick_variance[x] = next_variance(mu, s2, p.q, p.p, p.churn, c);
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

    /// Moves the neurons of bin `k` of population `q`: a share for each bin from the returned first to its end.
    #[inline(always)]
    fn spread_bin(&mut self, q: usize, k: usize) -> Range<usize> {
        let work = &mut self.work;
        let p = self.parameters.populations[q];
        let bins = self.shape.bins[q];
        let i = work.start[q] + k;
        let n = self.state.counts[i];
        if !(n > T::of(EMPTY)) {
            return 0..0;
        }
        let edge = p.v_min + T::of(k as f64) * p.h;
        let mean = (self.state.moments[i] / n).clamp(T::zero(), p.h);
        let v = edge + mean;

        let mut a = T::zero();
        let mut b = (mean + mean).max(T::of(WIDTH_MIN));
        if mean + mean >= p.h {
            a = (mean + mean - p.h).min(p.h - T::of(WIDTH_MIN));
            b = p.h;
        }
        a += p.leak * (p.e_leak - edge - a);
        b += p.leak * (p.e_leak - edge - b);
        let mut half = T::of(0.5) * (b - a);

        let [mut shift, mut variance] = work.drive[q];
        shift -= p.dt * self.state.adaptation[q];
        let mut tilt = T::zero();
        for &(x, offset) in &work.incoming[q] {
            let source = &self.parameters.projections[x];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let mut kicks = self.state.kick_mean[x];
            if self.shape.coloured {
                let c = offset + k;
                kicks += work.fluctuation[c];
                let mut slope = T::zero();
                if k > 0 && k + 1 < bins {
                    slope = limited_slope(
                        self.state.counts[i - 1] / p.size,
                        self.state.counts[i + 1] / p.size,
                        work.voltage[i - 1],
                        v,
                        work.voltage[i + 1],
                        work.fluctuation[c - 1],
                        work.fluctuation[c],
                        work.fluctuation[c + 1],
                    );
                }
                work.beta[c] = slope;
                tilt += increment * slope;
            }
            shift += increment * kicks;
            variance += increment * increment * work.residual[x];
        }
        if self.shape.coloured {
            let kappa = stretch(tilt);
            half = half * kappa;
            for &(x, offset) in &work.incoming[q] {
                let source = &self.parameters.projections[x];
                let increment = kick_increment(source.base, source.slope, source.v_rev, v);
                let c = offset + k;
                work.beta[c] = regression(increment, work.residual[x], work.beta[c], kappa, half, variance);
                work.left[c] = self.state.drifts[c];
            }
        }
        let centre = T::of(0.5) * (a + b) + shift;
        let s = spread_over(k as i32, centre, half, variance.max(T::zero()).sqrt(), p.h, bins as i32);
        work.centre[i] = centre;

        let stream = Stream {
            key: self.key,
            step: self.state.step,
            population: q as u32,
            bin: k as u32,
            purpose: noise::SPREAD,
        };
        let mut left = n;
        upper_tails(&s, p.h, &mut work.tails, &mut work.excesses);
        let mut lower = first_edge(&s, p.h);
        for j in s.first..s.end {
            let slot = (j - s.first) as usize;
            let tail = (work.tails[slot], work.excesses[slot]);
            let upper = edge_above(&s, &lower, j + 1, p.h, tail);
            let part = share_between(&lower, &upper, p.h);
            let mut share = Share { mass: n * part.mass, moment: n * part.moment };
            if self.shape.finite_size {
                let above = share_above(&upper);
                let count = binomial(&stream, (j - s.first) as u32, left, part.mass, above.mass);
                share = share_of(&part, count);
                left -= count;
            }
            work.shares[(j - s.first) as usize] = share;
            if self.shape.coloured {
                for &(_, offset) in &work.incoming[q] {
                    let c = offset + k;
                    let y = edge_distance(&s, j, p.h);
                    let g = share_drift(&share, work.fluctuation[c], work.beta[c], y);
                    work.left[c] -= g;
                }
            }
            lower = upper;
        }
        let part = share_above(&lower);
        let mut share = Share { mass: n * part.mass, moment: n * part.moment };
        if self.shape.finite_size {
            share = share_of(&part, left);
        }
        work.leaving[i] = share.mass;
        if self.shape.coloured {
            for &(_, offset) in &work.incoming[q] {
                let c = offset + k;
                if self.shape.finite_size {
                    work.left[c] = share_drift(&share, work.fluctuation[c], work.beta[c], lower.y);
                } else if !s.open && s.first > 0 {
                    // Nothing fires, so what is left is rounding.
                    work.left[c] = T::zero();
                }
            }
        }
        s.first as usize..s.end as usize
    }

    /// Adds what the neurons of bin `k` of population `q` bring to the bins, and to those that fired.
    #[inline(always)]
    fn gather(&mut self, q: usize, k: usize, shares: Range<usize>) {
        let work = &mut self.work;
        let p = &self.parameters.populations[q];
        let (start, i) = (work.start[q], work.start[q] + k);
        if shares.end == 0 {
            return;
        }
        let reached = start + shares.start..start + shares.end;
        let parts = &work.shares[..shares.len()];
        for ((count, moment), share) in
            work.counts[reached.clone()].iter_mut().zip(&mut work.moments[reached]).zip(parts)
        {
            *count += share.mass;
            *moment += share.moment;
        }
        if self.shape.coloured {
            for &(_, offset) in &work.incoming[q] {
                let c = offset + k;
                for (j, share) in shares.clone().zip(parts) {
                    let y = T::of(j as f64 - k as f64) * p.h - work.centre[i];
                    work.drifts[offset + j] += share_drift(share, work.fluctuation[c], work.beta[c], y);
                }
            }
        }
        work.fired[q] += work.leaving[i];
        if self.shape.coloured {
            for &(x, offset) in &work.incoming[q] {
                work.fired_drift[x] += work.left[offset + k];
            }
        }
    }

    /// Makes the sums over sources the state; drift moments decay.
    fn advance(&mut self) {
        std::mem::swap(&mut self.state.counts, &mut self.work.counts);
        std::mem::swap(&mut self.state.moments, &mut self.work.moments);
        std::mem::swap(&mut self.state.drifts, &mut self.work.drifts);
        if self.shape.coloured {
            for (x, p) in self.parameters.projections.iter().enumerate() {
                let (offset, bins) = (self.work.offset[x], self.shape.bins[self.shape.projections[x].0]);
                for g in &mut self.state.drifts[offset..offset + bins] {
                    *g = (T::one() - p.q) * *g;
                }
            }
        }
    }

    /// Refractory neurons of population `q`: those that fired enter, those whose time is up return to v_reset.
    fn settle(&mut self, q: usize) {
        let p = self.parameters.populations[q];
        let fired = self.work.fired[q];
        let refractory = self.state.refractory[q] + fired;
        let delay = p.delay.to_i32() as u32;
        let mut released = refractory * p.release;
        if delay > 0 {
            let place = q * self.shape.delay + (self.state.step % delay) as usize;
            released = self.state.delayed[place].min(refractory);
            self.state.delayed[place] = fired;
        } else if self.shape.finite_size {
            let (step, purpose) = (self.state.step, noise::RELEASE);
            let stream = Stream { key: self.key, step, population: q as u32, bin: 0, purpose };
            released = binomial(&stream, 0, refractory, p.release, T::one() - p.release);
        }
        let mut share = T::zero();
        if refractory > T::of(EMPTY) {
            share = released / refractory;
        }
        self.settle_drifts(q, share);
        self.state.refractory[q] = refractory - released;
        let j = self.work.start[q] + p.reset_bin.to_i32() as usize;
        self.state.counts[j] += released;
        self.state.moments[j] += released * p.reset_voltage;
        let a = self.state.adaptation[q];
        self.state.adaptation[q] = a * (T::one() - p.adaptation_decay) + p.adaptation_jump * fired;
        self.state.fired[q] = fired;
        self.balance(q);
    }

    /// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, return to the reset bin; then
    /// all of them decay.
    fn settle_drifts(&mut self, q: usize, share: T) {
        if !self.shape.coloured {
            return;
        }
        let target = self.parameters.populations[q];
        let delay = target.delay.to_i32() as u32;
        for &(x, offset) in &self.work.incoming[q] {
            let p = self.parameters.projections[x];
            let fired = self.work.fired_drift[x];
            let g = self.state.refractory_drift[x] + fired;
            let mut released = g * share;
            if delay > 0 {
                let place = x * self.shape.delay + (self.state.step % delay) as usize;
                released = self.state.delayed_drift[place] * p.keep_delayed;
                self.state.delayed_drift[place] = fired;
            }
            self.state.refractory_drift[x] = (T::one() - p.q) * (g - released);
            self.state.drifts[offset + target.reset_bin.to_i32() as usize] += (T::one() - p.q) * released;
        }
    }

    /// Gives what rounding has taken from population `q` to its fullest bin, or to R where that holds more.
    fn balance(&mut self, q: usize) {
        let start = self.work.start[q];
        let mut sum = self.state.refractory[q];
        let mut fullest = start;
        for j in start..start + self.shape.bins[q] {
            sum += self.state.counts[j];
            if self.state.counts[j] > self.state.counts[fullest] {
                fullest = j;
            }
        }
        let size = self.parameters.populations[q].size;
        let remainder = size - sum;
        if !(remainder.abs() <= T::of(LOSS_MAX) * size) {
            self.state.unsound = 1;
        }
        if self.state.counts[fullest] >= self.state.refractory[q] {
            self.state.counts[fullest] += remainder;
        } else {
            self.state.refractory[q] += remainder;
        }
    }
}

/// All bins, with the widest vectors of this processor: the same operations in the same order on each.
#[multiversion::multiversion(targets("x86_64+avx+avx2"))]
fn spread_bins<T: Real>(model: &mut Dsode<T>) {
    for q in 0..model.shape.populations() {
        for k in 0..model.shape.bins[q] {
            let shares = model.spread_bin(q, k);
            model.gather(q, k, shares);
        }
    }
}
