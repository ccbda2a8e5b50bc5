//! What becomes of SIGINT, SIGTERM and SIGHUP, and on Windows of Ctrl-C, Ctrl-Break and a console that closes: while members are
//! computed they are asked to stop, and checkpointed; at any other time the process ends at once, which loses nothing. A second signal
//! always ends it; what comes within a second of the first is none: in a Slurm job both the daemon of the node and srun send one, and a
//! checkpoint would be lost between them.

use super::Outcome;
use std::io::{ErrorKind, Read, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, sleep};
use std::time::Duration;

/// Signals that are one.
const TOGETHER: Duration = Duration::from_secs(1);

/// Sets `stop` at a signal; ends the process at a first one that comes while `idle` is set, and at a second one. Handlers that cannot
/// be had leave the system's own in place.
pub fn listen(stop: &Arc<AtomicBool>, idle: &Arc<AtomicBool>) {
    let second = Arc::new(AtomicBool::new(false));
    system::handle({
        let (stop, idle, second) = (stop.clone(), idle.clone(), second.clone());
        move || {
            let first = !stop.swap(true, Ordering::Relaxed);
            if second.load(Ordering::Relaxed) || first && idle.load(Ordering::Relaxed) {
                system::exit();
            }
        }
    });
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
        system::terminate();
    });
}

#[cfg(unix)]
mod system {
    use super::Outcome;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::low_level;

    /// Has the signals call a function that touches nothing but atomics, or [`exit`].
    #[allow(unsafe_code, reason = "a handler of more than one flag")]
    pub fn handle(handler: impl Fn() + Clone + Send + Sync + 'static) {
        // A hang-up that whoever started the program has ignored, as nohup does, stays ignored.
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| signal != SIGHUP || !is_ignored(signal)) {
            // SAFETY: atomics and the end of the process are all that the handler touches.
            let _ = unsafe { low_level::register(signal, handler.clone()) };
        }
    }

    pub fn exit() -> ! {
        low_level::exit(Outcome::Interrupted.status().into())
    }

    pub fn terminate() {
        let _ = low_level::raise(SIGTERM);
    }

    #[allow(unsafe_code, reason = "the standard library cannot ask; nothing is changed")]
    fn is_ignored(signal: i32) -> bool {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: without a new action the call only writes the old one into what it is given.
        unsafe {
            libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        }
    }
}

#[cfg(windows)]
mod system {
    use super::Outcome;
    use std::sync::OnceLock;

    static HANDLER: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

    /// Has what the console says call a function, in a thread of its own.
    pub fn handle(handler: impl Fn() + Send + Sync + 'static) {
        if HANDLER.set(Box::new(handler)).is_ok() {
            let _ = ctrlc::set_handler(terminate);
        }
    }

    pub fn exit() -> ! {
        std::process::exit(Outcome::Interrupted.status().into())
    }

    pub fn terminate() {
        match HANDLER.get() {
            Some(handler) => handler(),
            None => exit(),
        }
    }
}
