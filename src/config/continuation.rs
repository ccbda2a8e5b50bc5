//! What `branches` follows, from the tree.

use super::error::Problem;
use super::experiment::{Continuation, Followed, Second, Start};
use super::keys::{CONTINUATION, CONTINUATION_START, CURVES};
use super::kind::Kind;
use super::parameter::{Owner, Parameter};
use super::section::{Report, Section, real};
use super::tree::{Node, Value, join};
use crate::model::bins::MOST_ON_BRANCHES;
use crate::model::{AutomaticBins, Network, Noise, Refractory, Variant};

/// Reads an entry of a list of models.
type ReadModel = fn(&Node, &str, &mut Report) -> Option<Variant>;

/// The section, if there is one; `models` are the experiment's, as they are given.
pub(super) fn continuation(
    root: &Section,
    network: &Network,
    (models, read_model): (&[Variant], ReadModel),
    report: &mut Report,
) -> Option<Continuation> {
    let section = root.optional_section(report, "continuation")?;
    let parameter = parameter(&section, "parameter", network, report);
    let range = section.increasing_pair(report, "range");
    let inside = |x: f64| x >= range[0] && x <= range[1];
    let from = starts(&section, &inside, range, report);
    let at = values(&section, "at", &inside, range, report);
    let doublings = section.count(report, "doublings") as u32;
    let models = continued(&section, (models, read_model), report);
    for rate in network.varying() {
        let found = format!("a continuation, while {rate} changes with time");
        let problem = Problem::fixable(found, "rates that are constant", format!("give {rate} a number"));
        root.fail(report, "continuation", problem);
    }
    let parameter = parameter?;
    check_range(&section, &parameter, range, network.dt, report);
    let second = second(&section, &parameter, network, report);
    let mut continuation = Continuation { parameter, range, from, at, doublings, models: vec![], second };
    // Bins that are given stay where the automatic ones of the whole range are others.
    let automatic = continuation.automatic_bins(network);
    for model in models.iter().map(|model| model.with_automatic(&automatic)) {
        if !continuation.models.contains(&model) {
            continuation.models.push(model);
        }
    }
    Some(continuation)
}

/// Whether both ends of a range are values of the parameter.
fn check_range(section: &Section, parameter: &Parameter, range: [f64; 2], dt: f64, report: &mut Report) {
    let outside = |x: &f64| !x.is_nan() && parameter.key.kind.range().is_some_and(|range| !range.contains(*x));
    if let Some(end) = range.into_iter().find(outside) {
        let problem = Problem::value(format!("{end} for {}", parameter.path), parameter.key.allowed());
        section.fail(report, "range", problem);
    }
    let decays = matches!(parameter.owner, Owner::Projection(_)) && parameter.key.name == "tau";
    if decays && range[0] < dt {
        let allowed =
            format!("values from time.dt = {dt} ms on: kicks that act in one step, tau: 0, are another model");
        section.fail(report, "range", Problem::value(format!("{} for {}", range[0], parameter.path), allowed));
    }
}

/// The plane in which bifurcations are followed.
fn second(section: &Section, first: &Parameter, network: &Network, report: &mut Report) -> Option<Second> {
    let curves = followed(section, report);
    let Some(of) = section.optional_section(report, "second") else {
        if section.get("curves").is_some() && section.get("second").is_none_or(|node| node.is_none()) {
            let fix = "add second: {path: ..., range: [low, high]}, or remove curves";
            section.fail(
                report,
                "curves",
                Problem::fixable("curves without a second parameter", "curves beside second", fix),
            );
        }
        return None;
    };
    let range = of.increasing_pair(report, "range");
    let parameter = parameter(&of, "path", network, report)?;
    if parameter == *first {
        let fix = "choose another parameter, or remove second";
        let found = format!("{}, which is continuation.parameter", parameter.path);
        of.fail(report, "path", Problem::fixable(found, "the path of another number than the first", fix));
        return None;
    }
    check_range(&of, &parameter, range, network.dt, report);
    let own = parameter.get(network)?;
    if own < range[0] || own > range[1] {
        let (found, allowed) = (format!("{range:?}"), format!("a range with the network's own value, {own}, in it"));
        let fix = format!("widen the range, or give {} a value inside of it", parameter.path);
        of.fail(report, "range", Problem::fixable(found, allowed, fix));
    }
    Some(Second { parameter, range, own, curves })
}

