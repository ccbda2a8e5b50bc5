//! Chains of members: one member each, or, in a sweep with `initial: carry`, the points of one axis in order, each starting
//! from the state in which its neighbour ended.

use super::checkpoint::{MemberState, Start};
use super::model_at_point::{Ensemble, MemberId, ModelAtPoint, hex};
use crate::config::{Direction, Experiment};
use crate::network::arithmetic::{Bins, RangeError};
use crate::network::state::{Units, carried};
use crate::reduced::{Parameters, Real, ShapeError, State};
use crate::results::{AxisValue, Key, SchemaPoint};
use std::collections::HashMap;

/// Members that run one after the other, each from the state of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub members: Vec<MemberId>,
}

/// Name of the column that tells a sweep's passes apart.
pub const COLUMN: &str = "sweep";

/// One pass of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    Forward,
    Backward,
}

impl Pass {
    pub fn name(self) -> &'static str {
        match self {
            Pass::Forward => "forward",
            Pass::Backward => "backward",
        }
    }
}

/// The passes of an experiment's sweep; none without one.
pub fn passes(experiment: &Experiment) -> &'static [Pass] {
    match experiment.sweep.as_ref().map(|s| s.direction) {
        None => &[],
        Some(Direction::Forward) => &[Pass::Forward],
        Some(Direction::Backward) => &[Pass::Backward],
        Some(Direction::Both) => &[Pass::Forward, Pass::Backward],
    }
}

/// Indices of grid points that follow each other along the swept axis, for every combination of the other axes.
pub fn lines(experiment: &Experiment) -> Vec<Vec<usize>> {
    let Some(sweep) = &experiment.sweep else { return (0..experiment.points()).map(|point| vec![point]).collect() };
    let axes = &experiment.scan.axes;
    let swept = axes.iter().position(|axis| axis.parameters.iter().any(|(p, _)| p.path == sweep.axis)).unwrap_or(0);
    let stride: usize = axes[swept + 1..].iter().map(|axis| axis.len()).product();
    let len = axes[swept].len();
    let first = (0..experiment.points()).filter(|point| (point / stride).is_multiple_of(len));
    first.map(|first| (0..len).map(|i| first + i * stride).collect()).collect()
}

/// The points of a sweep's passes, one pass after the other. A point's key tells every point before it in its chain, since
/// its results depend on them.
pub fn schema(experiment: &Experiment) -> Vec<SchemaPoint> {
    let mut points = Vec::new();
    for &pass in passes(experiment) {
        let mut of_pass: Vec<Option<SchemaPoint>> = vec![None; experiment.points()];
        for mut line in lines(experiment) {
            if pass == Pass::Backward {
                line.reverse();
            }
            let mut key = pass.name().to_string();
            for index in line {
                let point = experiment.point(index);
                key = hex(format!("{key} {}", point.network.canonical()).as_bytes());
                let mut values: Vec<AxisValue> = point.coordinates.into_iter().map(AxisValue::Number).collect();
                values.push(AxisValue::Text(pass.name().to_string()));
                of_pass[index] = Some(SchemaPoint { key: key.clone(), values });
            }
        }
        points.extend(of_pass.into_iter().flatten());
    }
    points
}

/// The chains that contain any of `members`: single ones without a sweep.
pub fn chains(ensemble: &Ensemble, members: &[MemberId]) -> Vec<Chain> {
    let experiment = &ensemble.experiment;
    if experiment.sweep.is_none() {
        return members.iter().map(|&member| Chain { members: vec![member] }).collect();
    }
    let points = experiment.points();
    let lines = lines(experiment);
    let line_of: HashMap<usize, usize> =
        lines.iter().enumerate().flat_map(|(l, line)| line.iter().map(move |&point| (point, l))).collect();
    let mut chains: HashMap<(u32, usize, usize, u32), Chain> = HashMap::new();
    for member in members {
        let (pass, grid) = (member.point as usize / points, member.point as usize % points);
        let line = line_of[&grid];
        chains.entry((member.model, pass, line, member.realisation)).or_insert_with(|| {
            let mut line = lines[line].clone();
            if passes(experiment)[pass] == Pass::Backward {
                line.reverse();
            }
            let at = |grid: usize| MemberId { point: (pass * points + grid) as u32, ..*member };
            Chain { members: line.into_iter().map(at).collect() }
        });
    }
    let mut chains: Vec<Chain> = chains.into_values().collect();
    chains.sort_by_key(|chain| chain.members[0]);
    chains
}

/// Whether a member starts from the config's initial state rather than from another member's end.
pub fn begins_chain(ensemble: &Ensemble, member: MemberId) -> bool {
    chains(ensemble, &[member]).iter().all(|chain| chain.members[0] == member)
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

/// What can go wrong between two points of a chain.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// The state in which a member of `to` starts when its neighbour of `from` ended in `state`.
pub fn carry(
    state: &MemberState,
    from: &ModelAtPoint,
    to: &ModelAtPoint,
    bins: Bins,
) -> Result<MemberState, CarryError> {
    Ok(match state {
        MemberState::Network(words) => {
            let shape = from.shape();
            let from = Units::new(&from.network, &shape, bins)?;
            let to = Units::new(&to.network, &shape, bins)?;
            MemberState::Network(carried(&shape, words, &from, &to))
        }
        MemberState::F64(state) => MemberState::F64(restarted(state, from, to)?),
        MemberState::F32(state) => MemberState::F32(restarted(state, from, to)?),
    })
}

fn restarted<T: Real>(state: &State<T>, from: &ModelAtPoint, to: &ModelAtPoint) -> Result<State<T>, ShapeError> {
    let parameters = |at: &ModelAtPoint| Parameters::new(&at.network, &at.variant);
    Ok(state.restarted(&parameters(from)?, &parameters(to)?))
}
