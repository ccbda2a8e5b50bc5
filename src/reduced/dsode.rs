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

use super::closure::{kick_increment, limited_slope, regression, residual_variance, stretch};
use super::moments::{kick_mean, kick_variance};
use super::noise::{self, Stream, binomial};
use super::parameters::Parameters;
use super::real::Real;
use super::shape::{Shape, ShapeError};
use super::state::State;
use super::transition::{first_edge, next_edge, share_above, share_between, spread_over};
use crate::model::{Drive, Initial, Network, Variant};

/// Bins with fewer neurons are empty: keeps squares and quotients of counts normal numbers in f32.
const EMPTY: f64 = 1e-30;
/// Least width of the interval on which a bin's voltages are uniform.
const WIDTH_MIN: f64 = 1e-4;

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

/// What one step computes on its way; the shader keeps the same in workgroup memory.
#[derive(Clone, Debug, Default)]
struct Work<T> {
    /// (projection, offset of its drifts) onto each population.
    incoming: Vec<Vec<(usize, usize)>>,
    /// Mean voltage of each bin, and mean fluctuation c of each drift moment.
    voltage: Vec<T>,
    fluctuation: Vec<T>,
    /// r of each projection.
    residual: Vec<T>,
    /// Per incoming projection of the bin at hand: increment, slope t, regression beta.
    increment: Vec<T>,
    slope: Vec<T>,
    regression: Vec<T>,
    /// And what is left of its drift moment.
    rest: Vec<T>,
    /// Drive's mean and variance of each population.
    drive: Vec<(T, T)>,
    counts: Vec<T>,
    moments: Vec<T>,
    drifts: Vec<T>,
    fired: Vec<T>,
    fired_drift: Vec<T>,
    /// Share of each population's refractory neurons that leave.
    released: Vec<T>,
}

