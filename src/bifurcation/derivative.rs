//! The derivative of one step, written down as linear combinations.
//!
//! What a source bin sends where depends on its neurons n and on three numbers: the centre, half width and deviation sigma of the law
//! by which they land ([`BinLaw`]). The derivatives of all shares with respect to these come with the shares themselves, as dual
//! numbers; the rest is the chain rule: from the state to rows for the mean voltage, centre, half width and variance of every
//! bin, and from these to the bins in which they land. A tangent of any number of directions goes through these combinations.

use super::combinations::Combinations;
use super::dual::Dual;
use super::map::{Line, Map};
use crate::reduced::closure::{kick_increment, limited_slope, regression, residual_variance, stretch};
use crate::reduced::lanes::{LANES, Lanes, piece};
use crate::reduced::moments::{births_variance, next_mean, next_variance};
use crate::reduced::parameters::PopulationParameters;
use crate::reduced::scheme::Uniform;
use crate::reduced::shape::Incoming;
use crate::reduced::shares::TransitionDiagonals;
use crate::reduced::state::Place;
use crate::reduced::transition::{BinLaw, edge_distance, interval, leaked, spread_over};
use crate::reduced::{DsodeShape, EMPTY, Parameters, Real, StateFields};

/// Derivatives with respect to centre, half width and sigma.
type Local = Dual<3>;

/// A row and what it is multiplied with.
type Term = (usize, f64);

/// Memory to write in.
#[derive(Clone, Debug, Default)]
pub struct StepDerivative {
    pieces: Vec<Piece>,
    bins: Vec<Bin>,
}

/// Neighbouring source bins and what they send.
#[derive(Clone, Debug)]
struct Piece {
    first: usize,
    len: usize,
    filled: [bool; LANES],
    laws: BinLaw<Lanes<Local>>,
    shares: TransitionDiagonals<Local>,
}

/// A source bin: where its law comes from.
#[derive(Clone, Debug, Default)]
struct Bin {
    n: f64,
    mean: usize,
    count: usize,
    /// Rows of centre, half width and sigma.
    law: [Term; 3],
    /// Of each projection onto the population: c and its row, beta and its row.
    drifts: Vec<Drift>,
}

/// Mean fluctuation c of the kick count, its slope along the voltage, and its regression on where a neuron lands.
#[derive(Clone, Copy, Debug, Default)]
struct Drift {
    g: usize,
    c: (f64, usize),
    slope: (f64, usize),
    beta: (f64, usize),
}

/// What a step's combinations are written from.
struct Step<'a> {
    parameters: &'a Parameters<f64>,
    shape: &'a DsodeShape,
    state: StateFields<&'a [f64]>,
    places: StateFields<Place>,
    /// Row of every number of the state that is a coordinate.
    rows: &'a [usize],
    to: &'a mut Combinations,
    /// r of every projection, and its row.
    residual: Vec<(f64, Term)>,
    /// R of every population.
    refractory: Vec<usize>,
    /// Rows of the numbers after the step.
    after: Vec<usize>,
}

impl StepDerivative {
    /// Whether this chain rule knows the steps of a shape: not those of a linear density, of nonlinear neurons or of kicks that rise, nor spikes on their way.
    pub fn knows(shape: &DsodeShape) -> bool {
        !shape.linear && shape.ring == 1 && shape.flow_points() == 0 && shape.rising.is_empty()
    }

    /// DPhi(x). Of a bin without neurons, whose share of them could go anywhere, the derivative is 0. False where the step is one
    /// that this chain rule does not know.
    pub fn write(&mut self, map: &mut Map<f64>, x: &[f64], to: &mut Combinations) -> bool {
        if !StepDerivative::knows(map.shape()) {
            return false;
        }
        map.load(x);
        to.clear(x.len());
        let (parameters, shape) = (map.parameters(), map.shape());
        let state = map.state().fields(shape);
        let after = vec![usize::MAX; map.state().numbers.len()];
        let (places, rows) = (StateFields::of(shape), map.rows());
        let (residual, refractory) = (vec![], vec![]);
        let mut step = Step { parameters, shape, state, places, rows, to, residual, refractory, after };
        step.find_refractory();
        step.find_residual();
        let fired: Vec<usize> = (0..shape.populations()).map(|q| step.population(self, q)).collect();
        step.receive_kicks(&fired);
        let Step { mut after, to, .. } = step;
        for &Line { first, len, .. } in map.lines() {
            after[first..first + len].rotate_left(1);
        }
        let known = map.coordinates().iter().all(|&place| after[place] != usize::MAX);
        map.coordinates().iter().filter(|_| known).for_each(|&place| to.output(after[place]));
        known
    }
}

