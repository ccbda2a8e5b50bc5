//! Has every kind of experiment its sections, and no empty ones?

use super::support::{Case, write};
use super::{FULL, POINT, SCAN, figures, page};
use serde_json::Value;

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
fn a_single_point_has_tables_and_no_scan() {
    let (page, data) = page(&write(&POINT));
    for section in ["agreement", "spread", "spectra", "voltages"] {
        assert!(page.contains(&format!("<section id=\"{section}\"")), "no section {section}");
    }
    assert!(!page.contains("id=\"along") && !page.contains("class=\"chooser\""));
    assert!(page.contains("16 realisations"));
    let place = |id: &str| page.find(&format!("<section id=\"{id}\"")).unwrap();
    assert!(place("spectra") < place("spread"), "single realisations before what they show");
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
