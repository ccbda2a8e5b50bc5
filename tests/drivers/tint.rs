//! `webgpu.mjs` opens a page, whose WebGPU takes every kernel of the committed configs, makes pipelines of some, and runs a few members.
//!
//! `tests/run.sh` installs what this needs and names the folder of playwright-core in SNN_ENSEMBLE_PLAYWRIGHT.

use super::common::{BINS, CpuSplit, case, gpu, paper, run_cpu};
use super::kernels::{Limits, of_configs};
use bytemuck::cast_slice;
use serde_json::{Value, json};
use snn_ensemble::gpu::compose::{self, Binomials};
use snn_ensemble::gpu::network::NetworkKernel;
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::*;
use snn_ensemble::network::dispatch::{MemberParameters, NetworkDispatch};
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::state_words;
use snn_ensemble::network::tables::Tables;
use snn_ensemble::reduced::layout::{Room, TrajectoryLayout};
use snn_ensemble::reduced::prelude::compose as compose_dsode;
use snn_ensemble::reduced::stepping::{DsodeDispatch, DsodeOutput, stepping};
use snn_ensemble::reduced::{self, Dsode};
use std::path::Path;
use std::process::Command;

/// What SwiftShader allows, and WebGPU promises of invocations.
const LIMITS: Limits = Limits { invocations: 256, memory: 32_768, wide_integers: false };
const STEPS: u32 = 200;
/// One kernel in so many becomes pipelines, which takes SwiftShader seconds.
const BUILT: usize = 4;

/// Members of a network, and their spike counts on the CPU.
struct Network {
    job: Value,
    kernel: NetworkKernel,
    dispatch: NetworkDispatch,
    counts: Vec<Vec<u32>>,
}

impl Network {
    fn new(network: &snn_ensemble::model::Network, model: Model) -> Network {
        let keys = [[1, 5, 6, 7], [2, 5, 6, 7], [3, 5, 6, 7]];
        let case = case(network, model, STEPS, 0);
        let shape = NetworkShape::new(network, model);
        let Limits { invocations: threads, memory, wide_integers } = LIMITS;
        let limits = WorkgroupLimits { threads, memory: memory as u32, software: true, wide_integers };
        let workgroup_layout = WorkgroupLayout::new(&shape, limits);
        let source = compose::network(&shape, &workgroup_layout, &case.bin_counts(), Binomials::All);
        let kernel =
            NetworkKernel::with_workgroup_layout(&gpu(), &shape, &case.bin_counts(), workgroup_layout).unwrap();
        let mut tables = Tables::new(STEPS);
        let point = tables.place(network, model, &[BINS; 64]).unwrap();
        let (drive, rows) = tables.drive(0, STEPS);
        let members: Vec<_> = keys.iter().map(|&key| MemberParameters::new(key, 0)).collect();
        let count = members.len() as u32;
        let dispatch = NetworkDispatch::new(0, STEPS, 0, case.sample_every);
        let dispatch = NetworkDispatch {
            members: count,
            state_stride: state_words(&shape) as u32,
            output_stride: kernel.output_words(STEPS, dispatch.samples) as u32,
            row: count,
            ..dispatch
        };
        let wiring = kernel.wiring_words() as u32;
        let mut passes = vec![json!({"entry": "initial", "x": shape.neurons().div_ceil(64), "y": count})];
        if wiring > 0 {
            let tasks = snn_ensemble::gpu::wiring::tasks(kernel.workgroup_layout.wiring, &shape);
            passes.push(json!({"entry": "wire", "x": tasks.div_ceil(64), "y": count}));
        }
        passes.push(json!({"entry": "stepping", "x": count, "y": 1}));
        let job = json!({
            "source": source,
            "buffers": [
                words(cast_slice(&[dispatch])),
                words(cast_slice(&point.populations)),
                words(cast_slice(&point.projections)),
                words(&[&tables.words[..], &rows].concat()),
                words(cast_slice(&drive)),
                words(cast_slice(&members)),
                empty(count * dispatch.state_stride),
                empty(count * dispatch.output_stride),
                empty(count * wiring),
            ],
            "written": [6, 7, 8],
            "passes": passes,
            "output": 7,
        });
        let cut = CpuSplit { threads: false, stored_wiring: true };
        let counts = keys.map(|key| run_cpu(network, model, key, STEPS, STEPS, 0, cut).remove(0).counts);
        Network { job, kernel, dispatch, counts: counts.into() }
    }

    fn check(&self, words: &[u32]) {
        let members = words.chunks(self.dispatch.output_stride as usize);
        for (words, expected) in members.zip(&self.counts) {
            let output = self.kernel.output(&self.dispatch, words);
            assert_eq!((output.steps, output.flags), (STEPS, 0));
            assert!(expected.iter().sum::<u32>() > 20, "hardly anybody fired");
            assert!(output.counts == *expected, "spike counts differ");
        }
    }
}

/// One trajectory, and the neurons that fire on the CPU.
struct Trajectory {
    job: Value,
    shape: reduced::DsodeShape,
    run: DsodeDispatch,
    spikes: Vec<f32>,
}