/// Which bifurcations are followed.
fn followed(section: &Section, report: &mut Report) -> Vec<Followed> {
    if section.get("curves").is_none() {
        return vec![Followed::HB, Followed::PD];
    }
    let allowed = format!("at least one of {}, or no second", CURVES.join(", "));
    let list = section.filled_list(report, "curves", allowed);
    let mut curves = vec![];
    for (i, node) in list.iter().enumerate() {
        match CURVES.iter().position(|code| node.text() == Some(code)) {
            Some(place) => curves.push(Followed::ALL[place]),
            None => {
                let problem = Problem::unknown_word(node.found(), CURVES, node.text().unwrap_or_default());
                report.add(&node.at, &join(&section.path_of("curves"), &i.to_string()), problem);
            }
        }
    }
    Followed::ALL.into_iter().filter(|code| curves.contains(code)).collect()
}

impl Continuation {
    /// Automatic voltage bins of each population that do wherever the parameters are moved to.
    pub fn automatic_bins(&self, network: &Network) -> Vec<AutomaticBins> {
        let second = self.second.as_ref().map(|second| (&second.parameter, second.range));
        automatic_bins(network, (&self.parameter, self.range), second)
    }
}

/// A parameter, and the lowest and highest value that it takes.
pub type Ranged<'a> = (&'a Parameter, [f64; 2]);

/// Automatic voltage bins of each population that do at both ends of a range, and at the corners of a plane.
pub fn automatic_bins(network: &Network, first: Ranged, second: Option<Ranged>) -> Vec<AutomaticBins> {
    let at_ends = |network: &Network, (parameter, range): Ranged| {
        range.map(|value| {
            let mut network = network.clone();
            parameter.set(&mut network, value);
            network
        })
    };
    let ends = at_ends(network, first);
    let corners = ends.iter().flat_map(|network| second.into_iter().flat_map(|second| at_ends(network, second)));
    let each = corners.chain(ends.clone()).map(|network| AutomaticBins::of_all(&network));
    let common = AutomaticBins::common(each).unwrap_or_default();
    common.into_iter().map(|bins| bins.limited(MOST_ON_BRANCHES)).collect()
}

/// A number that moves continuously.
fn parameter(section: &Section, name: &str, network: &Network, report: &mut Report) -> Option<Parameter> {
    let path = section.text(report, name);
    if path.is_empty() || network.populations.is_empty() {
        return None;
    }
    let parameter = match Parameter::find(path, network) {
        Ok(parameter) => parameter,
        Err(problem) => {
            section.fail(report, name, problem);
            return None;
        }
    };
    let in_steps = network.projections.iter().any(|projection| projection.delay > 0.0)
        || network.populations.iter().any(|population| population.refractory == Refractory::Fixed);
    let steps = match parameter.owner {
        Owner::Population(q) => path.ends_with(".tau_ref") && network.populations[q].refractory == Refractory::Fixed,
        Owner::Projection(_) => path.ends_with(".delay"),
        _ => path == "time.dt" && in_steps,
    };
    if parameter.key.kind.counts().is_some() || steps {
        let what = match path {
            "time.dt" => "beside delays or fixed refractory times, which are whole numbers of steps",
            _ if steps => "a whole number of steps",
            _ => "a whole number",
        };
        let allowed = "the path of a number that can move continuously";
        section.fail(report, name, Problem::value(format!("{path}, {what}"), allowed));
        return None;
    }
    Some(parameter)
}

