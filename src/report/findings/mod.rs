//! What the results say, a sentence per model: the same on top of a report and on the terminal.
//!
//! Every number is quoted from a cell of one of the report's tables, so that sentence and table cannot differ.

pub mod changes;
pub mod convergence;
pub mod extremes;
pub mod hysteresis;
pub mod kind;
pub mod regimes;
mod sentences;
pub mod transitions;

pub use kind::Kind;

use super::figure::{Section, TableView};
use super::read::Results;
use std::fmt;

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
    let rows = tables.view(changes::TABLE).map_or(&[][..], |view| &view.rows);
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

/// How far a model is from the same model of other results, by tables of differences.
pub fn difference(results: &Results, tables: &[TableView], label: &str) -> Option<Finding> {
    sentences::difference(results, label, &Tables(tables.iter().collect()))
}

/// The tables of a report, to quote from.
struct Tables<'a>(Vec<&'a TableView>);

/// What a cell without a number holds.
const NOTHING: [&str; 3] = ["", "–", "0"];

impl Tables<'_> {
    fn view(&self, table: &str) -> Option<&TableView> {
        self.0.iter().find(|view| view.id == table).copied()
    }

    fn text(&self, table: &str, row: &str, column: &str) -> Option<&str> {
        let view = self.view(table)?;
        let place = view.header.iter().position(|header| header == column)?;
        Some(&view.rows.iter().find(|cells| cells[0].text == row)?[place].text)
    }

    fn is_zero(&self, table: &str, row: &str, column: &str) -> bool {
        self.text(table, row, column) == Some("0")
    }

    /// The first part of a cell, up to what separates it from the next one; `None` where there is no such cell or no number in it.
    fn quote(&self, table: &str, row: &str, column: &str) -> Option<Quote> {
        let text = self.text(table, row, column)?.split([';', '·']).next().unwrap_or_default().trim();
        let [table, row, column] = [table, row, column].map(str::to_string);
        (!NOTHING.contains(&text)).then(|| Quote { text: text.to_string(), table, row, column })
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
