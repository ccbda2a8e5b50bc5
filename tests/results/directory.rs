//! The directory itself: whole files, one process at a time, and errors that say what happened.

use crate::support::{all, contents, finish};
use snn_ensemble::results::{AtomicFile, DirectoryLock, FilesLock, ResultError, file};
use std::io::{BufRead, BufReader, Error, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn files_appear_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"half").unwrap();
    assert!(!path.exists());
    drop(file);
    assert!(contents(directory.path()).is_empty());
    AtomicFile::write_all(&path, b"old").unwrap();
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"new").unwrap();
    assert_eq!(contents(directory.path())["file"], b"old");
    file.commit().unwrap();
    let after = contents(directory.path());
    assert_eq!((after.len(), &after["file"][..]), (1, &b"new"[..]));
    let nowhere = AtomicFile::create(&directory.path().join("no").join("file")).unwrap_err();
    assert!(matches!(nowhere, ResultError::Missing { .. }), "{nowhere}");
}

/// A link stays one, wherever it leads; a device is written to and stays one.
#[cfg(unix)]
#[test]
fn links_and_devices_stay() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir(at("folder")).unwrap();
    std::fs::write(at("folder/there"), b"old").unwrap();
    for (name, to) in [("to_file", "folder/there"), ("to_link", "to_file"), ("to_nothing", "folder/new")] {
        symlink(to, at(name)).unwrap();
        AtomicFile::write_all(&at(name), name.as_bytes()).unwrap();
        assert_eq!(std::fs::read_link(at(name)).unwrap(), Path::new(to));
        assert_eq!(std::fs::read(at(name)).unwrap(), name.as_bytes());
    }
    assert_eq!(std::fs::read_dir(at("folder")).unwrap().count(), 2, "nothing is left aside");
    symlink("circle", at("circle")).unwrap();
    assert!(AtomicFile::write_all(&at("circle"), b"x").is_err());
    // through a link, so that a mistake costs the link alone
    symlink("/dev/null", at("null")).unwrap();
    AtomicFile::write_all(&at("null"), b"x").unwrap();
    assert!(
        std::fs::symlink_metadata(at("null")).unwrap().is_symlink()
            && !std::fs::metadata("/dev/null").unwrap().is_file()
    );
}

/// What a killed process has left aside goes; what others call similarly, or what is still written, stays.
#[test]
fn files_left_aside_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    let left = [".points.csv.1.part", ".members.log.4000000000.part"];
    let kept = [".points.csv.part", ".mine.csv.1.part", "points.csv.1.part", ".points.csv.x.part"];
    for name in left.iter().chain(&kept) {
        std::fs::write(directory.path().join(name), "half").unwrap();
    }
    let own = AtomicFile::create(&directory.path().join(file::POINTS)).unwrap();
    let lock = FilesLock::acquire(directory.path()).unwrap();
    own.commit().unwrap();
    drop(lock);
    let mut names: Vec<String> = contents(directory.path()).into_keys().collect();
    names.retain(|name| name != file::FILES_LOCK);
    let mut expected: Vec<&str> = [&kept[..], &[file::POINTS]].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_directory_has_one_owner() {
    let directory = tempfile::tempdir().unwrap();
    let new = directory.path().join("a").join("b");
    let lock = DirectoryLock::acquire(&new).unwrap();
    let error = DirectoryLock::acquire(&new).unwrap_err();
    assert!(matches!(error, ResultError::Locked { .. }), "{error}");
    // where the holder's lock allows reading, the message names its process
    if cfg!(unix) {
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    }
    drop(lock);
    DirectoryLock::acquire(&new).unwrap();
}

const HOLD: &str = "SNN_ENSEMBLE_TEST_HOLD";

#[test]
#[ignore = "the process that the next test starts and kills"]
fn holder() {
    let _lock = DirectoryLock::acquire(Path::new(&std::env::var(HOLD).unwrap())).unwrap();
    println!("\nheld");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn a_killed_process_blocks_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["directory::holder", "--exact", "--ignored", "--nocapture"])
        .env(HOLD, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == "held"));
    let error = DirectoryLock::acquire(directory.path()).unwrap_err();
    assert!(matches!(error, ResultError::Locked { .. }), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    DirectoryLock::acquire(directory.path()).unwrap();
}

#[test]
fn errors_of_the_disk_have_names() {
    let error = |kind: ErrorKind| ResultError::io(Path::new("out"), Error::from(kind));
    assert!(matches!(error(ErrorKind::StorageFull), ResultError::DiskFull { .. }));
    assert!(matches!(error(ErrorKind::QuotaExceeded), ResultError::DiskFull { .. }));
    assert!(matches!(error(ErrorKind::ReadOnlyFilesystem), ResultError::ReadOnly { .. }));
    assert!(matches!(error(ErrorKind::PermissionDenied), ResultError::ReadOnly { .. }));
    assert!(matches!(error(ErrorKind::NotFound), ResultError::Missing { .. }));
    assert!(error(ErrorKind::StorageFull).to_string().contains("the disk is full"));
}

/// /dev/full is a disk without space.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_as_one() {
    let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = ResultError::io(Path::new("out"), full.write_all(b"x").unwrap_err());
    assert!(matches!(error, ResultError::DiskFull { .. }), "{error}");
    let points = [file::MEMBERS, file::POINTS, file::LONG_POINTS, file::DENSITIES];
    for name in points.into_iter().chain([file::TRACES, file::SPIKES, file::NEURONS, file::COLUMNS]) {
        let directory = tempfile::tempdir().unwrap();
        let aside = directory.path().join(format!(".{name}.{}.part", std::process::id()));
        std::os::unix::fs::symlink("/dev/full", aside).unwrap();
        let error = finish(directory.path(), &all()).unwrap_err();
        assert!(matches!(error, ResultError::DiskFull { .. }), "{name}: {error}");
        assert!(!contents(directory.path()).contains_key(name));
        // with space again nothing is lost
        finish(directory.path(), &[]).unwrap();
        assert_eq!(contents(directory.path()).len(), 9);
    }
}
