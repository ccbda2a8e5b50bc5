//! Are the parts of a run joined right, or not at all? Every way to name the wrong ones is refused with what is wrong, and destroys
//! nothing.
mod small;

use assert_cmd::cargo::cargo_bin;
use small::SCAN;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::ensemble::schedule::Shard;
use snn_ensemble::results::{DirectoryLock, Manifest, Table, file};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

struct Parts {
    folder: tempfile::TempDir,
}

impl Parts {
    /// Parts `1`, `2` and `3` of a run, and in `whole` all of it.
    fn new() -> Parts {
        let parts = Parts { folder: tempfile::tempdir().unwrap() };
        parts.compute("whole", Shard::WHOLE, &[], false);
        for part in 1..=3 {
            parts.compute(&part.to_string(), Shard { part, of: 3 }, &[], false);
        }
        parts
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Computes a part anew.
    fn compute(&self, name: &str, shard: Shard, set: &[&str], cancelled: bool) {
        let _ = fs::remove_dir_all(self.at(name));
        let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
        let ensemble = Ensemble::new(config::load(SCAN, "small.yaml", &set).unwrap(), false).unwrap();
        let stop = AtomicBool::new(cancelled);
        let finished = run(&ensemble, &self.at(name), &mut [], &Options { shard, ..Options::new(&stop) }).unwrap();
        assert_eq!(finished.interrupted, cancelled);
    }

    /// `merge` with its exit code, and what it says.
    fn merge(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(cargo_bin("snn-ensemble"));
        let output = command.arg("merge").args(arguments).current_dir(self.folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Refused with `code` and words; no file changes and none appears.
    fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let before = contents(self.folder.path());
        let (found, told) = self.merge(arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {told}");
        words.iter().for_each(|word| assert!(told.contains(word), "{arguments:?}: {word} is not in {told}"));
        assert!(contents(self.folder.path()) == before, "{arguments:?} changed something");
    }

    fn same(&self, out: &str) {
        for name in [file::LOG, file::MEMBERS, file::POINTS, file::DENSITIES, file::CONFIG] {
            let read = |run: &str| fs::read(self.at(run).join(name)).unwrap();
            assert!(read("whole") == read(out), "{name} differs");
        }
    }
}

/// Every file below a folder, but locks.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if entry.path().is_dir() {
            files.extend(contents(&entry.path()));
        } else if ![file::LOCK, file::FILES_LOCK].contains(&name.to_str().unwrap()) {
            files.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    files
}

#[test]
fn joined_parts_are_the_whole_with_a_manifest_and_a_report_of_it() {
    let parts = Parts::new();
    let (code, told) = parts.merge(&["out", "3", "1", "2"]);
    assert_eq!(code, Some(0), "{told}");
    parts.same("out");
    let (joined, whole) = (Manifest::read(&parts.at("out")).unwrap(), Manifest::read(&parts.at("whole")).unwrap());
    assert_eq!((joined.members, joined.shard.as_ref(), joined.complete), (15, None, true));
    assert_eq!(joined.runs.iter().map(|run| run.members).collect::<Vec<_>>(), [5, 5, 5]);
    let timeless = |manifest: Manifest| Manifest { wall_time_s: 0.0, rates: BTreeMap::new(), runs: vec![], ..manifest };
    assert!(joined.wall_time_s > 0.0 && joined.rates.values().all(|&rate| rate > 0.0), "{joined:?}");
    assert_eq!(timeless(joined), timeless(whole));
    let page = fs::read_to_string(parts.at("out").join(file::REPORT)).unwrap();
    // once more, into what is there
    fs::write(parts.at("out").join(file::REPORT), "stale").unwrap();
    assert_eq!(parts.merge(&["out", "1", "2", "3"]).0, Some(0));
    parts.same("out");
    assert_eq!(fs::read_to_string(parts.at("out").join(file::REPORT)).unwrap().len(), page.len());
}

#[test]
fn a_part_is_not_where_the_result_goes() {
    let parts = Parts::new();
    parts.refused(&["1", "2", "3"], 2, &["1 is one of the parts"]);
    parts.refused(&["1", "2", "3", "--partial"], 2, &["1 is one of the parts"]);
    for out in ["1", "./2", "2/../3"] {
        parts.refused(&[out, "1", "2", "3"], 2, &["is one of the parts", "a directory of their own"]);
        parts.refused(&[out, "1", "2", "3", "--partial"], 2, &["is one of the parts"]);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("1", parts.at("link")).unwrap();
        parts.refused(&["link", "1", "2", "3"], 2, &["is one of the parts"]);
        parts.refused(&["1", "link", "2", "3"], 2, &["is one of the parts"]);
        parts.refused(&["out", "link", "1", "2", "3"], 2, &["is named twice"]);
    }
    // nor where somebody's config lies
    fs::create_dir(parts.at("proj")).unwrap();
    fs::write(parts.at("proj/config.yaml"), "# mine").unwrap();
    parts.refused(&["proj", "1", "2", "3"], 2, &["not of this program's making"]);
}

#[test]
fn a_part_that_is_missing_or_there_twice_is_named() {
    let parts = Parts::new();
    parts.refused(&["out", "1", "3"], 1, &["part 2/3 is not among the directories", "--partial"]);
    parts.refused(&["out", "2"], 1, &["part 1/3", "part 3/3"]);
    parts.refused(&["out", "1", "2", "2", "3"], 2, &["2 is named twice"]);
    parts.refused(&["out", "nowhere", "1"], 2, &["nowhere is no result directory"]);
    parts.compute("copy", Shard { part: 2, of: 3 }, &[], false);
    parts.refused(&["out", "1", "2", "copy", "3"], 2, &["2 and copy are both part 2/3"]);
    parts.refused(&["out", "1", "2", "copy", "--partial"], 2, &["2 and copy are both part 2/3"]);
    let (code, told) = parts.merge(&["out", "1", "3", "--partial"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("warning: part 2/3 is not among the directories"), "{told}");
    let manifest = Manifest::read(&parts.at("out")).unwrap();
    assert_eq!((manifest.members, manifest.complete), (10, false));
    assert_eq!(Table::read(&parts.at("out").join(file::MEMBERS)).unwrap().rows, 10);
    assert!(
        fs::read_to_string(parts.at("out").join(file::REPORT)).unwrap().contains("not all that the config asks for")
    );
    // the rest comes later
    assert_eq!(parts.merge(&["out", "1", "2", "3"]).0, Some(0));
    parts.same("out");
}

#[test]
fn a_part_that_has_not_ended_is_refused() {
    let parts = Parts::new();
    let all = ["out", "1", "2", "3"];
    {
        let _working = DirectoryLock::acquire(&parts.at("2")).unwrap();
        parts.refused(&all, 1, &["another process"]);
        parts.refused(&[&all[..], &["--partial"]].concat(), 1, &["another process"]);
    }
    parts.compute("2", Shard { part: 2, of: 3 }, &[], true);
    parts.refused(
        &all,
        1,
        &["2, part 2/3: 5 members are missing (go on with --resume): snn, ", "realisation", "--partial"],
    );
    // as after a kill
    fs::remove_file(parts.at("2").join(file::MANIFEST)).unwrap();
    parts.refused(&all, 1, &["2: the run was killed"]);
    let (code, told) = parts.merge(&[&all[..], &["--partial"]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(Manifest::read(&parts.at("out")).unwrap().members, 10);
}

#[test]
fn parts_of_another_run_are_refused_with_the_difference() {
    let parts = Parts::new();
    for (set, told) in [
        ("realisations=5", "realisations is 4 in the first and 5 in the second"),
        ("seed=12", "seed is 11 in the first and 12 in the second"),
        ("scan.0.values=[0.5, 0.7, 1]", "scan is "),
        ("analysis.burst.height=12", "analysis.burst.height is 10 in the first and 12 in the second"),
    ] {
        parts.compute("3", Shard { part: 3, of: 3 }, &[set], false);
        parts.refused(&["out", "1", "2", "3"], 2, &["1 and 3 are no parts of one run: ", told]);
        parts.refused(&["out", "1", "2", "3", "--partial"], 2, &[told]);
    }
    parts.compute("3", Shard { part: 3, of: 4 }, &[], false);
    parts.refused(&["out", "1", "2", "3"], 2, &["parts is 3 in the first and 4 in the second"]);
    // of another version of the program
    parts.compute("3", Shard { part: 3, of: 3 }, &[], false);
    let manifest = Manifest::read(&parts.at("3")).unwrap();
    for (other, told) in [
        (Manifest { version: "0.0.9".into(), ..manifest.clone() }, "version is "),
        (Manifest { arithmetic_version: 1, ..manifest.clone() }, "arithmetic_version is "),
        (Manifest { tables_hash: "0".into(), ..manifest.clone() }, "tables_hash is "),
    ] {
        other.write(&parts.at("3")).unwrap();
        parts.refused(&["out", "1", "2", "3"], 2, &[told]);
    }
    // a config that was changed by hand
    manifest.write(&parts.at("3")).unwrap();
    for (part, code, told) in [
        ("3", 2, "realisations is 4 in the first and 3 in the second"),
        ("2", 2, "1 and 2 are no parts"),
        ("1", 1, "1: manifest.json"),
    ] {
        let path = parts.at(part).join(file::CONFIG);
        let text = fs::read_to_string(&path).unwrap().replace("realisations: 4", "realisations: 3");
        fs::write(path, text).unwrap();
        parts.refused(&["out", "1", "2", "3"], code, &[told]);
    }
}

#[test]
fn damage_is_found_in_every_record() {
    let parts = Parts::new();
    let path = parts.at("2").join(file::LOG);
    let whole = fs::read(&path).unwrap();
    for (position, told) in [(whole.len() - 9, "its last record is damaged"), (whole.len() / 2, "damaged at byte")] {
        let mut bytes = whole.clone();
        bytes[position] ^= 4;
        fs::write(&path, bytes).unwrap();
        parts.refused(&["out", "1", "2", "3"], 1, &[told]);
    }
    // The last one can be computed again.
    let mut bytes = whole.clone();
    *bytes.last_mut().unwrap() ^= 4;
    fs::write(&path, bytes).unwrap();
    let (code, told) = parts.merge(&["out", "1", "2", "3", "--partial"]);
    assert_eq!((code, Manifest::read(&parts.at("out")).unwrap().members), (Some(0), 14), "{told}");
    let stop = AtomicBool::new(false);
    let ensemble = Ensemble::new(config::load(SCAN, "small.yaml", &[]).unwrap(), false).unwrap();
    let options = Options { shard: Shard { part: 2, of: 3 }, ..Options::new(&stop) };
    assert_eq!(run(&ensemble, &parts.at("2"), &mut [], &options).unwrap().computed, 1);
    assert_eq!(parts.merge(&["out", "1", "2", "3"]).0, Some(0));
    parts.same("out");
}
