//! `bench`: does it measure what it is asked for, and say what it found?
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn bench(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.arg("bench").args(arguments).current_dir(directory).env("XDG_RUNTIME_DIR", directory);
    command.env("TMPDIR", directory).output().unwrap()
}

fn measured(directory: &Path, arguments: &[&str]) -> (String, Value) {
    let output = bench(directory, &[arguments, &["--json", "bench.json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let json = std::fs::read_to_string(directory.join("bench.json")).unwrap();
    (String::from_utf8(output.stdout).unwrap(), serde_json::from_str(&json).unwrap())
}

#[test]
fn rows_have_every_number() {
    let folder = tempfile::tempdir().unwrap();
    let (table, json) =
        measured(folder.path(), &["--backend", "cpu", "--seconds", "3", "--only", "N=100,dsode bins=35"]);
    assert_eq!(json["backend"], "cpu");
    for peak in ["integers", "floats"] {
        assert!(json["peak"][peak].as_f64().unwrap() > 0.0, "no peak of {peak}");
    }
    let cases = json["cases"].as_array().unwrap();
    let names: Vec<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["snn N=100", "snn N=100 quenched", "markov N=100", "dsode bins=35"]);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        assert!(table.contains(name), "{name} is not in the table:\n{table}");
        for field in ["rate", "end_to_end", "biological", "operations", "ceiling"] {
            assert!(case[field].as_f64().unwrap() > 0.0, "{field} of {name}: {}", case[field]);
        }
        assert_eq!(case["synaptic_events"].is_null(), name.starts_with("dsode"));
        let members: Vec<u64> =
            case["suite"].as_array().unwrap().iter().map(|d| d["members"].as_u64().unwrap()).collect();
        assert_eq!(members[0], 1);
        assert!(members.windows(2).all(|pair| pair[1] == 2 * pair[0]), "{members:?}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 100), "a line of more than 100 characters:\n{table}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "bench.json and nothing else stays behind");
}

/// As if the time on a borrowed machine had ended.
#[test]
fn a_bench_that_is_stopped_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(["bench", "--backend", "cpu", "--seconds", "8", "--json", "bench.json", "--only", "N=100,bins=35"]);
    let mut child = command.current_dir(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let row = |line: &String| line.starts_with("| snn N=100 ") && line.contains('%');
    lines.by_ref().find(row).expect("a row");
    // The second row is there when the first is in the file.
    lines.next().expect("another row");
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was not stopped before its end");
    let json = std::fs::read_to_string(folder.path().join("bench.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["cases"][0]["name"], "snn N=100");
    assert!(json["cases"].as_array().unwrap().len() < 7, "all rows");
}

#[test]
fn operations_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (_, json) = measured(folder.path(), &["--backend", "cpu", "--seconds", "1", "--only", "snn N=400"]);
    let operations = |i: usize| json["cases"][i]["operations"].as_f64().unwrap();
    // The update of an excitatory neuron by hand: half a Threefry block 47, Gaussian drive 7, excitatory kicks 22,
    // inhibitory ones 28, voltage 22, threshold and reset 6, release 5; births come on top in steps with spikes, at most
    // a block and two draws.
    assert!((130.0..300.0).contains(&operations(0)), "{}", operations(0));
    // 13 words of sources, stored: comparing bits is less than drawing.
    assert!(operations(1) < operations(0), "{} quenched", operations(1));
    let firing = json["cases"][0]["firing"].as_f64().unwrap();
    // The example network fires at 52 Hz; the first milliseconds after the start, at any rate.
    assert!((5.0..300.0).contains(&firing), "{firing} Hz");
}

#[test]
fn laws_have_their_axes() {
    let folder = tempfile::tempdir().unwrap();
    let (table, json) = measured(folder.path(), &["--backend", "cpu", "--laws", "--seconds", "1", "--only", "bins=7"]);
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2, "white and coloured:\n{table}");
    assert!(cases.iter().all(|case| case["law"][0] == "bins" && case["end_to_end"].is_null()));
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (&["--only", "N=123456"][..], "snn N=400"),
        (&["--seconds", "0"], "--seconds"),
        (&["--backend", "cpu", "--device", "0"], "--device"),
    ] {
        let output = bench(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(expected), "{error}");
    }
}
