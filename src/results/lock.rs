//! Who may do what in a result directory: one run at a time, and one process at a time with the files that are made of its log.
//!
//! The operating system releases a lock when its process ends in whatever way, so a kill blocks nobody. Within a process a lock is
//! released in words: closing its file is not enough while a child that another thread is about to start still has it open. The
//! lock's file itself stays, because removing it would let two processes hold different files of one name. File systems without
//! locks are used without, with a warning.

use super::atomic::{AtomicFile, is_unsupported, warn_once};
use super::error::ResultError;
use super::file;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;

static UNLOCKED: Once = Once::new();

/// Held by a run from its beginning to its end; a second one is sent away.
#[derive(Debug)]
pub struct DirectoryLock {
    file: File,
}

impl DirectoryLock {
    /// Creates the directory if need be.
    ///
    /// Errors: [`ResultError::Locked`] where another process holds it.
    pub fn acquire(directory: &Path) -> Result<DirectoryLock, ResultError> {
        fs::create_dir_all(directory).map_err(|e| ResultError::io(directory, e))?;
        let (path, mut file) = open(directory, file::LOCK)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                // only a hint: where the holder's lock also forbids reading, the message does without
                let _ = file.read_to_string(&mut process);
                let holder = if process.is_empty() { process } else { format!(" ({})", process.trim()) };
                return Err(ResultError::Locked { path: directory.to_path_buf(), holder });
            }
            Err(TryLockError::Error(e)) if !is_unsupported(&e) => return Err(ResultError::io(&path, e)),
            Err(TryLockError::Error(_)) => warn_once(
                &UNLOCKED,
                "files cannot be locked here: make sure that no other process works in this directory at the same time",
            ),
            Ok(()) => {}
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "process {}", std::process::id()));
        written.map_err(|e| ResultError::io(&path, e))?;
        Ok(DirectoryLock { file })
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Held for as long as it takes to write all files of a directory, or to make a report of them: so they always belong together. A
/// report can be made while a run goes on; each waits for the other.
#[derive(Debug)]
pub struct FilesLock {
    file: File,
}

impl FilesLock {
    /// Waits for the process that holds it, and removes what killed ones have left aside.
    pub fn acquire(directory: &Path) -> Result<FilesLock, ResultError> {
        let (path, file) = open(directory, file::FILES_LOCK)?;
        match file.lock() {
            Ok(()) => AtomicFile::remove_left(directory),
            Err(e) if is_unsupported(&e) => {}
            Err(e) => return Err(ResultError::io(&path, e)),
        }
        Ok(FilesLock { file })
    }
}

impl Drop for FilesLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn open(directory: &Path, name: &str) -> Result<(PathBuf, File), ResultError> {
    let path = directory.join(name);
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|e| ResultError::io(&path, e))?;
    Ok((path, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child has every open file of its process until it becomes another program.
    #[test]
    fn a_lock_is_free_though_a_child_has_its_file_open() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let (directory, files) = (DirectoryLock::acquire(folder.path()), FilesLock::acquire(folder.path()));
            let (directory, files) = (directory.unwrap(), files.unwrap());
            assert!(matches!(DirectoryLock::acquire(folder.path()), Err(ResultError::Locked { .. })));
            let inherited = [directory.file.try_clone().unwrap(), files.file.try_clone().unwrap()];
            drop((directory, files));
            let (path, file) = open(folder.path(), file::FILES_LOCK).unwrap();
            assert!(file.try_lock().is_ok(), "{}", path.display());
            drop(file);
            drop(DirectoryLock::acquire(folder.path()).unwrap());
            drop(inherited);
        }
    }
}
