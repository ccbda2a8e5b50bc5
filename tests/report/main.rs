//! Does a report show what the files say, for every kind of experiment? The pages stay in the target directory, where
//! `tests/report_browser.mjs` opens them in a browser.

mod browser;
mod drawing;
mod files;
mod findings;
mod grids;
mod numbers;
mod pair;
mod recorded;
mod run;
mod sections;
#[path = "../small/mod.rs"]
mod small;
mod support;

use serde_json::Value;
use snn_ensemble::report;
use snn_ensemble::results::file;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::{Case, write};

const SCAN: Case = Case {
    name: "scan",
    yaml: "
models: [snn, markov, dsode]
scan: [{path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}]
realisations: 4
analysis: {state_threshold: 100}
record: {traces: {members: 1}, spikes: {members: 1, from: 300, to: 600}, voltage: true, attractor: true,
  neurons: {members: 1, count: 3, from: 300, to: 400, every: 0.5}}",
    silent: false,
    passes: false,
    validated: true,
};
/// The directory of [`SCAN`], written once.
static FULL: LazyLock<PathBuf> = LazyLock::new(|| write(&SCAN));

const POINT: Case = Case {
    name: "point",
    yaml: "models: [snn, markov, {dsode: {closure: coloured, noise: finite_size}}]\nrealisations: 16\nrecord: {voltage: true}",
    ..SCAN
};

/// Three dimensions: every pair of them is a plane.
const GRID: &str = "
models: [snn, dsode]
scan:
  - {path: populations.E.drive.rate, linspace: [4, 12, 4]}
  - {path: projections.E<-I.tau, values: [2, 4, 8]}
  - {path: projections.E<-I.p, values: [0.6, 0.8]}
realisations: 2";
/// Time steps alone.
const STEPS: &str = "models: [{dsode: {bin: 5}}, dsode]\nscan: [{path: time.dt, values: [0.2, 0.1, 0.05, 0.025]}]";

fn sections_of(directory: &Path) -> Vec<report::Section> {
    report::sections(directory).unwrap_or_else(|e| panic!("{e}")).1
}

/// The page, and the data that it draws.
fn page(directory: &Path) -> (String, Value) {
    let path = report::write(directory).unwrap_or_else(|e| panic!("{e}")).path;
    let page = fs::read_to_string(path).unwrap();
    let (_, data) = page.split_once("<script id=\"data\" type=\"application/json\">").unwrap();
    let data = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    (page, data)
}

/// A page without what cells are divided by, and named on a phone.
fn bare(page: &str) -> String {
    let mut bare = page.replace("</span>", "");
    for begin in ["<span", " data-of=\""] {
        let end = if begin == "<span" { '>' } else { '"' };
        let mut parts = bare.split(begin);
        let first = parts.next().unwrap_or_default().to_string();
        bare = parts.fold(first, |text, part| text + part.split_once(end).map_or(part, |(_, rest)| rest));
    }
    bare
}

fn figures(data: &Value) -> &serde_json::Map<String, Value> {
    data["figures"].as_object().unwrap()
}

/// `points.csv` as (model, point) to column to text.
fn points(directory: &Path) -> HashMap<(String, String), HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(directory.join(file::POINTS)).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row: HashMap<String, String> =
            header.iter().zip(&row.unwrap()).map(|(name, cell)| (name.to_string(), cell.to_string())).collect();
        ((row["model"].clone(), row["point"].clone()), row)
    });
    rows.collect()
}
