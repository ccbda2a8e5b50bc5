//! Do several devices share a run out, and does it survive one of them? The bytes of one device, whichever are lost. Here they are one
//! adapter that is opened twice; `tests/drivers` has two drivers.
mod small;

use small::small;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Finished, Options, RunError, run};
use snn_ensemble::ensemble::self_check::Verify;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::fault::Faults;
use snn_ensemble::results::{Manifest, MemberLog};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// More members than one device gets at once, of two kinds: 520 networks, 2 trajectories.
const TWO_MODELS: &[&str] = &[];
/// 260 lines of two points, each of which begins where the one before ended.
const SWEEP: &[&str] = &[
    "models=[snn]",
    "populations.E.initial=carry",
    "populations.I.initial=carry",
    "sweep={axis: 'projections.E<-I.p', direction: forward}",
];
const SELDOM: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_millis(100);

fn ensemble(set: &[&str]) -> Ensemble {
    let text = small!(
        "
name: small
seed: 11
time: {dt: 0.1, duration: 20, discard: 5}
",
        "\
models: [snn, dsode]
scan: [{path: projections.E<-I.p, values: [0.6, 0.9]}]
realisations: 260
"
    );
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    Ensemble::new(config::load(text, "small.yaml", &set).unwrap_or_else(|e| panic!("{e}")), true).unwrap()
}

/// A run on a device for each of `faults`, that checkpoints every so often.
fn on(faults: &[&Faults], set: &[&str], directory: &Path, every: Duration) -> Result<Finished, RunError> {
    let device = |faults: &&Faults| {
        let mut gpu = Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
        gpu.faults = (*faults).clone();
        Device::new(gpu)
    };
    let mut devices: Vec<Device> = faults.iter().map(device).collect();
    let stop = AtomicBool::new(false);
    let options = Options { checkpoint: every, verify: Verify::Share, ..Options::new(&stop) };
    run(&ensemble(set), directory, &mut devices, &options)
}

/// The run of [`TWO_MODELS`] and of [`SWEEP`] on one device.
static WHOLE: [LazyLock<PathBuf>; 2] =
    [LazyLock::new(|| whole("two_models", TWO_MODELS)), LazyLock::new(|| whole("sweep", SWEEP))];

fn whole(name: &str, set: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("several_devices").join(name);
    let _ = fs::remove_dir_all(&folder);
    on(&[&Faults::default()], set, &folder, SELDOM).unwrap();
    folder
}

fn same(one: &Path, other: &Path) {
    for file in ["members.log", "members.parquet", "points.csv", "densities.parquet"] {
        assert!(fs::read(one.join(file)).unwrap() == fs::read(other.join(file)).unwrap(), "{file} differs");
    }
}

#[test]
fn two_devices_give_the_bytes_of_one() {
    for (set, whole) in [TWO_MODELS, SWEEP].into_iter().zip(&WHOLE) {
        let other = tempfile::tempdir().unwrap();
        let (first, second) = (Faults::default(), Faults::default());
        let finished = on(&[&first, &second], set, other.path(), SELDOM).unwrap();
        assert!(first.counted().1 > 0 && second.counted().1 > 0, "{:?} {:?}", first.counted(), second.counted());
        let one = finished.members / 100;
        assert_eq!(finished.checked.unwrap().chosen, 2 * one, "1 % for each device");
        same(whole, other.path());
        let adapter = |directory: &Path| Manifest::read(directory).unwrap().adapter.unwrap();
        assert_eq!(adapter(other.path()).name, format!("2 x {}", adapter(whole).name));
        assert_eq!(adapter(other.path()).driver, adapter(whole).driver);
    }
}

#[test]
fn a_lost_device_is_opened_again_beside_the_other() {
    for (set, whole) in [TWO_MODELS, SWEEP].into_iter().zip(&WHOLE) {
        let other = tempfile::tempdir().unwrap();
        let faults = Faults::default().lost([2]);
        let finished = on(&[&Faults::default(), &faults], set, other.path(), SELDOM).unwrap();
        assert!(faults.counted().1 > 2);
        assert!(finished.lost.is_empty(), "{:?}", finished.lost);
        same(whole, other.path());
    }
}

/// What it had taken, the other one does, from its last checkpoint.
#[test]
fn a_device_that_is_lost_for_good_leaves_its_members_to_the_other() {
    for (set, whole) in [TWO_MODELS, SWEEP].into_iter().zip(&WHOLE) {
        let other = tempfile::tempdir().unwrap();
        let (faulty, sound) = (Faults::default().lost([1, 3]), Faults::default());
        let both = if set == SWEEP { [&sound, &faulty] } else { [&faulty, &sound] };
        let finished = on(&both, set, other.path(), OFTEN).unwrap();
        assert_eq!(finished.lost.len(), 1, "{:?}", finished.lost);
        assert!(finished.lost[0].contains("was lost"), "{:?}", finished.lost);
        assert!(finished.failures.is_empty() && !finished.interrupted);
        same(whole, other.path());
    }
}

#[test]
fn without_a_device_left_what_was_finished_is_kept() {
    let other = tempfile::tempdir().unwrap();
    on(&[&Faults::default()], &["realisations=4"], other.path(), SELDOM).unwrap();
    let lost = || Faults::default().lost([1, 3]);
    let error = on(&[&lost(), &lost()], TWO_MODELS, other.path(), SELDOM).err().unwrap();
    assert!(error.to_string().contains("the device was lost"), "{error}");
    assert!(MemberLog::read_only(other.path()).unwrap().len() >= 10);
    on(&[&Faults::default(), &Faults::default()], TWO_MODELS, other.path(), SELDOM).unwrap();
    same(&WHOLE[0], other.path());
}

/// No other device would do better, so all of them stop, long before they are done.
#[test]
fn what_is_no_loss_ends_the_run_on_all_devices() {
    let other = tempfile::tempdir().unwrap();
    // Late enough that the other one has begun by then, unless the machine holds it up.
    let early = "s + u32(dispatch.first_step > 4000u) < dispatch.steps;";
    let (sound, early) = (Faults::default(), Faults::default().shader("s < dispatch.steps;", early));
    let long = ["models=[snn]", "time.duration=4000"];
    let error = on(&[&sound, &early], &long, other.path(), SELDOM).err().unwrap();
    assert!(error.to_string().contains("stopped"), "{error}");
    assert_eq!(MemberLog::read_only(other.path()).unwrap().len(), 0, "the other device went on");
    let kept = other.path().join("checkpoints").exists();
    assert!(kept || sound.counted().1 == 0, "and kept nothing");
}
