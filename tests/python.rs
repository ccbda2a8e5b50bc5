//! Does the Python package work as people get it? A wheel is built of the checkout and installed into a fresh virtual environment, with
//! one command; there its tests run, which execute the example notebook and the page of the docs.
//!
//! `tests/run.sh` installs what builds and installs wheels, and names that Python in SNN_ENSEMBLE_PYTHON.
#![cfg(unix)]

use assert_cmd::cargo::cargo_bin;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Runs a command; its output is the message where it fails.
fn succeeds(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; tests/run.sh installs what this needs"));
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{command:?} ({}):\n{out}\n{err}", output.status);
}

/// A cargo that has nothing to compile: it answers with the program that is there.
fn built(program: &Path) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let identifier = Command::new(&cargo).arg("pkgid").current_dir(root).output().expect("cargo pkgid").stdout;
    let identifier = String::from_utf8(identifier).expect("UTF-8").trim().to_string();
    let target = serde_json::json!({
        "kind": ["bin"], "crate_types": ["bin"], "name": "snn-ensemble", "src_path": format!("{root}/src/main.rs"),
        "edition": "2024", "doc": true, "doctest": false, "test": true,
    });
    let profile = serde_json::json!({
        "opt_level": "3", "debuginfo": 0, "debug_assertions": true, "overflow_checks": true, "test": false,
    });
    let artifact = serde_json::json!({
        "reason": "compiler-artifact",
        "package_id": identifier,
        "manifest_path": format!("{root}/Cargo.toml"),
        "target": target, "profile": profile, "features": [], "filenames": [program], "executable": program, "fresh": true,
    });
    let end = serde_json::json!({ "reason": "build-finished", "success": true });
    format!(
        "#!/bin/sh\nif [ \"$1\" = rustc ]; then\n    cat <<'END'\n{artifact}\n{end}\nEND\nelse\n    exec '{cargo}' \"$@\"\nfi\n"
    )
}

#[test]
fn a_wheel_installs_and_its_package_passes_its_tests() {
    let python = std::env::var("SNN_ENSEMBLE_PYTHON").unwrap_or_else(|_| "python3".into());
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let folder = tempfile::tempdir().unwrap();
    let module = |name: &str| {
        let mut command = Command::new(&python);
        command.args(["-m", name]).current_dir(&package);
        command
    };
    // The program of these tests is packed. Built without the tests' own dependencies, whose features others share, it would be
    // another one, and everything compiled again.
    let (wheels, cargo) = (folder.path().join("wheels"), folder.path().join("cargo"));
    std::fs::write(&cargo, built(&cargo_bin("snn-ensemble"))).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut build = module("maturin");
    build.args(["build", "--quiet", "--profile", "dev", "--compression-method", "stored"]).env("CARGO", &cargo);
    succeeds(build.arg("--out").arg(&wheels));
    let wheel = std::fs::read_dir(&wheels).unwrap().next().unwrap().unwrap().path();
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(name.contains("-py3-none-"), "{name} is not for every Python");

    let environment = folder.path().join("environment");
    succeeds(module("uv").args(["venv", "--quiet"]).arg(&environment));
    let own = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let mut install = module("uv");
    install.args(["pip", "install", "--quiet", "--python"]).arg(&own);
    succeeds(install.arg(format!("{}[all,test]", wheel.display())));
    let mut tests = Command::new(&own);
    tests.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).current_dir(&package).env("MPLBACKEND", "agg");
    succeeds(tests.env_remove("SNN_ENSEMBLE_BIN").env("PYTHONDONTWRITEBYTECODE", "1"));
}
