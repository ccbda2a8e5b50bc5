//! Does a run survive its surroundings? Killed while it writes each of its files, disks that are full, directories that cannot
//! be written, a second process, clocks that jump: the bytes of an undisturbed run, or a clear error with everything
//! finished kept.
#![cfg(target_os = "linux")]
mod small;

use assert_cmd::cargo::cargo_bin;
use small::small;
use snn_ensemble::results::{MemberLog, file};
use std::fs;
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

const FILES: [&str; 5] = ["members.parquet", "points.csv", "densities.parquet", "traces.parquet", "spikes.parquet"];
/// In the order in which a run writes them.
const WRITTEN: [&str; 8] = [
    file::CONFIG,
    file::MEMBERS,
    file::POINTS,
    file::DENSITIES,
    file::TRACES,
    file::SPIKES,
    file::MANIFEST,
    file::REPORT,
];

const CONFIG: &str = small!(
    "
name: small
seed: 11
time: {dt: 0.1, duration: 100, discard: 20}
",
    "\
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 6]}
realisations: 4
record: {traces: {members: 1, every: 1}, spikes: {members: 1, from: 20, to: 60}, voltage: true, attractor: true}
"
);
const RUN: [&str; 7] = ["run", "c.yaml", "--backend", "cpu", "--quiet", "--out", "out"];

/// A folder with the config and the result of an undisturbed run in `whole`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), CONFIG).unwrap();
    let output = program(folder.path(), &["run", "c.yaml", "--backend", "cpu", "--quiet", "--out", "whole"]).output();
    assert!(output.unwrap().status.success());
    folder
}

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(arguments).current_dir(directory);
    command
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Goes on without further trouble and ends in the bytes of the undisturbed run.
fn recovers(directory: &Path) {
    let output = program(directory, &RUN).output().unwrap();
    assert!(output.status.success(), "{}", message(&output));
    for file in FILES {
        let read = |run: &str| fs::read(directory.join(run).join(file)).unwrap();
        assert!(read("whole") == read("out"), "{file} differs");
    }
    for entry in fs::read_dir(directory.join("out")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".part"), "{name} stayed behind");
    }
}

/// A run in whose process, before it begins, `sh` does something with `$aside`: what a file is called until it has its name.
fn prepared(directory: &Path, name: &str, script: &str) -> Command {
    fs::create_dir(directory.join("out")).unwrap();
    let script = format!("aside=out/.{name}.$$.part; {script} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(cargo_bin("snn-ensemble")).args(RUN).current_dir(directory);
    command
}

/// Killed in the middle of each file: a named pipe in its place tells when the writing begins.
#[test]
fn killed_while_it_writes_any_file() {
    let folder = folder();
    let directory = folder.path();
    for name in WRITTEN {
        let _ = fs::remove_dir_all(directory.join("out"));
        let mut child = prepared(directory, name, "mkfifo $aside").stderr(Stdio::null()).spawn().unwrap();
        let pipe = directory.join("out").join(format!(".{name}.{}.part", child.id()));
        let begun = Instant::now();
        let waits = || assert!(begun.elapsed() < Duration::from_secs(60), "{name} was never written");
        // O_NONBLOCK: the reader does not wait for the writer.
        let mut reader = loop {
            match fs::OpenOptions::new().read(true).custom_flags(0o4000).open(&pipe) {
                Ok(reader) => break reader,
                Err(_) => waits(),
            }
        };
        let mut torn = vec![0; 4096];
        let read = loop {
            match reader.read(&mut torn) {
                Ok(read) if read > 0 => break read,
                _ => waits(),
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!directory.join("out").join(name).exists(), "{name} is there, torn");
        // What a kill leaves of an ordinary file; a pipe cannot be synced, which may have been noticed before the kill.
        let _ = fs::remove_file(&pipe);
        fs::write(&pipe, &torn[..read / 2]).unwrap();
        recovers(directory);
    }
}

/// A limit on the size of files, which fails a write at a byte in the middle of the log.
fn limited(directory: &Path, blocks: u32) -> Output {
    let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(cargo_bin("snn-ensemble")).args(RUN).current_dir(directory);
    command.output().unwrap()
}

#[test]
fn a_write_to_the_log_that_fails_keeps_what_was_finished() {
    let folder = folder();
    let directory = folder.path();
    // Of 512 or 1024 bytes; a member takes about 3 kB.
    for blocks in [9, 17, 40] {
        let _ = fs::remove_dir_all(directory.join("out"));
        let output = limited(directory, blocks);
        assert_eq!(output.status.code(), Some(1), "{}", message(&output));
        assert!(message(&output).contains("members.log: is as large as the limit"), "{}", message(&output));
        let finished = MemberLog::read_only(&directory.join("out")).unwrap().len();
        assert!(finished < 30, "{finished} members");
        recovers(directory);
    }
}

#[test]
fn a_full_disk_keeps_what_was_finished() {
    let folder = folder();
    let directory = folder.path();
    for name in WRITTEN {
        let _ = fs::remove_dir_all(directory.join("out"));
        let output = prepared(directory, name, "ln -s /dev/full $aside").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", message(&output));
        assert!(message(&output).contains("the disk is full"), "{name}: {}", message(&output));
        // both are written before anything is computed
        if ![file::CONFIG, file::MANIFEST].contains(&name) {
            assert_eq!(MemberLog::read_only(&directory.join("out")).unwrap().len(), 30, "{name}");
        }
        recovers(directory);
    }
}

/// As another user, where the tests run as root, whom no permission stops.
#[test]
fn a_read_only_directory_is_a_clear_error() {
    let folder = folder();
    let directory = folder.path();
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let binary = directory.join("snn-ensemble");
    fs::copy(cargo_bin("snn-ensemble"), &binary).unwrap();
    fs::create_dir(directory.join("out")).unwrap();
    for path in [directory, &directory.join("out")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let mut command = Command::new(&binary);
    command.args(RUN).current_dir(directory);
    if root {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    for path in [directory, &directory.join("out")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(message(&output).contains("cannot be written"), "{}", message(&output));
    assert!(message(&output).contains("--out"), "{}", message(&output));
    recovers(directory);
}

#[test]
fn a_second_process_is_sent_away() {
    let folder = folder();
    let directory = folder.path();
    let long = [&RUN[..], &["--set", "time.duration=20000", "--set", "models=[snn]"]].concat();
    let mut first = program(directory, &long).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !directory.join("out").join(file::CONFIG).exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the first process never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = program(directory, &long).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(message(&output).contains("another process"), "{}", message(&output));
    assert!(message(&output).contains(&format!("process {}", first.id())), "{}", message(&output));
    assert!(first.try_wait().unwrap().is_none(), "the first process was disturbed");
    first.kill().unwrap();
    first.wait().unwrap();
}

/// Files from the future and from 1970, as a clock that jumps leaves them.
#[test]
fn times_of_files_do_not_matter() {
    let folder = folder();
    let directory = folder.path();
    let output = limited(directory, 40);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    let times = [SystemTime::now() + Duration::from_secs(1 << 32), SystemTime::UNIX_EPOCH];
    for (i, entry) in fs::read_dir(directory.join("out")).unwrap().enumerate() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::File::options().write(true).open(path).unwrap().set_modified(times[i % 2]).unwrap();
        }
    }
    recovers(directory);
}
