//! Is what the program claims true, and does it stand its surroundings? Points that cannot be computed, parts of a job array, closed
//! and full outputs, missing threads, signals, file systems without locks, inputs from pipes: never a panic or a hang, and an exit
//! code that tells.
#![cfg(target_os = "linux")]
#[path = "../small/mod.rs"]
mod small;

mod claims;
mod completions;
mod points;
mod shards;
mod surroundings;
mod texts;

use assert_cmd::cargo::cargo_bin;
use small::SCAN;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with a config, in which programs run.
struct Place {
    folder: tempfile::TempDir,
}

/// Exit code and what was printed.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    out: String,
    error: String,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        fs::write(place.at("c.yaml"), SCAN).unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env_remove("RAYON_NUM_THREADS");
        command
    }

    /// The program with arguments that are separated by spaces; `~` stands for one inside.
    fn program(&self, arguments: &str) -> Command {
        let mut command = self.command(cargo_bin("snn-ensemble"));
        command.args(arguments.split_whitespace().map(|word| word.replace('~', " ")));
        command
    }

    fn run(&self, arguments: &str) -> Ended {
        ended(&mut self.program(arguments))
    }

    /// A line of a shell in which `$P` is the program.
    fn shell(&self, line: &str) -> Ended {
        ended(self.command("bash").args(["-c", line]).env("P", cargo_bin("snn-ensemble")))
    }

    fn manifest(&self, directory: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(&format!("{directory}/manifest.json"))).unwrap()
    }
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), out: text(&output.stdout), error: text(&output.stderr) }
}

impl Ended {
    #[track_caller]
    fn has(&self, code: i32, words: &[&str]) -> &Ended {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.error.contains(word) || self.out.contains(word), "{word} is not in {self:?}");
        }
        self
    }
}

/// Lines of a CSV besides its header.
fn rows(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count() - 1
}
