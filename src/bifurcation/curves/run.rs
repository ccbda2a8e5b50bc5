//! The curves of an experiment's plane, kept in its result directory: gone on from, and written as tables.

use super::explore::Curves;
use super::plane::Plane;
use super::results;
use crate::bifurcation::curve::{CurvePoint, VERSION};
use crate::bifurcation::results::Found;
use crate::bifurcation::stored::{self, Store};
use crate::bifurcation::watch::{Growing, Watch};
use crate::config::{Continuation, Experiment, Second};
use crate::results::{FilesLock, ResultError, file};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Follows what diagrams have located into the plane, or goes on with that, and writes the tables; how many points and curves there are.
pub fn run(
    experiment: &Experiment,
    (continuation, second): (&Continuation, &Second),
    found: &[Found],
    directory: &Path,
    (stop, watch): (&AtomicBool, &dyn Watch),
) -> Result<[usize; 2], ResultError> {
    let path = directory.join(file::CURVES_CONTINUED);
    let identity = identity(experiment, continuation, second);
    // Of another plane or network: they are made anew.
    let stored = stored::read(&path, &identity)?.unwrap_or_default();
    let names = found.iter().map(|of| format!("{} {}", of.label, of.family.identity())).collect();
    let store = Store::new(path, identity, names, stored, stop);
    let curves = store.grown(|model, curves: &mut Curves, keep| {
        let of = &found[model];
        let told = |curve: usize, point: &CurvePoint| watch.curve_point(&of.label, curve, point);
        let growing = Growing { told: &told, stop, keep };
        curves.explore(Plane { family: of.family, second }, of.diagram, &growing);
    })?;
    let labels = found.iter().map(|of| of.label.as_str());
    let _files = FilesLock::acquire(directory)?;
    results::write(directory, &experiment.network, continuation, second, &labels.zip(&curves).collect::<Vec<_>>())?;
    let all = || curves.iter().flat_map(|of| &of.curves);
    Ok([all().map(|curve| curve.points.len()).sum(), all().count()])
}

/// Of network and plane; steps are measured in the ranges, so other ranges have other points.
fn identity(experiment: &Experiment, continuation: &Continuation, second: &Second) -> String {
    let mut network = experiment.network.clone();
    continuation.parameter.set(&mut network, 0.0);
    let paths = [&continuation.parameter.path, &second.parameter.path];
    let (network, ranges) = (network.canonical(), [continuation.range, second.range]);
    let text = format!("{network} {paths:?} {ranges:?} {VERSION}");
    stored::identity(&text)
}
