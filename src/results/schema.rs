//! The order and the columns of an experiment's results.

use super::difference::Differences;
use crate::config::{Recording, Time};
use crate::model::Seeding;
use crate::statistics::Analysis;
use crate::statistics::table;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::iter::once;
use std::sync::Arc;

/// What must be equal for two members to belong into one table. Points, models and numbers of realisations are no part of it: a
/// scan may be refined in the same directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Changes whenever equal configs would give other numbers.
    pub arithmetic: u32,
    /// Seed of all random numbers.
    pub seed: u64,
    /// What a member's random numbers depend on besides.
    pub seeding: Seeding,
    /// Step, duration and transient.
    pub time: Time,
    /// Options of the statistics.
    pub analysis: Analysis,
    /// What is recorded besides spike counts.
    pub record: Recording,
    /// There are `dsode` models, computed on a GPU and so in f32.
    pub dsode_on_gpu: bool,
    /// Bins of recorded voltages where they are not the example network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voltage_bins: Option<String>,
}

/// What the final files are arranged by; the head of `members.log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultSchema {
    /// What all members share.
    pub identity: Identity,
    /// In the order of the config.
    pub models: Vec<SchemaModel>,
    /// Time step in ms, where it is no axis. (0 in logs from before it was kept; tables are made with the config's schema.)
    #[serde(default)]
    pub dt: f64,
    /// Paths of the scanned parameters.
    pub axes: Vec<String>,
    /// Shared by all copies of a schema: there may be millions.
    pub points: Arc<[SchemaPoint]>,
    /// Names, in the order of the config.
    pub populations: Vec<String>,
    /// Names of [`crate::statistics::MemberStatistics::values`], from [`crate::statistics::StatisticsPlan::columns`].
    pub statistics: Vec<String>,
    /// Names of [`super::Trace::columns`].
    pub traces: Vec<String>,
    /// Names of [`super::NeuronTrace::kicks`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kicks: Vec<String>,
    /// What an adaptive ensemble asks for: half widths of 95 % intervals relative to the mean, by statistic. Empty for a fixed one.
    #[serde(default)]
    pub until: BTreeMap<String, f64>,
}

/// A model of an experiment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchemaModel {
    /// [`crate::model::Variant::label`].
    pub label: String,
    /// One realisation per point, without sampling error.
    pub deterministic: bool,
    /// Tells apart what a label does not: automatic voltage bins that depend on all points of an experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<String>,
}

impl SchemaModel {
    /// What its records are stored under.
    pub fn key(&self) -> String {
        self.bins.iter().fold(self.label.clone(), |label, bins| format!("{label}; {bins}"))
    }
}

/// A parameter point; its index is its place in [`ResultSchema::points`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaPoint {
    /// Canonical name of the resolved parameters: the same for the same point in another scan.
    pub key: String,
    /// One per axis.
    pub values: Vec<AxisValue>,
}

/// Where a point lies along one axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AxisValue {
    /// Value of an axis, in the unit of its parameter.
    Number(f64),
    /// Pass of a sweep.
    Text(String),
}

impl std::fmt::Display for AxisValue {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            AxisValue::Number(number) => write!(f, "{number}"),
            AxisValue::Text(text) => f.write_str(text),
        }
    }
}

impl ResultSchema {
    /// In what this schema (there) and another one (here) do not belong together; points and models may be added.
    pub fn differences(&self, other: &ResultSchema) -> Differences {
        #[derive(Serialize)]
        struct Fixed<'a> {
            #[serde(flatten)]
            identity: &'a Identity,
            axes: &'a [String],
            populations: &'a [String],
            statistics: &'a [String],
            traces: &'a [String],
        }
        let fixed = |schema: &'_ ResultSchema| {
            let ResultSchema { identity, axes, populations, statistics, traces, .. } = schema;
            serde_json::to_value(Fixed { identity, axes, populations, statistics, traces }).expect("plain data")
        };
        Differences::between(&fixed(self), &fixed(other))
    }

    /// The axes' values at a point: `projections.E<-I.p = 0.6, time.dt = 0.1`.
    pub fn place(&self, point: u32) -> String {
        let values = &self.points[point as usize].values;
        let axes = self.axes.iter().zip(values).map(|(path, value)| format!("{path} = {value}"));
        axes.collect::<Vec<_>>().join(", ")
    }

    /// Time step in ms at a point.
    pub fn dt_at(&self, point: u32) -> f64 {
        let values = &self.points[point as usize].values;
        let scanned = self.axes.iter().zip(values).find_map(|(path, value)| match value {
            AxisValue::Number(dt) if path == "time.dt" => Some(*dt),
            _ => None,
        });
        scanned.unwrap_or(self.dt)
    }

    /// For every axis a name of letters, digits and _ that no other column has, what is scanned before where: `p_E_I` for
    /// `projections.E<-I.p`. Of several that would be the same, the later ones end in a number.
    pub fn axis_names(&self) -> Vec<String> {
        let mut taken: HashSet<String> = self.statistics.iter().chain(&self.axes).cloned().collect();
        taken.extend(NOT_AXES.map(String::from));
        let mut names = Vec::new();
        for path in &self.axes {
            let clean = clean(path);
            let numbered = (2..).map(|i| format!("{clean}_{i}"));
            let free = |name: &String| name == path || !taken.contains(name);
            let name = once(clean.clone()).chain(numbered).find(free).expect("numbers do not end");
            taken.insert(name.clone());
            names.push(name);
        }
        names
    }

    /// The other windows (from, to] in ms: members have the values of all statistics for each.
    pub fn windows(&self) -> &[[f64; 2]] {
        &self.identity.analysis.windows
    }

    /// Indices of the statistics that a window has.
    pub fn windowed(&self) -> Vec<usize> {
        let columns: HashSet<String> =
            table::of_windows().flat_map(|s| self.populations.iter().map(|p| s.column(p))).collect();
        (0..self.statistics.len()).filter(|&i| columns.contains(&self.statistics[i])).collect()
    }

    /// Whether all values of axis `i` are numbers, which makes its column one of numbers.
    pub fn is_numeric(&self, i: usize) -> bool {
        self.points.iter().all(|point| matches!(point.values.get(i), Some(AxisValue::Number(_))))
    }
}

/// Whether ascending values grow by factors rather than by differences.
pub fn is_logarithmic(values: &[f64]) -> bool {
    if values.len() < 3 || values[0] <= 0.0 {
        return false;
    }
    let spread = |step: fn(f64, f64) -> f64| {
        let steps: Vec<f64> = values.windows(2).map(|pair| step(pair[0], pair[1])).collect();
        steps.iter().copied().fold(0.0, f64::max) / steps.iter().copied().fold(f64::INFINITY, f64::min)
    };
    spread(|a, b| (b / a).ln()) < 0.5 * spread(|a, b| b - a)
}

/// Columns beside those of the axes in tables with clean names.
const NOT_AXES: [&str; 12] = [
    "model",
    "point",
    "realisation",
    "population",
    "statistic",
    "unit",
    "n",
    "mean",
    "sem",
    "ci95_low",
    "ci95_high",
    "precision",
];

/// `tau_ref_E` for `populations.E.tau_ref`.
fn clean(path: &str) -> String {
    let moved = match path.split_once('.') {
        Some(("time", what)) => what.to_string(),
        Some((_, rest)) => rest.split_once('.').map_or(rest.to_string(), |(place, what)| format!("{what}_{place}")),
        None => path.to_string(),
    };
    let words = moved.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}