impl<T: Real> Dsode<T> {
    /// At time 0 in the state that the populations' `initial` names; `carry` starts from reset until [`Dsode::carry`].
    /// Without finite-size noise `key` has no effect.
    pub fn new(network: &Network, variant: &Variant, key: [u32; 4]) -> Result<Self, ShapeError> {
        let shape = Shape::new(network, variant)?;
        if shape.finite_size && T::one() + T::of(f64::EPSILON) == T::one() {
            if let Some(p) = network.populations.iter().find(|p| p.size > Shape::F32_COUNT) {
                let (population, size, max) = (p.name.clone(), p.size, Shape::F32_COUNT);
                return Err(ShapeError::Size { population, size, max });
            }
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

    /// Continues from a state that [`Dsode::state`] gave for the same network and variant.
    pub fn resume(&mut self, state: State<T>) {
        self.state = state;
    }

    /// Starts, at time 0, from where a trajectory of the same shape and population sizes ended.
    pub fn carry(&mut self, previous: &Dsode<T>) {
        self.state = previous.state.restarted(&previous.parameters, &self.parameters, &self.shape);
    }

    /// Neurons of each population that fired in the last step.
    pub fn fired(&self) -> &[T] {
        &self.state.fired
    }

    /// One step; returns the neurons of each population that fired in it.
    pub fn step(&mut self) -> &[T] {
        let t = f64::from(self.state.step) * self.dt;
        for (drive, row) in self.drives.iter().zip(&mut self.work.drive) {
            *row = (T::of(drive.mean(t, self.dt)), T::of(drive.variance(t, self.dt)));
        }
        self.work.clear();
        for x in 0..self.shape.projections.len() {
            self.update_kicks(x);
        }
        if self.shape.coloured {
            for q in 0..self.shape.populations() {
                self.update_averages(q);
            }
        }
        for x in 0..self.shape.projections.len() {
            self.update_residual(x);
        }
        for q in 0..self.shape.populations() {
            for k in 0..self.shape.bins[q] {
                self.spread_bin(q, k);
            }
        }
        for q in 0..self.shape.populations() {
            self.settle(q);
        }
        for x in 0..self.shape.projections.len() {
            self.settle_drift(x);
        }
        for q in 0..self.shape.populations() {
            self.balance(q);
        }
        std::mem::swap(&mut self.state.counts, &mut self.work.counts);
        std::mem::swap(&mut self.state.moments, &mut self.work.moments);
        std::mem::swap(&mut self.state.drifts, &mut self.work.drifts);
        self.state.fired.copy_from_slice(&self.work.fired);
        self.state.step += 1;
        &self.state.fired
    }

    /// Moments of the kick count of projection `x`.
    fn update_kicks(&mut self, x: usize) {
        let p = &self.parameters.projections[x];
        let c = self.state.fired[self.shape.projections[x].1];
        let (mu, s2) = (self.state.kick_mean[x], self.state.kick_variance[x]);
        self.state.kick_variance[x] = kick_variance(mu, s2, p.q, p.p, p.churn, c);
        self.state.kick_mean[x] = kick_mean(mu, p.q, p.p, c);
    }

    /// Mean voltage of each bin of population `q` and the mean fluctuations of its neurons' kick counts.
    fn update_averages(&mut self, q: usize) {
        let p = &self.parameters.populations[q];
        let start = self.shape.bins_of(q).start;
        for k in 0..self.shape.bins[q] {
            let n = self.state.counts[start + k];
            let edge = p.v_min + T::of(k as f64) * p.h;
            let filled = n > T::of(EMPTY);
            self.work.voltage[start + k] = edge;
            if filled {
                self.work.voltage[start + k] = edge + (self.state.moments[start + k] / n).clamp(T::zero(), p.h);
            }
            for &(_, offset) in &self.work.incoming[q] {
                self.work.fluctuation[offset + k] = T::zero();
                if filled {
                    self.work.fluctuation[offset + k] = self.state.drifts[offset + k] / n;
                }
            }
        }
    }

    /// Variance of the kick count of projection `x` that acts as noise.
    fn update_residual(&mut self, x: usize) {
        let target = self.shape.projections[x].0;
        let p = &self.parameters.populations[target];
        if !self.shape.coloured {
            self.work.residual[x] = self.state.kick_variance[x] / p.dt;
            return;
        }
        let offset = self.shape.drift_offset(x);
        let mut between = T::zero();
        for k in 0..self.shape.bins[target] {
            between += self.work.fluctuation[offset + k] * self.state.drifts[offset + k];
        }
        if self.state.refractory[target] > T::of(EMPTY) {
            let g = self.state.refractory_drift[x];
            between += g / self.state.refractory[target] * g;
        }
        self.work.residual[x] = residual_variance(self.state.kick_variance[x], between, p.size);
    }

    /// Moves the neurons of bin `k` of population `q`.
    fn spread_bin(&mut self, q: usize, k: usize) {
        let p = self.parameters.populations[q];
        let bins = self.shape.bins[q];
        let start = self.shape.bins_of(q).start;
        let n = self.state.counts[start + k];
        if !(n > T::of(EMPTY)) {
            return;
        }
        let work = &mut self.work;
        let incoming = &work.incoming[q];
        let edge = p.v_min + T::of(k as f64) * p.h;
        let mean = (self.state.moments[start + k] / n).clamp(T::zero(), p.h);
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

        let (mut drift, mut variance) = work.drive[q];
        drift -= p.dt * self.state.adaptation[q];
        let mut tilt = T::zero();
        for (i, &(x, offset)) in incoming.iter().enumerate() {
            let projection = &self.parameters.projections[x];
            let increment = kick_increment(projection.base, projection.slope, projection.v_rev, v);
            let mut kicks = self.state.kick_mean[x];
            if self.shape.coloured {
                kicks += work.fluctuation[offset + k];
                let mut slope = T::zero();
                if k > 0 && k + 1 < bins {
                    let (j, c) = (start + k, offset + k);
                    slope = limited_slope(
                        self.state.counts[j - 1] / p.size,
                        self.state.counts[j + 1] / p.size,
                        work.voltage[j - 1],
                        v,
                        work.voltage[j + 1],
                        work.fluctuation[c - 1],
                        work.fluctuation[c],
                        work.fluctuation[c + 1],
                    );
                }
                tilt += increment * slope;
                work.slope[i] = slope;
                work.increment[i] = increment;
            }
            drift += increment * kicks;
            variance += increment * increment * work.residual[x];
        }
        if self.shape.coloured {
            let kappa = stretch(tilt);
            half = half * kappa;
            for (i, &(x, offset)) in incoming.iter().enumerate() {
                let (a_x, t_x) = (work.increment[i], work.slope[i]);
                work.regression[i] = regression(a_x, work.residual[x], t_x, kappa, half, variance);
                work.rest[i] = self.state.drifts[offset + k];
            }
        }
        let centre = T::of(0.5) * (a + b) + drift;
        let s = spread_over(k as i32, centre, half, variance.max(T::zero()).sqrt(), p.h, bins as i32);

        let stream = Stream {
            key: self.key,
            step: self.state.step,
            population: q as u32,
            bin: k as u32,
            purpose: noise::SPREAD,
        };
        let mut left = n;
        let mut lower = first_edge(&s, p.h);
        for j in s.first..s.end {
            let upper = next_edge(&s, &lower, j + 1, p.h);
            let share = share_between(&lower, &upper, p.h);
            let mut count = n * share.mass;
            let mut moment = n * share.moment;
            if self.shape.finite_size {
                count = binomial(&stream, (j - s.first) as u32, left, share.mass, share_above(&upper).mass);
                left -= count;
                moment = T::zero();
                if share.mass > T::zero() {
                    moment = count * (share.moment / share.mass);
                }
            }
            let j = j as usize;
            work.counts[start + j] += count;
            work.moments[start + j] += moment;
            if self.shape.coloured {
                let y = T::of(j as f64 - k as f64) * p.h - s.centre;
                for (i, &(_, offset)) in incoming.iter().enumerate() {
                    let g = count * work.fluctuation[offset + k] + work.regression[i] * (moment + y * count);
                    work.drifts[offset + j] += g;
                    work.rest[i] -= g;
                }
            }
            lower = upper;
        }
        if !s.open && s.first > 0 {
            return;
        }
        let share = share_above(&lower);
        let mut count = n * share.mass;
        if self.shape.finite_size {
            count = left;
        }
        work.fired[q] += count;
        if self.shape.coloured {
            let mut voltage = lower.y;
            if share.mass > T::zero() {
                voltage += share.moment / share.mass;
            }
            for (i, &(x, offset)) in incoming.iter().enumerate() {
                let mut g = work.rest[i];
                if self.shape.finite_size {
                    g = count * (work.fluctuation[offset + k] + work.regression[i] * voltage);
                }
                work.fired_drift[x] += g;
            }
        }
    }

    /// Refractory neurons of population `q`: those that fired enter, those whose time is up return to v_reset.
    fn settle(&mut self, q: usize) {
        let p = self.parameters.populations[q];
        let fired = self.work.fired[q];
        let refractory = self.state.refractory[q] + fired;
        let mut released = refractory * p.release;
        let delay = p.delay.to_i32() as u32;
        if delay > 0 {
            let place = q * self.shape.delay + (self.state.step % delay) as usize;
            released = self.state.delayed[place];
            self.state.delayed[place] = fired;
        } else if self.shape.finite_size {
            let (step, purpose) = (self.state.step, noise::RELEASE);
            let stream = Stream { key: self.key, step, population: q as u32, bin: 0, purpose };
            released = binomial(&stream, 0, refractory, p.release, T::one() - p.release);
        }
        released = released.min(refractory);
        self.work.released[q] = T::zero();
        if refractory > T::of(EMPTY) {
            self.work.released[q] = released / refractory;
        }
        self.state.refractory[q] = refractory - released;
        let j = self.shape.bins_of(q).start + p.reset_bin.to_i32() as usize;
        self.work.counts[j] += released;
        self.work.moments[j] += released * p.reset_voltage;
        let a = self.state.adaptation[q];
        self.state.adaptation[q] = a * (T::one() - p.adaptation_decay) + p.adaptation_jump * fired;
    }

    /// Their drift moments, those of projection `x`; then all of them decay.
    fn settle_drift(&mut self, x: usize) {
        if !self.shape.coloured {
            return;
        }
        let p = self.parameters.projections[x];
        let q = self.shape.projections[x].0;
        let target = self.parameters.populations[q];
        let keep = T::one() - p.q;
        let g = self.state.refractory_drift[x] + self.work.fired_drift[x];
        let mut released = g * self.work.released[q];
        let delay = target.delay.to_i32() as u32;
        if delay > 0 {
            let place = x * self.shape.delay + (self.state.step % delay) as usize;
            released = self.state.delayed_drift[place] * p.keep_delayed;
            self.state.delayed_drift[place] = self.work.fired_drift[x];
        }
        self.state.refractory_drift[x] = keep * (g - released);
        let offset = self.shape.drift_offset(x);
        self.work.drifts[offset + target.reset_bin.to_i32() as usize] += released;
        for k in 0..self.shape.bins[q] {
            self.work.drifts[offset + k] = keep * self.work.drifts[offset + k];
        }
    }

    /// Gives what rounding has taken from population `q` to its fullest bin, or to R where that holds more.
    fn balance(&mut self, q: usize) {
        let bins = self.shape.bins_of(q);
        let mut sum = self.state.refractory[q];
        let mut fullest = bins.start;
        for j in bins {
            sum += self.work.counts[j];
            if self.work.counts[j] > self.work.counts[fullest] {
                fullest = j;
            }
        }
        let remainder = self.parameters.populations[q].size - sum;
        if self.work.counts[fullest] >= self.state.refractory[q] {
            self.work.counts[fullest] += remainder;
        } else {
            self.state.refractory[q] += remainder;
        }
    }
}

impl<T: Real> Work<T> {
    fn new(shape: &Shape) -> Self {
        let zeros = |n: usize| vec![T::zero(); n];
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let incoming = (0..populations)
            .map(|q| {
                let onto = shape.projections.iter().enumerate().filter(|(_, p)| p.0 == q);
                onto.map(|(x, _)| (x, shape.drift_offset(x))).collect()
            })
            .collect();
        Work {
            incoming,
            voltage: zeros(shape.total_bins()),
            fluctuation: zeros(shape.drifts()),
            residual: zeros(projections),
            increment: zeros(projections),
            slope: zeros(projections),
            regression: zeros(projections),
            rest: zeros(projections),
            drive: vec![(T::zero(), T::zero()); populations],
            counts: zeros(shape.total_bins()),
            moments: zeros(shape.total_bins()),
            drifts: zeros(shape.drifts()),
            fired: zeros(populations),
            fired_drift: zeros(projections),
            released: zeros(populations),
        }
    }

    fn clear(&mut self) {
        for sums in [&mut self.counts, &mut self.moments, &mut self.drifts, &mut self.fired, &mut self.fired_drift] {
            sums.fill(T::zero());
        }
    }
}

/// Spreads `size` neurons over the bins that overlap [from, to), each bin's at the middle of its overlap.
fn fill_uniformly<T: Real>(counts: &mut [T], moments: &mut [T], h: f64, v_min: f64, (from, to): (f64, f64), size: u32) {
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        let edge = v_min + j as f64 * h;
        let (low, high) = (from.max(edge), to.min(edge + h));
        if high > low {
            let count = f64::from(size) * (high - low) / (to - from);
            *n = T::of(count);
            *m = T::of(count * (0.5 * (low + high) - edge));
        }
    }
}

/// Replaces expected counts by whole ones from a multinomial draw, mean voltages kept.
fn draw_counts<T: Real>(stream: &Stream, counts: &mut [T], moments: &mut [T], size: T) {
    let mut expected: T = counts.iter().copied().sum();
    let mut left = size;
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        expected -= *n;
        // The last bin takes all that is left, whatever rounding left of `expected`.
        let rest = if expected > size * T::of(1e-6) { expected } else { T::zero() };
        let count = binomial(stream, j as u32, left, *n, rest);
        if *n > T::zero() {
            *m = *m / *n * count;
        }
        left -= count;
        *n = count;
    }
}
