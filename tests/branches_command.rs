//! What `branches` leaves in a directory, and what it says of bad input.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const CONFIG: &str = "\
name: small
time: {dt: 0.1, duration: 100}
populations:
  E: {size: 300, tau_ref: 4, drive: {rate: 7}}
  I: {size: 100, tau_ref: 4, drive: {rate: 7}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
  I<-E: {kind: excitatory, p: 0.8, s: 1.25, tau: 1.2}
  I<-I: {kind: inhibitory, p: 0.8, s: 2.45, tau: 4.5}
models: [snn, dsode]
continuation: {parameter: projections.E<-I.p, range: [0.47, 0.5], from: [{value: 0.48}], at: [0.495]}
";

fn branches(directory: &Path, config: &str, arguments: &[&str]) -> Assert {
    let path = directory.join("small.yaml");
    fs::write(&path, config).unwrap();
    let out = directory.join("out");
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.arg("branches").arg(&path).arg("--out").arg(&out).args(arguments).assert()
}

/// Rows of a table by their columns.
fn table(directory: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(directory.join("out").join(name)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn real(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

/// Branches and an ensemble of different networks in one directory: the report tells them apart.
#[test]
fn branches_of_another_network_are_not_drawn() {
    let directory = tempfile::tempdir().unwrap();
    branches(directory.path(), CONFIG, &["--set", "continuation.range=[0.475,0.485]", "--set", "continuation.at=[]"])
        .success();
    let other = "name: other\ntime: {duration: 100}\npopulations: {X: {size: 20, tau_ref: 4}}\nmodels: [snn]\n";
    fs::write(directory.path().join("other.yaml"), other).unwrap();
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command
        .current_dir(directory.path())
        .args(["run", "other.yaml", "--backend", "cpu", "--out", "out"])
        .assert()
        .success();
    let page = fs::read_to_string(directory.path().join("out/report.html")).unwrap();
    assert!(page.contains("of a network with other populations") && !page.contains("Bifurcation diagram of"));
}

#[test]
fn tables_have_their_columns_and_the_known_hopf_bifurcation() {
    let directory = tempfile::tempdir().unwrap();
    branches(directory.path(), CONFIG, &["--threads", "1", "--resume"]).success();
    let header = |name: &str| {
        let text = fs::read_to_string(directory.path().join("out").join(name)).unwrap();
        text.lines().next().unwrap().to_string()
    };
    let multipliers: Vec<String> = (1..=6).map(|i| format!("multiplier_{i}_re,multiplier_{i}_im")).collect();
    assert_eq!(
        header("branches.csv"),
        format!(
            "model,branch,point,type,code,parameter,value,period_ms,bursts,rate_E,rate_I,peak_E,peak_I,min_E,min_I,n_unstable,\
             stable,{},growth_per_s,frequency_hz,residual,error,note",
            multipliers.join(",")
        )
    );
    assert_eq!(
        header("special.csv"),
        "model,branch,code,object,parameter,value,value_error,period_ms,frequency_hz,rate_E,rate_I,converged"
    );
    let special = table(directory.path(), "special.csv");
    let hopf: Vec<_> = special.iter().filter(|row| row["code"] == "HB").collect();
    assert_eq!(hopf.len(), 1);
    assert!((real(hopf[0], "value") - 0.486_732_112_5).abs() < 2e-8, "{:?}", hopf[0]);
    assert!((real(hopf[0], "frequency_hz") - 83.154_322).abs() < 1e-5 && hopf[0]["converged"] == "true");
    let rows = table(directory.path(), "branches.csv");
    let orbits: Vec<_> = rows.iter().filter(|row| row["type"] == "PO").collect();
    // Born there with the period of the mode, and stable.
    assert!(orbits.iter().all(|row| row["stable"] == "true" && row["bursts"] == "1"));
    assert!((real(orbits[0], "value") - real(hopf[0], "value")).abs() < 1e-3);
    assert!((real(orbits[0], "period_ms") * 83.154_322 / 1e3 - 1.0).abs() < 1e-2);
    // Fixed points lose their stability, and there are points where they were asked for.
    for row in rows.iter().filter(|row| row["type"] == "FP" && row["code"] != "HB") {
        assert_eq!(row["stable"] == "true", real(row, "value") < real(hopf[0], "value"), "{row:?}");
    }
    let wanted: Vec<_> = rows.iter().filter(|row| row["code"] == "UZ").collect();
    assert!(wanted.len() == 2 && wanted.iter().all(|row| real(row, "value") == 0.495), "{wanted:?}");
    let stored = snn_ensemble::results::Table::read(&directory.path().join("out/orbits.parquet")).unwrap();
    let names: Vec<&str> = stored.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["model", "branch", "point", "t", "rate_E", "rate_I", "mu_E<-E", "mu_E<-I", "mu_I<-E", "mu_I<-I"]
    );
    assert!(stored.rows > 100);

    // What the columns are.
    let described: serde_json::Value =
        serde_json::from_slice(&fs::read(directory.path().join("out/columns.json")).unwrap()).unwrap();
    for name in ["branches.csv", "special.csv"] {
        let columns = described[name].as_array().unwrap();
        let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(header(name), names.join(","));
        assert!(columns.iter().all(|column| !column["definition"].as_str().unwrap().is_empty()), "{name}");
    }
    assert_eq!(described["orbits.parquet"].as_array().unwrap().len(), names.len());

    // A report of the diagram alone: what changes, and the orbit that is stored.
    let out = directory.path().join("out");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(
        page.contains("has a Hopf bifurcation of the fixed point at p of E←I = <b data-table=\"table-changes\""),
        "no sentence"
    );
    assert!(page.contains("0.486732, supercritical"), "the orbit that is born is stable");
    let figures = directory.path().join("figures");
    let mut report = Command::new(cargo_bin("snn-ensemble"));
    report.arg("report").arg(&out).args(["--only", "all", "--figures"]).arg(&figures).assert().success();
    let drawn: Vec<String> =
        fs::read_dir(&figures).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for figure in ["branches-E.svg", "branches-period.svg", "orbit-dsode-2-", "orbit-plane-dsode-2-", "multipliers-"] {
        assert!(drawn.iter().any(|name| name.starts_with(figure)), "{figure} of {drawn:?}");
    }
    // Bifurcations have a symbol and a name of their own in the legend, whichever model they are of.
    let diagram = fs::read_to_string(figures.join("branches-E.svg")).unwrap();
    assert!(diagram.contains(">HB<"), "no legend");

    // Any number of threads, the same bytes; a wider range goes on with what is there.
    let other = tempfile::tempdir().unwrap();
    branches(other.path(), CONFIG, &["--threads", "3", "--quiet"]).success();
    for name in ["branches.csv", "branches.parquet", "special.csv", "orbits.parquet"] {
        let read = |directory: &Path| fs::read(directory.join("out").join(name)).unwrap();
        assert!(read(directory.path()) == read(other.path()), "{name}");
    }
    branches(other.path(), CONFIG, &["--quiet", "--set", "continuation.range=[0.46, 0.5]", "--resume"]).success();
    let wider = table(other.path(), "branches.csv");
    let values = |rows: &[BTreeMap<String, String>]| -> Vec<f64> {
        let fixed = rows.iter().filter(|row| row["type"] == "FP");
        fixed.map(|row| real(row, "value")).collect()
    };
    let (before, after) = (values(&rows), values(&wider));
    assert!(after.contains(&0.46) && before.iter().all(|value| after.contains(value)), "{before:?} {after:?}");
    assert_eq!(wider.iter().filter(|row| row["code"] == "HB").count(), 1);
}

/// Values and types of the points with code UZ, in order.
fn wanted(directory: &Path) -> Vec<(String, String)> {
    let rows = table(directory, "special.csv").into_iter().filter(|row| row["code"] == "UZ");
    let mut wanted: Vec<_> = rows.map(|row| (row["value"].clone(), row["object"].clone())).collect();
    wanted.sort();
    wanted
}

#[test]
fn points_are_wanted_on_branches_that_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let expected = |values: &[&str]| -> Vec<(String, String)> {
        // Below the Hopf bifurcation there are no orbits.
        let both = values.iter().flat_map(|value| [(value, "FP"), (value, "PO")]);
        let there = both.filter(|(value, object)| *object == "FP" || value.parse::<f64>().unwrap() > 0.4868);
        there.map(|(value, object)| (value.to_string(), object.to_string())).collect()
    };
    let set = |more: &[&str]| {
        let arguments: Vec<&str> = more.iter().flat_map(|set| ["--set", *set]).chain(["--quiet"]).collect();
        branches(directory.path(), CONFIG, &arguments).success();
        let codes: Vec<_> =
            table(directory.path(), "branches.csv").into_iter().map(|row| row["code"].clone()).collect();
        assert_eq!(codes.iter().filter(|code| *code == "EP").count(), 3, "{codes:?}");
    };
    set(&[]);
    assert_eq!(wanted(directory.path()), expected(&["0.495"]));
    // More of them, one of which is where the start was, another one at the end of the range.
    set(&["continuation.at=[0.48, 0.49, 0.495, 0.5]"]);
    assert_eq!(wanted(directory.path()), expected(&["0.48", "0.49", "0.495", "0.5"]));
    let orbits = snn_ensemble::results::Table::read(&directory.path().join("out/orbits.parquet")).unwrap();
    // One flipped bit anywhere in what is gone on from is noticed.
    let state = directory.path().join("out/branches.state");
    let bytes = fs::read(&state).unwrap();
    for at in [5, bytes.len() / 3, bytes.len() - 9] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 64;
        fs::write(&state, damaged).unwrap();
        let refused = branches(directory.path(), CONFIG, &["--quiet"]).code(2);
        assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("or is damaged"));
    }
    fs::write(&state, bytes).unwrap();
    // Less than before, and in a range that has grown on either side.
    set(&["continuation.at=[0.46, 0.49, 0.505]", "continuation.range=[0.45, 0.51]"]);
    assert_eq!(wanted(directory.path()), expected(&["0.46", "0.49", "0.505"]));
    let fewer = snn_ensemble::results::Table::read(&directory.path().join("out/orbits.parquet")).unwrap();
    assert!(fewer.rows < orbits.rows && fewer.rows > 200, "{} and {} rows", orbits.rows, fewer.rows);
    for row in table(directory.path(), "branches.csv").iter().filter(|row| row["code"] == "UZ") {
        assert!(real(row, "residual") < 1e-9, "{row:?}");
    }
}

