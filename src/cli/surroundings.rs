//! What the process needs of its environment before it begins.

/// Names a directory for sockets where the session has none: Mesa's layer for Vulkan complains on standard error without, and looks
/// for a compositor there, which this program has no use for. Ignores what the system sends for files that are too large.
#[allow(unsafe_code, reason = "the environment can be changed while there is one thread; a signal is ignored")]
pub fn prepare() {
    // A write beyond the limit on file sizes is an error with a name, as on a full disk, in place of a signal that ends the process.
    #[cfg(unix)]
    // SAFETY: no handler is set, the signal is ignored.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
    const NAME: &str = "XDG_RUNTIME_DIR";
    // Mesa takes no relative one.
    let is_there = |directory: std::ffi::OsString| std::path::Path::new(&directory).is_absolute();
    if cfg!(unix) && !std::env::var_os(NAME).is_some_and(is_there) {
        // SAFETY: called first in `main`, no other thread reads the environment.
        unsafe { std::env::set_var(NAME, std::env::temp_dir()) }
    }
}
