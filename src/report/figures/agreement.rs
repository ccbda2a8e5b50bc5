//! How far the reduced models are from the network, in one table.

use super::realisations;
use crate::report::numbers::{self, difference, in_unit, magnitude, percent, short, with_unit};
use crate::report::read::{Column, Results};
use crate::report::section::Section;
use crate::report::table::{Cell, TableView, Verdict};
use crate::statistics::{Deviation, Estimate, table};

/// Share of the points of an exact model that lie within their uncertainty; and of exact models that are called so.
const BY_CHANCE: f64 = 0.95;

pub fn section(results: &Results) -> Section {
    let mut section = Section { id: "agreement".into(), ..Section::default() };
    let reduced: Vec<usize> = (0..results.models.len()).filter(|&m| Some(m) != results.reference()).collect();
    if results.scan.points.len() == 1 {
        section.title = "Results".into();
        section.tables.extend(values(results));
    }
    if let Some(reference) = results.reference().filter(|_| !reduced.is_empty()) {
        section.title = "Agreement".into();
        let label = &results.models[reference].label;
        section.text = format!(
            "Errors of the reduced models relative to {label}, (model − {label})/{label}; where {label} is not told from 0, and of \
             phases and choices, the difference model − {label} in the unit of the statistic. An error is within its uncertainty (✓) if 0 lies in its \
             95 % interval (Student's t; realisations of the same number, which share random numbers, as pairs), else \
             outside (✗); of exact models, 5 % of the points would lie outside."
        );
        section.tables.extend(errors(results, &reduced));
    }
    section
}

/// Every statistic of the only point: a row per statistic, a column per model and population.
fn values(results: &Results) -> Option<TableView> {
    let point = *results.scan.points.keys().next()?;
    let models: Vec<usize> = (0..results.models.len()).collect();
    let of_models = |population: &String| {
        models.iter().map(|&model| format!("{}, {population}", results.models[model].label)).collect::<Vec<_>>()
    };
    let header = results.populations.iter().flat_map(of_models);
    let mut rows = Vec::new();
    for statistic in table() {
        let (mut cells, mut any) = (Vec::new(), false);
        for population in 0..results.populations.len() {
            let of = |column: &Column| std::ptr::eq(column.statistic, statistic) && column.population == population;
            let column = results.statistics.iter().position(of);
            for &model in &models {
                let summary = column.and_then(|column| results.summary(model, point, column));
                let text = summary.and_then(|summary| numbers::mean(statistic, summary));
                any |= text.is_some();
                let is_zero = summary.is_some_and(|summary| summary.mean == Some(0.0));
                cells.push(Cell { untold: is_zero || text.is_none(), ..Cell::from(text) });
            }
        }
        if any {
            rows.push((with_unit(&statistic.title(), statistic.unit), cells));
        }
    }
    let counts = realisations(results, &models);
    let caption = format!("Mean ± half width of its 95 % interval (Student t; of choices Wilson's ends); {counts}.");
    (!rows.is_empty()).then(|| TableView::named("values", caption, "statistic", header, rows))
}

/// What stands in a table of errors, a column per reduced model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// The only error of a single point.
    Single,
    /// The largest of a scan, and where it is.
    Largest,
    /// The median of a scan, and how many points are within their uncertainty.
    Median,
}

impl View {
    fn id(self) -> &'static str {
        match self {
            View::Single => "agreement",
            View::Largest => "agreement-largest",
            View::Median => "agreement-median",
        }
    }

    fn caption(self) -> &'static str {
        match self {
            View::Single => "Error ± half width of its 95 % interval. Green ✓: 0 lies within it; red ✗: outside.",
            View::Largest => {
                "The largest relative error over the scan, and where; the largest difference as well where the network is not told \
                 from 0 and the model is. Green ✓: within its uncertainty; red ✗: outside; uncoloured: uncertainty unknown."
            }
            View::Median => {
                "Median size of the relative errors, of those points (“at 4 of 9 points”) where the network is told from 0; and at how \
                 many points the model is within its uncertainty. Green ✓: at as many as chance allows; red ✗: at fewer."
            }
        }
    }

    fn cell(self, results: &Results, deviations: &Deviations, unit: &str) -> Cell {
        let of = Split::new(deviations);
        match self {
            View::Single => of.single(unit),
            View::Largest => of.largest(results, unit),
            View::Median => of.median(deviations, unit),
        }
    }
}

