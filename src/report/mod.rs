//! A report worth looking at: `report.html`, and the same figures as files.
//!
//! [`read`] brings a result directory into memory, [`figures`] describes what is to be seen ([`figure`]), and two back ends
//! draw it: [`html`] for the page, [`svg`] for the files, with the numbers behind each in [`csv`].

pub mod csv;
pub mod error;
pub mod escape;
pub mod figure;
pub mod figures;
pub mod head;
pub mod html;
pub mod png;
pub mod read;
pub mod style;
pub mod svg;

pub use error::ReportError;
pub use figure::{Figure, Section};

use crate::results::{AtomicFile, file};
use read::Results;
use std::fs;
use std::path::{Path, PathBuf};

/// Rows of `points.csv` beyond which a run writes no page: it takes some kB a row to make, and no browser shows it.
pub const MOST_ROWS: usize = 10_000;

/// The sections of a report on `directory`, and what they were made of.
pub fn sections(directory: &Path) -> Result<(Results, Vec<Section>), ReportError> {
    let results = Results::read(directory)?;
    let sections = figures::sections(directory, &results)?;
    Ok((results, sections))
}

/// Writes `report.html` into the result directory.
pub fn write(directory: &Path) -> Result<PathBuf, ReportError> {
    let (results, sections) = sections(directory)?;
    let page = html::page(&results, &sections);
    let path = directory.join(file::REPORT);
    AtomicFile::write_all(&path, page.as_bytes())?;
    Ok(path)
}

/// Writes every figure as SVG, PNG and CSV, and every table as CSV, into `out`; returns how many figures.
pub fn export(directory: &Path, out: &Path) -> Result<usize, ReportError> {
    let (_, sections) = sections(directory)?;
    fs::create_dir_all(out).map_err(|e| ReportError::io(out, e))?;
    let fonts = png::fonts();
    let mut figures = 0;
    for section in &sections {
        for table in &section.tables {
            AtomicFile::write_all(&out.join(format!("table-{}.csv", table.id)), &csv::table(table))?;
        }
        for figure in &section.figures {
            let path = |extension: &str| out.join(format!("{}.{extension}", figure.id));
            let choice = figure.choice.map(|choice| section.choices[choice].as_str());
            let image = svg::draw(figure, choice);
            AtomicFile::write_all(&path("svg"), image.as_bytes())?;
            AtomicFile::write_all(&path("png"), &png::render(&image, &fonts, &path("png"))?)?;
            AtomicFile::write_all(&path("csv"), &csv::figure(figure))?;
            figures += 1;
        }
    }
    Ok(figures)
}
