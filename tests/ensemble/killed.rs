//! Killed, interrupted and stopped runs go on as if nothing had been.

use crate::support::*;
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Options, run as run_ensemble};
use snn_ensemble::ensemble::self_check::Verify;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// SIGKILL at moments spread over the run, each run going on where the last one was killed; the last runs to its end.
fn killed(config: &str, moments: u32, backend: &str, more: &[&str]) {
    let folder = folder(config);
    let directory = folder.path();
    let run = |out| [&["run", "c.yaml", "--quiet", "--backend", backend, "--out", out], more].concat();
    let whole = std::time::Instant::now();
    done(directory, &run("whole"));
    let whole = whole.elapsed();
    let mut resumed = 0;
    for moment in 1..=moments {
        let mut child = program(directory, &run("killed")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(moment) / f64::from(moments)) / 3 + Duration::from_millis(2));
        if child.try_wait().unwrap().is_none() {
            resumed += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(resumed > 0, "every run was over before it was killed");
    done(directory, &run("killed"));
    same(directory, "whole", "killed");
    // each member is somebody's
    let manifest = fs::read(directory.join("killed/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let members = |of: &serde_json::Value| of["members"].as_u64().unwrap();
    assert_eq!(manifest["runs"].as_array().unwrap().iter().map(members).sum::<u64>(), members(&manifest));
}

#[test]
fn killed_and_resumed_is_uninterrupted() {
    killed(CONFIG, 20, "cpu", &[]);
}

#[test]
fn killed_and_resumed_on_a_gpu_is_uninterrupted() {
    let few = ["--set", "scan.0.linspace=[0.6, 0.9, 3]", "--set", "realisations=2"];
    killed(CONFIG, 20, "gpu", &few);
}

#[test]
fn a_killed_sweep_is_uninterrupted() {
    killed(&sweep(), 6, "cpu", &["--set", "realisations=2"]);
}

/// What is on its way when a run is killed arrives when it goes on, and so does what a sweep carries to other delays.
#[test]
fn a_killed_sweep_over_delays_is_uninterrupted() {
    killed(&sweep_of_delays(), 6, "cpu", &["--set", "realisations=2"]);
}

/// Kicks that rise when a run is killed go on rising, and a sweep carries them to other rise times.
#[test]
fn a_killed_sweep_over_rise_times_is_uninterrupted() {
    assert_eq!(sweep_of_rises().matches("tau_rise").count(), 4);
    killed(&sweep_of_rises(), 6, "cpu", &["--set", "realisations=2"]);
}

fn two_members(on_gpu: bool, duration: &str) -> Ensemble {
    let set = [&format!("time.duration={duration}"), "realisations=2", "models=[snn]", "scan=[]", "record={}"];
    Ensemble::new(config::load(CONFIG, "c.yaml", &set.map(str::to_string)).unwrap(), on_gpu).unwrap()
}

/// Checkpoints of everything under way, as often as can be.
fn often(stop: &AtomicBool) -> Options<'_> {
    Options { checkpoint: Duration::from_millis(5), verify: Verify::Members(0), ..Options::new(stop) }
}

/// Whoever moves the directory of a run is told, and nothing is lost.
#[cfg(unix)]
#[test]
fn a_directory_that_is_moved_ends_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let (there, away) = (folder.path().join("there"), folder.path().join("away"));
    let (never, ensemble) = (AtomicBool::new(false), two_members(false, "20000"));
    let run = || run_ensemble(&ensemble, &there, &mut [], &often(&never));
    for put_another in [false, true] {
        let _ = fs::remove_dir_all(there.join("checkpoints"));
        let ended = std::thread::scope(|scope| {
            scope.spawn(|| {
                while fs::read_dir(there.join("checkpoints")).map_or(0, Iterator::count) == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                fs::rename(&there, &away).unwrap();
                (0..i32::from(put_another)).for_each(|_| fs::create_dir(&there).unwrap());
            });
            run()
        });
        let error = ended.err().expect("the run went on").to_string();
        assert!(error.contains("was moved or removed while a run worked in it"), "{error}");
        let _ = fs::remove_dir_all(&there);
        fs::rename(&away, &there).unwrap();
    }
    assert!(!run().unwrap().interrupted);
    assert!(there.join("members.log").exists() && there.join("points.csv").exists());
}

/// A member that is stopped leaves a checkpoint, and what goes on from it computes the rest alone.
#[test]
fn an_interrupted_member_goes_on_from_its_checkpoint() {
    for (on_gpu, duration) in [(false, "4000"), (true, "400")] {
        let folder = tempfile::tempdir().unwrap();
        let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
        let ensemble = two_members(on_gpu, duration);
        let start = |directory: &Path, stop: &AtomicBool| {
            let gpu = || Gpu::open(&Choice::Any).expect("the GPU tests need a Vulkan, Metal or DX12 adapter");
            let mut device = on_gpu.then(|| Device::new(gpu()));
            run_ensemble(&ensemble, directory, device.as_mut_slice(), &often(stop)).unwrap()
        };
        let never = AtomicBool::new(false);
        let undisturbed = start(&whole, &never);
        let checkpoints = || fs::read_dir(stopped.join("checkpoints")).map_or(0, Iterator::count);
        let (stop, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let interrupted = std::thread::scope(|scope| {
            scope.spawn(|| {
                while checkpoints() == 0 && !ended.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                stop.store(true, Ordering::Relaxed);
            });
            let interrupted = start(&stopped, &stop);
            ended.store(true, Ordering::Relaxed);
            interrupted
        });
        assert!(interrupted.interrupted && interrupted.work > 0 && checkpoints() > 0);
        let work = interrupted.work;
        drop(interrupted);
        let resumed = start(&stopped, &never);
        assert_eq!(work + resumed.work, undisturbed.work, "computed twice");
        same(folder.path(), "whole", "stopped");
        assert_eq!(checkpoints(), 0, "checkpoints of a finished run");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_with_code_130_and_a_checkpoint() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let more = ["--set", "time.duration=1000000", "--set", "models=[snn]", "--set", "scan=[]", "--set", "record={}"];
    let mut child = program(directory, &cpu("out", &more)).stderr(Stdio::null()).spawn().unwrap();
    let log = directory.join("out/members.log");
    while !log.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // The log is there before the first step; without one there is nothing to keep.
    std::thread::sleep(Duration::from_secs(2));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(fs::read_dir(directory.join("out/checkpoints")).unwrap().count() > 0);
    let manifest = fs::read_to_string(directory.join("out/manifest.json")).unwrap();
    assert!(manifest.contains("\"complete\": false"), "{manifest}");
}
