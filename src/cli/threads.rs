//! The threads of the process: as many as asked for, or as can be had.

use super::Usage;
use super::output::note;
use rayon::ThreadPoolBuilder;
use snn_ensemble::config::shortened;
use std::thread::available_parallelism;

/// More than any machine makes use of.
pub const MOST: usize = 1024;

/// Makes the process's pool of `wanted` threads; by default one for each core, or RAYON_NUM_THREADS. Where the system has no
/// more threads to give there are fewer, in the end this one alone.
///
/// Errors: a number that is none, or too large.
pub fn prepare(wanted: Option<&str>) -> Result<(), Usage> {
    let cores = available_parallelism().map_or(1, |cores| cores.get());
    let (name, found) = match (wanted, std::env::var("RAYON_NUM_THREADS")) {
        (Some(threads), _) => ("--threads", threads.to_string()),
        (None, Ok(threads)) => ("RAYON_NUM_THREADS", threads),
        (None, Err(_)) => ("", cores.min(MOST).to_string()),
    };
    let threads = found.parse::<usize>().ok().filter(|threads| (1..=MOST).contains(threads));
    let threads =
        threads.ok_or_else(|| Usage(format!("{name}: found {}, allowed: from 1 to {MOST}", shortened(&found))))?;
    // A failed attempt at the process's pool is final, so one that is thrown away goes first.
    let mut had = threads;
    while had > 1 && ThreadPoolBuilder::new().num_threads(had).build().is_err() {
        had /= 2;
    }
    if had < threads {
        note!("warning: the system has no {threads} threads for this process, {had} do the work");
    }
    let builder = ThreadPoolBuilder::new().num_threads(had);
    // There is a pool already, of a caller.
    let _ = if had > 1 { builder.build_global() } else { builder.use_current_thread().build_global() };
    Ok(())
}
