//! Do the committed configs, and those beside the hashes of what no config has, still give the spikes that they gave? Hashes of every
//! spike count of some members, made once, for every backend.
//!
//! A mismatch means that equal configs give other numbers than before. If that is wanted, raise `ARITHMETIC_VERSION` in
//! `src/ensemble/model_at_point.rs` and write the hashes again, as after a change of the configs:
//!
//!     SNN_ENSEMBLE_GOLDEN=write cargo test --test golden
use serde::{Deserialize, Serialize};
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::identity::ARITHMETIC_VERSION;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::model::Variant;
use snn_ensemble::validate::network::{Cut, compare};
use snn_ensemble::validate::{against::recompute, sample};
use std::collections::BTreeMap;
use std::fs;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/hashes.json");
const WRITE: &str = "SNN_ENSEMBLE_GOLDEN";
/// Members of every model of every config, and how they are shortened.
const MEMBERS: u32 = 2;
const SHORT: [&str; 5] = ["time.duration=60", "time.discard=20", "realisations=4", "record={}", "analysis={}"];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    arithmetic_version: u32,
    hashes: Hashes,
}

/// By config and member: model, axes' values, realisation.
type Hashes = BTreeMap<String, BTreeMap<String, String>>;

/// Hashes of the members of every config: of `dsode` its rates in f64, on the CPU only.
fn hashes(gpu: Option<&Gpu>) -> Hashes {
    let mut all = BTreeMap::new();
    let root = env!("CARGO_MANIFEST_DIR");
    let folders = ["configs", "tests/golden"].map(|folder| fs::read_dir(format!("{root}/{folder}")).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let experiment = config::load(&text, &name, &SHORT.map(String::from)).unwrap_or_else(|e| panic!("{e}"));
        let ensemble = Ensemble::new(experiment, gpu.is_some()).unwrap();
        let mut of_config = BTreeMap::new();
        for chosen in sample(&ensemble, MEMBERS) {
            let at_point = ensemble.at_point(chosen.model, chosen.point).unwrap();
            let keys: Vec<_> = chosen.realisations.iter().map(|&r| ensemble.random_key(&at_point, r)).collect();
            let found = match (gpu, at_point.variant) {
                (Some(_), Variant::Dsode { .. }) => continue,
                (Some(gpu), _) => compare(gpu, &at_point.member_setup(), &keys, &Cut::default()).unwrap().hashes,
                (None, _) => {
                    let members = chosen.realisations.iter().map(|&r| recompute(&ensemble, &at_point, r).unwrap());
                    members.map(|m| m.statistics.spike_hash.or(m.statistics.rate_hash).unwrap()).collect()
                }
            };
            for (realisation, hash) in chosen.realisations.iter().zip(found) {
                let member = [at_point.variant.label(), ensemble.schema.place(chosen.point), realisation.to_string()];
                of_config.insert(member.join("; "), format!("{hash:016x}"));
            }
        }
        all.insert(name, of_config);
    }
    all
}

/// What of `found` is not as in the file; every member of it has to be there.
fn differences(found: &Hashes) -> Vec<String> {
    let golden: Golden = serde_json::from_str(&fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(
        golden.arithmetic_version, ARITHMETIC_VERSION,
        "{FILE} is of another arithmetic; write it again with {WRITE}=write"
    );
    differing(found, &golden.hashes)
}

fn differing(found: &Hashes, expected: &Hashes) -> Vec<String> {
    let members = found.iter().flat_map(|(config, members)| members.iter().map(move |member| (config, member)));
    let differ = members.filter_map(|(config, (member, hash))| {
        let expected = expected.get(config).and_then(|members| members.get(member));
        (expected != Some(hash)).then(|| format!("{config}: {member}: {hash} instead of {expected:?}"))
    });
    differ.collect()
}

const ADVICE: &str = "equal configs give other numbers: if that is wanted, raise ARITHMETIC_VERSION and run \
                      `SNN_ENSEMBLE_GOLDEN=write cargo test --test golden`; after a change of configs the latter alone";

/// Whether the hashes are to be written again.
fn writing() -> bool {
    match std::env::var(WRITE) {
        Err(_) => false,
        Ok(value) if value == "write" => true,
        Ok(value) => panic!("{WRITE} is {value:?}, allowed: write"),
    }
}

#[test]
fn the_cpu_gives_the_golden_spikes() {
    let found = hashes(None);
    if writing() {
        let golden = Golden { arithmetic_version: ARITHMETIC_VERSION, hashes: found };
        fs::write(FILE, serde_json::to_string_pretty(&golden).unwrap() + "\n").unwrap();
        return;
    }
    let differ = differences(&found);
    assert!(differ.is_empty(), "{ADVICE}\n{}", differ.join("\n"));
    assert!(found.len() >= 7 && found.values().all(|members| members.len() >= 2), "{found:?}");
}

#[test]
fn the_gpu_gives_the_golden_spikes() {
    let gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    let found = hashes(Some(&gpu));
    // While they are written again, those of the CPU are what the file will hold.
    let differ = if writing() { differing(&found, &hashes(None)) } else { differences(&found) };
    assert!(differ.is_empty(), "{ADVICE}\n{}", differ.join("\n"));
    assert!(found.values().map(BTreeMap::len).sum::<usize>() >= 12, "{found:?}");
}
