//! Parts of a Slurm job array, and batch scripts that are started more than once.

use super::{Ended, Place, ended};

fn task(place: &Place, task: &str, array: &[(&str, &str)], arguments: &str) -> Ended {
    let mut command = place.program(&format!("run c.yaml --backend cpu --quiet {arguments}"));
    ended(command.env("SLURM_ARRAY_TASK_ID", task).envs(array.iter().copied()))
}

/// `--array=2`, `--array=3,7` and `1-7:2` say other things of MIN, COUNT and STEP; the part is the task's number.
#[test]
fn a_part_is_the_number_of_its_task() {
    let place = Place::new();
    for (id, array) in [
        ("2", [("SLURM_ARRAY_TASK_MIN", "2"), ("SLURM_ARRAY_TASK_COUNT", "1"), ("SLURM_ARRAY_TASK_STEP", "1")]),
        ("3", [("SLURM_ARRAY_TASK_MIN", "3"), ("SLURM_ARRAY_TASK_COUNT", "2"), ("SLURM_ARRAY_TASK_STEP", "4")]),
        ("1", [("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "4"), ("SLURM_ARRAY_TASK_STEP", "2")]),
    ] {
        task(&place, id, &array, &format!("--shard slurm/3 --out p{id} --resume")).has(0, &[]);
        assert_eq!(place.manifest(&format!("p{id}"))["shard"], format!("{id}/3"));
    }
    place.run("merge out p1 p2 p3").has(0, &["15 members"]);
}

#[test]
fn a_task_outside_of_the_parts_is_refused() {
    let place = Place::new();
    for id in ["0", "4", "x"] {
        task(&place, id, &[], "--shard slurm/3 --out p").has(2, &["use --array=1-3"]);
    }
    task(&place, "1", &[], "--shard slurm --out p").has(2, &["slurm/N", "--array=1-N"]);
    place.run("run c.yaml --shard slurm/3").has(2, &["SLURM_ARRAY_TASK_ID"]);
    assert!(!place.at("p").exists());
}

/// Tasks of one job step count from 0, parts from 1; that an array runs them says nothing.
#[test]
fn a_part_is_the_task_of_a_job_step() {
    let place = Place::new();
    let step = |process: &str, arguments: &str| {
        let mut command = place.program(&format!("run c.yaml --backend cpu --quiet {arguments}"));
        ended(command.env("SLURM_PROCID", process).env("SLURM_ARRAY_TASK_ID", "3"))
    };
    for process in 0..3 {
        step(&process.to_string(), &format!("--shard srun/3 --out p{process}")).has(0, &[]);
        assert_eq!(place.manifest(&format!("p{process}"))["shard"], format!("{}/3", process + 1));
    }
    place.run("merge out p0 p1 p2").has(0, &["15 members"]);
    for process in ["3", "-1", ""] {
        step(process, "--shard srun/3 --out p").has(2, &["SLURM_PROCID", "allowed: 0 to 2", "use srun -n 3"]);
    }
    step("0", "--shard srun --out p").has(2, &["srun/N", "srun -n N"]);
    step("0", "--shard srun/0 --out p").has(2, &["srun/N"]);
    place.run("run c.yaml --shard srun/3 --out p").has(2, &["`srun/3` needs SLURM_PROCID"]);
    assert!(!place.at("p").exists());
}

#[test]
fn a_directory_of_another_part_is_refused() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --shard 1/3 --out p").has(0, &[]);
    let before = place.read("p/manifest.json");
    for other in ["2/3", "1/2", "1/1"] {
        place.run(&format!("run c.yaml --backend cpu --shard {other} --out p")).has(2, &["holds part 1/3", "--out"]);
    }
    // of other models, too, which a log that is opened for them is told
    let log = || std::fs::read(place.at("p/members.log")).unwrap();
    let unopened = log();
    let other = "run c.yaml --backend cpu --shard 2/3 --out p --set models=[snn] --set realisations=6";
    place.run(other).has(2, &["holds part 1/3"]);
    assert_eq!((before, unopened), (place.read("p/manifest.json"), log()));
    // a part that was killed before its end is known too
    let long = "--set time.duration=100000 --set models=[snn]";
    place.shell(&format!("timeout -s KILL 1 $P run c.yaml --backend cpu --quiet --shard 2/3 --out k {long}"));
    place.run(&format!("run c.yaml --backend cpu --shard 3/3 --out k {long}")).has(2, &["holds part 2/3"]);
}

#[test]
fn resume_begins_where_there_is_nothing() {
    let place = Place::new();
    let line = "run c.yaml --backend cpu --out out --resume";
    place.run(line).has(0, &["15 members (15 now)"]);
    place.run(line).has(0, &["15 members (0 now)"]);
}
