//! Texts with several mistakes, without sense, beyond the limits; settings of the command line.

use super::{BASE, base_with, errors};
use snn_ensemble::config;

#[test]
fn all_mistakes_are_told_in_the_order_of_the_file() {
    let text = BASE.replace("p: 0.8, s: 2.71", "p: 1.8, s: -1").replace("seed: 42", "sed: 42").replace("64", "0");
    let expected = [
        "base.yaml:2:1: sed: unknown key; did you mean seed? (allowed: name, seed, time, populations, sources, projections, \
         connectivity, models, scan, sweep, realisations, seeding, analysis, record, continuation)",
        "base.yaml:9:31: projections.E<-I.p: found 1.8, allowed: a probability from 0 to 1",
        "base.yaml:9:39: projections.E<-I.s: found -1, allowed: a strength from 0 to 1e6",
        "base.yaml:13:15: realisations: found 0, allowed: a whole number from 1 to 10000000 or \
         a map {min, max, until}",
    ];
    assert_eq!(errors(&text, &[]), expected);
}

#[test]
fn a_text_without_a_map_is_told_what_is_needed() {
    for text in ["", "# nothing but a comment\n", "---\n", "- 1\n- 2\n", "42", "text"] {
        let found = errors(text, &[]);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert!(found[0].contains("allowed: a map {name, seed"), "{text:?}: {found:?}");
    }
}

/// Two spellings of one number would be two axes of a scan, whose points are the same members.
#[test]
fn a_place_in_a_list_is_written_in_one_way() {
    let scanned = |field: &str| {
        let text =
            base_with("{path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}", "{path: PATH, values: [0.01, 0.02]}");
        let [table, qif] = ["{steps: [[0, 5], [100, 7]]}", "{qif: [0.01, 0, 0]}"];
        let [drive, neuron] = [format!("populations.E.drive.rate={table}"), format!("populations.E.neuron={qif}")];
        errors(&text.replace("PATH", &format!("populations.E.{field}")), &["models=[snn]", &drive, &neuron])
    };
    for field in ["drive.rate.steps.1.1", "neuron.qif.0"] {
        assert_eq!(scanned(field), [""; 0], "{field}");
    }
    for field in ["drive.rate.steps.01.1", "drive.rate.steps.+1.1", "neuron.qif.00", "neuron.qif.+0"] {
        let found = scanned(field);
        assert!(found.len() == 1 && found[0].contains(&format!("found populations.E.{field}")), "{field}: {found:?}");
    }
}

/// Texts made to exhaust a reader: each is refused, with few errors.
#[test]
fn small_texts_cannot_explode() {
    let deep = |open: &str, n: usize| format!("name: {}", open.repeat(n));
    let nested = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>();
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".to_string();
    let populations: String = (0..20_000).map(|i| format!("  P{i}: {{size: 1, tau_ref: 0}}\n")).collect();
    let many = base_with("  I: {size: 100, tau_ref: 4}\n", &populations);
    let unknown = BASE.to_string() + &(0..100_000).map(|i| format!("k{i}: 1\n")).collect::<String>();
    let long = BASE.to_string() + "#" + &"x".repeat(5 << 20);
    for text in [deep("[", 100_000), deep("{a: ", 10_000), deep("- ", 10_000), nested, laughs, many, unknown, long] {
        let found = errors(&text, &[]);
        assert!(!found.is_empty() && found.len() <= config::limits::ERRORS, "{} errors", found.len());
    }
}

#[test]
fn what_is_beyond_a_limit_is_told_once() {
    let list = |n: usize, line: &dyn Fn(usize) -> String| (0..n).map(line).collect::<String>();
    let populations = list(65, &|i| format!("  P{i}: {{size: 1, tau_ref: 4}}\n"));
    let incoming = list(33, &|i| format!("  P{i}: {{size: 1, tau_ref: 4}}\n"))
        + "projections:\n"
        + &list(33, &|i| format!("  P7<-P{i}: {{kind: excitatory, p: 1, s: 1, tau: 2}}\n"));
    let scanned = "  E: {size: 1, tau_ref: 4}\nscan:\n".to_string()
        + &list(65, &|i| format!("  - {{path: populations.E.tau_ref, values: [{i}]}}\n"));
    let head = "name: big\ntime: {duration: 100}\nmodels: [snn]\npopulations:\n";
    for (text, words) in [
        (populations, "populations: found 65 populations, allowed: at most 64"),
        (incoming, "projections: found 33 projections onto P7, allowed: at most 32"),
        (scanned, "scan: found 65 parameters, allowed: at most 64"),
    ] {
        let found = errors(&format!("{head}{text}"), &[]);
        assert_eq!(found.iter().filter(|error| error.contains(words)).count(), 1, "{found:#?}");
    }
}

#[test]
fn a_setting_that_is_wrong_names_its_flag() {
    let cases = [
        ("populations.E.size=-3", "--set populations.E.size=-3: populations.E.size: found -3, allowed: a whole number"),
        ("populations.X.size=3", "--set populations.X.size=3: populations.X.size: found X, allowed: E or I"),
        ("populations.E.sise=3", "--set populations.E.sise=3: populations.E.sise: unknown key; did you mean size?"),
        ("seed", "--set seed: found seed, allowed: PATH=VALUE"),
        ("=3", "--set =3: found =3, allowed: PATH=VALUE"),
        ("seed=", "--set seed=: seed: found nothing, allowed: a whole number"),
        ("seed=[1", "--set seed=[1: seed: not readable as YAML"),
        ("seed..a=1", "--set seed..a=1: seed..a: found an empty part of the path"),
        (
            "realisations.min=3",
            "--set realisations.min=3: realisations.min: found 64, which has no min, allowed: a map",
        ),
        ("models.7=snn", "--set models.7=snn: models.7: found entry 7 of a list of 2, allowed: an entry below 2"),
        ("time.dt=0", "--set time.dt=0: time.dt: found 0, allowed: a time above 0 ms"),
        ("seed={a: 1, a: 2}", "--set seed={a: 1, a: 2}: seed.a: given twice"),
    ];
    for (setting, message) in cases {
        let found = errors(BASE, &[setting]);
        assert!(found.iter().any(|error| error.starts_with(message)), "{setting}: {found:#?}");
    }
}
