//! Every statistic along every dimension of the scan, all models in one panel, their errors below.

use super::{SLICES, realisations};
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::findings::hysteresis::bistable;
use crate::report::findings::kind::{Kind, passes, swept};
use crate::report::findings::regimes::Regimes;
use crate::report::mark::{Line, Mark};
use crate::report::numbers::{plain, with_unit};
use crate::report::read::Results;
use crate::report::section::Section;
use crate::statistics::{Domain, Estimate, Group};

/// One section per dimension.
pub fn sections(results: &Results, group: Group) -> Vec<Section> {
    (0..results.scan.dimensions.len()).map(|dimension| section(results, group, dimension)).collect()
}

fn section(results: &Results, group: Group, along: usize) -> Section {
    let scan = &results.scan;
    let label = &scan.dimensions[along].label;
    let slices = scan.slices(&[along], SLICES);
    let (title, stem) = match group {
        Group::Overview => (format!("{} along {label}", overview(results)), "along"),
        Group::States => (format!("Two states along {label}"), "states"),
        Group::Regime => (format!("Regime along {label}"), "regime"),
        Group::More => (format!("More statistics along {label}"), "more"),
    };
    let mut figures = Vec::new();
    let mut statistics: Vec<usize> =
        (0..results.statistics.len()).filter(|&i| results.statistics[i].statistic.group == group).collect();
    // where something is chosen, that is the question
    statistics.sort_by_key(|&i| results.statistics[i].statistic.domain != Domain::Outcome);
    for statistic in statistics {
        for (choice, (_, points)) in slices.iter().enumerate() {
            let figure = figure(results, statistic, along, points);
            figures.extend(figure.map(|figure| if slices.len() > 1 { figure.chosen(choice) } else { figure }));
        }
    }
    let choices = if slices.len() > 1 { slices.into_iter().map(|(name, _)| name).collect() } else { Vec::new() };
    let id = format!("{stem}-{}", slug(label));
    let mut intervals: Vec<&str> = Vec::new();
    for column in results.statistics.iter().filter(|column| column.statistic.group == group) {
        if !intervals.contains(&column.statistic.interval()) {
            intervals.push(column.statistic.interval());
        }
    }
    let text = match results.reference() {
        Some(reference) if results.models.len() > 1 => format!(
            "Bands: 95 % intervals, none for a single realisation. Upper panels: of the mean ({}). Lower panels: of the error of each \
             reduced model relative to {} (Student's t: both models' sampling errors, and what realisations of the same number have in \
             common), where that is told from 0.",
            intervals.join("; "),
            results.models[reference].label
        ),
        _ => String::new(),
    };
    let one = group == Group::Regime && scan.dimensions.len() == 1;
    let tables = Regimes::of(results).filter(|_| one).map(|regimes| regimes.stretches()).into_iter().collect();
    Section { id, title, text, choices, chooser: "At".into(), figures, tables, ..Section::default() }
}

/// What a reader looks at first, in words.
fn overview(results: &Results) -> &'static str {
    let chosen = results.statistics.iter().any(|column| column.statistic.domain == Domain::Outcome);
    if chosen { "Choice, rate and synchrony" } else { "Rate and synchrony" }
}

fn figure(results: &Results, statistic: usize, along: usize, points: &[u32]) -> Option<Figure> {
    let column = &results.statistics[statistic];
    let dimension = &results.scan.dimensions[along];
    let models: Vec<usize> = (0..results.models.len()).filter(|&model| results.has(model, statistic)).collect();
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for &model in &models {
        for (dash, variety) in results.scan.varieties().iter().enumerate() {
            let line = results.scan.line(along, points, variety);
            let x: Vec<f64> = line.iter().map(|&(place, _)| dimension.number(place)).collect();
            let summaries: Vec<_> = line.iter().map(|&(_, point)| results.summary(model, point, statistic)).collect();
            let name = format!("{} {variety}", results.models[model].label);
            let (name, colour) = (name.trim_end(), results.colour(model));
            values.push(Line { dash, ..Line::of_means(name, colour, x.clone(), &summaries) });
            let relative = |&(_, point): &(usize, u32)| results.deviation(model, point, statistic)?.relative;
            let of_point: Vec<Option<Estimate>> = line.iter().map(relative).collect();
            let end = |sign: f64| of_point.iter().map(|e| e.and_then(|e| Some(e.value + sign * e.half?))).collect();
            let (low, high) = (end(-1.0), end(1.0));
            let deviations = of_point.iter().map(|e| e.map(|e| e.value)).collect();
            errors.push(Line { dash, low, high, ..Line::new(name, colour, x, deviations) });
        }
    }
    let drawn = |lines: Vec<Line>| -> Vec<Mark> { lines.into_iter().filter_map(Line::drawn).collect() };
    let (mut values, errors) = (drawn(values), drawn(errors));
    if values.is_empty() {
        return None;
    }
    let mut ends = Vec::new();
    if Kind::of(results) == Kind::Sweep && swept(results) == along {
        ends.extend(models.iter().flat_map(|&model| folds(results, model, statistic, points)));
    }
    let dotted = if ends.is_empty() { "" } else { " Dotted: ends of the model's bistable range." };
    values.append(&mut ends);
    let x = Scale::new(&dimension.label, &dimension.unit).log(dimension.is_logarithmic());
    let name = column.title(results);
    let mut panels =
        vec![Panel { share: 2.0, ..Panel::new(x.clone(), Scale::new(&name, column.statistic.unit), values) }];
    if !errors.is_empty() {
        let marks = std::iter::once(Mark::Level { y: 0.0 }).chain(errors).collect();
        panels.push(Panel::new(x, Scale { label: "relative error".into(), zero: true, ..Scale::default() }, marks));
    }
    let caption = format!(
        "{}: {}. Mean over realisations and its 95 % interval ({}); {}.{dotted}",
        with_unit(&column.name, column.statistic.unit),
        column.statistic.definition,
        column.statistic.interval(),
        realisations(results, &models)
    );
    let id = format!("{}-{}", slug(&column.name), slug(&dimension.label));
    Some(Figure::new(id, name, caption, panels).of_statistic(&column.name))
}

/// The ends of a model's bistable range, where they lie within the scan.
fn folds(results: &Results, model: usize, statistic: usize, points: &[u32]) -> Vec<Mark> {
    let ranges = passes(results).into_iter().filter_map(|pass| bistable(results, model, statistic, points, &pass));
    let ends = ranges.flat_map(|range| [range.lower, range.upper]).filter(|fold| fold.half.is_some());
    let colour = results.colour(model);
    ends.map(|fold| Mark::Place { x: fold.value, colour, text: plain(fold.value) }).collect()
}
