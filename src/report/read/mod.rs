//! A result directory in memory, as far as a report shows it.
//!
//! `members.parquet` and `config.yaml` have to be there, or `branches.parquet` and `branches.yaml`; everything else may be missing, and is
//! then left out.

pub mod curves;
pub mod densities;
pub mod dimensions;
pub mod neurons;
pub mod series;
pub mod transitions;
pub mod windows;

use super::error::ReportError;
use super::mark::Colour;
use crate::config::{self, Experiment, Parameter, unmarked};
use crate::model::{Network, Variant};
use crate::results::points::{self, PointRow};
use crate::results::{AxisValue, Manifest, Table, Values, file, intact};
use crate::statistics::angle::wrapped;
use crate::statistics::compare::Realisations;
use crate::statistics::{Deviation, Domain, Sampling, Statistic, Summary, table};
use crate::validate::Validation;
use dimensions::ScannedAxes;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// The network that reduced models are measured against.
const REFERENCE: &str = "snn";
const PLAIN: [&str; 3] = [REFERENCE, "markov", "dsode"];

pub struct Results {
    pub experiment: Experiment,
    /// The comment that heads `config.yaml`.
    pub question: Option<String>,
    pub manifest: Option<Manifest>,
    /// Of these results, in the order of the config.
    pub models: Vec<Model>,
    pub populations: Vec<String>,
    pub statistics: Vec<Column>,
    pub scan: ScannedAxes,
    /// Rows of `points.csv`.
    pub rows: Vec<PointRow>,
    /// The members themselves, for the spread between realisations.
    pub members: Table,
    pub validation: Option<Validation>,
    /// Rows of `transitions.csv`.
    pub transitions: Vec<transitions::Crossing>,
    /// `curves.csv`.
    pub curves: curves::Curves,
    /// Row of a (model, point).
    places: HashMap<(usize, u32), usize>,
    /// Rows of [`Results::members`] that a row is made of.
    ranges: Vec<Range<usize>>,
}

/// A statistic of a model at a point.
pub struct Measured<'a> {
    pub summary: &'a Summary,
    deterministic: bool,
    realisations: Realisations<'a>,
}

impl Measured<'_> {
    /// With random numbers of its own, though realisations have the same numbers.
    pub fn apart(mut self) -> Self {
        self.realisations.numbers = &[];
        self
    }
}

pub struct Model {
    pub label: String,
    /// No sampling error.
    pub deterministic: bool,
}

/// A column of statistics: one of [`table()`] of one population.
pub struct Column {
    pub name: String,
    pub statistic: &'static Statistic,
    /// Index into [`Results::populations`]; the first one's of what the network has as a whole.
    pub population: usize,
}

impl Column {
    /// "rate of E"; of the network as a whole "lyapunov".
    pub fn title(&self, results: &Results) -> String {
        let title = self.statistic.title();
        if self.statistic.is_of_network() {
            return title;
        }
        format!("{title} of {}", results.populations[self.population])
    }

    /// Of one from another, a reference. An angle of 0 is a direction like any other, and a share is compared with 1, not with itself: of
    /// both the difference tells.
    pub fn deviation(&self, of: &Measured, reference: &Measured) -> Option<Deviation> {
        let domain = self.statistic.domain;
        let sampling = match of.deterministic {
            true => Sampling::Exact,
            false => Sampling::of(domain, of.realisations, reference.realisations),
        };
        let Deviation { mut difference, relative } = Deviation::new(of.summary, sampling, reference.summary)?;
        if domain == Domain::Angle {
            difference.value = wrapped(difference.value);
        }
        Some(Deviation { difference, relative: relative.filter(|_| domain == Domain::Real) })
    }
}

