//! What a neuron does without input, from the tree.

use super::error::Problem;
use super::keys::{EIF, NEURON, POINT};
use super::kind::Kind;
use super::section::{Report, Section, real};
use super::tree::{Node, Value, join};
use crate::model::Neuron;

const ALLOWED: &str = "lif, or a map with one key: qif, eif or table";

/// The neuron of a population, and its keys that go with no such neuron.
pub(super) fn neuron(population: &Section, report: &mut Report) -> Neuron {
    let neuron = match population.get("neuron") {
        Some(Node { value: Value::Map(_), .. }) => nonlinear(&population.section(report, "neuron"), report),
        Some(node) if NEURON.iter().any(|key| key.name == node.found()) => {
            let fix = format!("give it its numbers: {{{}: ...}}", node.found());
            population.fail(report, "neuron", Problem::fixable(node.found(), ALLOWED, fix));
            Neuron::Lif
        }
        _ => population.word(report, "neuron"),
    };
    let kind = match neuron {
        Neuron::Lif => return neuron,
        Neuron::Eif { .. } => {
            if population.get("tau_m").is_none_or(Node::is_none) {
                let allowed = "a membrane time constant of neuron: eif";
                population.fail(report, "tau_m", Problem::fixable("none", allowed, "give tau_m a value"));
            }
            return neuron;
        }
        Neuron::Qif(_) => "qif",
        Neuron::Table(_) => "table",
    };
    for key in ["tau_m", "e_leak"] {
        if let Some(given) = population.get(key).filter(|node| !node.is_none()) {
            let allowed = format!("no {key} of neuron: {kind}, which says how the voltage moves");
            population.fail(report, key, Problem::fixable(given.found(), allowed, format!("remove {key}")));
        }
    }
    neuron
}

fn nonlinear(section: &Section, report: &mut Report) -> Neuron {
    let given = section.given(NEURON.iter().map(|key| key.name));
    match given[..] {
        ["qif"] => Neuron::Qif(section.reals(report, "qif")),
        ["eif"] => {
            let [v_t, delta_t] = EIF.each_ref().map(|key| section.section(report, "eif").real(report, key.name));
            Neuron::Eif { v_t, delta_t }
        }
        ["table"] => Neuron::Table(points(section, report)),
        _ => {
            section.one_of(report, &given, ALLOWED);
            Neuron::Lif
        }
    }
}

fn points(section: &Section, report: &mut Report) -> Vec<(f64, f64)> {
    let Kind::Tuple(pair, [voltage, drift]) = &POINT else { return vec![] };
    let list = section.list(report, "table");
    if list.len() < 2 && section.get("table").is_some_and(|node| matches!(node.value, Value::List(_))) {
        section.fail(report, "table", Problem::value(format!("{} pairs", list.len()), "at least two"));
    }
    let mut points = vec![];
    for (i, entry) in list.iter().enumerate() {
        let path = join(&section.path_of("table"), &i.to_string());
        match &entry.value {
            Value::List(pair) if pair.len() == 2 => points
                .push((real(&pair[0], &path, voltage, "", report), real(&pair[1], &path, drift, "voltage/ms", report))),
            _ => report.add(&entry.at, &path, Problem::value(entry.found(), *pair)),
        }
    }
    points
}
