//! Completions and manual pages know every command; a run and a report tell the same.

use super::Place;

#[test]
fn every_command_is_completed_and_has_a_page() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        place.run(&format!("completions {shell}")).has(0, &["snn-ensemble", "validate", "resume"]);
    }
    place.run("completions").has(2, &["SHELL"]);
    place.run("completions --man man").has(0, &[]);
    let help = place.run("--help");
    let commands = help.out.split_once("Commands:").unwrap().1.split_once("\n\n").unwrap().0;
    let commands: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for command in commands.into_iter().filter(|command| *command != "help") {
        let page = std::fs::read_to_string(place.at("man").join(format!("snn-ensemble-{command}.1")));
        let page = page.unwrap_or_else(|e| panic!("{command}: {e}"));
        assert!(page.contains(".TH"), "{command}: {page}");
    }
    assert!(place.at("man/snn-ensemble.1").is_file());
}

#[test]
fn a_run_and_its_report_tell_the_same() {
    let place = Place::new();
    let run = place.run("run c.yaml --backend cpu --out out");
    let report = place.run("report out");
    let told = report.out.lines().next().unwrap();
    assert!(told.starts_with("snn ") && run.out.lines().any(|line| line == told), "{run:?}\n{report:?}");
    place.run("report out --width 85mm").has(2, &["--figures"]);
    place.run("report out --figures f --width 85").has(2, &["found 85, allowed: a number with mm, cm or in"]);
    let _ = std::fs::remove_file(place.at("out/report.html"));
    place.run("report out --figures f --only rate_X").has(2, &["--only", "rate_X", "allowed: ", "rate_E"]);
    assert!(!place.at("out/report.html").exists(), "a page before the refusal");
    place.run("report out --figures f --font Gill").has(2, &["--font Gill", "font's file"]);
    place.run("report out --figures f --font c.yaml").has(2, &["--font c.yaml", "TrueType"]);
    place.run("report out --figures f --font Gill --format svg").has(0, &["figures in f"]);
    place.run("report out none").has(2, &["none is no result directory"]);
    place.run("report out out").has(0, &["report: comparison.html"]);
}
