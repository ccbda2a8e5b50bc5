//! Scans of two and more dimensions as heat maps: every model's value, and every reduced model's error, over any two of them.

use super::{SLICES, edges};
use crate::report::contours::{Along, contours};
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::findings::regimes::{self, Regimes};
use crate::report::mark::{Colour, Colours, Heatmap, Mark};
use crate::report::numbers::with_unit;
use crate::report::read::Results;
use crate::report::read::dimensions::Dimension;
use crate::report::section::Section;

pub const ID: &str = "maps";
/// Errors beyond this share of the reference are drawn alike.
const LARGEST: f64 = 0.5;
/// What a map of regimes is called.
const REGIME: &str = "regime";
/// What is shown of a network beside the regimes of `dsode`: where bursts end, its population falls out of step.
const BESIDE: &str = "ssi";

/// Two dimensions, and points that agree in all others.
struct Plane {
    x: usize,
    y: usize,
    /// Empty where there is one plane only.
    name: String,
    points: Vec<u32>,
}

pub fn section(results: &Results) -> Section {
    let scan = &results.scan;
    let mut section = Section {
        id: ID.into(),
        chooser: "Statistic".into(),
        place: "Over".into(),
        columns: results.models.len(),
        ..Section::default()
    };
    if scan.dimensions.len() < 2 {
        return section;
    }
    let planes = planes(results);
    let labels: Vec<&str> = scan.dimensions.iter().map(|dimension| dimension.label.as_str()).collect();
    section.title = format!("Over {}", listed(&labels));
    let reference = results.reference().filter(|_| results.models.len() > 1);
    let also = reference.map_or(String::new(), |reference| {
        format!(", and errors of the reduced models relative to {}", results.models[reference].label)
    });
    section.text =
        format!("Means over realisations{also}. All maps of one statistic share their scale; lines: equal values.");
    section.places = planes.iter().map(|plane| plane.name.clone()).collect();
    let mut tables = Vec::new();
    let mut choose = |name: String, of: Vec<Vec<Figure>>| {
        if of.iter().all(Vec::is_empty) {
            return;
        }
        section.choices.push(name);
        let first = (section.choices.len() - 1) * planes.len();
        for (place, figures) in of.into_iter().enumerate() {
            section.figures.extend(figures.into_iter().map(|figure| figure.chosen(first + place)));
        }
    };
    if let Some(regimes) = Regimes::of(results) {
        tables.push(regimes.counts());
        // beside them how synchronous the models are that have none
        let statistic = results.statistics.iter().position(|column| column.statistic.name == BESIDE);
        let others = |plane| {
            let title = |statistic: usize| results.statistics[statistic].title(results);
            let of = |i| means(results, i, plane, ["beside", &title(i)], &|model| !regimes.has(model));
            let figures = statistic.map_or(Vec::new(), of);
            figures.into_iter().map(|figure| figure.in_row(REGIME.into())).collect()
        };
        let of = planes.iter().map(|plane| [regime_figures(results, &regimes, plane), others(plane)].concat());
        choose(REGIME.into(), of.collect());
    }
    for (statistic, column) in results.statistics.iter().enumerate() {
        let of = planes.iter().map(|plane| {
            [means(results, statistic, plane, ["mean"; 2], &|_| true), errors(results, statistic, plane)].concat()
        });
        choose(column.title(results), of.collect());
    }
    section.tables = tables;
    section
}

/// "a, b and c".
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// Every pair of dimensions, and some slices of the others.
fn planes(results: &Results) -> Vec<Plane> {
    let scan = &results.scan;
    let n = scan.dimensions.len();
    let several = n > 2 || scan.varieties().len() > 1;
    let mut planes = Vec::new();
    for (x, y) in (0..n).flat_map(|x| (x + 1..n).map(move |y| (x, y))) {
        for (at, points) in scan.slices(&[x, y], SLICES) {
            for variety in scan.varieties() {
                let points = points.iter().copied().filter(|&p| scan.variety(p) == *variety).collect();
                let pair = format!("{} and {}", scan.dimensions[x].label, scan.dimensions[y].label);
                let parts = [pair.as_str(), at.as_str(), variety.as_str()];
                let name = parts.into_iter().filter(|part| several && !part.is_empty()).collect::<Vec<_>>().join(", ");
                planes.push(Plane { x, y, name, points });
            }
        }
    }
    planes
}

/// A plane that maps are drawn in.
struct Canvas<'a> {
    results: &'a Results,
    plane: &'a Plane,
    x: &'a Dimension,
    y: &'a Dimension,
}

impl<'a> Canvas<'a> {
    fn new(results: &'a Results, plane: &'a Plane) -> Self {
        let [x, y] = [plane.x, plane.y].map(|d| &results.scan.dimensions[d]);
        Canvas { results, plane, x, y }
    }

    /// A map of a value of points.
    fn map(&self, label: String, colours: Colours, range: (f64, f64), value: &dyn Fn(u32) -> Option<f64>) -> Heatmap {
        let mut z = vec![None; self.x.values.len() * self.y.values.len()];
        for &point in &self.plane.points {
            let places = self.results.scan.places(point);
            z[places[self.plane.y] * self.x.values.len() + places[self.plane.x]] = value(point);
        }
        let [x, y] = [self.x, self.y].map(|dimension| edges(&dimension.numbers(), dimension.is_logarithmic()));
        Heatmap { label, colours, x, y, z, gaps: true, range, contours: vec![] }
    }

