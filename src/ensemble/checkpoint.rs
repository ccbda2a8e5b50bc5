//! Members that are under way, on disk: what a run goes on from after an interruption.
//!
//! One file per member on the CPU and per batch on a GPU, written whole every so often and when a run is stopped, removed when
//! the members are finished. A checkpoint only saves time: without it, or with one that cannot be read, a member starts
//! again and ends in the same result.

use super::observer::Observer;
use crate::reduced::State;
use crate::results::{AtomicFile, Identity, Key, ResultError, frame};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where and from what a member goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    /// Steps done.
    pub step: u32,
    /// `None`: the state that the config names for time 0.
    pub state: Option<MemberState>,
    /// `None`: nothing seen yet.
    pub observer: Option<Observer>,
}

impl Start {
    /// Time 0, from the config's initial state.
    pub const BEGIN: Start = Start { step: 0, state: None, observer: None };

    /// Time 0, from a state that another point ended in.
    pub fn carried(state: MemberState) -> Start {
        Start { step: 0, state: Some(state), observer: None }
    }
}

/// The state of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MemberState {
    /// Of a network, see [`crate::network::state`].
    Network(Vec<u32>),
    F64(State<f64>),
    F32(State<f32>),
}

/// Checkpoint files of a result directory.
pub struct Checkpoints {
    directory: PathBuf,
    /// Hash of the identity of the experiment whose members these are.
    experiment: String,
    /// Wall time between two of a member.
    pub every: Duration,
}

/// Kind of a checkpoint's frame, by whose checks damage is found; another letter when what is in it changes.
pub const KIND: u8 = b'F';

/// Checkpoints of other versions and experiments are left alone: their members start again.
#[derive(Serialize, Deserialize)]
struct Content {
    version: String,
    experiment: String,
    members: Vec<(Key, Start)>,
}

impl Checkpoints {
    pub fn of(results: &Path, identity: &Identity, every: Duration) -> Checkpoints {
        // Plain data in memory always serialises.
        let text = serde_json::to_vec(identity).expect("an identity is plain data");
        Checkpoints { directory: results.join("checkpoints"), experiment: super::identity::hex(&text), every }
    }

    /// Everything that can be gone on from. Files of another version or experiment, and torn ones, are passed over.
    pub fn load(&self) -> HashMap<Key, Start> {
        let Ok(files) = std::fs::read_dir(&self.directory) else { return HashMap::new() };
        files.flatten().flat_map(|entry| self.read_file(&entry.path())).collect()
    }

    /// The checkpoint whose first member this is; nothing if there is none that can be read.
    pub fn read(&self, first: &Key) -> Vec<(Key, Start)> {
        self.read_file(&self.path(first))
    }

    fn read_file(&self, path: &Path) -> Vec<(Key, Start)> {
        let body = std::fs::read(path).ok().and_then(|bytes| frame::only(KIND, &bytes));
        let content = body.and_then(|body| postcard::from_bytes::<Content>(&body).ok());
        let ours = |c: &Content| c.version == env!("CARGO_PKG_VERSION") && c.experiment == self.experiment;
        content.filter(ours).map_or(vec![], |content| content.members)
    }

    /// Replaces the checkpoint of these members; the first one's key names the file.
    pub fn write(&self, members: Vec<(Key, Start)>) -> Result<(), ResultError> {
        let Some((first, _)) = members.first() else { return Ok(()) };
        let path = self.path(first);
        self.make()?;
        let version = env!("CARGO_PKG_VERSION").to_string();
        let content = Content { version, experiment: self.experiment.clone(), members };
        // Plain data in memory always serialises.
        let bytes = postcard::to_stdvec(&content).expect("a checkpoint is plain data");
        AtomicFile::write_all(&path, &frame::frame(KIND, &bytes))
    }

    /// Makes the folder, not the directory of results: that was there when the run began.
    fn make(&self) -> Result<(), ResultError> {
        match std::fs::create_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ResultError::moved(&self.directory)),
            made => made.map_err(|e| ResultError::io(&self.directory, e)),
        }
    }

    /// Forgets the checkpoint whose first member this is.
    pub fn remove(&self, first: &Key) {
        // One that stays behind is passed over: its members are in the log.
        let _ = std::fs::remove_file(self.path(first));
    }

    /// Forgets all of them, after a run that finished.
    pub fn clear(&self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }

    fn path(&self, first: &Key) -> PathBuf {
        let name = super::identity::hex(format!("{} {} {}", first.model, first.point, first.realisation).as_bytes());
        self.directory.join(name)
    }
}
