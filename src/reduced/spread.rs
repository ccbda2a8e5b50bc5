//! Neurons move from bin to bin.
//!
//! A bin of mean voltage v_k is uniform on an interval, which the leak shrinks and the coloured closure stretches (or it has a
//! linear density, which `linear_step` places); its neurons
//! move by a Gaussian, and what lands between the edges of a bin goes there. Neighbouring bins go side by side ([`super::lanes`]).

use super::closure::{kick_increment, limited_slope, regression, stretch};
use super::flow::flow_density;
use super::inputs::{EMPTY, MISSING};
use super::lanes::{LANES, add, add_moments, load, piece};
use super::noise::{self, Stream};
use super::real::Real;
use super::scheme::Scheme;
use super::shape::Incoming;
use super::step::Step;
use super::transition::{edge_distance, interval, leaked, least_width, share_drift, spread_over};
use super::workspace::Workspace;

/// All bins, with 32-byte vectors where the processor has them: the same operations in the same order on each.
#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
pub(super) fn spread_bins<T: Real, S: Scheme>(step: &Step<'_, T>, work: &mut Workspace<T>) {
    for q in 0..step.shape.populations() {
        let len = piece::<T>(step.shape.bins[q]);
        for first in (0..step.shape.bins[q]).step_by(len) {
            if step.spread_bin::<S>(work, q, first, len) {
                step.gather::<S>(work, q, first, len);
                step.gather_fired::<S>(work, q, len);
            }
        }
    }
}

