//! Do the sentences on top of a report, and on the terminal, say what the numbers say?

use super::support::{Case, REGIMES, write};
use super::{GRID, POINT, SCAN, STEPS, points};
use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::report::{self, head};
use std::sync::atomic::AtomicBool;

fn sentences(case: &Case) -> Vec<String> {
    let written = report::write(&write(case)).unwrap_or_else(|e| panic!("{e}"));
    written.findings.iter().map(ToString::to_string).collect()
}

/// The number that begins with a text of a sentence: "3.1" of "within 3.1 % (median".
fn number(sentence: &str, after: &str) -> f64 {
    let rest = sentence.split_once(after).unwrap_or_else(|| panic!("no {after:?} in {sentence}")).1.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".−+".contains(c))).unwrap_or(rest.len());
    rest[..end].trim_end_matches('.').replace('−', "-").parse().unwrap_or_else(|e| panic!("{rest}: {e}"))
}

/// Mean rates of E of a model at all points, in their order.
fn rates(case: &Case, model: &str) -> Vec<f64> {
    let directory = write(case);
    let mut rows: Vec<(u32, f64)> = points(&directory)
        .iter()
        .filter(|((of, _), _)| of == model)
        .map(|((_, point), row)| (point.parse().unwrap(), row["rate_E_mean"].parse().unwrap()))
        .collect();
    rows.sort_by_key(|row| row.0);
    rows.into_iter().map(|row| row.1).collect()
}

#[test]
fn a_reduced_model_of_a_scan_is_told_by_its_errors() {
    let case = Case { name: "sentences", ..SCAN };
    let told = sentences(&case);
    let (network, reduced) = (rates(&case, "snn"), rates(&case, "dsode"));
    let mut errors: Vec<f64> = network.iter().zip(&reduced).map(|(n, r)| 100.0 * (r - n) / n).collect();
    let largest = *errors.iter().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
    errors.iter_mut().for_each(|error| *error = error.abs());
    errors.sort_by(f64::total_cmp);
    let dsode = told.iter().find(|sentence| sentence.starts_with("dsode ")).unwrap();
    assert!((number(dsode, "rate of E within") - errors[25]).abs() < 0.06, "{dsode}: {}", errors[25]);
    assert!((number(dsode, "largest") - largest).abs() < 0.06, "{dsode}: {largest}");
    let snn = told.iter().find(|sentence| sentence.starts_with("snn ")).unwrap();
    let least = network.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((number(snn, "rate of E (Hz) from") - least).abs() < 0.06, "{snn}: {least}");
    // the correlation of heights goes from -0.8 to 0.2, but those of dsode are one
    assert!(!dsode.contains("alternate"), "{dsode}");
    assert!((number(snn, "alternate at p of E←I =") - 0.5).abs() < 1e-9, "{snn}");
    assert!((number(snn, "burst lag1 of E rises through 0 at p of E←I =") - 0.9).abs() < 0.005, "{snn}");
}

#[test]
fn a_point_is_told_by_its_rates_and_spectrum() {
    let told = sentences(&Case { name: "sentence_point", ..POINT });
    assert_eq!(told.len(), 3);
    assert!((number(&told[0], "snn fires at E") - 80.0).abs() < 2.0, "{}", told[0]);
    assert!((0.0..1.0).contains(&number(&told[0], "; ssi of E")), "{}", told[0]);
    assert!((number(&told[0], "the spectrum of E peaks at") - 50.0).abs() < 2.0, "{}", told[0]);
    assert!(told[2].contains("error of the rate of E "), "{}", told[2]);
}

/// The way back lags behind by a fifth, so far from the ends both directions are apart.
#[test]
fn a_sweep_is_told_by_its_bistable_range() {
    let yaml = "models: [snn]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1.25, 7]}]\nrealisations: 4";
    let told = sentences(&Case { name: "sentence_sweep", yaml, passes: true, ..SCAN });
    let lower = number(&told[0], "is bistable in the rate of E between s of E←E =");
    assert!((0.5..1.0).contains(&lower), "{}", told[0]);
    assert!(told[0].contains("a range of more than"), "{}", told[0]);
}

/// A further axis makes several lines of a sweep.
#[test]
fn a_sweep_of_several_lines_is_told_too() {
    let yaml = "models: [snn]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1.25, 7]}, {path: projections.E<-E.tau, values: [1, 2]}]\n\
                realisations: 4";
    let told = sentences(&Case { name: "sentence_sweeps", yaml, passes: true, ..SCAN });
    assert!(told[0].contains(" of 2 lines"), "{}", told[0]);
    assert!(told[0].contains("tau of E←E = "), "{}", told[0]);
}

#[test]
fn grids_and_steps_have_sentences() {
    let told = sentences(&Case { name: "sentence_grid", yaml: GRID, ..SCAN });
    assert!(told.len() == 2 && told[1].contains("follows snn in the rate of E within"), "{told:?}");
    let told = sentences(&Case { name: "sentence_steps", yaml: STEPS, ..SCAN });
    assert!(
        told.len() == 2 && told[0].contains("from the finest run (dsode at 0.025 ms) in the rate of E"),
        "{told:?}"
    );
    assert!((0..1000).contains(&(number(&told[0], "at 0.1 ms is") as i64)), "{told:?}");
}

