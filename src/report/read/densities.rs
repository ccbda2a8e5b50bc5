//! `densities.parquet` as histograms again, with bins aligned where they are of one width.

use super::Results;
use crate::model::Network;
use crate::report::error::ReportError;
use crate::results::table::read_groups;
use crate::results::{Table, file};
use crate::statistics::analysis::SMOOTHED;
use crate::statistics::population_plan::smoothing_steps;
use crate::statistics::{BinAxis, Histogram, HistogramKind};
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Grains in a bin from which on one more or less makes no comb.
const GRAINS: f64 = 4.0;
const MOST_JOINED: usize = 64;

/// Histograms by kind, population, model and point; [`HistogramKind::JointRate`] counts as the first population's.
#[derive(Default)]
pub struct Densities {
    of: HashMap<(HistogramKind, usize), HashMap<(usize, u32), Histogram>>,
}

/// `factor` neighbouring bins as one. Bins finer than what is counted, whole spikes of a small population, are a comb.
fn coarsened(histogram: &Histogram, factor: usize) -> Histogram {
    let x = histogram.x;
    // aligned so that 0 stays an edge
    let before = (x.low / x.width).round().rem_euclid(factor as f64) as usize;
    let bins = (x.bins as usize + before).div_ceil(factor);
    let mut values = vec![0.0; bins];
    for (bin, value) in histogram.values.iter().enumerate() {
        values[(bin + before) / factor] += value;
    }
    let (low, width) = (x.low - before as f64 * x.width, factor as f64 * x.width);
    Histogram { x: BinAxis { low, width, bins: bins as u32, ..x }, values, ..histogram.clone() }
}

/// Bins to join so that each holds about as many `grain`s as the others: a whole number, or at least [`GRAINS`].
fn joined(width: f64, grain: f64) -> usize {
    let even = |factor: &usize| {
        let ratio = *factor as f64 * width / grain;
        ratio >= GRAINS || ratio > 0.5 && (ratio - ratio.round()).abs() < 0.01 * ratio
    };
    (1..MOST_JOINED).find(even).unwrap_or(1)
}

/// What spikes of a point are counted in: neurons of each population, and time steps in ms.
struct Grid {
    sizes: Vec<f64>,
    dt: f64,
}

impl Grid {
    fn of(network: &Network) -> Grid {
        Grid { sizes: network.populations.iter().map(|p| f64::from(p.size)).collect(), dt: network.dt }
    }
}

/// The difference between two values of a kind of histogram, where they are counts of spikes: the largest of all points.
fn grain<'a>(kind: HistogramKind, population: usize, grids: impl FnOnce() -> &'a [Grid]) -> Option<f64> {
    let of: fn(f64, f64) -> f64 = match kind {
        HistogramKind::BurstPeak | HistogramKind::BurstDelta => {
            |size, dt| 300.0 / (size * smoothing_steps(SMOOTHED, dt) as f64 * dt)
        }
        HistogramKind::BurstSize => |size, _| 1.0 / size,
        _ => return None,
    };
    grids().iter().filter_map(|grid| Some(of(*grid.sizes.get(population)?, grid.dt))).max_by(f64::total_cmp)
}

/// Rows of one histogram: edges of x and y, and the value.
type Bins = Vec<[f64; 5]>;
/// Histograms with common axes.
type Group = Vec<((usize, u32), Bins)>;
/// By kind and population, then by model and point.
type Rows = HashMap<(HistogramKind, usize), BTreeMap<(usize, u32), Bins>>;

impl Densities {
    /// Two-dimensional histograms are kept of the points in `joint` only.
    pub fn read(directory: &Path, results: &Results, joint: &[u32]) -> Result<Densities, ReportError> {
        let path = directory.join(file::DENSITIES);
        let mut rows = Rows::new();
        if path.is_file() {
            read_groups(&path, |_| true, |group| collect(&group, results, joint, &mut rows))?;
        }
        let points = results.scan.points.keys();
        let grids = LazyCell::new(|| points.map(|&point| Grid::of(&results.network(point))).collect::<Vec<Grid>>());
        let of = rows.into_iter().map(|((kind, population), bins)| {
            let grain = grain(kind, population, || grids.as_slice());
            let factor = |width: f64| grain.map_or(1, |grain| joined(width, grain));
            let mut histograms = HashMap::new();
            for alike in by_width(bins) {
                let (x, y) = axes(kind, &alike);
                for (of, bins) in alike {
                    let values = vec![0.0; x.bins as usize * y.map_or(1, |y| y.bins as usize)];
                    let mut histogram = Histogram { kind, population: population as u32, x, y, values };
                    for row in bins {
                        let column = y.map_or(0, |y| place(&y, row[2], row[3]));
                        let bin = place(&x, row[0], row[1]) * y.map_or(1, |y| y.bins as usize) + column;
                        histogram.values[bin] += row[4];
                    }
                    let factor = factor(x.width);
                    histograms.insert(of, if factor > 1 { coarsened(&histogram, factor) } else { histogram });
                }
            }
            ((kind, population), histograms)
        });
        Ok(Densities { of: of.collect() })
    }

    pub fn get(&self, kind: HistogramKind, population: usize, model: usize, point: u32) -> Option<&Histogram> {
        self.of.get(&(kind, population))?.get(&(model, point))
    }

