//! A small experiment with made-up numbers: two models, three points, four realisations, everything recorded.

use snn_ensemble::config::{Recording, Time};
use snn_ensemble::model::Seeding;
use snn_ensemble::results::{
    AxisValue, Identity, Key, MemberLog, NeuronTrace, NeuronTraces, Record, ResultError, ResultSchema, SchemaModel,
    SchemaPoint, Spike, Trace, assemble, file,
};
use snn_ensemble::statistics::Analysis;
use snn_ensemble::statistics::{BinAxis, Histogram, HistogramKind, MemberStatistics};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub fn schema() -> ResultSchema {
    let model = |label: &str, deterministic| SchemaModel { label: label.into(), deterministic, bins: None };
    let point = |key: &str, p: f64, wiring: &str| SchemaPoint {
        key: key.into(),
        values: vec![AxisValue::Number(p), AxisValue::Text(wiring.into())],
    };
    ResultSchema {
        identity: Identity {
            arithmetic: 1,
            seed: 7,
            seeding: Seeding::Independent,
            time: Time { duration: 3000.0, discard: 100.0 },
            analysis: Analysis::default(),
            record: Recording { voltage: true, ..Recording::default() },
            dsode_on_gpu: false,
            voltage_bins: None,
        },
        models: vec![model("snn", false), model("dsode+bin=2", true)],
        dt: 0.1,
        axes: vec!["projections.E<-I.p".into(), "connectivity".into()],
        points: vec![point("c", 0.1, "annealed"), point("a", 0.2, "quenched"), point("b", 1e-7, "a \"b\", c")].into(),
        populations: vec!["E".into(), "I".into()],
        statistics: ["rate_E", "rate_I", "fano_E", "fano_I"].map(String::from).into(),
        traces: vec!["rate_E".into(), "rate_I".into()],
        kicks: vec!["kicks_E<-I".into(), "kicks_I<-E".into()],
        until: BTreeMap::new(),
    }
}

/// A member whose numbers follow from its key.
pub fn record(model: &str, point: &str, realisation: u32) -> Record {
    let salt = f64::from(realisation) + f64::from(point.as_bytes()[0]) + model.len() as f64;
    let whole = model == "snn";
    let hash = (salt.sqrt().to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = BinAxis { low: -40.0, width: 4.0, bins: 5, open_low: true, open_high: false };
    let counts = vec![0.0, salt.floor(), 0.0, 3.0, 0.0];
    let histogram = |kind, population, y, values| Histogram { kind, population, x, y, values };
    let statistics = MemberStatistics {
        values: vec![Some(salt.sqrt()), Some(salt / 3.0), None, realisation.is_multiple_of(2).then(|| salt.cbrt())],
        spikes: vec![salt.floor(), salt * 10.0],
        spike_hash: whole.then_some(hash),
        rate_hash: (!whole).then_some(hash),
        histograms: vec![
            histogram(HistogramKind::Voltage, 0, None, counts),
            histogram(
                HistogramKind::Psd,
                1,
                None,
                (0..5).map(|k| f64::from((salt / f64::from(k + 1)) as f32)).collect(),
            ),
            histogram(HistogramKind::Voltage, 1, None, (0..5).map(|k| salt / f64::from(k + 3)).collect()),
            histogram(HistogramKind::JointRate, 0, Some(x), (0..25).map(|k| f64::from(k % 7)).collect()),
        ],
    };
    let trace = (realisation == 0)
        .then(|| Trace { times: vec![0.1, 0.2, 0.3], columns: vec![vec![salt, 2.0, 3.5], vec![0.0, salt.sin(), 1.0]] });
    let spike = |t, population, neuron| Spike { t, population, neuron };
    let spikes = (realisation == 0 && whole).then(|| vec![spike(0.1, 0, 299), spike(0.1, 1, 7), spike(0.3, 0, 0)]);
    let of_neuron = |population, neuron, kicks: [Option<Vec<f64>>; 2]| NeuronTrace {
        population,
        neuron,
        voltage: vec![salt, -1.5],
        spikes: vec![0, 2],
        kicks: kicks.into(),
    };
    let neurons = (realisation == 0 && whole).then(|| NeuronTraces {
        times: vec![0.1, 0.3],
        neurons: vec![of_neuron(0, 4, [Some(vec![3.0, 0.5]), None]), of_neuron(1, 0, [None, Some(vec![0.0, 1.0])])],
    });
    Record { key: Key { model: model.into(), point: point.into(), realisation }, statistics, trace, spikes, neurons }
}

/// All members, in the order of the final files.
pub fn all() -> Vec<Record> {
    let mut records = Vec::new();
    for (model, realisations) in [("snn", 4), ("dsode+bin=2", 1)] {
        for point in ["c", "a", "b"] {
            records.extend((0..realisations).map(|realisation| record(model, point, realisation)));
        }
    }
    records
}

/// Writes `records` and assembles, in a new or existing directory.
pub fn finish(directory: &Path, records: &[Record]) -> Result<(), ResultError> {
    fs::create_dir_all(directory).unwrap();
    let mut log = MemberLog::open(directory, &schema())?;
    log.append(records.to_vec())?;
    assemble(directory, &mut log, |_| true)?;
    Ok(())
}

/// Names and contents of all files but the lock and what the tables were made of.
pub fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()));
    named.filter(|(name, _)| ![file::LOCK, file::STAMP].contains(&name.as_str())).collect()
}
