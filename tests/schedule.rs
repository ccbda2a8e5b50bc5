//! Are results a function of config and seed alone? Interrupted at any moment, grown, shrunk and shared out: what is in the tables,
//! and what is in the log, is what one undisturbed run of the same config gives.
mod small;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::merge::merge;
use snn_ensemble::ensemble::run::{Finished, Options, run};
use snn_ensemble::ensemble::schedule::Shard;
use snn_ensemble::results::file;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A sweep, adaptive unless `set` says otherwise.
const CONFIG: &str = small!(
    "
name: small
seed: 11
time: {dt: 0.1, duration: 60, discard: 20}
",
    "\
models: [snn, dsode]
scan: [{path: projections.E<-I.p, values: [0.5, 0.7, 0.9, 1]}]
sweep: {axis: projections.E<-I.p, direction: both}
realisations: {min: 2, max: 16, until: {rate_E: {rel_ci95: 0.2}}}
"
);
/// The same without a sweep.
const APART: [&str; 3] = ["sweep=none", "populations.E.initial=reset", "populations.I.initial=reset"];

fn ensemble(set: &[&str]) -> Ensemble {
    let text = CONFIG.replace("tau_ref: 4,", "tau_ref: 4, initial: carry,");
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    Ensemble::new(config::load(&text, "small.yaml", &set).unwrap_or_else(|e| panic!("{e}")), false).unwrap()
}

/// A run that nothing disturbs.
fn whole(set: &[&str], directory: &Path) -> Finished {
    let finished = run(&ensemble(set), directory, &mut [], &Options::new(&AtomicBool::new(false))).unwrap();
    assert!(!finished.interrupted);
    finished
}

/// Contents of the tables.
fn tables(directory: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let read = |name| (name, fs::read(directory.join(name)).unwrap());
    [file::MEMBERS, file::POINTS, file::DENSITIES, file::CONFIG].into_iter().map(read).collect()
}

fn same(one: &Path, other: &Path) {
    for (name, bytes) in tables(one) {
        assert!(tables(other)[name] == bytes, "{name} differs");
    }
}

/// Realisations of `snn` by pass and value of the axis.
fn realisations(directory: &Path) -> BTreeMap<(String, String), u32> {
    let mut reader = csv::Reader::from_path(directory.join(file::POINTS)).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (model, axis, pass, n) = (at("model"), at("projections.E<-I.p"), at("sweep"), at("n"));
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[model] == "snn");
    rows.map(|row| ((row[pass].to_string(), row[axis].to_string()), row[n].parse().unwrap())).collect()
}

/// Stopped at moments over the whole length of a run, and gone on with, `times` times; whenever it ends, and at last, in the same bytes.
fn interrupted(set: &[&str], times: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (undisturbed, disturbed) = (folder.path().join("whole"), folder.path().join("stopped"));
    let begun = Instant::now();
    whole(set, &undisturbed);
    let took = begun.elapsed();
    let log = fs::read(undisturbed.join(file::LOG)).unwrap();
    let ensemble = ensemble(set);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(13);
    let (mut interruptions, mut ends) = (0, 0);
    while interruptions < times || ends == 0 {
        let stop = AtomicBool::new(false);
        let pause = if interruptions < times { took.mul_f64(random.random_range(0.0..0.8)) } else { Duration::MAX };
        let finished = std::thread::scope(|scope| {
            let (ended, end) = std::sync::mpsc::channel::<()>();
            scope.spawn({
                let stop = &stop;
                move || {
                    let _ = end.recv_timeout(pause);
                    stop.store(true, Ordering::Relaxed);
                }
            });
            let finished = run(&ensemble, &disturbed, &mut [], &Options::new(&stop)).unwrap();
            drop(ended);
            finished
        });
        if finished.interrupted {
            interruptions += 1;
            continue;
        }
        ends += 1;
        same(&undisturbed, &disturbed);
        assert!(fs::read(disturbed.join(file::LOG)).unwrap() == log, "the logs differ");
        assert!(!disturbed.join("checkpoints").exists(), "checkpoints of a finished run");
        drop(finished);
        fs::remove_dir_all(&disturbed).unwrap();
    }
    println!("{interruptions} interruptions, {ends} ends");
}

#[test]
fn an_interrupted_adaptive_sweep_is_an_undisturbed_one() {
    interrupted(&[], 50);
}

#[test]
fn an_interrupted_adaptive_ensemble_is_an_undisturbed_one() {
    interrupted(&APART, 15);
}

#[test]
fn an_interrupted_sweep_is_an_undisturbed_one() {
    interrupted(&["realisations=4"], 15);
}

/// A realisation that some point asks for counts at all points on the way to it, and at no other.
#[test]
fn realisations_are_those_that_the_points_behind_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let swept = folder.path().join("swept");
    whole(&[], &swept);
    let n = realisations(&swept);
    let along = |pass: &str, values: [&str; 4]| values.map(|value| n[&(pass.to_string(), value.to_string())]);
    let values = ["0.5", "0.7", "0.9", "1"];
    let mut backward = values;
    backward.reverse();
    let (forward, backward) = (along("forward", values), along("backward", backward));
    for counts in [forward, backward] {
        assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?} along a line");
    }
    assert!(backward[0] > backward[3], "every point asks for the same: {backward:?}");
}

