//! What a long job says while it goes on: a bar on a terminal, plain lines otherwise, nothing with `--quiet`.

use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time between plain lines.
const LINE: Duration = Duration::from_secs(10);

/// What is told is told to standard error.
pub struct Shown {
    bar: Option<ProgressBar>,
    lines: bool,
    last_line: Mutex<Instant>,
}

impl Shown {
    /// Of so many things, if that is known.
    pub fn new(quiet: bool, total: Option<u64>) -> Shown {
        let terminal = std::io::stderr().is_terminal();
        let bar = || ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
        Shown { bar: (!quiet && terminal).then(bar), lines: !quiet && !terminal, last_line: Mutex::new(Instant::now()) }
    }

    /// `None` without a terminal.
    pub fn bar(&self) -> Option<&ProgressBar> {
        self.bar.as_ref()
    }

    /// `message` beside the bar; where there is none, `line` if it is time for one.
    pub fn say(&self, message: impl Into<String>, line: impl FnOnce(&str) -> String) {
        let message = message.into();
        if let Some(bar) = &self.bar {
            bar.set_message(message);
            bar.tick();
            return;
        }
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if self.lines && last.elapsed() >= LINE {
            *last = Instant::now();
            // nobody may be listening
            let _ = writeln!(std::io::stderr(), "{}", line(&message));
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
