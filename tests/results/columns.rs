//! What the files say of their own columns, clean names of axes, points in long form, and times without binary noise.

use crate::support::{all, finish, schema};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use snn_ensemble::results::{
    AxisValue, MemberLog, Record, ResultSchema, SchemaPoint, Spike, Table, assemble, dictionary,
};
use snn_ensemble::results::{file, members, points, table::COLUMNS};
use snn_ensemble::statistics::{Statistic, table};
use std::fs;
use std::path::Path;

fn json(directory: &Path) -> Value {
    serde_json::from_slice(&fs::read(directory.join(file::COLUMNS)).unwrap()).unwrap()
}

fn with_axes(axes: &[&str]) -> ResultSchema {
    let value = |(i, path): (usize, &&str)| match *path {
        "sweep" => AxisValue::Text("forward".into()),
        _ => AxisValue::Number(i as f64),
    };
    let point = SchemaPoint { key: "a".into(), values: axes.iter().enumerate().map(value).collect() };
    ResultSchema { axes: axes.iter().map(|path| path.to_string()).collect(), points: vec![point].into(), ..schema() }
}

#[test]
fn every_column_of_every_file_is_described_there_and_in_the_file_itself() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let described = json(directory.path());
    let header = csv::Reader::from_path(directory.path().join(file::POINTS)).unwrap().headers().unwrap().clone();
    for (name, columns) in described.as_object().unwrap() {
        let columns = columns.as_array().unwrap();
        let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert!(columns.iter().all(|c| c["definition"].as_str().is_some_and(|text| !text.is_empty())), "{name}");
        if name == file::WINDOWS {
            assert!(!directory.path().join(name).exists(), "windows that nobody asked for");
            assert_eq!(names[2..], header.iter().collect::<Vec<_>>());
            continue;
        }
        if name == file::TRANSITIONS {
            assert!(!directory.path().join(name).exists(), "transitions along two axes");
            continue;
        }
        if name == file::POINTS {
            assert_eq!(names, header.iter().collect::<Vec<_>>());
            continue;
        }
        let path = directory.path().join(name);
        let there = Table::read(&path).unwrap();
        assert_eq!(names, there.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let own = metadata.iter().find(|entry| entry.key == COLUMNS).unwrap().value.as_deref().unwrap();
        assert_eq!(&serde_json::from_str::<Value>(own).unwrap(), &described[name]);
    }
}

/// All statistics that there are, of populations whose names are parts of each other's columns.
#[test]
fn every_statistic_has_a_definition_a_unit_and_its_population() {
    let populations = ["E", "mean_E", "sd"].map(String::from);
    // The network as a whole has one of each, in no population's name.
    let columns = |s: &'static Statistic| {
        let several = if s.is_of_network() { &populations[..1] } else { &populations[..] };
        several.iter().map(move |population| (s, population.clone()))
    };
    let expected: Vec<(&Statistic, String)> = table().flat_map(columns).collect();
    let statistics = expected.iter().map(|(s, population)| s.column(population)).collect();
    let schema = ResultSchema { populations: populations.clone().into(), statistics, ..schema() };
    let described = dictionary::members(&schema);
    for (statistic, population) in expected {
        let column = described.iter().find(|c| c.name == statistic.column(&population)).unwrap();
        let meaning = column.meaning.clone().unwrap();
        assert_eq!(meaning.population, (!statistic.is_of_network()).then_some(population));
        assert_eq!(
            (meaning.statistic.as_deref(), meaning.unit.as_deref()),
            (Some(statistic.name), Some(statistic.unit))
        );
        assert_eq!(meaning.definition, statistic.definition);
    }
}

#[test]
fn axes_have_clean_names_that_nothing_else_has() {
    let names = |axes: &[&str]| with_axes(axes).axis_names();
    assert_eq!(
        names(&["projections.E<-I.p", "populations.E.drive.rate", "time.dt", "sweep"]),
        ["p_E_I", "drive_rate_E", "dt", "sweep"]
    );
    // tau_m of E, and tau of a projection onto m
    assert_eq!(names(&["populations.E.tau_m", "projections.m<-E.tau"]), ["tau_m_E", "tau_m_E_2"]);
    let taken = ResultSchema { statistics: vec!["p_E_I".into()], ..with_axes(&["projections.E<-I.p"]) };
    assert_eq!(taken.axis_names(), ["p_E_I_2"]);
}

