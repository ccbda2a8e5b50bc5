//! Populations and projections from the tree.

use super::error::{Problem, meant};
use super::keys::{POPULATION, PROJECTION, SOURCE, STEP};
use super::kind::Kind;
use super::limits;
use super::neuron::neuron;
use super::position::Position;
use super::section::{Report, Section, real};
use super::tree::{Node, Value, join};
use crate::model::{
    Adaptation, Drive, Initial, Network, Population, Projection, Rate, Refractory, Source, Synapse, SynapseKind,
};

pub(super) fn network(root: &Section, dt: f64, report: &mut Report) -> Network {
    let mut network = Network {
        dt,
        populations: populations(root, report),
        projections: Vec::new(),
        connectivity: root.word(report, "connectivity"),
        sources: Vec::new(),
        sent_before: Vec::new(),
    };
    network.sources = sources(root, &network, report);
    // What is beyond the limits is reported, not read: the work per config stays bounded.
    for entry in root.named(report, "projections").iter().take(limits::POPULATIONS * limits::INCOMING) {
        let path = join(&root.path_of("projections"), &entry.key);
        let ends = ends(&entry.key, &path, &entry.at, &network, report);
        let outside = ends.map(|(_, source)| source >= network.populations.len());
        let projection = projection(&entry.value, &path, ends.unwrap_or_default(), outside, report);
        if ends.is_some() {
            network.projections.push(projection);
        }
    }
    check_incoming(root, &network, report);
    network
}

fn populations(root: &Section, report: &mut Report) -> Vec<Population> {
    let mut populations: Vec<Population> = Vec::new();
    let entries = root.filled_named(report, "populations", "at least one population");
    if entries.len() > limits::POPULATIONS {
        let problem =
            Problem::value(format!("{} populations", entries.len()), format!("at most {}", limits::POPULATIONS));
        root.fail(report, "populations", problem);
    }
    for entry in entries.iter().take(limits::POPULATIONS) {
        let path = join(&root.path_of("populations"), &entry.key);
        check_name(&entry.key, &path, &entry.at, report);
        // Files of figures are named in small letters.
        if let Some(other) = populations.iter().find(|other| other.name.eq_ignore_ascii_case(&entry.key)) {
            let found = format!("the name {} beside {}", entry.key, other.name);
            report.add(&entry.at, &path, Problem::value(found, "names that differ in more than capital letters"));
        }
        populations.push(population(&entry.key, &entry.value, &path, report));
    }
    populations
}

fn sources(root: &Section, network: &Network, report: &mut Report) -> Vec<Source> {
    let entries = root.named(report, "sources");
    if entries.len() > limits::POPULATIONS {
        let problem = Problem::value(format!("{} sources", entries.len()), format!("at most {}", limits::POPULATIONS));
        root.fail(report, "sources", problem);
    }
    let mut sources = Vec::new();
    for entry in entries.iter().take(limits::POPULATIONS) {
        let path = join(&root.path_of("sources"), &entry.key);
        check_name(&entry.key, &path, &entry.at, report);
        if network.populations.iter().any(|population| population.name == entry.key) {
            let problem = Problem::fixable("the name of a population", "a name of its own", "rename the source");
            report.add(&entry.at, &path, problem);
        }
        let section = Section::open(&entry.value, &path, SOURCE, report);
        sources.push(Source { name: entry.key.clone(), rate: rate(&section, report) });
    }
    sources
}

/// Reports a name that could not stand in a path or a column name.
fn check_name(name: &str, path: &str, at: &Position, report: &mut Report) {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !(name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(word) && name.len() <= limits::NAME) {
        let allowed = format!("a letter, then letters, digits or _, at most {} characters", limits::NAME);
        report.add(at, path, Problem::value(format!("the name {name}"), allowed));
    }
}

