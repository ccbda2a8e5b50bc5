//! The parts of a step that a linear density has of its own, and the second moments of bins with the coloured closure: what is
//! placed, gathered and settled beside counts and mean voltages (`linear`, `local`).

use super::closure::kick_increment;
use super::flow::flow_density;
use super::lanes::{LANES, Lanes, add, add_moments, load};
use super::linear::{density_variance, lean, linear_density};
use super::local::{
    contraction, decayed_square, enter_line, leave_line, local_fluctuation, local_regression, moved_square, share_mean,
    share_moments, shifted,
};
use super::real::Real;
use super::scheme::Scheme;
use super::shape::Incoming;
use super::step::Step;
use super::transition::{BinLaw, edge_distance, leaked, least_width, spread_over};
use super::workspace::Workspace;

/// Smallest factor by which a density may shrink.
const SHRINK_MIN: f64 = 0.1;

#[inline(always)]
fn take<T: Real>(left: &mut Lanes<T>, taken: &Lanes<T>, len: usize) {
    for lane in 0..len.min(LANES) {
        left[lane] -= taken[lane];
    }
}

impl<T: Real> Step<'_, T> {
    /// Variance that this step's births bring to the kick counts of the bins of a strand of population `q`, and of the refractory
    /// neurons.
    pub(super) fn add_births(&mut self, q: usize, strand: usize) {
        for &Incoming { projection: x, offset, .. } in self.shape.incoming(q) {
            let (_, births) = self.births(x);
            let state = &mut self.state;
            let counts = &state.counts[self.shape.bins_of(q)];
            let squares = &mut state.squares[offset..offset + counts.len()];
            for (square, n) in squares.iter_mut().zip(counts).skip(strand).step_by(T::STRANDS) {
                *square += *n * births;
            }
            if strand == 0 {
                state.refractory_square[x] += state.refractory[q] * births;
            }
        }
    }

    /// Takes the densities of these bins, which no leak has moved, along the flow of nonlinear neurons.
    fn flow_linear(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let (h, intervals, flows) =
            (self.parameters.populations[q].h, self.shape.intervals[q], &self.parameters.flows[q]);
        for lane in (0..len.min(LANES)).filter(|&lane| work.filled[lane]) {
            let (half, slope, at) = (work.half[lane], work.laws.slope[lane], (first + lane) * intervals);
            let middle = work.mean[lane] - lean(half, slope);
            let (moved, apart) = flow_density(flows, at, T::of(intervals as f64), h, middle, half, slope);
            work.centre[lane] += moved;
            work.tilt[lane] += apart / (half + half).max(least_width(h));
        }
    }

    /// The laws of where the neurons of these bins land.
    #[inline(always)]
    pub(super) fn place_linear<S: Scheme>(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let p = self.parameters.populations[q];
        let [shift, variance] = work.drive[q];
        let shift = shift - p.dt * self.state.adaptation[q];
        for lane in 0..len.min(LANES) {
            let mean = work.mean[lane];
            let edge = p.v_min + T::of((first + lane) as f64) * p.h;
            let (half, slope) = linear_density(mean, p.h);
            work.v[lane] = edge + mean;
            work.half[lane] = half;
            work.laws.slope[lane] = slope;
            work.laws.spread[lane] = density_variance(half, slope);
            work.centre[lane] = leaked(mean, edge, p.leak, p.e_leak) + shift;
            work.variance[lane] = variance;
            work.tilt[lane] = T::one() - p.leak;
        }
        if self.shape.intervals[q] > 0 {
            self.flow_linear(work, q, first, len);
        }
        for (input, &Incoming { projection: x, offset, .. }) in self.shape.incoming(q).iter().enumerate() {
            if S::LOCAL {
                self.find_fluctuation(work, q, first, len, input, offset);
            }
            let (source, mu, residual) = (self.parameters.projections[x], self.state.kick_mean[x], work.residual[x]);
            for lane in 0..len.min(LANES) {
                let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                let mut kicks = mu;
                let mut unexplained = residual;
                if S::LOCAL {
                    kicks += work.drift[input][lane];
                    unexplained = work.rho[input][lane];
                    work.tilt[lane] += increment * work.beta[input][lane];
                }
                work.tilt[lane] += contraction(source.slope, kicks);
                work.centre[lane] += increment * kicks;
                work.variance[lane] += increment * increment * unexplained;
            }
        }
        for lane in 0..len.min(LANES) {
            let kappa = work.tilt[lane].max(T::of(SHRINK_MIN));
            work.tilt[lane] = kappa;
            work.half[lane] = kappa * work.half[lane];
        }
        if S::LOCAL {
            self.find_regression(work, q, len);
        }
        let bins = T::of(self.shape.bins[q] as f64);
        for lane in 0..len.min(LANES) {
            let origin = T::of((first + lane) as f64);
            let (centre, half) = (work.centre[lane], work.half[lane]);
            let (slope, spread) = (work.laws.slope[lane], work.laws.spread[lane]);
            let sigma = work.variance[lane].max(T::zero()).sqrt();
            let law = spread_over(origin, centre - lean(half, slope), half, sigma, p.h, bins);
            work.laws.set(lane, BinLaw { centre, slope, spread, ..law });
        }
    }

    /// Mean fluctuations of kick counts in these bins, slopes along the voltage, and variances that it does not explain.
    #[inline(always)]
    fn find_fluctuation(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize, input: usize, at: usize) {
        let (state, h) = (&self.state, self.parameters.populations[q].h);
        let bins = at + first..at + self.shape.bins[q];
        load(&mut work.drift[input], &state.drifts[bins.clone()], len);
        load(&mut work.beta[input], &state.products[bins.clone()], len);
        load(&mut work.rho[input], &state.squares[bins], len);
        let (drift, beta, rho) = (&mut work.drift[input], &mut work.beta[input], &mut work.rho[input]);
        for lane in 0..len.min(LANES) {
            let (n, mean, variance) = (work.held[lane], work.mean[lane], work.laws.spread[lane]);
            let found = local_fluctuation(n, mean, variance, h, drift[lane], beta[lane], rho[lane]);
            [drift[lane], beta[lane], rho[lane]] = found;
        }
    }

    /// Regressions of the fluctuations on where neurons land, and the rest; the variance of where they land.
    #[inline(always)]
    fn find_regression(&self, work: &mut Workspace<T>, q: usize, len: usize) {
        for (input, &Incoming { projection: x, .. }) in self.shape.incoming(q).iter().enumerate() {
            let source = self.parameters.projections[x];
            let (beta, rho) = (&mut work.beta[input], &mut work.rho[input]);
            for lane in 0..len.min(LANES) {
                let increment = kick_increment(source.base, source.slope, source.v_rev, work.v[lane]);
                let (kappa, variance) = (work.tilt[lane], work.laws.spread[lane]);
                let spread = kappa * kappa * variance + work.variance[lane];
                [beta[lane], rho[lane]] = local_regression(increment, rho[lane], beta[lane], kappa, variance, spread);
            }
        }
        for lane in 0..len.min(LANES) {
            let kappa = work.tilt[lane];
            work.laws.spread[lane] = kappa * kappa * work.laws.spread[lane] + work.variance[lane];
        }
    }

    /// Moments of the fluctuations in these bins, of which the destinations take what is theirs.
    #[inline(always)]
    pub(super) fn begin_left(&self, work: &mut Workspace<T>, q: usize, len: usize) {
        let Workspace { laws, held, drift, beta, rho, left, left_square, .. } = work;
        for input in 0..self.shape.incoming(q).len() {
            let (c, beta, rho) = (&drift[input], &beta[input], &rho[input]);
            let (left, square) = (&mut left[input], &mut left_square[input]);
            for lane in 0..len.min(LANES) {
                left[lane] = held[lane] * c[lane];
                square[lane] = moved_square(held[lane], c[lane], beta[lane], rho[lane], laws.spread[lane]);
            }
        }
    }

    /// Moments of those that fired, with finite-size noise.
    #[inline(always)]
    pub(super) fn leave_local(&self, work: &mut Workspace<T>, q: usize, len: usize) {
        let Workspace { shares, landed, drift, beta, rho, left, left_square, .. } = work;
        #[allow(clippy::needless_range_loop, reason = "one index into several arrays")]
        for lane in 0..len.min(LANES) {
            landed[lane] = share_mean(shares.leaving.mass[lane], shares.leaving.moment[lane]);
        }
        for input in 0..self.shape.incoming(q).len() {
            let (c, beta, rho) = (&drift[input], &beta[input], &rho[input]);
            let (left, square) = (&mut left[input], &mut left_square[input]);
            for lane in 0..len.min(LANES) {
                let (mass, scatter) = (shares.leaving.mass[lane], shares.leaving_scatter[lane]);
                let away = landed[lane] + shares.threshold.y[lane];
                let moments = share_moments(mass, landed[lane], away, scatter, c[lane], beta[lane], rho[lane]);
                (left[lane], square[lane]) = (moments[0], moments[2]);
            }
        }
    }

    /// Adds what the neurons of these bins bring to the bins.
    #[inline(always)]
    pub(super) fn gather_local(&self, work: &mut Workspace<T>, q: usize, first: usize, len: usize) {
        let h = self.parameters.populations[q].h;
        let Workspace { shares, laws, landed, away, brought, drift, beta, rho, left, left_square, .. } = work;
        let to = (LANES + first) as i32 + shares.first;
        let rows = (shares.first..).zip(to as usize..).zip(shares.rows().iter().zip(shares.scatters()));
        for ((index, at), (row, scatter)) in rows {
            add(&mut work.counts[q][at..at + len], &row.mass[..len]);
            add_moments(&mut work.moments[q], at, &row.moment[..len], &row.mass[..len]);
            for lane in 0..len.min(LANES) {
                landed[lane] = share_mean(row.mass[lane], row.moment[lane]);
                away[lane] = edge_distance(laws.centre[lane], T::of(f64::from(index)), h) + landed[lane];
            }
            for (input, &Incoming { projection: x, .. }) in self.shape.incoming(q).iter().enumerate() {
                let (c, beta, rho) = (&drift[input], &beta[input], &rho[input]);
                let [g, k, w] = &mut *brought;
                for lane in 0..len.min(LANES) {
                    let (mass, mean) = (row.mass[lane], landed[lane]);
                    [g[lane], k[lane], w[lane]] =
                        share_moments(mass, mean, away[lane], scatter[lane], c[lane], beta[lane], rho[lane]);
                }
                add(&mut work.drifts[x][at..at + len], &g[..len]);
                add(&mut work.products[x][at..at + len], &k[..len]);
                add(&mut work.squares[x][at..at + len], &w[..len]);
                if !self.shape.finite_size {
                    take(&mut left[input], g, len);
                    take(&mut left_square[input], w, len);
                }
            }
        }
    }

    /// Adds up the squares of the fluctuations of those that fired.
    #[inline(always)]
    pub(super) fn gather_fired_local(&self, work: &mut Workspace<T>, q: usize, len: usize) {
        for (&Incoming { projection: x, .. }, left) in self.shape.incoming(q).iter().zip(&work.left_square) {
            for lane in (0..len).filter(|&lane| work.filled[lane]) {
                work.fired_square[x] += left[lane];
            }
        }
    }

    /// Moments of the refractory neurons of population `q`: `share` of them, or those `released` by the delay line, leave.
    pub(super) fn settle_local(&mut self, work: &mut Workspace<T>, q: usize, share: T, released: T) {
        let delay = self.parameters.populations[q].delay.to_i32() as u32;
        for &Incoming { projection: x, .. } in self.shape.incoming(q) {
            let p = &self.parameters.projections[x];
            let state = &mut self.state;
            let (g, w) =
                (state.refractory_drift[x] + work.fired_drift[x], state.refractory_square[x] + work.fired_square[x]);
            let mut leaving = [g * share, w * share];
            if delay > 0 {
                let place = x * self.shape.delay + (self.number % delay) as usize;
                let (s2, common) = (state.kick_variance[x], state.common[x]);
                let line = [state.delayed_drift[place], state.delayed_square[place]];
                leaving = leave_line(released, line, s2, common, p.keep_delayed, p.stochastic_decay);
                let (fired, drift, square) = (work.fired[q], work.fired_drift[x], work.fired_square[x]);
                [state.delayed_drift[place], state.delayed_square[place]] =
                    enter_line(fired, drift, square, s2, common);
            }
            // From here on that of all who are or were refractory in this step.
            work.fired_drift[x] = g;
            [work.released_drift[x], work.released_square[x]] = leaving;
            state.refractory_drift[x] = g - leaving[0];
            state.refractory_square[x] = w - leaving[1];
        }
    }

    /// Partial sums over the bins of population `q` of the fluctuations of kick counts.
    pub(super) fn sum_drifts(&self, work: &mut Workspace<T>, q: usize, strand: usize) {
        for &Incoming { projection: x, .. } in self.shape.incoming(q) {
            let landed = &work.drifts[x][LANES..LANES + self.shape.bins[q]];
            let mut sum = T::zero();
            for drift in landed.iter().skip(strand).step_by(T::STRANDS) {
                sum += *drift;
            }
            work.between[x * T::STRANDS + strand] = sum;
        }
    }

    /// Makes the moments of fluctuations the state of population `q`, without a mean over all its neurons where they are finitely
    /// many; kicks die.
    pub(super) fn advance_local(&mut self, work: &Workspace<T>, q: usize) {
        let state = &mut self.state;
        let p = &self.parameters.populations[q];
        let (bins, reset) = (self.shape.bins_of(q), p.reset_bin.to_i32() as usize);
        for &Incoming { projection: x, offset, .. } in self.shape.incoming(q) {
            let source = &self.parameters.projections[x];
            let (keep, mu) = (T::one() - source.q, state.kick_mean[x]);
            let mut common = T::zero();
            if self.shape.finite_size {
                for strand in 0..T::STRANDS {
                    common += work.between[x * T::STRANDS + strand];
                }
                common = (common + work.fired_drift[x]) / p.size;
                state.common[x] = keep * (state.common[x] + common);
            }
            let at = offset..offset + bins.len();
            let (drifts, products, squares) =
                (&mut state.drifts[at.clone()], &mut state.products[at.clone()], &mut state.squares[at]);
            let landed = LANES..LANES + bins.len();
            drifts.copy_from_slice(&work.drifts[x][landed.clone()]);
            products.copy_from_slice(&work.products[x][landed.clone()]);
            squares.copy_from_slice(&work.squares[x][landed]);
            drifts[reset] += work.released_drift[x];
            products[reset] += work.released_drift[x] * p.reset_voltage;
            squares[reset] += work.released_square[x];
            let neurons = state.counts[bins.clone()].iter().zip(&state.moments[bins.clone()]);
            let moments = drifts.iter_mut().zip(products).zip(squares);
            for ((n, m), ((drift, product), square)) in neurons.zip(moments) {
                let [g, k, w] = shifted(*n, *m, [*drift, *product, *square], common);
                *square = decayed_square(*n, g, w, mu, source.q, source.stochastic_decay);
                (*drift, *product) = (keep * g, keep * k);
            }
            let n = state.refractory[q];
            let moments = [state.refractory_drift[x], T::zero(), state.refractory_square[x]];
            let [g, _, w] = shifted(n, T::zero(), moments, common);
            state.refractory_square[x] = decayed_square(n, g, w, mu, source.q, source.stochastic_decay);
            state.refractory_drift[x] = keep * g;
        }
    }
}
