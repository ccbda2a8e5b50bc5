//! Does a report show what the files say, for every kind of experiment? The pages stay in the target directory, where
//! `tests/report_browser.mjs` opens them in a browser.

mod browser;
mod findings;
mod pair;
mod run;
#[path = "../small/mod.rs"]
mod small;
mod support;

use serde_json::Value;
use snn_ensemble::report::export::{ALL, Export, Format};
use snn_ensemble::report::figure::{Colour, MODEL_COLOURS};
use snn_ensemble::report::{self, style};
use snn_ensemble::results::file;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::{Case, VALIDATION, kick_width, write};

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

const WINDOWS: Case = Case {
    name: "windows",
    yaml: "models: [snn, markov]\nrealisations: 16\nanalysis: {windows: [[500, 1000], [200.5, 500]], choice: {populations: [E, I]}}",
    validated: false,
    ..SCAN
};

const RHYTHM: Case = Case {
    name: "rhythm",
    yaml: "
time: {duration: 1000, discard: 200}
populations:
  E: {size: 30, tau_ref: 4, drive: {rate: {mean: 7, amplitude: 0.1, frequency: 20}}}
models: [snn, markov]
realisations: 16",
    validated: false,
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

/// A page looks colours up by the names that its data have.
#[test]
fn the_palette_has_the_colour_of_every_model() {
    let palette = style::palette();
    for i in 0..3 * MODEL_COLOURS {
        for colour in [Colour::Model(i), Colour::Population(i)] {
            let name = serde_json::to_value(colour).expect("a text");
            let (light, dark) = style::pair(colour);
            let of = &palette[name.as_str().expect("a text")];
            assert_eq!((&of[0], &of[1]), (&light.into(), &dark.into()), "{colour:?}");
        }
    }
}

/// The page, and the data that it draws.
fn page(directory: &Path) -> (String, Value) {
    let path = report::write(directory).unwrap_or_else(|e| panic!("{e}")).path;
    let page = fs::read_to_string(path).unwrap();
    let (_, data) = page.split_once("<script id=\"data\" type=\"application/json\">").unwrap();
    let data = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    (page, data)
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

#[test]
fn the_numbers_drawn_are_those_of_the_table() {
    let (_, data) = page(&FULL);
    let table = points(&FULL);
    let mut compared = 0;
    for statistic in ["rate_E", "ssi_I", "burst_lag1_E", "dwell_above_mean_I"] {
        let id = format!("{}-p-of-e-i", statistic.to_lowercase().replace('_', "-"));
        let lines = figures(&data)[&id]["panels"][0]["marks"].as_array().unwrap();
        assert_eq!(lines.len(), 3, "{id}");
        for line in lines {
            let model = line["name"].as_str().unwrap();
            for (point, x) in line["x"].as_array().unwrap().iter().enumerate() {
                let row = &table[&(model.to_string(), point.to_string())];
                let cell = |name: &str| row[name].parse::<f64>().ok();
                assert_eq!(x.as_f64(), cell("projections.E<-I.p"));
                let drawn = [("y", "mean"), ("low", "ci95_low"), ("high", "ci95_high"), ("n", "n")];
                for (drawn, column) in drawn {
                    assert_eq!(
                        line[drawn][point].as_f64(),
                        cell(&format!("{statistic}_{column}")),
                        "{id} {model} {drawn}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 4 * 3 * 51 * 4);
}

#[test]
fn the_errors_below_are_those_of_the_means_above() {
    let (_, data) = page(&FULL);
    let panels = &figures(&data)["rate-e-p-of-e-i"]["panels"];
    let of = |panel: usize, name: &str| {
        let marks = panels[panel]["marks"].as_array().unwrap();
        marks.iter().find(|mark| mark["name"] == name).unwrap_or_else(|| panic!("no {name}"))["y"].clone()
    };
    let (network, reduced, errors) = (of(0, "snn"), of(0, "dsode"), of(1, "dsode"));
    for point in 0..51 {
        let [network, reduced, error] = [&network, &reduced, &errors].map(|y| y[point].as_f64().unwrap());
        assert_eq!(error, (reduced - network) / network);
    }
    // the network has no error against itself
    assert!(panels[1]["marks"].as_array().unwrap().iter().all(|mark| mark["name"] != "snn"));
}

/// In the order of time, with the numbers of windows.csv.
#[test]
fn windows_are_shown_with_their_intervals() {
    let directory = write(&WINDOWS);
    let (page, data) = page(&directory);
    let mut reader = csv::Reader::from_path(directory.join("windows.csv")).unwrap();
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let cell = |from: &str, model: &str, column: &str| {
        rows.iter().find(|row| row["from"] == from && row["model"] == model).unwrap()[column].parse::<f64>().ok()
    };
    let mut compared = 0;
    for (population, statistics) in [("E", ["rate", "ssi"]), ("I", ["rate", "ssi"])] {
        let figure = &figures(&data)[&format!("windows-{}", population.to_lowercase())];
        for (panel, statistic) in statistics.iter().enumerate() {
            for line in figure["panels"][panel]["marks"].as_array().unwrap() {
                assert_eq!(line["x"], serde_json::json!([350.25, 750.0]));
                let model = line["name"].as_str().unwrap();
                for (i, from) in ["200.5", "500"].into_iter().enumerate() {
                    for (part, end) in [("y", "mean"), ("low", "ci95_low"), ("high", "ci95_high"), ("n", "n")] {
                        let expected = cell(from, model, &format!("{statistic}_{population}_{end}"));
                        assert_eq!(
                            line[part][i].as_f64(),
                            expected,
                            "{statistic} of {population} in {model} from {from}"
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert_eq!(compared, 2 * 2 * 2 * 2 * 4);
    assert!(
        page.contains("<div class=\"table") && page.contains("id=\"table-windows\"") && page.contains("500–1000 ms")
    );
    // a probability stands with both ends of its interval
    let (p, low) = (cell("500", "snn", "rate_E_mean"), page.matches(" to 0.").count());
    assert!(p.is_some() && low >= 4, "{low} intervals of choices");
}

/// 0 is no less of a direction than any other, so a share of it says nothing.
#[test]
fn phases_have_differences_and_vector_strengths_errors() {
    let (page, _) = page(&write(&RHYTHM));
    let row = |name: &str| {
        let (_, rest) =
            page.split_once(&format!("<th scope=\"row\">{name}</th>")).unwrap_or_else(|| panic!("no {name}"));
        rest.split("</tr>").next().unwrap().to_string()
    };
    let (phase, strength) = (row("phase_E (rad)"), row("vector_strength_E"));
    assert!(phase.contains(" rad") && !phase.contains('%'), "{phase}");
    assert!(strength.contains('%'), "{strength}");
}

/// Spikes are dots on the threshold above, and ticks below.
#[test]
fn recorded_neurons_are_shown_with_their_spikes() {
    let (_, data) = page(&FULL);
    let panels = figures(&data)["neurons-snn-0"]["panels"].as_array().unwrap().clone();
    let labels: Vec<&str> = panels.iter().map(|panel| panel["y"]["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["V of E 0", "V of E 1", "V of I 0", "V of I 1", "neuron"]);
    let mark = |panel: usize, kind: &str| {
        panels[panel]["marks"].as_array().unwrap().iter().find(|mark| mark["type"] == kind).unwrap().clone()
    };
    let (line, spikes) = (mark(1, "line"), mark(1, "scatter"));
    assert_eq!(line["x"].as_array().unwrap().len(), 200);
    assert_eq!(line["y"][0].as_f64(), Some(4.5 * 19.5));
    assert_eq!(spikes["x"], serde_json::json!([301.0, 321.0, 341.0, 361.0, 381.0]));
    assert_eq!(spikes["y"][0], 100.0);
    // three neurons of E below, three of I above them; the first one fires at 320, 340 and so on up to 400
    let rasters = panels[4]["marks"].as_array().unwrap();
    let rows = |population: usize| rasters[population]["row"].as_array().unwrap().iter().map(|r| r.as_u64().unwrap());
    assert_eq!(rows(0).collect::<Vec<_>>(), [1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    assert!(rows(1).all(|row| (3..6).contains(&row)) && rows(1).count() == 15);
    assert!(figures(&data).keys().all(|id| !id.starts_with("neurons-dsode")));
}

#[test]
fn a_full_scan_has_every_section_and_fits_a_mail() {
    let (page, data) = page(&FULL);
    let sections = [
        "network",
        "agreement",
        "along-p-of-e-i",
        "bursts-p-of-e-i",
        "rasters",
        "neurons",
        "attractor",
        "spectra",
        "voltages",
        "burst-sizes",
        "states-p-of-e-i",
        "more-p-of-e-i",
        "validation",
    ];
    for section in sections {
        assert!(page.contains(&format!("<section id=\"{section}\"")), "no section {section}");
    }
    assert!(!page.contains("<section id=\"maps\"") && !page.contains("<section id=\"spread\""));
    let comment = "The config's comment: How do bursts change on the way, and where do the reduced models stop telling the truth?";
    assert!(page.contains(comment));
    assert!(page.len() < 8 << 20, "{} bytes", page.len());
    // the page itself forbids every request
    assert!(page.contains("content=\"default-src 'none'; script-src 'unsafe-inline'"));
    let markup = page.split("<script id=\"data\"").next().unwrap();
    assert!(!markup.contains("http://") && !markup.contains("https://"), "the markup names another place");
    for (id, figure) in figures(&data) {
        let marks = figure["panels"].as_array().unwrap().iter().flat_map(|panel| panel["marks"].as_array().unwrap());
        assert!(marks.count() > 0, "{id} is empty");
    }
}

#[test]
fn kicks_keep_the_bins_of_their_point() {
    let (_, data) = page(&FULL);
    let mut compared = 0;
    for (id, figure) in figures(&data).iter().filter(|(id, _)| id.starts_with("attractor-kicks-e-snn")) {
        let choice: usize = id.rsplit('-').next().unwrap().parse().unwrap();
        let map = &figure["panels"][0]["marks"][0];
        for side in ["x", "y"] {
            let edges: Vec<f64> = map[side].as_array().unwrap().iter().map(|edge| edge.as_f64().unwrap()).collect();
            // every fifth of 51 points has an attractor
            let width = kick_width(choice as f64 / 10.0);
            assert!(edges.windows(2).all(|pair| (pair[1] - pair[0] - width).abs() < 1e-9), "{id}: bins of {width}");
            compared += 1;
        }
        // what is filled is one block: bins of another width would leave gaps in the middle
        let columns = map["x"].as_array().unwrap().len() - 1;
        let runs = map["z"].as_array().unwrap();
        let cells = runs.iter().flat_map(|run| match run.as_str() {
            Some(empty) => vec![false; empty.parse().unwrap()],
            None => vec![true],
        });
        let cells: Vec<bool> = cells.collect();
        let filled: Vec<bool> = cells.chunks(columns).map(|row| row.iter().any(|&cell| cell)).collect();
        let changes = filled.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 2, "{id}: {filled:?}");
    }
    assert_eq!(compared, 22);
}

#[test]
fn validation_is_a_table_with_its_verdict() {
    let directory = write(&Case { name: "validated", ..POINT });
    let (page, _) = self::page(&directory);
    assert!(page.contains("<h2>Validation: equal</h2>") && page.contains("all 2 checks passed"));
    assert!(
        page.contains("<td>2.0e-5</td><td>1.0e-4 ")
            && page.contains("<td>rate of I at 19.8 ms</td><td class=\"within\">")
    );
    assert!(page.contains("<td>exact</td><td>exact</td><td>every step</td>"));
    let failed = VALIDATION.replace("equal\"", "different\"").replacen("\"ok\": true", "\"ok\": false", 1);
    fs::write(directory.join(file::VALIDATION), failed).unwrap();
    let (page, _) = self::page(&directory);
    assert!(page.contains("<h2>Validation: different</h2>") && page.contains("1 of 2 checks failed"));
    assert!(page.contains("<td class=\"outside\">"));
}

#[test]
fn a_single_point_has_tables_and_no_scan() {
    let (page, data) = page(&write(&POINT));
    for section in ["agreement", "spread", "spectra", "voltages"] {
        assert!(page.contains(&format!("<section id=\"{section}\"")), "no section {section}");
    }
    assert!(!page.contains("id=\"along") && !page.contains("class=\"chooser\""));
    assert!(page.contains("16 realisations"));
    assert_eq!(figures(&data)["spread-e"]["panels"][0]["marks"][0]["x"].as_array().unwrap().len(), 16);
}

#[test]
fn networks_alone_have_no_errors() {
    let yaml = "models: [snn]\nscan: [{path: populations.E.drive.rate, logspace: [2, 50, 6]}]\nrealisations: 4";
    let (page, data) = page(&write(&Case { name: "network_alone", yaml, ..SCAN }));
    assert!(!page.contains("id=\"agreement\"") && !page.contains("relative error"));
    let panels = figures(&data)["rate-e-drive.rate-of-e"]["panels"].as_array().unwrap();
    assert_eq!((panels.len(), panels[0]["x"]["log"].as_bool()), (1, Some(true)));
    assert_eq!(panels[0]["x"]["label"], "drive.rate of E (1/ms)");
}

#[test]
fn one_realisation_has_no_intervals() {
    let yaml = "models: [snn, dsode]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1, 5]}]\nrealisations: 1";
    let (page, data) = page(&write(&Case { name: "one_realisation", yaml, ..SCAN }));
    let line = &figures(&data)["rate-e-s-of-e-e"]["panels"][0]["marks"][0];
    assert!(line["low"].as_array().unwrap().iter().all(Value::is_null));
    assert!(line["y"].as_array().unwrap().iter().all(Value::is_number));
    assert!(page.contains("one realisation"));
}

#[test]
fn a_silent_network_has_a_report() {
    let yaml = "models: [snn, dsode]\nscan: [{path: projections.E<-I.p, linspace: [0.5, 1.0, 5]}]\nrealisations: 4";
    let (page, _) = page(&write(&Case { name: "silent", yaml, silent: true, ..SCAN }));
    assert!(page.contains("<section id=\"along-p-of-e-i\""));
    for absent in ["spectra", "bursts-p-of-e-i", "burst-sizes", "attractor"] {
        assert!(!page.contains(&format!("id=\"{absent}\"")), "an empty section {absent}");
    }
    let (page, _) = self::page(&write(&Case { name: "silent_point", silent: true, ..POINT }));
    assert!(page.contains("<section id=\"agreement\">"));
}

#[test]
fn three_populations_are_all_shown() {
    let yaml = "
time: {dt: 0.1, duration: 1000, discard: 200}
populations:
  A: {size: 50, tau_ref: 4, drive: {rate: 7}}
  B: {size: 60, tau_ref: 4, drive: {rate: 7}}
  C: {size: 70, tau_ref: 4, drive: {rate: 7}}
projections:
  B<-A: {kind: excitatory, p: 0.5, s: 1, tau: 2}
  A<-C: {kind: inhibitory, p: 0.5, s: 1, tau: 2}
  C<-C: {kind: inhibitory, p: 0.5, s: 1, tau: 2}
models: [snn, dsode]
scan: [{path: projections.B<-A.p, values: [0.2, 0.5, 0.9]}]
realisations: 3
record: {spikes: {members: 1, from: 300, to: 600}, attractor: true}";
    let (page, data) = page(&write(&Case { name: "three", yaml, ..SCAN }));
    for id in ["rate-a-p-of-b-a", "rate-b-p-of-b-a", "rate-c-p-of-b-a", "attractor-rates-snn-1", "raster-snn-1"] {
        assert!(figures(&data).contains_key(id), "no figure {id}");
    }
    assert_eq!(figures(&data)["raster-snn-1"]["panels"][0]["marks"].as_array().unwrap().len(), 3);
    assert!(page.contains("C ← C"));
}

#[test]
fn both_passes_of_a_sweep_are_told_apart() {
    let yaml = "models: [snn]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1.25, 7]}]\nrealisations: 4";
    let (page, data) = page(&write(&Case { name: "sweep", yaml, passes: true, ..SCAN }));
    let marks = figures(&data)["rate-e-s-of-e-e"]["panels"][0]["marks"].as_array().unwrap();
    let lines: Vec<&Value> = marks.iter().filter(|mark| mark["type"] == "line").collect();
    // the fold that lies within the scan
    assert!(marks.iter().any(|mark| mark["type"] == "place"));
    let named: Vec<_> =
        lines.iter().map(|line| (line["name"].as_str().unwrap(), line["dash"].as_u64().unwrap())).collect();
    assert_eq!(named, [("snn forward", 0), ("snn backward", 1)]);
    assert!(lines.iter().all(|line| line["x"].as_array().unwrap().len() == 7));
    assert!(page.contains("<option value=\"1\">backward</option>"));
    assert!(page.contains("<section id=\"hysteresis\" class=\"key\">"));
}

#[test]
fn a_grid_has_maps_and_cuts() {
    let yaml = "
models: [snn, dsode]
scan:
  - {zip: [{path: populations.E.drive.rate, linspace: [4, 12, 6]}, {path: populations.I.drive.rate, linspace: [4, 12, 6]}]}
  - {path: projections.E<-I.tau, values: [2, 4, 8]}
realisations: 2";
    let directory = write(&Case { name: "grid", yaml, ..SCAN });
    let (page, data) = page(&directory);
    assert!(page.contains("<section id=\"maps\""));
    let map = &figures(&data)["map-mean-snn-rate-e-0"]["panels"][0];
    assert_eq!(
        (&map["x"]["label"], &map["y"]["label"]),
        (&"drive.rate of E, I (1/ms)".into(), &"tau of E←I (ms)".into())
    );
    let table = points(&directory);
    let cells = map["marks"][0]["z"].as_array().unwrap();
    // point 3 i + j has the i-th drive and the j-th time constant; cells go row by row
    for (i, j) in (0..6).flat_map(|i| (0..3).map(move |j| (i, j))) {
        let row = &table[&("snn".to_string(), (3 * i + j).to_string())];
        assert_eq!(cells[6 * j + i].as_f64(), row["rate_E_mean"].parse().ok());
    }
    let cut = &figures(&data)["rate-e-drive.rate-of-e-i-2"]["panels"][0]["marks"][0];
    assert_eq!(cut["x"].as_array().unwrap().len(), 6);
    let row = &table[&("snn".to_string(), "5".to_string())];
    assert_eq!(cut["y"][1].as_f64(), row["rate_E_mean"].parse().ok());
}

/// Of what each point does, in the legend's words; a network does nothing of the kind.
#[test]
fn a_grid_with_exponents_begins_with_its_map_of_regimes() {
    let yaml = "
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, values: [0.6, 0.7, 0.8, 0.9]}
  - {path: projections.E<-E.tau, values: [1, 2]}
realisations: 2
analysis: {lyapunov: true}";
    let directory = write(&Case { name: "regimes", yaml, ..SCAN });
    let (_, data) = page(&directory);
    let map = &figures(&data)["map-regime-dsode-regime-0"]["panels"][0]["marks"][0];
    let names = map["colours"]["classes"].as_array().unwrap();
    let drawn = map["z"].as_array().unwrap().iter().map(|z| names[z.as_f64().unwrap() as usize].as_str().unwrap());
    // point 2 i + j has the i-th p and the j-th time constant; cells go row by row
    let expected = ["steady", "period 2", "period 8", "chaotic", "period 1", "period 4", "other", "unsettled"];
    assert_eq!(drawn.collect::<Vec<_>>(), expected);
    assert_eq!(names.len(), data["classes"].as_array().unwrap().len());
    assert!(!figures(&data).contains_key("map-regime-snn-regime-0"));
    let out = directory.join("figures");
    let wanted = Export { formats: vec![Format::Svg, Format::Csv], only: vec![ALL.into()], ..Export::default() };
    wanted.write(&directory, &out).unwrap_or_else(|e| panic!("{e}"));
    let file = |end: &str| {
        let mut named = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        let is_map = |path: &PathBuf| {
            path.to_string_lossy().contains("map-regime-dsode") && path.extension().is_some_and(|found| found == end)
        };
        fs::read_to_string(named.find(is_map).unwrap()).unwrap()
    };
    let (image, numbers) = (file("svg"), file("csv"));
    assert!(!image.contains(">regime<"), "a label across the names of the regimes");
    assert!(expected.iter().all(|name| numbers.contains(name)), "{numbers}");
    for (name, colour) in names.iter().zip(style::CLASSES) {
        // once in the map and once in its legend
        let (name, colour) = (name.as_str().unwrap(), format!("fill=\"{colour}\""));
        assert!(image.contains(&format!(">{name}<")) && image.matches(&colour).count() == 2, "{name}");
    }
}

#[test]
fn figures_become_files_with_their_numbers() {
    let yaml = "
models: [snn, dsode]
scan: [{path: projections.E<-I.p, linspace: [0.5, 1.0, 4]}]
realisations: 3
record: {traces: {members: 1}, spikes: {members: 1, from: 300, to: 400}, attractor: true}";
    let directory = write(&Case { name: "files", yaml, ..SCAN });
    let out = directory.join("figures");
    let all = Export { only: vec![ALL.into()], ..Export::default() };
    let n = all.write(&directory, &out).unwrap_or_else(|e| panic!("{e}")).written;
    let with = |extension: &str| {
        let names = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|e| e == extension)).collect::<Vec<_>>()
    };
    assert_eq!((with("svg").len(), with("png").len()), (n, n));
    assert!(n > 40);
    let svg = fs::read_to_string(out.join("rate-e-p-of-e-i.svg")).unwrap();
    assert!(svg.contains(">rate of E (Hz)</text>") && svg.contains(">dsode</text>") && !svg.contains("NaN"));
    let numbers = fs::read_to_string(out.join("rate-e-p-of-e-i.csv")).unwrap();
    let table = points(&directory);
    let row = &table[&("dsode".to_string(), "2".to_string())];
    assert_eq!(numbers.lines().next(), Some("panel,series,p of E←I,value,ci95_low,ci95_high,n"));
    let line = format!("rate of E (Hz),dsode,{},{},,,1", row["projections.E<-I.p"], row["rate_E_mean"]);
    assert!(numbers.lines().any(|l| l == line), "no line {line:?} in\n{numbers}");
    for path in with("png") {
        let bytes = fs::read(&path).unwrap();
        assert_eq!(&bytes[1..4], b"PNG");
        // a blank picture of this size would have some hundred bytes
        assert!(bytes.len() > 4000, "{} is blank", path.display());
    }
}

#[test]
fn files_are_those_asked_for_and_named_by_what_they_show() {
    let directory = write(&Case { name: "asked", yaml: GRID, ..SCAN });
    let files = |only: &[&str], formats: &[Format]| {
        let out = tempfile::tempdir().unwrap();
        let only = only.iter().map(|name| name.to_string()).collect();
        let export = Export { only, formats: formats.into(), width: Some(85.0), ..Export::default() };
        let exported = export.write(&directory, out.path()).unwrap_or_else(|e| panic!("{e}"));
        let mut files: Vec<String> = fs::read_dir(out.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("table-"))
            .collect();
        files.sort();
        assert_eq!(files.len(), exported.written * formats.len());
        (files, out)
    };
    // the first statistic over the first plane: means of both models, and the error of one
    let (few, _) = files(&[], &[Format::Svg]);
    assert_eq!(few.len(), 3, "{few:?}");
    let (rates, out) = files(&["rate_E"], &[Format::Svg, Format::Pdf]);
    let name = "map-mean-snn-rate-e-drive.rate-of-e-and-tau-of-e-i-p-of-e-i-0.8";
    assert!(rates.contains(&format!("{name}.svg")), "{rates:?}");
    assert!(rates.iter().all(|name| name.contains("rate-e-")), "{rates:?}");
    assert!(fs::read_to_string(out.path().join(format!("{name}.svg"))).unwrap().contains("width=\"85mm\""));
    let pdf = fs::read(out.path().join(format!("{name}.pdf"))).unwrap();
    // as wide as asked for, in points of 1/72 inch
    let text = String::from_utf8_lossy(&pdf);
    let width = text.split_once("/MediaBox [0 0 ").unwrap().1.split(' ').next().unwrap().parse::<f64>().unwrap();
    assert!((width - 85.0 / 25.4 * 72.0).abs() < 0.8 && text.ends_with("%%EOF\n"), "{width} points");
    let unknown = Export { only: vec!["rate_X".into()], ..Export::default() };
    let error = unknown.write(&directory, &directory.join("none")).unwrap_err().to_string();
    assert!(error.contains("rate_X; allowed: ") && error.contains("rate_E, rate_I"), "{error}");
    assert!(!directory.join("none").exists());
}

#[test]
fn maps_of_one_statistic_share_their_scales() {
    let (page, data) = page(&write(&Case { name: "planes", yaml: GRID, ..SCAN }));
    // three pairs of dimensions; at most five slices of the third
    let places = page.split_once("data-part=\"place\"").unwrap().1.split("</select>").next().unwrap();
    assert_eq!(places.matches("<option").count(), 2 + 3 + 4);
    let mut ranges: HashMap<String, Vec<String>> = HashMap::new();
    for (id, figure) in figures(&data)
        .iter()
        .filter(|(id, _)| id.starts_with("map-") && id.contains("-rate-e-") && !id.contains("burst"))
    {
        let kind = if id.starts_with("map-mean") { "mean" } else { "error" };
        ranges.entry(kind.into()).or_default().push(figure["panels"][0]["marks"][0]["range"].to_string());
    }
    for (kind, ranges) in ranges {
        assert!(ranges.len() >= 9 && ranges.iter().all(|range| *range == ranges[0]), "{kind}: {ranges:?}");
    }
}

#[test]
fn other_directories_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    let error = report::write(empty.path()).err().unwrap().to_string();
    assert!(error.contains("is no result directory: it holds no config.yaml"), "{error}");
    let gone = report::write(&empty.path().join("gone")).err().unwrap().to_string();
    assert!(gone.contains("is no result directory"), "{gone}");
}
