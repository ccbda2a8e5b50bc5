//! Do figures become files with their numbers, those asked for, of result directories alone?

use super::support::{Case, write};
use super::{FULL, GRID, SCAN, points, sections_of};
use snn_ensemble::report;
use snn_ensemble::report::export::{ALL, Export, Format};
use std::fs;

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
    let n = all.write(&sections_of(&directory), &out).unwrap_or_else(|e| panic!("{e}")).written;
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

/// Whatever the order in which this process happens to keep histograms.
#[test]
fn what_is_read_again_is_the_same_to_the_bit() {
    let numbers =
        || sections_of(&FULL).iter().flat_map(|section| &section.figures).map(report::csv::figure).collect::<Vec<_>>();
    let first = numbers();
    assert!(first.len() > 100);
    (0..8).for_each(|_| assert!(numbers() == first));
}

#[test]
fn files_are_those_asked_for_and_named_by_what_they_show() {
    let directory = write(&Case { name: "asked", yaml: GRID, ..SCAN });
    let files = |only: &[&str], formats: &[Format]| {
        let out = tempfile::tempdir().unwrap();
        let only = only.iter().map(|name| name.to_string()).collect();
        let export = Export { only, formats: formats.into(), width: Some(85.0), ..Export::default() };
        let exported = export.write(&sections_of(&directory), out.path()).unwrap_or_else(|e| panic!("{e}"));
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
    let error = unknown.write(&sections_of(&directory), &directory.join("none")).unwrap_err().to_string();
    assert!(error.contains("rate_X; allowed: ") && error.contains("rate_E, rate_I"), "{error}");
    assert!(!directory.join("none").exists());
}

#[test]
fn other_directories_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    let error = report::write(empty.path()).err().unwrap().to_string();
    assert!(error.contains("is no result directory: it holds no config.yaml"), "{error}");
    let gone = report::write(&empty.path().join("gone")).err().unwrap().to_string();
    assert!(gone.contains("is no result directory"), "{gone}");
}