#[test]
fn a_grown_adaptive_sweep_is_the_larger_one() {
    for direction in ["forward", "backward", "both"] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let sweep = format!("sweep.direction={direction}");
        // Along both directions the larger scan goes on where the smaller one ends in one of them.
        for (small, large) in [("[0.9, 0.95, 1]", "[0.5, 0.9, 0.95, 1]"), ("[0.5, 0.7]", "[0.5, 0.7, 1]")] {
            let (small, large) = (format!("scan.0.values={small}"), format!("scan.0.values={large}"));
            whole(&[&sweep, &small], &at("grown"));
            whole(&[&sweep, &large], &at("grown"));
            whole(&[&sweep, &large], &at("fresh"));
            same(&at("fresh"), &at("grown"));
            // and the smaller one again, out of what is there
            let again = whole(&[&sweep, &small], &at("grown"));
            whole(&[&sweep, &small], &at("small"));
            same(&at("small"), &at("grown"));
            assert_eq!(again.computed, 0);
            for name in ["grown", "fresh", "small"] {
                fs::remove_dir_all(at(name)).unwrap();
            }
        }
    }
}

/// The tables follow the config; the log keeps what is there.
#[test]
fn fewer_realisations_are_fewer_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    for (many, few) in [
        ("realisations=8", "realisations=2"),
        ("realisations={min: 4, max: 16, until: {rate_E: {rel_ci95: 0.01}}}", "realisations.max=8"),
    ] {
        whole(&[many], &directory);
        let before = tables(&directory);
        let shrunk = whole(&[many, few], &directory);
        assert_eq!((shrunk.computed, shrunk.members), (0, whole(&[many, few], &fresh).members));
        drop(shrunk);
        same(&fresh, &directory);
        assert_eq!(whole(&[many], &directory).computed, 0, "the log lost members");
        assert!(tables(&directory) == before);
        fs::remove_dir_all(&directory).unwrap();
        fs::remove_dir_all(&fresh).unwrap();
    }
}

/// No chain is computed by two shards, whatever they are split by; and together they are the whole.
#[test]
fn shards_share_the_work_out() {
    let ten = ["realisations=10"];
    let flat = [&APART[..], &ten].concat();
    for set in [&[][..], &ten, &APART, &flat] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let undisturbed = whole(set, &at("whole"));
        let ensemble = ensemble(set);
        let (mut parts, mut sum, mut busy) = (Vec::new(), 0, 0);
        for part in 1..=4 {
            let directory = at(&format!("part{part}"));
            let stop = AtomicBool::new(false);
            let options = Options { shard: Shard { part, of: 4 }, ..Options::new(&stop) };
            let finished = run(&ensemble, &directory, &mut [], &options).unwrap();
            sum += finished.work;
            busy += u32::from(finished.computed > 0);
            parts.push(directory);
        }
        assert_eq!(sum, undisturbed.work, "{set:?}");
        assert!(busy >= 2, "{set:?}: {busy} shards had work");
        merge(&at("merged"), &parts, false).unwrap();
        same(&at("whole"), &at("merged"));
        assert!(fs::read(at("whole").join(file::LOG)).unwrap() == fs::read(at("merged").join(file::LOG)).unwrap());
    }
}

/// Chains that end in a point where every member fails: nothing waits for them, and nothing depends on when they failed.
#[test]
fn members_that_fail_end_their_chains() {
    let set = [
        "models=[snn]",
        "scan=[{path: populations.E.drive.weight, values: [1, -1, 0.9]}]",
        "sweep={axis: populations.E.drive.weight, direction: forward}",
        "realisations.max=8",
    ];
    let folder = tempfile::tempdir().unwrap();
    let (directory, parts) = (folder.path().join("out"), ["a", "b"].map(|name| folder.path().join(name)));
    let finished = whole(&set, &directory);
    assert!(finished.members > 0 && !finished.failures.is_empty());
    assert!(finished.failures.iter().all(|(member, _)| member.point == 1), "{:?}", finished.failures);
    let before = tables(&directory);
    drop(finished);
    whole(&set, &directory);
    assert!(tables(&directory) == before);
    for (part, directory) in (1..).zip(&parts) {
        let stop = AtomicBool::new(false);
        let options = Options { shard: Shard { part, of: 2 }, ..Options::new(&stop) };
        run(&ensemble(&set), directory, &mut [], &options).unwrap();
    }
    let (out, error) = (folder.path().join("merged"), "the run ended without them");
    assert!(merge(&out, &parts, false).err().unwrap().to_string().contains(error));
    assert!(!merge(&out, &parts, true).unwrap().missing.is_empty());
    same(&directory, &out);
}
