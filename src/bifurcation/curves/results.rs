//! The tables of curves: `curves.parquet` and `.csv`.

use super::explore::Curves;
use crate::bifurcation::Code;
use crate::bifurcation::rows::{Rows, Value};
use crate::config::{Continuation, Second};
use crate::model::Network;
use crate::results::{ResultError, branches, file};
use std::path::Path;

/// Writes the curves of models, by their labels.
pub fn write(
    directory: &Path,
    network: &Network,
    continuation: &Continuation,
    second: &Second,
    found: &[(&str, &Curves)],
) -> Result<(), ResultError> {
    let populations: Vec<String> = network.populations.iter().map(|p| p.name.clone()).collect();
    let paths = [&continuation.parameter.path, &second.parameter.path];
    let rows = found.iter().flat_map(|(label, curves)| rows(label, paths, curves)).collect();
    let table = Rows { columns: branches::curves(&populations), rows };
    table.csv(&directory.join(file::CURVES_CSV))?;
    table.parquet(&directory.join(file::CURVES))
}

fn rows(label: &str, [first, second]: [&String; 2], curves: &Curves) -> Vec<Vec<Value>> {
    let mut rows = vec![];
    for curve in &curves.curves {
        for (i, at) in curve.points.iter().enumerate() {
            let point = &at.point;
            let mut row = vec![Value::Text(label.into()), Value::Integer(curve.number), Value::Integer(i + 1)];
            row.extend([curve.code.text(), at.end.map_or("", Code::text)].map(|text| Value::Text(text.into())));
            for ((path, value), error) in [first, second].into_iter().zip(at.spot()).zip(at.errors) {
                row.extend([Value::Text(path.clone()), Value::Real(value), Value::Real(error)]);
            }
            let frequency = curve.has_frequency().then(|| point.frequency());
            row.extend([point.period().into(), frequency.into()]);
            row.extend(point.rates.iter().map(|rate| Value::Real(*rate)));
            row.push(Value::Text(point.notes.to_string()));
            rows.push(row);
        }
    }
    rows
}
