//! `report DIR`: (re)build the report of a result directory, and its figures as files.

use super::output::{note, say, told};
use super::{Outcome, Usage};
use anyhow::Result;
use clap::{Args, ValueEnum};
use snn_ensemble::report::export::{Export, Exported, Format};
use snn_ensemble::report::{self, ReportError, Written};
use snn_ensemble::results::{FilesLock, ResultError};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Width of a figure in mm.
const WIDTHS: std::ops::RangeInclusive<f64> = 40.0..=1000.0;
/// Units of a width in mm.
const UNITS: [(&str, f64); 3] = [("mm", 1.0), ("cm", 10.0), ("in", 25.4)];

#[derive(Args)]
pub struct ReportArguments {
    /// Result directory
    directory: PathBuf,
    /// Another one: both side by side in one page
    #[arg(conflicts_with = "figures")]
    other: Option<PathBuf>,
    /// The page on both
    #[arg(long, value_name = "FILE", default_value = "comparison.html", requires = "other")]
    out: PathBuf,
    /// Also write figures into this directory, those that the report shows when it is opened, and its tables
    #[arg(long, value_name = "OUT")]
    figures: Option<PathBuf>,
    /// The figures of these statistics (ssi_E), sections (rasters) or names; `all`: every one
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "figures")]
    only: Vec<String>,
    /// Files that are written of each figure
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "svg,png,csv", requires = "figures")]
    format: Vec<FileFormat>,
    /// Width of a figure, e.g. 85mm, 8.5cm or 3.3in; the text keeps its size
    #[arg(long, value_name = "WIDTH", requires = "figures", value_parser = millimetres)]
    width: Option<f64>,
    /// Font of the figures: the name of an installed one (SVG), or the file of one (TrueType, OpenType)
    #[arg(long, value_name = "NAME|FILE", requires = "figures")]
    font: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    Svg,
    Png,
    Pdf,
    Csv,
}

/// "85mm" in mm.
fn millimetres(text: &str) -> Result<f64, String> {
    let value = UNITS.iter().find_map(|(unit, mm)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * mm));
    value.filter(|mm| WIDTHS.contains(mm)).ok_or_else(|| {
        format!("found {text}, allowed: a number with mm, cm or in, from {} to {} mm", WIDTHS.start(), WIDTHS.end())
    })
}

fn is_read_only(error: &ReportError) -> bool {
    matches!(error, ReportError::Result(ResultError::ReadOnly { .. }))
}

impl ReportArguments {
    pub fn execute(&self) -> Result<Outcome> {
        for directory in std::iter::once(&self.directory).chain(&self.other) {
            report::read::required(directory).map_err(|error| Usage(error.to_string()))?;
        }
        let _files = self.locks()?;
        if let Some(other) = &self.other {
            print(&report::pair::write(&self.directory, other, &self.out)?);
            return Ok(Outcome::Done);
        }
        let export = self.export()?;
        let (results, sections) = report::sections(&self.directory)?;
        if self.figures.is_some() {
            export.known(&sections).map_err(|error| Usage(format!("--only: {error}")))?;
        }
        // Figures may go elsewhere than into a directory that nobody can write to.
        match (report::write_page(&self.directory, results, &sections), &self.figures) {
            (Err(error), Some(_)) if is_read_only(&error) => note!("warning: no report.html: {error}"),
            (written, _) => print(&written?),
        }
        if let Some(out) = &self.figures {
            let Exported { written, others } = export.write(&sections, out).map_err(|error| match error {
                ReportError::NoFont { .. } => anyhow::Error::from(Usage(error.to_string())),
                error => error.into(),
            })?;
            let hint = if others > 0 && self.only.is_empty() {
                format!("; {others} others: --only NAME,... or --only all")
            } else {
                String::new()
            };
            say!("{written} figures in {}{hint}", out.display());
        }
        Ok(Outcome::Done)
    }

    /// Of the directories that can be written to, always in one order: another report of both waits for this one.
    fn locks(&self) -> Result<Vec<FilesLock>, ResultError> {
        let directories = std::iter::once(&self.directory).chain(&self.other);
        let real: BTreeMap<PathBuf, &PathBuf> =
            directories.filter_map(|path| Some((path.canonicalize().ok()?, path))).collect();
        let lock = |path: &PathBuf| match FilesLock::acquire(path) {
            Err(ResultError::ReadOnly { .. }) => None,
            lock => Some(lock),
        };
        real.into_values().filter_map(lock).collect()
    }

    fn export(&self) -> Result<Export, Usage> {
        let format = |format: &FileFormat| match format {
            FileFormat::Svg => Format::Svg,
            FileFormat::Png => Format::Png,
            FileFormat::Pdf => Format::Pdf,
            FileFormat::Csv => Format::Csv,
        };
        let formats: Vec<Format> = self.format.iter().map(format).collect();
        let file = self.font.as_ref().map(PathBuf::from).filter(|path| path.is_file());
        if let (Some(name), None) = (&self.font, &file)
            && formats.iter().any(|format| [Format::Png, Format::Pdf].contains(format))
        {
            return Err(Usage(format!(
                "--font {name}: no such file; PNG and PDF need the font's file (TrueType or OpenType), a name will do for --format svg"
            )));
        }
        let font = self.font.clone().filter(|_| file.is_none());
        Ok(Export { formats, only: self.only.clone(), width: self.width, font, font_file: file })
    }
}

/// What the results say, and where the page is.
pub fn print(written: &Written) {
    findings(written);
    say!("report: {}", written.path.display());
}

pub fn findings(written: &Written) {
    written.findings.iter().for_each(|finding| told(&finding.to_string(), "  "));
    report::findings::behind(&written.findings).into_iter().for_each(|meaning| told(meaning, "  "));
}
