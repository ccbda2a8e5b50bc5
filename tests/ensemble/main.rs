//! Does a run survive? Killed and resumed, split and merged, extended and interrupted: always the bytes of one run.

mod adaptive;
mod killed;
mod refused;
#[path = "../small/mod.rs"]
mod small;
mod support;

use std::fs;
use std::path::Path;
use support::*;

#[test]
fn three_shards_and_seven_merge_into_one_run() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    done(directory, &cpu("whole", &[]));
    for of in [3, 7] {
        let parts: Vec<String> = (1..=of).map(|k| format!("part{k}of{of}")).collect();
        for (k, part) in parts.iter().enumerate() {
            let shard = format!("{}/{of}", k + 1);
            done(directory, &cpu(part, &["--shard", &shard]));
        }
        let out = format!("merged{of}");
        let arguments: Vec<&str> = ["merge", &out].into_iter().chain(parts.iter().map(String::as_str)).collect();
        done(directory, &arguments);
        same(directory, "whole", &out);
    }
}

#[test]
fn an_extended_scan_is_the_larger_scan() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let finer = "scan.0.linspace=[0.5, 1.0, 11]";
    done(directory, &cpu("grown", &[]));
    let before = fs::read_to_string(directory.join("grown/points.csv")).unwrap();
    done(directory, &cpu("grown", &["--set", finer]));
    done(directory, &cpu("whole", &["--set", finer]));
    same(directory, "whole", "grown");
    // The point numbers change, the numbers of a point do not.
    let numbers =
        |line: &str| line.split_once(',').map(|(_, rest)| rest.split(',').skip(1).collect::<Vec<_>>().join(","));
    let after = fs::read_to_string(directory.join("grown/points.csv")).unwrap();
    let found: Vec<_> = after.lines().map(numbers).collect();
    for line in before.lines() {
        assert!(found.contains(&numbers(line)), "lost: {line}");
    }
}

/// Both backends carry the same states from point to point.
#[test]
fn sweeps_are_the_same_on_both_backends() {
    same_on_both_backends(&sweep(), &["--set", "scan.0.linspace=[0.6, 0.9, 3]"]);
    same_on_both_backends(&sweep_of_rises(), &[]);
    same_on_both_backends(&sweep_of_sources(), &[]);
    same_on_both_backends(&sweep_of_delays(), &[]);
    same_on_both_backends(&sweep_of_delays(), &["--set", "connectivity=quenched"]);
}

fn same_on_both_backends(config: &str, more: &[&str]) {
    let folder = folder(config);
    let directory = folder.path();
    let models = ["--set", "models=[snn, {markov: {closure: coloured}}]", "--set", "realisations=2"];
    let more = [&models[..], more].concat();
    done(directory, &cpu("cpu", &more));
    done(directory, &[&["run", "c.yaml", "--backend", "gpu", "--quiet", "--out", "gpu"], &more[..]].concat());
    same(directory, "cpu", "gpu");
    let points = fs::read_to_string(directory.join("cpu/points.csv")).unwrap();
    assert!(points.contains("forward") && points.contains("backward"));
}

/// Every file in `configs/` runs, shortened; `check` explains it.
#[test]
fn committed_configs_run() {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(configs).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        let config = path.to_str().unwrap();
        assert!(done(folder.path(), &["check", config]).contains(" members, "));
        let short = ["--set", "time.duration=20", "--set", "time.discard=10", "--set", "realisations=1"];
        let record = ["--set", "record={}", "--backend", "cpu", "--quiet", "--shard", "1/17"];
        // what lies beyond the shorter run
        let stimulus =
            "analysis={windows: [[5, 15], [10, 20]], psth: {bin: 5}, choice: {populations: [A, B], from: 15}}";
        let stimulus: &[&str] =
            if fs::read_to_string(&path).unwrap().contains("choice:") { &["--set", stimulus] } else { &[] };
        let arguments = [&["run", config, "--out", &name][..], &short, &record, stimulus].concat();
        done(folder.path(), &arguments);
        assert!(folder.path().join(&name).join("points.csv").exists());
    }
}
