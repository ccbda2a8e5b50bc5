//! What is wrong with a config: always the place, the key, what was found, what is allowed and the likely fix.

use super::position::Position;
use std::borrow::Cow;
use std::fmt;
use thiserror::Error;

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct ConfigError {
    /// Name of the config file.
    pub file: String,
    /// Where it was written.
    pub position: Position,
    /// Dotted path of the key, empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with the key: what was found, what is allowed, and the likely fix where there is one.
#[derive(Clone, Debug, PartialEq, Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum Problem {
    /// The text is no YAML of the kind that a config is.
    #[error("not readable as YAML: {message}{}", suffix(.fix))]
    Syntax { message: String, fix: Option<String> },
    /// A value that is not allowed.
    #[error("found {found}, allowed: {allowed}{}", suffix(.fix))]
    Value { found: String, allowed: String, fix: Option<String> },
    /// A key that the table does not have.
    #[error("unknown key{} (allowed: {})", suffix(.fix), any(.allowed))]
    UnknownKey { fix: Option<String>, allowed: Vec<String> },
    /// A key that the same map has twice.
    #[error("given twice, first {first}; remove one of the two")]
    Duplicate { first: Position },
    /// A key that is needed.
    #[error("missing, needed: {allowed}")]
    Missing { allowed: String },
    /// A combination of scanned values that the base network does not have.
    #[error("at point {point} of the scan ({}): {problem}", assignments(.coordinates))]
    AtPoint { point: usize, coordinates: Vec<(String, f64)>, problem: Box<Problem> },
}

/// Everything that is wrong with a config, in the order of the file.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl Problem {
    pub(super) fn value(found: impl Into<String>, allowed: impl Into<String>) -> Problem {
        Problem::Value { found: found.into(), allowed: allowed.into(), fix: None }
    }

    pub(super) fn fixable(found: impl Into<String>, allowed: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem::Value { found: found.into(), allowed: allowed.into(), fix: Some(fix.into()) }
    }

    /// A word that is not among the `allowed` ones; the nearest of them is the likely fix.
    pub(super) fn unknown_word(found: String, allowed: &[&str], text: &str) -> Problem {
        let fix = meant(text, allowed.iter().copied());
        Problem::Value { found, allowed: allowed.join(" or "), fix }
    }
}

/// Words that are as near as each other, of which more say nothing.
const MOST: usize = 3;
/// Words of the field that are no keys, and whose meaning no key has, however alike they look.
const OTHERS: [&str; 5] = ["current", "distance", "mean", "noise", "sigma"];

/// Asks for the candidate that is most like `text`, or several that are as like, if any is at all and `text` is no word with a meaning of
/// its own.
pub(super) fn meant<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    if OTHERS.contains(&text.to_lowercase().as_str()) {
        return None;
    }
    // At least six in ten letters are as they should be, as in tau_reff, exitatory and E<-l; of unrelated words fewer are.
    let similar = |c: &str| strsim::normalized_damerau_levenshtein(&text.to_lowercase(), &c.to_lowercase());
    let near: Vec<_> = candidates.map(|c| (similar(c), c)).filter(|(s, _)| *s >= 0.6).collect();
    let most = near.iter().map(|(s, _)| *s).fold(0.0, f64::max);
    let mut nearest: Vec<&str> = near.into_iter().filter(|(s, _)| *s == most).map(|(_, c)| c).take(MOST).collect();
    nearest.dedup();
    (!nearest.is_empty()).then(|| format!("did you mean {}?", nearest.join(" or ")))
}

fn suffix(fix: &Option<String>) -> String {
    fix.as_ref().map_or_else(String::new, |fix| format!("; {fix}"))
}

fn any(keys: &[String]) -> String {
    if keys.is_empty() { "none".into() } else { keys.join(", ") }
}

fn assignments(coordinates: &[(String, f64)]) -> String {
    coordinates.iter().map(|(path, value)| format!("{path} = {value}")).collect::<Vec<_>>().join(", ")
}

/// Characters of a part of a message; the keys of the longest section have fewer.
const LONGEST: usize = 2000;

/// A text without its middle where it is too long to be read.
pub fn shortened(text: &str) -> Cow<'_, str> {
    let characters = text.chars().count();
    if characters <= LONGEST {
        return text.into();
    }
    let (begin, end) = (text.chars().take(LONGEST / 2), text.chars().skip(characters - LONGEST / 4));
    let left_out = characters - LONGEST / 2 - LONGEST / 4;
    format!("{} [... {left_out} characters ...] {}", begin.collect::<String>(), end.collect::<String>()).into()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.position {
            Position::File { line, column } => write!(f, "{}:{line}:{column}: ", self.file)?,
            Position::Flag { flag } => write!(f, "{}: ", shortened(flag))?,
        }
        match self.key.as_str() {
            "" => f.write_str(&shortened(&self.problem.to_string())),
            key => write!(f, "{}: {}", shortened(key), shortened(&self.problem.to_string())),
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}
