//! Where finished members go: the log, at once, and a count of what failed.

use super::checkpoint::{Checkpoints, Start};
use super::model_at_point::MemberId;
use super::observer::MemberError;
use super::progress::Progress;
use super::self_check::SelfCheck;
use crate::results::{EncodedRecord, Key, MemberLog, Record, ResultError};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The log, and when it was last made to survive a loss of power.
struct Kept<'a> {
    log: &'a mut MemberLog,
    synced: Instant,
}

impl Kept<'_> {
    fn sync(&mut self) -> Result<(), ResultError> {
        self.synced = Instant::now();
        self.log.sync()
    }
}

/// Shared by every thread of a run.
pub struct Sink<'a> {
    log: Mutex<Kept<'a>>,
    pub progress: &'a Progress,
    pub checkpoints: &'a Checkpoints,
    /// Of a run on a GPU.
    pub check: Option<&'a SelfCheck<'a>>,
    stop: &'a AtomicBool,
    /// A device failed in a way that ends the run.
    halted: AtomicBool,
    failures: Mutex<BTreeMap<MemberId, MemberError>>,
    trouble: Mutex<Option<ResultError>>,
}

impl<'a> Sink<'a> {
    pub fn new(
        log: &'a mut MemberLog,
        progress: &'a Progress,
        checkpoints: &'a Checkpoints,
        check: Option<&'a SelfCheck<'a>>,
        stop: &'a AtomicBool,
    ) -> Sink<'a> {
        let (failures, trouble, halted) = (Mutex::default(), Mutex::new(None), AtomicBool::new(false));
        Sink {
            log: Mutex::new(Kept { log, synced: Instant::now() }),
            progress,
            checkpoints,
            check,
            stop,
            halted,
            failures,
            trouble,
        }
    }

    /// No interruption, no trouble with the disk and no wrong or failed device so far.
    pub fn goes_on(&self) -> bool {
        let asked = self.stop.load(Ordering::Relaxed) || self.halted.load(Ordering::Relaxed);
        !asked && lock(&self.trouble).is_none() && !self.device_is_wrong()
    }

    /// Has everything stop, with what is under way kept.
    pub fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    fn device_is_wrong(&self) -> bool {
        self.check.is_some_and(SelfCheck::failed)
    }

    /// Keeps finished members; as often as checkpoints are written it makes the log survive a loss of power.
    pub fn accept(&self, records: impl IntoIterator<Item = Record>) {
        // Others wait for the log, not for what becomes of a record before it gets there.
        let records: Vec<EncodedRecord> = records.into_iter().map(EncodedRecord::from).collect();
        let members = records.len();
        let mut kept = lock(&self.log);
        let appended = kept.log.append(records);
        let due = kept.synced.elapsed() >= self.checkpoints.every;
        let kept = appended.and_then(|()| if due { kept.sync() } else { Ok(()) });
        if let Err(error) = kept {
            lock(&self.trouble).get_or_insert(error);
            return;
        }
        (0..members).for_each(|_| self.progress.member());
    }

    /// Removes the checkpoint whose first member this is: its members are in the log, for good.
    pub fn forget(&self, first: &Key) {
        match lock(&self.log).sync() {
            Ok(()) => self.checkpoints.remove(first),
            Err(error) => _ = lock(&self.trouble).get_or_insert(error),
        }
    }

    /// Keeps what is under way; the first member's key names it.
    pub fn checkpoint(&self, members: Vec<(Key, Start)>) {
        if self.device_is_wrong() {
            return;
        }
        if let Err(error) = self.checkpoints.write(members) {
            lock(&self.trouble).get_or_insert(error);
        }
    }

    /// Notes a member that has no result; again if its batch ran again.
    pub fn reject(&self, member: MemberId, error: MemberError) {
        if lock(&self.failures).insert(member, error).is_none() {
            self.progress.member();
        }
    }

    /// What failed, in the order of the schema; or why nothing more could be written.
    pub fn close(self) -> Result<Vec<(MemberId, MemberError)>, ResultError> {
        if let Some(error) = lock(&self.trouble).take() {
            return Err(error);
        }
        Ok(self.failures.into_inner().unwrap_or_else(|e| e.into_inner()).into_iter().collect())
    }
}

/// Looks after one member on the CPU: progress, the stop flag, and checkpoints.
pub struct Watcher<'a, 'b> {
    /// `None`: nobody looks after it.
    sink: Option<(&'a Sink<'b>, Key)>,
    /// Neurons, or bins, that a step advances.
    size: u64,
    dt: f64,
    last: Instant,
    written: bool,
}

impl<'a, 'b> Watcher<'a, 'b> {
    pub fn new(sink: &'a Sink<'b>, key: Key, size: u64, dt: f64) -> Watcher<'a, 'b> {
        Watcher { sink: Some((sink, key)), size, dt, last: Instant::now(), written: false }
    }

    /// For a member outside any run: it goes on to its end.
    pub fn alone() -> Watcher<'a, 'b> {
        Watcher { sink: None, size: 0, dt: 0.0, last: Instant::now(), written: false }
    }

    /// Takes note of `steps` steps.
    pub fn count(&self, steps: u32) {
        if let Some((sink, _)) = &self.sink {
            sink.progress.steps(u64::from(steps), 1, self.size, self.dt);
        }
    }

    /// Keeps `snapshot` of a member that has more to do if it is time to, and tells whether to go on.
    pub fn after(&mut self, snapshot: impl FnOnce() -> Start) -> bool {
        let Some((sink, key)) = &self.sink else { return true };
        let goes_on = sink.goes_on();
        if !goes_on || self.last.elapsed() >= sink.checkpoints.every {
            sink.checkpoint(vec![(key.clone(), snapshot())]);
            self.last = Instant::now();
            self.written = true;
        }
        goes_on
    }

    /// The member has its result, and needs no checkpoint any more.
    pub fn finish(self, resumed: bool) {
        if let Some((sink, key)) = &self.sink
            && (self.written || resumed)
        {
            sink.forget(key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
