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

/// Columns of the terminal that standard output is; more than any line has where it is none.
pub fn width() -> usize {
    console::Term::stdout().size_checked().map_or(usize::MAX, |(_, columns)| usize::from(columns).max(NARROWEST))
}

/// Lines are not broken into less.
const NARROWEST: usize = 30;

/// Prints words on as many lines as they need; all but the first begin with `indent`.
pub fn told(text: &str, indent: &str) {
    wrapped(text, indent, width()).iter().for_each(|line| say!("{line}"));
}

fn wrapped(text: &str, indent: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if line.chars().count() + 1 + word.chars().count() > width && !line.trim().is_empty() {
            lines.push(format!("{indent}{word}"));
        } else {
            *line += if line.is_empty() { "" } else { " " };
            *line += word;
        }
    }
    lines
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

/// A word as a shell reads it. Those of Windows all know the other quotes, and paths with backslashes.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=".contains(c) || cfg!(windows) && "\\:".contains(c);
    match text {
        _ if !text.is_empty() && text.chars().all(plain) => text.to_string(),
        _ if cfg!(windows) => format!("\"{}\"", text.replace('"', "\\\"")),
        _ => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn words_fit_the_terminal() {
        let text = "snn fires at E 47.08 ± 0.18 Hz, I 65.70 ± 0.18 Hz; the spectrum of E peaks at 44.2 Hz.";
        assert_eq!(wrapped(text, "  ", usize::MAX), [text]);
        let lines = wrapped(text, "  ", 30);
        assert!(lines.iter().all(|line| line.chars().count() <= 30) && lines[1].starts_with("  "), "{lines:?}");
        assert_eq!(lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "), text);
    }
}
