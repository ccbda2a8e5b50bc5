//! The scan from the tree: axes that exist, values that each parameter may take, and points that all go together.

use super::check::{Rules, Scope, carries, check};
use super::error::Problem;
use super::experiment::Sweep;
use super::keys::{AXIS, ZIPPED};
use super::kind::Kind;
use super::limits;
use super::parameter::Parameter;
use super::scan::{Axis, Scan, Values};
use super::section::{Report, Section, count, real};
use super::tree::{Node, Position, Value, join};
use crate::model::Network;
use std::collections::{HashMap, HashSet};

const FORMS: [&str; 3] = ["linspace", "logspace", "values"];

/// The scan, and where each of its parameters was written.
pub(super) fn scan(root: &Section, network: &Network, report: &mut Report) -> (Scan, HashMap<String, Position>) {
    let (mut scan, mut places) = (Scan::default(), HashMap::new());
    for (i, node) in root.list(report, "scan").iter().enumerate().take(limits::SCANNED) {
        let section = Section::open(node, &join(&root.path_of("scan"), &i.to_string()), AXIS, report);
        let parameters = match section.get("zip") {
            Some(_) => zipped(&section, network, &mut places, report),
            None => parameter(&section, network, &mut places, report).into_iter().collect(),
        };
        let axis = Axis { parameters, zipped: section.get("zip").is_some() };
        if !axis.is_empty() {
            check_distinct(&axis, &section, report);
            scan.axes.push(axis);
        }
    }
    let moved = scan.paths().count().max(root.list(report, "scan").len());
    if moved > limits::SCANNED {
        let problem = Problem::value(format!("{moved} parameters"), format!("at most {}", limits::SCANNED));
        root.fail(report, "scan", problem);
    }
    if scan.points() as u64 > limits::POINTS {
        let problem = Problem::value(format!("{} points", scan.points()), format!("at most {}", limits::POINTS));
        root.fail(report, "scan", problem);
        scan.axes.clear();
    }
    (scan, places)
}

fn zipped(
    section: &Section,
    network: &Network,
    places: &mut HashMap<String, Position>,
    report: &mut Report,
) -> Vec<(Parameter, Values)> {
    for name in ["path"].iter().chain(&FORMS).filter(|name| section.get(name).is_some()) {
        let problem = Problem::fixable("a key beside zip", "zip alone", "move it into an entry of the zip");
        section.fail(report, name, problem);
    }
    let (mut parameters, mut complete): (Vec<(Parameter, Values)>, bool) = (Vec::new(), true);
    let list = section.list(report, "zip");
    if section.get("zip").is_some_and(|node| matches!(&node.value, Value::List(list) if list.is_empty())) {
        section.fail(report, "zip", Problem::value("an empty list", "at least one {path, values}"));
    }
    for (i, node) in list.iter().enumerate().take(limits::SCANNED + 1) {
        let entry = Section::open(node, &join(&section.path_of("zip"), &i.to_string()), ZIPPED, report);
        let Some((parameter, values)) = parameter(&entry, network, places, report) else {
            complete = false;
            continue;
        };
        if let Some((first, others)) = parameters.first().filter(|(_, others)| others.len() != values.len()) {
            let found = format!("{} values", values.len());
            let allowed = format!("{} values, as many as of {}", others.len(), first.path);
            report.add(&entry.at, &entry.path, Problem::value(found, allowed));
            complete = false;
        }
        parameters.push((parameter, values));
    }
    if complete { parameters } else { Vec::new() }
}

/// Path and values of one parameter, if both can be used.
fn parameter(
    section: &Section,
    network: &Network,
    places: &mut HashMap<String, Position>,
    report: &mut Report,
) -> Option<(Parameter, Values)> {
    let path = section.text(report, "path");
    let values = values(section, report);
    // A network without populations has been reported; every path would be unknown.
    if path.is_empty() || network.populations.is_empty() {
        return None;
    }
    let parameter = match Parameter::find(path, network) {
        Ok(parameter) => parameter,
        Err(problem) => {
            section.fail(report, "path", problem);
            return None;
        }
    };
    if let Some(first) = places.insert(path.into(), section.at("path").clone()) {
        section.fail(report, "path", Problem::Duplicate { first });
        return None;
    }
    let (values, form) = values?;
    check_values(&parameter, &values, section, form, report).then_some((parameter, values))
}

/// The values and the key that gave them.
fn values(section: &Section, report: &mut Report) -> Option<(Values, &'static str)> {
    let given: Vec<&'static str> = FORMS.into_iter().filter(|form| section.get(form).is_some()).collect();
    let [form] = given.as_slice() else {
        let found = if given.is_empty() { "none of them".into() } else { given.join(" and ") };
        report.add(&section.at, &section.path, Problem::value(found, "exactly one of linspace, logspace, values"));
        return None;
    };
    let path = section.path_of(form);
    let list = section.list(report, form);
    if *form == "values" {
        let Some(Kind::List(number)) = super::keys::find(AXIS, form).map(|key| &key.kind) else { return None };
        if list.is_empty() || list.len() as u64 > limits::VALUES_PER_AXIS {
            let allowed = format!("from 1 to {} values", limits::VALUES_PER_AXIS);
            section.fail(report, form, Problem::value(format!("{} values", list.len()), allowed));
            return None;
        }
        let path = |i: usize| join(&path, &i.to_string());
        let values = list.iter().enumerate().map(|(i, node)| real(node, &path(i), number, "", report)).collect();
        return Some((Values::List(values), form));
    }
    let Some(Kind::Tuple(places, [number, _, counted])) = super::keys::find(AXIS, form).map(|key| &key.kind) else {
        return None;
    };
    let [first, last, n] = list else {
        if matches!(section.get(form).map(|node| &node.value), Some(Value::List(_))) {
            section.fail(report, form, Problem::value(format!("a list of {}", list.len()), *places));
        }
        return None;
    };
    let (from, to) = (real(first, &path, number, "", report), real(last, &path, number, "", report));
    let count = count(n, &path, counted, report)? as usize;
    if *form == "linspace" {
        return Some((Values::Linear { first: from, last: to, count }, form));
    }
    if from <= 0.0 || to <= 0.0 {
        let node = if from <= 0.0 { first } else { last };
        report.add(&node.at, &path, Problem::value(node.found(), "first and last above 0"));
        return None;
    }
    Some((Values::Logarithmic { first: from, last: to, count }, form))
}

