//! The parameters of the statistics from the tree.

use super::check::is_off_grid;
use super::error::Problem;
use super::experiment::{Analysis, Attractor, Burst, Time};
use super::limits;
use super::section::{Report, Section};
use super::tree::{Node, Value};
use crate::statistics::TwoStates;

pub(super) fn read(root: &Section, time: &Time, report: &mut Report) -> Analysis {
    let section = root.section(report, "analysis");
    let burst = section.section(report, "burst");
    let attractor = section.section(report, "attractor");
    let analysis = Analysis {
        burst: Burst { height: burst.real(report, "height"), distance: burst.real(report, "distance") },
        psd_band: section.increasing_pair(report, "psd_band"),
        states: states(&section, time, report),
        attractor: Attractor { bin: attractor.real(report, "bin"), max: attractor.real(report, "max") },
    };
    let Attractor { bin, max } = analysis.attractor;
    if is_off_grid(max, bin) || max < bin || max / bin > limits::BINS {
        let allowed = format!("a multiple of bin = {bin} Hz, at most {} bins", limits::BINS);
        attractor.fail(report, "max", Problem::value(max.to_string(), allowed));
    }
    analysis
}

/// Two states, by either of the two keys that tell them apart.
fn states(analysis: &Section, time: &Time, report: &mut Report) -> Option<TwoStates> {
    let threshold = analysis.optional_real(report, "state_threshold");
    let Some(section) = analysis.optional_section(report, "states") else { return threshold.map(TwoStates::around) };
    if threshold.is_some() {
        let fix = "remove it; states: {threshold, smooth: 1, minimum: 0} means the same";
        let problem = Problem::fixable("a threshold beside analysis.states", "one of the two", fix);
        analysis.fail(report, "state_threshold", problem);
    }
    // what is no map has been reported
    let Some(Node { value: Value::Map(_), .. }) = analysis.get("states") else { return None };
    let (low, high) = thresholds(&section, report);
    if low > high {
        section.fail(report, "low", Problem::value(low.to_string(), format!("at most high = {high} Hz")));
    }
    let window = time.duration - time.discard;
    let [smooth, minimum] = ["smooth", "minimum"].map(|name| {
        let length = section.real(report, name);
        if length >= window {
            let allowed = format!("a time below duration - discard = {window} ms");
            section.fail(report, name, Problem::value(length.to_string(), allowed));
        }
        length
    });
    Some(TwoStates { low, high, smooth, minimum })
}

/// Ends of the gap between the states, in Hz.
fn thresholds(states: &Section, report: &mut Report) -> (f64, f64) {
    let names = ["threshold", "low", "high"];
    let given: Vec<&str> = names.into_iter().filter(|name| states.get(name).is_some()).collect();
    match given[..] {
        ["threshold"] => {
            let threshold = states.real(report, "threshold");
            (threshold, threshold)
        }
        ["low", "high"] => (states.real(report, "low"), states.real(report, "high")),
        _ => {
            let found = if given.is_empty() { "none of them".into() } else { given.join(" and ") };
            report.add(&states.at, &states.path, Problem::value(found, "either threshold, or low and high"));
            (f64::NAN, f64::NAN)
        }
    }
}
