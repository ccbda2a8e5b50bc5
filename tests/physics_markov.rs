//! Does `markov` do what its equations say? Firing rates and synchrony against an independent f64 implementation of the same
//! step (`data/markov.csv`: 2 s from rest, 200 ms discarded; means and standard errors of 20 realisations with the white
//! closure, 12 with the coloured one).
mod common;
use common::*;
use rayon::prelude::*;
use snn_ensemble::model::*;
use snn_ensemble::network::shape::Model;

const REALISATIONS: u32 = 12;
const STEPS: u32 = 20_000;
const DISCARD: usize = 2_000;
const STATISTICS: [&str; 4] = ["rate_E", "rate_I", "ssi_E", "ssi_I"];

/// One line of the table.
struct Case {
    name: String,
    network: Network,
    mean: [f64; 4],
    error: [f64; 4],
}

fn cases(closure: &str) -> Vec<Case> {
    let mut reader = csv::Reader::from_path("tests/data/markov.csv").unwrap();
    let headers = reader.headers().unwrap().clone();
    let records = reader.records().map(Result::unwrap);
    let of_closure = records.filter(|record| &record[0] == closure).map(|record| {
        let value = |name: &str| -> f64 {
            let column = headers.iter().position(|header| header == name).unwrap();
            record[column].parse().unwrap()
        };
        let mut network = paper();
        for (p, size) in network.populations.iter_mut().zip(["size_E", "size_I"]) {
            p.size = value(size) as u32;
            p.drive.rate = Rate::Constant(value("drive_rate"));
            p.tau_m = Some(value("tau_m")).filter(|&tau| tau > 0.0);
        }
        for (j, s) in network.projections.iter_mut().zip(["s_EE", "s_EI", "s_IE", "s_II"]) {
            j.s = value(s);
        }
        network.projections[0].tau = value("tau_EE");
        network.projections[1].p = value("p_EI");
        Case {
            name: record[1].to_string(),
            network,
            mean: STATISTICS.map(value),
            error: STATISTICS.map(|s| value(&format!("{s}_se"))),
        }
    });
    of_closure.collect()
}

/// Rate in Hz and spike synchrony index (+-5 steps) of a population of `size` neurons.
fn rate_and_synchrony(counts: &[u32], size: u32) -> [f64; 2] {
    let counts = &counts[DISCARD..];
    let total: u32 = counts.iter().sum();
    let seconds = counts.len() as f64 * 1e-4;
    let (mut spikes, mut together) = (0, 0);
    for window in counts.windows(11) {
        spikes += window[5];
        together += window[5] * window.iter().sum::<u32>();
    }
    let size = f64::from(size);
    [f64::from(total) / (size * seconds), f64::from(together) / (f64::from(spikes) * size)]
}

fn simulate(network: &Network, closure: Closure, key: [u32; 4]) -> [f64; 4] {
    let cut = CpuSplit { threads: false, stored_wiring: false };
    let outputs = run_cpu(network, Model::Markov(closure), key, STEPS, STEPS, 0, cut);
    assert_eq!(outputs[0].flags, 0);
    let counts = |p: usize| -> Vec<u32> { outputs[0].counts.iter().skip(p).step_by(2).copied().collect() };
    let [e, i] = [0, 1].map(|p| rate_and_synchrony(&counts(p), network.populations[p].size));
    [e[0], i[0], e[1], i[1]]
}

/// Every statistic of every case within four standard errors of the difference, and so is its mean deviation over all cases
/// (28 + 4 comparisons of a closure, errors from 12 to 20 realisations: a false alarm with other seeds once in 100).
fn agree(closure: Closure, name: &str) {
    let cases = cases(name);
    let runs: Vec<(usize, u32)> = (0..cases.len()).flat_map(|c| (0..REALISATIONS).map(move |r| (c, r))).collect();
    let results: Vec<[f64; 4]> =
        runs.par_iter().map(|&(c, r)| simulate(&cases[c].network, closure, [r, c as u32, 0, 7])).collect();
    let mut sums = [0.0; 4];
    let mut far = Vec::new();
    for (case, results) in cases.iter().zip(results.chunks(REALISATIONS as usize)) {
        for k in 0..4 {
            let n = f64::from(REALISATIONS);
            let mean = results.iter().map(|r| r[k]).sum::<f64>() / n;
            let variance = results.iter().map(|r| (r[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let z = (mean - case.mean[k]) / (variance / n + case.error[k].powi(2)).sqrt();
            sums[k] += z;
            let line = format!("{} {}: {mean:.4}, expected {:.4}, z = {z:.2}", case.name, STATISTICS[k], case.mean[k]);
            println!("{line}");
            if z.abs() > 4.0 {
                far.push(line);
            }
        }
    }
    assert!(far.is_empty(), "{far:#?}");
    let pooled = sums.map(|sum| sum / (cases.len() as f64).sqrt());
    assert!(pooled.iter().all(|z| z.abs() < 4.0), "pooled over all cases: {pooled:?}");
}

#[test]
fn white() {
    agree(Closure::White, "white");
}

#[test]
fn coloured() {
    agree(Closure::Coloured, "coloured");
}