    /// A model's map, in the row of others of its kind; `None` where it is empty. `name` tells apart what is shown.
    fn figure(&self, model: usize, [stem, name, title]: [&str; 3], map: Heatmap, caption: String) -> Option<Figure> {
        if map.z.iter().all(Option::is_none) {
            return None;
        }
        let scale = |d: &Dimension| Scale::new(&d.label, &d.unit).log(d.is_logarithmic());
        let missing = map.z.iter().any(Option::is_none);
        let caption = if missing { format!("{caption} Grey: no value.") } else { caption };
        let panel = Panel::new(scale(self.x), scale(self.y), vec![Mark::Heatmap(map)]);
        let label = &self.results.models[model].label;
        let slot = format!("map-{stem}-{}", slug(label));
        let title = if title == stem { label.clone() } else { format!("{label}, {title}") };
        let figure = Figure::new(format!("{slot}-{}", slug(name)), title, caption, vec![panel]);
        Some(Figure { slot, ..figure }.of_statistic(name).in_row(stem.to_string()))
    }
}

/// What the trajectories of every deterministic model do.
fn regime_figures(results: &Results, regimes: &Regimes, plane: &Plane) -> Vec<Figure> {
    let canvas = Canvas::new(results, plane);
    let curves = &results.curves;
    let path = |dimension: &Dimension| match dimension.axes[..] {
        [axis] => results.scan.axes[axis].0.as_str(),
        _ => "",
    };
    let paths = [path(canvas.x), path(canvas.y)];
    let figure = |model: usize| {
        let on_top = curves.marks(&results.models[model].label, paths, Colour::Ink, |code| code.into());
        let range = (-0.5, regimes::CLASSES.len() as f64 - 0.5);
        let class = |point: u32| regimes.class(model, point).map(|class| class as f64);
        let map = canvas.map(REGIME.into(), Colours::Classes(&regimes::CLASSES), range, &class);
        let lines = if on_top.is_empty() {
            ""
        } else {
            " Lines: HB, Hopf bifurcations; PD, period doublings; LP, folds; NS, tori."
        };
        let caption = format!("{}.{lines}", regimes::CAPTION);
        let mut figure = canvas.figure(model, [REGIME; 3], map, caption)?;
        figure.panels[0].marks.extend(on_top);
        Some(figure)
    };
    (0..results.models.len()).filter(|&model| regimes.has(model)).filter_map(figure).collect()
}

/// Means of some models, on the scale of all of them.
fn means(
    results: &Results,
    statistic: usize,
    plane: &Plane,
    [stem, title]: [&str; 2],
    shown: &dyn Fn(usize) -> bool,
) -> Vec<Figure> {
    let column = &results.statistics[statistic];
    let canvas = Canvas::new(results, plane);
    let models: Vec<usize> = (0..results.models.len()).filter(|&model| results.has(model, statistic)).collect();
    let mean = |model: usize, point: u32| results.summary(model, point, statistic)?.mean;
    let all = models.iter().flat_map(|&model| results.scan.points.keys().map(move |&point| (model, point)));
    let means = all.filter_map(|(model, point)| mean(model, point));
    let range = means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), z| (low.min(z), high.max(z)));
    let [x, y] = [canvas.x, canvas.y].map(|d| Along { values: d.numbers(), log: d.is_logarithmic() });
    let mut found = Vec::new();
    for model in models.into_iter().filter(|&model| shown(model)) {
        let label = with_unit(&column.name, column.statistic.unit);
        let mut map = canvas.map(label.clone(), Colours::Sequential, range, &|point| mean(model, point));
        map.contours = contours(&map, &x, &y);
        let caption = format!("{label}: {}; {}.", column.statistic.definition, results.realisations(model));
        found.extend(canvas.figure(model, [stem, &column.name, title], map, caption));
    }
    found
}

/// Errors of reduced models.
fn errors(results: &Results, statistic: usize, plane: &Plane) -> Vec<Figure> {
    let column = &results.statistics[statistic];
    let canvas = Canvas::new(results, plane);
    let error = |model: usize, point: u32| Some(results.deviation(model, point, statistic)?.relative?.value);
    let models = || 0..results.models.len();
    let all = models().flat_map(|model| results.scan.points.keys().map(move |&point| (model, point)));
    let most = all.filter_map(|(model, point)| error(model, point)).fold(0.0, |most: f64, e| most.max(e.abs()));
    let most = most.clamp(1e-6, LARGEST);
    let mut found = Vec::new();
    for model in models() {
        let caption = format!(
            "Relative error of {} of {}; ends of the scale: {} % or more; none where the reference is not told from 0.",
            column.name,
            results.models[model].label,
            (100.0 * most).round()
        );
        let map = canvas.map("relative error".into(), Colours::Diverging, (-most, most), &|point| error(model, point));
        found.extend(canvas.figure(model, ["error", &column.name, "relative error"], map, caption));
    }
    found
}
