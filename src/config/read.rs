//! The experiment from the tree.

use super::analysis;
use super::axes;
use super::check::{Rules, Scope, check};
use super::continuation::continuation;
use super::error::{ConfigErrors, Problem, meant};
use super::experiment::{Experiment, Realisations, Time};
use super::keys::{self, EXPERIMENT, MODEL_FORMS};
use super::kind::Kind;
use super::limits;
use super::network::network;
use super::overrides;
use super::points;
use super::position::Position;
use super::record;
use super::regime;
use super::section::{Report, Section};
use super::tree::{self, Node, Value, join};
use crate::model::{AutomaticBins, Network, Variant};
use crate::statistics::{self, table};
use std::collections::BTreeMap;

/// Statistics per population that can decide the number of realisations: those that every experiment has.
fn deciding() -> impl Iterator<Item = &'static str> {
    statistics::table::always_recorded().map(|s| s.name)
}

/// A text without the byte order mark that editors of Windows begin it with.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Reads, resolves and checks a config.
///
/// `file` is its name in error messages, `overrides` are the PATH=VALUE of `--set`.
///
/// # Errors
/// Everything that is wrong, in the order of the file, with place, key, what was found and what is allowed.
pub fn load(text: &str, file: &str, overrides: &[String]) -> Result<Experiment, ConfigErrors> {
    let mut report = Report { file: file.into(), errors: Vec::new() };
    let mut complaints = Vec::new();
    let root = tree::parse(unmarked(text), None, &mut complaints);
    let readable = complaints.iter().all(|(_, _, problem)| matches!(problem, Problem::Duplicate { .. }));
    for (at, path, problem) in complaints {
        report.add(&at, &path, problem);
    }
    let experiment = match (root, readable) {
        (Some(mut root), true) => {
            overrides::apply(&mut root, overrides, &mut report);
            Some(experiment(&root, &mut report))
        }
        (None, true) => {
            let allowed = Kind::Map(EXPERIMENT).allowed("");
            report.add(&Position::File { line: 1, column: 1 }, "", Problem::value("an empty file", allowed));
            None
        }
        (_, false) => None,
    };
    report.errors.sort_by(|a, b| a.position.cmp(&b.position));
    match experiment {
        Some(experiment) if report.errors.is_empty() => Ok(experiment),
        _ => Err(ConfigErrors(report.errors)),
    }
}

fn experiment(root: &Node, report: &mut Report) -> Experiment {
    let root = Section::open(root, "", EXPERIMENT, report);
    let name = name(&root, report);
    let seed = root.count(report, "seed");
    let times = root.section(report, "time");
    let dt = times.real(report, "dt");
    let time = Time { duration: times.real(report, "duration"), discard: times.real(report, "discard") };
    let network = network(&root, dt, report);
    let realisations = realisations(&root, &network, report);
    let analysis = analysis::read(&root, &network, &time, report);
    let record = record::read(&root, &network, &time, report);
    let (scan, places) = axes::scan(&root, &network, report);
    let sweep = points::sweep(&root, &scan, &network, &places, report);
    let seeding = root.word(report, "seeding");
    let automatic_bins = scan.automatic_bins(&network);
    let given = models(&root, &automatic_bins, report);
    let models: Vec<Variant> = given.iter().map(|model| model.with_automatic(&automatic_bins)).collect();
    record::check(&root, &record, &models, report);
    let continuation = continuation(&root, &network, (&given, model), report);

    if time.discard >= time.duration {
        let allowed = format!("a time below duration = {} ms", time.duration);
        times.fail(report, "discard", Problem::value(time.discard.to_string(), allowed));
    }
    let rules =
        Rules { time: &time, models: &models, record: &record, analysis: &analysis, automatic_bins: &automatic_bins };
    check(&network, &rules, &Scope::all(&network), &mut |path, problem| root.fail_at(report, &path, problem));
    regime::check(&root, &network, &models, (&time, &analysis), report);
    points::check_points(&scan, &network, &rules, &places, report);
    let populations: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
    if let Some((population, column)) = table::shared_column(&populations, &analysis.windows) {
        let found = format!("the name {population}, with which two statistics would share the column {column}");
        let problem = Problem::fixable(found, "names that give every statistic a column of its own", "rename it");
        root.fail_at(report, &format!("populations.{population}"), problem);
    }

    let experiment = Experiment {
        name,
        seed,
        time,
        network,
        models,
        automatic_bins,
        scan,
        sweep,
        realisations,
        seeding,
        analysis,
        record,
        continuation,
    };
    if experiment.max_members() > limits::MEMBERS {
        let found = format!("{} members in {} points", experiment.max_members(), experiment.points());
        let problem = Problem::value(found, format!("at most {} members", limits::MEMBERS));
        root.fail(report, "realisations", problem);
    }
    experiment
}

