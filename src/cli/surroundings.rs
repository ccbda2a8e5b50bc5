//! What the process needs of its environment before it begins.

/// Names a directory for sockets where the session has none: Mesa's layer for Vulkan complains on standard error without, and looks
/// for a compositor there, which this program has no use for.
#[allow(unsafe_code, reason = "the environment can be changed while there is one thread")]
pub fn prepare() {
    const NAME: &str = "XDG_RUNTIME_DIR";
    if cfg!(unix) && std::env::var_os(NAME).is_none_or(|directory| directory.is_empty()) {
        // SAFETY: called first in `main`, no other thread reads the environment.
        unsafe { std::env::set_var(NAME, std::env::temp_dir()) }
    }
}
