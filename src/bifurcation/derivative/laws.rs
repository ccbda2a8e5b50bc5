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

/// How the neurons of a bin land if their fluctuations have no slopes, and how that changes with their mean voltage.
struct MeanLaw {
    centre: f64,
    /// Half of it.
    width: f64,
    variance: f64,
    /// By how much slopes of fluctuations stretch it.
    tilt: f64,
    /// Of centre, width and variance.
    by_mean: [f64; 3],
    inputs: Vec<Input>,
}

/// What a projection adds to a law.
struct Input {
    projection: usize,
    /// Of the voltage per kick, and its slope along the voltage.
    increment: f64,
    slope: f64,
    /// Of the variance, by what its residual comes from.
    by_residual: f64,
}

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
        let law = self.mean_law(bin, q, k);
        let sigma = Dual::<1>::seed(law.variance, 0).max(Dual::of(0.0)).sqrt();
        bin.own.clear();
        bin.common.clear();
        let half = if self.shape.coloured {
            self.coloured_rows(bin, q, &law, sigma.tangent[0])
        } else {
            self.white_rows(bin, q, &law, sigma.tangent[0]);
            law.width
        };
        [law.centre, half, sigma.value]
    }

    /// The law of bin `k` before slopes of its fluctuations stretch it.
    fn mean_law(&self, bin: &Bin, q: usize, k: usize) -> MeanLaw {
        let p: PopulationParameters<f64> = self.parameters.populations[q];
        let [shift, mut variance] = self.parameters.drives.at::<f64>(0, q);
        let mean = (self.state.moments[self.shape.start(q) + k] / bin.n).clamp(0.0, p.h);
        let edge = p.v_min + k as f64 * p.h;
        let (a, b) = interval(Dual::<1>::seed(mean, 0), Dual::of(p.h));
        let along_leak = |v: Dual<1>| leaked(v, Dual::of(edge), Dual::of(p.leak), Dual::of(p.e_leak));
        let (a, b) = (along_leak(a), along_leak(b));
        let (width, middle) = (Dual::of(0.5) * (b - a), Dual::of(0.5) * (a + b));
        let mut centre = middle.value + (shift - p.dt * self.state.adaptation[q]);
        let (mut centre_by_mean, mut variance_by_mean, mut tilt) = (middle.tangent[0], 0.0, 0.0);
        let incoming = self.shape.incoming(q);
        let mut inputs = Vec::with_capacity(incoming.len());
        for (input, &Incoming { projection, .. }) in incoming.iter().enumerate() {
            let source = &self.parameters.projections[projection];
            let (increment, slope) =
                (kick_increment(source.base, source.slope, source.v_rev, edge + mean), source.slope);
            let (residual, (_, factor)) = self.residual[projection];
            let drift = bin.drifts.get(input);
            let kicks = self.state.kick_mean[projection] + drift.map_or(0.0, |drift| drift.c.0);
            tilt += increment * drift.map_or(0.0, |drift| drift.slope.0);
            centre += increment * kicks;
            centre_by_mean += slope * kicks;
            variance += increment * increment * residual;
            variance_by_mean += 2.0 * increment * slope * residual;
            inputs.push(Input { projection, increment, slope, by_residual: increment * increment * factor });
        }
        let by_mean = [centre_by_mean, width.tangent[0], variance_by_mean];
        MeanLaw { centre, width: width.value, variance, tilt, by_mean, inputs }
    }

    /// Where a law of the white closure comes from: the mean voltage, and what all bins have in common.
    fn white_rows(&self, bin: &mut Bin, q: usize, law: &MeanLaw, by_variance: f64) {
        let [centre, width, variance] = law.by_mean;
        bin.own.push((bin.mean, [centre, width, by_variance * variance]));
        bin.common.extend(self.adaptation_row(q).map(|row| (row, [-self.parameters.populations[q].dt, 0.0, 0.0])));
        for input in &law.inputs {
            bin.common.push((self.row(self.places.kick_mean, input.projection), [input.increment, 0.0, 0.0]));
            bin.common.push((self.residual[input.projection].1.0, [0.0, 0.0, by_variance * input.by_residual]));
        }
    }

    /// Where a law of the coloured closure comes from, and the regressions of its fluctuations; returns the half width, which their slopes
    /// stretch.
    fn coloured_rows(&mut self, bin: &mut Bin, q: usize, law: &MeanLaw, by_variance: f64) -> f64 {
        let [centre_by_mean, width_by_mean, variance_by_mean] = law.by_mean;
        for input in &law.inputs {
            self.to.term(self.residual[input.projection].1.0, input.by_residual);
        }
        self.to.term(bin.mean, variance_by_mean);
        let variance_row = self.to.end();
        self.to.term(bin.mean, centre_by_mean);
        if let Some(row) = self.adaptation_row(q) {
            self.to.term(row, -self.parameters.populations[q].dt);
        }
        for (drift, input) in bin.drifts.iter().zip(&law.inputs) {
            self.to.term(self.row(self.places.kick_mean, input.projection), input.increment);
            self.to.term(drift.c.1, input.increment);
        }
        let centre_row = self.to.end();
        let kappa = stretch(law.tilt);
        if 1.0 + law.tilt >= kappa {
            for (drift, input) in bin.drifts.iter().zip(&law.inputs) {
                if drift.slope.1 != usize::MAX {
                    self.to.term(drift.slope.1, input.increment);
                }
                self.to.term(bin.mean, input.slope * drift.slope.0);
            }
        }
        let kappa_row = self.to.end();
        let half = law.width * kappa;
        let half_row = self.to.push([(kappa_row, law.width), (bin.mean, width_by_mean * kappa)]);
        for (drift, input) in bin.drifts.iter_mut().zip(&law.inputs) {
            let (residual, (residual_row, factor)) = self.residual[input.projection];
            let numbers = [input.increment, residual, drift.slope.0, kappa, half, law.variance];
            let [a, r, t, kappa, half, variance] = std::array::from_fn(|i| Dual::<6>::seed(numbers[i], i));
            let beta = regression(a, r, t, kappa, half, variance);
            let d = beta.tangent;
            self.to.term(bin.mean, d[0] * input.slope);
            self.to.term(residual_row, d[1] * factor);
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
        half
    }
}

/// What the bins of a piece send where, with 32-byte vectors and fused multiply-adds where the processor has them.
#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
fn share_out(piece: &mut Piece, h: f64) {
    piece.shares.share_out::<Uniform>(&piece.laws, &piece.filled, piece.first, piece.len, Local::of(h));
}
