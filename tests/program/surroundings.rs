//! Every command with a closed pipe, a full device, no threads, ignored and sent signals.

use super::{Ended, Place};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Every command that needs no GPU, over a directory `done` with results and parts `p1` and `p2`.
const COMMANDS: [&str; 11] = [
    "run c.yaml --backend cpu --out out",
    "check c.yaml",
    "check c.yaml --converge --set time.duration=1020",
    "validate c.yaml --against done --out v",
    "report done",
    "merge m p1 p2",
    "bench --backend cpu --seconds 0.1 --only N=100",
    "devices",
    "schema",
    "--help",
    "run --help",
];

fn with_results() -> Place {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --out done").has(0, &[]);
    for part in 1..=2 {
        place.run(&format!("run c.yaml --backend cpu --quiet --out p{part} --shard {part}/2")).has(0, &[]);
    }
    place
}

#[track_caller]
fn no_panic(command: &str, ended: &Ended) {
    assert!(!ended.error.contains("panicked") && ended.code != Some(101), "{command}: {ended:?}");
}

#[test]
fn nobody_reads_what_is_printed() {
    let place = with_results();
    for command in COMMANDS {
        // a descriptor whose reader has gone before the program begins
        let closed = place.shell(&format!("(sleep 0.05; $P {command}; echo $? >code) | true"));
        no_panic(command, &closed);
        let code = place.read("code");
        assert!(["0", "141"].contains(&code.trim()), "{command}: {code}{closed:?}");
        assert!(!closed.error.contains("error"), "{command}: {closed:?}");
    }
    // standard error too, and all of it closed: the run itself is done
    let gone = place.shell("($P run c.yaml --backend cpu --out gone 2>&1; echo $? >code) | true");
    no_panic("run", &gone);
    assert!(place.at("gone/report.html").exists());
    place.shell("$P run c.yaml --backend cpu --out shut >&- 2>&- <&-").has(0, &[]);
}

#[test]
fn a_full_device_is_an_error() {
    let place = with_results();
    for command in COMMANDS {
        let full = place.shell(&format!("$P {command} >/dev/full"));
        full.has(1, &["error: standard output: No space left"]);
        no_panic(command, &full);
    }
    place.shell("$P run c.yaml --backend cpu --out quiet --quiet >/dev/full 2>/dev/full").has(0, &[]);
}

/// As another user: no limit stops root.
#[test]
fn a_process_without_threads_works_alone() {
    let place = with_results();
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    fs::copy(assert_cmd::cargo::cargo_bin("snn-ensemble"), place.at("program")).unwrap();
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    open(place.folder.path());
    for directory in ["done", "p1", "p2"] {
        open(&place.at(directory));
        for entry in fs::read_dir(place.at(directory)).unwrap() {
            open(&entry.unwrap().path());
        }
    }
    let become_another = if root { "setpriv --reuid 65533 --regid 65533 --clear-groups" } else { "" };
    for command in COMMANDS.into_iter().filter(|command| !["devices"].contains(command)) {
        let limited = format!("{become_another} bash -c 'ulimit -u 1; exec ./program {command}'");
        let ended = place.shell(&limited);
        no_panic(command, &ended);
        assert_eq!(ended.code, Some(0), "{command}: {ended:?}");
    }
}

#[test]
fn as_many_threads_as_asked_for() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --threads 3 --out three").has(0, &[]);
    assert_eq!(place.manifest("three")["threads"], 3);
    place.run("check c.yaml --threads 0").has(2, &["--threads: found 0, allowed: from 1 to"]);
    place.shell("RAYON_NUM_THREADS=100000 $P check c.yaml").has(2, &["RAYON_NUM_THREADS: found 100000"]);
}

const LONG: &str = "run c.yaml --backend cpu --out out --set time.duration=300000 --set models=[snn]";

/// Starts a run, waits until it computes, sends signals, and gives its exit code and what it said.
fn signalled(place: &Place, before: &str, signals: &[&str]) -> Ended {
    let line =
        format!("{before} $P {LONG} & process=$!; while ! [ -s out/config.yaml ]; do sleep 0.02; done; sleep 0.3");
    let kills: String = signals.iter().map(|signal| format!("; kill -{signal} $process; sleep 0.3")).collect();
    place.shell(&format!("{line}{kills}; wait $process"))
}

#[test]
fn signals_stop_a_run_with_its_state() {
    for signal in ["INT", "TERM", "HUP"] {
        let place = Place::new();
        // shells without job control have background processes ignore SIGINT
        let before = if signal == "INT" { "set -m;" } else { "" };
        let stopped = signalled(&place, before, &[signal]);
        stopped.has(130, &["interrupted"]);
        assert!(place.at("out/checkpoints").read_dir().unwrap().count() > 0, "{signal}: nothing was kept");
        assert_eq!(place.manifest("out")["complete"], false);
    }
}

