//! Does a run survive its device? Memory that ends, devices that are lost, shaders that stop early, states that are no number:
//! the bytes of an undisturbed run, or a clear error with everything finished kept.
mod small;

use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::checkpoint::{Checkpoints, MemberState, Start};
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::observer::MemberError;
use snn_ensemble::ensemble::run::{Finished, Options, RunError, run};
use snn_ensemble::ensemble::self_check::Verify;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::fault::Faults;
use snn_ensemble::model::{Noise, Variant};
use snn_ensemble::reduced::Dsode;
use snn_ensemble::results::MemberLog;
use snn_ensemble::results::frame::{FRAME, frame};
use snn_ensemble::statistics::StatisticsScratch;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const FILES: [&str; 3] = ["members.parquet", "points.csv", "densities.parquet"];
const SNN: &str = "models=[snn]";
const NOISY: &str = "models=[{dsode: {noise: finite_size}}]";

/// 12 members of a small network; `set` changes it.
fn ensemble(set: &[&str], gpu: bool) -> Ensemble {
    let text = small!(
        "
name: small
seed: 11
time: {dt: 0.1, duration: 100, discard: 20}
",
        "\
scan:
  - {path: projections.E<-I.p, linspace: [0.6, 0.9, 2]}
realisations: 6
"
    );
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    Ensemble::new(config::load(text, "small.yaml", &set).unwrap_or_else(|e| panic!("{e}")), gpu).unwrap()
}

fn gpu(faults: Faults) -> Gpu {
    let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
    gpu.faults = faults;
    gpu
}

/// A run on a device with faults that checkpoints every so often.
fn disturbed(set: &[&str], directory: &Path, faults: Faults, every: Duration) -> Result<Finished, RunError> {
    let stop = AtomicBool::new(false);
    let options = Options { checkpoint: every, verify: Verify::Members(0), ..Options::new(&stop) };
    run(&ensemble(set, true), directory, &mut [Device::new(gpu(faults))], &options)
}

const SELDOM: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_millis(20);

fn same(one: &Path, other: &Path) {
    for file in FILES {
        assert!(fs::read(one.join(file)).unwrap() == fs::read(other.join(file)).unwrap(), "{file} differs");
    }
}

/// Directories of an undisturbed run and of one to be disturbed.
fn folders(set: &[&str]) -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (whole, other) = (folder.path().join("whole"), folder.path().join("other"));
    let finished = disturbed(set, &whole, Faults::default(), SELDOM).unwrap();
    assert_eq!(finished.members, 12);
    (folder, whole, other)
}

#[test]
fn a_batch_without_memory_is_cut_in_two() {
    for model in [SNN, NOISY] {
        let (_folder, whole, other) = folders(&[model]);
        // The first buffer, one of the half batch, and, for dsode, one in the middle of a run.
        let faults = Faults::default().no_memory([0, 4, 30]);
        disturbed(&[model], &other, faults.clone(), SELDOM).unwrap();
        assert!(faults.counted().0 > 30, "{:?} buffers", faults.counted());
        same(&whole, &other);
    }
}

/// A binding that holds the tables of one point is enough for those of all, in batches of fewer points.
#[test]
fn a_batch_of_too_many_tables_is_cut_in_two() {
    let (folder, whole, _) = folders(&[SNN]);
    let run_within = |set: &[&str], bytes: u64| {
        let directory = folder.path().join(format!("{bytes} {}", set.len()));
        let mut gpu = gpu(Faults::default());
        gpu.limits.max_storage_buffer_binding_size = bytes as _;
        let stop = AtomicBool::new(false);
        let options = Options { verify: Verify::Members(0), ..Options::new(&stop) };
        let done = run(&ensemble(set, true), &directory, &mut [Device::new(gpu)], &options);
        done.map(|_| directory).map_err(|error| error.to_string())
    };
    let bytes = |i: i32| (32_768.0 * 1.25_f64.powi(i)) as u64;
    let one = (0..).map(bytes).find(|&bytes| run_within(&[SNN, "scan=[]"], bytes).is_ok()).unwrap();
    // what one point more takes is a quarter of that, at least
    let both = run_within(&[SNN], one).unwrap();
    same(&whole, &both);
    let told = run_within(&[SNN, "scan=[]"], one / 2).unwrap_err();
    assert!(told.contains("bytes, the device allows"), "{told}");
}

#[test]
fn a_device_without_any_memory_is_an_error() {
    for model in [SNN, NOISY] {
        let (_folder, whole, other) = folders(&[model]);
        disturbed(&[model, "realisations=2"], &other, Faults::default(), SELDOM).unwrap();
        let error = disturbed(&[model], &other, Faults::default().no_memory(0..1000), SELDOM).err().unwrap();
        assert!(error.to_string().contains("out of memory"), "{error}");
        assert_eq!(MemberLog::read_only(&other).unwrap().len(), 4, "what was finished is lost");
        disturbed(&[model], &other, Faults::default(), SELDOM).unwrap();
        same(&whole, &other);
    }
}

