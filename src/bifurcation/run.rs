//! The diagrams of an experiment, kept in its result directory: gone on from, and written as tables.

use super::branch::{Branch, Code, Point};
use super::continuation::Progress;
use super::diagram::Diagram;
use super::explore::{Explorer, Growth};
use super::family::Family;
use super::map::MapError;
use super::results::{self, Found};
use crate::config::{Continuation, Experiment};
use crate::model::Variant;
use crate::results::{AtomicFile, ResultError, file};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Mutex;
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
    #[error("{}: holds branches of another network, model or parameter; choose another directory with --out", path.display())]
    Other { path: std::path::PathBuf },
    /// Files.
    #[error(transparent)]
    Result(#[from] ResultError),
}

/// Diagrams by what they are of: model and bins.
type Diagrams = Vec<(String, Diagram)>;

/// What is stored: whose branches, and the diagram of every model.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// Of network and parameter.
    identity: String,
    diagrams: Diagrams,
}

/// Told of every point: model, branch, point.
pub type Tell<'a> = dyn Fn(&str, usize, &Point) + Sync + 'a;

/// What a run came to.
pub struct Finished {
    /// Points on all branches.
    pub points: usize,
    /// Branches.
    pub branches: usize,
    /// (model, bifurcation) in the order of the tables.
    pub special: Vec<(String, Point)>,
    /// Branches that end in an invalid network, and what did not converge.
    pub lost: Vec<String>,
    /// Whether it was told to stop.
    pub interrupted: bool,
}

struct Watch<'a> {
    label: &'a str,
    tell: &'a Tell<'a>,
    stop: &'a AtomicBool,
    store: &'a (dyn Fn(&Diagram) + Sync),
}

impl Progress for Watch<'_> {
    fn point(&self, branch: usize, point: &Point) {
        (self.tell)(self.label, branch, point);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Growth for Watch<'_> {
    fn grown(&self, diagram: &Diagram) {
        (self.store)(diagram);
    }
}

/// Makes the diagrams of an experiment's continuation, or goes on with those that the directory holds, and writes their tables.
pub fn run(
    experiment: &Experiment,
    directory: &Path,
    stop: &AtomicBool,
    tell: &Tell,
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
    let stored = read(&path, &identity)?;
    let names: Vec<String> = families.iter().map(|(label, family)| format!("{label} {}", family.identity())).collect();
    let before = |name: &String| {
        let known = stored.iter().find(|(other, _)| other == name);
        known.map_or_else(Diagram::default, |(_, diagram)| diagram.clone())
    };
    let begun: Vec<Diagram> = names.iter().map(before).collect();
    let others: Diagrams = stored.iter().filter(|(name, _)| !names.contains(name)).cloned().collect();
    let current = Mutex::new(begun.clone());
    let failed = Mutex::new(None);
    let keep = |model: usize, diagram: &Diagram| {
        // A poisoned lock means that another model's thread panicked, and the run ends with that.
        let Ok(mut all) = current.lock() else { return };
        all[model] = diagram.clone();
        let ours = names.iter().cloned().zip(all.iter().cloned());
        let diagrams = ours.chain(others.iter().cloned()).collect();
        let written = write_stored(&path, &Stored { identity: identity.clone(), diagrams });
        if let (Err(error), Ok(mut failed)) = (written, failed.lock()) {
            failed.get_or_insert(error);
            stop.store(true, Ordering::Relaxed);
        }
    };
    let diagrams: Vec<Diagram> = families
        .par_iter()
        .zip(begun)
        .enumerate()
        .map(|(model, ((label, family), mut diagram))| {
            let store = |diagram: &Diagram| keep(model, diagram);
            let watch = Watch { label, tell, stop, store: &store };
            Explorer::new(family, &continuation.at, continuation.doublings, &watch)
                .explore(&mut diagram, &continuation.from);
            store(&diagram);
            diagram
        })
        .collect();
    if let Ok(Some(error)) = failed.into_inner() {
        return Err(error.into());
    }
    let found = families.iter().zip(&diagrams);
    let found: Vec<Found> =
        found.map(|((label, family), diagram)| Found { label: label.clone(), family, diagram }).collect();
    results::write(directory, &experiment.network, &continuation.parameter.path, &found)?;
    AtomicFile::write_all(&directory.join(file::BRANCHES_CONFIG), experiment.to_yaml().as_bytes())?;
    Ok(finish(&found, stop.load(Ordering::Relaxed)))
}

fn family(
    experiment: &Experiment,
    continuation: &Continuation,
    model: &Variant,
) -> Result<(String, Family), BranchesError> {
    let Continuation { parameter, range, .. } = continuation;
    let label = model.label();
    match Family::new(&experiment.network, model, parameter, *range) {
        Ok(family) => Ok((label, family)),
        Err(source) => Err(BranchesError::Model { label, source }),
    }
}

/// Of the network, less the number that moves, and of the parameter. Models are told apart by their labels.
fn identity(experiment: &Experiment, continuation: &Continuation) -> String {
    let mut network = experiment.network.clone();
    continuation.parameter.set(&mut network, continuation.range[0]);
    // The range may grow: what it is measured in is not part of the network.
    continuation.parameter.set(&mut network, 0.0);
    let text = format!("{network:?} {} {}", continuation.parameter.path, crate::bifurcation::branch::VERSION);
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path, identity: &str) -> Result<Diagrams, BranchesError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(ResultError::io(path, error).into()),
    };
    match postcard::from_bytes::<Stored>(&bytes) {
        Ok(stored) if stored.identity == identity => Ok(stored.diagrams),
        _ => Err(BranchesError::Other { path: path.to_path_buf() }),
    }
}

fn write_stored(path: &Path, stored: &Stored) -> Result<(), ResultError> {
    // Plain data in memory can always be written.
    let bytes = postcard::to_allocvec(stored).expect("plain data");
    AtomicFile::write_all(path, &bytes)
}

fn finish(found: &[Found], interrupted: bool) -> Finished {
    let all = || found.iter().flat_map(|of| of.diagram.branches.iter().map(move |branch| (of.label.clone(), branch)));
    let points = all().map(|(_, branch)| branch.points.len()).sum();
    let special = all().flat_map(|(label, branch)| {
        let bifurcations = branch.points.iter().filter(|point| point.code.is_some_and(Code::is_bifurcation));
        bifurcations.map(move |point| (label.clone(), point.clone()))
    });
    let ended = |branch: &&Branch| branch.points.iter().any(|point| point.note.contains("no model"));
    let ends = all().filter(|(_, branch)| ended(branch)).map(|(label, branch)| {
        let last = branch.points.iter().find(|point| point.note.contains("no model"));
        format!("{label}, branch {}: {}", branch.number, last.map_or("", |point| &point.note))
    });
    Finished { points, branches: all().count(), special: special.collect(), lost: ends.collect(), interrupted }
}
