//! Network members on the CPU: each runs to its end on one thread, or shares a large network's steps out.

use super::checkpoint::{MemberState, Start};
use super::model_at_point::ModelAtPoint;
use super::observer::{MemberError, Observer};
use super::recorder::Recorder;
use super::sink::Watcher;
use crate::network::cpu_member::{CpuMember, CpuSplit, PreparedNetwork};
use crate::statistics::StatisticsScratch;
use std::sync::Arc;

/// A member that ran to its end: what was seen, and the state it ended in.
pub type Ended = (Observer, MemberState);

/// A member from `start` to its end; `None` if `watcher` stopped it.
pub fn run(
    network: &Arc<PreparedNetwork>,
    at_point: &ModelAtPoint,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    threads: bool,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    let mut observer = start.observer.unwrap_or_else(|| Observer::new(&at_point.plan, recorder));
    let mut scratch = StatisticsScratch::default();
    let mut cpu_member = CpuMember::of(network.clone(), key, CpuSplit { threads, ..CpuSplit::default() });
    if let Some(MemberState::Network(words)) = &start.state {
        cpu_member.restore(start.step, words);
    }
    let state = |cpu_member: &CpuMember| cpu_member.words().map(MemberState::Network);
    while cpu_member.step() < at_point.steps {
        let first = cpu_member.step();
        let output = cpu_member.dispatch(at_point.steps, |context, step, member| {
            if !recorder.is_idle() {
                recorder.network_step(&mut observer.series, at_point, context, &network.units, step, member);
            }
        });
        observer.network(&at_point.plan, &mut scratch, &network.shape, &network.point.projections, &output)?;
        watcher.count(cpu_member.step() - first);
        let snapshot =
            || Start { step: cpu_member.step(), state: state(&cpu_member), observer: Some(observer.clone()) };
        if cpu_member.step() < at_point.steps && !watcher.after(snapshot) {
            return Ok(None);
        }
    }
    Ok(state(&cpu_member).map(|state| (observer, state)))
}
