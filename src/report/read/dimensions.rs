//! The scan behind a table of points: which columns move together, which values they take, and cuts along them.
//!
//! It is made from the points that are there, so parts of a grid, refined scans and merged shards need no config.

use crate::results::{AxisValue, is_logarithmic};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Axis columns that move together (`zip`), with at least two values.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Indices into [`ScannedAxes::axes`].
    pub axes: Vec<usize>,
    /// "p of E←I".
    pub label: String,
    /// Empty where there is none.
    pub unit: String,
    /// Of the first of them; numbers ascending, texts as they come.
    pub values: Vec<AxisValue>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScannedAxes {
    /// Paths and units.
    pub axes: Vec<(String, String)>,
    pub points: BTreeMap<u32, Vec<AxisValue>>,
    /// Of numbers.
    pub dimensions: Vec<Dimension>,
    /// Of texts, such as the direction of a sweep.
    pub labels: Vec<Dimension>,
    /// Per point: its place along every dimension, then along every label.
    places: BTreeMap<u32, Vec<usize>>,
    /// All combinations of labels, in the order of their points; one empty one without labels.
    varieties: Vec<String>,
    /// Which of them each point has.
    variety_of: HashMap<u32, usize>,
}

impl ScannedAxes {
    /// `points` may carry more values than there are axes; those are ignored.
    pub fn new(axes: Vec<(String, String)>, mut points: BTreeMap<u32, Vec<AxisValue>>) -> ScannedAxes {
        points.values_mut().for_each(|values| values.truncate(axes.len()));
        let column = |axis: usize| points.values().filter_map(|values| values.get(axis)).collect::<Vec<_>>();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for axis in 0..axes.len() {
            if distinct(&column(axis)).len() < 2 {
                continue;
            }
            match groups.iter_mut().find(|group| together(&column(group[0]), &column(axis))) {
                Some(group) => group.push(axis),
                None => groups.push(vec![axis]),
            }
        }
        let dimension = |group: &Vec<usize>| {
            let mut values: Vec<AxisValue> = distinct(&column(group[0])).into_iter().cloned().collect();
            values.sort_by(|a, b| match (a, b) {
                (AxisValue::Number(a), AxisValue::Number(b)) => a.total_cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            let paths: Vec<&str> = group.iter().map(|&axis| axes[axis].0.as_str()).collect();
            let equal = group.iter().all(|&axis| column(axis) == column(group[0]));
            Dimension { axes: group.clone(), label: label(&paths, equal), unit: axes[group[0]].1.clone(), values }
        };
        let all = groups.iter().map(dimension);
        let (dimensions, labels): (Vec<_>, Vec<_>) =
            all.partition(|d| d.values.iter().all(|value| matches!(value, AxisValue::Number(_))));
        let all = dimensions.iter().chain(&labels);
        let ranks: Vec<(usize, HashMap<Exact, usize>)> = all.map(|d| (d.axes[0], ranks(&d.values))).collect();
        let of_point = |values: &Vec<AxisValue>| -> Vec<usize> {
            let place = |(axis, ranks): &(usize, HashMap<Exact, usize>)| {
                values.get(*axis).and_then(|value| ranks.get(&Exact::of(value)).copied()).unwrap_or(0)
            };
            ranks.iter().map(place).collect()
        };
        let places: BTreeMap<u32, Vec<usize>> =
            points.iter().map(|(&point, values)| (point, of_point(values))).collect();
        let mut known: HashMap<&[usize], usize> = HashMap::new();
        let (mut varieties, mut variety_of) = (Vec::new(), HashMap::new());
        for (&point, places) in &places {
            let of_labels = &places[dimensions.len()..];
            let number = *known.entry(of_labels).or_insert_with(|| {
                let texts = labels.iter().zip(of_labels).map(|(label, &place)| label.values[place].to_string());
                varieties.push(texts.collect::<Vec<_>>().join(", "));
                varieties.len() - 1
            });
            variety_of.insert(point, number);
        }
        ScannedAxes { axes, points, dimensions, labels, places, varieties, variety_of }
    }

    /// What names the point among the others: "p = 0.8, forward"; empty for the only one.
    pub fn name(&self, point: u32) -> String {
        let places = self.places.get(&point).map(Vec::as_slice).unwrap_or_default();
        let named = self.dimensions.iter().chain(&self.labels).zip(places);
        named.map(|(dimension, &place)| dimension.at(place)).collect::<Vec<_>>().join(", ")
    }

    /// The point's value in every dimension and label.
    pub fn coordinates(&self, point: u32) -> impl Iterator<Item = String> {
        let places = self.places.get(&point).map(Vec::as_slice).unwrap_or_default();
        self.dimensions.iter().chain(&self.labels).zip(places).map(|(d, &place)| d.values[place].to_string())
    }

    /// Every point of the scan, or about `most` of them, evenly spread over the grid.
    pub fn spread(&self, most: usize) -> Vec<u32> {
        let sizes: Vec<usize> = self.dimensions.iter().map(|d| d.values.len()).collect();
        let kept = |stride: usize| {
            let on = |places: &[usize]| places.iter().zip(&sizes).all(|(place, _)| place.is_multiple_of(stride));
            self.places.iter().filter(|(_, places)| on(places)).map(|(&point, _)| point).collect::<Vec<u32>>()
        };
        let longest = sizes.iter().copied().max().unwrap_or(1);
        // a longer stride keeps fewer
        let (mut short, mut long) = (1, longest);
        while short < long {
            let stride = (short + long) / 2;
            if kept(stride).len() <= most { long = stride } else { short = stride + 1 }
        }
        let thinned = Some(kept(short)).filter(|points| points.len() <= most);
        // points that lie on no grid are thinned in their order
        let every = self.points.len().div_ceil(most).max(1);
        thinned
            .filter(|points| !points.is_empty())
            .unwrap_or_else(|| self.points.keys().copied().step_by(every).collect())
    }

    /// Places of a point along the dimensions.
    pub fn places(&self, point: u32) -> &[usize] {
        self.places.get(&point).map_or(&[], |places| &places[..self.dimensions.len()])
    }

    /// Which combination of labels a point has: "forward"; empty without labels.
    pub fn variety(&self, point: u32) -> String {
        self.variety_of.get(&point).map_or(String::new(), |&number| self.varieties[number].clone())
    }

    /// All combinations of labels, in the order of their points; one empty one without labels.
    pub fn varieties(&self) -> &[String] {
        &self.varieties
    }

    /// Groups of points that agree in all dimensions but the given ones, at most about `most`, evenly spread; with what
    /// they agree in.
    pub fn slices(&self, free: &[usize], most: usize) -> Vec<(String, Vec<u32>)> {
        let fixed: Vec<usize> = (0..self.dimensions.len()).filter(|d| !free.contains(d)).collect();
        let mut groups: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
        for (&point, places) in &self.places {
            groups.entry(fixed.iter().map(|&d| places[d]).collect()).or_default().push(point);
        }
        let name = |places: &[usize]| {
            let parts = fixed.iter().zip(places).map(|(&d, &place)| self.dimensions[d].at(place));
            parts.collect::<Vec<_>>().join(", ")
        };
        let all: Vec<_> = groups.iter().map(|(places, points)| (name(places), points.clone())).collect();
        evenly(all.len(), most).into_iter().map(|i| all[i].clone()).collect()
    }

    /// The points of a slice that have these labels, with their places along a dimension, ascending.
    pub fn line(&self, along: usize, slice: &[u32], variety: &str) -> Vec<(usize, u32)> {
        let number = self.varieties.iter().position(|other| other == variety);
        let on = slice.iter().filter(|point| self.variety_of.get(point).copied() == number);
        let mut line: Vec<(usize, u32)> = on.map(|&point| (self.places[&point][along], point)).collect();
        line.sort_unstable();
        line
    }
}

impl Dimension {
    pub fn number(&self, place: usize) -> f64 {
        match self.values[place] {
            AxisValue::Number(x) => x,
            AxisValue::Text(_) => place as f64,
        }
    }

    pub fn numbers(&self) -> Vec<f64> {
        (0..self.values.len()).map(|place| self.number(place)).collect()
    }

    /// "tau of E←I = 4.5 ms", or the text itself.
    fn at(&self, place: usize) -> String {
        match &self.values[place] {
            AxisValue::Number(x) => format!("{} = {} {}", self.label, digits(*x), self.unit).trim_end().to_string(),
            AxisValue::Text(text) => text.clone(),
        }
    }

    /// Values that grow by factors rather than by differences.
    pub fn is_logarithmic(&self) -> bool {
        is_logarithmic(&self.numbers())
    }
}

/// To six significant digits: more would tell of a grid's rounding.
fn digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// `most` of 0..n with both ends, or all of them.
pub fn evenly(n: usize, most: usize) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    (0..most).map(|i| (i * (n - 1) + (most - 1) / 2) / (most - 1)).collect()
}

/// A value that can be looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Exact<'a> {
    Number(u64),
    Text(&'a str),
}

impl Exact<'_> {
    fn of(value: &AxisValue) -> Exact<'_> {
        match value {
            // 0 and -0 are one value
            AxisValue::Number(x) => Exact::Number((x + 0.0).to_bits()),
            AxisValue::Text(text) => Exact::Text(text),
        }
    }
}

