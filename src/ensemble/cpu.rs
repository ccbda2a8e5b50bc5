//! Network members on the CPU: each runs to its end on one thread, or shares a large network's steps out.

use super::checkpoint::{MemberState, Start};
use super::observer::{MemberError, Observer};
use super::recorder::Recorder;
use super::setting::Setting;
use super::sink::Watcher;
use crate::network::solo::{CpuCut, Placed, Solo};
use std::sync::Arc;

/// A member that ran to its end: what was seen, and the state it ended in.
pub type Ended = (Observer, MemberState);

/// A member from `start` to its end; `None` if `watcher` stopped it.
pub fn run(
    network: &Arc<Placed>,
    setting: &Setting,
    key: [u32; 4],
    start: Start,
    recorder: &Recorder,
    threads: bool,
    watcher: &mut Watcher,
) -> Result<Option<Ended>, MemberError> {
    let mut observer = start.observer.unwrap_or_else(|| Observer::new(&setting.plan, recorder));
    let mut scratch = setting.plan.scratch();
    let mut solo = Solo::of(network.clone(), key, CpuCut { threads, ..CpuCut::default() });
    if let Some(MemberState::Network(words)) = &start.state {
        solo.restore(start.step, words);
    }
    let state = |solo: &Solo| solo.words().map(MemberState::Network);
    while solo.step() < setting.steps {
        let first = solo.step();
        let output = solo.piece(setting.steps, |context, step, member| {
            if !recorder.is_idle() {
                recorder.network_step(&mut observer, setting, context, step, member);
            }
        });
        observer.network(&setting.plan, &mut scratch, &network.shape, &output)?;
        watcher.count(solo.step() - first);
        let snapshot = || Start { step: solo.step(), state: state(&solo), observer: Some(observer.clone()) };
        if solo.step() < setting.steps && !watcher.after(snapshot) {
            return Ok(None);
        }
    }
    Ok(state(&solo).map(|state| (observer, state)))
}
