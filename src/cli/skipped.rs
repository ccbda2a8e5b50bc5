//! What has no result, and why, for a reader: points at which a model cannot run, and members that failed.

use super::Outcome;
use super::output::note;
use snn_ensemble::ensemble::observer::MemberError;
use snn_ensemble::ensemble::{Ensemble, MemberId};

/// Lines of each kind; the manifest has all that is skipped.
const LINES: usize = 10;

/// Names what is skipped.
pub fn print(ensemble: &Ensemble) {
    let lines = ensemble.skipped.lines();
    lines.iter().take(LINES).for_each(|line| note!("skipped: {line}"));
    if lines.len() > LINES {
        note!("skipped: {} more; manifest.json has all", lines.len() - LINES);
    }
}

/// Names members that failed; those of a model and point that failed in the same way, on one line.
pub fn failures(ensemble: &Ensemble, failures: &[(MemberId, MemberError)]) {
    let alike = |a: &(MemberId, MemberError), b: &(MemberId, MemberError)| {
        (a.0.model, a.0.point) == (b.0.model, b.0.point) && std::mem::discriminant(&a.1) == std::mem::discriminant(&b.1)
    };
    let groups: Vec<_> = failures.chunk_by(alike).collect();
    for group in groups.iter().take(LINES) {
        let (member, error) = &group[0];
        let more = if group.len() > 1 { format!(" and {} more", group.len() - 1) } else { String::new() };
        note!("error: {}{more}: {error}", ensemble.name(*member));
    }
    if groups.len() > LINES {
        note!("error: {} more members failed", groups[LINES..].iter().map(|group| group.len()).sum::<usize>());
    }
}

/// How a command ended that did all it could.
pub fn outcome(ensemble: &Ensemble) -> Outcome {
    if ensemble.skipped.is_empty() { Outcome::Done } else { Outcome::Failed }
}
