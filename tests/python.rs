//! Does the Python package work as people get it? A wheel is built of the checkout and installed into a fresh virtual environment, with
//! one command; there its tests run, which execute the example notebook and the page of the docs.
//!
//! `tests/run.sh` installs what builds and installs wheels, and names that Python in SNN_ENSEMBLE_PYTHON.
use assert_cmd::cargo::cargo_bin;
use std::path::Path;
use std::process::Command;

/// Runs a command; its output is the message where it fails.
fn succeeds(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; tests/run.sh installs what this needs"));
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{command:?} ({}):\n{out}\n{err}", output.status);
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
    // the profile and the folder of these tests: their program is packed, nothing is compiled again
    let profile_folder = cargo_bin("snn-ensemble").parent().unwrap().to_path_buf();
    let target = profile_folder.parent().unwrap();
    let profile = if profile_folder.ends_with("release") { "release" } else { "dev" };
    let mut build = module("maturin");
    build
        .args(["build", "--quiet", "--profile", profile, "--compression-method", "stored"])
        .env("CARGO_TARGET_DIR", target);
    succeeds(build.arg("--out").arg(folder.path()));
    let wheel = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
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
