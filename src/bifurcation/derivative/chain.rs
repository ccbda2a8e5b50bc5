//! What the rows of a step's combinations are: of the state, of each bin and its law, and of what all bins share.

use super::super::combinations::Combinations;
use super::super::dual::Dual;
use super::super::map::steps_of;
use crate::reduced::closure::residual_variance;
use crate::reduced::lanes::{LANES, Lanes};
use crate::reduced::shares::TransitionDiagonals;
use crate::reduced::state::Place;
use crate::reduced::transition::BinLaw;
use crate::reduced::{DsodeShape, EMPTY, Parameters, StateFields};

/// Derivatives with respect to centre, half width and sigma.
pub(super) type Local = Dual<3>;

/// A row and what it is multiplied with.
pub(super) type Term = (usize, f64);

/// Neurons with a mean fluctuation in common: their number and its row; their g, a row, and how many times that row it is.
type Group = ((f64, usize), (f64, usize, f64));

/// A row and the derivatives of centre, half width and sigma with respect to it.
pub(super) type LawTerm = (usize, [f64; 3]);

/// Neighbouring source bins and what they send.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) first: usize,
    pub(super) len: usize,
    pub(super) filled: [bool; LANES],
    pub(super) laws: BinLaw<Lanes<Local>>,
    pub(super) shares: TransitionDiagonals<Local>,
}

impl Piece {
    pub(super) fn new() -> Piece {
        Piece { first: 0, len: 0, filled: [false; LANES], laws: BinLaw::zero(), shares: TransitionDiagonals::default() }
    }

    /// Lanes with neurons.
    pub(super) fn filled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).filter(|&lane| self.filled[lane])
    }
}

/// A source bin: where its law comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Bin {
    pub(super) n: f64,
    pub(super) mean: usize,
    pub(super) count: usize,
    /// Rows of its own that its law comes from, of one number for all bins.
    pub(super) own: Vec<LawTerm>,
    /// Those that all bins of the population have in common, in the same order for each; none where a row of its own has them already.
    pub(super) common: Vec<LawTerm>,
    /// Of each projection onto the population: c and its row, beta and its row.
    pub(super) drifts: Vec<Drift>,
}

/// Mean fluctuation c of the kick count, its slope along the voltage, and its regression on where a neuron lands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drift {
    pub(super) g: usize,
    pub(super) c: (f64, usize),
    pub(super) slope: (f64, usize),
    pub(super) beta: (f64, usize),
}

/// What a step's combinations are written from.
pub(super) struct Step<'a> {
    pub(super) parameters: &'a Parameters<f64>,
    pub(super) shape: &'a DsodeShape,
    pub(super) state: StateFields<&'a [f64]>,
    pub(super) places: StateFields<Place>,
    /// Row of every number of the state that is a coordinate, and of those in delay lines that follow from them.
    pub(super) rows: Vec<usize>,
    pub(super) to: &'a mut Combinations,
    /// r of every projection, and its row.
    pub(super) residual: Vec<(f64, Term)>,
    /// R of every population.
    pub(super) refractory: Vec<usize>,
    /// Rows of the numbers after the step.
    pub(super) after: Vec<usize>,
}

impl Step<'_> {
    pub(super) fn row(&self, place: Place, index: usize) -> usize {
        self.rows[place.first + index]
    }

    /// R = N - sum n, and of a delay line the neurons that fired last.
    pub(super) fn find_refractory(&mut self) {
        for q in 0..self.shape.populations() {
            let counts = self.shape.bins_of(q).map(|j| (self.rows[self.places.counts.first + j], -1.0));
            let refractory = self.to.push(counts);
            self.refractory.push(refractory);
            let delay = steps_of(self.parameters.populations[q].delay);
            if delay > 0 {
                let first = self.places.delayed.first + q * self.shape.delay;
                let newest = first + delay - 1;
                let older = self.rows[first..newest].iter().map(|row| (*row, -1.0));
                self.rows[newest] = self.to.push(std::iter::once((refractory, 1.0)).chain(older));
            }
        }
    }

    /// r: s2/dt with the white closure, else s2 less the variance between bins.
    pub(super) fn find_residual(&mut self) {
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
                ((n, self.row(self.places.counts, start + k)), (g, self.row(self.places.drifts, offset + k), 1.0))
            });
            let filled = bins.chain(self.groups_of_refractory(q, x)).filter(|((n, _), _)| *n > EMPTY);
            let filled: Vec<Group> = filled.collect();
            let between: f64 = filled.iter().map(|((n, _), (g, ..))| g / n * g).sum();
            let value = residual_variance(s2, between, p.size);
            if s2 - between / p.size >= 0.0 {
                self.to.term(row, 1.0);
                for ((n, row_n), (g, row_g, of_g)) in filled {
                    let c = g / n;
                    self.to.term(row_n, c * c / p.size);
                    self.to.term(row_g, -2.0 * c * of_g / p.size);
                }
            }
            let row = self.to.end();
            self.residual.push((value, (row, 1.0)));
        }
    }

    /// Refractory neurons with a mean fluctuation in common: all of them, or each place of a delay line, which keeps g as it was.
    fn groups_of_refractory(&self, q: usize, x: usize) -> Vec<Group> {
        let delay = steps_of(self.parameters.populations[q].delay);
        if delay == 0 {
            let g = (self.state.refractory_drift[x], self.row(self.places.refractory_drift, x), 1.0);
            return vec![((self.state.refractory[q], self.refractory[q]), g)];
        }
        let place = |place: usize| {
            let [n, g] = [q, x].map(|line| line * self.shape.delay + place);
            let kept = libm::pow(1.0 - self.parameters.projections[x].q, (delay - place) as f64);
            let of_g = (kept * self.state.delayed_drift[g], self.row(self.places.delayed_drift, g), kept);
            ((self.state.delayed[n], self.row(self.places.delayed, n)), of_g)
        };
        let least = f64::EPSILON * self.parameters.populations[q].size;
        (0..delay).map(place).filter(|((n, _), _)| *n > least).collect()
    }

    /// Of the adaptation of a population, if it adapts.
    pub(super) fn adaptation_row(&self, q: usize) -> Option<usize> {
        Some(self.row(self.places.adaptation, q)).filter(|&row| row != usize::MAX)
    }
}
