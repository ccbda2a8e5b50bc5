//! Standard output and error that may be closed or full: a reader who has seen enough ends the program quietly, a full disk is an
//! error, and what cannot be said on standard error stays unsaid.

use super::Outcome;
use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Exit status of a program whose reader has gone, as a shell reports it.
const NO_READER: i32 = 128 + 13;

/// Prints a line on standard output.
macro_rules! say {
    () => { $crate::cli::output::write(format_args!("\n")) };
    ($($part:tt)*) => { $crate::cli::output::write(format_args!("{}\n", format_args!($($part)*))) };
}

/// Prints a line on standard error.
macro_rules! note {
    ($($part:tt)*) => { $crate::cli::output::write_error(format_args!("{}\n", format_args!($($part)*))) };
}

pub(crate) use {note, say};

/// Writes to standard output; ends the program where that cannot be.
pub fn write(text: Arguments) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        ended(&error);
    }
}

/// Writes to standard error, if anybody listens.
pub fn write_error(text: Arguments) {
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// Nothing more can be printed. What the program has computed by then is in files.
pub fn ended(error: &std::io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(NO_READER);
    }
    note!("error: standard output: {error}");
    std::process::exit(Outcome::Failed.status().into())
}