fn population(name: &str, node: &Node, path: &str, report: &mut Report) -> Population {
    let section = Section::open(node, path, POPULATION, report);
    Population {
        name: name.into(),
        size: section.count(report, "size") as u32,
        v_th: section.real(report, "v_th"),
        v_reset: section.real(report, "v_reset"),
        e_leak: section.real(report, "e_leak"),
        tau_m: section.optional_real(report, "tau_m"),
        tau_ref: section.real(report, "tau_ref"),
        refractory: section.word::<Refractory>(report, "refractory"),
        initial: initial(&section, report),
        drive: drive(&section, report),
        adaptation: section
            .optional_section(report, "adaptation")
            .map(|section| Adaptation { b: section.real(report, "b"), tau: section.real(report, "tau") }),
        step: section.word(report, "step"),
        neuron: neuron(&section, report),
    }
}

fn initial(population: &Section, report: &mut Report) -> Initial {
    if !matches!(population.get("initial"), Some(Node { value: Value::Map(_), .. })) {
        return population.word(report, "initial");
    }
    let section = population.section(report, "initial");
    match (section.get("v"), section.get("uniform")) {
        (Some(_), None) => Initial::Voltage(section.real(report, "v")),
        (None, Some(_)) => {
            let [low, high] = section.increasing_pair(report, "uniform");
            // A pair that is wrong has been reported.
            if low < high { Initial::Between(low, high) } else { Initial::Reset }
        }
        (v, _) => {
            let found = if v.is_some() { "both" } else { "neither" };
            population.fail(report, "initial", Problem::value(found, "one of {v: V} and {uniform: [low, high]}"));
            Initial::Reset
        }
    }
}

fn drive(population: &Section, report: &mut Report) -> Drive {
    if population.get("drive").is_some_and(Node::is_none) {
        return Drive::NONE;
    }
    let section = population.section(report, "drive");
    Drive { kind: section.word(report, "kind"), weight: section.real(report, "weight"), rate: rate(&section, report) }
}

fn rate(section: &Section, report: &mut Report) -> Rate {
    match section.get("rate") {
        Some(Node { value: Value::Map(_), .. }) => rate_function(&section.section(report, "rate"), report),
        _ => Rate::Constant(section.real(report, "rate")),
    }
}

fn rate_function(section: &Section, report: &mut Report) -> Rate {
    const SINUSOID: [&str; 4] = ["mean", "amplitude", "frequency", "phase"];
    if section.get("steps").is_none() {
        // Its keys, none of which is known, have been reported.
        if !section.is_empty() && SINUSOID.iter().all(|name| section.get(name).is_none()) {
            return Rate::Constant(0.0);
        }
        let [mean, amplitude, frequency, phase] = SINUSOID.map(|name| section.real(report, name));
        return Rate::Sinusoid { mean, amplitude, frequency, phase };
    }
    for name in SINUSOID.iter().filter(|name| section.get(name).is_some()) {
        let problem = Problem::fixable("a key beside steps", "steps alone, or a sinusoid without steps", "remove one");
        section.fail(report, name, problem);
    }
    Rate::Steps(steps(section, report))
}

fn steps(section: &Section, report: &mut Report) -> Vec<(f64, f64)> {
    let Kind::Tuple(pair, [time, rate]) = &STEP else { return Vec::new() };
    let list = section.filled_list(report, "steps", format!("at least one {}", &pair[2..]));
    let mut table: Vec<(f64, f64)> = Vec::new();
    for (i, entry) in list.iter().enumerate() {
        let path = join(&section.path_of("steps"), &i.to_string());
        let Value::List(values) = &entry.value else {
            report.add(&entry.at, &path, Problem::value(entry.found(), *pair));
            continue;
        };
        let [from, value] = values.as_slice() else {
            report.add(&entry.at, &path, Problem::value(entry.found(), *pair));
            continue;
        };
        let from_ms = real(from, &path, time, "ms", report);
        table.push((from_ms, real(value, &path, rate, "1/ms", report)));
    }
    table
}

