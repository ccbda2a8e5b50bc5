//! What a reader should know of a point. Decisions are made by what a note is, tables have its words.

use super::code::Code;
use super::family::Lost;
use super::newton::Failure;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// So many modes of empty bins are not in the spectrum.
    IgnoredModes(usize),
    /// A multiplier is nearer to the unit circle than it is known.
    Undecided,
    /// What another section gives for the leading multiplier.
    OtherSection(f64, f64),
    /// The orbit was moved from one level to another.
    Resectioned(f64, f64),
    /// An orbit has shrunk to a fixed point.
    EndsAtHopf,
    /// A doubled orbit has become its parent.
    HalvesEqual,
    /// The parent's branch, and where it doubles.
    ClosesOn(usize, f64),
    /// A bifurcation that the branch was lost at.
    TakenToEnd(String),
    /// The branch has been at this point of it, from 1, before.
    Round(usize),
    /// The orbit's leading multiplier is beyond this.
    TooUnstable(f64),
    /// An event between the last point and this one was not located.
    NotLocated(Code, String),
    /// Unstable directions before and after that no event explains.
    Unexplained(usize, usize),
    /// The branch passes this value between the last point and this one, and no point was found at it.
    NoWanted(f64),
    /// There is no network at this value of the parameter.
    NoModel(f64, String),
    /// From here on it is this branch, which was there before.
    Joins(usize),
    /// Two curves of folds meet.
    Cusp,
    /// Steps got shorter than this.
    StepBelow(f64, Box<Note>),
    /// Another reason for an end.
    Because(String),
}

impl Note {
    /// Whether the branch ends for want of a network.
    pub fn is_no_model(&self) -> bool {
        match self {
            Note::NoModel(..) => true,
            Note::StepBelow(_, why) => why.is_no_model(),
            _ => false,
        }
    }
}

impl From<Failure> for Note {
    fn from(failure: Failure) -> Note {
        match failure {
            Failure::Lost(lost) => lost.into(),
            other => Note::Because(other.to_string()),
        }
    }
}

impl From<Lost> for Note {
    fn from(lost: Lost) -> Note {
        match lost {
            Lost::Model { value, reason } => Note::NoModel(value, reason),
            other => Note::Because(other.to_string()),
        }
    }
}

impl From<&str> for Note {
    fn from(reason: &str) -> Note {
        Note::Because(reason.into())
    }
}

impl From<String> for Note {
    fn from(reason: String) -> Note {
        Note::Because(reason)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Note::IgnoredModes(modes) => write!(f, "{modes} modes of bins below 1e-6 N ignored"),
            Note::Undecided => f.write_str("stability undecided at this accuracy"),
            Note::OtherSection(re, im) => write!(f, "another section gives the multiplier {re:.4} {im:+.4}i"),
            Note::Resectioned(from, to) => {
                write!(f, "level {from:.4} comes close to the orbit: re-sectioned to {to:.4}")
            }
            Note::EndsAtHopf => f.write_str("ends at HB"),
            Note::HalvesEqual => f.write_str("both halves of the orbit become equal: a period doubling of its parent"),
            Note::ClosesOn(branch, value) => write!(f, "closes on branch {branch} at PD {value:.6}"),
            Note::TakenToEnd(at) => write!(f, "taken to end here: {at}"),
            Note::Round(point) => write!(f, "closed curve: it is back at its point {point}"),
            Note::TooUnstable(most) => write!(f, "multipliers beyond {most}: not followed further"),
            Note::NotLocated(code, why) => write!(f, "{} near here was not located: {why}", code.text()),
            Note::Unexplained(before, after) => {
                write!(f, "n_unstable {before} becomes {after} near here, and no bifurcation between them explains it")
            }
            Note::NoWanted(value) => write!(f, "no point found at the wanted value {value} before it"),
            Note::NoModel(value, reason) => write!(f, "no model at {value}: {reason}"),
            Note::Joins(branch) => write!(f, "goes on as branch {branch}"),
            Note::Cusp => f.write_str("ends at a cusp, where two folds meet"),
            Note::StepBelow(shortest, why) => write!(f, "step below {shortest:e}: {why}"),
            Note::Because(reason) => f.write_str(reason),
        }
    }
}

/// What a reader should know of one point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// One more.
    pub fn add(&mut self, note: impl Into<Note>) {
        self.0.push(note.into());
    }

    /// Whether this one is there.
    pub fn has(&self, note: &Note) -> bool {
        self.0.contains(note)
    }

    /// In the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }
}

impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, note) in self.0.iter().enumerate() {
            write!(f, "{}{note}", if i > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}