/// In a Slurm job both the node's daemon and srun send one.
#[test]
fn signals_that_come_together_are_one() {
    let place = Place::new();
    let begins = "while ! [ -s out/config.yaml ]; do sleep 0.02; done; sleep 0.3";
    let kills = "for i in {1..20}; do kill -TERM $process; sleep 0.01; done";
    place.shell(&format!("$P {LONG} & process=$!; {begins}; {kills}; wait $process")).has(130, &["interrupted"]);
    assert!(place.at("out/checkpoints").read_dir().unwrap().count() > 0, "nothing was kept");
    assert_eq!(place.manifest("out")["complete"], false);
}

#[test]
fn an_ignored_hangup_stays_ignored() {
    let place = Place::new();
    signalled(&place, "trap '' HUP;", &["HUP", "HUP", "TERM"]).has(130, &["interrupted"]);
    let place = Place::new();
    let undisturbed = "--set time.duration=2000";
    let run = format!("trap '' HUP; $P {LONG} {undisturbed} & sleep 0.3; kill -HUP $!; wait $!");
    place.shell(&run).has(0, &["report: out/report.html"]);
}

/// A named pipe in place of a file holds the program in the phase that writes it.
#[test]
fn every_phase_can_be_ended() {
    for (command, file) in [
        ("run c.yaml --backend cpu --out out", "out/.members.parquet.PROCESS.part"),
        ("run c.yaml --backend cpu --out out", "out/.report.html.PROCESS.part"),
        ("report done", "done/.report.html.PROCESS.part"),
        ("merge out p1 p2", "out/.points.csv.PROCESS.part"),
    ] {
        for signal in ["INT", "TERM"] {
            let place = with_results();
            fs::create_dir_all(place.at("out")).unwrap();
            let pipe = file.replace("PROCESS", "$BASHPID");
            let held = place.shell(&format!(
                "set -m; (mkfifo {pipe}; exec $P {command}) & process=$!; sleep 0.6; kill -{signal} $process; \
                 for i in {{1..400}}; do kill -0 $process 2>/dev/null || break; sleep 0.05; done; \
                 kill -KILL $process 2>/dev/null && echo hangs; wait $process; exit $?"
            ));
            assert!(!held.out.contains("hangs"), "{command}, {file}: {held:?}");
            let code = held.code.unwrap();
            assert!([130, 143].contains(&code), "{command}, {file}, {signal}: {held:?}");
            no_panic(command, &held);
        }
    }
}

#[test]
fn a_config_may_come_from_a_pipe() {
    let place = Place::new();
    let begun = Instant::now();
    place
        .shell("mkfifo fifo; cat c.yaml >fifo & timeout 20 $P run fifo --backend cpu --out named")
        .has(0, &["15 members"]);
    assert!(begun.elapsed() < Duration::from_secs(20));
    place.shell("$P run - --backend cpu --out piped <c.yaml").has(0, &["15 members"]);
    place.shell("$P check - <c.yaml").has(0, &["15 members"]);
    place.shell("echo 'seed: [' | $P check -").has(2, &["standard input:"]);
    for directory in ["named", "piped"] {
        assert_eq!(place.manifest(directory)["config"], super::SCAN);
    }
}

/// What SMB, FUSE and some NFS mounts answer.
#[test]
fn file_systems_without_locks_and_syncs_of_directories() {
    let place = Place::new();
    let source = "#define _GNU_SOURCE\n#include <errno.h>\n#include <dlfcn.h>\n#include <sys/stat.h>\n\
                  int flock(int f, int o) { errno = ENOLCK; return -1; }\n\
                  int fsync(int f) { struct stat s; fstat(f, &s); \
                  if (S_ISDIR(s.st_mode)) { errno = EINVAL; return -1; } \
                  return ((int (*)(int)) dlsym(RTLD_NEXT, \"fsync\"))(f); }\n";
    let mut compiler = place.command("cc");
    let child =
        compiler.args(["-shared", "-fPIC", "-x", "c", "-", "-o", "mount.so", "-ldl"]).stdin(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let run = place.shell("LD_PRELOAD=./mount.so $P run c.yaml --backend cpu --out out");
    run.has(0, &["15 members", "warning: files cannot be locked here", "warning: directories cannot be synced here"]);
    assert_eq!(run.error.matches("warning").count(), 2, "{run:?}");
}

/// Mesa's layer says on standard error that there is no such directory.
#[test]
fn no_session_is_needed() {
    let place = Place::new();
    for session in ["unset XDG_RUNTIME_DIR", "export XDG_RUNTIME_DIR=", "export XDG_RUNTIME_DIR=relative"] {
        let devices = place.shell(&format!("{session}; $P devices"));
        devices.has(0, &[]);
        assert!(!devices.error.contains("XDG_RUNTIME_DIR"), "{session}: {devices:?}");
    }
}
