//! What does `run` leave for a reader, and what if the report cannot be written?

use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const CONFIG: &str = "
name: small
time: {dt: 0.1, duration: 60, discard: 10}
populations:
  E: {size: 40, tau_ref: 4, drive: {rate: 9}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 1, tau: 1.4}
models: [snn]
scan: [{path: populations.E.drive.rate, values: [8, 9, 10]}]
realisations: 2
";

fn run(directory: &Path, more: &[&str]) -> Output {
    fs::write(directory.join("c.yaml"), CONFIG).unwrap();
    let arguments = ["run", "c.yaml", "--backend", "cpu", "--out", "out"];
    Command::new(cargo_bin("snn-ensemble")).args(arguments).args(more).current_dir(directory).output().unwrap()
}

#[test]
fn a_run_tells_its_points_and_its_report_how_to_do_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--set", "projections.E<-E.s=0.9", "--seed", "5"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("model  drive.rate of E  n  rate_E"), "{told}");
    assert!(lines[1].starts_with("snn    8                2  ") && lines[1].contains('█'), "{told}");
    assert_eq!(&lines[lines.len() - 2..], ["results: out", "report: out/report.html"]);
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    let again = "<code>snn-ensemble run c.yaml --set &#39;projections.E&lt;-E.s=0.9&#39; --seed 5 --backend cpu</code>";
    assert!(page.contains(&again.replace("&#39;", "'")), "no command in the page");
}

#[test]
fn a_report_that_cannot_be_written_costs_no_results() {
    let folder = tempfile::tempdir().unwrap();
    // a directory in its place
    fs::create_dir_all(folder.path().join("out/report.html/taken")).unwrap();
    let output = run(folder.path(), &[]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("all results are saved in out, but their report is not: "), "{message}");
    assert!(message.contains("`snn-ensemble report out` writes it"), "{message}");
    let points = fs::read_to_string(folder.path().join("out/points.csv")).unwrap();
    assert_eq!(points.lines().count(), 4);
    fs::remove_dir_all(folder.path().join("out/report.html")).unwrap();
    let report = Command::new(cargo_bin("snn-ensemble")).args(["report", "out"]).current_dir(folder.path()).output();
    assert!(report.unwrap().status.success() && folder.path().join("out/report.html").is_file());
}

/// Runs that only make their files, and reports of the same directory, all at once: none fails, and what is left is whole.
#[test]
fn reports_and_runs_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &[]).status.success());
    let start = |arguments: &[&str]| {
        let mut command = Command::new(cargo_bin("snn-ensemble"));
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let grown = |realisations: &str| {
        let set = format!("realisations={realisations}");
        start(&["run", "c.yaml", "--backend", "cpu", "--quiet", "--out", "out", "--set", &set])
    };
    for round in 0..12 {
        // figures take long, and hold the files for as long
        let more = if round == 0 { &["--figures", "figures"][..] } else { &[] };
        let children = [
            grown(if round % 2 == 0 { "3" } else { "2" }),
            start(&["report", "out"]),
            start(&[&["report", "out"], more].concat()),
        ];
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "round {round}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.trim_end().ends_with("</html>"));
    for entry in fs::read_dir(folder.path().join("out")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".part"), "{name} stayed behind");
    }
}

/// Branches that are followed, and reports of the same directory.
#[test]
fn reports_and_branches_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), CONFIG).unwrap();
    let start = |arguments: &[&str]| {
        let mut command = Command::new(cargo_bin("snn-ensemble"));
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let continued = "continuation={parameter: populations.E.drive.rate, range: [8, 8.2], models: [{dsode: {bin: 10}}]}";
    let branches = || start(&["branches", "c.yaml", "--quiet", "--out", "out", "--set", continued]);
    let ends = |child: Child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    ends(branches());
    for _ in 0..4 {
        // from the beginning
        fs::remove_file(folder.path().join("out/branches.state")).unwrap();
        let mut following = branches();
        while following.try_wait().unwrap().is_none() {
            ends(start(&["report", "out"]));
        }
        ends(following);
    }
}
