//! Where do the means of a scan cross their levels, by the file?

use super::support::schema;
use snn_ensemble::results::{
    AxisValue, Key, MemberLog, Record, ResultSchema, SchemaModel, SchemaPoint, assemble, file,
};
use snn_ensemble::statistics::MemberStatistics;
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

/// The correlation of E falls through 0 at 0.93, with a spread, and its synchrony through 0.3 at 0.94; the correlation of I is undefined.
fn record(schema: &ResultSchema, model: usize, point: usize, realisation: u32) -> Record {
    let [AxisValue::Number(p)] = schema.points[point].values[..] else { panic!("one axis") };
    let spread = if schema.models[model].deterministic { 0.0 } else { f64::from(realisation * 7 % REALISATIONS) - 7.5 };
    let values = vec![Some(80.0), Some(2.0 * (0.93 - p) + 0.01 * spread), None, Some(0.3 + 0.94 - p)];
    let key = Key { model: schema.models[model].label.clone(), point: schema.points[point].key.clone(), realisation };
    let statistics =
        MemberStatistics { values, spikes: vec![1.0, 1.0], spike_hash: None, rate_hash: None, histograms: vec![] };
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
    let expected = [("snn", "burst_lag1", 0.93), ("snn", "ssi", 0.94), ("dsode", "ssi", 0.94)];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for (row, (model, statistic, value)) in expected.into_iter().enumerate() {
        let names = ["model", "statistic", "population", "axis", "direction"].map(|column| rows[row][column].as_str());
        assert_eq!(names, [model, statistic, "E", "projections.E<-I.p", "falls"]);
        assert!((number(row, "value") - value).abs() < 1e-9, "{rows:?}");
    }
    // Uniform over 0.15, so that the mean of 16 is known to 0.0108 and the place, between two of them, to about 0.0042.
    let half = 0.5 * (number(0, "ci95_high") - number(0, "ci95_low"));
    assert!((0.006..0.011).contains(&half), "{half}");
    assert!(rows[2]["ci95_low"].is_empty() && rows[2]["n"] == "1" && rows[0]["n"] == "16");
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
