//! The final files: contents, order, and bytes that do not depend on how they came about.

use crate::support::{all, contents, finish, schema};
use snn_ensemble::results::points::PointReduction;
use snn_ensemble::results::table::{Cell, Kind, TableWriter};
use snn_ensemble::results::{Adapter, Manifest, MemberLog, ResultError, Table, assemble, file, members, points};
use snn_ensemble::statistics::Summary;
use std::collections::BTreeMap;
use std::fs;

#[test]
fn members_come_back_in_order_with_every_value() {
    let directory = tempfile::tempdir().unwrap();
    let mut shuffled = all();
    shuffled.reverse();
    shuffled.swap(2, 9);
    finish(directory.path(), &shuffled).unwrap();
    let table = members::read(directory.path()).unwrap();
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["model", "point", "realisation", "projections.E<-I.p", "connectivity", "rate_E", "rate_I", "fano_E"];
    assert_eq!(names[..8], expected);
    assert_eq!(names[8..], ["fano_I", "spikes_E", "spikes_I", "spike_hash", "rate_hash", "p_E_I"]);
    assert_eq!(table.rows, all().len());
    for (row, record) in all().iter().enumerate() {
        let point = schema().points.iter().position(|p| p.key == record.key.point).unwrap();
        assert_eq!(table.text("model").unwrap()[row].as_deref(), Some(record.key.model.as_str()));
        assert_eq!(table.integer("point").unwrap()[row], point as i64);
        assert_eq!(table.integer("realisation").unwrap()[row], i64::from(record.key.realisation));
        for (name, value) in schema().statistics.iter().zip(&record.statistics.values) {
            assert_eq!(table.real(name).unwrap()[row], *value);
        }
        let hex = |hash: Option<u64>| hash.map(|hash| format!("{hash:016x}"));
        assert_eq!(table.text("spike_hash").unwrap()[row], hex(record.statistics.spike_hash));
        assert_eq!(table.text("rate_hash").unwrap()[row], hex(record.statistics.rate_hash));
        assert_eq!(table.real("spikes_I").unwrap()[row], Some(record.statistics.spikes[1]));
    }
    assert_eq!(table.real("projections.E<-I.p").unwrap()[8], Some(1e-7));
    assert_eq!(table.text("connectivity").unwrap()[8].as_deref(), Some("a \"b\", c"));
}

#[test]
fn points_are_the_summaries_of_their_members_to_the_last_digit() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let mut reader = csv::Reader::from_path(directory.path().join(file::POINTS)).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    let cell = |row: usize, name: &str| &rows[row][header.iter().position(|h| h == name).unwrap()];
    let reduced = points::from_members(&members::read(directory.path()).unwrap(), &schema().statistics).unwrap();
    for (row, expected) in reduced.iter().enumerate() {
        assert_eq!(cell(row, "model"), expected.model);
        assert_eq!(cell(row, "point"), expected.point.to_string());
        assert_eq!(cell(row, "n"), expected.n.to_string());
        let of_point = |r: &&snn_ensemble::results::Record| {
            r.key.model == expected.model && r.key.point == schema().points[expected.point as usize].key
        };
        for (i, name) in schema().statistics.iter().enumerate() {
            let values: Vec<Option<f64>> = all().iter().filter(of_point).map(|r| r.statistics.values[i]).collect();
            let summary = Summary::of(values);
            assert_eq!(expected.summaries[i], summary);
            let read = |part: &str| cell(row, &format!("{name}_{part}")).parse::<f64>().ok();
            assert_eq!(read("n"), Some(summary.n as f64));
            assert_eq!((read("mean"), read("sem")), (summary.mean, summary.sem));
            assert_eq!((read("ci95_low"), read("ci95_high")), summary.ci95.unzip());
        }
    }
    assert_eq!((cell(0, "fano_I_n"), cell(0, "fano_E_mean"), cell(3, "rate_E_sem")), ("2", "", ""));
    assert_eq!((cell(2, "connectivity"), cell(2, "projections.E<-I.p")), ("a \"b\", c", "1e-7"));
}

#[test]
fn densities_are_sums_and_spectra_means() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let table = Table::read(&directory.path().join(file::DENSITIES)).unwrap();
    let text = |name, row: usize| table.text(name).unwrap()[row].clone().unwrap();
    let real = |name, row: usize| table.real(name).unwrap()[row];
    // the first: voltages of E at point 0 in the network, only bins 1 and 3 are filled
    let first: Vec<_> = (0..2).map(|row| (text("kind", row), text("population", row), real("x_low", row))).collect();
    let voltage = |low| ("voltage".to_string(), "E".to_string(), Some(low));
    assert_eq!(first, [voltage(-36.0), voltage(-28.0)]);
    let of_point = |r: &&snn_ensemble::results::Record| r.key.model == "snn" && r.key.point == "c";
    let sum: f64 = all().iter().filter(of_point).map(|r| r.statistics.histograms[0].values[1]).sum();
    assert_eq!((real("value", 0), real("y_low", 0)), (Some(sum), None));
    assert_eq!(real("value", 1), Some(12.0));
    let psd = (0..table.rows).find(|&row| text("kind", row) == "psd").unwrap();
    let spectra: Vec<f64> = all().iter().filter(of_point).map(|r| r.statistics.histograms[1].values[0]).collect();
    // f32 values added in f64 are exact here, and the mean rounds once
    assert_eq!(real("value", psd), Some(spectra.iter().sum::<f64>() / 4.0));
    assert_eq!(real("x_low", psd), Some(f64::NEG_INFINITY));
    let joint = (0..table.rows).find(|&row| text("kind", row) == "joint_rate").unwrap();
    // value k % 7 in bin k: the first filled one is bin 1, x bin 0 and y bin 1
    assert_eq!((text("population", joint), real("y_low", joint)), ("E,I".into(), Some(-36.0)));
}

