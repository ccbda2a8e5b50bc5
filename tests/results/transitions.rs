//! Where do the means of a scan cross their levels, by the file?

use super::support::schema;
use snn_ensemble::results::{
    AxisValue, Key, MemberLog, Record, ResultSchema, SchemaModel, SchemaPoint, assemble, file,
};
use snn_ensemble::statistics::{Histogram, HistogramKind, MemberStatistics};
use std::collections::BTreeMap;
use std::path::Path;

const POINTS: u32 = 9;
const REALISATIONS: u32 = 16;

/// Nine points from 0.6 to 1.4, written down in another order.
fn scan() -> ResultSchema {
    let point = |i: u32| SchemaPoint {
        key: i.to_string(),
        values: vec![AxisValue::Number(0.6 + 0.1 * f64::from(4 * i % POINTS))],
    };
    let model = |label: &str, deterministic| SchemaModel { label: label.into(), deterministic, bins: None };
    ResultSchema {
        models: vec![model("snn", false), model("dsode", true)],
        axes: vec!["projections.E<-I.p".into()],
        points: (0..POINTS).map(point).collect::<Vec<_>>().into(),
        statistics: ["rate_E", "burst_lag1_E", "burst_lag1_I", "ssi_E"].map(String::from).into(),
        traces: vec![],
        ..schema()
    }
}

/// Heights of bursts: up to p = 1.15 of a triangular law, from there on of two kinds, but one in ten.
fn heights(p: f64, realisation: u32) -> Histogram {
    let axis = HistogramKind::BURST_PEAKS;
    let mut values = vec![0.0; axis.bins as usize];
    if p < 1.15 {
        (0..40).for_each(|i| values[20 + i] = (i + 1).min(40 - i) as f64);
    } else {
        values[20..60].fill(0.5);
        (values[22], values[57]) = (f64::from(90 - realisation), f64::from(90 + realisation));
    }
    Histogram { kind: HistogramKind::BurstPeak, population: 0, x: axis, y: None, values }
}

/// The correlation of E falls through 0 at 0.93, with a spread, and its synchrony through 0.3 at 0.94; the correlation of I is undefined.
/// Its bursts are of two kinds at the end, where the correlation is above 0 again.
fn record(schema: &ResultSchema, model: usize, point: usize, realisation: u32) -> Record {
    let [AxisValue::Number(p)] = schema.points[point].values[..] else { panic!("one axis") };
    let spread = if schema.models[model].deterministic { 0.0 } else { f64::from(realisation * 7 % REALISATIONS) - 7.5 };
    let correlation = if p < 1.25 { 2.0 * (0.93 - p) + 0.01 * spread } else { 0.9 };
    let values = vec![Some(80.0), Some(correlation), None, Some(0.3 + 0.94 - p)];
    let histograms = vec![heights(p, realisation)];
    let key = Key { model: schema.models[model].label.clone(), point: schema.points[point].key.clone(), realisation };
    let statistics = MemberStatistics { values, spikes: vec![1.0, 1.0], spike_hash: None, rate_hash: None, histograms };
    Record { key, statistics, trace: None, spikes: None, neurons: None }
}

fn finish(directory: &Path) -> Vec<BTreeMap<String, String>> {
    let schema = scan();
    let mut log = MemberLog::open(directory, &schema).unwrap();
    for (model, realisations) in [(0, REALISATIONS), (1, 1)] {
        for point in 0..schema.points.len() {
            let records: Vec<Record> = (0..realisations).map(|r| record(&schema, model, point, r)).collect();
            log.append(records).unwrap();
        }
    }
    assemble(directory, &mut log, |_| true).unwrap();
    let mut reader = csv::Reader::from_path(directory.join(file::TRANSITIONS)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn the_onset_of_alternation_has_a_place_and_an_interval() {
    let directory = tempfile::tempdir().unwrap();
    let rows = finish(directory.path());
    let number = |row: usize, column: &str| rows[row][column].parse::<f64>().unwrap();
    // Of the model without randomness there is no alternation to tell.
    let expected = [
        ("snn", "burst_lag1", "falls", 0.93),
        ("snn", "burst_lag1", "rises", 1.24),
        ("snn", "ssi", "falls", 0.94),
        // Two kinds of bursts that alternate, at 1.2, are no bistability.
        ("snn", "burst_bistability", "rises", 1.28),
        ("dsode", "ssi", "falls", 0.94),
    ];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for (row, (model, statistic, direction, value)) in expected.into_iter().enumerate() {
        let names = ["model", "statistic", "population", "axis", "direction"].map(|column| rows[row][column].as_str());
        assert_eq!(names, [model, statistic, "E", "projections.E<-I.p", direction]);
        let within = if direction == "falls" { 1e-9 } else { 0.02 };
        assert!((number(row, "value") - value).abs() < within, "{rows:?}");
    }
    // Uniform over 0.15, so that the mean of 16 is known to 0.0108 and the place, between two of them, to about 0.0042.
    let half = 0.5 * (number(0, "ci95_high") - number(0, "ci95_low"));
    assert!((0.006..0.011).contains(&half), "{half}");
    assert!(rows[4]["ci95_low"].is_empty() && rows[4]["n"] == "1" && rows[0]["n"] == "16");
    // Each member is the same there: as certain as it can be.
    let apart = number(3, "ci95_high") - number(3, "ci95_low");
    assert!((0.0..1e-3).contains(&apart), "{apart}");
}

#[test]
fn another_run_has_the_same_bytes() {
    let bytes = || {
        let directory = tempfile::tempdir().unwrap();
        finish(directory.path());
        std::fs::read(directory.path().join(file::TRANSITIONS)).unwrap()
    };
    assert_eq!(bytes(), bytes());
}
