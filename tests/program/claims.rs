//! What manifests, reports and summaries say of how results came about.

use super::Place;

#[test]
fn a_manifest_has_every_run_that_computed_something() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --out out --set realisations=2").has(0, &["9 members (9 now)"]);
    place.run("run c.yaml --backend cpu --out out --threads 1").has(0, &["15 members (6 now)"]);
    let before = place.manifest("out");
    place.run("run c.yaml --backend cpu --out out --threads 2").has(0, &["15 members (0 now)"]);
    let after = place.manifest("out");
    assert_eq!(before, after, "a run without work left a trace");
    let runs: Vec<(u64, u64)> = after["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["members"].as_u64().unwrap(), run["threads"].as_u64().unwrap()))
        .collect();
    assert_eq!((runs[0].0, runs[1]), (9, (6, 1)));
    assert!(
        after["wall_time_s"].as_f64().unwrap() > 0.0 && after["rates"]["neuron_steps_per_s"].as_f64().unwrap() > 0.0
    );
}

#[test]
fn members_that_a_narrower_config_leaves_out_are_told() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --out out").has(0, &[]);
    let points = place.read("out/points.csv");
    place
        .run("run c.yaml --backend cpu --out out --set realisations=2")
        .has(0, &["9 members (0 now)", "note: 6 more members", "a run of the one before makes them of all again"]);
    assert!(place.read("out/points.csv") != points);
    place.run("run c.yaml --backend cpu --out out").has(0, &["15 members (0 now)"]);
    assert!(place.read("out/points.csv") == points);
}

#[test]
fn comments_do_not_make_another_experiment() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --out out").has(0, &[]);
    std::fs::write(place.at("d.yaml"), format!("# Something else?\n{}", super::SCAN)).unwrap();
    place.run("run d.yaml --backend cpu --out out").has(0, &["15 members (0 now)"]);
    let other = place.run("run d.yaml --backend cpu --out out --seed 12");
    other.has(2, &["holds results of another experiment: seed is 11 there and 12 here; choose another directory"]);
}

#[test]
fn stored_results_are_no_gpu() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --out out").has(0, &[]);
    let against = place.run("validate c.yaml --against out --out out");
    against.has(0, &["this CPU (", "stored results (out: cpu", "equal: "]);
    assert!(!against.out.contains("GPU"), "{against:?}");
    let page = place.read("out/report.html");
    assert!(page.contains("and stored results (out: cpu") && !page.contains("CPU and GPU are"));
}

#[test]
fn the_head_of_a_report_tells_what_ran() {
    let place = Place::new();
    let steps = "--set scan=[{path:~time.dt,~values:~[0.05,0.1]}]";
    place.run(&format!("run c.yaml --backend cpu --quiet --out out {steps}")).has(0, &[]);
    let page = place.read("out/report.html");
    assert!(page.contains("step 0.05 … 0.1 ms") && !page.contains("step 0.1 ms"));
    assert!(page.contains("<h1>small</h1>") && page.contains("The config's comment: What are 51 points like?"));
}

#[test]
fn a_check_counts_recorded_series() {
    let place = Place::new();
    place.run("check c.yaml").has(0, &["B of results\n"]);
    let recorded = "--set record.traces={members:~4,every:~0.1} --set record.spikes={members:~4,from:~20,to:~60}";
    let check = place.run(&format!("check c.yaml {recorded}"));
    place.run(&format!("run c.yaml --backend cpu --quiet --out out {recorded}")).has(0, &[]);
    let line = check.out.lines().find(|line| line.contains("recorded series")).unwrap();
    let told = line.split(" and ").nth(1).unwrap().split("B of").next().unwrap();
    let (number, unit) = told.trim().split_once(' ').unwrap();
    let told = number.parse::<f64>().unwrap() * if unit == "k" { 1e3 } else { 1e6 };
    let size = |name: &str| std::fs::metadata(place.at("out").join(name)).unwrap().len() as f64;
    let tables = size("traces.parquet") + size("spikes.parquet");
    let found = size("members.log") + tables;
    assert!(told > 0.3 * found && told < 3.0 * found, "told {told}, found {found}");
    place.run("run c.yaml --backend cpu --quiet --out bare").has(0, &[]);
    let bare = std::fs::metadata(place.at("bare/members.log")).unwrap().len() as f64;
    let again = size("members.log") - bare;
    // as they are in memory, they take more than three times as much
    assert!(again < 1.5 * tables, "{again} bytes in the log beside {tables} in tables");
}

#[test]
fn a_check_knows_what_a_graph_costs_that_is_not_kept() {
    let place = Place::new();
    let seconds = |size: u32| {
        let line = format!("check c.yaml --threads 1 --set connectivity=quenched --set populations.E.size={size}");
        let check = place
            .run(&format!("{line} --set models=[snn] --set projections.E<-E.s=1e-4 --set projections.I<-E.s=1e-4"));
        let line = check.out.lines().find(|line| line.starts_with("# about") && line.contains("CPU"));
        let line = line.unwrap_or_else(|| panic!("{}", check.error));
        let seconds: f64 = line.split_whitespace().nth(2).unwrap().parse().unwrap();
        (seconds, check.out.contains("drawn again at each spike"))
    };
    let ((small, kept), (large, drawn)) = (seconds(20_000), seconds(60_000));
    assert!(!kept && drawn);
    assert!(large > 10.0 * small, "{small} s, {large} s");
}

#[test]
fn figures_go_where_the_results_cannot_be_written() {
    let place = Place::new();
    place.run("run c.yaml --backend cpu --quiet --out out").has(0, &[]);
    let root = place.shell("id -u").out == "0\n";
    let become_another = if root { "setpriv --reuid 65533 --regid 65533 --clear-groups" } else { "" };
    let line = format!(
        "cp $P program; chmod 777 .; chmod -R go+rX,a-w out; {become_another} ./program report out --figures figures; \
         code=$?; chmod -R u+w out; exit $code"
    );
    let report = place.shell(&line);
    report.has(0, &["no report.html", "figures in figures"]);
    assert!(!report.error.contains("--out"), "{report:?}");
}
