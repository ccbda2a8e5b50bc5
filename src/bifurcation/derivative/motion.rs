//! Where neurons land: the bins after a step, of the shares that the bins before it send.

use super::chain::{Bin, Local, Piece, Step, Term};
use crate::reduced::Real;
use crate::reduced::transition::edge_distance;

/// Sums over bins of the derivatives of N numbers with respect to rows that all bins have in common.
type Common<const N: usize> = Vec<(usize, [f64; N])>;

impl Step<'_> {
    /// Those that fire.
    pub(super) fn fired(&mut self, pieces: &[Piece], bins: &[Bin]) -> usize {
        let mut common = Common::new();
        for piece in pieces {
            for lane in piece.filled() {
                let shares = [&piece.shares.leaving.mass[lane]];
                add_shares(&bins[piece.first + lane], shares, &mut common, |row, [by]| self.to.term(row, by));
            }
        }
        common.into_iter().for_each(|(row, [by])| self.to.term(row, by));
        self.to.end()
    }

    /// Neurons of every bin and their first moments, `released` ones among them.
    pub(super) fn land(&mut self, pieces: &[Piece], bins: &[Bin], q: usize, released: Term) {
        let (p, start) = (&self.parameters.populations[q], self.shape.start(q));
        let mut common = Common::new();
        for j in 0..self.shape.bins[q] {
            for (piece, lane, _, (mass, moment)) in arriving(pieces, p.h, j) {
                let bin = &bins[piece.first + lane];
                add_shares(bin, [mass, &moment.max(Local::of(0.0))], &mut common, |row, by| self.to.both(row, by));
            }
            common.drain(..).for_each(|(row, by)| self.to.both(row, by));
            if j == p.reset_bin.to_i32() as usize {
                self.to.both(released.0, [released.1, released.1 * p.reset_voltage]);
            }
            let [count, moment] = self.to.end_pair();
            self.after[self.places.counts.first + start + j] = count;
            self.after[self.places.moments.first + start + j] = moment;
        }
    }

    /// Drift moments of every bin, of two projections side by side, `released` ones among them.
    pub(super) fn land_drifts(&mut self, pieces: &[Piece], bins: &[Bin], q: usize, released: &[Term]) {
        let p = &self.parameters.populations[q];
        let incoming = self.shape.incoming(q);
        let keep = |input: usize| 1.0 - self.parameters.projections[incoming[input].projection].q;
        for inputs in pairs(incoming.len()) {
            let scale = inputs.map(keep);
            for j in 0..self.shape.bins[q] {
                for (piece, lane, y, share) in arriving(pieces, p.h, j) {
                    self.add_drifts(&bins[piece.first + lane], inputs, y, share, scale);
                }
                if j == p.reset_bin.to_i32() as usize {
                    let [one, other] = [0, 1].map(|i| (released[inputs[i]].0, scale[i] * released[inputs[i]].1));
                    self.to.term(one.0, one.1);
                    self.to.second(other.0, other.1);
                }
                let rows = self.to.end_pair();
                for (input, row) in inputs.into_iter().zip(rows) {
                    self.after[self.places.drifts.first + incoming[input].offset + j] = row;
                }
            }
        }
    }

    /// `scale` times the terms of two drift moments of a share whose origin is `y` above the centre.
    pub(super) fn add_drifts(
        &mut self,
        bin: &Bin,
        inputs: [usize; 2],
        y: f64,
        (mass, moment): (&Local, &Local),
        scale: [f64; 2],
    ) {
        let drifts = inputs.map(|input| &bin.drifts[input]);
        let about = moment.value + y * mass.value;
        let of_two = |of: &dyn Fn(f64, f64) -> f64| [0, 1].map(|i| scale[i] * of(drifts[i].c.0, drifts[i].beta.0));
        self.to.both(bin.count, of_two(&|c, beta| mass.value * c + beta * about));
        for (row, by) in &bin.own {
            let [mass_by, moment_by] = [mass, moment].map(|share| along(share, by));
            // The distance falls as the centre rises.
            let about_by = moment_by + y * mass_by - by[0] * mass.value;
            self.to.both(*row, of_two(&|c, beta| bin.n * (mass_by * c + beta * about_by)));
        }
        let [one, other] = scale.map(|scale| [scale * bin.n * mass.value, scale * bin.n * about]);
        self.to.term(drifts[0].c.1, one[0]);
        self.to.term(drifts[0].beta.1, one[1]);
        self.to.second(drifts[1].c.1, other[0]);
        self.to.second(drifts[1].beta.1, other[1]);
    }
}

/// Two projections onto a population at a time; one that is left over is a pair with itself.
pub(super) fn pairs(inputs: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..inputs).step_by(2).map(move |input| [input, (input + 1).min(inputs - 1)])
}

/// Terms of N shares of a bin, and what they add to the common ones.
fn add_shares<const N: usize>(
    bin: &Bin,
    shares: [&Local; N],
    common: &mut Common<N>,
    mut term: impl FnMut(usize, [f64; N]),
) {
    term(bin.count, shares.map(|share| share.value));
    for (row, by) in &bin.own {
        term(*row, shares.map(|share| bin.n * along(share, by)));
    }
    if common.is_empty() {
        common.extend(bin.common.iter().map(|(row, _)| (*row, [0.0; N])));
    }
    for ((_, sums), (_, by)) in common.iter_mut().zip(&bin.common) {
        for (sum, share) in sums.iter_mut().zip(shares) {
            *sum += bin.n * along(share, by);
        }
    }
}

/// The derivative of a share along a row that moves its law.
fn along(share: &Local, by: &[f64; 3]) -> f64 {
    share.tangent[0] * by[0] + share.tangent[1] * by[1] + share.tangent[2] * by[2]
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
