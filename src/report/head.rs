//! What a report says of the experiment itself: the question, the network in numbers, and where the results come from.

use super::numbers::{plain, with_unit};
use super::read::Results;
use super::read::dimensions::Dimension;
use super::table::{Cell, TableView};
use crate::model::{AutomaticBins, Population, Projection, Rate, Source, Variant};
use crate::results::{AxisValue, Manifest, file};
use std::fmt::Write;

/// Name of the results, and the question they answer.
pub fn title(results: &Results) -> (String, Option<String>) {
    (results.experiment.name.clone(), results.question.clone())
}

/// The beginning of a comment: its first question, or the first sentence that ends where a line does.
pub fn opening(comment: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for line in comment.lines() {
        let (line, whole) = line.find('?').map_or((line, line.ends_with('.')), |end| (&line[..=end], true));
        words.push(line);
        if whole {
            break;
        }
    }
    words.join(" ")
}

/// Populations and projections with their parameters; scanned ones as their range.
pub fn parameters(results: &Results) -> Vec<TableView> {
    let tables = [populations(results), projections(results), sources(results)].into_iter();
    tables.filter(|table| !table.rows.is_empty()).collect()
}

/// A parameter's value, or the range in which a scan moves it.
fn scanned(results: &Results, path: &str, value: String) -> String {
    let Some(axis) = results.scan.axes.iter().position(|(axis, _)| axis == path) else { return value };
    let values = results.scan.points.values().filter_map(|values| match values[axis] {
        AxisValue::Number(x) => Some(x),
        AxisValue::Text(_) => None,
    });
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    if low < high { format!("{low} … {high}") } else { format!("{low}") }
}

fn view(id: &str, caption: String, header: &[&str], rows: Vec<Vec<Cell>>) -> TableView {
    TableView { id: id.into(), caption, header: header.iter().map(ToString::to_string).collect(), rows }
}

fn populations(results: &Results) -> TableView {
    let network = &results.experiment.network;
    let row = |p: &Population| {
        let at = |field: &str, value: String| {
            Cell::from(scanned(results, &format!("populations.{}.{field}", p.name), value))
        };
        vec![
            Cell::from(p.name.as_str()),
            at("size", p.size.to_string()),
            at("v_th", p.v_th.to_string()),
            at("v_reset", p.v_reset.to_string()),
            at("tau_m", p.tau_m.map_or("none".into(), |tau| tau.to_string())),
            at("tau_ref", p.tau_ref.to_string()),
            at("drive.rate", rate(&p.drive.rate)),
            at("drive.weight", p.drive.weight.to_string()),
        ]
    };
    let step = scanned(results, "time.dt", network.dt.to_string());
    let caption = format!("Populations; step {step} ms, {} ms per member.", results.experiment.time.duration);
    let header = ["population", "N", "threshold", "reset", "tau_m (ms)", "tau_ref (ms)", "drive rate (1/ms)", "weight"];
    view("populations", caption, &header, network.populations.iter().map(row).collect())
}

fn projections(results: &Results) -> TableView {
    let network = &results.experiment.network;
    let row = |p: &Projection| {
        let name = network.projection_name(p);
        let at =
            |field: &str, value: String| Cell::from(scanned(results, &format!("projections.{name}.{field}"), value));
        let kind = if p.synapse.is_inhibitory() { "inhibitory" } else { "excitatory" };
        let kind = p.synapse.v_rev.map_or(kind.to_string(), |v_rev| format!("{kind}, v_rev {}", plain(v_rev)));
        vec![
            Cell::from(name.replace("<-", " ← ")),
            Cell::from(kind),
            match (network.source(p), p.indegree) {
                (Some(_), _) => Cell::nothing(),
                (None, Some(k)) => at("indegree", format!("{k} sources")),
                (None, None) => at("p", p.p.to_string()),
            },
            at("s", p.s.to_string()),
            at("tau", p.tau.to_string()),
            at("delay", p.delay.to_string()),
        ]
    };
    let header = ["projection", "kind", "p", "s", "tau (ms)", "delay (ms)"];
    let rows = network.projections.iter().map(row).collect();
    view("projections", "Projections, target ← source.".into(), &header, rows)
}

fn sources(results: &Results) -> TableView {
    let row = |source: &Source| {
        let at = scanned(results, &format!("sources.{}.rate", source.name), rate(&source.rate));
        vec![Cell::from(source.name.as_str()), Cell::from(at)]
    };
    let rows = results.experiment.network.sources.iter().map(row).collect();
    view("sources", "Sources: kicks per neuron of each target.".into(), &["source", "rate (1/ms)"], rows)
}

