//! Does a sweep with `initial: carry` go on as one long trajectory would? What sources sent in the last step of a point is born in the
//! first step of the next.
mod small;

use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::results::file;
use snn_ensemble::results::table::Table;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const CONFIG: &str = small!(
    "
name: carried
seed: 3
time: {dt: 0.1, duration: 20, discard: 0}
sources: {S: {rate: 2}}
record: {traces: {members: 1, every: 0.1}}
",
    "  E<-S: {kind: excitatory, s: 0.5, tau: 3}
  I<-S: {kind: excitatory, s: 0.5, tau: 0}
"
);
const COLUMNS: [&str; 4] = ["rate_E", "rate_I", "kicks_E<-S", "kicks_E<-E"];

/// Traces of a model, point after point.
fn traces(directory: &Path, config: &str, model: &str, on_gpu: bool) -> Vec<Vec<f64>> {
    let experiment =
        config::load(config, "carried.yaml", &[format!("models=[{model}]")]).unwrap_or_else(|e| panic!("{e}"));
    let ensemble = Ensemble::new(experiment, on_gpu).unwrap();
    let gpu = || Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    let mut devices: Vec<Device> = on_gpu.then(|| Device::new(gpu())).into_iter().collect();
    let stop = AtomicBool::new(false);
    run(&ensemble, directory, &mut devices, &Options { quiet: true, ..Options::new(&stop) }).unwrap();
    let table = Table::read(&directory.join(file::TRACES)).unwrap();
    let column =
        |name: &&str| table.real(name).unwrap_or_else(|| panic!("{name}")).iter().map(|x| x.unwrap()).collect();
    COLUMNS.iter().map(column).collect()
}

fn swept() -> String {
    CONFIG.replace("tau_ref: 4,", "tau_ref: 4, initial: carry,")
        + "scan: [{path: sources.S.rate, values: [2, 5]}]\nsweep: {axis: sources.S.rate}\n"
}

fn long() -> String {
    CONFIG.replace("rate: 2}", "rate: {steps: [[0, 2], [20, 5]]}}").replace("duration: 20", "duration: 40")
}

#[test]
fn a_source_goes_on_sending() {
    let [white, coloured] = ["{dsode: {bin: 4, v_min: -40}}", "{dsode: {closure: coloured, bin: 4, v_min: -40}}"];
    for (model, on_gpu, most) in
        [(white, false, 1e-9), (coloured, false, 1e-9), (white, true, 1e-3), (coloured, true, 1e-3)]
    {
        let folder = tempfile::tempdir().unwrap();
        let carried = traces(&folder.path().join("carried"), &swept(), model, on_gpu);
        let whole = traces(&folder.path().join("whole"), &long(), model, on_gpu);
        for (name, (carried, whole)) in COLUMNS.iter().zip(carried.iter().zip(&whole)) {
            assert!(carried.len() == 400 && whole.len() == 400, "{}", carried.len());
            let apart = carried.iter().zip(whole).map(|(a, b)| (a - b).abs()).max_by(f64::total_cmp).unwrap();
            assert!(apart < most, "{model}, {name}, GPU {on_gpu}: {apart}");
        }
        assert!(whole[2][399] > whole[2][199] + 1.0);
    }
}

/// `markov` draws other words at a point than in a long run, but its mean kick counts come from the source alone.
#[test]
fn mean_kick_counts_of_a_source_are_those_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    for model in ["markov", "{markov: {closure: coloured}}"] {
        let carried = &traces(&folder.path().join("carried"), &swept(), model, false)[2];
        let whole = &traces(&folder.path().join("whole"), &long(), model, false)[2];
        let apart = carried.iter().zip(whole).map(|(a, b)| (a - b).abs()).max_by(f64::total_cmp).unwrap();
        assert!(apart < 0.01, "{model}: {apart}");
    }
}
