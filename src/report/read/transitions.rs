//! `transitions.csv`: where statistics cross levels along the axis of a scan.

use crate::report::error::ReportError;
use crate::report::numbers::plain;
use crate::results::{ResultError, file};
use serde::Deserialize;
use std::path::Path;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Crossing {
    pub model: String,
    pub statistic: String,
    pub population: String,
    pub value: f64,
    pub ci95_low: Option<f64>,
    pub ci95_high: Option<f64>,
    pub level: f64,
    pub direction: String,
    pub definition: String,
}

impl Crossing {
    /// "burst_lag1 of E through 0".
    pub fn name(&self) -> String {
        format!("{} of {} through {}", self.statistic, self.population, plain(self.level))
    }

    /// "burst_lag1 of E falls through 0".
    pub fn told(&self) -> String {
        format!("{} of {} {} through {}", self.statistic, self.population, self.direction, plain(self.level))
    }

    /// "0.712 (0.706 to 0.718)".
    pub fn place(&self) -> String {
        match self.ci95_low.zip(self.ci95_high) {
            Some((low, high)) => {
                // As many digits as two of the half width need.
                let digits = (1 - (0.5 * (high - low)).max(1e-9).log10().floor() as i32).clamp(0, 9) as usize;
                let text = format!("{:.digits$} ({low:.digits$} to {high:.digits$})", self.value);
                text.replace('-', "−")
            }
            None => plain(self.value),
        }
    }
}

/// Rows of the file; none where there is no file.
pub fn read(directory: &Path) -> Result<Vec<Crossing>, ReportError> {
    let path = directory.join(file::TRANSITIONS);
    if !path.is_file() {
        return Ok(vec![]);
    }
    let error = |error: csv::Error| ResultError::io(&path, error.into());
    let mut reader = csv::Reader::from_path(&path).map_err(error)?;
    Ok(reader.deserialize().collect::<Result<_, _>>().map_err(error)?)
}