impl<T: Real> Step<'_, T> {
    /// Counts and mean voltages of `len` bins of population `q` from `first` on; whether any is filled.
    #[inline(always)]
    fn load_bins(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) -> bool {
        let state = &self.state;
        let h = self.parameters.populations[q].h;
        let bins = self.shape.start(q) + first..self.shape.bins_of(q).end;
        load(&mut work.held, &state.counts[bins.clone()], len);
        load(&mut work.mean, &state.moments[bins], len);
        for lane in 0..len.min(LANES) {
            let n = work.held[lane];
            let filled = n > T::of(EMPTY) || n < T::of(MISSING);
            let mean = (work.mean[lane] / n).clamp(T::zero(), h);
            work.held[lane] = if filled { n } else { T::zero() };
            work.mean[lane] = if filled { mean } else { T::of(0.5) * h };
        }
        for lane in 0..len.min(LANES) {
            work.filled[lane] = work.held[lane].abs() > T::zero();
        }
        work.filled[..len].contains(&true)
    }

    /// Mean fluctuations of kick counts in these bins, slopes along the voltage, and drift moments.
    #[inline(always)]
    fn find_slope(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize, input: usize, offset: usize) {
        let state = &self.state;
        let (size, bins) = (self.parameters.populations[q].size, self.shape.bins[q]);
        let start = self.shape.start(q);
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

    /// Takes the intervals of these bins, which no leak has moved, along the flow of nonlinear neurons.
    fn flow_bin(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let (h, intervals, flows) =
            (self.parameters.populations[q].h, self.shape.intervals[q], &self.parameters.flows[q]);
        for lane in (0..len.min(LANES)).filter(|&lane| work.filled[lane]) {
            let (a, b) = interval(work.mean[lane], h);
            let (middle, half, at) = (T::of(0.5) * (a + b), work.half[lane], (first + lane) * intervals);
            let (moved, apart) = flow_density(flows, at, T::of(intervals as f64), h, middle, half, T::zero());
            work.centre[lane] += moved;
            work.half[lane] = (half + T::of(0.5) * apart).max(T::of(0.5) * least_width(h));
        }
    }

    /// The laws of where the neurons of these bins land.
    #[inline(always)]
    fn place_bin(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let p = self.parameters.populations[q];
        let [shift, variance] = work.drive[q];
        let shift = shift - p.dt * self.state.adaptation[q];
        for lane in 0..len.min(LANES) {
            let mean = work.mean[lane];
            let edge = p.v_min + T::of((first + lane) as f64) * p.h;
            let (a, b) = interval(mean, p.h);
            let (a, b) = (leaked(a, edge, p.leak, p.e_leak), leaked(b, edge, p.leak, p.e_leak));
            work.v[lane] = edge + mean;
            work.half[lane] = T::of(0.5) * (b - a);
            work.centre[lane] = T::of(0.5) * (a + b) + shift;
            work.variance[lane] = variance;
            work.tilt[lane] = T::zero();
        }
        if self.shape.intervals[q] > 0 {
            self.flow_bin(work, q, first, len);
        }
        for (input, &Incoming { projection: x, offset, acting, .. }) in self.shape.incoming(q).iter().enumerate() {
            if self.shape.coloured {
                self.find_slope(work, q, first, len, input, offset);
            }
            // Rising kicks move no voltage.
            if acting != x {
                continue;
            }
            let (source, mu, residual) = (self.parameters.projections[x], self.state.kick_mean[x], work.residual[x]);
            for lane in 0..len.min(LANES) {
                let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                let mut kicks = mu;
                if self.shape.coloured {
                    kicks += work.drift[input][lane];
                    work.tilt[lane] += increment * work.beta[input][lane];
                }
                work.centre[lane] += increment * kicks;
                work.variance[lane] += increment * increment * residual;
            }
        }
        let bins = T::of(self.shape.bins[q] as f64);
        if self.shape.coloured {
            for lane in 0..len.min(LANES) {
                work.tilt[lane] = stretch(work.tilt[lane]);
                work.half[lane] = work.half[lane] * work.tilt[lane];
            }
            for (&Incoming { projection: x, acting, .. }, beta) in self.shape.incoming(q).iter().zip(&mut work.beta) {
                let (source, residual) = (self.parameters.projections[acting], work.residual[x]);
                for (lane, beta) in beta.iter_mut().enumerate().take(len) {
                    let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                    let (kappa, half, variance) = (work.tilt[lane], work.half[lane], work.variance[lane]);
                    *beta = regression(increment, residual, *beta, kappa, half, variance);
                }
            }
        }
        for lane in 0..len.min(LANES) {
            let origin = T::of((first + lane) as f64);
            let sigma = work.variance[lane].max(T::zero()).sqrt();
            work.laws.set(lane, spread_over(origin, work.centre[lane], work.half[lane], sigma, p.h, bins));
        }
    }

    /// What the neurons of these bins send where; whether there are any.
    #[inline(always)]
    fn spread_bin<S: Scheme>(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) -> bool {
        let some = self.load_bins(work, q, first, len);
        if some {
            if S::LINEAR {
                self.place_linear::<S>(work, q, first, len);
            } else {
                self.place_bin(work, q, first, len);
            }
            let Workspace { shares, laws, filled, .. } = work;
            shares.share_out::<S>(laws, filled, first, len, self.parameters.populations[q].h);
            self.count_out::<S>(work, q, first, len);
        }
        some
    }

    /// Makes the shares of these bins numbers of neurons, and finds the drift moments of those that fire.
    #[inline(always)]
    fn count_out<S: Scheme>(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let Workspace { shares, laws, filled, held, drift, beta, left, .. } = work;
        if self.shape.finite_size {
            for lane in 0..len {
                if !filled[lane] {
                    shares.clear::<S>(lane);
                    continue;
                }
                let (step, population, bin) = (self.number, q as u32, (first + lane) as u32);
                let stream = Stream { key: self.key, step, population, bin, purpose: noise::SPREAD };
                shares.draw::<S>(&stream, lane, laws, held[lane]);
            }
        } else {
            shares.multiply::<S>(&held[..len]);
        }
        if !self.shape.coloured {
            return;
        }
        if S::LOCAL {
            if self.shape.finite_size {
                self.leave_local(work, q, len);
            } else {
                self.begin_left(work, q, len);
            }
            return;
        }
        let h = self.parameters.populations[q].h;
        for ((mean, beta), left) in drift.iter().zip(beta).zip(left).take(self.shape.incoming(q).len()) {
            if self.shape.finite_size {
                for lane in 0..len.min(LANES) {
                    let (share, y) = (shares.leaving.lane(lane), shares.threshold.y[lane]);
                    left[lane] = share_drift(&share, mean[lane], beta[lane], y);
                }
                continue;
            }
            for (index, row) in (shares.first..).zip(shares.rows()) {
                for lane in 0..len.min(LANES) {
                    let y = edge_distance(laws.centre[lane], T::of(f64::from(index)), h);
                    left[lane] -= share_drift(&row.lane(lane), mean[lane], beta[lane], y);
                }
            }
            for (lane, left) in left.iter_mut().enumerate().take(len) {
                // Nothing fires, so what is left is rounding.
                if laws.last[lane] <= laws.top[lane] {
                    *left = T::zero();
                }
            }
        }
    }

    /// Adds what the neurons of these bins bring to the bins, and to those that fired.
    #[inline(always)]
    fn gather<S: Scheme>(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        if S::LOCAL {
            return self.gather_local(work, q, first, len);
        }
        let h = self.parameters.populations[q].h;
        let (shares, laws) = (&work.shares, &work.laws);
        let to = (LANES + first) as i32 + shares.first;
        for ((index, at), row) in (shares.first..).zip(to as usize..).zip(shares.rows()) {
            add(&mut work.counts[q][at..at + len], &row.mass[..len]);
            add_moments(&mut work.moments[q], at, &row.moment[..len], &row.mass[..len]);
            if self.shape.coloured {
                for (input, &Incoming { projection: x, .. }) in self.shape.incoming(q).iter().enumerate() {
                    let (mean, beta) = (&work.drift[input], &work.beta[input]);
                    for (lane, drift) in work.drifts[x][at..at + len].iter_mut().enumerate().take(LANES) {
                        let y = edge_distance(laws.centre[lane], T::of(f64::from(index)), h);
                        *drift += share_drift(&row.lane(lane), mean[lane], beta[lane], y);
                    }
                }
            }
        }
    }

    /// Adds up the neurons of these bins that fired, and their drift moments.
    #[inline(always)]
    fn gather_fired<S: Scheme>(&self, work: &mut Workspace<T>, q: usize, len: usize) {
        if S::LOCAL {
            self.gather_fired_local(work, q, len);
        }
        let shares = &work.shares;
        if shares.fires {
            work.fired[q] = shares.leaving.mass[..len].iter().fold(work.fired[q], |sum, mass| sum + *mass);
        }
        if self.shape.coloured {
            for (&Incoming { projection: x, .. }, left) in self.shape.incoming(q).iter().zip(&work.left) {
                for lane in (0..len).filter(|&lane| work.filled[lane]) {
                    work.fired_drift[x] += left[lane];
                }
            }
        }
    }
}