fn rate(rate: &Rate) -> String {
    match rate {
        Rate::Constant(rate) => rate.to_string(),
        Rate::Steps(table) => {
            table.iter().map(|(t, rate)| format!("{rate} from {t} ms")).collect::<Vec<_>>().join(", ")
        }
        Rate::Sinusoid { mean, amplitude, frequency, .. } => {
            format!("{mean} (1 + {amplitude} sin), {frequency} Hz")
        }
    }
}

/// The row with the command that gives these results once more.
pub const AGAIN: &str = "Again";

/// What was computed, with what, and how to do it again.
pub fn provenance(results: &Results) -> Vec<(&'static str, String)> {
    let only_branches = results.rows.is_empty();
    let mut rows = of_experiment(results, only_branches);
    // the resolved config lies beside the report
    let mut command = match only_branches {
        true => format!("snn-ensemble branches {} --out again", file::BRANCHES_CONFIG),
        false => format!("snn-ensemble run {} --out again", file::CONFIG),
    };
    if let Some(manifest) = &results.manifest {
        rows.extend(of_manifest(manifest));
        if let Some(known) = &manifest.command {
            command.clone_from(known);
        }
        // joined parts may have several
        if !manifest.backend.contains(',') {
            let _ = write!(command, " --backend {}", manifest.backend);
        }
    }
    rows.push((AGAIN, command));
    rows
}

/// What the config says.
fn of_experiment(results: &Results, only_branches: bool) -> Vec<(&'static str, String)> {
    let experiment = &results.experiment;
    let models: Vec<String> = match &experiment.continuation {
        Some(continuation) if only_branches => continuation.models.iter().map(Variant::label).collect(),
        _ => (0..results.models.len())
            .map(|model| format!("{} ({})", results.models[model].label, results.realisations(model)))
            .collect(),
    };
    let axis = |d: &Dimension| {
        let (first, last) = (&d.values[0], &d.values[d.values.len() - 1]);
        format!("{}: {} values from {first} to {last}", with_unit(&d.label, &d.unit), d.values.len())
    };
    let label = |d: &Dimension| d.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let scan = &results.scan;
    let scan: Vec<String> = scan.dimensions.iter().map(axis).chain(scan.labels.iter().map(label)).collect();
    let comment = results.question.as_ref().filter(|question| question.lines().count() > 1);
    let continued = experiment.continued_bins();
    let of_run = if only_branches { vec![] } else { experiment.used_bins().collect() };
    let of_branches = continued.iter().map(|(name, bins)| (*name, bins)).collect();
    let bins = |of: Vec<(&str, &AutomaticBins)>| -> String {
        of.iter().map(|(name, bins)| format!("{name}: {bins}")).collect::<Vec<_>>().join("; ")
    };
    let rows = [
        ("Models", models.join(", ")),
        ("The config's comment", comment.cloned().unwrap_or_default()),
        ("Scan", scan.join("; ")),
        ("Statistics over", format!("{} to {} ms of each member", experiment.time.discard, experiment.time.duration)),
        ("Voltage bins", bins(of_run)),
        ("Voltage bins on branches", bins(of_branches)),
        ("Seed", experiment.seed.to_string()),
    ];
    rows.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// What the run was.
fn of_manifest(manifest: &Manifest) -> Vec<(&'static str, String)> {
    const SHOWN: usize = 5;
    let commit = manifest.commit.as_ref().map_or(String::new(), |commit| format!(", commit {commit}"));
    let device = match &manifest.adapter {
        Some(adapter) => format!("{} ({}, {})", adapter.name, adapter.api, adapter.driver),
        None => format!("{} backend", manifest.backend.to_uppercase()),
    };
    let lacking = if manifest.complete { "" } else { ", not all that the config asks for" };
    let rate = |(name, rate): (&String, &f64)| {
        format!("{} {}", scientific(*rate), name.replace("_per_s", "/s").replace('_', " "))
    };
    let skipped = manifest.skipped.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    let more = manifest.skipped.len().saturating_sub(SHOWN);
    let rows = [
        ("Program", format!("snn-ensemble {}{commit}, arithmetic {}", manifest.version, manifest.arithmetic_version)),
        ("Device", device),
        ("Members", format!("{}{lacking}", manifest.members)),
        ("Wall time of the last run", format!("{:.1} s", manifest.wall_time_s)),
        ("Throughput", manifest.rates.iter().map(rate).collect::<Vec<_>>().join(", ")),
        ("Part", manifest.shard.as_ref().map_or(String::new(), |shard| format!("{shard} of the run"))),
        ("Skipped", if more > 0 { format!("{skipped}; and {more} more") } else { skipped }),
        ("Warnings", manifest.warnings.join("; ")),
        ("Config hash", manifest.config_hash.chars().take(16).collect()),
    ];
    rows.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// "4.3e10", or the number itself where it is short.
fn scientific(x: f64) -> String {
    if (0.01..10_000.0).contains(&x) { format!("{x:.1}") } else { format!("{x:.2e}") }
}
