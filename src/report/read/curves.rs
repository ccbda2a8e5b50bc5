//! `curves.csv`: bifurcations along curves in the plane of two parameters.

use crate::report::error::ReportError;
use crate::report::mark::{Colour, Mark};
use crate::results::{ResultError, file};
use serde::Deserialize;
use std::path::Path;

/// Codes that curves have; their places are the dashes that they are drawn with.
const CODES: [&str; 4] = ["HB", "PD", "LP", "NS"];

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CurveRow {
    pub model: String,
    pub curve: usize,
    pub code: String,
    pub end: String,
    pub parameter: String,
    pub value: f64,
    pub second: String,
    pub second_value: f64,
    pub period_ms: Option<f64>,
    pub frequency_hz: Option<f64>,
    pub note: String,
}

/// Curves of all models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    pub rows: Vec<CurveRow>,
}

/// Rows of the file; none where there is no file.
pub fn read(directory: &Path) -> Result<Curves, ReportError> {
    let path = directory.join(file::CURVES_CSV);
    if !path.is_file() {
        return Ok(Curves::default());
    }
    let error = |error: csv::Error| ResultError::io(&path, error.into());
    let mut reader = csv::Reader::from_path(&path).map_err(error)?;
    Ok(Curves { rows: reader.deserialize().collect::<Result<_, _>>().map_err(error)? })
}

impl Curves {
    /// Paths of both parameters; `None` where there is no curve.
    pub fn paths(&self) -> Option<[&str; 2]> {
        self.rows.first().map(|row| [row.parameter.as_str(), row.second.as_str()])
    }

    /// Rows of each curve.
    pub fn each(&self) -> impl Iterator<Item = &[CurveRow]> {
        self.rows.chunk_by(|a, b| (&a.model, a.curve) == (&b.model, b.curve))
    }

    /// The curves of a model in the plane of these paths, in either order; gaps between those of one code.
    pub fn marks(&self, model: &str, [x, y]: [&str; 2], colour: Colour, name: impl Fn(&str) -> String) -> Vec<Mark> {
        let along = |path: &str| -> Option<fn(&CurveRow) -> f64> {
            match self.paths()?.iter().position(|known| *known == path)? {
                0 => Some(|row| row.value),
                _ => Some(|row| row.second_value),
            }
        };
        let Some((of_x, of_y)) = along(x).zip(along(y)) else { return vec![] };
        let of_code = CODES.into_iter().enumerate().map(|(dash, code)| {
            let curves = self.each().filter(|rows| rows[0].model == model && rows[0].code == code);
            let gap = [(f64::NAN, f64::NAN)];
            let points = curves.flat_map(|rows| rows.iter().map(|row| (of_x(row), of_y(row))).chain(gap));
            let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
            Mark::Path { name: name(code), colour, dash, x, y }
        });
        of_code.filter(|mark| matches!(mark, Mark::Path { x, .. } if !x.is_empty())).collect()
    }
}