/// The curve of the Hopf bifurcation: its table, any number of threads, in one run or after another one, and over a map of regimes.
#[test]
fn curves_are_tabled_gone_on_with_and_drawn_over_a_map() {
    let wide = CONFIG.replace("models: [snn, dsode]", "models: [{dsode: {bin: 10, v_min: -40}}]").replace(
        "from: [{value: 0.48}], at: [0.495]",
        "from: [{value: 0.48}], doublings: 0, second: {path: projections.E<-E.tau, range: [1.38, 1.42]}, curves: [HB]",
    );
    let [one, other] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let scan = "scan: [{path: projections.E<-I.p, values: [0.47, 0.5]}, {path: projections.E<-E.tau, values: [1.38, 1.42]}]\n\
                analysis: {lyapunov: true}\n";
    let with_map = wide.replace("duration: 100", "duration: 60, discard: 20") + scan;
    branches(one.path(), &with_map, &["--threads", "1"]).success();
    let rows = table(one.path(), "curves.csv");
    let header: Vec<&str> = rows[0].keys().map(String::as_str).collect();
    for column in ["model", "curve", "point", "second_value", "value_error", "frequency_hz", "rate_E", "end", "note"] {
        assert!(header.contains(&column), "{column} of {header:?}");
    }
    let ends: Vec<_> = rows.iter().filter(|row| row["end"] == "EP").collect();
    assert!(ends.len() == 2 && rows.iter().all(|row| row["code"] == "HB" && row["curve"] == "1"), "{rows:?}");
    let hopf = &table(one.path(), "special.csv");
    let hopf = hopf.iter().find(|row| row["code"] == "HB").expect("the bifurcation that it starts at");
    assert!(rows.iter().any(|row| row["value"] == hopf["value"] && real(row, "second_value") == 1.4));
    let described: serde_json::Value =
        serde_json::from_slice(&fs::read(one.path().join("out/columns.json")).unwrap()).unwrap();
    assert_eq!(described["curves.csv"].as_array().unwrap().len(), header.len());

    // Without the plane first, then with it, on more threads.
    let without = wide.replace(", second: {path: projections.E<-E.tau, range: [1.38, 1.42]}, curves: [HB]", "");
    branches(other.path(), &without, &["--quiet"]).success();
    assert!(!other.path().join("out/curves.csv").exists());
    branches(other.path(), &wide, &["--threads", "3", "--quiet", "--resume"]).success();
    for name in ["curves.csv", "curves.parquet", "branches.csv"] {
        let read = |directory: &Path| fs::read(directory.join("out").join(name)).unwrap();
        assert!(read(one.path()) == read(other.path()), "{name}");
    }

    let out = one.path().join("out");
    let mut run = Command::new(cargo_bin("snn-ensemble"));
    run.arg("run").arg(one.path().join("small.yaml")).arg("--out").arg(&out).args(["--quiet", "--backend", "cpu"]);
    run.assert().success();
    let figures = one.path().join("figures");
    let mut report = Command::new(cargo_bin("snn-ensemble"));
    report.arg("report").arg(&out).args(["--only", "all", "--figures"]).arg(&figures).assert().success();
    let drawn = fs::read_dir(&figures).unwrap().map(|entry| entry.unwrap().path());
    let drawn: Vec<_> = drawn.filter(|path| path.extension().is_some_and(|e| e == "csv")).collect();
    for begins in ["curves", "map-regime-"] {
        let of = |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(begins);
        let text = drawn.iter().find(of).map(|path| fs::read_to_string(path).unwrap());
        let text = text.unwrap_or_else(|| panic!("{begins} of {drawn:?}"));
        assert_eq!(text.lines().filter(|line| line.contains("HB")).count(), rows.len(), "{begins}: {text}");
    }
}