    /// Whether a model has one at any point.
    pub fn of_model(&self, kind: HistogramKind, population: usize, model: usize) -> bool {
        self.of.get(&(kind, population)).is_some_and(|of| of.keys().any(|&(m, _)| m == model))
    }
}

fn collect(group: &Table, results: &Results, joint: &[u32], rows: &mut Rows) {
    let texts: Option<Vec<_>> = ["model", "kind", "population"].iter().map(|name| group.text(name)).collect();
    let reals = ["x_low", "x_high", "y_low", "y_high", "value"].map(|name| group.real(name));
    let (Some(texts), Some(points)) = (texts, group.integer("point")) else { return };
    if reals.iter().any(Option::is_none) {
        return;
    }
    let same = |a: usize, b: usize| points[a] == points[b] && texts.iter().all(|column| column[a] == column[b]);
    let mut begin = 0;
    for end in 1..=group.rows {
        if end < group.rows && same(begin, end) {
            continue;
        }
        let text = |column: usize| texts[column][begin].as_deref().unwrap_or_default();
        let model = results.models.iter().position(|model| model.label == text(0));
        let kind = HistogramKind::ALL.into_iter().find(|kind| kind.name() == text(1));
        let joined = results.populations.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(",");
        let population = if text(2) == joined { Some(0) } else { position(&results.populations, text(2)) };
        let point = points[begin] as u32;
        if let (Some(model), Some(kind), Some(population)) = (model, kind, population)
            && (!is_joint(kind) || joint.contains(&point))
        {
            let row = |row: usize| reals.map(|column| column.and_then(|column| column[row]).unwrap_or(f64::NAN));
            let bins = rows.entry((kind, population)).or_default().entry((model, point)).or_default();
            bins.extend((begin..end).map(row).filter(|row| is_shown(kind, row, results)));
        }
        begin = end;
    }
}

/// Of spectra the frequencies up to the band's end.
fn is_shown(kind: HistogramKind, [low, high, ..]: &[f64; 5], results: &Results) -> bool {
    let [_, end] = results.experiment.analysis.psd_band;
    kind != HistogramKind::Psd || 0.5 * (low + high) <= end
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|n| n == name)
}

fn is_joint(kind: HistogramKind) -> bool {
    matches!(kind, HistogramKind::JointRate | HistogramKind::JointKicks)
}

/// Histograms with bins of the same widths: those of voltages belong to a model, those of kicks to a point. The first one decides of
/// the rounding of a width, so they come in order.
fn by_width(histograms: BTreeMap<(usize, u32), Bins>) -> Vec<Group> {
    let side = |bins: &Bins, low: usize| width(bins.iter().map(|row| (row[low], row[low + 1])));
    let with_widths = histograms.into_iter().map(|(of, bins)| ([0, 2].map(|low| side(&bins, low)), (of, bins)));
    let mut histograms: Vec<([Option<f64>; 2], _)> = with_widths.collect();
    // where all bins are open, any width will do
    histograms.sort_by_key(|(widths, _)| widths.iter().filter(|width| width.is_none()).count());
    let mut groups: Vec<([Option<f64>; 2], Group)> = Vec::new();
    for (widths, histogram) in histograms {
        let fits = |(a, b): (&Option<f64>, &Option<f64>)| a.zip(*b).is_none_or(|(a, b)| (a - b).abs() < 1e-6 * b);
        match groups.iter_mut().find(|(known, _)| known.iter().zip(&widths).all(fits)) {
            Some((_, group)) => group.push(histogram),
            None => groups.push((widths, vec![histogram])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Of the closed bins among these.
fn width(mut edges: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    edges.find_map(|(low, high)| Some(high - low).filter(|width| width.is_finite()))
}

/// The smallest axes that hold every row; empty outer bins were never written.
fn axes(kind: HistogramKind, histograms: &Group) -> (BinAxis, Option<BinAxis>) {
    let rows = || histograms.iter().flat_map(|(_, bins)| bins);
    let x = covering(rows().map(|row| (row[0], row[1])));
    let y = is_joint(kind).then(|| covering(rows().map(|row| (row[2], row[3]))));
    (x, y)
}

fn covering(edges: impl Iterator<Item = (f64, f64)> + Clone) -> BinAxis {
    let width = width(edges.clone()).unwrap_or(1.0);
    let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut open_low, mut open_high) = (false, false);
    for (low, high) in edges {
        open_low |= low == f64::NEG_INFINITY;
        open_high |= high == f64::INFINITY;
        let (low, high) = closed(low, high, width);
        (from, to) = (from.min(low), to.max(high));
    }
    if from > to {
        (from, to) = (0.0, width);
    }
    let bins = ((to - from) / width).round().max(1.0) as u32;
    BinAxis { low: from, width, bins, open_low, open_high }
}

/// Open bins as wide as the others.
fn closed(low: f64, high: f64, width: f64) -> (f64, f64) {
    match (low.is_finite(), high.is_finite()) {
        (false, true) => (high - width, high),
        (true, false) => (low, low + width),
        (true, true) => (low, high),
        (false, false) => (0.0, width),
    }
}

fn place(axis: &BinAxis, low: f64, high: f64) -> usize {
    let (low, high) = closed(low, high, axis.width);
    axis.bin(0.5 * (low + high))
}
