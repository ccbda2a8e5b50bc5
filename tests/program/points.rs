//! A point that cannot be computed: skipped, named with its coordinates and the reason, and told by the exit code; the others are there.

use super::{Place, rows};

const CPU: &str = "run c.yaml --backend cpu --out out";
/// The last point has more Poisson kicks in a step than the tables hold, of `snn`; `dsode` has no tables.
const POISSON: &str = "--set populations.E.drive.kind=poisson --set \
                       scan=[{path:~populations.E.drive.rate,~values:~[7,20,5000]}]";

#[test]
fn a_point_beyond_the_tables_is_skipped_and_named() {
    let place = Place::new();
    let run = place.run(&format!("{CPU} {POISSON}"));
    run.has(1, &["skipped: snn, populations.E.drive.rate = 5000: population E: 500 Poisson kicks"]);
    assert_eq!(run.error.matches("kicks per step need").count(), 1, "{}", run.error);
    assert_eq!(rows(&place.at("out/points.csv")), 2 + 3);
    assert!(place.manifest("out")["skipped"][0].as_str().unwrap().contains("= 5000"));
    assert!(place.read("out/report.html").contains("Skipped"));
    // again: nothing to compute, and as honest
    place.run(&format!("{CPU} {POISSON}")).has(1, &["(0 now)", "skipped: snn"]);
    place.run(&format!("check c.yaml {POISSON}")).has(1, &["skipped: snn", "snn: 8 members"]);
}

#[test]
fn currents_that_do_not_fit_are_skipped_too() {
    let place = Place::new();
    let far = "--set scan=[{path:~projections.E<-E.s,~values:~[1,1e6]},{path:~projections.E<-I.p,~values:~[0.5,0.9]}]";
    let run = place.run(&format!("{CPU} {far}"));
    run.has(1, &["projections.E<-E.s = 1000000, projections.E<-I.p = 0.5", "projections.E<-I.p = 0.9"]);
    let table = place.read("out/points.csv");
    assert_eq!(table.lines().filter(|line| line.starts_with("snn,")).count(), 2, "{table}");
}

#[test]
fn what_lies_behind_in_a_sweep_is_skipped_with_it() {
    let place = Place::new();
    let sweep = "--set populations.E.initial=carry --set sweep={axis:~populations.E.drive.rate,~direction:~both}";
    let run = place.run(&format!("{CPU} {POISSON} {sweep} --set scan.0.values=[7,5000,20]"));
    run.has(1, &["sweep = forward: the state is carried from populations.E.drive.rate = 5000", "which is skipped"]);
    // of snn the first point of each pass
    assert_eq!(rows(&place.at("out/points.csv")), 2 + 6);
}

#[test]
fn an_adaptive_ensemble_asks_for_none_there() {
    let place = Place::new();
    let until = "--set realisations={min:~2,max:~4,until:~{rate_E:~{rel_ci95:~0.001}}}";
    place.run(&format!("{CPU} {POISSON} {until}")).has(1, &["skipped: snn"]);
    assert_eq!(rows(&place.at("out/points.csv")), 2 + 3);
}

/// What is told beforehand of a sweep in both directions is what runs.
#[test]
fn check_counts_both_passes_of_a_sweep() {
    let place = Place::new();
    let sweep = "--set populations.E.initial=carry --set sweep={axis:~populations.E.drive.rate,~direction:~both}";
    let check = |values: &str| place.run(&format!("check c.yaml {POISSON} {sweep} --set scan.0.values={values}"));
    check("[7,8,20]").has(0, &["# 6 points, those of both directions, x", "snn: 24 members", "# 30 members"]);
    // of snn the first point of each pass is left
    check("[7,5000,20]").has(1, &["snn: 8 members", "# 14 members"]);
}

/// What a scan over sizes and steps costs is the sum of what its points do.
#[test]
fn check_counts_the_neurons_and_steps_of_each_point() {
    let place = Place::new();
    let check = |more: &str| place.run(&format!("check c.yaml --set models=[snn] --set realisations=4 {more}"));
    let sizes = "--set scan=[{path:~populations.E.size,~values:~[500,4500]}]";
    let fixed = "--set scan=[] --set time={dt:~0.1,~duration:~100} --set populations.I.size=100";
    check(&format!("{fixed} --set populations.E.size=500")).has(0, &["4 members, 2.40 M neuron-steps"]);
    check(&format!("{fixed} {sizes}")).has(0, &["8 members, 20.8 M neuron-steps"]);
    let steps = "--set scan=[{path:~time.dt,~values:~[0.1,0.05]}] --set populations.E.size=500";
    check(&format!("{fixed} {steps}")).has(0, &["8 members, 7.20 M neuron-steps"]);
}

