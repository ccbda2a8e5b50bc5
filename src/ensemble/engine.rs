//! Which of a wave of chains run where: all on the CPU, or those that record every neuron there, beside the others on devices.

use super::beside::{beside, threads};
use super::chain::{Chain, ChainWork, carry};
use super::checkpoint::{MemberState, Start};
use super::cpu;
use super::devices::{Loss, on_devices};
use super::gpu::Device;
use super::model_at_point::{MemberId, ModelAtPoint};
use super::observer::MemberError;
use super::points::Ensemble;
use super::queue::Queue;
use super::recorder::Recorder;
use super::reduced;
use super::run_error::RunError;
use super::sink::{Sink, Watcher};
use crate::model::Variant;
use crate::network::cpu_member::{DISPATCH_STEPS, PreparedNetwork};
use crate::results::Key;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// Chains and points that are prepared together; bounds the host's memory. A point on the CPU has tables of its own. A device has
/// nothing to do where one wave ends and the next begins.
const CHAINS: usize = 1 << 18;
const POINTS: usize = 1 << 15;
const POINTS_ON_CPU: usize = 256;

/// Consecutive chains that are computed together.
pub fn waves(chains: &[Chain], gpu: bool) -> impl Iterator<Item = &[Chain]> {
    let most = if gpu { POINTS } else { POINTS_ON_CPU };
    let mut rest = chains;
    std::iter::from_fn(move || {
        let (mut points, mut last) = (0, None);
        let end = rest.iter().take(CHAINS).position(|chain| {
            let first = chain.members[0];
            points += if last == Some(first.point) { 0 } else { chain.members.len() };
            last = Some(first.point);
            points > most.max(chain.members.len())
        });
        let (wave, after) = rest.split_at(end.unwrap_or(rest.len().min(CHAINS)));
        rest = after;
        (!wave.is_empty()).then_some(wave)
    })
}

/// What computes the members of a run.
pub struct Engine<'a> {
    pub ensemble: &'a Ensemble,
    /// None: the CPU computes.
    pub devices: Vec<&'a mut Device>,
    /// Members that were under way when an earlier run ended.
    pub starts: HashMap<Key, Start>,
    /// Members with a result, for the beginnings of chains.
    pub finished: HashSet<Key>,
    /// Devices that were lost for good, and why.
    pub lost: Vec<String>,
    /// Members that they left, with a result or without.
    pub undone: HashSet<MemberId>,
}

impl Engine<'_> {
    /// Computes a wave to its end, or until the run is stopped.
    pub fn compute(&mut self, chains: &[Chain], sink: &Sink) -> Result<(), RunError> {
        let mut at_points: Vec<ModelAtPoint> = Vec::new();
        let mut known: HashMap<(u32, u32), usize> = HashMap::new();
        let mut work = Vec::with_capacity(chains.len());
        for chain in chains {
            let (chain, start) =
                chain.clone().resume(self.ensemble, &mut self.starts, |key| self.finished.contains(key));
            let mut of_chain = Vec::with_capacity(chain.members.len());
            for member in &chain.members {
                of_chain.push(match known.get(&(member.model, member.point)) {
                    Some(&index) => index,
                    None => {
                        at_points.push(self.ensemble.at_point(member.model, member.point)?);
                        known.insert((member.model, member.point), at_points.len() - 1);
                        at_points.len() - 1
                    }
                });
            }
            work.push(ChainWork { chain, start, at_points: of_chain });
        }
        let Engine { ensemble, devices, .. } = self;
        if devices.is_empty() {
            on_cpu(ensemble, work, &at_points, sink);
            return Ok(());
        }
        // Series of a network need every neuron of every step; the CPU computes the same members. Tangents need f64.
        let (watched, plain): (Vec<_>, Vec<_>) = work.into_iter().partition(|work| {
            let at_point = &at_points[work.at_points[0]];
            let network = !matches!(at_point.variant, Variant::Dsode { .. });
            at_point.follows_regime() || network && work.chain.members.iter().any(|&member| ensemble.records(member))
        });
        let queue = Queue::new(plain, &at_points, devices.len());
        let losses = if watched.is_empty() {
            on_devices(devices, &queue, ensemble, sink)
        } else {
            // Statistics of batches do not queue behind whole members.
            let own = threads(rayon::current_num_threads());
            let members = || on_cpu(ensemble, watched, &at_points, sink);
            beside(own.as_ref(), members, || on_devices(devices, &queue, ensemble, sink))
        };
        // The last one first, so that the others' places hold.
        for Loss { place, members, error } in losses?.into_iter().rev() {
            self.lost.push(format!("{}: {error}", self.devices.remove(place).gpu.name()));
            self.undone.extend(members);
        }
        Ok(())
    }
}

/// Each chain on a thread, the first ones first.
fn on_cpu(ensemble: &Ensemble, work: Vec<ChainWork>, at_points: &[ModelAtPoint], sink: &Sink) {
    let prepared: Vec<OnceLock<Arc<PreparedNetwork>>> = at_points.iter().map(|_| OnceLock::new()).collect();
    let threads = work.len() < rayon::current_num_threads();
    // Threads take the chains one by one, in their order; a list that was cut among them would be begun in several places.
    work.into_iter().par_bridge().for_each(|ChainWork { chain, mut start, at_points: of_chain }| {
        for (position, (&member, &index)) in chain.members.iter().zip(&of_chain).enumerate() {
            if !sink.goes_on() {
                return;
            }
            let at_point = &at_points[index];
            let ended = member_on_cpu(ensemble, member, at_point, &prepared[index], start, threads, sink);
            let (Some(state), Some(&next)) = (ended, of_chain.get(position + 1)) else { return };
            start = match carry(&state, at_point, &at_points[next]) {
                Ok(state) => Start::carried(state),
                Err(error) => return sink.reject(chain.members[position + 1], error.into()),
            };
        }
    });
}

/// One member to its end and into the log: the state it ended in, `None` if it was stopped or has no result.
fn member_on_cpu(
    ensemble: &Ensemble,
    member: MemberId,
    at_point: &ModelAtPoint,
    prepared: &OnceLock<Arc<PreparedNetwork>>,
    start: Start,
    threads: bool,
    sink: &Sink,
) -> Option<MemberState> {
    let record_key = at_point.record_key(member.realisation);
    let key = ensemble.random_key(at_point, member.realisation);
    let recorder = Recorder::new(at_point, &ensemble.experiment.record, member.realisation);
    let resumed = start.step > 0;
    let mut watcher = Watcher::new(sink, record_key.clone(), at_point.size(), at_point.network.dt);
    let outcome = if let Variant::Dsode { .. } = at_point.variant {
        reduced::run(at_point, key, start, &recorder, &mut watcher)
    } else {
        let network = match prepared.get() {
            Some(network) => Ok(network),
            None => PreparedNetwork::new(&at_point.member_setup(), DISPATCH_STEPS)
                .map(|network| prepared.get_or_init(|| Arc::new(network))),
        };
        network
            .map_err(MemberError::Range)
            .and_then(|network| cpu::run(network, at_point, key, start, &recorder, threads, &mut watcher))
    };
    match outcome {
        Ok(Some((observer, state))) => {
            sink.accept([observer.finish(&at_point.plan, record_key)]);
            watcher.finish(resumed);
            Some(state)
        }
        Ok(None) => None,
        Err(error) => {
            sink.reject(member, error);
            None
        }
    }
}
