//! What would lose something, or is no experiment, is refused.

use crate::support::*;
use std::fs;

/// The config that is read stays as it is, its comments and all.
#[test]
fn no_config_is_written_over() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let own = format!("# Why?\n{CONFIG}# a thought\n");
    fs::create_dir(directory.join("proj")).unwrap();
    fs::write(directory.join("proj/config.yaml"), &own).unwrap();
    let few = ["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"];
    let run_in = |at: &str, config: &str, out: &str| {
        let arguments = [&["run", config, "--backend", "cpu", "--quiet", "--out", out], &few[..]].concat();
        run(&directory.join(at), &arguments)
    };
    #[cfg(unix)]
    std::os::unix::fs::symlink("proj", directory.join("link")).unwrap();
    let mut cases = vec![("proj", "config.yaml", "."), (".", "proj/config.yaml", "proj"), (".", "c.yaml", "proj")];
    if cfg!(unix) {
        cases.push((".", "proj/config.yaml", "link"));
    }
    for (at, config, out) in cases {
        let output = run_in(at, config, out);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{config} into {out}: {message}");
        assert!(message.contains("config.yaml") && message.contains("--out"), "{message}");
        assert_eq!(fs::read_to_string(directory.join("proj/config.yaml")).unwrap(), own, "{config} into {out}");
        assert!(!directory.join("proj/members.log").exists());
    }
    // Nor by another result.
    fs::write(directory.join("proj/report.html"), &own).unwrap();
    assert_eq!(run_in("proj", "report.html", ".").status.code(), Some(2));
    assert_eq!(fs::read_to_string(directory.join("proj/report.html")).unwrap(), own);
    // Elsewhere it is resolved, under its question; and that one may be read where it lies, as long as it stays the same.
    assert!(run_in(".", "proj/config.yaml", "out").status.success());
    let resolved = fs::read_to_string(directory.join("out/config.yaml")).unwrap();
    assert!(resolved.starts_with("# Why?\nname: small\n") && resolved.contains("- dsode:"), "{resolved}");
    let again = run(directory, &["run", "out/config.yaml", "--backend", "cpu", "--quiet", "--out", "out", "--resume"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let changed = run(directory, &["run", "out/config.yaml", "--quiet", "--out", "out", "--set", "models=[snn]"]);
    assert_eq!(changed.status.code(), Some(2));
    assert_eq!(fs::read_to_string(directory.join("out/config.yaml")).unwrap(), resolved);
}

/// What a message on a damaged log advises. Results of another config are not written over.
#[test]
fn a_directory_without_its_log_is_begun_anew() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let more = ["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"];
    done(directory, &cpu("out", &more));
    let points = fs::read(directory.join("out/points.csv")).unwrap();
    fs::remove_file(directory.join("out/members.log")).unwrap();
    let output = run(directory, &cpu("out", &[&more[..], &["--set", "time.duration=130"]].concat()));
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    done(directory, &cpu("out", &more));
    assert_eq!(fs::read(directory.join("out/points.csv")).unwrap(), points);
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(directory.join("out/manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["members"], manifest["runs"].as_array().map(Vec::len)), (&1.into(), Some(1)), "{manifest}");
}

#[test]
fn another_experiment_is_refused_with_the_difference() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let more = ["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"];
    done(directory, &cpu("out", &more));
    let config = fs::read(directory.join("out/config.yaml")).unwrap();
    let output = run(directory, &cpu("out", &[&more[..], &["--set", "time.duration=130"]].concat()));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("another experiment: time.duration is 120 there and 130 here"), "{message}");
    assert_eq!(fs::read(directory.join("out/config.yaml")).unwrap(), config, "the config was overwritten");
}

#[test]
fn bad_input_ends_with_code_2_and_a_place() {
    let folder = folder(&CONFIG.replace("p: 0.8, s: 13.55", "p: 1.8, s: 13.55"));
    let directory = folder.path();
    for (arguments, expected) in [
        (vec!["run", "c.yaml"], "c.yaml:10:"),
        (vec!["run", "missing.yaml"], "missing.yaml"),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--shard", "4/3"], "--shard"),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--device", "no such card"], "no such card"),
        (
            vec![
                "run",
                "c.yaml",
                "--set",
                "projections.E<-I.p=0.5",
                "--set",
                "projections.E<-E.s=1e5",
                "--set",
                "models=[snn]",
            ],
            "reduce s",
        ),
        (vec!["run", "c.yaml", "--set", "projections.E<-I.p=0.5", "--set", "scan.0.path=projections.E<-X.p"], "--set"),
        (vec!["merge", "out", "nowhere"], "nowhere"),
    ] {
        let output = run(directory, &arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert!(!directory.join("out").exists(), "{arguments:?} left a directory");
    }
}

#[cfg(unix)]
#[test]
fn a_file_in_the_directorys_place_is_a_clear_error() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    fs::write(directory.join("file"), "in the way").unwrap();
    let output = run(directory, &cpu("file", &[]));
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("file: is no directory; choose another directory with --out"), "{message}");
    assert_eq!(fs::read_to_string(directory.join("file")).unwrap(), "in the way");
}
