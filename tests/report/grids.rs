//! Do the maps of grids show every point, on scales that can be compared?

use super::support::{Case, REGIMES, write};
use super::{GRID, SCAN, figures, page, points, sections_of};
use snn_ensemble::report::export::{ALL, Export, Format};
use snn_ensemble::report::style;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

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
    let directory = write(&Case { name: "regimes", yaml: REGIMES, ..SCAN });
    let (_, data) = page(&directory);
    let map = &figures(&data)["map-regime-dsode-regime-0"]["panels"][0]["marks"][0];
    let names = map["colours"]["classes"].as_array().unwrap();
    let drawn = map["z"].as_array().unwrap().iter().map(|z| names[z.as_f64().unwrap() as usize].as_str().unwrap());
    // point 2 i + j has the i-th p and the j-th time constant; cells go row by row
    let expected = ["steady", "period 2", "period 8", "chaotic", "period 1", "period 4", "other", "unsettled"];
    assert_eq!(drawn.collect::<Vec<_>>(), expected);
    assert_eq!(names.len(), data["classes"].as_array().unwrap().len());
    assert!(!figures(&data).contains_key("map-regime-snn-regime-0"));
    // beside it the network's synchrony, and nothing more of dsode
    let first = |id: &&String| id.starts_with("map-") && id.ends_with("-0");
    let shown: Vec<&String> = figures(&data).keys().filter(first).collect();
    assert_eq!(shown, ["map-beside-snn-ssi-e-0", "map-regime-dsode-regime-0"]);
    let out = directory.join("figures");
    let wanted = Export { formats: vec![Format::Svg, Format::Csv], only: vec![ALL.into()], ..Export::default() };
    wanted.write(&sections_of(&directory), &out).unwrap_or_else(|e| panic!("{e}"));
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

/// A point is named by the first of the values that move together, so that it must not be said of the others too.
#[test]
fn axes_with_different_values_are_no_common_axis() {
    let yaml = "
models: [snn]
scan:
  - {zip: [{path: populations.E.drive.rate, linspace: [4, 12, 5]}, {path: populations.I.drive.rate, linspace: [12, 4, 5]}]}
realisations: 2";
    let (_, data) = page(&write(&Case { name: "crossed", yaml, ..SCAN }));
    let panel = &figures(&data)["rate-e-drive.rate-of-e-and-others"]["panels"][0];
    assert_eq!(panel["x"]["label"], "drive.rate of E and others (1/ms)");
}
