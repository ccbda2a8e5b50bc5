//! `transitions.csv`: where statistics cross levels along the axis of a scan.

use crate::report::error::ReportError;
use crate::report::numbers::{decimals, plain};
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
    /// The points that enclose it; of older versions there are none.
    #[serde(default)]
    pub between_low: Option<f64>,
    #[serde(default)]
    pub between_high: Option<f64>,
    pub level: f64,
    pub direction: String,
    pub definition: String,
}

impl Crossing {
    /// "burst_lag1 of E through 0".
    pub fn name(&self) -> String {
        format!("{} of {} through {}", self.title(), self.population, plain(self.level))
    }

    /// "burst_lag1 of E falls through 0".
    pub fn told(&self) -> String {
        format!("{} of {} {} through {}", self.title(), self.population, self.direction, plain(self.level))
    }

    fn title(&self) -> String {
        self.statistic.replace('_', " ")
    }

    /// "0.712 (0.706 to 0.718, between points 0.7 and 0.72)", where there is no interval "0.71 (between points 0.7 and 0.72)".
    pub fn place(&self) -> String {
        let points = self.between_low.zip(self.between_high);
        let between = points.map_or(String::new(), |(a, b)| format!("between points {} and {}", plain(a), plain(b)));
        let text = match (self.ci95_low.zip(self.ci95_high), points) {
            (Some((low, high)), _) => {
                let digits = decimals(0.5 * (high - low), 1);
                let comma = if points.is_some() { ", " } else { "" };
                format!("{:.digits$} ({low:.digits$} to {high:.digits$}{comma}{between})", self.value)
            }
            (None, Some((a, b))) => format!("{:.*} ({between})", decimals(0.5 * (b - a), 0), self.value),
            (None, None) => plain(self.value),
        };
        text.replace('-', "−")
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
