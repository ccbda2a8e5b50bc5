//! Where finished members go: the log, at once, and a count of what failed.

use super::observer::MemberError;
use super::progress::Progress;
use super::setting::Member;
use crate::results::{MemberLog, Record, ResultError};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by every thread of a run.
pub struct Sink<'a> {
    log: Mutex<&'a mut MemberLog>,
    pub progress: &'a Progress,
    stop: &'a AtomicBool,
    failures: Mutex<Vec<(Member, MemberError)>>,
    trouble: Mutex<Option<ResultError>>,
}

impl<'a> Sink<'a> {
    pub fn new(log: &'a mut MemberLog, progress: &'a Progress, stop: &'a AtomicBool) -> Sink<'a> {
        let (failures, trouble) = (Mutex::new(vec![]), Mutex::new(None));
        Sink { log: Mutex::new(log), progress, stop, failures, trouble }
    }

    /// No interruption and no trouble with the disk so far.
    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed) && lock(&self.trouble).is_none()
    }

    /// Keeps a finished member.
    pub fn accept(&self, record: Record) {
        if let Err(error) = lock(&self.log).append(&[record]) {
            lock(&self.trouble).get_or_insert(error);
            return;
        }
        self.progress.member();
    }

    /// Notes a member that has no result.
    pub fn reject(&self, member: Member, error: MemberError) {
        lock(&self.failures).push((member, error));
        self.progress.member();
    }

    /// What failed, in the order of the outline; or why nothing more could be written.
    pub fn close(self) -> Result<Vec<(Member, MemberError)>, ResultError> {
        if let Some(error) = lock(&self.trouble).take() {
            return Err(error);
        }
        let mut failures = self.failures.into_inner().unwrap_or_else(|e| e.into_inner());
        failures.sort_by_key(|(member, _)| *member);
        Ok(failures)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
