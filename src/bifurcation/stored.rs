//! What was found of each model, kept in a file while it grows.

use crate::results::{AtomicFile, FilesLock, ResultError, frame};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Of the frame that the file is.
const KIND: u8 = b'B';

/// Findings by what they are of: model and bins.
pub type Named<T> = Vec<(String, T)>;

/// What is in the file: whose findings, and those of every model.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    identity: String,
    found: Named<T>,
}

/// Whose findings, in short: a hash of everything that they depend on.
pub fn identity(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of findings; `None` where it is damaged or holds others than of this identity, nothing where there is none.
pub fn read<T: DeserializeOwned>(path: &Path, identity: &str) -> Result<Option<Named<T>>, ResultError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(vec![])),
        Err(error) => return Err(ResultError::io(path, error)),
    };
    let stored = frame::only(KIND, &bytes).and_then(|body| postcard::from_bytes::<Stored<T>>(&body).ok());
    Ok(stored.filter(|stored| stored.identity == identity).map(|stored| stored.found))
}

/// Keeps the findings of some models, side by side.
pub struct Store<'a, T> {
    path: PathBuf,
    identity: String,
    names: Vec<String>,
    /// Of models that are not looked at.
    others: Named<T>,
    current: Mutex<Vec<T>>,
    failed: Mutex<Option<ResultError>>,
    /// Told where the file cannot be written.
    stop: &'a AtomicBool,
}

impl<'a, T: Serialize + Clone + Default + Send + Sync> Store<'a, T> {
    /// Of the models of these names, going on with what was stored.
    pub fn new(path: PathBuf, identity: String, names: Vec<String>, stored: Named<T>, stop: &'a AtomicBool) -> Self {
        let (known, others): (Named<T>, Named<T>) = stored.into_iter().partition(|(name, _)| names.contains(name));
        let begun = names.iter().map(|name| {
            let before = known.iter().find(|(other, _)| other == name);
            before.map_or_else(T::default, |(_, found)| found.clone())
        });
        let current = Mutex::new(begun.collect());
        Store { path, identity, names, others, current, failed: Mutex::new(None), stop }
    }

    /// What there is of every model so far.
    pub fn begun(&self) -> Vec<T> {
        self.current.lock().map_or_else(|_| vec![], |current| current.clone())
    }

    /// Lets what there is of each model grow, side by side, and keeps it whenever `grow` says so and at its end.
    pub fn grown(self, grow: impl Fn(usize, &mut T, &(dyn Fn(&T) + Sync)) + Sync) -> Result<Vec<T>, ResultError> {
        let each = self.begun().into_par_iter().enumerate().map(|(model, mut found)| {
            let keep = |found: &T| self.keep(model, found);
            grow(model, &mut found, &keep);
            keep(&found);
            found
        });
        let found = each.collect();
        match self.failed.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(found),
        }
    }

    /// Keeps what there is of a model now.
    fn keep(&self, model: usize, found: &T) {
        // A poisoned lock means that another model's thread panicked, and the run ends with that.
        let Ok(mut all) = self.current.lock() else { return };
        all[model] = found.clone();
        let ours = self.names.iter().cloned().zip(all.iter().cloned());
        let stored =
            Stored { identity: self.identity.clone(), found: ours.chain(self.others.iter().cloned()).collect() };
        // Plain data in memory can always be written.
        let bytes = postcard::to_allocvec(&stored).expect("plain data");
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let written = FilesLock::acquire(directory)
            .and_then(|_files| AtomicFile::write_all(&self.path, &frame::frame(KIND, &bytes)));
        if let (Err(error), Ok(mut failed)) = (written, self.failed.lock()) {
            failed.get_or_insert(error);
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}
