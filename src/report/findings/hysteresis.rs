//! Where the two passes of a sweep differ: fold points, and the width of the bistable range between them.

use super::kind::{passes, swept};
use crate::report::numbers::{magnitude, percent, plain, short, with_unit};
use crate::report::read::Results;
use crate::report::table::{Cell, TableView};
use crate::statistics::student::quantile_975;
use crate::statistics::{Deviation, Group, table};

pub const TABLE: &str = "hysteresis";
pub const LOWER: &str = "lower fold";
pub const UPPER: &str = "upper fold";
pub const WIDTH: &str = "width";
pub const LARGEST: &str = "largest difference";
/// Slices of a sweep with further axes.
const SLICES: usize = 12;
/// Share of the larger pass by which the passes of a bistable point differ at least: less is the passage of a slow transient.
const APART: f64 = 0.05;
/// Times the forward pass from which on a difference is told in its unit: the forward pass hardly fires.
const SEVERAL: f64 = 10.0;
/// Share of the largest value of a slice below which a difference is between states that are both silent.
const SILENT: f64 = 1e-4;
/// Neighbouring points that differ the same way, of random models: among many points some one differs by chance.
const TOGETHER: usize = 2;
/// The same where there is one realisation, of which nobody knows how much it varies.
const TOGETHER_ALONE: usize = 3;
/// Half widths of its interval that a difference of one point alone is from 0.
const BEYOND_CHANCE: f64 = 3.0;

/// An end of the bistable range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// Middle between the last point that is bistable and its neighbour that is not.
    pub value: f64,
    /// Half of their distance; `None` at an end of the scan: the fold lies beyond.
    pub half: Option<f64>,
}

/// The stretch of points around the largest difference whose passes differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bistable {
    pub lower: Fold,
    pub upper: Fold,
}

impl Fold {
    fn text(&self, beyond: &str) -> String {
        match self.half {
            Some(half) => format!("{} ± {}", plain(self.value), plain(half)),
            None => format!("{beyond} {}", plain(self.value)),
        }
    }
}

/// What the backward pass is at a place, from the forward one.
struct Difference {
    place: usize,
    deviation: Deviation,
    /// Half width of the 95 % interval of the difference; `None` of one realisation.
    half: Option<f64>,
    /// The larger of both passes.
    larger: f64,
}

impl Difference {
    fn size(&self) -> f64 {
        self.deviation.difference.value.abs()
    }
}

fn differences(
    results: &Results,
    model: usize,
    statistic: usize,
    slice: &[u32],
    (forward, backward): &(String, String),
) -> Vec<Difference> {
    let along = swept(results);
    let there = results.scan.line(along, slice, forward);
    let back = results.scan.line(along, slice, backward);
    let of = |&(place, forward): &(usize, u32)| {
        let &(_, backward) = back.iter().find(|(other, _)| *other == place)?;
        let measured = |point| results.measured(model, point, statistic);
        let (a, b) = (measured(forward)?, measured(backward)?);
        let larger = a.summary.mean?.abs().max(b.summary.mean?.abs());
        let deviation = results.statistics[statistic].deviation(&b, &a)?;
        // a pass whose realisations are all equal, as where it is silent, adds no scatter to that of the other
        let sems = a.summary.sem.zip(b.summary.sem);
        let dof = a.summary.n.min(b.summary.n).saturating_sub(1).max(1);
        let of_both = sems.map(|(a, b)| quantile_975(dof) * (a * a + b * b).sqrt());
        Some(Difference { place, deviation, half: deviation.difference.half.or(of_both), larger })
    };
    there.iter().filter_map(of).collect()
}

/// Which way the passes differ, if by more than their scatter, by more than [`APART`], and by more than what is silent in both beside
/// the `largest` of the slice.
fn apart(of: &Difference, largest: f64) -> Option<bool> {
    let is_apart =
        of.size() > APART * of.larger && of.size() > SILENT * largest && of.half.is_none_or(|half| of.size() > half);
    is_apart.then_some(of.deviation.difference.value > 0.0)
}

/// Whether points that differ the same way do so by more than chance, of all the points of a slice.
fn is_told(run: &[Difference], deterministic: bool) -> bool {
    let is_beyond = |of: &Difference| of.half.is_some_and(|half| of.size() > BEYOND_CHANCE * half);
    let alone = run.iter().any(|of| of.half.is_none());
    deterministic || run.len() >= if alone { TOGETHER_ALONE } else { TOGETHER } || run.iter().any(is_beyond)
}

/// The neighbouring points around the largest difference whose passes differ; `None` where the passes agree.
fn stretch(differences: &[Difference], deterministic: bool) -> Option<&[Difference]> {
    let largest = differences.iter().map(|d| d.larger).fold(0.0, f64::max);
    let runs = differences.chunk_by(|a, b| apart(a, largest) == apart(b, largest));
    let size = |run: &[Difference]| run.iter().map(Difference::size).fold(0.0, f64::max);
    let told = runs.filter(|run| apart(&run[0], largest).is_some() && is_told(run, deterministic));
    told.max_by(|a, b| size(a).total_cmp(&size(b)))
}

