//! Two drivers in one run: Mesa's llvmpipe and Chromium's SwiftShader.

use super::{of_chromium, program, quickstart};
use assert_cmd::cargo::cargo_bin;
use snn_ensemble::results::{Manifest, file};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the Vulkan loader is told: both drivers.
fn both() -> PathBuf {
    let folder = fs::read_dir("/usr/share/vulkan/icd.d").expect("Mesa's drivers; tests/run.sh says what this needs");
    let names = folder.map(|entry| entry.unwrap().path());
    let mesa = names.into_iter().find(|path| path.to_string_lossy().contains("lvp_icd")).expect("Mesa's llvmpipe");
    [mesa, of_chromium("vk_swiftshader_icd.json")].map(|path| path.to_str().unwrap().to_string()).join(":").into()
}

/// A run on both drivers that is refused, by what it says.
fn refused(directory: &Path, device: &str, task: Option<&str>) -> String {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/configs/quickstart.yaml"), "--device", device]);
    command.current_dir(directory).env("XDG_RUNTIME_DIR", directory).env_remove("SLURM_LOCALID");
    command.env("VK_DRIVER_FILES", both()).env("VK_ICD_FILENAMES", both());
    let output = command.envs(task.map(|task| ("SLURM_LOCALID", task))).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{device}: {told}");
    told
}

#[test]
fn all_devices_give_the_bytes_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let drivers = both();
    let environment = [("VK_DRIVER_FILES", drivers.as_path()), ("VK_ICD_FILENAMES", drivers.as_path())];
    let listed = String::from_utf8(program(folder.path(), &["devices"], &environment).stdout).unwrap();
    assert!(
        ["SwiftShader", "llvmpipe", "--device all takes 0, 1"].iter().all(|text| listed.contains(text)),
        "{listed}"
    );
    // Three kinds, so that neither waits for the other.
    let models = ["--set", "models=[markov, {markov: {closure: coloured}}, snn]"];
    let members = |out: &str| fs::read(folder.path().join(out).join(file::MEMBERS)).unwrap();
    let adapter = |out: &str| Manifest::read(&folder.path().join(out)).unwrap().adapter.unwrap().name;
    quickstart(folder.path(), "cpu", &[&models[..], &["--backend", "cpu"]].concat(), &[]);
    for (out, device) in [("all", "all"), ("list", "llvmpipe, swiftshader")] {
        quickstart(folder.path(), out, &[&models[..], &["--device", device]].concat(), &environment);
        assert!(members(out) == members("cpu"), "{out}: members differ");
        assert!(adapter(out).contains("SwiftShader") && adapter(out).contains("llvmpipe"), "{}", adapter(out));
    }
    // One of them by its whole name, which has a comma in it, and each by the number of a task.
    quickstart(folder.path(), "one", &["--device", "llvmpipe"], &environment);
    let whole = adapter("one");
    quickstart(folder.path(), "named", &["--device", &whole], &environment);
    assert!(whole.contains(',') && adapter("named") == whole, "{whole}");
    for (task, out) in ["task0", "task1"].into_iter().enumerate() {
        let task = PathBuf::from(task.to_string());
        let environment = [&environment[..], &[("SLURM_LOCALID", task.as_path())]].concat();
        quickstart(folder.path(), out, &["--device", "slurm"], &environment);
        assert!(members(out) == members("one"), "{out}: members differ");
    }
    assert_ne!(adapter("task0"), adapter("task1"));
}

#[test]
fn devices_that_are_not_there_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (device, task, words) in [
        ("slurm", None, &["SLURM_LOCALID", "srun"][..]),
        ("slurm", Some("x"), &["SLURM_LOCALID"]),
        ("slurm", Some("2"), &["SLURM_LOCALID is 2", "at most 2 tasks", "llvmpipe", "SwiftShader"]),
        ("0,2", None, &["no GPU adapter matches \"2\"", "llvmpipe"]),
        ("0,1,0", None, &["twice"]),
        ("llvmpipe,", None, &["no GPU adapter matches \"\""]),
    ] {
        let told = refused(folder.path(), device, task);
        words.iter().for_each(|word| assert!(told.contains(word), "{device}: {word} is not in {told}"));
    }
    assert!(!folder.path().join("out").exists());
}
