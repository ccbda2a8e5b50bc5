//! The diagrams of an experiment, kept in its result directory: gone on from, and written as tables.

use super::branch::Point;
use super::code::Code;
use super::curves;
use super::diagram::Diagram;
use super::explore::Explorer;
use super::family::Family;
use super::map::MapError;
use super::results::{self, Found};
use super::stored::{self, Store};
use super::watch::{Growing, Watch};
use crate::config::{Continuation, Experiment, Start};
use crate::model::Variant;
use crate::results::{AtomicFile, FilesLock, ResultError, file, remove};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What goes wrong with a run as a whole.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the parts of the message")]
pub enum BranchesError {
    /// The config has no `continuation`.
    #[error(
        "the config has no section `continuation`; add one with the parameter and its range, for instance \
         `continuation: {{parameter: {example}, range: [0.4, 1.0]}}`"
    )]
    Nothing { example: String },
    /// A model that is no map.
    #[error("continuation.models: {label}: {source}")]
    Model { label: String, source: MapError },
    /// The branches of the directory are of something else.
    #[error(
        "{}: holds branches of another network, model or parameter, or of another version of this program, or is damaged; choose another directory \
         with --out",
        path.display()
    )]
    Other { path: PathBuf },
    /// A start that is on no branch of the directory.
    #[error(
        "continuation.from: {{branch: {branch}, point: {point}}} is not in {}, which has {}; the columns branch and point of branches.csv \
         have the numbers", directory.display(), holds(.points)
    )]
    NotStored { branch: usize, point: usize, directory: PathBuf, points: Vec<usize> },
    /// Files.
    #[error(transparent)]
    Result(#[from] ResultError),
}

/// Branches with these numbers of points, in words.
fn holds(points: &[usize]) -> String {
    let counts: Vec<String> = points.iter().map(usize::to_string).collect();
    match points.len() {
        0 => "no branches yet".into(),
        1 => format!("one branch of {} points", counts[0]),
        n => format!("{n} branches of {} points", counts.join(", ")),
    }
}

/// What a run came to.
pub struct Finished {
    /// Points on all branches.
    pub points: usize,
    /// Branches.
    pub branches: usize,
    /// Points on all curves, and curves.
    pub curves: [usize; 2],
    /// (model, bifurcation) in the order of the tables.
    pub special: Vec<(String, Point)>,
    /// Branches that end in an invalid network, and what did not converge.
    pub lost: Vec<String>,
    /// Whether it was told to stop.
    pub interrupted: bool,
}

/// Makes the diagrams of an experiment's continuation, or goes on with those that the directory holds, and writes their tables.
pub fn run(
    experiment: &Experiment,
    directory: &Path,
    stop: &AtomicBool,
    watch: &dyn Watch,
) -> Result<Finished, BranchesError> {
    let Some(continuation) = &experiment.continuation else {
        let example = experiment.network.projections.first();
        let example = example.map_or("populations.E.drive.rate".into(), |p| {
            format!("projections.{}.p", experiment.network.projection_name(p))
        });
        return Err(BranchesError::Nothing { example });
    };
    let families = continuation.models.iter().map(|model| family(experiment, continuation, model));
    let families: Vec<(String, Family)> = families.collect::<Result<_, _>>()?;
    std::fs::create_dir_all(directory).map_err(|e| ResultError::io(directory, e))?;
    let identity = identity(experiment, continuation);
    let path = directory.join(file::CONTINUED);
    let stored = stored::read(&path, &identity)?.ok_or_else(|| BranchesError::Other { path: path.clone() })?;
    let names = families.iter().map(|(label, family)| format!("{label} {}", family.identity())).collect();
    let store = Store::new(path, identity, names, stored, stop);
    for &start in &continuation.from {
        let Start::Stored(branch, point) = start else { continue };
        let begun = store.begun();
        if !begun.iter().any(|diagram: &Diagram| diagram.at(branch, point).is_some()) {
            let longest = begun.iter().max_by_key(|diagram| diagram.branches.len());
            let points = longest.map_or(vec![], |diagram| diagram.branches.iter().map(|b| b.points.len()).collect());
            return Err(BranchesError::NotStored { branch, point, directory: directory.to_path_buf(), points });
        }
    }
    let diagrams = store.grown(|model, diagram, keep| {
        let (label, family) = &families[model];
        let told = |branch: usize, point: &Point| watch.point(label, branch, point);
        let growing = Growing { told: &told, stop, keep };
        Explorer::new(family, &continuation.at, continuation.doublings, &growing).explore(diagram, &continuation.from);
    })?;
    let found = families.iter().zip(&diagrams);
    let found: Vec<Found> =
        found.map(|((label, family), diagram)| Found { label: label.clone(), family, diagram }).collect();
    {
        let _files = FilesLock::acquire(directory)?;
        results::write(directory, &experiment.network, &continuation.parameter.path, &found)?;
        AtomicFile::write_all(&directory.join(file::BRANCHES_CONFIG), experiment.to_yaml().as_bytes())?;
    }
    let curves = match &continuation.second {
        Some(second) => curves::run::run(experiment, (continuation, second), &found, directory, (stop, watch))?,
        None => {
            // Of an earlier config, in a plane that this one does not have; what is stored of them stays.
            [file::CURVES, file::CURVES_CSV].iter().try_for_each(|name| remove(&directory.join(name)))?;
            [0; 2]
        }
    };
    Ok(Finished { curves, ..finish(&found, stop.load(Ordering::Relaxed)) })
}

fn family(
    experiment: &Experiment,
    continuation: &Continuation,
    model: &Variant,
) -> Result<(String, Family), BranchesError> {
    let Continuation { parameter, range, second, .. } = continuation;
    let label = model.label();
    let second = second.as_ref().map(|second| (&second.parameter, second.range));
    match Family::with_second(&experiment.network, model, (parameter, *range), second) {
        Ok(family) => Ok((label, family)),
        Err(source) => Err(BranchesError::Model { label, source }),
    }
}

/// Of the network, less the number that moves, and of the parameter. Models are told apart by their labels.
fn identity(experiment: &Experiment, continuation: &Continuation) -> String {
    let mut network = experiment.network.clone();
    // The range may grow: what it is measured in is not part of the network.
    continuation.parameter.set(&mut network, 0.0);
    let text = format!("{} {} {}", network.canonical(), continuation.parameter.path, super::branch::VERSION);
    stored::identity(&text)
}

fn finish(found: &[Found], interrupted: bool) -> Finished {
    let all = || found.iter().flat_map(|of| of.diagram.branches.iter().map(move |branch| (of.label.clone(), branch)));
    let points = all().map(|(_, branch)| branch.points.len()).sum();
    let special = all().flat_map(|(label, branch)| {
        let bifurcations = branch.points.iter().filter(|point| point.code.is_some_and(Code::is_bifurcation));
        bifurcations.map(move |point| (label.clone(), point.clone()))
    });
    let ends = all().filter_map(|(label, branch)| {
        let why = branch.points.iter().flat_map(|point| point.notes.iter()).find(|note| note.is_no_model())?;
        Some(format!("{label}, branch {}: {why}", branch.number))
    });
    let (branches, special, lost) = (all().count(), special.collect(), ends.collect());
    Finished { points, branches, curves: [0; 2], special, lost, interrupted }
}
