//! One choice of a point for a whole page: sections that hold fewer points show the nearest that they have.

use super::read::Results;
use super::section::Section;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Points that any section can show.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Points {
    pub names: Vec<String>,
    /// Index of the one that is shown first.
    pub shown: usize,
    pub sections: BTreeMap<String, Own>,
}

/// What a section has of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Own {
    /// For each point of the page, the section's choice.
    pub nearest: Vec<usize>,
    /// For each choice, what is said of it where the section does not hold every point; empty where it does.
    pub notes: Vec<String>,
}

impl Points {
    pub fn of(results: &Results, sections: &[Section]) -> Points {
        let all: BTreeSet<u32> = sections.iter().flat_map(|section| &section.points).copied().collect();
        let own = |section: &Section| {
            let nearest = all.iter().map(|&point| nearest(results, point, &section.points)).collect();
            let (held, all) = (section.points.len(), all.len());
            let note = |name: &String| format!("Shown at {held} of {all} points, here the nearest: {name}.");
            let notes = if held < all { section.choices.iter().map(note).collect() } else { Vec::new() };
            (section.id.clone(), Own { nearest, notes })
        };
        Points {
            names: all.iter().map(|&point| results.scan.name(point)).collect(),
            shown: all.len().saturating_sub(1) / 2,
            sections: sections.iter().filter(|section| !section.points.is_empty()).map(own).collect(),
        }
    }

    /// What a section says of what it shows first.
    pub fn note(&self, section: &Section) -> &str {
        self.sections.get(&section.id).and_then(|own| own.notes.get(section.shown)).map_or("", String::as_str)
    }
}

/// Index of the point that is nearest in the grid, of one variety if there is one.
fn nearest(results: &Results, point: u32, held: &[u32]) -> usize {
    let scan = &results.scan;
    let distance = |other: u32| {
        let steps = scan.places(point).iter().zip(scan.places(other)).zip(&scan.dimensions);
        let far: f64 = steps.map(|((a, b), d)| a.abs_diff(*b) as f64 / d.values.len() as f64).sum();
        far + if scan.variety(other) == scan.variety(point) { 0.0 } else { 100.0 }
    };
    (0..held.len()).min_by(|&a, &b| distance(held[a]).total_cmp(&distance(held[b]))).unwrap_or(0)
}