/// Numbers of a list inside of the range.
fn values(
    section: &Section,
    name: &str,
    inside: &impl Fn(f64) -> bool,
    range: [f64; 2],
    report: &mut Report,
) -> Vec<f64> {
    let Some(Kind::List(number)) = super::keys::find(CONTINUATION, name).map(|key| &key.kind) else { return vec![] };
    let path = |i: usize| join(&section.path_of(name), &i.to_string());
    let list = section.list(report, name);
    let mut values: Vec<f64> = list
        .iter()
        .enumerate()
        .map(|(i, node)| within(node, &path(i), number, inside, range, report))
        .filter(|x| !x.is_nan())
        .collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// A number inside of the range, or NaN and a report.
fn within(
    node: &Node,
    path: &str,
    kind: &'static Kind,
    inside: &impl Fn(f64) -> bool,
    [low, high]: [f64; 2],
    report: &mut Report,
) -> f64 {
    let value = real(node, path, kind, "", report);
    if !value.is_nan() && !low.is_nan() && !high.is_nan() && !inside(value) {
        report.add(
            &node.at,
            path,
            Problem::value(value.to_string(), format!("a value in the range from {low} to {high}")),
        );
    }
    value
}

/// Where branches start.
fn starts(section: &Section, inside: &impl Fn(f64) -> bool, range: [f64; 2], report: &mut Report) -> Vec<Start> {
    if section.get("from").is_none() {
        return vec![Start::Settled, Start::Sweep];
    }
    let mut starts = vec![];
    let allowed = "at least one of settled, sweep, {value: V}, {branch: B, point: P}";
    for (i, node) in section.filled_list(report, "from", allowed).iter().enumerate() {
        let path = join(&section.path_of("from"), &i.to_string());
        match (&node.value, node.text()) {
            (_, Some("settled")) => starts.push(Start::Settled),
            (_, Some("sweep")) => starts.push(Start::Sweep),
            (Value::Map(_), _) => {
                let entry = Section::open(node, &path, CONTINUATION_START, report);
                match (entry.get("value"), entry.get("branch"), entry.get("point")) {
                    (Some(value), None, None) => {
                        let Some(kind) = super::keys::find(CONTINUATION_START, "value").map(|key| &key.kind) else {
                            continue;
                        };
                        let value = within(value, &join(&path, "value"), kind, inside, range, report);
                        starts.push(Start::Value(value));
                    }
                    (None, Some(_), Some(_)) => {
                        let (branch, point) = (entry.count(report, "branch"), entry.count(report, "point"));
                        starts.push(Start::Stored(branch as usize, point as usize));
                    }
                    _ => report.add(
                        &node.at,
                        &path,
                        Problem::value(node.found(), "{value: V}, or {branch: B, point: P}"),
                    ),
                }
            }
            _ => {
                let words = ["settled", "sweep", "{value: V}", "{branch: B, point: P}"];
                let problem = Problem::unknown_word(node.found(), &words, node.text().unwrap_or_default());
                report.add(&node.at, &path, problem);
            }
        }
    }
    starts
}

/// The models to be continued, as they are given: deterministic ones of `dsode`.
fn continued(
    section: &Section,
    (of_experiment, read_model): (&[Variant], ReadModel),
    report: &mut Report,
) -> Vec<Variant> {
    let deterministic = |model: &Variant| matches!(model, Variant::Dsode { noise: Noise::None, .. });
    if section.get("models").is_none() {
        let models: Vec<Variant> = of_experiment.iter().copied().filter(deterministic).collect();
        if models.is_empty() && !of_experiment.is_empty() {
            let found = "none, and no dsode without finite-size noise among the experiment's";
            let fix = "add models: [dsode] to the continuation";
            section.fail(report, "models", Problem::fixable(found, "at least one deterministic dsode", fix));
        }
        return models;
    }
    let mut models = vec![];
    for (i, node) in section.filled_list(report, "models", "at least one dsode").iter().enumerate() {
        let path = join(&section.path_of("models"), &i.to_string());
        let Some(model) = read_model(node, &path, report) else { continue };
        if !deterministic(&model) {
            let problem = Problem::fixable(model.label(), "dsode with noise: none", "only that is a map of its state");
            report.add(&node.at, &path, problem);
        } else {
            models.push(model);
        }
    }
    models
}
