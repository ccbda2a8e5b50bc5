//! A report worth looking at: `report.html`, and the same figures as files.
//!
//! [`read`] brings a result directory into memory, [`figures`] describes what is to be seen ([`figure`]), and two back ends
//! draw it: [`html`] for the page, [`svg`] for the files, with the numbers behind each in [`csv`].

mod chooser;
mod contours;
pub mod csv;
mod diagram;
pub mod error;
pub mod escape;
pub mod export;
pub mod figure;
pub mod figures;
pub mod findings;
pub mod head;
pub mod html;
pub mod mark;
mod numbers;
pub mod pair;
mod pdf;
pub mod png;
pub mod read;
pub mod section;
pub mod style;
pub mod svg;
pub mod table;

pub use error::ReportError;
pub use figure::Figure;
pub use numbers::decimals;
pub use section::Section;

use crate::results::points::PointRow;
use crate::results::{AtomicFile, file};
use chooser::Points;
use findings::{Finding, findings};
use html::{Folded, Page};
use read::Results;
use std::path::{Path, PathBuf};

/// Rows of `points.csv` beyond which a run writes no page: it takes some kB a row to make, and no browser shows it.
pub const MOST_ROWS: usize = 10_000;

/// The sections of a report on `directory`, and what they were made of.
pub fn sections(directory: &Path) -> Result<(Results, Vec<Section>), ReportError> {
    let results = Results::read(directory)?;
    let sections = figures::sections(directory, &results)?;
    Ok((results, sections))
}

/// A report that is written, and what it begins with.
pub struct Written {
    pub path: PathBuf,
    pub findings: Vec<Finding>,
    /// Rows of `points.csv` of a directory; none of two.
    pub rows: Vec<PointRow>,
}

/// Writes `report.html` into the result directory.
pub fn write(directory: &Path) -> Result<Written, ReportError> {
    let (results, sections) = sections(directory)?;
    write_page(directory, results, &sections)
}

/// Writes the page of what [`sections`] has read.
pub fn write_page(directory: &Path, results: Results, sections: &[Section]) -> Result<Written, ReportError> {
    let findings = findings(&results, sections);
    let (title, question) = head::title(&results);
    let network = Folded {
        id: "network".into(),
        title: "Network, parameters and provenance".into(),
        content: html::network(&results),
    };
    let (points, first) = (Points::of(&results, sections), vec![network]);
    let page = Page { title, question, findings: &findings, sections, points: &points, first };
    let path = directory.join(file::REPORT);
    AtomicFile::write_all(&path, page.html().as_bytes())?;
    Ok(Written { path, findings, rows: results.rows })
}
