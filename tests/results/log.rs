//! `members.log` under kills and damage.

use crate::support::{all, contents, finish, record, schema};
use proptest::prelude::*;
use snn_ensemble::results::{Key, MemberLog, Record, ResultError, Trace, file};
use std::fs;
use std::path::Path;

fn log_bytes(directory: &Path) -> Vec<u8> {
    fs::read(directory.join(file::LOG)).unwrap()
}

fn with_log(bytes: &[u8]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(file::LOG), bytes).unwrap();
    directory
}

#[test]
fn records_survive_their_bytes() {
    for record in all() {
        assert_eq!(Record::decode(&record.encode()), Some(record));
    }
}

#[test]
fn members_are_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap();
    assert!(log.is_empty());
    log.append(all().drain(..7)).unwrap();
    log.append(all().drain(7..8)).unwrap();
    drop(log);
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap();
    assert_eq!(log.len(), 8);
    for (i, record) in all().into_iter().enumerate() {
        assert_eq!(log.contains(&record.key), i < 8);
        assert_eq!(log.read(&record.key).unwrap(), (i < 8).then_some(record));
    }
}

#[test]
fn a_log_cut_at_any_byte_is_resumed_to_the_same_files() {
    let whole = tempfile::tempdir().unwrap();
    finish(whole.path(), &all()).unwrap();
    let expected = contents(whole.path());
    let bytes = log_bytes(whole.path());
    let mut most = 0;
    // every length would take long (files are synced to the disk): a prime stride meets heads, checks, and bodies
    for length in [0, 1, 15, 16, 17, 31, 32, 33].into_iter().chain((34..bytes.len()).step_by(149)) {
        let directory = with_log(&bytes[..length]);
        let found = MemberLog::open(directory.path(), &schema()).unwrap().len();
        assert!(found >= most, "{found} members in {length} bytes, {most} in fewer");
        most = found;
        finish(directory.path(), &all()).unwrap();
        assert_eq!(contents(directory.path()), expected, "cut at {length}");
    }
    assert_eq!(most, all().len() - 1);
}

const FULL: &str = "SNN_ENSEMBLE_TEST_FULL";

#[test]
#[ignore = "the process that the next test starts with a limit on the size of files"]
fn appender() {
    let mut log = MemberLog::open(Path::new(&std::env::var(FULL).unwrap()), &schema()).unwrap();
    let mut long = record("snn", "a", 0);
    long.trace = Some(Trace { times: (0..10_000).map(|i| f64::from(i).sin()).collect(), columns: vec![] });
    log.append([long]).unwrap_err();
    log.append([record("snn", "a", 1)]).unwrap();
}

/// A long record that no longer fits on the disk, then a short one that does, of another thread.
#[cfg(unix)]
#[test]
fn a_member_after_a_failed_write_is_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let limited = "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\"";
    let mut appender = std::process::Command::new("sh");
    appender.args(["-c", limited]).arg(std::env::current_exe().unwrap());
    appender.args(["log::appender", "--exact", "--ignored"]).env(FULL, directory.path());
    assert!(appender.output().unwrap().status.success());
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap_or_else(|e| panic!("{e}"));
    let short = record("snn", "a", 1);
    assert_eq!((log.len(), log.read(&short.key).unwrap()), (1, Some(short)));
}

/// A record is its bytes, all of them.
#[test]
fn a_record_that_is_cut_is_none() {
    let whole = record("snn", "a", 0);
    let bytes = whole.encode();
    assert_eq!(Record::decode(&bytes), Some(whole));
    assert!((0..bytes.len()).all(|length| Record::decode(&bytes[..length]).is_none()));
}

#[test]
fn zeros_after_a_loss_of_power_are_a_torn_end() {
    let whole = tempfile::tempdir().unwrap();
    finish(whole.path(), &all()).unwrap();
    let mut bytes = log_bytes(whole.path());
    bytes.extend([0; 5000]);
    let directory = with_log(&bytes);
    assert_eq!(MemberLog::open(directory.path(), &schema()).unwrap().len(), all().len());
    assert_eq!(log_bytes(directory.path()), log_bytes(whole.path()));
}

#[test]
fn a_damaged_byte_is_an_error_or_a_torn_end_never_another_number() {
    let whole = tempfile::tempdir().unwrap();
    finish(whole.path(), &all()).unwrap();
    let bytes = log_bytes(whole.path());
    for position in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0x10;
        let directory = with_log(&damaged);
        match MemberLog::read_only(directory.path()) {
            Ok(mut log) => {
                assert_eq!(log.len(), all().len() - 1, "byte {position}");
                for expected in &all()[..log.len()] {
                    assert_eq!(log.read(&expected.key).unwrap().as_ref(), Some(expected));
                }
            }
            Err(ResultError::Foreign { .. } | ResultError::OtherFormat { .. }) => {
                assert!(position < 16, "byte {position}")
            }
            Err(ResultError::Corrupted { offset, .. }) => assert!(offset <= position as u64 && position >= 16),
            Err(other) => panic!("byte {position}: {other}"),
        }
    }
}