impl Trajectory {
    fn new(variant: &Variant) -> Trajectory {
        let network = paper();
        let mut model = Dsode::<f32>::new(&network, variant, [1, 2, 3, 4]).unwrap();
        let shape = model.shape().clone();
        let layout =
            TrajectoryLayout::new(&shape, Room { memory: LIMITS.memory, invocations: LIMITS.invocations as usize })
                .unwrap();
        let run = DsodeDispatch::new(0, STEPS, u32::MAX, u32::MAX);
        let output = 2 + run.numbers(&shape).iter().sum::<usize>() as u32;
        let run = DsodeDispatch { trajectories: 1, drive_rows: 1, output_stride: output, row: 1, ..run };
        let parameters = model.parameters();
        let populations: Vec<f32> = parameters.populations.iter().flat_map(|p| p.list()).collect();
        let projections: Vec<f32> = parameters.projections.iter().flat_map(|p| p.list()).collect();
        let drive: Vec<[f32; 2]> = model.drives().rows(0, 1).collect();
        let job = json!({
            "source": compose_dsode(&shape, &layout),
            "buffers": [
                words(cast_slice(&[run])),
                words(cast_slice(&populations)),
                words(cast_slice(&projections)),
                words(&model.key()),
                words(cast_slice(&drive)),
                words(cast_slice(&model.state().numbers)),
                empty(output),
                // flows of nonlinear neurons
                empty(1),
            ],
            "written": [5, 6],
            "passes": [json!({"entry": "stepping", "x": 1, "y": 1})],
            "output": 6,
        });
        let spikes = stepping(&mut model, &run, |_| ()).spikes;
        Trajectory { job, shape, run, spikes }
    }

    /// Within 1e-4 of the peak over 20 ms, as f32 is of f64.
    fn check(&self, words: &[u32]) {
        let output = DsodeOutput::read(&self.run, &self.shape, words);
        let peak = self.spikes.iter().fold(0.0_f32, |a, &b| a.max(b));
        assert!(words[0] == STEPS && !output.unsound && peak > 0.1, "{} steps, peak {peak}", words[0]);
        for (step, (page, cpu)) in output.spikes.iter().zip(&self.spikes).enumerate() {
            assert!((page - cpu).abs() <= 1e-4 * peak, "entry {step}: {page} in the page, {cpu} on the CPU");
        }
    }
}

fn words(words: &[u32]) -> Value {
    json!({"words": words})
}

fn empty(size: u32) -> Value {
    json!({"size": size.max(1)})
}

/// The example network, a fifth of its size.
fn small(connectivity: Connectivity) -> snn_ensemble::model::Network {
    let mut network = snn_ensemble::model::Network { connectivity, ..paper() };
    network.populations.iter_mut().for_each(|p| {
        p.size /= 5;
        p.initial = Initial::Uniform;
    });
    network.projections.iter_mut().for_each(|j| j.s *= 5.0);
    network
}

#[test]
fn a_page_takes_every_kernel_and_counts_the_same_spikes() {
    let networks = [
        Network::new(&small(Connectivity::Quenched), Model::Snn),
        Network::new(&small(Connectivity::Annealed), Model::Markov(Closure::Coloured)),
    ];
    let trajectory = Trajectory::new(&Variant::DSODE);
    let modules = of_configs(&LIMITS);
    assert!(modules.len() >= 10, "{} modules", modules.len());
    let modules: Vec<_> =
        modules.into_iter().enumerate().map(|(i, (name, source))| (name, source, i % BUILT == 0)).collect();
    let mut jobs: Vec<&Value> = networks.iter().map(|network| &network.job).collect();
    jobs.push(&trajectory.job);
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("jobs.json");
    let text = json!({"limits": {"maxComputeWorkgroupStorageSize": LIMITS.memory}, "modules": modules, "jobs": jobs});
    std::fs::write(&asked, text.to_string()).unwrap();

    let playwright = std::env::var("SNN_ENSEMBLE_PLAYWRIGHT");
    let playwright =
        playwright.expect("SNN_ENSEMBLE_PLAYWRIGHT names the folder of playwright-core; tests/run.sh sets it");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers/webgpu.mjs");
    let mut node = Command::new("node");
    node.env("NODE_PATH", playwright).arg(script).arg(&asked);
    let answer = node.output().unwrap_or_else(|e| panic!("node: {e}; tests/run.sh installs what this needs"));
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(answer["messages"], json!([]));
    let built = modules.iter().filter(|(.., built)| *built);
    let entry_points: usize = built.map(|(_, source, _)| source.matches("@compute").count()).sum();
    assert_eq!(answer["compiled"], entry_points, "entry points");
    let outputs: Vec<Vec<u32>> = serde_json::from_value(answer["outputs"].clone()).unwrap();
    networks.iter().zip(&outputs).for_each(|(network, words)| network.check(words));
    trajectory.check(&outputs[2]);
}
