//! Figures and tables as files, named by what they show.

use super::error::ReportError;
use super::figure::Figure;
use super::section::Section;
use super::svg::{self, Look};
use super::table::TableView;
use super::{csv, pdf, png};
use crate::results::AtomicFile;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Svg,
    Png,
    Pdf,
    Csv,
}

/// What becomes files.
#[derive(Clone, Debug)]
pub struct Export {
    pub formats: Vec<Format>,
    /// Columns of statistics, names of sections, figures and tables, or [`ALL`]; empty: what the page shows when it is opened.
    pub only: Vec<String>,
    /// Of every image, in mm.
    pub width: Option<f64>,
    /// Its name in SVG files.
    pub font: Option<String>,
    /// The file of a font, for every format.
    pub font_file: Option<PathBuf>,
}

/// Everything that a report has.
pub const ALL: &str = "all";

impl Default for Export {
    fn default() -> Export {
        let formats = vec![Format::Svg, Format::Png, Format::Csv];
        Export { formats, only: Vec::new(), width: None, font: None, font_file: None }
    }
}

/// How many figures were written, and how many were not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    pub written: usize,
    pub others: usize,
}

impl Export {
    /// Writes what is asked for into `out`.
    ///
    /// Errors: a name in `only` that nothing has.
    pub fn write(&self, sections: &[Section], out: &Path) -> Result<Exported, ReportError> {
        self.known(sections)?;
        let (fonts, family) = png::fonts(self.font_file.as_deref())?;
        let look = Look { width: self.width, font: family.or_else(|| self.font.clone()) };
        fs::create_dir_all(out).map_err(|e| ReportError::io(out, e))?;
        let mut exported = Exported { written: 0, others: 0 };
        for section in sections {
            let tables = section.tables.iter().filter(|table| self.takes_table(section, table));
            for table in tables.filter(|_| self.formats.contains(&Format::Csv)) {
                AtomicFile::write_all(&out.join(format!("table-{}.csv", table.id)), &csv::table(table))?;
            }
            for figure in &section.figures {
                if !self.takes(section, figure) {
                    exported.others += 1;
                    continue;
                }
                exported.written += 1;
                let name = section.file_name(figure);
                let path = |extension: &str| out.join(format!("{name}.{extension}"));
                let choice = figure.choice.map(|choice| section.choice_name(choice));
                let image = svg::draw(figure, choice.as_deref(), &look);
                let tree = |path: &Path| png::tree(&image, &fonts, path);
                for format in &self.formats {
                    let (path, bytes) = match format {
                        Format::Svg => (path("svg"), image.clone().into_bytes()),
                        Format::Csv => (path("csv"), csv::figure(figure)),
                        Format::Png => (path("png"), png::render(&tree(&path("png"))?, &path("png"))?),
                        Format::Pdf => (path("pdf"), pdf::render(&tree(&path("pdf"))?, &path("pdf"))?),
                    };
                    AtomicFile::write_all(&path, &bytes)?;
                }
            }
        }
        Ok(exported)
    }

    fn takes(&self, section: &Section, figure: &Figure) -> bool {
        let shown = figure.choice.is_none_or(|choice| choice == section.shown);
        self.only.iter().any(|name| name == ALL || names(section, figure).contains(&name.as_str()))
            || (self.only.is_empty() && section.key && shown)
    }

    fn takes_table(&self, section: &Section, table: &TableView) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| [ALL, &section.id, &table.id].contains(&name.as_str()))
    }

    /// Errors: a name in `only` that nothing has.
    pub fn known(&self, sections: &[Section]) -> Result<(), ReportError> {
        let figures =
            || sections.iter().flat_map(|section| section.figures.iter().map(move |figure| (section, figure)));
        let tables = || sections.iter().flat_map(|section| &section.tables);
        let is_known = |name: &String| {
            name == ALL
                || figures().any(|(section, figure)| names(section, figure).contains(&name.as_str()))
                || tables().any(|table| table.id == *name)
                || sections.iter().any(|section| section.id == *name)
        };
        let Some(unknown) = self.only.iter().find(|name| !is_known(name)) else { return Ok(()) };
        let mut allowed: Vec<String> = figures().filter_map(|(_, figure)| figure.statistic.clone()).collect();
        allowed.sort_unstable();
        allowed.dedup();
        allowed.extend(sections.iter().map(|section| section.id.clone()));
        allowed.push(ALL.into());
        Err(ReportError::NoFigure { name: unknown.clone(), allowed: allowed.join(", ") })
    }
}

/// What a figure may be asked for by.
fn names<'a>(section: &'a Section, figure: &'a Figure) -> Vec<&'a str> {
    let statistic = figure.statistic.as_deref();
    [section.id.as_str(), figure.stem.as_str()].into_iter().chain(statistic).collect()
}
