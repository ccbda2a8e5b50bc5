//! Chains of members: one member each, or, in a sweep with `initial: carry`, the points of one line in order, each starting
//! from the state in which its neighbour ended.

use super::carry_error::CarryError;
use super::checkpoint::{MemberState, Start};
use super::model_at_point::{MemberId, ModelAtPoint};
use super::points::Ensemble;
use crate::network::state::{Units, carried};
use crate::reduced::{Parameters, Real, State};
use crate::results::Key;
use std::collections::HashMap;

/// Members that run one after the other, each from the state of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub members: Vec<MemberId>,
}

/// A chain with where it begins, and which of a wave's models at a point each of its members is of.
pub struct ChainWork {
    pub chain: Chain,
    pub start: Start,
    pub at_points: Vec<usize>,
}

impl Chain {
    /// Where the chain goes on: the last of its members that was under way, if all before it are finished, else its first.
    pub fn resume(
        mut self,
        ensemble: &Ensemble,
        starts: &mut HashMap<Key, Start>,
        finished: impl Fn(&Key) -> bool,
    ) -> (Chain, Start) {
        let keys: Vec<Key> = self.members.iter().map(|&member| ensemble.record_key(member)).collect();
        let at = keys.iter().rposition(|key| starts.contains_key(key));
        match at.filter(|&at| keys[..at].iter().all(&finished)) {
            Some(at) => {
                self.members.drain(..at);
                (self, starts.remove(&keys[at]).unwrap_or(Start::BEGIN))
            }
            None => (self, Start::BEGIN),
        }
    }
}

/// The state in which a member of `to` starts when its neighbour of `from` ended in `state`.
pub fn carry(state: &MemberState, from: &ModelAtPoint, to: &ModelAtPoint) -> Result<MemberState, CarryError> {
    Ok(match state {
        MemberState::Network(words) => {
            let (shape, next) = (from.shape(), to.shape());
            let before = Units::new(&from.network, &shape, &from.bins)?;
            let after = Units::new(&to.network, &next, &to.bins)?;
            MemberState::Network(carried((&shape, &next), from.steps, words, &before, &after))
        }
        MemberState::F64(state) => MemberState::F64(restarted(state, from, to)?),
        MemberState::F32(state) => MemberState::F32(restarted(state, from, to)?),
    })
}

fn restarted<T: Real>(state: &State<T>, from: &ModelAtPoint, to: &ModelAtPoint) -> Result<State<T>, CarryError> {
    let parameters = |at: &ModelAtPoint| Parameters::with_bins(&at.network, &at.variant, &at.dsode_bins);
    let (before, after) = (from.bin_counts(), to.bin_counts());
    if before != after {
        return Err(CarryError::Bins { before, after });
    }
    Ok(state.restarted(&parameters(from)?, &parameters(to)?))
}
