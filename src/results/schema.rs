//! The order and the columns of an experiment's results.

use super::difference::Differences;
use crate::config::{Analysis, Recording, Time};
use crate::model::Seeding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

    /// Whether all values of axis `i` are numbers, which makes its column one of numbers.
    pub fn is_numeric(&self, i: usize) -> bool {
        self.points.iter().all(|point| matches!(point.values.get(i), Some(AxisValue::Number(_))))
    }
}
