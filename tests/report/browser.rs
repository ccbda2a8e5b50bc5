//! Do the pages work in a browser, opened from disk, with the network blocked? `tests/report_browser.mjs` looks at a small scan
//! that is really run, and at made-up directories of the other kinds; screenshots stay in the target directory.
//!
//! `tests/run.sh` installs what this needs and names the folder of playwright-core in SNN_ENSEMBLE_PLAYWRIGHT.

use super::small::small;
use super::support::{Case, write};
use super::{GRID, POINT, SCAN, STEPS};
use assert_cmd::cargo::cargo_bin;
use snn_ensemble::report;
use std::path::Path;
use std::process::Command;

const CONFIG: &str = small!(
    "
name: browser
seed: 3
time: {dt: 0.1, duration: 1100, discard: 100}
",
    "\
models: [snn, dsode]
scan: [{path: projections.E<-I.p, values: [0.6, 0.8, 1]}]
realisations: 3
record: {traces: {members: 1}, spikes: {members: 1, from: 200, to: 500}, voltage: true, attractor: true}
"
);

#[test]
fn pages_work_in_a_browser() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("scan.yaml"), CONFIG).unwrap();
    let arguments = ["run", "scan.yaml", "--backend", "cpu", "--quiet", "--out", "scan"];
    let run = Command::new(cargo_bin("snn-ensemble")).args(arguments).current_dir(&folder).status().unwrap();
    assert!(run.success());
    let mut directories = vec![folder.join("scan")];
    let sweep = "models: [snn]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1.25, 7]}]\nrealisations: 4";
    for case in [
        Case { name: "browser_point", ..POINT },
        Case { name: "browser_silent", silent: true, ..POINT },
        Case { name: "browser_sweep", yaml: sweep, passes: true, ..SCAN },
        Case { name: "browser_grid", yaml: GRID, ..SCAN },
        Case { name: "browser_steps", yaml: STEPS, ..SCAN },
    ] {
        directories.push(write(&case));
        report::write(directories.last().unwrap()).unwrap_or_else(|e| panic!("{e}"));
    }
    let playwright = std::env::var("SNN_ENSEMBLE_PLAYWRIGHT");
    let playwright =
        playwright.expect("SNN_ENSEMBLE_PLAYWRIGHT names the folder of playwright-core; tests/run.sh sets it");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_browser.mjs");
    let mut node = Command::new("node");
    node.env("NODE_PATH", playwright).arg(script).arg(folder.join("screenshots")).args(&directories);
    let examined = node.output().unwrap_or_else(|e| panic!("node: {e}; tests/run.sh installs what this needs"));
    let message = String::from_utf8_lossy(&examined.stderr);
    assert!(examined.status.success(), "{message}");
    assert_eq!(String::from_utf8_lossy(&examined.stdout).trim(), "examined 6 reports", "{message}");
}
