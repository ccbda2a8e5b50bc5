//! Result directories with made-up numbers that look like those of the example network.

use snn_ensemble::config::{self, Neurons};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::results::{
    AxisValue, Key, Manifest, MemberLog, NeuronTrace, NeuronTraces, Record, ResultSchema, SchemaPoint, Spike, Trace,
    assemble, file,
};
use snn_ensemble::statistics::{BinAxis, Histogram, HistogramKind, MemberStatistics};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub const NETWORK: &str = "
seed: 7
time: {dt: 0.1, duration: 1000, discard: 200}
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
  I: {size: 100, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
  I<-E: {kind: excitatory, p: 0.8, s: 1.25, tau: 1.2}
  I<-I: {kind: inhibitory, p: 0.8, s: 2.45, tau: 4.5}
";

/// YAML of a grid with exponents: eight points, each in another regime.
pub const REGIMES: &str = "
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, values: [0.6, 0.7, 0.8, 0.9]}
  - {path: projections.E<-E.tau, values: [1, 2]}
realisations: 2
analysis: {lyapunov: true}";

/// What `validate` writes.
pub const VALIDATION: &str = r#"{
  "verdict": "equal", "command": "snn-ensemble validate scan.yaml", "cpu": "8 threads", "gpu": "llvmpipe", "version": "0.1.0",
  "checks": [
    {"model": "snn", "tier": "spike counts", "point": 0, "members": 4, "compared": 80000, "largest_error": null, "tolerance": null, "where": "every step", "ok": true},
    {"model": "dsode", "tier": "short horizon", "point": 0, "members": 1, "compared": 400, "largest_error": 2.04e-5, "tolerance": 1e-4, "where": "rate of I at 19.8 ms", "ok": true}
  ]
}"#;

/// What is unusual about a directory.
#[derive(Clone, Copy, Default)]
pub struct Case {
    pub name: &'static str,
    /// YAML after [`NETWORK`], or the whole config if it has sizes of its own.
    pub yaml: &'static str,
    /// No neuron ever fires.
    pub silent: bool,
    /// Every point twice, with a column that says `forward` or `backward`.
    pub passes: bool,
    pub validated: bool,
}

