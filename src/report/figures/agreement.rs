//! How far the reduced models are from the network, in one table.

use super::along::WITHIN;
use super::realisations;
use crate::report::figure::{Cell, Section, TableView, Verdict, with_unit};
use crate::report::read::{Column, Results};
use crate::statistics::{RelativeError, TABLE};

/// Share of the points that lie within their uncertainty by chance alone.
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
            "Errors of the reduced models relative to {label}, (model − {label})/{label}. An error is within its uncertainty \
             if it is at most {WITHIN} standard errors from 0; of exact models, 5 % of the points would lie outside."
        );
        section.tables.extend(errors(results, &reduced));
    }
    section
}

/// Every statistic of the only point: a row per statistic, a column per model and population.
fn values(results: &Results) -> Option<TableView> {
    let point = *results.scan.points.keys().next()?;
    let models: Vec<usize> = (0..results.models.len()).collect();
    let mut header = vec!["statistic".to_string()];
    for population in &results.populations {
        header.extend(models.iter().map(|&model| format!("{}, {population}", results.models[model].label)));
    }
    let mut rows = Vec::new();
    for statistic in TABLE {
        let mut row = vec![Cell::from(with_unit(&statistic.name.replace('_', " "), statistic.unit))];
        let mut any = false;
        for population in 0..results.populations.len() {
            let of = |column: &Column| *column.statistic == statistic && column.population == population;
            let column = results.statistics.iter().position(of);
            for &model in &models {
                let summary = column.and_then(|column| results.summary(model, point, column));
                let (mean, ci95) = summary.map_or((None, None), |summary| (summary.mean, summary.ci95));
                any |= mean.is_some();
                row.push(Cell::from(match (mean, ci95) {
                    (Some(mean), Some((_, high))) => format!("{} ± {}", short(mean), short(high - mean)),
                    (Some(mean), None) => short(mean),
                    _ => "–".into(),
                }));
            }
        }
        if any {
            rows.push(row);
        }
    }
    let counts = realisations(results, &models);
    let caption = format!("Mean and half width of its 95 % interval (Student t); {counts}.");
    (!rows.is_empty()).then(|| TableView { id: "values".into(), caption, header, rows })
}

/// Largest and median error of every statistic of every reduced model.
fn errors(results: &Results, reduced: &[usize]) -> Option<TableView> {
    let single = results.scan.points.len() == 1;
    let mut header = vec!["statistic".to_string()];
    for &model in reduced {
        let label = &results.models[model].label;
        header.push(if single { format!("{label}: error") } else { format!("{label}: largest") });
        if !single {
            header.extend([format!("{label}: median"), format!("{label}: within")]);
        }
    }
    let mut rows = Vec::new();
    for (i, column) in results.statistics.iter().enumerate() {
        let mut row = vec![Cell::from(with_unit(&column.name, column.statistic.unit))];
        let mut any = false;
        for &model in reduced {
            let points = results.scan.points.keys();
            let errors: Vec<(u32, RelativeError)> =
                points.filter_map(|&point| Some((point, results.error(model, point, i)?))).collect();
            any |= !errors.is_empty();
            row.extend(cells(results, &errors, single));
        }
        if any {
            rows.push(row);
        }
    }
    let caption = "Relative errors over the scan: the largest and where it is, the median of their sizes, and how many points \
                   are within their uncertainty. Green: within; red: outside; uncoloured: uncertainty unknown.";
    let caption =
        if single { "Relative error ± its 95 % uncertainty. Green: within it; red: outside." } else { caption };
    (!rows.is_empty()).then(|| TableView { id: "agreement".into(), caption: caption.into(), header, rows })
}

/// Largest and where, median, within; the error alone where there is one point.
fn cells(results: &Results, errors: &[(u32, RelativeError)], single: bool) -> Vec<Cell> {
    let largest = errors.iter().max_by(|a, b| a.1.error.abs().total_cmp(&b.1.error.abs()));
    let Some((at, largest)) = largest else { return vec![Cell::from("–"); if single { 1 } else { 3 }] };
    let within = |e: &RelativeError| e.se.map(|se| e.error.abs() <= WITHIN * se);
    let verdict = |within: Option<bool>| match within {
        Some(true) => Verdict::Within,
        Some(false) => Verdict::Outside,
        None => Verdict::None,
    };
    if single {
        let uncertainty = largest.se.map_or(String::new(), |se| format!(" ± {}", magnitude(WITHIN * se)));
        let text = format!("{}{uncertainty}", percent(largest.error));
        return vec![Cell { text, verdict: verdict(within(largest)) }];
    }
    let mut sizes: Vec<f64> = errors.iter().map(|(_, e)| e.error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let middle = 0.5 * (sizes[(sizes.len() - 1) / 2] + sizes[sizes.len() / 2]);
    let known: Vec<bool> = errors.iter().filter_map(|(_, e)| within(e)).collect();
    let inside = known.iter().filter(|&&inside| inside).count();
    let enough = (!known.is_empty()).then(|| inside as f64 >= (BY_CHANCE * known.len() as f64).floor());
    let share = if known.is_empty() { "–".to_string() } else { format!("{inside}/{}", known.len()) };
    vec![
        Cell {
            text: format!("{} at {}", percent(largest.error), results.scan.values(*at)),
            verdict: verdict(within(largest)),
        },
        Cell::from(magnitude(middle)),
        Cell { text: share, verdict: verdict(enough) },
    ]
}

fn percent(x: f64) -> String {
    let sign = if x < 0.0 { "−" } else { "+" };
    format!("{sign}{}", magnitude(x.abs()))
}

fn magnitude(x: f64) -> String {
    let percent = 100.0 * x;
    if percent < 1.0 {
        format!("{percent:.2} %")
    } else if percent < 100.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// Four significant digits.
fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let digits = (3 - x.abs().log10().floor() as i32).clamp(0, 6);
    if x.abs() < 1e-4 { format!("{x:.2e}") } else { format!("{x:.*}", digits as usize) }
}