#[test]
fn a_silent_network_is_told_to_be_silent() {
    let told = sentences(&Case { name: "sentence_silent", silent: true, ..POINT });
    assert!(told[0].starts_with("snn fires no spike"), "{told:?}");
}

/// The interval of a share is not the same on either side.
#[test]
fn choices_are_told_with_the_ends_of_their_interval() {
    let yaml = "models: [snn, markov]\nscan: [{path: projections.E<-I.p, values: [0.5, 0.8, 1]}]\nrealisations: 16\n\
                analysis: {choice: {populations: [E, I]}}";
    let case = Case { name: "sentence_choice", yaml, validated: false, ..SCAN };
    let told = sentences(&case);
    let share = told[0].split_once("in the choice of E from ").unwrap().1.split(" at ").next().unwrap();
    let least = points(&write(&case)).into_iter().filter(|((model, _), _)| model == "snn").map(|(_, row)| {
        ["mean", "ci95_low", "ci95_high"].map(|end| row[&format!("choice_E_{end}")].parse::<f64>().unwrap())
    });
    let [mean, low, high] = least.min_by(|a, b| a[0].total_cmp(&b[0])).unwrap();
    assert_eq!(share, format!("{mean:.3} ({low:.3} to {high:.3})"), "{}", told[0]);
    // before all else, and of a model by how much the shares differ: 0.2 of 0.1 is no error of 200 %
    assert!(told[0].starts_with("snn ranges in the choice of E from "), "{}", told[0]);
    let differs = told[1].strip_prefix("markov follows snn in the choice of E within ").unwrap();
    assert!(!differs.split(" (median").next().unwrap().contains('%'), "{}", told[1]);
}

#[test]
fn regimes_are_told_by_how_many_points_are_in_each() {
    let told = sentences(&Case { name: "sentence_regimes", yaml: REGIMES, ..SCAN });
    assert!(!told[0].contains("steady"), "{}", told[0]);
    assert!(told[1].contains("; of 8 points steady at 1, period 1 at 1, period 2 at 1, "), "{}", told[1]);
}

#[test]
fn regimes_along_one_parameter_are_told_by_its_values() {
    let yaml =
        "models: [dsode]\nscan: [{path: projections.E<-I.p, linspace: [0.3, 1, 15]}]\nanalysis: {lyapunov: true}";
    let told = sentences(&Case { name: "sentence_stretches", yaml, ..SCAN });
    assert!(told[0].contains("; along p of E←I steady at 0.3; period 1 at 0.35 to 0.4; period 2 at "), "{}", told[0]);
}

/// The page's half widths are no standard errors, which the table of means on the terminal has, and the ends of a bistable range have
/// neither.
#[test]
fn what_is_behind_a_mean_is_told() {
    let told = |case: Case| {
        let page = std::fs::read_to_string(report::write(&write(&case)).unwrap().path).unwrap();
        let header = page.split_once("<header>").unwrap().1.split_once("</header>").unwrap().0.to_string();
        ["±", "half width of the 95 % interval", "between the points on either side"].map(|text| header.contains(text))
    };
    let point = |name, yaml| told(Case { name, yaml, ..POINT });
    assert_eq!(point("several_members", "models: [snn]\nrealisations: 4"), [true, true, false]);
    assert_eq!(point("one_member", "models: [snn]\nrealisations: 1"), [false, false, false]);
    let sweep = "models: [snn]\nscan: [{path: projections.E<-E.s, linspace: [0.5, 1.25, 7]}]\nrealisations: 4";
    assert_eq!(told(Case { name: "ends_of_a_sweep", yaml: sweep, passes: true, ..SCAN }), [true, false, true]);
}

#[test]
fn a_page_begins_with_the_whole_question() {
    let of = head::opening;
    assert_eq!(of("Where does it\nburst, and why? Claim: here.\nRun: it."), "Where does it burst, and why?");
    assert_eq!(
        of("A network of Chang et al. (2025) with\na rhythm.\nClaim: so."),
        "A network of Chang et al. (2025) with a rhythm."
    );
    assert_eq!(of("No end"), "No end");
}

/// A network that excites itself: silent on the way up where it fires on the way down.
#[test]
fn a_range_between_silence_and_firing_is_bistable() {
    let text = "
name: silence
seed: 1
time: {dt: 0.1, duration: 300, discard: 150}
populations:
  E: {size: 100, tau_m: 20, tau_ref: 4, initial: carry, drive: {rate: 4}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 1.8, tau: 5}
models: [snn]
scan: [{path: populations.E.drive.rate, values: [1, 3, 5]}]
sweep: {axis: populations.E.drive.rate, direction: both}
realisations: 4
";
    let folder = tempfile::tempdir().unwrap();
    let ensemble = Ensemble::new(config::load(text, "silence.yaml", &[]).unwrap(), false).unwrap();
    let stop = AtomicBool::new(false);
    run(&ensemble, folder.path(), &mut [], &Options::new(&stop)).unwrap();
    let told = report::write(folder.path()).unwrap().findings[0].to_string();
    // no rate on the way up to divide by
    assert!(told.contains("between drive.rate of E = 2 ± 1 and 4 ± 1 1/ms"), "{told}");
    assert!(told.contains(" Hz at 3"), "{told}");
}
