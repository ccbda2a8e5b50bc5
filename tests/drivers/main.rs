//! Do other implementations agree? A second Vulkan driver (SwiftShader), a second WGSL compiler (Tint, in a page), and Vulkan's
//! validation layer, which looks at how drivers are called. All three come with Chromium. And can kernels be said in the languages of
//! Metal and DX12?
//!
//! `tests/run.sh` names the folder of Chromium's libraries in SNN_ENSEMBLE_CHROMIUM.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/kernels.rs"]
mod kernels;
#[cfg(target_os = "linux")]
mod several;
#[cfg(target_os = "linux")]
mod swiftshader;
mod tint;
mod translated;
#[cfg(target_os = "linux")]
mod validation;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A library or description of a driver that comes with Chromium.
fn of_chromium(name: &str) -> PathBuf {
    let folder = std::env::var("SNN_ENSEMBLE_CHROMIUM");
    let folder = folder.expect("SNN_ENSEMBLE_CHROMIUM names the folder of Chromium's libraries; tests/run.sh sets it");
    let path = Path::new(&folder).join(name);
    assert!(path.exists(), "{} is missing; tests/run.sh says what this needs", path.display());
    path
}

/// The program, in a directory of its own.
fn program(directory: &Path, arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("snn-ensemble"));
    command.args(arguments).current_dir(directory).envs(environment.iter().copied()).env("XDG_RUNTIME_DIR", directory);
    let output = command.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {message}");
    output
}

/// The example network, for a fraction of its time.
fn quickstart(directory: &Path, out: &str, more: &[&str], environment: &[(&str, &Path)]) {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/configs/quickstart.yaml");
    let short = ["--set", "time.duration=120", "--set", "time.discard=20", "--set", "realisations=6", "--quiet"];
    program(directory, &[&["run", config, "--out", out], &short[..], more].concat(), environment);
}
