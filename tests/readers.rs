//! Do other programs read the results as they are? pandas, pyarrow and DuckDB open every file of a small run.
//!
//! `tests/run.sh` installs them and names the Python in SNN_ENSEMBLE_PYTHON; without it, `python3` must have them.
use assert_cmd::cargo::cargo_bin;
use std::process::Command;

const CONFIG: &str = "
name: small
time: {dt: 0.1, duration: 60, discard: 10}
populations:
  E: {size: 40, tau_ref: 4, drive: {rate: 9}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 1, tau: 1.4}
models: [snn, dsode]
scan:
  - {path: populations.E.drive.rate, values: [8, 9, 10]}
realisations: 3
record: {traces: {members: 1, every: 1}, spikes: {members: 2}, neurons: {members: 1, count: 3}, voltage: true, attractor: true}
";

const SCRIPT: &str = "
import duckdb, pandas
members = pandas.read_parquet('out/members.parquet')
points = pandas.read_csv('out/points.csv')
assert list(members.model.unique()) == ['snn', 'dsode'], members.model.unique()
assert len(members) == 3 * 3 + 3 and len(points) == 6, (len(members), len(points))
assert members['populations.E.drive.rate'].tolist()[:4] == [8, 8, 8, 9]
for (model, point), rows in members.groupby(['model', 'point']):
    row = points[(points.model == model) & (points.point == point)].iloc[0]
    assert row.n == len(rows) and abs(row.rate_E_mean - rows.rate_E.mean()) < 1e-9 * row.rate_E_mean
snn = members[members.model == 'snn']
assert snn.spike_hash.str.len().eq(16).all() and members[members.model == 'dsode'].spike_hash.isna().all()
spikes = pandas.read_parquet('out/spikes.parquet')
window = spikes[(spikes.t > 10) & (spikes.realisation == 0)].groupby('point').size()
counted = snn[snn.realisation == 0].set_index('point').spikes_E
assert window.tolist() == counted.tolist(), (window, counted)
traces = pandas.read_parquet('out/traces.parquet')
assert {'model', 'point', 'realisation', 't', 'rate_E', 'kicks_E<-E'} <= set(traces.columns), traces.columns
neurons = pandas.read_parquet('out/neurons.parquet')
assert len(neurons) == 3 * 3 * 500 and neurons['kicks_E<-E'].notna().all(), len(neurons)
fired = neurons[(neurons.spikes > 0) & (neurons.t > 10)]
of_them = spikes[(spikes.t > 10) & (spikes.realisation == 0) & (spikes.neuron < 3)]
assert sorted(fired.t) == sorted(of_them.t), (len(fired), len(of_them))
mean = duckdb.sql(\"select avg(rate_E) from 'out/members.parquet' where model = 'snn' and point = 1\").fetchall()[0][0]
assert abs(mean - snn[snn.point == 1].rate_E.mean()) < 1e-9
kinds = duckdb.sql(\"select count(distinct kind) from 'out/densities.parquet'\").fetchall()[0][0]
assert kinds >= 3, kinds
print('read')
";

#[test]
fn python_and_sql_read_every_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), CONFIG).unwrap();
    let arguments = ["run", "c.yaml", "--backend", "cpu", "--quiet", "--out", "out"];
    let run = Command::new(cargo_bin("snn-ensemble")).args(arguments).current_dir(folder.path()).status().unwrap();
    assert!(run.success());
    let python = std::env::var("SNN_ENSEMBLE_PYTHON").unwrap_or_else(|_| "python3".into());
    let read = Command::new(&python).args(["-c", SCRIPT]).current_dir(folder.path()).output();
    let read = read.unwrap_or_else(|e| panic!("{python}: {e}; tests/run.sh installs what this needs"));
    let message = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{python} (tests/run.sh installs pandas, pyarrow and duckdb): {message}");
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "read");
}
