//! Figures and tables that belong together, and what a reader may choose among them.

use super::figure::{Figure, slug};
use super::table::TableView;

/// A heading, what belongs under it, and what a reader may choose there.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Name for links.
    pub id: String,
    pub title: String,
    /// A sentence or two on all of its figures.
    pub text: String,
    /// What the reader chooses from ("Point", and its names); figures with a [`Figure::choice`] are shown for one of them.
    pub choices: Vec<String>,
    /// What is being chosen.
    pub chooser: String,
    /// Where there is more to choose than one thing: what else, and its names. A choice then is PLACE of each of `choices`, in turn.
    pub place: String,
    pub places: Vec<String>,
    /// Points of the scan behind `choices`, where these are points: all such sections of a page are moved together.
    pub points: Vec<u32>,
    /// Index of the choice that a reader sees first.
    pub shown: usize,
    /// Answers the question of this kind of experiment: open on the page, where all else is folded away.
    pub key: bool,
    /// Figures that belong side by side; 0 or 1: no matter.
    pub columns: usize,
    pub figures: Vec<Figure>,
    pub tables: Vec<TableView>,
}

impl Section {
    /// "rate of E, tau of E←I = 2 ms": what is chosen.
    pub fn choice_name(&self, choice: usize) -> String {
        let places = self.places.len().max(1);
        let parts = [self.choices.get(choice / places), self.places.get(choice % places)];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }

    /// Of a figure: what it shows, and at which values.
    pub fn file_name(&self, figure: &Figure) -> String {
        let chosen =
            figure.choice.map(|choice| match (&figure.statistic, self.places.get(choice % self.places.len().max(1))) {
                // the stem names the statistic
                (Some(_), Some(place)) => slug(place),
                _ => slug(&self.choice_name(choice)),
            });
        let parts = [Some(figure.stem.clone()), chosen];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    }
}