/// Whether Windows keeps a name for a device.
fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    ["con", "prn", "aux", "nul"].contains(&&*name) || port.is_some_and(|n| n.len() == 1 && ("1"..="9").contains(&n))
}

fn name(root: &Section, report: &mut Report) -> String {
    let name = root.text(report, "name");
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    // What is no text has been reported.
    let is_text = root.get("name").is_some_and(|node| matches!(node.value, Value::Scalar { .. }) && !node.is_null());
    if is_text && !(is_word && (1..=limits::NAME).contains(&name.len())) {
        let found = if name.is_empty() { "an empty text" } else { name };
        let allowed = format!("letters, digits, _ or -, from 1 to {} characters", limits::NAME);
        root.fail(report, "name", Problem::value(found, allowed));
    } else if is_device(name) {
        let allowed = "a name that is no device of Windows, where no directory can be called so";
        root.fail(report, "name", Problem::value(name, allowed));
    }
    name.into()
}

/// As they are given; two that are the same with these automatic bins are a mistake.
fn models(root: &Section, automatic_bins: &[AutomaticBins], report: &mut Report) -> Vec<Variant> {
    let mut models: Vec<(Variant, &Position)> = Vec::new();
    let list = root.filled_list(report, "models", "at least one of snn, markov, dsode");
    for (i, node) in list.iter().enumerate() {
        let path = join(&root.path_of("models"), &i.to_string());
        let Some(model) = model(node, &path, report) else { continue };
        let label = |model: &Variant| model.with_automatic(automatic_bins).label();
        if let Some((_, first)) = models.iter().find(|(other, _)| label(other) == label(&model)) {
            report.add(&node.at, &path, Problem::Duplicate { first: (*first).clone() });
        } else {
            models.push((model, &node.at));
        }
    }
    models.into_iter().map(|(model, _)| model).collect()
}

fn model(node: &Node, path: &str, report: &mut Report) -> Option<Variant> {
    if let Value::Map(entries) = &node.value {
        let section = Section::open(node, path, MODEL_FORMS, report);
        let [entry] = entries.as_slice() else {
            report.add(&node.at, path, Problem::value(node.found(), "a map with one key: snn, markov or dsode"));
            return None;
        };
        let known = MODEL_FORMS.iter().any(|key| key.name == entry.key);
        return known.then(|| variant(&entry.key, &section.section(report, &entry.key), report))?;
    }
    let allowed = keys::MODEL_ENTRY.words().unwrap_or_default();
    let word = node.text().filter(|word| allowed.contains(word));
    if word.is_none() {
        report.add(&node.at, path, Problem::unknown_word(node.found(), allowed, node.text().unwrap_or_default()));
    }
    // The options of a model that is given as a word alone are those of an empty map.
    let empty = Node { at: node.at.clone(), value: Value::Map(Vec::new()) };
    let options = keys::find(MODEL_FORMS, word?)?.kind.keys()?;
    variant(word?, &Section::open(&empty, path, options, report), report)
}

fn variant(name: &str, options: &Section, report: &mut Report) -> Option<Variant> {
    match name {
        "snn" => Some(Variant::Snn),
        "markov" => Some(Variant::Markov { closure: options.word(report, "closure") }),
        "dsode" => Some(Variant::Dsode {
            closure: options.word(report, "closure"),
            density: options.word(report, "density"),
            noise: options.word(report, "noise"),
            bin: options.optional_real(report, "bin"),
            v_min: options.optional_real(report, "v_min"),
            precision: options.word(report, "precision"),
        }),
        _ => None,
    }
}

fn realisations(root: &Section, network: &Network, report: &mut Report) -> Realisations {
    if !matches!(root.get("realisations"), Some(Node { value: Value::Map(_), .. })) {
        return Realisations::Fixed(root.count(report, "realisations") as u32);
    }
    let section = root.section(report, "realisations");
    let (min, max) = (section.count(report, "min") as u32, section.count(report, "max") as u32);
    if max < min {
        section.fail(report, "max", Problem::value(max.to_string(), format!("at least min = {min}")));
    }
    let mut until = BTreeMap::new();
    let entries = section.filled_named(report, "until", "at least one statistic such as rate_E");
    let names = || network.populations.iter().flat_map(|p| deciding().map(move |s| format!("{s}_{}", p.name)));
    for entry in entries {
        let path = join(&section.path_of("until"), &entry.key);
        if !names().any(|name| name == entry.key) {
            let names: Vec<String> = names().collect();
            let fix = meant(&entry.key, names.iter().map(String::as_str));
            let statistics: Vec<&str> = deciding().collect();
            let allowed = format!("a statistic and a population, statistics being {}", statistics.join(", "));
            report.add(&entry.at, &path, Problem::Value { found: format!("the name {}", entry.key), allowed, fix });
        }
        let section = Section::open(&entry.value, &path, keys::UNTIL, report);
        until.insert(entry.key.clone(), section.real(report, "rel_ci95"));
    }
    Realisations::Adaptive { min, max, until }
}
