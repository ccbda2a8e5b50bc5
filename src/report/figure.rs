//! What a figure shows, apart from how it is drawn: both back ends ([`super::html`] and [`super::svg`]) and the tables of numbers
//! ([`super::csv`]) come from this.

use super::mark::Mark;
use super::numbers::with_unit;
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Unique in a report.
    pub id: String,
    /// What it shows, whatever is chosen: fit for a file name, see [`super::section::Section::file_name`].
    pub stem: String,
    pub title: String,
    /// The column of statistics that it shows, if it is one.
    #[serde(skip)]
    pub statistic: Option<String>,
    /// What it is, of how many realisations, what the bands are.
    #[serde(skip)]
    pub caption: String,
    /// Figures of one slot take the same place, one for each choice.
    #[serde(skip)]
    pub slot: String,
    /// Figures of one row stand side by side, in lines of their own; empty: wherever there is room.
    #[serde(skip)]
    pub row: String,
    /// Index into [`super::section::Section::choices`].
    #[serde(skip)]
    pub choice: Option<usize>,
    /// From top to bottom, above one x axis.
    pub panels: Vec<Panel>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Panel {
    pub x: Scale,
    pub y: Scale,
    /// Share of the figure's height, relative to the other panels.
    pub share: f64,
    /// A unit is as long along either axis: a circle is round.
    pub equal: bool,
    pub marks: Vec<Mark>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Scale {
    /// With the unit.
    pub label: String,
    pub log: bool,
    /// Chosen from the data where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// The range chosen from the data includes 0.
    pub zero: bool,
}

impl Scale {
    pub fn new(name: &str, unit: &str) -> Scale {
        Scale { label: with_unit(name, unit), ..Scale::default() }
    }

    pub fn log(self, log: bool) -> Scale {
        Scale { log, ..self }
    }

    pub fn within(self, low: f64, high: f64) -> Scale {
        Scale { range: Some((low, high)), ..self }
    }

    pub fn from_zero(self) -> Scale {
        Scale { zero: true, ..self }
    }
}

impl Figure {
    /// A figure of its own, shown always.
    pub fn new(id: String, title: String, caption: String, panels: Vec<Panel>) -> Figure {
        let (slot, stem, row) = (id.clone(), id.clone(), String::new());
        Figure { slot, row, stem, id, title, statistic: None, caption, choice: None, panels }
    }

    /// The same, of a column of statistics.
    pub fn of_statistic(self, column: &str) -> Figure {
        Figure { statistic: Some(column.to_string()), ..self }
    }

    /// The same in a row with others.
    pub fn in_row(self, row: String) -> Figure {
        Figure { row, ..self }
    }

    /// The same in the place of `slot`, for one of the section's choices.
    pub fn chosen(self, choice: usize) -> Figure {
        Figure { id: format!("{}-{choice}", self.id), choice: Some(choice), ..self }
    }
}

impl Panel {
    pub fn new(x: Scale, y: Scale, marks: Vec<Mark>) -> Panel {
        Panel { x, y, share: 1.0, equal: false, marks }
    }
}

/// Fit for file names and links.
pub fn slug(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let text: String = text.replace('←', "-").chars().map(kept).collect();
    text.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
