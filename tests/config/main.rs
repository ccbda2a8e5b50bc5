//! Configs: what every mistake is told, and with which place; what is read is written back, and no text breaks the reader.

mod edits;
mod mistakes;
mod options;
mod whole;

use snn_ensemble::config::load;

const BASE: &str = "\
name: base
seed: 42
time: {dt: 0.1, duration: 3000, discard: 200}
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
  I: {size: 100, tau_ref: 4}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
models: [snn, dsode]
scan:
  - {path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}
realisations: 64
";

const I: &str = "I: {size: 100, tau_ref: 4}";
const EI: &str = "{kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}";
const EE: &str = "{kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}";
const AXIS: &str = "{path: projections.E<-I.p, linspace: [0.5, 1.0, 51]}";
const LAST: &str = "realisations: 64\n";
const TIME: &str = "{dt: 0.1, duration: 3000, discard: 200}";

fn base_with(from: &str, to: &str) -> String {
    assert_eq!(BASE.matches(from).count(), 1, "{from} once in the base");
    BASE.replace(from, to)
}

fn errors(text: &str, overrides: &[&str]) -> Vec<String> {
    let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
    match load(text, "base.yaml", &overrides) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(|error| error.to_string()).collect(),
    }
}

/// `snn-ensemble schema --reference > docs/config.md` makes the page.
#[test]
fn the_reference_page_is_the_table_of_keys() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    assert_eq!(std::fs::read_to_string(page).unwrap(), snn_ensemble::config::reference());
}
