//! What a column of a table is, for programs and for readers.

use serde::Serialize;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// UTF-8 in every row.
    Text,
    /// Text that may be null.
    #[serde(rename = "text")]
    OptionalText,
    /// 64 bits with sign, in every row.
    Integer,
    /// May be null.
    Real,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Says which member, point or population a row is of.
    Identity,
    /// Value of a scanned parameter.
    Axis,
    /// A statistic of a population.
    Statistic,
    /// Anything else that was computed.
    Value,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Meaning {
    /// What the column is for.
    #[serde(rename = "kind")]
    pub role: Role,
    /// `1` for a pure number; absent of names, and of numbers in units of the config's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// In one sentence.
    pub definition: String,
    /// Name of the statistic without its population.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// The population that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// Dotted path of an axis in the config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// As in the file.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What stands in it, if that was said.
    #[serde(flatten)]
    pub meaning: Option<Meaning>,
}

impl From<(String, Kind)> for Column {
    fn from((name, kind): (String, Kind)) -> Column {
        Column { name, kind, meaning: None }
    }
}

impl Column {
    /// A column of a role; `unit` is empty where there is none.
    pub fn new(name: impl Into<String>, kind: Kind, role: Role, unit: &str, definition: impl Into<String>) -> Column {
        let unit = Some(unit.to_string()).filter(|unit| !unit.is_empty());
        let meaning =
            Meaning { role, unit, definition: definition.into(), statistic: None, population: None, path: None };
        Column { name: name.into(), kind, meaning: Some(meaning) }
    }

    /// Of one population.
    pub fn of_population(mut self, population: &str) -> Column {
        self.meaning.iter_mut().for_each(|meaning| meaning.population = Some(population.into()));
        self
    }

    /// Of a statistic.
    pub fn of_statistic(mut self, statistic: &str) -> Column {
        self.meaning.iter_mut().for_each(|meaning| meaning.statistic = Some(statistic.into()));
        self
    }

    /// Of the axis at a path.
    pub fn at_path(mut self, path: &str) -> Column {
        self.meaning.iter_mut().for_each(|meaning| meaning.path = Some(path.into()));
        self
    }
}
