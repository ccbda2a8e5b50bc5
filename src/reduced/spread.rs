//! Neurons move from bin to bin.
//!
//! A bin of mean voltage v_k is uniform on an interval, which the leak shrinks and the coloured closure stretches; its neurons
//! move by a Gaussian, and what lands between the edges of a bin, side by side ([`super::edges`]), goes there.

use super::closure::{kick_increment, limited_slope, regression, stretch};
use super::dsode::{Dsode, EMPTY};
use super::noise::{self, Stream, binomial, words};
use super::real::Real;
use super::transition::{Share, Spread, edge_distance, share_above, share_drift, share_of, spread_over};

/// Least width of the interval on which a bin's voltages are uniform.
const WIDTH_MIN: f64 = 1e-4;

/// All bins, with the widest vectors of this processor: the same operations in the same order on each.
#[multiversion::multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn spread_bins<T: Real>(model: &mut Dsode<T>) {
    for q in 0..model.shape.populations() {
        for k in 0..model.shape.bins[q] {
            let law = model.place_bin(q, k);
            if law.end > 0 {
                model.spread_bin(q, k, &law);
                model.gather(q, k, &law);
            }
        }
    }
}

impl<T: Real> Dsode<T> {
    /// The law of where the neurons of bin `k` of population `q` land; `end` is 0 where there are none.
    #[inline(always)]
    fn place_bin(&mut self, q: usize, k: usize) -> Spread<T> {
        let work = &mut self.work;
        let p = &self.parameters.populations[q];
        let bins = self.shape.bins[q];
        let i = work.start[q] + k;
        let n = self.state.counts[i];
        let filled = n > T::of(EMPTY);
        if !filled {
            return Spread::default();
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
        spread_over(k as i32, centre, half, variance.max(T::zero()).sqrt(), p.h, bins as i32)
    }

    /// Shares out the neurons of bin `k` of population `q` over the bins that its law reaches.
    #[inline(always)]
    fn spread_bin(&mut self, q: usize, k: usize, s: &Spread<T>) {
        let work = &mut self.work;
        let h = self.parameters.populations[q].h;
        let n = self.state.counts[work.start[q] + k];
        let reached = (s.end - s.first) as usize;
        work.edges.sort_out(s, h);
        let last = work.edges.edge(reached);
        let part = share_above(&last);
        let mut share = Share { mass: n * part.mass, moment: n * part.moment };
        if self.shape.finite_size {
            let (step, population, bin) = (self.state.step, q as u32, k as u32);
            let stream = Stream { key: self.key, step, population, bin, purpose: noise::SPREAD };
            let mut bits = [0; 4];
            let mut left = n;
            for slot in 0..reached {
                let draw = slot as u32;
                if draw.is_multiple_of(4) {
                    bits = words(&stream, noise::SPREAD, draw / 4, 0);
                }
                let part = Share { mass: work.edges.mass[slot], moment: work.edges.moment[slot] };
                let above = share_above(&work.edges.edge(slot + 1));
                let count = binomial(&stream, draw, bits[slot % 4], left, part.mass, above.mass);
                let share = share_of(&part, count);
                (work.edges.mass[slot], work.edges.moment[slot]) = (share.mass, share.moment);
                left -= count;
            }
            share = share_of(&part, left);
        } else {
            let (mass, moment) = (&mut work.edges.mass[..reached], &mut work.edges.moment[..reached]);
            for (mass, moment) in mass.iter_mut().zip(moment) {
                (*mass, *moment) = (n * *mass, n * *moment);
            }
        }
        work.leaving = share.mass;
        if !self.shape.coloured {
            return;
        }
        for &(_, offset) in &work.incoming[q] {
            let c = offset + k;
            let (mean, beta) = (work.fluctuation[c], work.beta[c]);
            if self.shape.finite_size {
                work.left[c] = share_drift(&share, mean, beta, last.y);
            } else if !s.open && s.first > 0 {
                // Nothing fires, so what is left is rounding.
                work.left[c] = T::zero();
            } else {
                for (j, (&mass, &moment)) in (s.first..s.end).zip(work.edges.mass.iter().zip(&work.edges.moment)) {
                    work.left[c] -= share_drift(&Share { mass, moment }, mean, beta, edge_distance(s, j, h));
                }
            }
        }
    }

    /// Adds what the neurons of bin `k` of population `q` bring to the bins, and to those that fired.
    #[inline(always)]
    fn gather(&mut self, q: usize, k: usize, s: &Spread<T>) {
        let work = &mut self.work;
        let h = self.parameters.populations[q].h;
        let (first, end) = (s.first as usize, s.end as usize);
        let (masses, moments) = (&work.edges.mass[..end - first], &work.edges.moment[..end - first]);
        let reached = work.start[q] + first..work.start[q] + end;
        work.counts[reached.clone()].iter_mut().zip(masses).for_each(|(count, mass)| *count += *mass);
        work.moments[reached].iter_mut().zip(moments).for_each(|(sum, moment)| *sum += *moment);
        work.fired[q] += work.leaving;
        if self.shape.coloured {
            for &(x, offset) in &work.incoming[q] {
                let c = offset + k;
                let (mean, beta) = (work.fluctuation[c], work.beta[c]);
                let drifts = work.drifts[offset + first..offset + end].iter_mut().zip(s.first..);
                for ((drift, j), (&mass, &moment)) in drifts.zip(masses.iter().zip(moments)) {
                    *drift += share_drift(&Share { mass, moment }, mean, beta, edge_distance(s, j, h));
                }
                work.fired_drift[x] += work.left[c];
            }
        }
    }

    /// Makes the sums over sources the state; drift moments decay.
    pub(super) fn advance(&mut self) {
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
}