/// A relative error below it is shown as 0.00 %.
const NOTHING: f64 = 5e-5;

/// Deviations of a model by what can be said of them.
struct Split {
    relative: Vec<(u32, Estimate)>,
    /// Differences where the reference is not told from 0.
    near_zero: Vec<(u32, Estimate)>,
}

impl Split {
    fn new(deviations: &Deviations) -> Split {
        let relative = deviations.iter().filter_map(|&(point, d)| Some((point, d.relative?)));
        let near_zero = deviations.iter().filter(|(_, d)| d.relative.is_none());
        Split { relative: relative.collect(), near_zero: near_zero.map(|&(point, d)| (point, d.difference)).collect() }
    }

    fn single(&self, unit: &str) -> Cell {
        let (text, size, e) = match (self.relative.first(), self.near_zero.first()) {
            (Some((_, e)), _) => {
                let half = e.half.map_or(String::new(), |half| format!(" ± {}", magnitude(half)));
                (percent(e.value) + &half, Some(e.value.abs()), e)
            }
            (None, Some((_, e))) => (difference(e, unit), None, e),
            (None, None) => return Cell::nothing(),
        };
        Cell { size, verdict: verdict(e.holds_zero()), ..Cell::from(text) }
    }

    /// Untold where it is nothing, or that of one point, of which the median tells already.
    fn largest(&self, results: &Results, unit: &str) -> Cell {
        let at = |text: String, point: u32| format!("{text} at {}", results.scan.name(point));
        let relative = largest(&self.relative);
        // what is within its uncertainty of a network near 0 is no news beside a relative error
        let near_zero = largest(&self.near_zero).filter(|(_, e)| relative.is_none() || e.holds_zero() == Some(false));
        let is_nothing = match (relative, near_zero) {
            (Some((_, e)), _) => e.value.abs() < NOTHING,
            (None, Some((_, e))) => e.value == 0.0,
            (None, None) => return Cell::nothing(),
        };
        let known: Vec<bool> =
            [relative, near_zero].into_iter().flatten().filter_map(|(_, e)| e.holds_zero()).collect();
        let relative = relative.map(|&(point, e)| at(percent(e.value), point));
        let near_zero = near_zero.map(|&(point, e)| at(difference(&e, unit), point));
        let texts: Vec<String> = relative.into_iter().chain(near_zero).collect();
        Cell {
            untold: is_nothing || self.relative.len() == 1 && !self.near_zero.is_empty(),
            verdict: verdict((!known.is_empty()).then(|| known.iter().all(|&within| within))),
            ..Cell::listed(&texts, 1, "; ")
        }
    }

    fn median(&self, deviations: &Deviations, unit: &str) -> Cell {
        let size = median(&self.relative);
        let middle = match size {
            Some(middle) if self.near_zero.is_empty() => Some(magnitude(middle)),
            Some(middle) => {
                Some(format!("{} at {} of {} points", magnitude(middle), self.relative.len(), deviations.len()))
            }
            // to as many digits as shares have: no difference is a number too
            None => median(&self.near_zero).map(|middle| match middle {
                0.0 => in_unit("0.000", unit),
                _ => in_unit(&short(middle), unit),
            }),
        };
        let known: Vec<bool> = deviations.iter().filter_map(|(_, d)| d.difference.holds_zero()).collect();
        let inside = known.iter().filter(|&&inside| inside).count();
        let aside = (!known.is_empty()).then(|| format!("{inside}/{}", known.len()));
        let enough = known.len() - inside <= outside_by_chance(known.len());
        Cell { aside, size, verdict: verdict((!known.is_empty()).then_some(enough)), ..Cell::from(middle) }
    }
}

fn verdict(within: Option<bool>) -> Verdict {
    match within {
        Some(true) => Verdict::Within,
        Some(false) => Verdict::Outside,
        None => Verdict::None,
    }
}