impl Step<'_> {
    fn row(&self, place: Place, index: usize) -> usize {
        self.rows[place.first + index]
    }

    /// R = N - sum n.
    fn find_refractory(&mut self) {
        for q in 0..self.shape.populations() {
            let counts = self.shape.bins_of(q).map(|j| (self.rows[self.places.counts.first + j], -1.0));
            self.refractory.push(self.to.push(counts));
        }
    }

    /// r: s2/dt with the white closure, else s2 less the variance between bins.
    fn find_residual(&mut self) {
        for (x, &(q, _)) in self.shape.projections.iter().enumerate() {
            let (s2, row) = (self.state.kick_variance[x], self.row(self.places.kick_variance, x));
            let p = &self.parameters.populations[q];
            if !self.shape.coloured {
                let over = self.parameters.projections[x].white_time;
                self.residual.push((s2 / over, (row, 1.0 / over)));
                continue;
            }
            let (start, offset) = (self.shape.start(q), self.shape.drift_offset(x));
            let bins = (0..self.shape.bins[q]).map(|k| {
                let (n, g) = (self.state.counts[start + k], self.state.drifts[offset + k]);
                (n, g, self.row(self.places.counts, start + k), self.row(self.places.drifts, offset + k))
            });
            let refractory = (self.state.refractory[q], self.state.refractory_drift[x]);
            let row_of_g = self.row(self.places.refractory_drift, x);
            let refractory = (refractory.0, refractory.1, self.refractory[q], row_of_g);
            let filled: Vec<_> = bins.chain([refractory]).filter(|(n, ..)| *n > EMPTY).collect();
            let between: f64 = filled.iter().map(|(n, g, ..)| g / n * g).sum();
            let value = residual_variance(s2, between, p.size);
            if s2 - between / p.size >= 0.0 {
                self.to.term(row, 1.0);
                for (n, g, row_n, row_g) in filled {
                    let c = g / n;
                    self.to.term(row_n, c * c / p.size);
                    self.to.term(row_g, -2.0 * c / p.size);
                }
            }
            let row = self.to.end();
            self.residual.push((value, (row, 1.0)));
        }
    }

    /// Everything of one population; the row of those that fired.
    fn population(&mut self, memory: &mut StepDerivative, q: usize) -> usize {
        self.find_bins(&mut memory.bins, q);
        self.find_laws(memory, q);
        let (pieces, bins) = (&memory.pieces, &memory.bins);
        let fired = self.fired(pieces, bins);
        let released = self.settle(q, fired);
        let released_drifts: Vec<Term> = if self.shape.coloured { self.settle_drifts(pieces, bins, q) } else { vec![] };
        let p = &self.parameters.populations[q];
        let (start, reset) = (self.shape.start(q), p.reset_bin.to_i32() as usize);
        for j in 0..self.shape.bins[q] {
            for moment in [false, true] {
                for (piece, lane, _, share) in arriving(pieces, p.h, j) {
                    let share = if moment { share.1 } else { share.0 };
                    self.add_share(&bins[piece.first + lane], share);
                }
                if j == reset {
                    self.to.term(released.0, released.1 * if moment { p.reset_voltage } else { 1.0 });
                }
                let field = if moment { self.places.moments } else { self.places.counts };
                self.after[field.first + start + j] = self.to.end();
            }
        }
        for (input, &Incoming { projection: x, offset, .. }) in self.shape.incoming(q).iter().enumerate() {
            if !self.shape.coloured {
                break;
            }
            let keep = 1.0 - self.parameters.projections[x].q;
            for j in 0..self.shape.bins[q] {
                for (piece, lane, y, share) in arriving(pieces, p.h, j) {
                    self.add_drift(&bins[piece.first + lane], input, y, share, keep);
                }
                if j == reset {
                    self.to.term(released_drifts[input].0, keep * released_drifts[input].1);
                }
                self.after[self.places.drifts.first + offset + j] = self.to.end();
            }
        }
        fired
    }

    /// Mean voltages, and with the coloured closure mean fluctuations and their slopes.
    fn find_bins(&mut self, bins: &mut Vec<Bin>, q: usize) {
        let (p, start, len) = (self.parameters.populations[q], self.shape.start(q), self.shape.bins[q]);
        bins.resize_with(len.max(bins.len()), Bin::default);
        let incoming: &[Incoming] = if self.shape.coloured { self.shape.incoming(q) } else { &[] };
        for (k, bin) in bins.iter_mut().enumerate().take(len) {
            let (n, m) = (self.state.counts[start + k], self.state.moments[start + k]);
            bin.n = if n > EMPTY { n } else { 0.0 };
            bin.count = self.row(self.places.counts, start + k);
            let filled = bin.n > 0.0;
            if filled && m >= 0.0 && m / n <= p.h {
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
    fn find_laws(&mut self, memory: &mut StepDerivative, q: usize) {
        let p = self.parameters.populations[q];
        let (count, len) = (self.shape.bins[q], piece::<Local>(self.shape.bins[q]));
        memory.pieces.resize_with(count.div_ceil(len), Piece::new);
        for (place, piece) in memory.pieces.iter_mut().enumerate() {
            (piece.first, piece.len) = (place * len, len.min(count - place * len));
            for lane in 0..piece.len {
                let k = piece.first + lane;
                piece.filled[lane] = memory.bins[k].n > 0.0;
                if piece.filled[lane] {
                    let law = self.find_law(&mut memory.bins[k], q, k);
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

    /// Centre, half width and sigma of bin `k`, and their rows.
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
        // Variance.
        for &(x, .., by_residual) in &increments {
            self.to.term(self.residual[x].1.0, by_residual);
        }
        self.to.term(bin.mean, variance_by_mean);
        let variance_row = self.to.end();
        // Centre.
        self.to.term(bin.mean, centre_by_mean);
        if self.rows[self.places.adaptation.first + q] != usize::MAX {
            self.to.term(self.row(self.places.adaptation, q), -p.dt);
        }
        for (input, &(x, increment, ..)) in increments.iter().enumerate() {
            self.to.term(self.row(self.places.kick_mean, x), increment);
            if let Some(drift) = bin.drifts.get(input) {
                self.to.term(drift.c.1, increment);
            }
        }
        let centre_row = self.to.end();
        // Half width, which slopes stretch.
        let mut half = width.value;
        let mut half_row = (bin.mean, width.tangent[0]);
        if self.shape.coloured {
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
            half = width.value * kappa;
            half_row = (self.to.push([(kappa_row, width.value), (bin.mean, width.tangent[0] * kappa)]), 1.0);
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
                self.to.term(half_row.0, d[4]);
                self.to.term(variance_row, d[5]);
                drift.beta = (beta.value, self.to.end());
            }
        }
        let sigma = Dual::<1>::seed(variance, 0).max(Dual::of(0.0)).sqrt();
        bin.law = [(centre_row, 1.0), half_row, (variance_row, sigma.tangent[0])];
        [centre, half, sigma.value]
    }

    /// Terms of a share that a bin sends.
    fn add_share(&mut self, bin: &Bin, share: &Local) {
        self.to.term(bin.count, share.value);
        for ((row, factor), slope) in bin.law.iter().zip(share.tangent) {
            self.to.term(*row, bin.n * slope * factor);
        }
    }

    /// `scale` times the terms of the drift moment of a share whose origin is `y` above the centre.
    fn add_drift(&mut self, bin: &Bin, input: usize, y: f64, share: (&Local, &Local), scale: f64) {
        let drift = &bin.drifts[input];
        let (c, beta) = (drift.c.0, drift.beta.0);
        let (mass, moment) = share;
        self.to.term(bin.count, scale * (mass.value * c + beta * (moment.value + y * mass.value)));
        for (i, (row, factor)) in bin.law.iter().enumerate() {
            let (mass_by, moment_by) = (mass.tangent[i], moment.tangent[i]);
            // The distance falls as the centre rises.
            let y_by = if i == 0 { -mass.value } else { 0.0 };
            let slope = mass_by * c + beta * (moment_by + y * mass_by + y_by);
            self.to.term(*row, scale * bin.n * slope * factor);
        }
        self.to.term(drift.c.1, scale * bin.n * mass.value);
        self.to.term(drift.beta.1, scale * bin.n * (moment.value + y * mass.value));
    }

    /// Those that fire.
    fn fired(&mut self, pieces: &[Piece], bins: &[Bin]) -> usize {
        for piece in pieces {
            for lane in piece.filled() {
                self.add_share(&bins[piece.first + lane], &piece.shares.leaving.mass[lane]);
            }
        }
        self.to.end()
    }

    /// Refractory neurons; what is released.
    fn settle(&mut self, q: usize, fired: usize) -> Term {
        let p = self.parameters.populations[q];
        let entering = self.to.push([(self.refractory[q], 1.0), (fired, 1.0)]);
        let mut released = (entering, p.release);
        if p.delay > 0.0 {
            let place = self.places.delayed.first + q * self.shape.delay;
            released = (self.rows[place], 1.0);
            self.after[place] = fired;
            self.keep_line(place, p.delay.to_i32() as usize);
        }
        if self.rows[self.places.adaptation.first + q] != usize::MAX {
            let before = self.row(self.places.adaptation, q);
            let terms = [(before, 1.0 - p.adaptation_decay), (fired, p.adaptation_jump)];
            self.after[self.places.adaptation.first + q] = self.to.push(terms);
        }
        released
    }

    /// The places of a delay line but the first stay what they are.
    fn keep_line(&mut self, first: usize, len: usize) {
        for place in first + 1..first + len {
            self.after[place] = self.rows[place];
        }
    }

    /// Drift moments of those that fired and are refractory; what is released, per projection onto the population.
    fn settle_drifts(&mut self, pieces: &[Piece], bins: &[Bin], q: usize) -> Vec<Term> {
        let (p, h) = (self.parameters.populations[q], self.parameters.populations[q].h);
        let shape = self.shape;
        let incoming = shape.incoming(q).iter().enumerate();
        incoming
            .map(|(input, &Incoming { projection: x, .. })| {
                let projection = &self.parameters.projections[x];
                for piece in pieces {
                    for lane in piece.filled() {
                        let k = piece.first + lane;
                        let law = piece.laws.lane(lane);
                        if law.last.value <= law.top.value && law.first.value + k as f64 > 0.0 {
                            continue;
                        }
                        self.to.term(bins[k].drifts[input].g, 1.0);
                        for (index, row) in (piece.shares.first..).zip(piece.shares.rows()) {
                            let y = edge_distance(law.centre.value, f64::from(index), h);
                            self.add_drift(&bins[k], input, y, (&row.mass[lane], &row.moment[lane]), -1.0);
                        }
                    }
                }
                let fired = self.to.end();
                let g = self.to.push([(self.row(self.places.refractory_drift, x), 1.0), (fired, 1.0)]);
                let mut released = (g, p.release);
                if p.delay > 0.0 {
                    let place = self.places.delayed_drift.first + x * shape.delay;
                    released = (self.rows[place], projection.keep_delayed);
                    self.after[place] = fired;
                    self.keep_line(place, p.delay.to_i32() as usize);
                }
                let keep = 1.0 - projection.q;
                let after = self.to.push([(g, keep), (released.0, -keep * released.1)]);
                self.after[self.places.refractory_drift.first + x] = after;
                released
            })
            .collect()
    }

    /// Kick counts take the spikes of this step.
    fn receive_kicks(&mut self, fired: &[usize]) {
        for (x, &(_, source)) in self.shape.projections.iter().enumerate() {
            let p = &self.parameters.projections[x];
            let (mu, s2) = (self.row(self.places.kick_mean, x), self.row(self.places.kick_variance, x));
            // A source's kicks come at a constant rate.
            let spikes = self.state.fired.get(source).copied().unwrap_or(0.0);
            let numbers = [self.state.kick_mean[x], self.state.kick_variance[x], spikes];
            let [mean, variance, c] = std::array::from_fn(|i| Local::seed(numbers[i], i));
            let of = |x: f64| Local::of(x);
            let births = births_variance(of(p.p), c, of(p.taken));
            let variance = next_variance(mean, variance, of(p.q), of(p.stochastic_decay), births);
            let mean = next_mean(mean, of(p.q), of(p.p), c);
            for (field, number) in [(self.places.kick_variance, variance), (self.places.kick_mean, mean)] {
                let rows = [Some(mu), Some(s2), fired.get(source).copied()].into_iter().zip(number.tangent);
                let rows = rows.filter_map(|(row, factor)| Some((row?, factor)));
                self.after[field.first + x] = self.to.push(rows);
            }
        }
    }
}

impl Piece {
    fn new() -> Piece {
        Piece { first: 0, len: 0, filled: [false; LANES], laws: BinLaw::zero(), shares: TransitionDiagonals::default() }
    }

    /// Lanes with neurons.
    fn filled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).filter(|&lane| self.filled[lane])
    }
}

/// What the bins of a piece send where, with 32-byte vectors and fused multiply-adds where the processor has them.
#[multiversion::multiversion(targets("x86_64+avx+avx2+fma"))]
fn share_out(piece: &mut Piece, h: f64) {
    piece.shares.share_out::<Uniform>(&piece.laws, &piece.filled, piece.len, Local::of(h));
}

/// What arrives in bin `j`: piece and lane of the source, distance of the bin's lower edge from the centre, mass and moment.
fn arriving(pieces: &[Piece], h: f64, j: usize) -> impl Iterator<Item = (&Piece, usize, f64, (&Local, &Local))> {
    let some = pieces.iter().filter(|piece| piece.filled().next().is_some());
    some.flat_map(move |piece| {
        let rows = (piece.shares.first..).zip(piece.shares.rows());
        rows.filter_map(move |(index, row)| {
            let lane = usize::try_from(j as i64 - i64::from(index) - piece.first as i64).ok()?;
            let sends = lane < piece.len && piece.filled[lane];
            sends.then(|| {
                let y = edge_distance(piece.laws.centre[lane].value, f64::from(index), h);
                (piece, lane, y, (&row.mass[lane], &row.moment[lane]))
            })
        })
    })
}