/// (text in the config, its replacement, words of the message).
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "parameter: projections.E<-I.p",
        "parameter: projections.E<-I.kind",
        &["small.yaml:", "continuation.parameter", "the path of a number"],
    ),
    (
        "parameter: projections.E<-I.p",
        "parameter: populations.E.size",
        &["continuation.parameter", "whole number", "continuously"],
    ),
    ("range: [0.47, 0.5]", "range: [0.5, 0.47]", &["continuation.range", "low below high"]),
    ("range: [0.47, 0.5]", "range: [0.47, 1.5]", &["continuation.range", "a probability"]),
    ("{value: 0.48}", "{value: 0.6}", &["continuation.from.0.value", "range from 0.47 to 0.5"]),
    ("{value: 0.48}", "settle", &["continuation.from.0", "did you mean settled"]),
    ("at: [0.495]", "at: [0.6]", &["continuation.at.0", "range from 0.47 to 0.5"]),
    ("at: [0.495]", "doublings: 9", &["continuation.doublings", "from 0 to 8"]),
    ("at: [0.495]", "models: [snn]", &["continuation.models.0", "noise: none"]),
    (
        "at: [0.495]",
        "second: {path: projections.E<-I.p, range: [0.4, 0.9]}",
        &["continuation.second.path", "which is continuation.parameter", "choose another"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.kind, range: [1, 2]}",
        &["continuation.second.path", "the path of a number"],
    ),
    (
        "at: [0.495]",
        "second: {path: populations.E.size, range: [1, 2]}",
        &["continuation.second.path", "a whole number", "continuously"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.tau, range: [2, 3]}",
        &["continuation.second.range", "own value, 1.4", "widen the range"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.p, range: [0.5, 1.5]}",
        &["continuation.second.range", "a probability"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.tau, range: [1, 2]}, curves: []",
        &["continuation.curves", "an empty list", "HB, PD"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.tau, range: [1, 2]}, curves: [HB, BP]",
        &["continuation.curves.1", "found BP, allowed: HB or PD or LP or NS"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.tau, range: [1, 2]}, curves: [lp]",
        &["continuation.curves.0", "found lp, allowed: HB or PD or LP or NS"],
    ),
    ("from: [{value: 0.48}]", "from: settled", &["continuation.from", "found settled, allowed: a list"]),
    ("at: [0.495]", "models: dsode", &["continuation.models", "found dsode, allowed: a list"]),
    ("at: [0.495]", "curves: [HB]", &["continuation.curves", "without a second parameter", "add second"]),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.delay, range: [0, 1]}",
        &["continuation.second.path", "projections.E<-E.delay, a whole number of steps"],
    ),
    (
        "at: [0.495]",
        "second: {path: projections.E<-E.tau, range: [0.05, 2]}",
        &["continuation.second.range", "found 0.05 for projections.E<-E.tau", "from time.dt = 0.1 ms on"],
    ),
    (
        "models: [snn, dsode]",
        "models: [snn, dsode]\nsources: {S: {rate: {steps: [[0, 1], [50, 2]]}}}",
        &["continuation", "sources.S.rate changes with time", "give sources.S.rate a number"],
    ),
    ("{value: 0.48}", "{branch: 3, point: 5}", &["continuation.from", "branch: 3, point: 5", "no branches yet"]),
    ("models: [snn, dsode]", "models: [snn]", &["continuation.models", "deterministic dsode"]),
    (
        "models: [snn, dsode]",
        "models: [{dsode: {noise: finite_size}}]",
        &["continuation.models", "deterministic dsode"],
    ),
    (
        "E: {size: 300, tau_ref: 4, drive: {rate: 7}}",
        "E: {size: 300, tau_ref: 4, drive: {rate: {mean: 7, amplitude: 0.1, frequency: 5}}}",
        &["continuation", "constant"],
    ),
    (
        "continuation: {parameter: projections.E<-I.p, range: [0.47, 0.5], from: [{value: 0.48}], at: [0.495]}",
        "",
        &["no section `continuation`", "parameter"],
    ),
];

