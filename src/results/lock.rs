//! One process at a time in a result directory.

use super::error::ResultError;
use super::file;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Held until dropped. The operating system releases it when the process ends in whatever way, so a kill blocks nobody; the file
/// itself stays, because removing it would let two processes hold different files of one name.
#[derive(Debug)]
pub struct DirectoryLock {
    file: File,
}

impl DirectoryLock {
    /// Creates the directory if need be.
    ///
    /// Errors: [`ResultError::Locked`] where another process holds it. File systems without locks are used without.
    pub fn acquire(directory: &Path) -> Result<DirectoryLock, ResultError> {
        fs::create_dir_all(directory).map_err(|e| ResultError::io(directory, e))?;
        let path = directory.join(file::LOCK);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(|e| ResultError::io(&path, e))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                // only a hint: where the holder's lock also forbids reading, the message does without
                let _ = file.read_to_string(&mut process);
                let holder = if process.is_empty() { process } else { format!(" ({})", process.trim()) };
                return Err(ResultError::Locked { path: directory.to_path_buf(), holder });
            }
            Err(TryLockError::Error(e)) if e.kind() != ErrorKind::Unsupported => {
                return Err(ResultError::io(&path, e));
            }
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "process {}", std::process::id()));
        written.map_err(|e| ResultError::io(&path, e))?;
        Ok(DirectoryLock { file })
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}