impl Results {
    pub fn read(directory: &Path) -> Result<Results, ReportError> {
        required(directory)?;
        let has_ensemble = directory.join(file::MEMBERS).is_file();
        let path = directory.join(if has_ensemble { file::CONFIG } else { file::BRANCHES_CONFIG });
        let text = fs::read_to_string(&path).map_err(|e| ReportError::io(&path, e))?;
        let experiment = config::load(&text, &path.display().to_string(), &[])
            .map_err(|source| ReportError::Config { path, source })?;
        if !has_ensemble {
            return Ok(Results::without_members(experiment, question(&text), curves::read(directory)?));
        }
        intact(directory)?;
        let path = directory.join(file::MEMBERS);
        let members = Table::read(&path)?;
        let lacks = |what: &str| ReportError::Members { path: path.clone(), what: format!("it lacks {what}") };
        let names: Vec<&str> = members.columns.iter().map(|(name, _)| name.as_str()).collect();
        let populations: Vec<String> =
            names.iter().filter_map(|name| name.strip_prefix("spikes_")).map(str::to_string).collect();
        let statistics = statistics(&names, &populations);
        let columns: Vec<String> = statistics.iter().map(|column| column.name.clone()).collect();
        let rows = points::from_members(&members, &columns).ok_or_else(|| lacks("the columns model and point"))?;
        members.integer("realisation").ok_or_else(|| lacks("the column realisation"))?;
        let ranges = points::ranges(&members).unwrap_or_default();
        let axes = names.iter().skip(3).take_while(|name| columns.first().is_none_or(|first| *name != first));
        let unit = |path| Parameter::find(path, &experiment.network).map_or("", |parameter| parameter.unit());
        let axes = axes.map(|axis| (axis.to_string(), unit(axis).to_string())).collect();
        let scan = ScannedAxes::new(axes, coordinates(&members));
        let models = models(&experiment, &rows);
        let place = |row: &PointRow| models.iter().position(|model| model.label == row.model).map(|m| (m, row.point));
        let places = rows.iter().enumerate().filter_map(|(i, row)| Some((place(row)?, i))).collect();
        let manifest = directory.join(file::MANIFEST).is_file().then(|| Manifest::read(directory)).transpose()?;
        let validation = read_json(&directory.join(file::VALIDATION))?;
        let transitions = transitions::read(directory)?;
        let mut curves = curves::read(directory)?;
        // beside branches of another network, which are not shown either
        if !curves.rows.is_empty() && branches(directory)?.is_some_and(|table| branched(&table) != populations) {
            curves = curves::Curves::default();
        }
        let question = question(&text);
        Ok(Results {
            experiment,
            question,
            manifest,
            models,
            populations,
            statistics,
            scan,
            rows,
            members,
            validation,
            transitions,
            curves,
            places,
            ranges,
        })
    }

    /// Of a directory in which no ensemble was run.
    fn without_members(experiment: Experiment, question: Option<String>, curves: curves::Curves) -> Results {
        let populations = experiment.network.populations.iter().map(|p| p.name.clone()).collect();
        Results {
            experiment,
            question,
            manifest: None,
            models: vec![],
            populations,
            statistics: vec![],
            scan: ScannedAxes::new(vec![], BTreeMap::new()),
            rows: vec![],
            members: Table { columns: vec![], rows: 0 },
            validation: None,
            transitions: vec![],
            curves,
            places: HashMap::new(),
            ranges: vec![],
        }
    }

    pub fn row(&self, model: usize, point: u32) -> Option<&PointRow> {
        self.places.get(&(model, point)).map(|&row| &self.rows[row])
    }

    /// Column `statistic` of a model at a point, where the model has finished members there.
    pub fn summary(&self, model: usize, point: u32, statistic: usize) -> Option<&Summary> {
        self.row(model, point).map(|row| &row.summaries[statistic])
    }

    /// The model that the others are compared with.
    pub fn reference(&self) -> Option<usize> {
        self.models.iter().position(|model| model.label == REFERENCE)
    }

    /// Of `model` from the reference; `None` for the reference itself.
    pub fn deviation(&self, model: usize, point: u32, statistic: usize) -> Option<Deviation> {
        let reference = self.reference().filter(|&reference| reference != model)?;
        let of = |model| self.measured(model, point, statistic);
        self.statistics[statistic].deviation(&of(model)?, &of(reference)?)
    }

    /// Column `statistic` of a model at a point with its realisations.
    pub fn measured(&self, model: usize, point: u32, statistic: usize) -> Option<Measured<'_>> {
        let row = *self.places.get(&(model, point))?;
        let range = self.ranges[row].clone();
        let numbers = &self.members.integer("realisation")?[range.clone()];
        let values = &self.members.real(&self.statistics[statistic].name)?[range];
        Some(Measured {
            summary: &self.rows[row].summaries[statistic],
            deterministic: self.models[model].deterministic,
            realisations: Realisations { numbers, values },
        })
    }

    /// The same for a model in every report: the plain models have their own, variants follow.
    pub fn colour(&self, model: usize) -> Colour {
        colour(&self.models[model].label, self.models[..model].iter().map(|model| model.label.as_str()))
    }

    /// Of a model that may have branches alone.
    pub fn colour_of(&self, label: &str) -> Colour {
        let mut all: Vec<String> = self.models.iter().map(|model| model.label.clone()).collect();
        let continued = self.experiment.continuation.iter().flat_map(|of| &of.models).map(Variant::label);
        let more: Vec<String> = continued.filter(|label| !all.contains(label)).collect();
        all.extend(more);
        colour(label, all.iter().map(String::as_str).take_while(|other| *other != label))
    }

    /// Neurons of each population at a point.
    pub fn sizes(&self, point: u32) -> Vec<f64> {
        self.network(point).populations.iter().map(|p| f64::from(p.size)).collect()
    }

    /// Threshold voltage of each population at a point.
    pub fn thresholds(&self, point: u32) -> Vec<f64> {
        self.network(point).populations.iter().map(|p| p.v_th).collect()
    }

    /// The network of a point.
    pub fn network(&self, point: u32) -> Network {
        let (experiment, point) = (&self.experiment, point as usize);
        // the passes of a sweep follow each other, each over the whole grid
        match point < experiment.points() * experiment.passes() {
            true => experiment.point(point % experiment.points()).network,
            false => experiment.network.clone(),
        }
    }

    /// Whether a model has a value of this statistic anywhere.
    pub fn has(&self, model: usize, statistic: usize) -> bool {
        let label = &self.models[model].label;
        self.rows.iter().any(|row| row.model == *label && row.summaries[statistic].mean.is_some())
    }

    /// "64 realisations", "16 to 64 realisations", "one run".
    pub fn realisations(&self, model: usize) -> String {
        let label = &self.models[model].label;
        let counts: Vec<u64> = self.rows.iter().filter(|row| row.model == *label).map(|row| row.n).collect();
        match (counts.iter().min(), counts.iter().max()) {
            (Some(1), Some(1)) => "one realisation".into(),
            (Some(least), Some(most)) if least == most => format!("{most} realisations"),
            (Some(least), Some(most)) => format!("{least} to {most} realisations"),
            _ => "no realisations".into(),
        }
    }
}

