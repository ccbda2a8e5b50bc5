//! What `bench` prints: a Markdown table that reads well on a terminal, and the same numbers as JSON.

use super::Row;
use super::peak::Peak;
use crate::align::{self, Side};
use crate::ensemble::progress::engineering;
use serde::Serialize;

/// A whole bench.
#[derive(Clone, Debug, Serialize)]
pub struct BenchTable {
    pub version: String,
    pub commit: String,
    pub backend: &'static str,
    pub device: String,
    /// Threads of the CPU backend.
    pub threads: usize,
    pub peak: Peak,
    pub cases: Vec<Row>,
    pub seconds: f64,
}

const HEADER: [&str; 10] = [
    "model",
    "members",
    "steps/s",
    "one member",
    "synaptic events/s",
    "biological s/s",
    "firing Hz",
    "end to end",
    "operations a step",
    "of the ceiling",
];

/// Aligned rows of a Markdown table; all columns but the first to the right.
pub fn markdown(rows: &[Vec<String>]) -> Vec<String> {
    let side = |column: usize| if column == 0 { Side::Left } else { Side::Right };
    let widths: Vec<usize> = align::widths(rows).into_iter().map(|width| width.max(3)).collect();
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines: Vec<String> = rows.iter().map(|row| line(align::padded(row, &widths, side))).collect();
    let rule = |(column, &width): (usize, &usize)| match side(column) {
        Side::Left => "-".repeat(width),
        Side::Right => "-".repeat(width - 1) + ":",
    };
    lines.insert(1.min(lines.len()), line(widths.iter().enumerate().map(rule).collect()));
    lines
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let short = |x: f64| engineering(x).trim_end().to_string();
        let maybe = |x: Option<f64>, text: &dyn Fn(f64) -> String| x.map_or("-".to_string(), text);
        vec![
            self.name.clone(),
            self.members.to_string(),
            short(self.rate),
            short(self.suite[0].rate),
            maybe(self.synaptic_events, &short),
            short(self.biological),
            maybe(self.firing, &|hz| format!("{hz:.1}")),
            maybe(self.end_to_end, &|rate| percent(rate / self.rate)),
            short(self.operations),
            percent(self.rate / self.ceiling),
        ]
    }

    /// Time per step against what the law is about, as rows of (law and case, x, microseconds per step of a member).
    fn law_cells(&self) -> Vec<Vec<String>> {
        let Some((law, x)) = self.law else { return vec![] };
        let row = |x: f64, microseconds: f64, rate: f64| {
            vec![format!("{law}: {}", self.name), format!("{x}"), format!("{microseconds:.3}"), engineering(rate)]
        };
        if law == "members" {
            return self.suite.iter().map(|d| row(d.members as f64, d.step, d.rate)).collect();
        }
        let of_member = 1e6 * self.neurons.max(1) as f64 / self.rate;
        let x = if law == "spikes" { self.firing.unwrap_or(x) } else { x };
        vec![row((10.0 * x).round() / 10.0, of_member, self.rate)]
    }
}

/// The table's lines, for a bench that ran the suite or the laws.
pub fn lines(bench: &BenchTable) -> Vec<String> {
    let laws = bench.cases.iter().any(|row| row.law.is_some());
    let mut rows: Vec<Vec<String>> = vec![];
    if laws {
        rows.push(["law", "x", "us per step", "steps/s"].map(str::to_string).to_vec());
        rows.extend(bench.cases.iter().flat_map(Row::law_cells));
    } else {
        rows.push(HEADER.map(str::to_string).to_vec());
        rows.extend(bench.cases.iter().map(Row::cells));
    }
    markdown(&rows)
}

/// What the columns mean, below the table.
pub fn notes(bench: &BenchTable) -> Vec<String> {
    let Peak { integers, floats } = bench.peak;
    if bench.cases.iter().any(|row| row.law.is_some()) {
        return vec![
            "us per step: of all members (law members), of one member otherwise; x: members, neurons, firing rate in Hz, bins"
                .into(),
        ];
    }
    vec![
        "steps/s: neuron-steps of networks, trajectory-steps of dsode, by the kernels alone with as many members as it takes;"
            .into(),
        "end to end: rate of a whole run of the same members (statistics, log, tables) as a share of that.".into(),
        format!(
            "The ceiling: {} add-rotate-xor operations/s (networks), {} multiply-add operations/s in {} (dsode), measured \
             here on all of the device,",
            engineering(integers),
            engineering(floats),
            if bench.backend == "gpu" { "f32" } else { "f64" },
        ),
        "divided by the operations of a step, counted in the shaders (for dsode: at least so many).".into(),
    ]
}
