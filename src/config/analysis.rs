//! The parameters of the statistics from the tree.

use super::check::is_off_grid;
use super::error::Problem;
use super::experiment::Time;
use super::keys::WINDOW;
use super::limits;
use super::section::{Report, Section, increasing};
use super::tree::{Node, Value, join};
use crate::model::Network;
use crate::statistics::analysis::SMOOTHED;
use crate::statistics::{Analysis, Attractor, Burst, Choice, Psth, TwoStates};

pub(super) fn read(root: &Section, network: &Network, time: &Time, report: &mut Report) -> Analysis {
    let section = root.section(report, "analysis");
    let burst = section.section(report, "burst");
    let attractor = section.section(report, "attractor");
    let analysis = Analysis {
        burst: Burst { height: burst.real(report, "height"), distance: burst.real(report, "distance") },
        psd_band: section.increasing_pair(report, "psd_band"),
        states: states(&section, time, report),
        attractor: Attractor { bin: attractor.real(report, "bin"), max: attractor.real(report, "max") },
        windows: windows(&section, time, report),
        choice: choice(&section, network, time, report),
        psth: psth(&section, time, report),
        lyapunov: section.flag(report, "lyapunov"),
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
    let window = time.duration - time.discard;
    let Some(section) = analysis.optional_section(report, "states") else {
        if threshold.is_some() && window <= SMOOTHED {
            let allowed = format!("a window of more than the {SMOOTHED} ms over which the rate is smoothed");
            let problem = Problem::fixable(format!("a window of {window} ms"), allowed, "raise time.duration");
            analysis.fail(report, "state_threshold", problem);
        }
        return threshold.map(TwoStates::around);
    };
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

fn windows(analysis: &Section, time: &Time, report: &mut Report) -> Vec<[f64; 2]> {
    let mut windows = Vec::new();
    for (i, node) in analysis.list(report, "windows").iter().enumerate() {
        let path = format!("analysis.windows.{i}");
        let window = increasing(node, &path, &WINDOW, "ms", report);
        if window[1] > time.duration {
            let allowed = format!("an end up to time.duration = {} ms", time.duration);
            report.add(&node.at, &path, Problem::value(format!("{window:?}"), allowed));
        }
        if windows.contains(&window) {
            report.add(&node.at, &path, Problem::value(format!("{window:?} again"), "every window once"));
        } else {
            windows.push(window);
        }
    }
    windows
}

fn choice(analysis: &Section, network: &Network, time: &Time, report: &mut Report) -> Option<Choice> {
    let section = analysis.optional_section(report, "choice")?;
    let [from, to] = span(&section, time, report);
    let populations = populations(&section, network, "at least two that compete", report);
    if let Some(list) = section.get("populations")
        && let Value::List(names) = &list.value
        && names.len() == 1
    {
        let found = "one population";
        report.add(&list.at, "analysis.choice.populations", Problem::value(found, "at least two that compete"));
    }
    Some(Choice { populations, from, to })
}

fn psth(analysis: &Section, time: &Time, report: &mut Report) -> Option<Psth> {
    let section = analysis.optional_section(report, "psth")?;
    let ([from, to], bin) = (span(&section, time, report), section.real(report, "bin"));
    if bin > to - from || (to - from) / bin > limits::BINS {
        let allowed = format!("a width for 1 to {} bins in the {} ms between from and to", limits::BINS, to - from);
        section.fail(report, "bin", Problem::value(bin.to_string(), allowed));
    }
    Some(Psth { from, to, bin })
}

/// Indices of the populations that a section's list `populations` names, each once; `allowed`: of an empty one.
pub(super) fn populations(section: &Section, network: &Network, allowed: &str, report: &mut Report) -> Vec<usize> {
    let mut populations = Vec::new();
    for (i, node) in section.filled_list(report, "populations", allowed).iter().enumerate() {
        let found = network.populations.iter().position(|population| node.text() == Some(&population.name));
        match found.filter(|population| !populations.contains(population)) {
            Some(population) => populations.push(population),
            None => {
                let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
                let allowed = format!("names of populations, each once: {}", names.join(", "));
                let path = join(&section.path_of("populations"), &i.to_string());
                report.add(&node.at, &path, Problem::value(node.found(), allowed));
            }
        }
    }
    populations
}

/// `from` and `to` of a section, by default the whole window.
pub(super) fn span(section: &Section, time: &Time, report: &mut Report) -> [f64; 2] {
    let mut edge = |name, default| section.get(name).map_or(default, |_| section.real(report, name));
    let [from, to] = [edge("from", time.discard), edge("to", time.duration)];
    if from >= to && section.get("to").is_none() {
        section.fail(report, "from", Problem::value(from.to_string(), format!("a time below to = {to} ms")));
    } else if from >= to || to > time.duration {
        let allowed = format!("a time after from = {from} ms, up to time.duration = {} ms", time.duration);
        section.fail(report, "to", Problem::value(to.to_string(), allowed));
    }
    [from, to]
}

/// Ends of the gap between the states, in Hz.
fn thresholds(states: &Section, report: &mut Report) -> (f64, f64) {
    let given = states.given(["threshold", "low", "high"]);
    match given[..] {
        ["threshold"] => {
            let threshold = states.real(report, "threshold");
            (threshold, threshold)
        }
        ["low", "high"] => (states.real(report, "low"), states.real(report, "high")),
        _ => {
            states.one_of(report, &given, "either threshold, or low and high");
            (f64::NAN, f64::NAN)
        }
    }
}
