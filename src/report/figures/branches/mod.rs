//! Bifurcation diagrams: branches of fixed points and orbits along a parameter, with the ensemble of the same config beside them; and at
//! what was located on them multipliers in the complex plane, orbits in the plane of kick means and as rates over a period.

mod changes;
mod curves;
mod orbits;
mod rows;

use crate::config::Parameter;
use crate::report::error::ReportError;
use crate::report::figure::{Figure, Panel, Scale};
use crate::report::mark::{Colour, Line, Mark, PART, Symbol};
use crate::report::read::dimensions::label;
use crate::report::read::{Results, branched, branches};
use crate::report::section::Section;
use crate::report::table::{Cell, TableView};
use orbits::Orbits;
use rows::{BIFURCATIONS, Row, Rows};
use std::f64::consts::TAU;
use std::path::Path;

/// Of the [`BIFURCATIONS`]; colours tell the model.
const SYMBOLS: [Symbol; BIFURCATIONS.len()] =
    [Symbol::Circle, Symbol::Square, Symbol::Up, Symbol::Diamond, Symbol::Down];
/// Points whose multipliers can be chosen.
const CHOICES: usize = 60;

/// The section of what `branches` has left in the directory, if it has.
pub fn section(directory: &Path, results: &Results) -> Result<Option<Section>, ReportError> {
    let Some(table) = branches(directory)? else { return Ok(None) };
    let theirs = branched(&table);
    if theirs != results.populations {
        return Ok(Some(of_another(results, &theirs)));
    }
    let Some(rows) = Rows::read(&table) else { return Ok(None) };
    let mut figures = vec![];
    for (population, name) in results.populations.iter().enumerate() {
        figures.push(diagram(results, &rows, population, name));
    }
    figures.push(Figure::new(
        "branches-period".into(),
        "Period along the branches".into(),
        "Drawn through where stable, dashed where not.".into(),
        vec![Panel::new(along_x(&rows), Scale::new("period", "ms"), marks(results, &rows, |row| row.period))],
    ));
    figures.extend(curves::figure(results));
    let chosen: Vec<&Row> = rows.rows.iter().filter(|row| row.is_coded()).take(CHOICES).collect();
    let orbits = Orbits::read(directory)?;
    for (choice, row) in chosen.iter().enumerate() {
        let of_orbit = orbits.iter().flat_map(|orbits| orbits.figures(results, row));
        figures.extend(std::iter::once(plane(results, row)).chain(of_orbit).map(|figure| figure.chosen(choice)));
    }
    let choices = chosen.iter().map(|row| row.name()).collect();
    let tables = [changes::changes(&rows), Some(special(&rows)), curves::table(results)];
    let tables = tables.into_iter().flatten().collect();
    let text = changes::of(results, &rows);
    let title = format!("Branches along {}", label(&[&rows.parameter], true));
    let (id, chooser) = ("branches".into(), "Point of a branch".into());
    Ok(Some(Section { id, title, text, choices, chooser, figures, tables, ..Section::default() }))
}

/// Two commands wrote into one directory what does not belong together.
fn of_another(results: &Results, theirs: &[&str]) -> Section {
    let row = |of: &str, names: String| vec![Cell::from(of), Cell::from(names)];
    let table = TableView {
        id: "branches-populations".into(),
        caption:
            "The branches in this directory are of a network with other populations, and not drawn beside this one."
                .into(),
        header: ["of", "populations"].map(String::from).into(),
        rows: vec![row("the ensemble", results.populations.join(", ")), row("the branches", theirs.join(", "))],
    };
    Section { id: "branches".into(), title: "Branches".into(), tables: vec![table], ..Section::default() }
}

/// Rate and extremes of a population along the branches, with the ensemble where the scan goes along the same parameter.
fn diagram(results: &Results, rows: &Rows, population: usize, name: &str) -> Figure {
    let mut rate = ensemble(results, rows, population);
    let means =
        if rate.is_empty() { "" } else { " Lines with points: means over realisations and their 95 % intervals." };
    rate.extend(marks(results, rows, |row| row.rates[population]));
    let mut extremes = marks(results, rows, |row| row.peaks[population]);
    extremes.extend(marks(results, rows, |row| row.least[population].filter(|_| row.orbit)));
    let x = || along_x(rows);
    let panels = vec![
        Panel::new(x(), Scale::new(&format!("rate of {name}"), "Hz"), rate),
        Panel::new(x(), Scale::new("its extremes", "Hz"), extremes),
    ];
    let caption = "Fixed points and orbits: drawn through where stable, dashed where not; bifurcations (HB: Hopf, LP: fold, PD: period \
                   doubling, NS: birth of a torus, BP: crossing of branches) are listed below. Lower panel: the highest and the lowest rate \
                   within a period.";
    Figure::new(
        format!("branches-{name}"),
        format!("Bifurcation diagram of {name}"),
        format!("{caption}{means}"),
        panels,
    )
}

fn along_x(rows: &Rows) -> Scale {
    let unit = Parameter::meaning(&rows.parameter).map_or("", |(unit, _)| unit);
    Scale::new(&label(&[&rows.parameter], true), unit)
}