#[test]
fn parts_without_the_point_merge() {
    let place = Place::new();
    for part in 1..=2 {
        let part = format!("run c.yaml --backend cpu --quiet --out p{part} --shard {part}/2 {POISSON}");
        place.run(&part).has(1, &["skipped: snn"]);
    }
    place.run("merge out p1 p2").has(1, &["11 members", "skipped: snn, populations.E.drive.rate = 5000"]);
    assert_eq!(rows(&place.at("out/points.csv")), 2 + 3);
}

#[test]
fn where_nothing_can_be_computed_nothing_begins() {
    let place = Place::new();
    let none = place.run(&format!("{CPU} {POISSON} --set scan.0.values=[4000,5000] --set models=[snn]"));
    none.has(2, &["none of the 2 points", "populations.E.drive.rate = 4000"]);
    assert!(!place.at("out").exists());
    let single = "--set populations.E.drive={kind:~poisson,rate:~5000} --set scan=[] --set models=[snn]";
    let alone = place.run(&format!("{CPU} {single}"));
    alone.has(2, &["population E: 500 Poisson kicks"]);
    assert_eq!(alone.error.matches("Poisson kicks").count(), 1, "{}", alone.error);
}

/// Interrupted after the coarse points: the ends of the scan come before what lies between, cheap models before all.
#[test]
fn a_run_that_is_stopped_shows_the_whole_scan() {
    use snn_ensemble::config;
    use snn_ensemble::ensemble::Ensemble;
    use snn_ensemble::ensemble::schedule::{Schedule, Shard};
    use snn_ensemble::results::MemberLog;
    let place = Place::new();
    let set = ["scan=[{path: projections.E<-I.p, linspace: [0.5, 0.9, 9]}]".to_string(), "realisations=2".into()];
    let ensemble = Ensemble::new(config::load(super::SCAN, "c.yaml", &set).unwrap(), false).unwrap();
    let log = MemberLog::open(place.folder.path(), &ensemble.schema);
    std::fs::remove_file(place.at("c.yaml")).unwrap();
    let missing = Schedule::new(&ensemble, Shard::WHOLE).missing(&log.unwrap());
    let order: Vec<(u32, u32)> = missing.chains.iter().map(|c| (c.members[0].model, c.members[0].point)).collect();
    let points = [0, 8, 4, 2, 6, 1, 3, 5, 7];
    let dsode = points.iter().map(|&point| (1, point));
    let snn = points.iter().flat_map(|&point| [(0, point); 2]);
    assert_eq!(order, dsode.chain(snn).collect::<Vec<_>>());
}

/// And that is what is computed, by however many threads.
#[test]
fn threads_take_the_coarse_points_first() {
    let place = Place::new();
    let run = "run c.yaml --backend cpu --quiet --threads 2 --out out --set models=[snn] --set realisations=8 \
               --set time.duration=3000 --set scan=[{path:~projections.E<-I.p,~linspace:~[0.5,0.9,9]}]";
    // The log begins with its schema; each member then says its model.
    let until =
        "while [ $(grep -ao snn out/members.log 2>/dev/null | wc -l) -lt 16 ] && kill -0 $process; do sleep 0.05; done";
    let run: Vec<String> = run.split_whitespace().map(|word| format!("'{}'", word.replace('~', " "))).collect();
    place
        .shell(&format!("$P {} & process=$!; {until}; kill -TERM $process; wait $process", run.join(" ")))
        .has(130, &[]);
    place.run("report out");
    let table = place.read("out/points.csv");
    let mut members = [0; 9];
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        members[cells[1].parse::<usize>().unwrap()] = cells[3].parse().unwrap();
    }
    // Of the order of work: all full up to where it was stopped, and nothing beyond the next point.
    let order = [0, 8, 4, 2, 6, 1, 3, 5, 7].map(|point| members[point]);
    let full = order.iter().take_while(|&&n| n == 8).count();
    assert!((1..9).contains(&full) && order[full + 1..].iter().sum::<i32>() <= 1, "{order:?}: {table}");
}
