//! Files of a result directory: torn, damaged, foreign, from another version.

use super::cases;
use super::mangle::Mangler;
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::checkpoint::{Checkpoints, KIND, Start};
use snn_ensemble::ensemble::merge::merge;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::results::frame::{FRAME, frame};
use snn_ensemble::results::{Key, MemberLog, Record, file};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const CONFIG: &str = "\
name: small
seed: 3
time: {dt: 0.1, duration: 40, discard: 10}
populations:
  E: {size: 20, tau_ref: 4}
  I: {size: 10, tau_ref: 4}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, values: [0.5, 0.9]}
realisations: 2
record: {traces: {members: 1, every: 1}, spikes: {members: 1, from: 10, to: 40}, voltage: true}
";

/// A finished run of the small experiment, in memory where the system has such a place: every case writes files.
struct Finished {
    directory: tempfile::TempDir,
    ensemble: Ensemble,
}

impl Finished {
    fn new() -> Finished {
        let memory = Path::new("/dev/shm");
        let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let ensemble = Ensemble::new(load(CONFIG, "small.yaml", &[]).unwrap(), false).unwrap();
        let stop = AtomicBool::new(false);
        run(&ensemble, &directory.path().join("out"), &mut [], &Options::new(&stop)).unwrap();
        Finished { directory, ensemble }
    }

    fn out(&self) -> PathBuf {
        self.directory.path().join("out")
    }

    /// An empty directory, the same for every case.
    fn fresh(&self) -> PathBuf {
        let fresh = self.directory.path().join("case");
        let _ = fs::remove_dir_all(&fresh);
        fs::create_dir(&fresh).unwrap();
        fresh
    }
}

/// Runs a case; a panic tells its number.
fn survives(case: u64, run: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(run)).is_ok(), "case {case} panicked");
}

/// A damaged log is refused, or gives members that are whole.
#[test]
fn logs() {
    let finished = Finished::new();
    let whole = fs::read(finished.out().join(file::LOG)).unwrap();
    let mut original = MemberLog::read_only(&finished.out()).unwrap();
    let (mut refused, mut shorter) = (0, 0);
    let all = cases(1500);
    for case in 0..all {
        let bytes = Mangler::new(case).bytes(&whole);
        let directory = finished.fresh();
        fs::write(directory.join(file::LOG), &bytes).unwrap();
        survives(case, || match MemberLog::open(&directory, &finished.ensemble.schema) {
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
            Ok(mut log) => {
                shorter += u64::from(log.len() < original.len());
                for place in original.order() {
                    let key = finished.ensemble.record_key(snn_ensemble::ensemble::MemberId {
                        model: place.model,
                        point: place.point,
                        realisation: place.realisation,
                    });
                    if let Some(record) = log.read(&key).unwrap() {
                        assert_eq!(Some(record), original.read(&key).unwrap(), "another result");
                    }
                }
            }
        });
    }
    assert!(refused > 0 && shorter > 0 && refused < all, "{refused} refused, {shorter} shorter of {all}");
}

/// Damage behind right checks, as another version or a foreign program might write: no panic, no allocation by a length.
#[test]
fn records() {
    let finished = Finished::new();
    let mut log = MemberLog::read_only(&finished.out()).unwrap();
    let places = log.order();
    let records: Vec<Vec<u8>> = places.iter().map(|p| log.record(p.offset).unwrap().encode()).collect();
    for case in 0..cases(20_000) {
        let mut mangler = Mangler::new(case);
        let at = mangler.below(records.len());
        let bytes = mangler.bytes(&records[at]);
        survives(case, || {
            if let Some(record) = Record::decode(&bytes) {
                assert_eq!(Record::decode(&record.encode()).map(|r| r.encode()), Some(record.encode()));
            }
        });
    }
}

/// A checkpoint that is damaged is none.
#[test]
fn checkpoints() {
    let finished = Finished::new();
    let key = Key { model: "snn".into(), point: "p".into(), realisation: 0 };
    let identity = &finished.ensemble.schema.identity;
    let written = Checkpoints::of(&finished.fresh(), identity, Duration::from_secs(60));
    written.write(vec![(key.clone(), Start { step: 7, ..Start::BEGIN })]).unwrap();
    let folder = finished.directory.path().join("case").join("checkpoints");
    let path = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    for case in 0..cases(4000) {
        let mut mangler = Mangler::new(case);
        // Every second one with right checks around what is mangled.
        let bytes =
            if case % 2 == 0 { mangler.bytes(&whole) } else { frame(KIND, &mangler.bytes(&whole[FRAME + 1..])) };
        fs::write(&path, &bytes).unwrap();
        survives(case, || {
            let loaded = written.load();
            if case % 2 == 0 && bytes != whole {
                assert!(loaded.is_empty() || bytes.starts_with(&whole), "damage went unseen");
            }
        });
    }
}

/// Everything that reads a directory: merging, and the report.
#[test]
fn directories() {
    let finished = Finished::new();
    let names: Vec<PathBuf> =
        fs::read_dir(finished.out()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
    assert!(names.len() >= 7, "{names:?}");
    for case in 0..cases(150) {
        let mut mangler = Mangler::new(case);
        let victim = mangler.below(names.len());
        let directory = finished.fresh();
        // Every second one without checksums, so that damage gets further.
        let with_sums = case % 2 == 0;
        let mut noticed = false;
        for (i, path) in names.iter().enumerate().filter(|(_, path)| with_sums || !path.ends_with(file::STAMP)) {
            let whole = fs::read(path).unwrap();
            let bytes = if i == victim { mangler.bytes(&whole) } else { whole.clone() };
            noticed |= with_sums && bytes != whole && path.extension().is_some_and(|e| e == "parquet");
            fs::write(directory.join(path.file_name().unwrap()), bytes).unwrap();
        }
        let out = finished.directory.path().join("merged");
        let _ = fs::remove_dir_all(&out);
        survives(case, || {
            let told = |error: String| assert!(!error.is_empty());
            let _ = merge(&out, std::slice::from_ref(&directory), true).map_err(|e| told(e.to_string()));
            let reported = snn_ensemble::report::write(&directory).map_err(|e| told(e.to_string()));
            assert!(!noticed || reported.is_err(), "a report of a damaged table");
        });
    }
}