/// Pieces of one stability of every branch, and its bifurcations.
fn marks(results: &Results, rows: &Rows, of: impl Fn(&Row) -> Option<f64>) -> Vec<Mark> {
    let mut marks = vec![];
    for branch in rows.branches() {
        let colour = results.colour_of(&branch[0].model);
        // Between two points as at the one that was not located on a change.
        let stable = |i: usize| match (branch[i].is_bifurcation(), branch[i + 1].is_bifurcation()) {
            (true, false) => branch[i + 1].stable,
            (false, _) => branch[i].stable,
            (true, true) => branch[i].stable && branch[i + 1].stable,
        };
        let mut first = 0;
        for i in 0..branch.len().saturating_sub(1) {
            if i + 2 == branch.len() || stable(i) != stable(i + 1) {
                let piece = &branch[first..=i + 1];
                let name = format!(
                    "{}{PART}{}s, {}",
                    branch[0].model,
                    branch[0].object(),
                    if stable(i) { "stable" } else { "unstable" }
                );
                let (x, y) = piece.iter().map(|row| (row.value, of(row))).unzip();
                let line = Line::new(name, colour, x, y);
                marks.extend(Line { dash: usize::from(!stable(i)), markers: false, ..line }.drawn());
                first = i + 1;
            }
        }
        for (code, symbol) in BIFURCATIONS.into_iter().zip(SYMBOLS) {
            let points = branch.iter().filter(|row| row.code == code).filter_map(|row| Some((row.value, of(row)?)));
            let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
            if !x.is_empty() {
                marks.push(Mark::Scatter { name: code.into(), colour, symbol: Some(symbol), x, y });
            }
        }
    }
    marks
}

/// Points of the ensemble along the same parameter by its value, where nothing else is scanned.
fn along(results: &Results, rows: &Rows) -> Option<Vec<(f64, u32)>> {
    let scan = &results.scan;
    let [dimension] = &scan.dimensions[..] else { return None };
    let of_parameter = dimension.axes.len() == 1 && scan.axes[dimension.axes[0]].0 == rows.parameter;
    let slices = scan.slices(&[0], 1);
    let (_, points) = slices.first().filter(|_| of_parameter)?;
    let line = scan.line(0, points, scan.varieties().iter().next()?);
    Some(line.into_iter().map(|(place, point)| (dimension.number(place), point)).collect())
}

/// Mean rates of the other models along the same parameter.
fn ensemble(results: &Results, rows: &Rows, population: usize) -> Vec<Mark> {
    let Some(points) = along(results, rows) else { return vec![] };
    let rate = format!("rate_{}", results.populations[population]);
    let Some(statistic) = results.statistics.iter().position(|column| column.name == rate) else { return vec![] };
    let models = (0..results.models.len()).filter(|&model| !results.models[model].deterministic);
    let lines = models.filter(|&model| results.has(model, statistic)).map(|model| {
        let summaries: Vec<_> = points.iter().map(|&(_, point)| results.summary(model, point, statistic)).collect();
        let x = points.iter().map(|&(value, _)| value).collect();
        Mark::Line(Line::of_means(&results.models[model].label, results.colour(model), x, &summaries))
    });
    lines.collect()
}

/// The leading multipliers of a point and the unit circle.
fn plane(results: &Results, row: &Row) -> Figure {
    let angles = (0..=120).map(|i| TAU * f64::from(i) / 120.0);
    let (x, y) = angles.map(|angle| (angle.cos(), angle.sin())).unzip();
    let circle = Mark::Path { name: "unit circle".into(), colour: Colour::Ink, dash: 0, x, y };
    let (x, y) = row.multipliers.iter().copied().unzip();
    let points = Mark::Scatter { name: row.model.clone(), colour: results.colour_of(&row.model), symbol: None, x, y };
    let what = if row.orbit { "Multipliers of the orbit" } else { "Eigenvalues of a step" };
    let panel = Panel::new(Scale::new("real part", ""), Scale::new("imaginary part", ""), vec![circle, points]);
    let panel = Panel { equal: true, ..panel };
    let id = format!("multipliers-{}-{}-{}-{:.6}", row.model.replace('+', "-"), row.branch, row.code, row.value);
    let caption = format!("{what} at {}: stable inside of the circle. {}", row.place(), row.note);
    Figure { slot: "multipliers".into(), ..Figure::new(id, what.into(), caption, vec![panel]) }
}

fn special(rows: &Rows) -> TableView {
    let header = ["model", "branch", "code", "object", "value", "period (ms)", "note"].map(String::from).to_vec();
    let row = |row: &Row| -> Vec<Cell> {
        let period = row.period.map_or(String::new(), |period| format!("{period:.4}"));
        let numbers = [row.place(), period, row.note.clone()];
        let names = [row.model.clone(), row.branch.to_string(), row.code.clone(), row.object().to_string()];
        names.into_iter().chain(numbers).map(Cell::from).collect()
    };
    let rows = rows.rows.iter().filter(|row| !row.code.is_empty()).map(row).collect();
    TableView { id: "branches".into(), caption: "Bifurcations, ends and points asked for.".into(), header, rows }
}
