//! Two kinds of work at once, of which one shall not queue behind the other.

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads of their own for such work; `None` for one, and where there are none to be had.
pub fn threads(number: usize) -> Option<ThreadPool> {
    if number < 2 {
        return None;
    }
    ThreadPoolBuilder::new().num_threads(number).build().ok()
}

/// Does `other` on `threads` while this thread does `main`; without threads of its own it takes those of everything.
pub fn beside<T>(threads: Option<&ThreadPool>, other: impl FnOnce() + Send, main: impl FnOnce() -> T) -> T {
    match threads {
        Some(threads) => threads.in_place_scope(|scope| {
            scope.spawn(|_| other());
            main()
        }),
        None => rayon::in_place_scope(|scope| {
            scope.spawn(|_| other());
            main()
        }),
    }
}