/// Points whose delay lines have other lengths have kernels of their own.
#[test]
fn fixed_refractory_times_are_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let fixed = "populations.E.refractory=fixed";
    let scan = "scan=[{path: populations.E.tau_ref, values: [0, 2, 4]}]";
    let finished = disturbed(&["models=[dsode]", fixed, scan], folder.path(), Faults::default(), Duration::MAX);
    assert_eq!(finished.unwrap().members, 3);
}

/// More voltage bins than a device has memory for are left out, and what else there is runs.
#[test]
fn a_model_without_room_on_the_device_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let devices = [Device::new(gpu(Faults::default()))];
    let on_device =
        |models: &str| Ensemble::on(ensemble(&[models], true).experiment, devices.iter().map(|device| &device.gpu));
    // where nothing is left, nothing begins
    assert!(on_device("models=[{dsode: {bin: 0.25}}]").is_err());
    let ensemble = on_device("models=[snn, {dsode: {bin: 0.25}}]").unwrap();
    let [line, _] = ensemble.skipped.lines() else { panic!("{:?}", ensemble.skipped.lines()) };
    assert!(line.starts_with("dsode+bin=0.25, projections.E<-I.p = 0.6: 1120 voltage bins"), "{line}");
    assert!(line.ends_with("choose a wider models.*.dsode.bin, or --backend cpu"), "{line}");
    let stop = AtomicBool::new(false);
    let finished =
        run(&ensemble, folder.path(), &mut { devices }, &Options { verify: Verify::Members(0), ..Options::new(&stop) });
    let Finished { members, rates: (_, biological), seconds, .. } = finished.unwrap();
    // 12 members of 100 ms, in the rates of a run that ended at about that time
    assert_eq!(members, 12);
    assert!((biological * seconds / 1.2 - 1.0).abs() < 0.2, "{biological} a second for {seconds} s");
}

#[test]
fn a_lost_device_is_opened_again() {
    for model in [SNN, NOISY] {
        let (_folder, whole, other) = folders(&[model]);
        for at in [0, 1, 4] {
            let faults = Faults::default().lost([at]);
            disturbed(&[model], &other.join(at.to_string()), faults.clone(), SELDOM).unwrap();
            assert!(faults.counted().1 > at);
            same(&whole, &other.join(at.to_string()));
        }
    }
}

#[test]
fn a_lost_device_goes_on_from_the_last_checkpoint() {
    for model in [SNN, NOISY] {
        // 4 members are one batch of many dispatches.
        let long = [model, "realisations=2", if model == SNN { "time.duration=600" } else { "time.duration=120" }];
        let folder = tempfile::tempdir().unwrap();
        let (whole, other) = (folder.path().join("whole"), folder.path().join("other"));
        let counting = Faults::default();
        let undisturbed = disturbed(&long, &whole, counting.clone(), OFTEN).unwrap();
        let late = counting.counted().1 * 3 / 4;
        assert!(late > 8, "{late} submissions");
        let finished = disturbed(&long, &other, Faults::default().lost([late]), OFTEN).unwrap();
        same(&whole, &other);
        // From the beginning it would be 1.75 times the work; lengths of dispatches differ from run to run.
        let ratio = finished.work as f64 / undisturbed.work as f64;
        println!("{model}: {ratio:.2} times the work");
        assert!(ratio < 1.4, "{ratio} times the work");
    }
}

#[test]
fn a_device_that_is_lost_twice_is_an_error() {
    for model in [SNN, NOISY] {
        let (_folder, whole, other) = folders(&[model]);
        disturbed(&[model, "realisations=2"], &other, Faults::default(), SELDOM).unwrap();
        let error = disturbed(&[model], &other, Faults::default().lost([1, 3]), SELDOM).err().unwrap();
        assert!(error.to_string().contains("the device was lost"), "{error}");
        assert_eq!(MemberLog::read_only(&other).unwrap().len(), 4, "what was finished is lost");
        disturbed(&[model], &other, Faults::default(), SELDOM).unwrap();
        same(&whole, &other);
    }
}

#[test]
fn a_shader_that_stops_early_is_an_error() {
    for (model, text, early) in
        [(SNN, "s < dispatch.steps;", "s + 1u < dispatch.steps;"), (NOISY, "s < run.steps;", "s + 1u < run.steps;")]
    {
        let (_folder, whole, other) = folders(&[model]);
        disturbed(&[model, "realisations=2"], &other, Faults::default(), SELDOM).unwrap();
        let error = disturbed(&[model], &other, Faults::default().shader(text, early), SELDOM).err().unwrap();
        assert!(error.to_string().contains("stopped"), "{error}");
        assert_eq!(MemberLog::read_only(&other).unwrap().len(), 4, "what was finished is lost");
        disturbed(&[model], &other, Faults::default(), SELDOM).unwrap();
        same(&whole, &other);
    }
}

