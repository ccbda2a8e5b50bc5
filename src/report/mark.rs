//! What is drawn in a panel: lines, maps, rasters, points, in colours that stand for models and populations.

use crate::statistics::Summary;
use serde::{Serialize, Serializer};

/// See [`Line::name`].
pub const PART: &str = "; ";

/// What a legend shows of a name.
pub fn in_legend(name: &str) -> &str {
    name.split(PART).next().unwrap_or(name)
}

/// Something drawn in a panel. Undefined values are gaps.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Mark {
    /// Points joined by lines, with a band around them.
    Line(Line),
    /// A value per bin.
    Histogram {
        name: String,
        colour: Colour,
        /// One more than values.
        edges: Vec<f64>,
        #[serde(serialize_with = "rounded_all")]
        values: Vec<f64>,
    },
    /// A value per cell, in colour.
    Heatmap(Heatmap),
    /// One tick per spike.
    Raster {
        name: String,
        colour: Colour,
        /// Ascending, to 0.1 us.
        #[serde(serialize_with = "differences")]
        t: Vec<f64>,
        row: Vec<u32>,
    },
    /// A curve in the plane.
    Path {
        name: String,
        colour: Colour,
        /// As of a line.
        dash: usize,
        #[serde(serialize_with = "rounded_all")]
        x: Vec<f64>,
        #[serde(serialize_with = "rounded_all")]
        y: Vec<f64>,
    },
    /// Single points.
    Scatter {
        name: String,
        colour: Colour,
        /// That of the colour where absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        symbol: Option<Symbol>,
        x: Vec<f64>,
        y: Vec<f64>,
    },
    /// A horizontal line to compare with.
    Level { y: f64 },
    /// A vertical line where something is, with what stands beside it.
    Place { x: f64, colour: Colour, text: String },
}

#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// A legend shows it up to [`PART`]: behind that stands which part of a model's curves this is, told by dashes.
    pub name: String,
    pub colour: Colour,
    /// Of several lines of one model, by place; 0 is drawn through.
    pub dash: usize,
    /// Points are marked.
    pub markers: bool,
    pub x: Vec<f64>,
    pub y: Vec<Option<f64>>,
    /// Ends of the 95 % interval.
    pub low: Vec<Option<f64>>,
    pub high: Vec<Option<f64>>,
    /// Realisations behind each point; empty where it makes no sense.
    pub n: Vec<u64>,
}

impl Line {
    /// Drawn through, with its points marked and no intervals.
    pub fn new(name: impl Into<String>, colour: Colour, x: Vec<f64>, y: Vec<Option<f64>>) -> Line {
        let (name, low, high, n) = (name.into(), vec![], vec![], vec![]);
        Line { name, colour, dash: 0, markers: true, x, y, low, high, n }
    }

    /// Means with their intervals.
    pub fn of_means(name: impl Into<String>, colour: Colour, x: Vec<f64>, summaries: &[Option<&Summary>]) -> Line {
        let (low, high) = summaries.iter().map(|summary| summary.and_then(|s| s.ci95)).map(Option::unzip).unzip();
        let n = summaries.iter().map(|summary| summary.map_or(0, |s| s.n)).collect();
        let means = summaries.iter().map(|summary| summary.and_then(|s| s.mean)).collect();
        Line { low, high, n, ..Line::new(name, colour, x, means) }
    }

    /// As a mark, if any of it is defined.
    pub fn drawn(self) -> Option<Mark> {
        self.y.iter().any(Option::is_some).then_some(Mark::Line(self))
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Heatmap {
    /// What the colours are, with the unit.
    pub label: String,
    pub colours: Colours,
    /// Edges, one more than columns.
    pub x: Vec<f64>,
    /// Edges, one more than rows.
    pub y: Vec<f64>,
    /// Row by row, y ascending. In JSON a text stands for so many undefined cells.
    #[serde(serialize_with = "runs")]
    pub z: Vec<Option<f64>>,
    /// Whether undefined cells are grey: something is missing there, where elsewhere there is nothing.
    pub gaps: bool,
    /// Ends of the colour scale.
    pub range: (f64, f64),
    /// Lines of equal value on top.
    pub contours: Vec<Contour>,
}

/// A line of equal value through a map, as stretches with two ends each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contour {
    pub level: f64,
    pub x: Vec<[f64; 2]>,
    pub y: Vec<[f64; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Colours {
    /// From the background to dark.
    Sequential,
    /// Around 0.
    Diverging,
    /// Of things that are told apart, by their places in this list; the range is from half a place before the first to half a place
    /// after the last.
    Classes(&'static [&'static str]),
}

/// Colours there are of models and of populations; more of them take the same ones again.
pub const MODEL_COLOURS: usize = 8;
pub const POPULATION_COLOURS: usize = 6;

/// A colour by what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Model(usize),
    Population(usize),
    /// Of text.
    Ink,
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Colour::Model(i) => serializer.collect_str(&format_args!("m{}", i % MODEL_COLOURS)),
            Colour::Population(i) => serializer.collect_str(&format_args!("p{}", i % POPULATION_COLOURS)),
            Colour::Ink => serializer.serialize_str("ink"),
        }
    }
}

/// Beside the colour, so that it is not all that tells models apart; named as the page's drawing library does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Symbol {
    #[serde(rename = "circle")]
    Circle,
    #[serde(rename = "square")]
    Square,
    #[serde(rename = "diamond")]
    Diamond,
    #[serde(rename = "triangle-up")]
    Up,
    #[serde(rename = "triangle-down")]
    Down,
    #[serde(rename = "triangle-left")]
    Left,
    #[serde(rename = "triangle-right")]
    Right,
}

/// To the digits that a curve can show.
pub fn rounded(x: f64) -> f64 {
    format!("{x:.4e}").parse().unwrap_or(x)
}

/// For logarithms that are shown as colours.
pub fn hundredths(x: f64) -> f64 {
    (100.0 * x).round() / 100.0
}

fn runs<S: Serializer>(cells: &[Option<f64>], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Item {
        Value(f64),
        Undefined(String),
    }
    let runs = cells.chunk_by(|a, b| a.is_none() == b.is_none());
    serializer.collect_seq(runs.flat_map(|run| match run[0] {
        None => vec![Item::Undefined(run.len().to_string())],
        Some(_) => run.iter().flatten().map(|&z| Item::Value(z)).collect(),
    }))
}

/// Times as their differences in the largest unit that divides them all: short where spikes share a step.
fn differences<S: Serializer>(times: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Steps {
        /// ms.
        unit: f64,
        /// The first one counts from 0.
        steps: Vec<i64>,
    }
    let grains: Vec<i64> = times.iter().map(|t| (t * GRAINS).round() as i64).collect();
    let divisor = grains.iter().fold(0, |divisor, &grain| num_integer::gcd(divisor, grain)).max(1);
    let before = std::iter::once(0).chain(grains.iter().copied());
    let steps = grains.iter().zip(before).map(|(grain, before)| (grain - before) / divisor).collect();
    Steps { unit: divisor as f64 / GRAINS, steps }.serialize(serializer)
}

/// Per ms: sums of steps without the noise of their rounding.
const GRAINS: f64 = 1e4;

fn rounded_all<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|&x| rounded(x)))
}