/// A uniform number in [0, 1) that follows from the key (splitmix64).
fn uniform(key: &[u64]) -> f64 {
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    for &k in key {
        x = (x ^ k).wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

fn normal(key: &[u64]) -> f64 {
    let at = |i: u64| uniform(&[key, &[i]].concat());
    (0..12).map(at).sum::<f64>() - 6.0
}

/// Writes the directory of a case anew and returns it.
pub fn write(case: &Case) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report").join(case.name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    let network = if case.yaml.contains("size:") { "" } else { NETWORK };
    let text = format!("name: {}{network}\n{}", case.name, case.yaml);
    let experiment = config::load(&text, "test", &[]).unwrap_or_else(|e| panic!("{e}"));
    let ensemble = Ensemble::new(experiment, false).unwrap();
    let mut schema = ensemble.schema.clone();
    if case.passes {
        schema.axes.push("direction".into());
        let pass = |name: &str| {
            let points = ensemble.schema.points.iter().map(move |point| SchemaPoint {
                key: format!("{} {name}", point.key),
                values: [&point.values[..], &[AxisValue::Text(name.into())]].concat(),
            });
            points.collect::<Vec<_>>()
        };
        schema.points = [pass("forward"), pass("backward")].concat().into();
    }
    let question = "# How do bursts change on the way, and where do the reduced models stop telling the truth?\n# Made-up numbers.\n";
    let mut log = MemberLog::open(&directory, &schema).unwrap();
    fs::write(directory.join(file::CONFIG), format!("{question}{}", ensemble.experiment.to_yaml())).unwrap();
    let mut members = 0;
    for (m, model) in schema.models.iter().enumerate() {
        for (p, point) in schema.points.iter().enumerate() {
            let realisations = if model.deterministic { 1 } else { ensemble.realisations(m as u32) };
            let place = p % ensemble.schema.points.len();
            // the way back lags behind
            let lag = if p == place { 1.0 } else { 0.8 };
            let share = lag * place as f64 / (ensemble.schema.points.len().max(2) - 1) as f64;
            let records: Vec<Record> = (0..realisations)
                .map(|r| Record {
                    key: Key { model: model.label.clone(), point: point.key.clone(), realisation: r },
                    ..record(case, &ensemble, &schema, m, share, &[m as u64, p as u64, u64::from(r)])
                })
                .collect();
            members += records.len() as u64;
            log.append(records).unwrap();
        }
    }
    assemble(&directory, &mut log, |_| true).unwrap();
    let manifest = Manifest {
        version: "0.1.0".into(),
        commit: Some("0123456789ab".into()),
        arithmetic_version: 1,
        tables_hash: "ab".into(),
        drifts_hash: None,
        config_hash: ensemble.experiment.hash(),
        seed: ensemble.experiment.seed,
        command: Some("snn-ensemble run scan.yaml --set realisations=4".into()),
        config: None,
        threads: 2,
        backend: "cpu".into(),
        adapter: None,
        limits: BTreeMap::new(),
        shard: None,
        complete: true,
        members,
        wall_time_s: 12.3,
        rates: BTreeMap::from([("neuron_steps_per_s".into(), 4.2e7)]),
        voltage_bins: BTreeMap::new(),
        skipped: vec![],
        warnings: vec![],
        runs: vec![],
    };
    manifest.write(&directory).unwrap();
    if case.validated {
        fs::write(directory.join(file::VALIDATION), VALIDATION).unwrap();
    }
    directory
}

/// `share`: how far along the scan, from 0 to 1.
fn record(case: &Case, ensemble: &Ensemble, schema: &ResultSchema, model: usize, share: f64, key: &[u64]) -> Record {
    let bias = [0.0, 0.02, 0.08, 0.03][model % 4] * (1.0 + share);
    let deterministic = schema.models[model].deterministic;
    let spread = if deterministic { 0.0 } else { 0.03 };
    let value = |(i, name): (usize, &String)| {
        // Of eight points each does something else.
        let regime = match name.as_str() {
            "period" => [0.0, 1.0, 2.0, 4.0, 8.0, 3.0, -1.0, -1.0][(7.0 * share).round() as usize],
            "lyapunov" => {
                if share < 1.0 {
                    10.0
                } else {
                    -10.0
                }
            }
            "lyapunov_se" => 1.0,
            _ => f64::NAN,
        };
        if !regime.is_nan() {
            return deterministic.then_some(regime);
        }
        let base = match name.rsplit_once('_').map_or("", |(stem, _)| stem) {
            "rate" => 80.0 - 50.0 * share,
            "ssi" => 0.2 + 0.1 * share,
            "burst_lag1" => -0.8 + share,
            "burst_rate" if !case.silent => 20.0 + share,
            // bursts of one height but for the time step
            "burst_peak_sd" if deterministic && !case.silent => return Some(1e-4),
            "psd_peak_hz" => 50.0 - 15.0 * share,
            "choice" => return Some(f64::from(u8::from(uniform(&[key, &[i as u64]].concat()) < 0.4))),
            "cv_isi" if schema.models[model].label.starts_with("dsode") => return None,
            name if name.starts_with("burst") && case.silent => return None,
            _ => 1.0 + share + i as f64 % 7.0,
        };
        let base = if case.silent { 0.0 } else { base };
        Some(base * (1.0 + bias + spread * normal(&[key, &[i as u64]].concat())))
    };
    let statistics = MemberStatistics {
        // of every window other numbers
        values: (0..=schema.windows().len())
            .flat_map(|window| (100 * window..).zip(&schema.statistics))
            .map(value)
            .collect(),
        spikes: schema.populations.iter().map(|_| if case.silent { 0.0 } else { 9000.0 }).collect(),
        spike_hash: None,
        rate_hash: None,
        histograms: if case.silent { vec![] } else { histograms(ensemble, schema, share, bias, deterministic, key) },
    };
    let first = key[2] == 0;
    let record = &ensemble.experiment.record;
    let trace = record.traces.filter(|_| first).map(|_| trace(schema, share, case.silent, key));
    let snn = !schema.models[model].label.starts_with("dsode");
    let spikes = record.spikes.filter(|_| first && snn).map(|window| {
        let mut spikes = Vec::new();
        for t in 0..if case.silent { 0 } else { ((window.to - window.from) * 10.0) as u64 } {
            let t = window.from + (t + 1) as f64 * 0.1;
            for population in 0..schema.populations.len() as u32 {
                let size = ensemble.experiment.network.populations[population as usize].size;
                let rate = 0.35 * burst(t, share).powi(6) * f64::from(size) / 30.0;
                let n = (rate * 2.0 * uniform(&[key, &[t.to_bits(), u64::from(population)]].concat())).round() as u64;
                let neuron = |k| (uniform(&[t.to_bits(), k, u64::from(population)]) * f64::from(size)) as u32;
                spikes.extend((0..n).map(|k| Spike { t, population, neuron: neuron(k) }));
            }
        }
        spikes
    });
    let neurons = record.neurons.as_ref().filter(|_| first && snn).map(|wanted| neurons(schema, wanted));
    Record {
        key: Key { model: String::new(), point: String::new(), realisation: 0 },
        statistics,
        trace,
        spikes,
        neurons,
    }
}

/// Each neuron climbs to 90 and fires, the next one of its population 1 ms after it.
fn neurons(schema: &ResultSchema, wanted: &Neurons) -> NeuronTraces {
    let rows = ((wanted.to - wanted.from) / wanted.every) as u64;
    let times: Vec<f64> = (1..=rows).map(|row| wanted.from + row as f64 * wanted.every).collect();
    let pairs =
        wanted.populations.iter().flat_map(|&population| (0..wanted.count).map(move |n| (population as u32, n)));
    let of_pair = |(population, neuron)| {
        let since = |t: &f64| (t + 20.0 - f64::from(neuron)).rem_euclid(20.0);
        NeuronTrace {
            population,
            neuron,
            voltage: times.iter().map(|t| 4.5 * since(t)).collect(),
            spikes: times.iter().map(|t| u32::from(since(t) == 0.0)).collect(),
            kicks: schema.kicks.iter().map(|_| Some(vec![1.0; times.len()])).collect(),
        }
    };
    NeuronTraces { neurons: pairs.map(of_pair).collect(), times }
}

/// A rhythm that slows down along the scan, from 0 to 1.
fn burst(t: f64, share: f64) -> f64 {
    0.5 + 0.5 * (std::f64::consts::TAU * t / (20.0 + 10.0 * share)).sin()
}

fn trace(schema: &ResultSchema, share: f64, silent: bool, key: &[u64]) -> Trace {
    let times: Vec<f64> = (1..=2000).map(|k| f64::from(k) * 0.5).collect();
    let column = |i: usize| {
        let at = |&t: &f64| match silent {
            true => 0.0,
            false => {
                300.0
                    * burst(t - 1.5 * i as f64, share).powi(5)
                    * (0.9 + 0.2 * uniform(&[key, &[t.to_bits()]].concat()))
            }
        };
        times.iter().map(at).collect()
    };
    let columns = (0..schema.traces.len()).map(column).collect();
    Trace { times, columns }
}

/// Of a bin of the joint histogram of kicks.
pub fn kick_width(share: f64) -> f64 {
    2.0 + share
}

fn histograms(
    ensemble: &Ensemble,
    schema: &ResultSchema,
    share: f64,
    bias: f64,
    deterministic: bool,
    key: &[u64],
) -> Vec<Histogram> {
    let mut histograms = Vec::new();
    let record = &ensemble.experiment.record;
    for population in 0..schema.populations.len() as u32 {
        let mut push = |kind, x: BinAxis, y, value: &dyn Fn(f64, f64) -> f64| {
            let y_axis: Option<BinAxis> = y;
            let rows = y_axis.map_or(1, |y| y.bins);
            let middle = |axis: &BinAxis, bin: u32| axis.low + (f64::from(bin) + 0.5) * axis.width;
            let cells =
                (0..x.bins * rows).map(|i| value(middle(&x, i / rows), y_axis.map_or(0.0, |y| middle(&y, i % rows))));
            histograms.push(Histogram { kind, population, x, y: y_axis, values: cells.collect() });
        };
        let bump = |x: f64, at: f64, width: f64| (-0.5 * ((x - at) / width).powi(2)).exp();
        let (peak, wide) = (30.0 + 60.0 * share, if deterministic { 2.0 } else { 8.0 });
        let branch = if share > 0.5 { 40.0 * (share - 0.5) } else { 0.0 };
        let psd = BinAxis { low: -0.61, width: 1.22, bins: 164, open_low: false, open_high: false };
        push(HistogramKind::Psd, psd, None, &|f, _| {
            let noise = 1.0 + 0.2 * uniform(&[key, &[f.to_bits()]].concat());
            if f < 0.5 {
                0.0
            } else {
                noise * (0.3 + 40.0 * bump(f, 50.0 - 15.0 * share, 4.0 + 40.0 * bias) + 9.0 / (1.0 + f))
            }
        });
        // at the first point all bursts of a deterministic model are beyond the axis
        let beyond = deterministic && share == 0.0;
        let usual = |x: f64| (400.0 * (bump(x, peak + branch, wide) + bump(x, peak - branch, wide))).round();
        let heights = |x: f64| if beyond { if x > 298.0 { 90.0 } else { 0.0 } } else { usual(x) };
        push(HistogramKind::BurstPeak, HistogramKind::BURST_PEAKS, None, &|x, _| heights(x));
        push(HistogramKind::BurstDelta, HistogramKind::BURST_DELTAS, None, &|x, _| {
            (300.0 * (bump(x, 2.0 * branch, wide) + bump(x, -2.0 * branch, wide))).round()
        });
        push(HistogramKind::BurstSize, HistogramKind::BURST_SIZES, None, &|x, _| {
            (500.0 * bump(x, 0.3 + 0.3 * share, 0.1)).round()
        });
        if record.voltage {
            let voltage = BinAxis::voltage(-40.0, 100.0, 4.0);
            push(HistogramKind::Voltage, voltage, None, &|v, _| {
                (900.0 * bump(v, 40.0 - 20.0 * share, 30.0 + 50.0 * bias)).round()
            });
        }
        if record.attractor && population < 2 {
            // as wide as the point needs, as those of real members
            let width = kick_width(share);
            let kicks = BinAxis::from_zero(width, 64.0 * width);
            push(HistogramKind::JointKicks, kicks, Some(kicks), &|x, y| {
                (500.0 * bump(x, 30.0 + 9.0 * share, 14.0) * bump(y, 0.8 * x, 9.0)).floor()
            });
            if population == 0 && schema.populations.len() > 1 {
                let rates = BinAxis::from_zero(12.5, 1000.0);
                push(HistogramKind::JointRate, rates, Some(rates), &|x, y| {
                    (4000.0 * (-x / (120.0 - 60.0 * share)).exp() * bump(y, 0.9 * x + 20.0, 40.0)).floor()
                });
            }
        }
    }
    histograms
}
