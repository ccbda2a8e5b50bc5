//! Tables of diagrams: `branches.parquet` and `.csv`, `special.csv`, `orbits.parquet`. Names of columns are a contract.

use super::branch::{Branch, Point};
use super::code::Code;
use super::diagram::{Diagram, Unsolved};
use super::family::Family;
use super::object::{Image, Object};
use super::rows::{Rows, Value};
use crate::model::Network;
use crate::results::branches::MULTIPLIERS;
use crate::results::{ResultError, dictionary, file};
use std::path::Path;

/// A model's family and what was found of it.
pub struct Found<'a> {
    /// Name of the model in tables.
    pub label: String,
    /// Its maps.
    pub family: &'a Family,
    /// Its branches.
    pub diagram: &'a Diagram,
}

/// Writes all tables of diagrams along a parameter into a directory, and what their columns are.
pub fn write(directory: &Path, network: &Network, parameter: &str, found: &[Found]) -> Result<(), ResultError> {
    let populations: Vec<String> = network.populations.iter().map(|p| p.name.clone()).collect();
    let projections: Vec<String> = network.projections.iter().map(|p| network.projection_name(p)).collect();
    let described = dictionary::of_branches(&populations, &projections);
    let columns = |name: &str| described.iter().find(|(file, _)| *file == name).map_or(vec![], |(_, c)| c.clone());
    let table = Rows { columns: columns(file::BRANCHES), rows: branches(network, parameter, found) };
    table.csv(&directory.join(file::BRANCHES_CSV))?;
    table.parquet(&directory.join(file::BRANCHES))?;
    Rows { columns: columns(file::SPECIAL), rows: special(network, parameter, found) }
        .csv(&directory.join(file::SPECIAL))?;
    Rows { columns: columns(file::ORBITS), rows: orbits(network, found) }.parquet(&directory.join(file::ORBITS))?;
    dictionary::write(directory, described)
}

/// PO, or FP.
fn kind(orbit: bool) -> Value {
    Value::Text(if orbit { "PO" } else { "FP" }.into())
}

fn code(point: &Point) -> Value {
    Value::Text(point.code.map_or("", Code::text).into())
}

fn branches(network: &Network, parameter: &str, found: &[Found]) -> Vec<Vec<Value>> {
    let mut rows = vec![];
    for Found { label, diagram, .. } in found {
        for branch in &diagram.branches {
            for (i, point) in branch.points.iter().enumerate() {
                let mut row = vec![Value::Text(label.clone()), Value::Integer(branch.number), Value::Integer(i + 1)];
                row.extend([
                    kind(point.period().is_some()),
                    code(point),
                    Value::Text(parameter.into()),
                    Value::Real(point.value),
                ]);
                row.extend([point.period().into(), Value::Integer(point.object.falls())]);
                let numbers = [&point.rates, &point.peaks, &point.least].into_iter().flatten();
                row.extend(numbers.map(|x| Value::Real(*x)));
                row.push(Value::Integer(point.spectrum.unstable()));
                row.push(Value::Text(point.is_stable().to_string()));
                for i in 0..MULTIPLIERS {
                    let value = point.spectrum.leading.get(i);
                    row.extend([value.map(|v| v.0).into(), value.map(|v| v.1).into()]);
                }
                row.extend([Some(point.growth()).into(), Some(point.frequency()).into()]);
                row.extend([Value::Real(point.residual), point.error.into(), Value::Text(point.notes.to_string())]);
                rows.push(row);
            }
        }
        for (i, Unsolved { orbit, value, note }) in diagram.unsolved.iter().enumerate() {
            let mut row = vec![Value::Text(label.clone()), Value::Integer(0), Value::Integer(i + 1)];
            row.extend([kind(*orbit), Value::Text("MX".into()), Value::Text(parameter.into())]);
            row.extend([Value::Real(*value), Value::None, Value::Integer(0)]);
            row.extend((0..3 * network.populations.len()).map(|_| Value::None));
            row.extend([Value::Integer(0), Value::Text("false".into())]);
            row.extend((0..2 * MULTIPLIERS + 4).map(|_| Value::None));
            row.push(Value::Text(note.clone()));
            rows.push(row);
        }
    }
    rows
}

fn special(network: &Network, parameter: &str, found: &[Found]) -> Vec<Vec<Value>> {
    let mut rows = vec![];
    for Found { label, diagram, .. } in found {
        for (branch, point) in coded(diagram) {
            let mut row = vec![Value::Text(label.clone()), Value::Integer(branch.number), code(point)];
            row.extend([kind(point.period().is_some()), Value::Text(parameter.into())]);
            let error = point.error.filter(|_| point.code.is_some_and(Code::is_bifurcation));
            row.extend([Value::Real(point.value), error.into(), point.period().into(), Some(point.frequency()).into()]);
            row.extend(point.rates.iter().map(|rate| Value::Real(*rate)));
            row.push(Value::Text((point.code != Some(Code::MX)).to_string()));
            rows.push(row);
        }
        for Unsolved { orbit, value, .. } in &diagram.unsolved {
            let mut row = vec![Value::Text(label.clone()), Value::Integer(0)];
            row.extend([Value::Text("MX".into()), kind(*orbit), Value::Text(parameter.into())]);
            row.extend([Value::Real(*value), Value::None, Value::None, Value::None]);
            row.extend(network.populations.iter().map(|_| Value::None));
            row.push(Value::Text("false".into()));
            rows.push(row);
        }
    }
    rows
}

/// Points with a code, and their branches.
fn coded(diagram: &Diagram) -> impl Iterator<Item = (&Branch, &Point)> {
    let of = |branch| move |point| (branch, point);
    diagram
        .branches
        .iter()
        .flat_map(move |branch| branch.points.iter().filter(|point| point.code.is_some()).map(of(branch)))
}

/// Rates and kick counts over a period, of the orbits with a code.
fn orbits(network: &Network, found: &[Found]) -> Vec<Vec<Value>> {
    let mut rows = vec![];
    for Found { label, diagram, family } in found {
        for branch in &diagram.branches {
            let orbits = branch
                .points
                .iter()
                .enumerate()
                .filter(|(_, point)| point.period().is_some() && !matches!(point.code, None | Some(Code::MX)));
            for (i, point) in orbits {
                let Ok(mut map) = family.map(point.value) else { continue };
                let Object::Orbit { .. } = point.object else { continue };
                let Ok(Image::Return(back)) = point.object.image(&mut map, &point.x) else { continue };
                for (step, fired) in back.fired.iter().enumerate() {
                    let mut row =
                        vec![Value::Text(label.clone()), Value::Integer(branch.number), Value::Integer(i + 1)];
                    row.push(Value::Real((step + 1) as f64 * map.dt()));
                    let sizes = network.populations.iter().map(|p| f64::from(p.size) * map.dt());
                    row.extend(fired.iter().zip(sizes).map(|(fired, size)| Value::Real(1e3 * fired / size)));
                    let kicks = (0..network.projections.len()).map(|x| back.states[step + 1][map.kick_row(x)]);
                    row.extend(kicks.map(Value::Real));
                    rows.push(row);
                }
            }
        }
    }
    rows
}
