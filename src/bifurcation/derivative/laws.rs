//! Mean voltages of bins, and the laws by which their neurons land.

use super::super::dual::Dual;
use super::super::map::SEED;
use super::chain::{Bin, Drift, Local, Piece, Step};
use crate::reduced::closure::{kick_increment, limited_slope, regression, stretch};
use crate::reduced::lanes::piece;
use crate::reduced::parameters::PopulationParameters;
use crate::reduced::scheme::Uniform;
use crate::reduced::shape::Incoming;
use crate::reduced::transition::{interval, leaked, spread_over};
use crate::reduced::{EMPTY, Real};

impl Step<'_> {
    /// Mean voltages, and with the coloured closure mean fluctuations and their slopes.
    pub(super) fn find_bins(&mut self, bins: &mut Vec<Bin>, q: usize) {
        let (p, start, len) = (self.parameters.populations[q], self.shape.start(q), self.shape.bins[q]);
        bins.resize_with(len.max(bins.len()), Bin::default);
        let incoming: &[Incoming] = if self.shape.coloured { self.shape.incoming(q) } else { &[] };
        for (k, bin) in bins.iter_mut().enumerate().take(len) {
            let (n, m) = (self.state.counts[start + k], self.state.moments[start + k]);
            bin.n = if n > EMPTY { n } else { 0.0 };
            bin.count = self.row(self.places.counts, start + k);
            let filled = bin.n > 0.0;
            // A bin that was empty has no mean voltage that could change: what it sends on is a flow of neurons, which grows nowhere.
            if n > SEED && m >= 0.0 && m / n <= p.h {
                self.to.term(self.row(self.places.moments, start + k), 1.0 / n);
                self.to.term(bin.count, -m / n / n);
            }
            bin.mean = self.to.end();
            bin.drifts.resize(incoming.len(), Drift::default());
            for (drift, &Incoming { offset, .. }) in bin.drifts.iter_mut().zip(incoming) {
                drift.g = self.row(self.places.drifts, offset + k);
                let c = if filled { self.state.drifts[offset + k] / n } else { 0.0 };
                if filled {
                    self.to.term(drift.g, 1.0 / n);
                    self.to.term(bin.count, -c / n);
                }
                drift.c = (c, self.to.end());
            }
        }
        let voltage = |k: usize, bin: &Bin| {
            let mean = if bin.n > 0.0 { (self.state.moments[start + k] / bin.n).clamp(0.0, p.h) } else { 0.0 };
            p.v_min + k as f64 * p.h + mean
        };
        for k in 0..len {
            for input in 0..incoming.len() {
                bins[k].drifts[input].slope = (0.0, usize::MAX);
                if k == 0 || k + 1 >= len || bins[k].n == 0.0 {
                    continue;
                }
                let near = [k - 1, k, k + 1];
                let seed = |place: usize, value: f64| Dual::<6>::seed(value, place);
                let v: [Dual<6>; 3] = std::array::from_fn(|i| seed(i, voltage(near[i], &bins[near[i]])));
                let c: [Dual<6>; 3] = std::array::from_fn(|i| seed(3 + i, bins[near[i]].drifts[input].c.0));
                let share = |k: usize| Dual::of(self.state.counts[start + k] / p.size);
                let slope = limited_slope(share(k - 1), share(k + 1), v[0], v[1], v[2], c[0], c[1], c[2]);
                for (i, &k) in near.iter().enumerate() {
                    self.to.term(bins[k].mean, slope.tangent[i]);
                    self.to.term(bins[k].drifts[input].c.1, slope.tangent[3 + i]);
                }
                bins[k].drifts[input].slope = (slope.value, self.to.end());
            }
        }
    }

    /// The laws by which the neurons of filled bins land, and what they send where.
    pub(super) fn find_laws(&mut self, bins: &mut [Bin], pieces: &mut Vec<Piece>, q: usize) {
        let p = self.parameters.populations[q];
        let (count, len) = (self.shape.bins[q], piece::<Local>(self.shape.bins[q]));
        pieces.resize_with(count.div_ceil(len), Piece::new);
        for (place, piece) in pieces.iter_mut().enumerate() {
            (piece.first, piece.len) = (place * len, len.min(count - place * len));
            for lane in 0..piece.len {
                let k = piece.first + lane;
                piece.filled[lane] = bins[k].n > 0.0;
                if piece.filled[lane] {
                    let law = self.find_law(&mut bins[k], q, k);
                    let [centre, half, sigma] = std::array::from_fn(|i| Local::seed(law[i], i));
                    let of = |x: usize| Local::of(x as f64);
                    piece.laws.set(lane, spread_over(of(k), centre, half, sigma, Local::of(p.h), of(count)));
                }
            }
            if piece.filled[..piece.len].contains(&true) {
                share_out(piece, p.h);
            }
        }
    }

    /// Centre, half width and sigma of bin `k`, and where they come from.
    fn find_law(&mut self, bin: &mut Bin, q: usize, k: usize) -> [f64; 3] {
        let p: PopulationParameters<f64> = self.parameters.populations[q];
        let [shift, mut variance] = self.parameters.drives.at::<f64>(0, q);
        let mean = (self.state.moments[self.shape.start(q) + k] / bin.n).clamp(0.0, p.h);
        let edge = p.v_min + k as f64 * p.h;
        let (a, b) = interval(Dual::<1>::seed(mean, 0), Dual::of(p.h));
        let along_leak = |v: Dual<1>| leaked(v, Dual::of(edge), Dual::of(p.leak), Dual::of(p.e_leak));
        let (a, b) = (along_leak(a), along_leak(b));
        let (width, middle) = (Dual::of(0.5) * (b - a), Dual::of(0.5) * (a + b));
        let mut centre = middle.value + (shift - p.dt * self.state.adaptation[q]);
        let (mut centre_by_mean, mut variance_by_mean) = (middle.tangent[0], 0.0);
        let v = edge + mean;
        let mut tilt = 0.0;
        let mut increments = Vec::with_capacity(self.shape.incoming(q).len());
        for (input, &Incoming { projection: x, .. }) in self.shape.incoming(q).iter().enumerate() {
            let source = &self.parameters.projections[x];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let (residual, (_, factor)) = self.residual[x];
            let c = bin.drifts.get(input).map_or(0.0, |drift| drift.c.0);
            let kicks = self.state.kick_mean[x] + c;
            tilt += increment * bin.drifts.get(input).map_or(0.0, |drift| drift.slope.0);
            centre += increment * kicks;
            centre_by_mean += source.slope * kicks;
            variance += increment * increment * residual;
            variance_by_mean += 2.0 * increment * source.slope * residual;
            increments.push((x, increment, source.slope, increment * increment * factor));
        }
        let by_variance = Dual::<1>::seed(variance, 0).max(Dual::of(0.0)).sqrt();
        let (sigma, by_variance) = (by_variance.value, by_variance.tangent[0]);
        bin.own.clear();
        bin.common.clear();
        if !self.shape.coloured {
            let by_mean = [centre_by_mean, width.tangent[0], by_variance * variance_by_mean];
            bin.own.push((bin.mean, by_mean));
            bin.common.extend(self.adaptation_row(q).map(|row| (row, [-p.dt, 0.0, 0.0])));
            for (x, increment, _, by_residual) in increments {
                bin.common.push((self.row(self.places.kick_mean, x), [increment, 0.0, 0.0]));
                bin.common.push((self.residual[x].1.0, [0.0, 0.0, by_variance * by_residual]));
            }
            return [centre, width.value, sigma];
        }
        for &(x, .., by_residual) in &increments {
            self.to.term(self.residual[x].1.0, by_residual);
        }
        self.to.term(bin.mean, variance_by_mean);
        let variance_row = self.to.end();
        self.to.term(bin.mean, centre_by_mean);
        if let Some(row) = self.adaptation_row(q) {
            self.to.term(row, -p.dt);
        }
        for (drift, &(x, increment, ..)) in bin.drifts.iter().zip(&increments) {
            self.to.term(self.row(self.places.kick_mean, x), increment);
            self.to.term(drift.c.1, increment);
        }
        let centre_row = self.to.end();
        // Slopes stretch the half width.
        let kappa = stretch(tilt);
        if 1.0 + tilt >= kappa {
            for (drift, &(_, increment, slope, _)) in bin.drifts.iter().zip(&increments) {
                if drift.slope.1 != usize::MAX {
                    self.to.term(drift.slope.1, increment);
                }
                self.to.term(bin.mean, slope * drift.slope.0);
            }
        }
        let kappa_row = self.to.end();
        let half = width.value * kappa;
        let half_row = self.to.push([(kappa_row, width.value), (bin.mean, width.tangent[0] * kappa)]);
        for (drift, &(x, increment, slope, _)) in bin.drifts.iter_mut().zip(&increments) {
            let (residual, residual_row) = self.residual[x];
            let numbers = [increment, residual, drift.slope.0, kappa, half, variance];
            let [a, r, t, kappa, half, variance] = std::array::from_fn(|i| Dual::<6>::seed(numbers[i], i));
            let beta = regression(a, r, t, kappa, half, variance);
            let d = beta.tangent;
            self.to.term(bin.mean, d[0] * slope);
            self.to.term(residual_row.0, d[1] * residual_row.1);
            if drift.slope.1 != usize::MAX {
                self.to.term(drift.slope.1, d[2]);
            }
            self.to.term(kappa_row, d[3]);
            self.to.term(half_row, d[4]);
            self.to.term(variance_row, d[5]);
            drift.beta = (beta.value, self.to.end());
        }
        let (by_centre, by_half) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        bin.own.extend([(centre_row, by_centre), (half_row, by_half), (variance_row, [0.0, 0.0, by_variance])]);
        [centre, half, sigma]
    }
}

/// What the bins of a piece send where, with 32-byte vectors and fused multiply-adds where the processor has them.
#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
fn share_out(piece: &mut Piece, h: f64) {
    piece.shares.share_out::<Uniform>(&piece.laws, &piece.filled, piece.first, piece.len, Local::of(h));
}
