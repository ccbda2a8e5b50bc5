//! What becomes of SIGINT, SIGTERM and SIGHUP: while members are computed they are asked to stop, and checkpointed; at any other
//! time the process ends at once, which loses nothing. A second signal always ends it; what comes within a second of the first is none:
//! in a Slurm job both the daemon of the node and srun send one, and a checkpoint would be lost between them.

use super::Outcome;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{exit, raise, register};
use std::io::{ErrorKind, Read, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, sleep};
use std::time::Duration;

/// Signals that are one.
const TOGETHER: Duration = Duration::from_secs(1);

/// Sets `stop` at a signal; ends the process at a first one that comes while `idle` is set, and at a second one. Handlers that cannot
/// be had leave the system's own in place.
#[allow(unsafe_code, reason = "a handler of more than one flag")]
pub fn listen(stop: &Arc<AtomicBool>, idle: &Arc<AtomicBool>) {
    let second = Arc::new(AtomicBool::new(false));
    for signal in signals() {
        let (stop, idle, second) = (stop.clone(), idle.clone(), second.clone());
        let handler = move || {
            let first = !stop.swap(true, Ordering::Relaxed);
            if second.load(Ordering::Relaxed) || first && idle.load(Ordering::Relaxed) {
                exit(Outcome::Interrupted.status().into());
            }
        };
        // SAFETY: atomics and the end of the process are all that the handler touches.
        let _ = unsafe { register(signal, handler) };
    }
    let stop = stop.clone();
    // Without a thread to be had there is no second signal.
    let _ = Builder::new().spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            sleep(TOGETHER / 10);
        }
        sleep(TOGETHER);
        second.store(true, Ordering::Relaxed);
    });
}

/// What a program that has started this one says of standard input: that it is held open for as long as the other is there.
const HELD: (&str, &str) = ("SNN_ENSEMBLE_STDIN", "parent");

/// Ends as at SIGTERM when the program that has started this one is no more, where that asks for it.
pub fn follow_parent() {
    if std::env::var_os(HELD.0).is_none_or(|of| of != HELD.1) {
        return;
    }
    // Without a thread to be had nobody is followed.
    let _ = Builder::new().spawn(|| {
        let mut bytes = [0; 64];
        loop {
            match stdin().read(&mut bytes) {
                Ok(0) => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        let _ = raise(SIGTERM);
    });
}

#[cfg(unix)]
fn signals() -> Vec<i32> {
    use signal_hook::consts::SIGHUP;
    // A hang-up that whoever started the program has ignored, as nohup does, stays ignored.
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| signal != SIGHUP || !is_ignored(signal)).collect()
}

#[cfg(not(unix))]
fn signals() -> Vec<i32> {
    vec![SIGINT, SIGTERM]
}

#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library cannot ask; nothing is changed")]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only writes the old one into what it is given.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
