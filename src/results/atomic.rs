//! Files that appear whole or not at all.

use super::error::{ResultError, is_in_use};
use super::file;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

/// A file written aside, in the same directory and under a name of this process; [`AtomicFile::commit`] gives it its name, dropping
/// it leaves no trace. Links are followed; a pipe or a device is written to as it is.
#[derive(Debug)]
pub struct AtomicFile {
    /// Absent once committed.
    file: Option<File>,
    /// Absent where there is no name to give.
    aside: Option<PathBuf>,
    path: PathBuf,
}

impl AtomicFile {
    /// Opens the file aside; what is at `path` stays until [`AtomicFile::commit`].
    pub fn create(path: &Path) -> Result<AtomicFile, ResultError> {
        let there = fs::metadata(path).map(|found| found.file_type());
        if there.is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
            let file = OpenOptions::new().write(true).open(path).map_err(|e| ResultError::io(path, e))?;
            return Ok(AtomicFile { file: Some(file), aside: None, path: path.to_path_buf() });
        }
        let path = &target(path).map_err(|e| ResultError::io(path, e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let created = File::create(&aside).map_err(|e| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
            ResultError::io(folder.unwrap_or(path), e)
        })?;
        // What is written over keeps who may read it; where that cannot be, it is a new file's.
        if let Ok(there) = fs::metadata(path) {
            let _ = created.set_permissions(there.permissions());
        }
        Ok(AtomicFile { file: Some(created), aside: Some(aside), path: path.to_path_buf() })
    }

    /// A second handle that writes to the same place; to be dropped before [`AtomicFile::commit`].
    pub fn handle(&self) -> Result<File, ResultError> {
        let file = self.file.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        file.and_then(File::try_clone).map_err(|e| ResultError::io(&self.path, e))
    }

    /// Opens the file aside once more, for reading too; a handle of it is one of the file that has the name, once that is given.
    pub fn reopened(&self) -> Result<File, ResultError> {
        let at = self.aside.as_ref().unwrap_or(&self.path);
        open(at).map_err(|e| ResultError::io(&self.path, e))
    }

    /// Makes the bytes durable and renames. What had the name before is replaced.
    pub fn commit(mut self) -> Result<(), ResultError> {
        let (Some(file), Some(aside)) = (self.file.take(), &self.aside) else { return Ok(()) };
        // a rename over an open file fails on Windows, so the handle goes first
        let renamed = file.sync_all().map(|()| drop(file)).and_then(|()| patiently(|| fs::rename(aside, &self.path)));
        renamed.and_then(|()| sync_directory(&self.path)).map_err(|e| {
            let _ = fs::remove_file(aside);
            ResultError::io(&self.path, e)
        })
    }

    /// Removes what processes that were killed have left aside of the files of a result directory; the caller holds their lock.
    pub(super) fn remove_left(directory: &Path) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let parts = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".part")?.rsplit_once('.'));
            let process = parts
                .filter(|(name, _)| file::ALL.contains(name) || *name == file::STAMP)
                .and_then(|(_, id)| id.parse::<u32>().ok());
            if process.is_some_and(|id| id != std::process::id()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Writes a whole file.
    pub fn write_all(path: &Path, bytes: &[u8]) -> Result<(), ResultError> {
        let mut file = AtomicFile::create(path)?;
        Write::write_all(&mut file, bytes).map_err(|e| ResultError::io(path, e))?;
        file.commit()
    }
}

/// Opens a file that is there, to be read and written.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// What a path's links lead to, be it there or not.
fn target(path: &Path) -> io::Result<PathBuf> {
    /// Links that lead to links, at most.
    const LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(io::Error::other("links that lead in a circle"))
}

/// Removes a file, if there is one.
pub fn remove(path: &Path) -> Result<(), ResultError> {
    match patiently(|| fs::remove_file(path)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(ResultError::io(path, e)),
        _ => Ok(()),
    }
}

/// Does once more what Windows refuses for as long as another program has a file open: virus scanners, indexers and clouds look at what is
/// new for a moment.
pub(super) fn patiently<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    const PAUSES_MS: [u64; 5] = [10, 30, 100, 300, 1000];
    for pause in PAUSES_MS {
        match act() {
            // some are denied
            Err(e) if is_in_use(&e) || cfg!(windows) && e.kind() == io::ErrorKind::PermissionDenied => {
                std::thread::sleep(Duration::from_millis(pause));
            }
            done => return done,
        }
    }
    act()
}

/// A rename is durable once its directory is. Only Unix can open directories.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match File::open(directory)?.sync_all() {
            Err(error) if is_unsupported(&error) => {
                warn_once(&UNSYNCED, "directories cannot be synced here: a loss of power may undo the last renames");
                Ok(())
            }
            synced => synced,
        };
    }
    Ok(())
}

static UNSYNCED: Once = Once::new();

/// What a file system says that does not do what was asked of it: EINVAL or EBADF of fsync, ENOTSUP, ENOSYS, ENOLCK; of Windows
/// ERROR_INVALID_FUNCTION and ERROR_NOT_SUPPORTED.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    // Without a kind of its own in the standard library.
    const ENOLCK: i32 = if cfg!(target_os = "linux") { 37 } else { 77 };
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
        || cfg!(unix) && matches!(error.raw_os_error(), Some(EBADF | ENOLCK))
        || cfg!(windows) && matches!(error.raw_os_error(), Some(1 | 50))
}

const EBADF: i32 = 9;

/// Warns on standard error of something that no result depends on, once in the life of the process.
pub(super) fn warn_once(once: &Once, warning: &str) {
    once.call_once(|| {
        // Nobody may be listening.
        let _ = writeln!(io::stderr(), "warning: {warning}");
    });
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let (Some(_), Some(aside)) = (self.file.take(), &self.aside) {
            let _ = fs::remove_file(aside);
        }
    }
}