/// Those of outcomes are Wilson's, by the name of the column.
#[test]
fn intervals_are_those_of_the_statistic() {
    let mut reduction = PointReduction::new(&["rate_E".into(), "choice_E".into()]);
    let values = [0.0, 1.0, 1.0].map(Some);
    values.into_iter().for_each(|value| reduction.push([value; 2]));
    let row = reduction.row("snn", 0);
    let plain = Summary::of(values);
    assert_eq!(row.summaries, [plain, plain.of_outcomes()]);
    assert_ne!(plain, plain.of_outcomes());
}

#[test]
fn traces_and_spikes_are_in_long_form() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let traces = Table::read(&directory.path().join(file::TRACES)).unwrap();
    // realisation 0 of two models at three points, three times each
    assert_eq!(traces.rows, 18);
    assert_eq!(traces.real("t").unwrap()[..3], [Some(0.1), Some(0.2), Some(0.3)]);
    let trace = all()[0].trace.clone().unwrap();
    assert_eq!(traces.real("rate_E").unwrap()[..3], [0, 1, 2].map(|i| Some(trace.columns[0][i])));
    let spikes = Table::read(&directory.path().join(file::SPIKES)).unwrap();
    assert_eq!(spikes.rows, 9);
    assert_eq!(spikes.integer("neuron").unwrap()[..3], [299, 7, 0]);
    assert_eq!(spikes.integer("step").unwrap()[..3], [1, 1, 3]);
    assert_eq!(spikes.text("population").unwrap()[1].as_deref(), Some("I"));
    // snn alone has neurons: at each of three points one of E and one of I, at two times each
    let neurons = Table::read(&directory.path().join(file::NEURONS)).unwrap();
    assert_eq!(neurons.rows, 12);
    assert_eq!(neurons.real("t").unwrap()[..4], [0.1, 0.3, 0.1, 0.3].map(Some));
    assert_eq!(neurons.integer("neuron").unwrap()[..4], [4, 4, 0, 0]);
    assert_eq!(neurons.integer("spikes").unwrap()[..4], [0, 2, 0, 2]);
    assert_eq!(neurons.real("voltage").unwrap()[1], Some(-1.5));
    assert_eq!(neurons.real("kicks_E<-I").unwrap()[..4], [Some(3.0), Some(0.5), None, None]);
    assert_eq!(neurons.real("kicks_I<-E").unwrap()[..4], [None, None, Some(0.0), Some(1.0)]);
    // files of an earlier run with recording do not outlive it
    std::fs::remove_file(directory.path().join(file::LOG)).unwrap();
    let without: Vec<_> = all()
        .into_iter()
        .map(|r| snn_ensemble::results::Record { trace: None, spikes: None, neurons: None, ..r })
        .collect();
    finish(directory.path(), &without).unwrap();
    let names: Vec<String> = contents(directory.path()).into_keys().collect();
    assert_eq!(names, [file::COLUMNS, file::DENSITIES, file::LOG, file::MEMBERS, file::POINTS, file::LONG_POINTS]);
}

#[test]
fn the_bytes_do_not_depend_on_order_resumes_or_shards() {
    let whole = tempfile::tempdir().unwrap();
    finish(whole.path(), &all()).unwrap();
    let expected = contents(whole.path());
    assert_eq!(expected.len(), 9);

    let resumed = tempfile::tempdir().unwrap();
    let mut reversed = all();
    reversed.reverse();
    for part in reversed.chunks(4) {
        finish(resumed.path(), part).unwrap();
    }
    assert_eq!(contents(resumed.path()), expected);

    let parent = tempfile::tempdir().unwrap();
    let shards: Vec<_> = (0..3).map(|k| parent.path().join(format!("shard{k}"))).collect();
    for (k, shard) in shards.iter().enumerate() {
        let part: Vec<_> = reversed.iter().skip(k).step_by(3).cloned().collect();
        finish(shard, &part).unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    // twice, the second time from the other end: nothing new
    for joined in [shards.clone(), shards.iter().rev().cloned().collect()] {
        let mut log = MemberLog::open(out.path(), &schema()).unwrap();
        for shard in joined {
            log.append_all(&mut MemberLog::read_only(&shard).unwrap()).unwrap();
        }
        let assembled = assemble(out.path(), &mut log, |_| true).unwrap();
        assert_eq!(assembled.members, all().len());
        assert_eq!(contents(out.path()), expected);
    }
}

#[test]
fn tables_hold_what_belongs_to_them_and_the_log_keeps_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    finish(directory.path(), &all()).unwrap();
    let before = contents(directory.path());
    let mut log = MemberLog::open(directory.path(), &schema()).unwrap();
    let assembled = assemble(directory.path(), &mut log, |place| place.realisation < 2).unwrap();
    assert_eq!((assembled.members, assembled.points), (3 * 2 + 3, 6));
    let table = Table::read(&directory.path().join(file::MEMBERS)).unwrap();
    assert!(table.integer("realisation").unwrap().iter().all(|&realisation| realisation < 2));
    assert_eq!(contents(directory.path())[file::LOG], before[file::LOG]);
    // and they come back
    assemble(directory.path(), &mut log, |_| true).unwrap();
    assert_eq!(contents(directory.path()), before);
}