#[test]
fn mistakes_are_told_with_their_key_and_what_is_allowed() {
    let directory = tempfile::tempdir().unwrap();
    for (from, to, words) in MISTAKES {
        assert_eq!(CONFIG.matches(from).count(), 1, "{from}");
        let output = branches(directory.path(), &CONFIG.replace(from, to), &["--quiet"]).code(2);
        let message = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(words.iter().all(|word| message.contains(word)), "{to}: {message}");
    }
    // Delays make of time.dt what changes in jumps.
    let delayed = CONFIG.replace("tau: 1.4}", "tau: 1.4, delay: 0.3}");
    let delayed = delayed.replace(
        "parameter: projections.E<-I.p, range: [0.47, 0.5], from: [{value: 0.48}], at: [0.495]",
        "parameter: time.dt, range: [0.05, 0.15]",
    );
    let output = branches(directory.path(), &delayed, &["--quiet"]).code(2);
    assert!(String::from_utf8_lossy(&output.get_output().stderr).contains("beside delays"));
}

/// A time constant that falls below the time step: the branch ends there, with its reason, and everything before it is kept.
#[test]
fn a_branch_ends_where_there_is_no_network() {
    let directory = tempfile::tempdir().unwrap();
    let config = "\
name: small
time: {dt: 0.1, duration: 100}
populations: {E: {size: 300, tau_ref: 4}}
projections: {E<-E: {kind: excitatory, p: 0.5, s: 0.05, tau: 0.3}}
models: [dsode]
continuation: {parameter: time.dt, range: [0.1, 0.4], from: [{value: 0.2}]}
";
    // The step may not be longer than the time constant.
    branches(directory.path(), config, &["--quiet"]).code(1);
    let rows = table(directory.path(), "branches.csv");
    let end = rows.iter().find(|row| row["note"].contains("no model")).expect("an end");
    assert_eq!(end["code"], "EP");
    assert!(real(end, "value") > 0.2999 && real(end, "value") <= 0.3, "{end:?}");
    assert!(rows.iter().filter(|row| row["type"] == "FP").count() > 10);
}