fn largest(of: &[(u32, Estimate)]) -> Option<&(u32, Estimate)> {
    of.iter().max_by(|a, b| a.1.value.abs().total_cmp(&b.1.value.abs()))
}

/// Of the sizes.
fn median(of: &[(u32, Estimate)]) -> Option<f64> {
    let mut sizes: Vec<f64> = of.iter().map(|(_, e)| e.value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let n = sizes.len();
    (n > 0).then(|| 0.5 * (sizes[(n - 1) / 2] + sizes[n / 2]))
}

/// Of a model, where it has one.
pub type Deviations = Vec<(u32, Deviation)>;

/// A row per statistic, a column per reduced model.
fn errors(results: &Results, reduced: &[usize]) -> Vec<TableView> {
    let points = || results.scan.points.keys();
    let rows = results.statistics.iter().enumerate().map(|(i, column)| {
        let of_model =
            |&model: &usize| points().filter_map(|&point| Some((point, results.deviation(model, point, i)?))).collect();
        (column, reduced.iter().map(of_model).collect())
    });
    let labels = reduced.iter().map(|&model| results.models[model].label.clone()).collect();
    tables(results, rows.collect(), labels)
}

/// Of the same models in other results; both directories are on the page, so that the tables have other names.
pub fn difference_tables(
    results: &Results,
    rows: Vec<(&Column, Vec<Deviations>)>,
    labels: Vec<String>,
) -> Vec<TableView> {
    let renamed = |table: TableView| TableView {
        id: table.id.replace("agreement", "differences"),
        caption: table
            .caption
            .replace("error", "difference")
            .replace("Error", "Difference")
            .replace("the network", "the first"),
        ..table
    };
    tables(results, rows, labels).into_iter().map(renamed).collect()
}

fn tables(results: &Results, rows: Vec<(&Column, Vec<Deviations>)>, labels: Vec<String>) -> Vec<TableView> {
    let is_told = |(_, of): &(&Column, Vec<Deviations>)| of.iter().any(|of_model| !of_model.is_empty());
    let rows: Vec<(&Column, Vec<Deviations>)> = rows.into_iter().filter(is_told).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let views: &[View] = if results.scan.points.len() == 1 { &[View::Single] } else { &[View::Largest, View::Median] };
    let table = |&view: &View| {
        let line = |(column, of): &(&Column, Vec<Deviations>)| {
            let unit = column.statistic.unit;
            let cells = of.iter().map(|of_model| view.cell(results, of_model, unit));
            (with_unit(&column.name, unit), cells.collect::<Vec<_>>())
        };
        let caption = view.caption().into();
        TableView::named(view.id(), caption, "statistic", labels.iter().cloned(), rows.iter().map(line))
    };
    views.iter().map(table).collect()
}

/// Points of `n` that may lie outside: exceeded by fewer than 5 % of exact models (binomial).
fn outside_by_chance(n: usize) -> usize {
    let odds = (1.0 - BY_CHANCE) / BY_CHANCE;
    // in logarithms: of many points no share at either end is a number
    let mut share = n as f64 * BY_CHANCE.ln();
    let mut sum = share.exp();
    let mut outside = 0;
    // rounding must not ask for one point more
    while sum < BY_CHANCE - 1e-9 && outside < n {
        share += ((n - outside) as f64 / (outside + 1) as f64 * odds).ln();
        outside += 1;
        sum += share.exp();
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::outside_by_chance;

    /// Quantiles of the binomial distribution at 0.05 per point, from its distribution function in exact fractions.
    #[test]
    fn chance_allows_a_few_points() {
        assert_eq!([1, 5, 6, 20, 51, 101].map(outside_by_chance), [0, 1, 1, 3, 5, 9]);
        // by the normal distribution, 1.6449 standard deviations from the mean
        let many = 1_000_000.0 * (1.0 - 0.95) + 1.6449 * (1_000_000.0_f64 * 0.95 * 0.05).sqrt();
        assert!((outside_by_chance(1_000_000) as f64 - many).abs() < 2.0, "{}", outside_by_chance(1_000_000));
    }
}
