//! The self-check of a run on a GPU: one thread beside it computes a few members on the CPU, and the device has to have done the
//! same (`expected`).
//!
//! Both are compared after every dispatch of the device for which the CPU has come as far; so a wrong device is found early in
//! a long batch. The thread takes at most `SHARE` of the machine's time,
//! its first member apart, and the run waits at its end at most `PATIENCE` or that share of its time.

mod expected;

pub use expected::{HORIZON_MS, PEAK_MS, Seen};

use super::chain::Chain;
use super::model_at_point::MemberId;
use super::points::Ensemble;
use crate::model::{Noise, Variant};
use expected::Expected;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Of the time of all of the machine's threads.
const SHARE: f64 = 0.02;
const PATIENCE: Duration = Duration::from_millis(500);

/// How many members are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// 1 % of those to compute, at least 1 and at most [`Verify::MOST`]; for each device.
    Share,
    /// So many, or all that can be checked if there are fewer; 0: none.
    Members(u32),
}

impl Verify {
    /// Members at most by [`Verify::Share`], for each device.
    pub const MOST: u32 = 8;

    fn of(self, members: usize, devices: usize) -> usize {
        match self {
            Verify::Share => devices * (members / 100).clamp(1, Verify::MOST as usize),
            Verify::Members(n) => n as usize,
        }
    }
}

/// What a self-check did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checked {
    /// Members that were equal as far as they can be compared, of those chosen.
    pub equal: usize,
    /// Members chosen to be checked.
    pub chosen: usize,
    /// Wall time of the checking thread.
    pub seconds: f64,
}

/// A member that CPU and GPU do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The first one that was found.
    pub member: MemberId,
    /// The difference lies in the steps after the first and up to the second of these.
    pub steps: (u32, u32),
}

/// The members that are checked, and what is known of them on either side.
pub struct SelfCheck<'a> {
    ensemble: &'a Ensemble,
    watched: Mutex<HashMap<MemberId, CheckedMember>>,
    order: Vec<MemberId>,
    mismatch: Mutex<Option<Mismatch>>,
    failed: AtomicBool,
    begun: Instant,
    /// When the device had done everything.
    ended: Mutex<Option<Instant>>,
    spent: Mutex<Duration>,
}

/// What is known of a member on either side.
#[derive(Default)]
struct CheckedMember {
    /// What the device did and was not compared yet.
    device: Vec<Seen>,
    /// The last step up to which both agree.
    equal: u32,
    cpu: Option<Expected>,
}

impl<'a> SelfCheck<'a> {
    /// Chooses evenly among the members with which chains begin, the first one by the seed.
    pub fn new(ensemble: &'a Ensemble, chains: &[Chain], verify: Verify, devices: usize) -> SelfCheck<'a> {
        let experiment = &ensemble.experiment;
        let checked = |member: &MemberId| match experiment.models[member.model as usize] {
            // Where series are recorded, or the regime is followed, it runs on the CPU.
            Variant::Dsode { noise, .. } => noise == Noise::None && !experiment.analysis.lyapunov,
            _ => !ensemble.records(*member),
        };
        let eligible: Vec<MemberId> = chains.iter().map(|chain| chain.members[0]).filter(checked).collect();
        let members = chains.iter().map(|chain| chain.members.len()).sum();
        let wanted = verify.of(members, devices).min(eligible.len());
        let first = experiment.seed as usize % eligible.len().max(1);
        let at = |i: usize| eligible[(first + i * eligible.len() / wanted) % eligible.len()];
        let order: Vec<MemberId> = (0..wanted).map(at).collect();
        SelfCheck {
            ensemble,
            watched: Mutex::new(order.iter().map(|&member| (member, CheckedMember::default())).collect()),
            order,
            mismatch: Mutex::new(None),
            failed: AtomicBool::new(false),
            begun: Instant::now(),
            ended: Mutex::new(None),
            spent: Mutex::new(Duration::ZERO),
        }
    }

    /// Whether a member is one of those chosen.
    pub fn watches(&self, member: MemberId) -> bool {
        self.order.contains(&member)
    }

    /// Whether a difference was found: the device is wrong.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// The device has gone on with a member.
    pub fn device_did(&self, member: MemberId, seen: Seen) {
        let mut watched = lock(&self.watched);
        if let Some(watched) = watched.get_mut(&member) {
            watched.device.push(seen);
            self.compare(member, watched);
        }
    }

    /// Nothing more will come from the device.
    pub fn end(&self) {
        lock(&self.ended).get_or_insert_with(Instant::now);
    }

    /// The thread's work: every chosen member on the CPU, as long as there is time.
    pub fn work(&self) {
        for &member in &self.order {
            while !self.may_begin() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let begun = Instant::now();
            // A model that cannot run at a point is an error of the run itself.
            let expected = self.ensemble.at_point(member.model, member.point).ok().and_then(|at_point| {
                let key = self.ensemble.random_key(&at_point, member.realisation);
                Expected::of(&at_point, key, || !self.is_over())
            });
            *lock(&self.spent) += begun.elapsed();
            if let Some(watched) = lock(&self.watched).get_mut(&member) {
                watched.cpu = expected;
                self.compare(member, watched);
            }
            if self.is_over() {
                return;
            }
        }
    }

    /// What was checked, after the thread has ended; or what differs.
    pub fn close(self) -> Result<Checked, Mismatch> {
        if let Some(mismatch) = lock(&self.mismatch).take() {
            return Err(mismatch);
        }
        let watched = lock(&self.watched);
        let whole = |w: &&CheckedMember| w.cpu.as_ref().is_some_and(|expected| expected.steps() == w.equal);
        let equal = watched.values().filter(whole).count();
        Ok(Checked { equal, chosen: self.order.len(), seconds: lock(&self.spent).as_secs_f64() })
    }

    fn compare(&self, member: MemberId, watched: &mut CheckedMember) {
        let Some(cpu) = &watched.cpu else { return };
        for (steps, right) in watched.device.drain(..).filter_map(|seen| cpu.judge(&seen)) {
            if !right {
                lock(&self.mismatch).get_or_insert(Mismatch { member, steps: (watched.equal, steps) });
                self.failed.store(true, Ordering::Relaxed);
                return;
            }
            watched.equal = watched.equal.max(steps);
        }
    }

    /// Within the share of the machine's time, or the run has ended.
    fn may_begin(&self) -> bool {
        let threads = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
        let allowed = self.begun.elapsed().mul_f64(SHARE * threads);
        *lock(&self.spent) <= allowed || lock(&self.ended).is_some() || self.failed()
    }

    /// Found a difference, or has made a run wait for as long as it may.
    fn is_over(&self) -> bool {
        let ended = *lock(&self.ended);
        let patience = |ended: Instant| PATIENCE.max((ended - self.begun).mul_f64(SHARE));
        self.failed() || ended.is_some_and(|ended| ended.elapsed() > patience(ended))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