/// Fixed points of two populations without noise of their own, one kind of kicks rising and the other not.
#[test]
fn kicks_that_rise_go_with_others_that_do_not() {
    let config = "\
name: mixed
time: {dt: 0.1, duration: 100}
populations:
  A: {size: 100, tau_ref: 2, tau_m: 10, v_th: 20, drive: {weight: 0.9, rate: 1.9}}
  B: {size: 100, tau_ref: 2, tau_m: 10, v_th: 20, drive: {weight: 0.9, rate: 1.9}}
projections:
  A<-A: {kind: excitatory, p: 0.2, s: 0.1, tau: 2, tau_rise: 1}
  B<-A: {kind: excitatory, p: 0.2, s: 0.1, tau: 2}
models: [{dsode: {bin: 1, v_min: -8}}]
continuation: {parameter: populations.A.drive.rate, range: [1.8, 2.05], from: [settled]}
";
    let directory = tempfile::tempdir().unwrap();
    branches(directory.path(), config, &[]).success();
    let rows = table(directory.path(), "branches.csv");
    let ends: Vec<f64> = rows.iter().map(|row| real(row, "value")).collect();
    assert!(rows.iter().all(|row| row["code"] != "MX" && row["stable"] == "true"), "{rows:?}");
    let (low, high) = ends.iter().fold((9.0_f64, 0.0_f64), |(low, high), x| (low.min(*x), high.max(*x)));
    assert!(low == 1.8 && high == 2.05, "from {low} to {high}");
}

/// A config of a sweep is one of branches too.
#[test]
fn states_that_a_sweep_carries_are_no_matter_of_branches() {
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let carried = CONFIG.replace("drive: {rate: 7}}", "drive: {rate: 7}, initial: carry}")
        + "scan: [{path: projections.E<-I.p, values: [0.47, 0.5]}]\nsweep: {axis: projections.E<-I.p}\n";
    branches(directories[0].path(), CONFIG, &[]).success();
    branches(directories[1].path(), &carried, &[]).success();
    let [plain, carried] = directories.map(|directory| table(directory.path(), "branches.csv"));
    assert_eq!(plain, carried);
}