#[test]
fn a_damaged_log_says_where_and_what_to_do() {
    let whole = tempfile::tempdir().unwrap();
    finish(whole.path(), &all()).unwrap();
    let mut bytes = log_bytes(whole.path());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let directory = with_log(&bytes);
    let error = MemberLog::open(directory.path(), &schema()).unwrap_err();
    let ResultError::Corrupted { offset, records, .. } = error else { panic!("{error}") };
    assert!(records > 0 && error.to_string().contains(&format!("--size={offset}")), "{error}");
    // the advice works
    let directory = with_log(&bytes[..offset as usize]);
    assert_eq!(MemberLog::open(directory.path(), &schema()).unwrap().len(), records);
}

#[test]
fn foreign_files_and_other_experiments_are_refused_and_left_alone() {
    for bytes in [&b"PAR1 something else entirely"[..], b"x"] {
        let directory = with_log(bytes);
        let error = MemberLog::open(directory.path(), &schema()).unwrap_err();
        assert!(matches!(error, ResultError::Foreign { .. }), "{error}");
        assert_eq!(log_bytes(directory.path()), bytes);
    }
    let directory = with_log(b"snn-ensemble-1\r\n and what an earlier version wrote");
    let error = MemberLog::open(directory.path(), &schema()).unwrap_err();
    assert!(matches!(error, ResultError::OtherFormat { .. }), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("in snn-ensemble-1,") && told.contains("knows snn-ensemble-3") && told.contains("manifest.json"),
        "{told}"
    );
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()[..3]).unwrap();
    let before = log_bytes(directory.path());
    let mut other = schema();
    other.identity.time.duration = 5000.0;
    other.identity.seed = 8;
    let traces = snn_ensemble::config::Traces { members: 1, every: 0.5 };
    other.identity.record.traces = Some(traces);
    other.populations[1] = "X".into();
    let error = MemberLog::open(directory.path(), &other).unwrap_err();
    let ResultError::OtherExperiment { differences, .. } = &error else { panic!("{error}") };
    let told: Vec<(&str, &str, &str)> =
        differences.0.iter().map(|d| (d.field.as_str(), d.there.as_str(), d.here.as_str())).collect();
    let expected = [
        ("populations", "[E, I]", "[E, X]"),
        ("record.traces", "none", "{every: 0.5, members: 1}"),
        ("seed", "7", "8"),
        ("time.duration", "3000", "5000"),
    ];
    assert_eq!(told, expected);
    assert!(error.to_string().contains("time.duration is 3000 there and 5000 here"), "{error}");
    assert_eq!(log_bytes(directory.path()), before);
    let nothing = MemberLog::read_only(&directory.path().join("nowhere")).unwrap_err();
    assert!(matches!(nothing, ResultError::Missing { .. }), "{nothing}");
}

#[test]
fn a_member_has_one_result() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap();
    log.append([record("snn", "a", 1)]).unwrap();
    let before = log_bytes(directory.path());
    log.append([record("snn", "a", 1)]).unwrap();
    assert_eq!(log_bytes(directory.path()), before);
    let mut other = record("snn", "a", 1);
    other.statistics.values[0] = Some(1.0);
    let error = log.append([record("snn", "a", 2), other]).unwrap_err();
    assert!(matches!(error, ResultError::Conflict { realisation: 1, .. }), "{error}");
    assert_eq!((log_bytes(directory.path()), log.len()), (before, 1));
}

#[test]
fn a_scan_may_grow_and_keeps_what_it_had() {
    let directory = tempfile::tempdir().unwrap();
    let mut small = schema();
    small.points = small.points[..1].into();
    let mut log = MemberLog::open(directory.path(), &small).unwrap();
    log.append(all().into_iter().filter(|r| r.key.point == "c")).unwrap();
    snn_ensemble::results::assemble(directory.path(), &mut log, |_| true).unwrap();
    drop(log);
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap();
    let missing: Vec<Record> = all().into_iter().filter(|r| !log.contains(&r.key)).collect();
    assert_eq!(missing.len(), 10);
    log.append(missing).unwrap();
    snn_ensemble::results::assemble(directory.path(), &mut log, |_| true).unwrap();
    let at_once = tempfile::tempdir().unwrap();
    finish(at_once.path(), &all()).unwrap();
    assert_eq!(contents(directory.path()), contents(at_once.path()));
    // and shrink: what is no longer asked for stays in the log, and out of the tables
    drop(log);
    let mut log = MemberLog::open(directory.path(), &small).unwrap();
    let assembled = snn_ensemble::results::assemble(directory.path(), &mut log, |_| true).unwrap();
    assert_eq!((assembled.members, assembled.points), (5, 2));
    assert!(log.contains(&Key { model: "snn".into(), point: "b".into(), realisation: 3 }));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..Default::default() })]

    #[test]
    fn any_bytes_decode_to_nothing_or_to_a_record(bytes: Vec<u8>) {
        if let Some(record) = Record::decode(&bytes) {
            let bytes = record.encode();
            prop_assert_eq!(Record::decode(&bytes).map(|record| record.encode()), Some(bytes));
        }
    }

    #[test]
    fn a_cut_or_changed_record_does_not_panic(cut: prop::sample::Index, place: prop::sample::Index, byte: u8) {
        let mut bytes = record("snn", "a", 0).encode();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        Record::decode(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert_eq!(Record::decode(&bytes[..bytes.len().min(place)]), None);
    }
}
