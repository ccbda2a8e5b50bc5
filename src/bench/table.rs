//! What `bench` prints: a Markdown table that reads well on a terminal, and the same numbers as JSON.

use super::Row;
use super::peak::Peak;
use super::suite::{Case, Law};
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

/// No line is wider than 100 characters; what there is no room for is in the JSON.
const HEADER: [&str; 8] = ["model", "n", "steps/s", "events/s", "bio s/s", "Hz", "run", "ceiling"];
/// Characters of the longest cell of each column but the first, as far as they are not in its title.
const CELLS: [&str; 7] = ["256", "8.75 M", "91.4 M", "65.4", "51.8", "112 %", "54 %"];
const LAWS_HEADER: [&str; 4] = ["law", "x", "us per step", "steps/s"];

/// Widths of the columns of a Markdown table, the first to the left, all others to the right.
pub struct Columns(Vec<usize>);

impl Columns {
    /// As wide as these rows.
    fn of(rows: &[Vec<String>]) -> Columns {
        Columns(align::widths(rows).into_iter().map(|width| width.max(3)).collect())
    }

    fn side(column: usize) -> Side {
        if column == 0 { Side::Left } else { Side::Right }
    }

    fn line(&self, cells: &[String]) -> String {
        format!("| {} |", align::padded(cells, &self.0, Columns::side).join(" | "))
    }

    /// The lines above the first row.
    fn head(&self, header: &[String]) -> [String; 2] {
        let rule = |(column, &width): (usize, &usize)| match Columns::side(column) {
            Side::Left => "-".repeat(width),
            Side::Right => "-".repeat(width - 1) + ":",
        };
        [self.line(header), self.line(&self.0.iter().enumerate().map(rule).collect::<Vec<_>>())]
    }
}

/// A Markdown table of rows that are all there, the header first.
pub fn markdown(rows: &[Vec<String>]) -> Vec<String> {
    let columns = Columns::of(rows);
    let Some((header, rows)) = rows.split_first() else { return vec![] };
    columns.head(header).into_iter().chain(rows.iter().map(|row| columns.line(row))).collect()
}

/// Columns of a table of these cases, whose rows are yet to come, and its lines above the first.
pub fn begin(cases: &[Case]) -> (Columns, [String; 2]) {
    let laws = cases.iter().any(|case| case.law.is_some());
    let header: &[&str] = if laws { &LAWS_HEADER } else { &HEADER };
    let header: Vec<String> = header.iter().map(|title| title.to_string()).collect();
    let named = cases.iter().map(|case| {
        let mut row = vec![String::new(); header.len()];
        row[0] = case.law.map_or(case.name.clone(), |(law, _)| of_law(law, &case.name));
        row
    });
    let cells = (!laws).then(|| std::iter::once("").chain(CELLS).map(String::from).collect());
    let columns = Columns::of(&std::iter::once(header.clone()).chain(named).chain(cells).collect::<Vec<_>>());
    let head = columns.head(&header);
    (columns, head)
}

fn of_law(law: Law, name: &str) -> String {
    format!("{}: {name}", law.name())
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
            maybe(self.synaptic_events, &short),
            short(self.biological),
            maybe(self.firing, &|hz| format!("{hz:.1}")),
            maybe(self.end_to_end, &|rate| percent(rate / self.rate)),
            percent(self.rate / self.ceiling),
        ]
    }

    /// Its lines of a table: one, or those of a law.
    pub fn lines(&self, columns: &Columns) -> Vec<String> {
        let rows = if self.law.is_some() { self.law_cells() } else { vec![self.cells()] };
        rows.iter().map(|row| columns.line(row)).collect()
    }

    /// Time per step against what the law is about, as rows of (law and case, x, microseconds per step of a member).
    fn law_cells(&self) -> Vec<Vec<String>> {
        let Some((law, x)) = self.law else { return vec![] };
        let row = |x: f64, microseconds: f64, rate: f64| {
            vec![of_law(law, &self.name), format!("{x}"), format!("{microseconds:.3}"), engineering(rate)]
        };
        if law == Law::Members {
            return self.suite.iter().map(|d| row(d.members as f64, d.step, d.rate)).collect();
        }
        let of_member = 1e6 * self.neurons.max(1) as f64 / self.rate;
        let x = if law == Law::Spikes { self.firing.unwrap_or(x) } else { x };
        vec![row((10.0 * x).round() / 10.0, of_member, self.rate)]
    }
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
        "n: members, as many as it takes; steps/s: neuron-steps of networks, trajectory-steps of dsode, by".into(),
        "the kernels alone; events/s: synaptic events; bio s/s: biological seconds per second; Hz: firing".into(),
        "rate; run: rate of a whole run of the same members (statistics, log, tables) as a share of steps/s;".into(),
        "ceiling: steps/s as a share of the operations/s measured here on all of the device, divided by".into(),
        "those of a step, counted in the shaders (for dsode: at least so many):".into(),
        format!(
            "{} add-rotate-xor/s for networks, {} multiply-add/s in {} for dsode.",
            engineering(integers),
            engineering(floats),
            if bench.backend == "gpu" { "f32" } else { "f64" },
        ),
    ]
}
