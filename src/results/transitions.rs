//! `transitions.csv` of a scan along one axis: where each model's statistics cross the levels of [`mod@crate::statistics::transition`].

use super::atomic::AtomicFile;
use super::column::{Column, Kind, Role};
use super::error::ResultError;
use super::schema::{AxisValue, ResultSchema, is_logarithmic};
use crate::statistics::MemberStatistics;
use crate::statistics::crossing::{Crossing, LEAST, crossings};
use crate::statistics::transition::{TRANSITIONS, Transition};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Columns of `transitions.csv`.
pub fn columns() -> Vec<Column> {
    let text = |name: &str, what: &str| Column::new(name, Kind::Text, Role::Identity, "", what);
    let real = |name: &str, what: &str| Column::new(name, Kind::Real, Role::Value, "", what);
    vec![
        text("model", "the model with its options"),
        text("statistic", "name of the statistic whose mean crosses the level"),
        text("population", "name of the population"),
        text("axis", "dotted path of what is scanned"),
        real("value", "where the mean crosses the level, in the unit of the axis"),
        real(
            "ci95_low",
            "lower end of its 95 % interval over realisations drawn anew (1000 times); null where a point has one",
        ),
        real("ci95_high", "upper end of the same interval"),
        real(
            "between_low",
            "the point before it that encloses it: the last one whose mean is told from the level, or where none is by itself the first of a stretch that is",
        ),
        real(
            "between_high",
            "the point after it that encloses it: the first one whose mean is told from the level, or where none is by itself the last of a stretch that is",
        ),
        Column::new("n", Kind::Integer, Role::Value, "1", "least number of realisations at the points that enclose it"),
        real("level", "what is crossed, in the unit of the statistic"),
        text("direction", "rises or falls, along the axis"),
        text("definition", "what the crossing means"),
    ]
}

/// What is read of the members of a scan: (transition, population, index of the column).
pub struct Sought(Vec<(&'static Transition, usize, usize)>);

impl Sought {
    /// `None` but of a scan along one axis of numbers.
    pub fn new(schema: &ResultSchema) -> Option<Sought> {
        if schema.axes.len() != 1 || !schema.is_numeric(0) || schema.points.len() < 2 {
            return None;
        }
        let place = |name: String| schema.statistics.iter().position(|statistic| *statistic == name);
        let of = |transition: &'static Transition, population: usize| {
            let name = format!("{}_{}", transition.column(), schema.populations[population]);
            Some((transition, population, place(name)?))
        };
        let pairs =
            TRANSITIONS.iter().flat_map(|transition| (0..schema.populations.len()).map(move |p| (transition, p)));
        Some(Sought(pairs.filter_map(|(transition, population)| of(transition, population)).collect()))
    }

    /// A member's, one per what is sought.
    pub fn of<'a>(&'a self, statistics: &'a MemberStatistics) -> impl Iterator<Item = Option<f64>> + 'a {
        self.0.iter().map(|(transition, population, column)| {
            let own = statistics.histograms.iter().filter(|histogram| histogram.population as usize == *population);
            transition.value(statistics.values[*column], own)
        })
    }
}

/// The realisations of a scan that transitions are found from.
pub struct Transitions<'a> {
    schema: &'a ResultSchema,
    sought: &'a Sought,
    /// By model, what was sought, and point.
    values: Vec<Vec<Vec<Vec<f64>>>>,
}

impl<'a> Transitions<'a> {
    pub fn new(schema: &'a ResultSchema, sought: &'a Sought) -> Self {
        let values = vec![vec![vec![vec![]; schema.points.len()]; sought.0.len()]; schema.models.len()];
        Transitions { schema, sought, values }
    }

    /// Takes what [`Sought::of`] a member at a place.
    pub fn push(&mut self, model: u32, point: u32, values: impl IntoIterator<Item = Option<f64>>) {
        for (points, value) in self.values[model as usize].iter_mut().zip(values) {
            points[point as usize].extend(value);
        }
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<(), ResultError> {
        let mut writer = csv::Writer::from_writer(vec![]);
        let mut line = |cells: Vec<String>| writer.write_record(cells).map_err(|e| ResultError::io(path, e.into()));
        line(columns().into_iter().map(|column| column.name).collect())?;
        let mut order: Vec<(f64, usize)> = Vec::new();
        for (i, point) in self.schema.points.iter().enumerate() {
            if let [AxisValue::Number(x)] = point.values[..] {
                order.push((x, i));
            }
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let x: Vec<f64> = order.iter().map(|&(x, _)| x).collect();
        // means are straight between points, on an axis of factors in the logarithm, as in the figures
        let scale: [fn(f64) -> f64; 2] = if is_logarithmic(&x) { [f64::ln, f64::exp] } else { [|x| x, |x| x] };
        let x: Vec<f64> = x.into_iter().map(scale[0]).collect();
        for (model, of_model) in self.schema.models.iter().zip(&self.values) {
            let sought = self.sought.0.iter().zip(of_model);
            for (&(transition, population, _), points) in
                sought.filter(|((t, ..), _)| !(t.random && model.deterministic))
            {
                let population = self.schema.populations[population].as_str();
                let along: Vec<Vec<f64>> = order.iter().map(|&(_, i)| points[i].clone()).collect();
                let key = self.key(&model.label, transition.statistic, population);
                let least = if model.deterministic { 1 } else { LEAST };
                for Crossing { value, ci95, between, n, rises } in crossings(&x, &along, least, transition.level, key) {
                    let (low, high) = ci95.unzip();
                    // of a point its own value, without what logarithms leave of rounding
                    let place =
                        |x: f64| order.iter().find(|(of, _)| scale[0](*of) == x).map_or(scale[1](x), |(of, _)| *of);
                    let number = |x: Option<f64>| x.map_or_else(String::new, |x| place(x).to_string());
                    let direction = if rises { "rises" } else { "falls" };
                    line(vec![
                        model.label.clone(),
                        transition.statistic.into(),
                        population.into(),
                        self.schema.axes[0].clone(),
                        number(Some(value)),
                        number(low),
                        number(high),
                        number(Some(between.0)),
                        number(Some(between.1)),
                        n.to_string(),
                        transition.level.to_string(),
                        direction.into(),
                        transition.definition.into(),
                    ])?;
                }
            }
        }
        let bytes = writer.into_inner().map_err(|e| ResultError::io(path, e.into_error()))?;
        AtomicFile::write_all(path, &bytes)
    }

    /// What the draws of realisations are a function of.
    fn key(&self, model: &str, statistic: &str, population: &str) -> [u32; 4] {
        let seed = self.schema.identity.seed;
        let digest = Sha256::digest(format!("snn-ensemble transition 1\0{seed} {model} {statistic} {population}"));
        std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|j| digest[4 * i + j])))
    }
}
