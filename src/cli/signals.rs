//! What becomes of SIGINT, SIGTERM and SIGHUP: while members are computed they are asked to stop, and checkpointed; at any other
//! time the process ends at once, which loses nothing. A second signal always ends it.

use super::Outcome;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Sets `stop` at a signal; ends the process at one that comes while `idle` or `stop` is set. Handlers that cannot be had leave the
/// system's own in place.
pub fn listen(stop: &Arc<AtomicBool>, idle: &Arc<AtomicBool>) {
    let status = i32::from(Outcome::Interrupted.status());
    for signal in signals() {
        let _ = register_conditional_shutdown(signal, status, idle.clone());
        let _ = register_conditional_shutdown(signal, status, stop.clone());
        let _ = register(signal, stop.clone());
    }
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
