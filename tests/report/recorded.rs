//! Is what was recorded beside the statistics shown as it was: windows, neurons, kicks, the verdict of a validation?

use super::support::{Case, VALIDATION, kick_width, write};
use super::{FULL, POINT, SCAN, bare, figures, page};
use snn_ensemble::results::file;
use std::collections::HashMap;
use std::fs;

const WINDOWS: Case = Case {
    name: "windows",
    yaml: "models: [snn, markov]\nrealisations: 16\nanalysis: {windows: [[500, 1000], [200.5, 500]], choice: {populations: [E, I]}}",
    validated: false,
    ..SCAN
};

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
    let page = bare(&self::page(&directory).0);
    assert!(page.contains("<h2>Validation: equal</h2>") && page.contains("all 2 checks passed"));
    assert!(
        page.contains("<td>2.0e-5</td><td>1.0e-4 ")
            && page.contains("<td>rate of I at 19.8 ms</td><td class=\"within\">")
    );
    assert!(page.contains("<td>exact</td><td>exact</td><td>every step</td>"));
    let failed = VALIDATION.replace("equal\"", "different\"").replacen("\"ok\": true", "\"ok\": false", 1);
    fs::write(directory.join(file::VALIDATION), failed).unwrap();
    let page = bare(&self::page(&directory).0);
    assert!(page.contains("<h2>Validation: different</h2>") && page.contains("1 of 2 checks failed"));
    assert!(page.contains("<td class=\"outside\">"));
}
