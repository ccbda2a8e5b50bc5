//! Neurons move from bin to bin.
//!
//! A bin of mean voltage v_k is uniform on an interval, which the leak shrinks and the coloured closure stretches; its neurons
//! move by a Gaussian, and what lands between the edges of a bin goes there. Neighbouring bins go side by side ([`super::lanes`]).

use super::closure::{kick_increment, limited_slope, regression, stretch};
use super::dsode::{Dsode, EMPTY};
use super::lanes::{LANES, load, piece};
use super::noise::{self, Stream};
use super::real::Real;
use super::transition::{edge_distance, share_drift, spread_over};
use super::work::DsodeScratch;

/// Least width of the interval on which a bin's voltages are uniform.
const WIDTH_MIN: f64 = 1e-4;
/// The least and the most that it may be of a bin's width, whatever the unit of voltages: f32 has to see it.
const LEAST_OF_BIN: f64 = 1e-6;
const MOST_OF_BIN: f64 = 1e-3;

/// All bins, with 32-byte vectors where the processor has them: the same operations in the same order on each.
#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
pub(super) fn spread_bins<T: Real>(model: &mut Dsode<T>) {
    for q in 0..model.shape.populations() {
        let bins = model.shape.bins[q];
        let len = piece::<T>(bins);
        for first in (0..bins).step_by(len) {
            if model.load_bins(q, first, len) {
                model.place_bins(q, first, len);
                let DsodeScratch { shares, laws, filled, .. } = &mut model.work;
                shares.share_out(laws, filled, len, model.parameters.populations[q].h);
                model.count_out(q, first, len);
                model.gather(q, first, len);
            }
        }
    }
}

#[inline(always)]
fn add<T: Real>(sums: &mut [T], numbers: &[T]) {
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += *number;
    }
}

impl<T: Real> Dsode<T> {
    /// Counts and mean voltages of `len` bins of population `q` from `first` on; whether any is filled.
    #[inline(always)]
    fn load_bins(&mut self, q: usize, first: usize, len: usize) -> bool {
        let (state, work) = (&self.state, &mut self.work);
        let h = self.parameters.populations[q].h;
        let bins = work.start[q] + first..work.start[q] + self.shape.bins[q];
        load(&mut work.held, &state.counts[bins.clone()], len);
        load(&mut work.mean, &state.moments[bins], len);
        for lane in 0..len.min(LANES) {
            let n = work.held[lane];
            let filled = n > T::of(EMPTY);
            let mean = (work.mean[lane] / n).clamp(T::zero(), h);
            work.held[lane] = if filled { n } else { T::zero() };
            work.mean[lane] = if filled { mean } else { T::of(0.5) * h };
        }
        for lane in 0..len.min(LANES) {
            work.filled[lane] = work.held[lane] > T::zero();
        }
        work.filled[..len].contains(&true)
    }

    /// The laws of where the neurons of these bins land.
    #[inline(always)]
    fn place_bins(&mut self, q: usize, first: usize, len: usize) {
        let p = self.parameters.populations[q];
        let [shift, variance] = self.work.drive[q];
        let shift = shift - p.dt * self.state.adaptation[q];
        let width_min = T::of(WIDTH_MIN).max(T::of(LEAST_OF_BIN) * p.h).min(T::of(MOST_OF_BIN) * p.h);
        let work = &mut self.work;
        for lane in 0..len.min(LANES) {
            let mean = work.mean[lane];
            let edge = p.v_min + T::of((first + lane) as f64) * p.h;
            let upper = mean + mean >= p.h;
            let a = if upper { (mean + mean - p.h).min(p.h - width_min) } else { T::zero() };
            let b = if upper { p.h } else { (mean + mean).max(width_min) };
            let a = a + p.leak * (p.e_leak - edge - a);
            let b = b + p.leak * (p.e_leak - edge - b);
            work.v[lane] = edge + mean;
            work.half[lane] = T::of(0.5) * (b - a);
            work.centre[lane] = T::of(0.5) * (a + b) + shift;
            work.variance[lane] = variance;
            work.tilt[lane] = T::zero();
        }
        for input in 0..self.work.incoming[q].len() {
            if self.shape.coloured {
                self.find_slopes(q, first, len, input);
            }
            let (x, _) = self.work.incoming[q][input];
            let (work, source) = (&mut self.work, &self.parameters.projections[x]);
            for lane in 0..len.min(LANES) {
                let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                let mut kicks = self.state.kick_mean[x];
                if self.shape.coloured {
                    kicks += work.drift[input][lane];
                    work.tilt[lane] += increment * work.beta[input][lane];
                }
                work.centre[lane] += increment * kicks;
                work.variance[lane] += increment * increment * work.residual[x];
            }
        }
        let (work, bins) = (&mut self.work, T::of(self.shape.bins[q] as f64));
        if self.shape.coloured {
            for lane in 0..len.min(LANES) {
                work.tilt[lane] = stretch(work.tilt[lane]);
                work.half[lane] = work.half[lane] * work.tilt[lane];
            }
            for (&(x, _), beta) in work.incoming[q].iter().zip(&mut work.beta) {
                let source = &self.parameters.projections[x];
                for (lane, beta) in beta.iter_mut().enumerate().take(len) {
                    let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                    let (kappa, half, variance) = (work.tilt[lane], work.half[lane], work.variance[lane]);
                    *beta = regression(increment, work.residual[x], *beta, kappa, half, variance);
                }
            }
        }
        for lane in 0..len.min(LANES) {
            let origin = T::of((first + lane) as f64);
            let sigma = work.variance[lane].max(T::zero()).sqrt();
            work.laws.set(lane, spread_over(origin, work.centre[lane], work.half[lane], sigma, p.h, bins));
        }
    }

