//! Between which values each statistic moves over a scan, and where the bursts of a model alternate.

use crate::report::numbers::{mean, plain, with_unit};
use crate::report::read::{Column, Results};
use crate::report::table::{Cell, TableView};
use crate::statistics::{Group, Summary};

pub const LEAST: &str = "least";
pub const MOST: &str = "most";
pub const ALTERNATION: &str = "alternation";
/// Correlation of the heights of consecutive bursts below which bursts alternate: halfway from independence to strict alternation.
const ALTERNATES: f64 = -0.5;
/// Bursts of one height have a correlation too, of what the time step leaves of them: heights differ by more than this share.
const DIFFER: f64 = 0.01;
/// Bursts of a member, mean over members: the correlation of n independent heights is -1/n on average.
const BURSTS: f64 = 10.0;
/// The statistics that tell: bursts, correlation, mean and standard deviation of heights.
const RATE: &str = "burst_rate";
const LAG: &str = "burst_lag1";
const MEAN: &str = "burst_peak_mean";
const DEVIATION: &str = "burst_peak_sd";

/// Row of a statistic.
pub fn row(column: &Column) -> String {
    with_unit(&column.name, column.statistic.unit)
}

/// The smallest and the largest mean of what a reader looks at first, and where: a column per model.
pub fn views(results: &Results) -> Vec<TableView> {
    let view = |id: &str, which: &str, sign: f64| {
        let columns = results.statistics.iter().enumerate();
        let rows = columns.filter(|(_, column)| column.statistic.group == Group::Overview).map(|(i, column)| {
            let cell = |model: usize| {
                let of = results.scan.points.keys().filter_map(|&p| Some((p, results.summary(model, p, i)?)));
                let of = of.filter_map(|(p, summary)| Some((p, summary, sign * summary.mean?)));
                let (point, summary, _) = of.max_by(|a, b| a.2.total_cmp(&b.2))?;
                Some(format!("{} at {}", mean(column.statistic, summary)?, results.scan.name(point)))
            };
            (row(column), (0..results.models.len()).map(cell).collect::<Vec<_>>())
        });
        let labels = results.models.iter().map(|model| model.label.clone());
        let caption = format!(
            "The {which} mean over the scan ± half width of its 95 % interval (of choices Wilson's ends), and where."
        );
        TableView::named(id, caption, "statistic", labels, rows)
    };
    let views = [view(LEAST, "smallest", -1.0), view(MOST, "largest", 1.0)];
    views.into_iter().filter(|view| !view.rows.is_empty()).collect()
}

/// Stretches of the only dimension in which bursts of each population alternate; `None` where nothing does.
pub fn alternation(results: &Results) -> Option<TableView> {
    let [dimension] = &results.scan.dimensions[..] else { return None };
    let points: Vec<u32> = results.scan.points.keys().copied().collect();
    let line = results.scan.line(0, &points, results.scan.varieties().first()?);
    let columns: Vec<&Column> = results.statistics.iter().filter(|column| column.statistic.name == LAG).collect();
    let time = &results.experiment.time;
    let seconds = 1e-3 * (time.duration - time.discard);
    let mut any = false;
    let mut cell = |model: usize, population: usize| {
        let alternates = |&(place, point): &(usize, u32)| {
            let summary = |name: &str| {
                let of = |column: &Column| column.statistic.name == name && column.population == population;
                results.summary(model, point, results.statistics.iter().position(of)?)
            };
            let mean = |name: &str| summary(name)?.mean;
            let equal = mean(MEAN).zip(mean(DEVIATION)).is_some_and(|(mean, deviation)| deviation < DIFFER * mean);
            let few = mean(RATE).is_none_or(|rate| rate * seconds < BURSTS);
            let is_negative = |lag: &Summary| lag.ci95.is_none_or(|(_, high)| high < 0.0);
            let alternates = summary(LAG).filter(|lag| lag.mean.is_some_and(|mean| mean < ALTERNATES));
            (place, !equal && !few && alternates.is_some_and(is_negative))
        };
        let places: Vec<(usize, bool)> = line.iter().map(alternates).collect();
        let stretches = places.chunk_by(|a, b| a.1 == b.1).filter(|run| run[0].1).map(|run| {
            let end = |i: usize| plain(dimension.number(run[i].0));
            if run.len() == 1 { end(0) } else { format!("{} to {}", end(0), end(run.len() - 1)) }
        });
        let stretches: Vec<String> = stretches.collect();
        any |= !stretches.is_empty();
        Cell::listed(&stretches, stretches.len(), ", ")
    };
    let rows = results.models.iter().enumerate().map(|(model, of)| {
        let cells = columns.iter().map(|column| cell(model, column.population));
        (of.label.clone(), cells.collect::<Vec<_>>())
    });
    let rows: Vec<(String, Vec<Cell>)> = rows.collect();
    let header = columns.iter().map(|column| results.populations[column.population].clone());
    let caption = format!(
        "Where along {} bursts alternate between large and small: correlation of the heights of consecutive bursts below {} and told from 0, \
         of {BURSTS} bursts at least (mean over members), and heights that differ by more than {} %.",
        with_unit(&dimension.label, &dimension.unit),
        plain(ALTERNATES),
        plain(100.0 * DIFFER)
    );
    any.then(|| TableView::named(ALTERNATION, caption, "model", header, rows))
}
