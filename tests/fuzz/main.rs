//! Does any input make the program panic, hang or ask for much memory? Mangled configs, command lines and files.
//!
//! `SNN_ENSEMBLE_FUZZ=N` multiplies the number of cases by N; `.ci/fuzz` runs a million under a limit of memory.

mod files;
mod mangle;
mod texts;

/// Cases of a target: few in a usual run of the tests.
fn cases(usual: u64) -> u64 {
    let times = std::env::var("SNN_ENSEMBLE_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    usual * times
}
