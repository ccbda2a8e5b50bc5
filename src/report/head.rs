//! The head of a report: the question, the network as a diagram and in numbers, and where the results come from.

use super::escape::escape;
use super::figure::{Cell, TableView, with_unit};
use super::read::Results;
use crate::model::{Network, Rate};
use crate::results::{AxisValue, file};
use std::f64::consts::PI;
use std::fmt::Write;

/// Name of the results, and the question they answer.
pub fn title(results: &Results) -> (String, Option<String>) {
    (results.experiment.name.clone(), results.question.clone())
}

/// Populations and projections with their parameters; scanned ones as their range.
pub fn parameters(results: &Results) -> Vec<TableView> {
    let network = &results.experiment.network;
    let scanned = |path: String, value: String| match results.scan.axes.iter().position(|(axis, _)| *axis == path) {
        None => value,
        Some(axis) => {
            let values = results.scan.points.values().filter_map(|values| match values[axis] {
                AxisValue::Number(x) => Some(x),
                AxisValue::Text(_) => None,
            });
            let (low, high) =
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            if low < high { format!("{low} … {high}") } else { format!("{low}") }
        }
    };
    let step = scanned("time.dt".into(), network.dt.to_string());
    let header = ["population", "N", "threshold", "reset", "tau_m (ms)", "tau_ref (ms)", "drive rate (1/ms)", "weight"];
    let rows = network.populations.iter().map(|p| {
        let at = |field: &str, value: String| Cell::from(scanned(format!("populations.{}.{field}", p.name), value));
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
    });
    let populations = TableView {
        id: "populations".into(),
        caption: format!("Populations; step {step} ms, {} ms per member.", results.experiment.time.duration),
        header: header.map(String::from).into(),
        rows: rows.collect(),
    };
    let header = ["projection", "kind", "p", "s", "tau (ms)", "delay (ms)"];
    let rows = network.projections.iter().map(|p| {
        let name = network.projection_name(p);
        let at = |field: &str, value: String| Cell::from(scanned(format!("projections.{name}.{field}"), value));
        let kind = if p.synapse.is_inhibitory() { "inhibitory" } else { "excitatory" };
        let kind = p.synapse.v_rev.map_or(kind.to_string(), |v_rev| format!("{kind}, v_rev {v_rev}"));
        vec![
            Cell::from(name.replace("<-", " ← ")),
            Cell::from(kind),
            match p.indegree {
                Some(k) => at("indegree", format!("{k} sources")),
                None => at("p", p.p.to_string()),
            },
            at("s", p.s.to_string()),
            at("tau", p.tau.to_string()),
            at("delay", p.delay.to_string()),
        ]
    });
    let projections = TableView {
        id: "projections".into(),
        caption: "Projections, target ← source.".into(),
        header: header.map(String::from).into(),
        rows: rows.collect(),
    };
    let tables = [populations, projections].into_iter();
    tables.filter(|table| !table.rows.is_empty()).collect()
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
pub fn provenance(results: &Results) -> Vec<(String, String)> {
    let experiment = &results.experiment;
    let models: Vec<String> = (0..results.models.len())
        .map(|model| format!("{} ({})", results.models[model].label, results.realisations(model)))
        .collect();
    let scan: Vec<String> = results
        .scan
        .dimensions
        .iter()
        .map(|d| {
            let (first, last) = (&d.values[0], &d.values[d.values.len() - 1]);
            format!("{}: {} values from {first} to {last}", with_unit(&d.label, &d.unit), d.values.len())
        })
        .chain(
            results.scan.labels.iter().map(|d| d.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        )
        .collect();
    let mut rows = vec![("Models".to_string(), models.join(", "))];
    if !scan.is_empty() {
        rows.push(("Scan".into(), scan.join("; ")));
    }
    rows.push((
        "Statistics over".into(),
        format!("{} to {} ms of each member", experiment.time.discard, experiment.time.duration),
    ));
    let bins: Vec<String> = experiment.used_bins().map(|(name, bins)| format!("{name}: {bins}")).collect();
    if !bins.is_empty() {
        rows.push(("Voltage bins".into(), bins.join("; ")));
    }
    rows.push(("Seed".into(), experiment.seed.to_string()));
    // the resolved config lies beside the report
    let mut command = format!("snn-ensemble run {} --out again", file::CONFIG);
    if let Some(manifest) = &results.manifest {
        let commit = manifest.commit.as_ref().map_or(String::new(), |commit| format!(", commit {commit}"));
        rows.push((
            "Program".into(),
            format!("snn-ensemble {}{commit}, arithmetic {}", manifest.version, manifest.arithmetic_version),
        ));
        let device = match &manifest.adapter {
            Some(adapter) => format!("{} ({}, {})", adapter.name, adapter.api, adapter.driver),
            None => format!("{} backend", manifest.backend.to_uppercase()),
        };
        rows.push(("Device".into(), device));
        let members = manifest.members;
        let lacking = if manifest.complete { "" } else { ", not all that the config asks for" };
        rows.push(("Members".into(), format!("{members}{lacking}")));
        rows.push(("Wall time of the last run".into(), format!("{:.1} s", manifest.wall_time_s)));
        let rates = manifest
            .rates
            .iter()
            .map(|(name, rate)| format!("{} {}", scientific(*rate), name.replace("_per_s", "/s").replace('_', " ")));
        let rates: Vec<String> = rates.collect();
        if !rates.is_empty() {
            rows.push(("Throughput".into(), rates.join(", ")));
        }
        if let Some(shard) = &manifest.shard {
            rows.push(("Part".into(), format!("{shard} of the run")));
        }
        if !manifest.skipped.is_empty() {
            const SHOWN: usize = 5;
            let more = manifest.skipped.len().saturating_sub(SHOWN);
            let shown = manifest.skipped.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
            rows.push(("Skipped".into(), if more > 0 { format!("{shown}; and {more} more") } else { shown }));
        }
        if !manifest.warnings.is_empty() {
            rows.push(("Warnings".into(), manifest.warnings.join("; ")));
        }
        rows.push(("Config hash".into(), manifest.config_hash.chars().take(16).collect()));
        if let Some(known) = &manifest.command {
            command.clone_from(known);
        }
        // joined parts may have several
        if !manifest.backend.contains(',') {
            let _ = write!(command, " --backend {}", manifest.backend);
        }
    }
    rows.push((AGAIN.into(), command));
    rows
}

/// "4.3e10", or the number itself where it is short.
fn scientific(x: f64) -> String {
    if (0.01..10_000.0).contains(&x) { format!("{x:.1}") } else { format!("{x:.2e}") }
}

/// Radius of a population.
const RADIUS: f64 = 30.0;
/// From the middle of an arrow to its label.
const LABEL: f64 = 27.0;

/// Populations as circles, projections as arrows (excitatory) and as lines with a dot (inhibitory).
///
/// Sources stand in the table of projections. Labels on the arrows are drawn for up to three populations; more are told apart in the table of projections.
pub fn diagram(network: &Network) -> String {
    let n = network.populations.len();
    let ring = match n {
        1 => 0.0,
        2 => 105.0,
        _ => (RADIUS * 1.6 / (PI / n as f64).sin()).max(95.0),
    };
    let place = |i: usize| {
        let angle = PI * (1.0 + 2.0 * i as f64 / n as f64) + if n > 2 { PI / 2.0 } else { 0.0 };
        (ring * angle.cos(), ring * angle.sin())
    };
    let mut svg = String::new();
    for projection in network.projections.iter().filter(|projection| network.source(projection).is_none()) {
        let inhibitory = projection.synapse.is_inhibitory();
        let class = if inhibitory { "inh" } else { "exc" };
        let (from, to) = (place(projection.source), place(projection.target));
        let (path, label, anchor) = match projection.source == projection.target {
            true => own_loop(from),
            false => arc(from, to),
        };
        let end = if inhibitory { "dot" } else { "arrow" };
        let _ = write!(svg, r##"<path class="{class}" d="{path}" marker-end="url(#{end})"/>"##);
        if n <= 3 {
            let _ = write!(
                svg,
                r#"<text class="{class}" x="{:.0}" y="{:.0}" text-anchor="{anchor}">{}</text>"#,
                label.0,
                label.1,
                escape(&network.projection_name(projection).replace("<-", "←"))
            );
        }
    }
    for (i, population) in network.populations.iter().enumerate() {
        let (x, y) = place(i);
        let _ = write!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="{RADIUS}"/>"#);
        let _ = write!(svg, r#"<text class="name" x="{x:.1}" y="{:.1}">{}</text>"#, y - 2.0, escape(&population.name));
        let _ = write!(svg, r#"<text class="size" x="{x:.1}" y="{:.1}">{}</text>"#, y + 14.0, population.size);
    }
    let side = ring + RADIUS + 75.0;
    let height = if n == 2 { RADIUS + 75.0 } else { side };
    format!(
        r##"<svg class="network" viewBox="{:.0} {:.0} {:.0} {:.0}" role="img" aria-label="The network"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="exc head" d="M0 0.5L8 4L0 7.5z"/></marker><marker id="dot" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7"><circle class="inh head" cx="4" cy="4" r="3.5"/></marker></defs>{svg}</svg>"##,
        -side,
        -height,
        2.0 * side,
        2.0 * height
    )
}

type PreparedNetwork = (String, (f64, f64), &'static str);

/// A loop on the side that looks away from the middle.
fn own_loop((x, y): (f64, f64)) -> PreparedNetwork {
    let length = (x * x + y * y).sqrt();
    let (ux, uy) = if length > 0.0 { (x / length, y / length) } else { (0.0, -1.0) };
    let at = |along: f64, across: f64| (x + ux * along - uy * across, y + uy * along + ux * across);
    let (a, b) = (at(RADIUS * 0.85, -RADIUS * 0.55), at(RADIUS * 0.95 + 3.0, RADIUS * 0.62));
    let (c, d) = (at(RADIUS * 2.4, -RADIUS * 1.3), at(RADIUS * 2.4, RADIUS * 1.3));
    let path = format!("M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", a.0, a.1, c.0, c.1, d.0, d.1, b.0, b.1);
    let label = at(RADIUS * 2.25, 0.0);
    let anchor = if ux > 0.5 {
        "start"
    } else if ux < -0.5 {
        "end"
    } else {
        "middle"
    };
    (path, (label.0, label.1 + 4.0 + 6.0 * uy), anchor)
}

/// A bent arrow between two circles, bent to its left so that the way back does not cover it.
fn arc(from: (f64, f64), to: (f64, f64)) -> PreparedNetwork {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let (nx, ny) = (uy, -ux);
    let bend = 0.30 * length.min(220.0);
    let middle = (0.5 * (from.0 + to.0) + nx * bend, 0.5 * (from.1 + to.1) + ny * bend);
    let towards = |(x, y): (f64, f64), gap: f64| {
        let (mx, my) = (middle.0 - x, middle.1 - y);
        let m = (mx * mx + my * my).sqrt().max(1.0);
        (x + mx / m * (RADIUS + gap), y + my / m * (RADIUS + gap))
    };
    let (a, b) = (towards(from, 1.0), towards(to, 5.0));
    let path = format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", a.0, a.1, middle.0, middle.1, b.0, b.1);
    let label =
        (0.5 * (from.0 + to.0) + nx * (0.5 * bend + LABEL), 0.5 * (from.1 + to.1) + ny * (0.5 * bend + LABEL) + 4.0);
    (path, label, "middle")
}