#[test]
fn axes_say_their_path_and_unit() {
    let schema = with_axes(&["populations.E.tau_ref", "projections.E<-I.tau"]);
    let columns = dictionary::long_points(&schema);
    let of = |name: &str| columns.iter().find(|c| c.name == name).unwrap().meaning.clone().unwrap();
    let (tau_ref, tau) = (of("tau_ref_E"), of("tau_E_I"));
    assert_eq!((tau_ref.path.as_deref(), tau_ref.unit.as_deref()), (Some("populations.E.tau_ref"), Some("ms")));
    assert_eq!((tau_ref.population.as_deref(), tau.population), (Some("E"), None));
    assert_eq!(tau.path.as_deref(), Some("projections.E<-I.tau"));
}

#[test]
fn points_in_long_form_are_the_summaries_with_clean_axes() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let members = members::read(directory.path()).unwrap();
    assert_eq!(members.column("p_E_I"), members.column("projections.E<-I.p"));
    let expected = points::from_members(&members, &schema().statistics).unwrap();
    let long = Table::read(&directory.path().join(file::LONG_POINTS)).unwrap();
    assert_eq!(long.rows, expected.len() * schema().statistics.len());
    let mut row = 0;
    for point in &expected {
        for (name, summary) in schema().statistics.iter().zip(&point.summaries) {
            let text = |column: &str| long.text(column).unwrap()[row].clone().unwrap();
            assert_eq!(&format!("{}_{}", text("statistic"), text("population")), name);
            assert_eq!((text("model"), long.integer("point").unwrap()[row]), (point.model.clone(), point.point.into()));
            let real = |column: &str| long.real(column).unwrap()[row];
            assert_eq!((real("mean"), real("sem")), (summary.mean, summary.sem));
            assert_eq!((real("ci95_low"), real("ci95_high")), summary.ci95.unzip());
            assert_eq!(long.integer("n").unwrap()[row], summary.n as i64);
            let AxisValue::Number(p) = schema().points[point.point as usize].values[0] else { panic!() };
            assert_eq!(real("p_E_I"), Some(p));
            row += 1;
        }
    }
}

/// 1001 * 0.1 is not the double next to 100.1. The time step may be an axis.
#[test]
fn spikes_have_whole_steps_and_times_without_binary_noise() {
    let scanned = |dt: f64| SchemaPoint { key: dt.to_string(), values: vec![AxisValue::Number(dt)] };
    let schema =
        ResultSchema { axes: vec!["time.dt".into()], points: vec![scanned(0.1), scanned(0.05)].into(), ..schema() };
    let directory = tempfile::tempdir().unwrap();
    let mut log = MemberLog::open(directory.path(), &schema).unwrap();
    let member = |dt: f64| {
        let spike = |step: f64| Spike { t: step * dt, population: 0, neuron: 1 };
        let mut record = Record { spikes: Some(vec![spike(3.0), spike(1001.0)]), ..all()[0].clone() };
        record.key.point = dt.to_string();
        record
    };
    log.append([member(0.1), member(0.05)]).unwrap();
    assemble(directory.path(), &mut log, |_| true).unwrap();
    let spikes = Table::read(&directory.path().join(file::SPIKES)).unwrap();
    assert_eq!(spikes.integer("step").unwrap(), [3, 1001, 3, 1001]);
    assert_eq!(spikes.real("t").unwrap(), [0.3, 100.1, 0.15, 50.05].map(Some));
}

/// `SNN_ENSEMBLE_GOLDEN=write cargo test --test results columns` writes the page again.
#[test]
fn the_page_of_columns_is_the_dictionary() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/columns.md");
    let schema = ResultSchema {
        populations: vec!["POPULATION".into()],
        statistics: table().map(|s| s.column("POPULATION")).collect(),
        traces: vec!["rate_POPULATION".into(), "kicks_TARGET<-SOURCE".into()],
        kicks: vec!["kicks_TARGET<-SOURCE".into()],
        until: [("rate_POPULATION".to_string(), 0.01)].into(),
        ..with_axes(&["projections.TARGET<-SOURCE.tau", "sweep"])
    };
    let page = dictionary::reference(&schema);
    if std::env::var("SNN_ENSEMBLE_GOLDEN").is_ok_and(|value| value == "write") {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), page);
}
