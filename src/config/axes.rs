//! The axes of the scan from the tree: parameters that exist, and values that each of them may take.

use super::error::Problem;
use super::keys::{AXIS, ZIPPED};
use super::kind::Kind;
use super::limits;
use super::parameter::Parameter;
use super::position::Position;
use super::scan::{Axis, Scan, Values};
use super::section::{Report, Section, count, real};
use super::tree::{Node, Value, join};
use crate::model::Network;
use std::collections::{HashMap, HashSet};

const FORMS: [&str; 3] = ["linspace", "logspace", "values"];

/// Reads axes against the network that they move.
pub(super) struct Axes<'a> {
    root: &'a Section<'a>,
    network: &'a Network,
    report: &'a mut Report,
    /// Where each parameter was written.
    places: HashMap<String, Position>,
    /// Values so far, of all parameters.
    values: usize,
}

/// The scan, and where each of its parameters was written.
pub(super) fn scan(root: &Section, network: &Network, report: &mut Report) -> (Scan, HashMap<String, Position>) {
    let mut axes = Axes { root, network, report, places: HashMap::new(), values: 0 };
    let scan = axes.scan();
    (scan, axes.places)
}

impl Axes<'_> {
    fn scan(&mut self) -> Scan {
        let mut scan = Scan::default();
        let list = self.root.list(self.report, "scan");
        for (i, node) in list.iter().enumerate().take(limits::SCANNED) {
            let section = Section::open(node, &join(&self.root.path_of("scan"), &i.to_string()), AXIS, self.report);
            let zipped = section.get("zip").is_some();
            let parameters = if zipped { self.zip(&section) } else { self.parameter(&section).into_iter().collect() };
            let axis = Axis { parameters, zipped };
            if !axis.is_empty() {
                check_distinct(&axis, &section, self.report);
                scan.axes.push(axis);
            }
        }
        let moved = scan.paths().count().max(list.len());
        if moved > limits::SCANNED {
            let problem = Problem::value(format!("{moved} parameters"), format!("at most {}", limits::SCANNED));
            self.root.fail(self.report, "scan", problem);
        }
        if scan.points() > limits::POINTS {
            let problem = Problem::value(format!("{} points", scan.points()), format!("at most {}", limits::POINTS));
            self.root.fail(self.report, "scan", problem);
            scan.axes.clear();
        }
        scan
    }

    /// Parameters of a zip, or none where one of them is wrong.
    fn zip(&mut self, section: &Section) -> Vec<(Parameter, Values)> {
        for name in ["path"].iter().chain(&FORMS).filter(|name| section.get(name).is_some()) {
            let problem = Problem::fixable("a key beside zip", "zip alone", "move it into an entry of the zip");
            section.fail(self.report, name, problem);
        }
        let list = section.filled_list(self.report, "zip", "at least one {path, values}");
        let (mut parameters, mut complete): (Vec<(Parameter, Values)>, bool) = (Vec::new(), true);
        for (i, node) in list.iter().enumerate().take(limits::SCANNED + 1) {
            let entry = Section::open(node, &join(&section.path_of("zip"), &i.to_string()), ZIPPED, self.report);
            let Some((parameter, values)) = self.parameter(&entry) else {
                complete = false;
                continue;
            };
            if let Some((first, others)) = parameters.first().filter(|(_, others)| others.len() != values.len()) {
                let allowed = format!("{} values, as many as of {}", others.len(), first.path);
                let problem = Problem::value(format!("{} values", values.len()), allowed);
                self.report.add(&entry.at, &entry.path, problem);
                complete = false;
            }
            parameters.push((parameter, values));
        }
        if complete { parameters } else { Vec::new() }
    }

    /// Path and values of one parameter, if both can be used.
    fn parameter(&mut self, section: &Section) -> Option<(Parameter, Values)> {
        let path = section.text(self.report, "path");
        let values = values(section, self.report);
        if path.is_empty() {
            if section.get("path").is_some_and(|node| matches!(node.value, Value::Scalar { .. }) && !node.is_null()) {
                section.fail(self.report, "path", Problem::value("an empty text", "the path of a number"));
            }
            return None;
        }
        let parameter = match Parameter::find(path, self.network) {
            Ok(parameter) => parameter,
            Err(problem) => {
                if !self.is_written(path) {
                    section.fail(self.report, "path", problem);
                }
                return None;
            }
        };
        if let Some(first) = self.places.insert(path.into(), section.at("path").clone()) {
            section.fail(self.report, "path", Problem::Duplicate { first });
            return None;
        }
        let (values, form) = values?;
        self.values += values.len();
        if self.values > limits::VALUES {
            let found = format!("{} values in the scan up to here", self.values);
            section.fail(self.report, form, Problem::value(found, format!("at most {} in all", limits::VALUES)));
            return None;
        }
        check_values(&parameter, &values, section, form, self.report).then_some((parameter, values))
    }

    /// Whether the path leads to a population or projection that was given but could not be read, as was reported.
    fn is_written(&self, path: &str) -> bool {
        let network = self.network;
        let Some((section, rest)) = path.split_once('.') else { return false };
        let name = rest.split('.').next().unwrap_or(rest);
        match section {
            "populations" => network.populations.is_empty(),
            "projections" if network.projections.iter().any(|p| network.projection_name(p) == name) => false,
            "projections" => {
                let entries = self.root.get(section).map_or(&[][..], Node::entries);
                entries.iter().any(|entry| entry.key == name)
            }
            _ => false,
        }
    }
}

/// The values and the key that gave them.
fn values(section: &Section, report: &mut Report) -> Option<(Values, &'static str)> {
    let given = section.given(FORMS);
    let [form] = given.as_slice() else {
        section.one_of(report, &given, "exactly one of linspace, logspace, values");
        return None;
    };
    let path = section.path_of(form);
    let list = section.list(report, form);
    if *form == "values" {
        let Some(Kind::List(number)) = super::keys::find(AXIS, form).map(|key| &key.kind) else { return None };
        if list.is_empty() || list.len() > limits::VALUES {
            let allowed = format!("from 1 to {} values", limits::VALUES);
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
