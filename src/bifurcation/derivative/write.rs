//! All combinations of a step, in the order in which they are computed.

use super::super::combinations::Combinations;
use super::super::map::{Line, Map};
use super::chain::{Bin, Piece, Step};
use crate::reduced::{DsodeShape, StateFields};

/// Memory to write in.
#[derive(Clone, Debug, Default)]
pub struct StepDerivative {
    pieces: Vec<Piece>,
    bins: Vec<Bin>,
}

impl StepDerivative {
    /// Whether this chain rule knows the steps of a shape: not those of a linear density, of nonlinear neurons or of kicks that rise, nor
    /// spikes on their way.
    pub fn knows(shape: &DsodeShape) -> bool {
        !shape.linear && shape.ring == 1 && shape.flow_points() == 0 && shape.rising.is_empty()
    }

    /// DPhi(x). Of a bin without neurons, whose share of them could go anywhere, the derivative is 0, but where
    /// none of its population returns to v_reset. False where the step is one
    /// that this chain rule does not know.
    pub fn write(&mut self, map: &mut Map<f64>, x: &[f64], to: &mut Combinations) -> bool {
        if !StepDerivative::knows(map.shape()) {
            return false;
        }
        map.load(x);
        map.seed_silent();
        to.clear(x.len());
        let (parameters, shape) = (map.parameters(), map.shape());
        let state = map.state().fields(shape);
        let after = vec![usize::MAX; map.state().numbers.len()];
        let (places, rows) = (StateFields::of(shape), map.rows().to_vec());
        let (residual, refractory) = (vec![], vec![]);
        let mut step = Step { parameters, shape, state, places, rows, to, residual, refractory, after };
        step.find_refractory();
        step.find_residual();
        let fired: Vec<usize> = (0..shape.populations()).map(|q| self.population(&mut step, q)).collect();
        step.receive_kicks(&fired);
        let Step { mut after, to, .. } = step;
        for &Line { first, len, .. } in map.lines() {
            after[first..first + len].rotate_left(1);
        }
        let known = map.coordinates().iter().all(|&place| after[place] != usize::MAX);
        map.coordinates().iter().filter(|_| known).for_each(|&place| to.output(after[place]));
        known
    }

    /// Everything of one population; the row of those that fired.
    fn population(&mut self, step: &mut Step, q: usize) -> usize {
        step.find_bins(&mut self.bins, q);
        step.find_laws(&mut self.bins, &mut self.pieces, q);
        let (pieces, bins) = (&self.pieces[..], &self.bins[..]);
        let fired = step.fired(pieces, bins);
        let released = step.settle(q, fired);
        step.land(pieces, bins, q, released);
        if step.shape.coloured {
            let released = step.settle_drifts(pieces, bins, q);
            step.land_drifts(pieces, bins, q, &released);
        }
        fired
    }
}