/// Whether the parameter may take every value; reports the first that it may not.
fn check_values(parameter: &Parameter, values: &Values, section: &Section, form: &str, report: &mut Report) -> bool {
    let kind = &parameter.key.kind;
    let is_allowed = |x: f64| match kind.counts() {
        Some((min, max)) => x.fract() == 0.0 && x >= min as f64 && x <= max as f64,
        None => kind.range().is_none_or(|range| range.contains(x)),
    };
    let wrong = (0..values.len()).find(|&i| !is_allowed(values.get(i)));
    let Some(i) = wrong else { return true };
    // A NaN has been reported where it was read.
    if !values.get(i).is_nan() {
        let nodes: &[Node] = section.list(report, form);
        let at = if form == "values" { &nodes[i].at } else { section.at(form) }.clone();
        let problem = Problem::value(format!("{} for {}", values.get(i), parameter.path), parameter.key.allowed());
        report.add(&at, &section.path_of(form), problem);
    }
    false
}

/// Two equal points would be the same members twice.
fn check_distinct(axis: &Axis, section: &Section, report: &mut Report) {
    let mut seen = HashSet::with_capacity(axis.len());
    let row = |i: usize| axis.parameters.iter().map(|(_, values)| values.get(i)).collect::<Vec<f64>>();
    let bits = |i: usize| row(i).iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    if let Some(i) = (0..axis.len()).find(|&i| !seen.insert(bits(i))) {
        let text = row(i).iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
        report.add(&section.at, &section.path, Problem::value(format!("the value {text} twice"), "each value once"));
    }
}

/// Checks every point of the scan, without storing any; reports each path at the first point where it is wrong.
pub(super) fn check_points(
    scan: &Scan,
    network: &Network,
    rules: &Rules,
    places: &HashMap<String, Position>,
    report: &mut Report,
) {
    let scope = Scope::of(network, scan.parameters().map(|(parameter, _)| parameter));
    let mut seen: HashSet<String> = report.errors.iter().map(|error| error.key.clone()).collect();
    let mut scratch = network.clone();
    for point in 0..scan.points() {
        scan.apply(point, &mut scratch);
        check(&scratch, rules, &scope, &mut |path, problem| {
            if !seen.insert(path.clone()) {
                return;
            }
            let owner = path.rsplit_once('.').map_or(path.as_str(), |(owner, _)| owner);
            let moved = scan.paths().find(|moved| moved.starts_with(owner)).or_else(|| scan.paths().next());
            let Some(at) = moved.and_then(|moved| places.get(moved)) else { return };
            let coordinates = scan.paths().map(str::to_string).zip(scan.coordinates(point)).collect();
            report.add(at, &path, Problem::AtPoint { point, coordinates, problem: Box::new(problem) });
        });
    }
}

/// The sweep: its axis is one of the scan's, some population carries its state, and no size changes on the way.
pub(super) fn sweep(
    root: &Section,
    scan: &Scan,
    network: &Network,
    places: &HashMap<String, Position>,
    report: &mut Report,
) -> Option<Sweep> {
    let Some(section) = root.optional_section(report, "sweep") else {
        if carries(network) {
            let path = network.populations.iter().find(|p| p.initial == crate::model::Initial::Carry);
            let path = format!("populations.{}.initial", path.map_or("", |population| &population.name));
            let problem = Problem::fixable("carry without a sweep", "carry along a sweep", "add sweep: {axis: ...}");
            root.fail_at(report, &path, problem);
        }
        return None;
    };
    let axis = section.text(report, "axis");
    let direction = section.word(report, "direction");
    let swept = scan.axes.iter().find(|candidate| candidate.parameters.iter().any(|(p, _)| p.path == axis));
    match swept {
        // An axis whose values are wrong has been reported there.
        None if axis.is_empty() || places.contains_key(axis) => {}
        None => {
            let words: Vec<&str> = scan.paths().collect();
            let problem = match words.as_slice() {
                [] => Problem::value(axis, "an axis of the scan, which has none"),
                words => Problem::unknown_word(axis.into(), words, axis),
            };
            section.fail(report, "axis", problem);
        }
        Some(swept) => {
            if let Some((moved, _)) = swept.parameters.iter().find(|(p, _)| p.path.ends_with(".size")) {
                let problem =
                    Problem::value(format!("an axis that moves {}", moved.path), "an axis that keeps all sizes");
                section.fail(report, "axis", problem);
            }
        }
    }
    if !carries(network) {
        let fix = "set initial: carry in a population, or remove the sweep";
        let problem = Problem::fixable("a sweep without initial: carry", "a population that carries its state", fix);
        root.fail(report, "sweep", problem);
    }
    Some(Sweep { axis: axis.into(), direction })
}
