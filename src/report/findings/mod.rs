//! What the results say, a sentence per model: the same on top of a report and on the terminal.
//!
//! Every number is quoted from a cell of one of the report's tables, so that sentence and table cannot differ.

pub mod convergence;
pub mod extremes;
pub mod hysteresis;
pub mod kind;
pub mod regimes;
mod sentences;
pub mod transitions;

pub use kind::Kind;

use super::read::Results;
use super::section::Section;
use super::table::{Cell, TableView};
use std::fmt;

/// The table of what `branches` found, where fixed points and orbits change their stability or their number: a row per model, a
/// column per kind of change, which ends with "at p".
pub const CHANGES: &str = "changes";
/// The table of where spectra have their peaks: a row per model, a column per population.
pub const PEAKS: &str = "peaks";

/// A sentence on a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub model: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Quote(Quote),
}

/// A number, and the cell that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    pub text: String,
    /// [`TableView::id`], first cell of the row, and header of the column.
    pub table: String,
    pub row: String,
    pub column: String,
}

/// One finding per model, in the order of the models, and of models that have branches alone; models that nothing can be said of have
/// none.
pub fn findings(results: &Results, sections: &[Section]) -> Vec<Finding> {
    let tables = Tables(sections.iter().flat_map(|section| &section.tables).collect());
    let of_models = (0..results.models.len()).filter_map(|model| sentences::of_model(results, model, &tables));
    let in_results = |label: &str| results.models.iter().any(|model| model.label == label);
    let rows = tables.view(CHANGES).map_or(&[][..], |view| &view.rows);
    let others = rows.iter().map(|row| row[0].text.as_str()).filter(|label| !in_results(label));
    of_models.chain(others.filter_map(|label| sentences::of_branches(label, &tables))).collect()
}

/// What ± means in findings, once each; a run's table of means has standard errors.
pub fn behind(findings: &[Finding]) -> Vec<&'static str> {
    let quotes = findings.iter().flat_map(|finding| &finding.parts).filter_map(|part| match part {
        Part::Quote(quote) if quote.text.contains('±') => Some(quote),
        _ => None,
    });
    let of_folds: Vec<bool> = quotes.map(|quote| quote.table == hysteresis::TABLE).collect();
    let meanings = [
        (false, "± in these sentences: half width of the 95 % interval"),
        (true, "± of an end of a bistable range: half the distance between the points on either side"),
    ];
    meanings.into_iter().filter(|(of_fold, _)| of_folds.contains(of_fold)).map(|(_, meaning)| meaning).collect()
}

/// How far a model of the second directory is from that of the first, by tables of differences.
pub fn difference(results: &Results, tables: &[TableView], label: &str, directories: [&str; 2]) -> Option<Finding> {
    sentences::difference(results, label, &Tables(tables.iter().collect()), directories)
}

/// The tables of a report, to quote from.
struct Tables<'a>(Vec<&'a TableView>);

impl Tables<'_> {
    fn view(&self, table: &str) -> Option<&TableView> {
        self.0.iter().find(|view| view.id == table).copied()
    }

    fn cell(&self, table: &str, row: &str, column: &str) -> Option<&Cell> {
        let view = self.view(table)?;
        let place = view.header.iter().position(|header| header == column)?;
        Some(&view.rows.iter().find(|cells| cells[0].text == row)?[place])
    }

    /// `None` where there is no such cell or nothing to tell in it.
    fn quote(&self, table: &str, row: &str, column: &str) -> Option<Quote> {
        Some(self.counted(table, row, column)?.0)
    }

    /// The second number of a cell.
    fn aside(&self, table: &str, row: &str, column: &str) -> Option<Quote> {
        let text = self.cell(table, row, column)?.aside.clone()?;
        let [table, row, column] = [table, row, column].map(str::to_string);
        Some(Quote { text, table, row, column })
    }

    /// What [`Tables::quote`] finds, and how many more there are in the cell.
    fn counted(&self, table: &str, row: &str, column: &str) -> Option<(Quote, usize)> {
        let cell = self.cell(table, row, column).filter(|cell| !cell.untold)?;
        let [table, row, column] = [table, row, column].map(str::to_string);
        Some((Quote { text: cell.text.clone(), table, row, column }, cell.more))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} ", self.model)?;
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Quote(quote) => f.write_str(&quote.text),
        })
    }
}