/// Checkpoints that a kill left in pieces, or that another program wrote: their members start again.
#[test]
fn a_torn_checkpoint_is_passed_over() {
    let (_folder, whole, other) = folders(&[SNN]);
    let ensemble = ensemble(&[SNN], true);
    let at_point = ensemble.at_point(0, 0).unwrap();
    fs::create_dir(&other).unwrap();
    for realisation in 0..4 {
        // The state at time 0 after 50 steps: a member that goes on from it has other spikes.
        let start = Start { step: 50, ..Start::BEGIN };
        let checkpoints = Checkpoints::of(&other, &ensemble.schema.identity, SELDOM);
        checkpoints.write(vec![(at_point.record_key(realisation), start)]).unwrap();
    }
    for (i, entry) in fs::read_dir(other.join("checkpoints")).unwrap().enumerate() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        // One byte changed, with checks that hold.
        let changed = |at: usize| {
            let mut payload = bytes[FRAME + 1..].to_vec();
            payload[at] ^= 1;
            frame(bytes[FRAME], &payload)
        };
        // Cut short, not one at all, of another version (the first text in it), of another experiment (the second one).
        let foreign = match i {
            0 => bytes[..bytes.len() / 2].to_vec(),
            1 => b"not a checkpoint".to_vec(),
            2 => changed(1),
            _ => changed(2 + env!("CARGO_PKG_VERSION").len()),
        };
        fs::write(path, foreign).unwrap();
    }
    disturbed(&[SNN], &other, Faults::default(), SELDOM).unwrap();
    same(&whole, &other);
}

/// A number that is none, in the state of one trajectory in the middle of a batch.
#[test]
fn a_state_that_is_no_number_fails_its_member_alone() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    disturbed(&[NOISY], &whole, Faults::default(), SELDOM).unwrap();
    let mut good = MemberLog::read_only(&whole).unwrap();
    assert_eq!(good.len(), 12);
    for on_gpu in [true, false] {
        let directory = folder.path().join(if on_gpu { "gpu" } else { "cpu" });
        // Every member is under way after 50 steps, the fifth of them with a state that is no number.
        let precision = if on_gpu { NOISY } else { "models=[{dsode: {noise: finite_size, precision: f32}}]" };
        let ensemble = ensemble(&[precision], on_gpu);
        fs::create_dir(&directory).unwrap();
        let checkpoints = Checkpoints::of(&directory, &ensemble.schema.identity, SELDOM);
        let mut bad = None;
        for point in 0..2 {
            let at_point = ensemble.at_point(0, point).unwrap();
            let Variant::Dsode { noise: Noise::FiniteSize, .. } = at_point.variant else { panic!("no finite size") };
            for realisation in 0..6 {
                let key = ensemble.random_key(&at_point, realisation);
                let mut model = Dsode::<f32>::new(&at_point.network, &at_point.variant, key).unwrap();
                let recorder = snn_ensemble::ensemble::recorder::Recorder::none();
                let mut observer = snn_ensemble::ensemble::observer::Observer::new(&at_point.plan, &recorder);
                let counts: Vec<f64> =
                    (0..50).flat_map(|_| model.step().iter().map(|&c| f64::from(c)).collect::<Vec<_>>()).collect();
                observer.accumulator.feed(&at_point.plan, &mut StatisticsScratch::default(), &counts);
                let mut state = model.state().clone();
                if (point, realisation) == (0, 4) {
                    state.fields_mut(model.shape()).kick_mean[1] = f32::NAN;
                    bad = Some(at_point.record_key(realisation));
                }
                let start = Start { step: 50, state: Some(MemberState::F32(state)), observer: Some(observer) };
                checkpoints.write(vec![(at_point.record_key(realisation), start)]).unwrap();
            }
        }
        let stop = AtomicBool::new(false);
        let mut device = on_gpu.then(|| Device::new(gpu(Faults::default())));
        let finished = run(&ensemble, &directory, device.as_mut_slice(), &Options::new(&stop)).unwrap();
        assert_eq!(finished.members, 11);
        assert_eq!(finished.failures.len(), 1, "{:?}", finished.failures);
        let (member, error) = &finished.failures[0];
        assert_eq!((member.point, member.realisation), (0, 4));
        assert!(matches!(error, MemberError::Unsound { .. }), "{error}");
        let log = MemberLog::read_only(&directory).unwrap();
        assert!(!log.contains(&bad.unwrap()));
        if on_gpu {
            // The others are as if nothing had happened.
            let mut log = log;
            for place in log.order() {
                let record = log.record(place.offset).unwrap();
                assert_eq!(good.read(&record.key).unwrap().unwrap().statistics, record.statistics);
            }
        }
    }
}
