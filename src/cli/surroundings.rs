//! What the process needs of its environment before it begins.

/// Names a directory for sockets where the session has none: Mesa's layer for Vulkan complains on standard error without, and looks
/// for a compositor there, which this program has no use for.
#[allow(unsafe_code, reason = "the environment can be changed while there is one thread")]
pub fn prepare() {
    const NAME: &str = "XDG_RUNTIME_DIR";
    // Mesa takes no relative one.
    let is_there = |directory: std::ffi::OsString| std::path::Path::new(&directory).is_absolute();
    if cfg!(unix) && !std::env::var_os(NAME).is_some_and(is_there) {
        // SAFETY: called first in `main`, no other thread reads the environment.
        unsafe { std::env::set_var(NAME, std::env::temp_dir()) }
    }
}