fn ranks(values: &[AxisValue]) -> HashMap<Exact<'_>, usize> {
    values.iter().enumerate().map(|(place, value)| (Exact::of(value), place)).collect()
}

fn distinct<'a>(values: &[&'a AxisValue]) -> Vec<&'a AxisValue> {
    let mut known = HashSet::new();
    values.iter().copied().filter(|value| known.insert(Exact::of(value))).collect()
}

/// Whether each value of one goes with one value of the other.
fn together(a: &[&AxisValue], b: &[&AxisValue]) -> bool {
    let pairs: HashSet<_> = a.iter().zip(b).map(|(a, b)| (Exact::of(a), Exact::of(b))).collect();
    a.len() == b.len() && pairs.len() == distinct(a).len() && pairs.len() == distinct(b).len()
}

/// "rate in step 2" for `rate.steps.1.1`, "begin of step 2" for `rate.steps.1.0`: entries of a table, counted from one.
fn entry(field: &str) -> String {
    let of_table = field.split_once(".steps.").and_then(|(rate, place)| {
        let (step, part) = place.split_once('.')?;
        let step = step.parse::<usize>().ok()? + 1;
        Some(if part == "0" { format!("begin of step {step}") } else { format!("{rate} in step {step}") })
    });
    of_table.unwrap_or_else(|| field.to_string())
}

/// "p of E←I", "drive.rate of E, I", and "size of E and others" where different parameters move together, or one parameter with
/// different values. `equal`: all have the values of the first.
pub fn label(paths: &[&str], equal: bool) -> String {
    let split = |path: &str| {
        let rest = ["populations.", "sources.", "projections."].iter().find_map(|section| path.strip_prefix(section));
        rest.and_then(|rest| rest.split_once('.')).map(|(owner, field)| (owner.replace("<-", "←"), entry(field)))
    };
    let parts: Option<Vec<(String, String)>> = paths.iter().map(|path| split(path)).collect();
    match parts {
        Some(parts) if equal && parts.iter().all(|(_, field)| *field == parts[0].1) => {
            let owners: Vec<&str> = parts.iter().map(|(owner, _)| owner.as_str()).collect();
            format!("{} of {}", parts[0].1, owners.join(", "))
        }
        Some(parts) => format!("{} of {} and others", parts[0].1, parts[0].0),
        None => paths[0].to_string(),
    }
}