/// A file that is written anew is another one, whatever its bytes.
#[test]
#[cfg(unix)]
fn tables_of_an_unchanged_log_are_left_alone() {
    use std::os::unix::fs::MetadataExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(file::MEMBERS);
    let file_of = || fs::metadata(&path).unwrap().ino();
    let most = all().len() - 1;
    finish(directory.path(), &all()[..most]).unwrap();
    let (first, bytes) = (file_of(), fs::read(&path).unwrap());
    finish(directory.path(), &all()[..most]).unwrap();
    assert_eq!(file_of(), first);

    let mut damaged = bytes.clone();
    damaged[40] ^= 1;
    fs::write(&path, &damaged).unwrap();
    finish(directory.path(), &all()[..most]).unwrap();
    assert!(fs::read(&path).unwrap() == bytes, "damage stays");
    fs::remove_file(directory.path().join(file::POINTS)).unwrap();
    finish(directory.path(), &all()[..most]).unwrap();
    assert!(directory.path().join(file::POINTS).exists());

    let second = file_of();
    finish(directory.path(), &all()).unwrap();
    assert_ne!(file_of(), second, "the log has grown");
    let log = MemberLog::open(directory.path(), &schema()).unwrap();
    assert!(log.len() == all().len() && directory.path().join(file::STAMP).exists());
}

#[test]
fn tables_of_several_row_groups_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("table.parquet");
    let columns = [("name", Kind::OptionalText), ("i", Kind::Integer), ("x", Kind::Real)];
    let columns = columns.map(|(name, kind)| (name.to_string(), kind)).into();
    let mut writer = TableWriter::create(&path, columns).unwrap();
    let rows = 65_536 * 2 + 123;
    for i in 0..rows {
        let name = if i % 3 == 0 { Cell::Null } else { Cell::Text("odd") };
        let x = if i % 5 == 0 { None } else { Some((i as f64).sqrt()) };
        writer.push([name, Cell::Integer(i), Cell::from(x)]).unwrap();
    }
    assert!(!path.exists(), "half a file is visible");
    writer.finish().unwrap();
    let table = Table::read(&path).unwrap();
    assert_eq!(table.rows as i64, rows);
    for i in [0, 1, 3, 65_535, 65_536, 65_537, 131_072, rows as usize - 1] {
        assert_eq!(table.integer("i").unwrap()[i], i as i64);
        assert_eq!(table.real("x").unwrap()[i], (i % 5 != 0).then(|| (i as f64).sqrt()));
        assert_eq!(table.text("name").unwrap()[i].as_deref(), (i % 3 != 0).then_some("odd"));
    }
}

#[test]
fn the_manifest_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = Manifest {
        version: "0.1.0".into(),
        commit: None,
        arithmetic_version: 3,
        tables_hash: "ab".into(),
        drifts_hash: None,
        config_hash: "cd".into(),
        seed: u64::MAX,
        command: Some("snn-ensemble run scan.yaml --set realisations=4".into()),
        backend: "gpu".into(),
        adapter: Some(Adapter { name: "llvmpipe".into(), api: "vulkan".into(), driver: "Mesa".into() }),
        limits: BTreeMap::from([("max_buffer_size".into(), 1 << 40)]),
        shard: Some("1/4".into()),
        complete: false,
        members: 12,
        wall_time_s: 0.1 + 0.2,
        rates: BTreeMap::from([("snn".into(), 1.5e10)]),
        voltage_bins: BTreeMap::new(),
        warnings: vec![],
        config: Some("name: scan\n".into()),
        threads: 2,
        skipped: vec!["snn at point 3: no".into()],
        runs: vec![],
    };
    manifest.write(directory.path()).unwrap();
    assert_eq!(Manifest::read(directory.path()).unwrap(), manifest);
    std::fs::write(directory.path().join(file::MANIFEST), "{\"version\": 1}").unwrap();
    let error = Manifest::read(directory.path()).unwrap_err();
    assert!(matches!(error, ResultError::Json { .. }), "{error}");
}