    /// Mean fluctuations of kick counts in these bins, slopes along the voltage, and drift moments.
    #[inline(always)]
    fn find_slopes(&mut self, q: usize, first: usize, len: usize, input: usize) {
        let (state, work) = (&self.state, &mut self.work);
        let (size, bins) = (self.parameters.populations[q].size, self.shape.bins[q]);
        let (start, (_, offset)) = (work.start[q], work.incoming[q][input]);
        let fluctuation = &work.fluctuation[offset..offset + bins];
        let voltage = &work.voltage[start..start + bins];
        let counts = &state.counts[start..start + bins];
        load(&mut work.drift[input], &fluctuation[first..], len);
        load(&mut work.left[input], &state.drifts[offset + first..offset + bins], len);
        work.beta[input].fill(T::zero());
        for k in first.max(1)..(first + len).min(bins - 1) {
            work.beta[input][k - first] = limited_slope(
                counts[k - 1] / size,
                counts[k + 1] / size,
                voltage[k - 1],
                work.v[k - first],
                voltage[k + 1],
                fluctuation[k - 1],
                fluctuation[k],
                fluctuation[k + 1],
            );
        }
    }

    /// Makes the shares of these bins numbers of neurons, and finds the drift moments of those that fire.
    #[inline(always)]
    fn count_out(&mut self, q: usize, first: usize, len: usize) {
        let DsodeScratch { shares, laws, filled, held, incoming, drift, beta, left, .. } = &mut self.work;
        if self.shape.finite_size {
            for lane in 0..len {
                if !filled[lane] {
                    shares.clear(lane);
                    continue;
                }
                let (step, population, bin) = (self.state.step, q as u32, (first + lane) as u32);
                let stream = Stream { key: self.key, step, population, bin, purpose: noise::SPREAD };
                shares.draw(&stream, lane, laws, held[lane]);
            }
        } else {
            shares.multiply(&held[..len]);
        }
        if !self.shape.coloured {
            return;
        }
        let h = self.parameters.populations[q].h;
        for ((mean, beta), left) in drift.iter().zip(beta).zip(left).take(incoming[q].len()) {
            if self.shape.finite_size {
                for lane in 0..len.min(LANES) {
                    let (share, y) = (shares.leaving.lane(lane), shares.threshold.y[lane]);
                    left[lane] = share_drift(&share, mean[lane], beta[lane], y);
                }
                continue;
            }
            for (index, row) in (shares.first..).zip(shares.rows()) {
                for lane in 0..len.min(LANES) {
                    let y = edge_distance(&laws.lane(lane), T::of(f64::from(index)), h);
                    left[lane] -= share_drift(&row.lane(lane), mean[lane], beta[lane], y);
                }
            }
            for (lane, left) in left.iter_mut().enumerate().take(len) {
                // Nothing fires, so what is left is rounding, unless the lowest bin has taken what fell below it.
                let k = T::of((first + lane) as f64);
                if laws.last[lane] <= laws.top[lane] && laws.first[lane] + k > T::zero() {
                    *left = T::zero();
                }
            }
        }
    }

    /// Adds what the neurons of these bins bring to the bins, and to those that fired.
    #[inline(always)]
    fn gather(&mut self, q: usize, first: usize, len: usize) {
        let h = self.parameters.populations[q].h;
        let work = &mut self.work;
        let (shares, laws) = (&work.shares, &work.laws);
        let to = (LANES + first) as i32 + shares.first;
        for ((index, at), row) in (shares.first..).zip(to as usize..).zip(shares.rows()) {
            add(&mut work.counts[q][at..at + len], &row.mass[..len]);
            add(&mut work.moments[q][at..at + len], &row.moment[..len]);
            if self.shape.coloured {
                for (input, &(x, _)) in work.incoming[q].iter().enumerate() {
                    let (mean, beta) = (&work.drift[input], &work.beta[input]);
                    for (lane, drift) in work.drifts[x][at..at + len].iter_mut().enumerate().take(LANES) {
                        let y = edge_distance(&laws.lane(lane), T::of(f64::from(index)), h);
                        *drift += share_drift(&row.lane(lane), mean[lane], beta[lane], y);
                    }
                }
            }
        }
        if shares.fires {
            work.fired[q] = shares.leaving.mass[..len].iter().fold(work.fired[q], |sum, mass| sum + *mass);
        }
        if self.shape.coloured {
            for (&(x, _), left) in work.incoming[q].iter().zip(&work.left) {
                for lane in (0..len).filter(|&lane| work.filled[lane]) {
                    work.fired_drift[x] += left[lane];
                }
            }
        }
    }

    /// Makes the sums over sources the state; drift moments decay.
    pub(super) fn advance(&mut self) {
        let (state, work) = (&mut self.state, &self.work);
        for (q, &start) in work.start.iter().enumerate() {
            let bins = self.shape.bins[q];
            state.counts[start..start + bins].copy_from_slice(&work.counts[q][LANES..LANES + bins]);
            state.moments[start..start + bins].copy_from_slice(&work.moments[q][LANES..LANES + bins]);
            if self.shape.coloured {
                for &(x, offset) in &work.incoming[q] {
                    let keep = T::one() - self.parameters.projections[x].q;
                    let drifts = &mut state.drifts[offset..offset + bins];
                    for (drift, sum) in drifts.iter_mut().zip(&work.drifts[x][LANES..]) {
                        *drift = keep * *sum;
                    }
                }
            }
        }
    }
}
