//! What becomes of those that fired, of adaptation and of kick counts.

use super::super::map::steps_of;
use super::chain::{Bin, Local, Piece, Step, Term};
use super::motion::pairs;
use crate::reduced::Real;
use crate::reduced::moments::{births_variance, next_mean, next_variance};
use crate::reduced::shape::Incoming;
use crate::reduced::transition::edge_distance;

impl Step<'_> {
    /// Refractory neurons; what is released.
    pub(super) fn settle(&mut self, q: usize, fired: usize) -> Term {
        let p = self.parameters.populations[q];
        let entering = self.to.push([(self.refractory[q], 1.0), (fired, 1.0)]);
        let mut released = (entering, p.release);
        if p.delay > 0.0 {
            let place = self.places.delayed.first + q * self.shape.delay;
            released = (self.rows[place], 1.0);
            self.after[place] = fired;
            self.keep_line(place, steps_of(p.delay));
        }
        if let Some(before) = self.adaptation_row(q) {
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
    pub(super) fn settle_drifts(&mut self, pieces: &[Piece], bins: &[Bin], q: usize) -> Vec<Term> {
        let (p, h) = (self.parameters.populations[q], self.parameters.populations[q].h);
        let shape = self.shape;
        let mut fired = vec![];
        for inputs in pairs(shape.incoming(q).len()) {
            for piece in pieces {
                for lane in piece.filled() {
                    let bin = &bins[piece.first + lane];
                    let law = piece.laws.lane(lane);
                    if law.last.value <= law.top.value {
                        continue;
                    }
                    self.to.term(bin.drifts[inputs[0]].g, 1.0);
                    self.to.second(bin.drifts[inputs[1]].g, 1.0);
                    for (index, row) in (piece.shares.first..).zip(piece.shares.rows()) {
                        let y = edge_distance(law.centre.value, f64::from(index), h);
                        self.add_drifts(bin, inputs, y, (&row.mass[lane], &row.moment[lane]), [-1.0; 2]);
                    }
                }
            }
            fired.extend(self.to.end_pair());
        }
        let incoming = shape.incoming(q).iter().zip(fired);
        incoming
            .map(|(&Incoming { projection: x, .. }, fired)| {
                let projection = &self.parameters.projections[x];
                let g = self.to.push([(self.row(self.places.refractory_drift, x), 1.0), (fired, 1.0)]);
                let mut released = (g, p.release);
                if p.delay > 0.0 {
                    let place = self.places.delayed_drift.first + x * shape.delay;
                    released = (self.rows[place], projection.keep_delayed);
                    self.after[place] = fired;
                    self.keep_line(place, steps_of(p.delay));
                }
                let keep = 1.0 - projection.q;
                let after = self.to.push([(g, keep), (released.0, -keep * released.1)]);
                self.after[self.places.refractory_drift.first + x] = after;
                released
            })
            .collect()
    }

    /// Kick counts take the spikes of this step.
    pub(super) fn receive_kicks(&mut self, fired: &[usize]) {
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