/// Target and source of a projection's name; `None` too where no population could be read.
fn ends(name: &str, path: &str, at: &Position, network: &Network, report: &mut Report) -> Option<(usize, usize)> {
    if network.populations.is_empty() {
        return None;
    }
    let plain: String = name.replace('←', "<-").split_whitespace().collect();
    if plain != name && plain.contains("<-") {
        let (found, allowed) = (format!("the name {name}"), "target<-source without blanks, as in E<-I");
        report.add(at, path, Problem::fixable(found, allowed, format!("write {plain}")));
        return None;
    }
    let parts: Vec<&str> = name.split("<-").collect();
    let populations = || network.populations.iter().map(|population| population.name.as_str());
    let sources = || network.sources.iter().map(|source| source.name.as_str());
    let [target, source] = parts.as_slice() else {
        let reversed = name.split_once("->");
        let fix = reversed.map(|(source, target)| format!("did you mean {}<-{}?", target.trim(), source.trim()));
        let found = format!("the name {name}");
        report.add(at, path, Problem::Value { found, allowed: "target<-source, as in E<-I".into(), fix });
        return None;
    };
    let mut find = |end: &str, names: Vec<&str>| {
        let index = names.iter().position(|name| *name == end);
        if index.is_none() {
            let fix = meant(end, names.iter().copied());
            let found = if end.is_empty() { "no name".into() } else { format!("the population {end}") };
            let allowed = format!("one of {}", names.join(", "));
            report.add(at, path, Problem::Value { found, allowed, fix });
        }
        index
    };
    let (target, source) =
        (find(target, populations().collect()), find(source, populations().chain(sources()).collect()));
    Some((target?, source?))
}

fn projection(
    node: &Node,
    path: &str,
    (target, source): (usize, usize),
    outside: Option<bool>,
    report: &mut Report,
) -> Projection {
    let section = Section::open(node, path, PROJECTION, report);
    let (p, indegree) = outside.map_or((0.0, None), |outside| connection(&section, outside, report));
    Projection {
        target,
        source,
        synapse: synapse(&section, report),
        indegree,
        p,
        s: section.real(report, "s"),
        tau: section.real(report, "tau"),
        decay: section.word(report, "decay"),
        delay: section.real(report, "delay"),
        step: section.word(report, "step"),
        tau_rise: section.optional_real(report, "tau_rise"),
    }
}

/// p, or the in-degree in its place; of a source neither, nor a delay: every neuron has kicks of its own from it.
fn connection(section: &Section, outside: bool, report: &mut Report) -> (f64, Option<u32>) {
    if outside {
        for key in ["p", "indegree", "delay"] {
            if let Some(given) = section.get(key) {
                let allowed = format!("no {key} of a source, whose kicks each neuron has of its own");
                section.fail(report, key, Problem::fixable(given.found(), allowed, format!("remove {key}")));
            }
        }
        return (1.0, None);
    }
    match (section.get("p"), section.get("indegree")) {
        (Some(p), Some(_)) => {
            let found = format!("{} beside indegree", p.found());
            section.fail(report, "p", Problem::fixable(found, "p or indegree", "remove one"));
            (f64::NAN, None)
        }
        (None, Some(_)) => (1.0, section.optional_count(report, "indegree").map(|k| k as u32)),
        (None, None) => {
            section.missing(report, "p");
            (f64::NAN, None)
        }
        (Some(_), None) => (section.real(report, "p"), None),
    }
}

fn synapse(section: &Section, report: &mut Report) -> Synapse {
    let kind = section.word(report, "kind");
    let v_rev = match (section.get("v_rev"), kind) {
        (Some(_), _) => section.optional_real(report, "v_rev"),
        (None, SynapseKind::Inhibitory) => Some(-66.0),
        (None, SynapseKind::Excitatory) => None,
    };
    let v_norm = section.optional_real(report, "v_norm");
    if let (None, Some(found)) = (v_rev, v_norm) {
        let found = format!("{found} without a v_rev, which makes a kick worth s at every voltage");
        section.fail(
            report,
            "v_norm",
            Problem::fixable(found, "a v_norm beside a v_rev", "give a v_rev, or remove v_norm"),
        );
    }
    Synapse { kind, v_rev, v_norm }
}

fn check_incoming(root: &Section, network: &Network, report: &mut Report) {
    for (i, population) in network.populations.iter().enumerate() {
        let incoming = network.incoming(i).count();
        if incoming > limits::INCOMING {
            let found = format!("{incoming} projections onto {}", population.name);
            root.fail(report, "projections", Problem::value(found, format!("at most {}", limits::INCOMING)));
        }
    }
}