/// The bistable range of a statistic of a model, around the largest difference; `None` where the passes agree.
pub fn bistable(
    results: &Results,
    model: usize,
    statistic: usize,
    slice: &[u32],
    pass: &(String, String),
) -> Option<Bistable> {
    let differences = differences(results, model, statistic, slice, pass);
    let stretch = stretch(&differences, results.models[model].deterministic)?;
    Some(ends(results, &differences, stretch))
}

/// The ends of a stretch of the differences along a slice.
fn ends(results: &Results, differences: &[Difference], stretch: &[Difference]) -> Bistable {
    let numbers = results.scan.dimensions[swept(results)].numbers();
    let (first, last) = (stretch[0].place, stretch[stretch.len() - 1].place);
    let known = |place: Option<usize>| place.filter(|place| differences.iter().any(|d| d.place == *place));
    let fold = |inside: usize, outside: Option<usize>| match known(outside) {
        Some(outside) => Fold {
            value: 0.5 * (numbers[inside] + numbers[outside]),
            half: Some(0.5 * (numbers[inside] - numbers[outside]).abs()),
        },
        None => Fold { value: numbers[inside], half: None },
    };
    Bistable { lower: fold(first, first.checked_sub(1)), upper: fold(last, Some(last + 1)) }
}

/// Fold points of every model and population along the sweep, by the first statistic that a reader looks at.
pub fn view(results: &Results) -> Option<TableView> {
    let statistic = table().find(|statistic| statistic.group == Group::Overview)?;
    let along = swept(results);
    let unit = &results.scan.dimensions[along].unit;
    let mut rows = Vec::new();
    for (at, slice) in results.scan.slices(&[along], SLICES) {
        for pass in passes(results) {
            for model in 0..results.models.len() {
                for (i, column) in results.statistics.iter().enumerate() {
                    if !std::ptr::eq(column.statistic, statistic) {
                        continue;
                    }
                    let differences = differences(results, model, i, &slice, &pass);
                    if differences.is_empty() {
                        continue;
                    }
                    let stretch = stretch(&differences, results.models[model].deterministic);
                    let name = row(results, model, column.population, &[&at, &pass.0.replace("forward", "")]);
                    let found = stretch.map(|stretch| ends(results, &differences, stretch));
                    let [lower, upper, width] = match found {
                        Some(Bistable { lower, upper }) => {
                            let open = lower.half.is_none() || upper.half.is_none();
                            let width = plain(upper.value - lower.value);
                            let width = if open { format!("more than {width}") } else { width };
                            [lower.text("below"), upper.text("above"), width].map(Cell::from)
                        }
                        None => [Cell::nothing(), Cell::nothing(), Cell::untold("0")],
                    };
                    let largest = largest(results, stretch.unwrap_or(&differences), column.statistic.unit);
                    rows.push((name, vec![lower, upper, width, Cell::from(largest)]));
                }
            }
        }
    }
    let label = with_unit(&results.scan.dimensions[along].label, unit);
    let caption = format!(
        "Where both directions along {label} differ in {} by more than {} of the larger and more than chance (Student's t, 95 %, the \
         same way at {TOGETHER} neighbouring points, at {TOGETHER_ALONE} of one realisation, or by {BEYOND_CHANCE} half widths at one; deterministic \
         models at any): the stretch of points around the largest \
         difference. Beyond its last point the sweep leaves its branch: at a fold or, where a step is large beside what is drawn to the \
         branch, before it.",
        statistic.title(),
        magnitude(APART)
    );
    let header = [LOWER, UPPER, WIDTH, LARGEST].map(String::from);
    (!rows.is_empty()).then(|| TableView::named(TABLE, caption, "model, population", header, rows))
}

/// Name of a row of the table.
pub fn row(results: &Results, model: usize, population: usize, others: &[&str]) -> String {
    let (model, population) = (&results.models[model].label, &results.populations[population]);
    let parts = [model.as_str(), population.as_str()].into_iter().chain(others.iter().copied());
    parts.map(|part| part.trim_matches([' ', ','])).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// "12.3 Hz (+45.0 %) at 0.93", or "87.01 Hz at 5 1/ms": backward against forward.
fn largest(results: &Results, differences: &[Difference], unit: &str) -> Option<String> {
    let Difference { place, deviation, .. } = differences.iter().max_by(|a, b| a.size().total_cmp(&b.size()))?;
    let relative = deviation.relative.filter(|relative| relative.value.abs() < SEVERAL);
    let relative = relative.map_or(String::new(), |relative| format!(" ({})", percent(relative.value)));
    let along = &results.scan.dimensions[swept(results)];
    let place = format!("{} {}", plain(along.number(*place)), along.unit);
    Some(format!("{} {unit}{relative} at {}", short(deviation.difference.value), place.trim_end()))
}
