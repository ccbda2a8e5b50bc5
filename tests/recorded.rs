//! Is there a file of what was recorded where there was nothing to record?

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use snn_ensemble::results::file;
use snn_ensemble::results::table::Table;

const CONFIG: &str = "\
name: silent
time: {dt: 0.1, duration: 20, discard: 5}
populations: {E: {size: 10, tau_ref: 4, drive: none}}
models: [snn]
record: {spikes: {members: 1}}
";

#[test]
fn spikes_of_silent_neurons_are_a_table_without_rows() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("silent.yaml");
    std::fs::write(&config, CONFIG).unwrap();
    let out = folder.path().join("out");
    let run = |set: &str| {
        let mut command = Command::new(cargo_bin("snn-ensemble"));
        command.arg("run").arg(&config).args(["--backend", "cpu", "--quiet", "--set", set]).arg("--out").arg(&out);
        command.assert().success();
    };
    run("realisations=2");
    let table = Table::read(&out.join(file::SPIKES)).unwrap();
    assert_eq!(table.rows, 0);
    assert!(table.columns.iter().any(|(name, _)| name == "neuron"), "{:?}", table.columns.len());
}