/// Makes sure that a report can be made of a directory.
pub fn required(directory: &Path) -> Result<(), ReportError> {
    if [file::BRANCHES_CONFIG, file::BRANCHES].iter().all(|name| directory.join(name).is_file()) {
        return Ok(());
    }
    for missing in [file::CONFIG, file::MEMBERS] {
        if !directory.join(missing).is_file() {
            return Err(ReportError::NoResults { path: directory.to_path_buf(), missing });
        }
    }
    Ok(())
}

/// Comment lines above the first key, without their marks.
pub fn question(config: &str) -> Option<String> {
    let comment = unmarked(config).lines().map_while(|line| line.trim().strip_prefix('#')).map(str::trim);
    let text = comment.collect::<Vec<_>>().join("\n");
    Some(text.trim().to_string()).filter(|text| !text.is_empty())
}

fn statistics(names: &[&str], populations: &[String]) -> Vec<Column> {
    let column = |name: &&str| {
        table().find_map(|statistic| {
            let population = populations.iter().position(|population| *name == statistic.column(population))?;
            Some(Column { name: name.to_string(), statistic, population })
        })
    };
    names.iter().filter_map(column).collect()
}

fn models(experiment: &Experiment, rows: &[PointRow]) -> Vec<Model> {
    let known = experiment.models.iter().map(|m| Model { label: m.label(), deterministic: m.is_deterministic() });
    let mut models: Vec<Model> = known.filter(|model| rows.iter().any(|row| row.model == model.label)).collect();
    for row in rows {
        if models.iter().all(|model| model.label != row.model) {
            models.push(Model { label: row.model.clone(), deterministic: false });
        }
    }
    models
}

/// Values of the columns after model, point and realisation, by point; only the first ones are axes.
fn coordinates(members: &Table) -> BTreeMap<u32, Vec<AxisValue>> {
    let mut coordinates = BTreeMap::new();
    for (row, &point) in members.integer("point").unwrap_or_default().iter().enumerate() {
        let value = |(_, values): &(String, Values)| match values {
            Values::Text(values) => values[row].clone().map(AxisValue::Text),
            Values::Real(values) => values[row].map(AxisValue::Number),
            Values::Integer(values) => Some(AxisValue::Number(values[row] as f64)),
        };
        let values = || members.columns.iter().skip(3).map_while(value).collect();
        coordinates.entry(point as u32).or_insert_with(values);
    }
    coordinates
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ReportError> {
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read(path).map_err(|e| ReportError::io(path, e))?;
    let json = serde_json::from_slice(&text);
    json.map(Some).map_err(|source| crate::results::ResultError::Json { path: path.to_path_buf(), source }.into())
}

/// A plain model has its own, a variant that of its place among those `before` it.
fn colour<'a>(label: &str, before: impl Iterator<Item = &'a str>) -> Colour {
    let plain = |label: &str| PLAIN.iter().position(|name| *name == label);
    let variants = before.filter(|label| plain(label).is_none()).count();
    Colour::Model(plain(label).unwrap_or(PLAIN.len() + variants))
}

/// The table of branches of a directory, if it has one.
pub fn branches(directory: &Path) -> Result<Option<Table>, ReportError> {
    let path = directory.join(file::BRANCHES);
    Ok(path.is_file().then(|| Table::read(&path)).transpose()?)
}

/// Populations of the network that a table of branches is of.
pub fn branched(branches: &Table) -> Vec<&str> {
    branches.columns.iter().filter_map(|(name, _)| name.strip_prefix("rate_")).collect()
}
