//! Bifurcation diagrams: branches of fixed points and orbits along a parameter, with the ensemble of the same config beside them, and
//! multipliers in the complex plane.

use crate::report::error::ReportError;
use crate::report::figure::{Cell, Colour, Figure, Line, Mark, Panel, Scale, Section, TableView};
use crate::report::read::Results;
use crate::results::{Table, file};
use std::f64::consts::TAU;
use std::path::Path;

/// Codes of what changes stability, or the number of solutions.
const BIFURCATIONS: [&str; 5] = ["HB", "LP", "PD", "NS", "BP"];
/// Points whose multipliers can be chosen.
const CHOICES: usize = 60;
const MULTIPLIERS: usize = 6;

/// The section of what `branches` has left in the directory, if it has.
pub fn section(directory: &Path, results: &Results) -> Result<Option<Section>, ReportError> {
    let path = directory.join(file::BRANCHES);
    if !path.is_file() {
        return Ok(None);
    }
    let Some(rows) = Rows::read(&Table::read(&path)?) else { return Ok(None) };
    let mut figures = vec![];
    for (population, name) in results.populations.iter().enumerate() {
        figures.push(diagram(results, &rows, population, name));
    }
    figures.push(Figure::new(
        "branches-period".into(),
        "Period along the branches".into(),
        "Drawn through where stable, dashed where not.".into(),
        vec![Panel::new(
            Scale::new(&rows.parameter, ""),
            Scale::new("period", "ms"),
            marks(results, &rows, |row| row.period),
        )],
    ));
    let chosen: Vec<&Row> = rows.rows.iter().filter(|row| row.is_coded()).take(CHOICES).collect();
    let planes = chosen.iter().enumerate().map(|(choice, row)| plane(results, row).chosen(choice));
    figures.extend(planes);
    let choices = chosen.iter().map(|row| row.name()).collect();
    let tables = vec![special(&rows)];
    let text = sentences(&rows);
    let (id, title, chooser) =
        ("branches".into(), format!("Branches along {}", rows.parameter), "Multipliers at".into());
    Ok(Some(Section { id, title, text, choices, chooser, figures, tables, ..Section::default() }))
}

/// A row of the table of branches.
struct Row {
    model: String,
    branch: i64,
    orbit: bool,
    code: String,
    value: f64,
    period: Option<f64>,
    rates: Vec<Option<f64>>,
    peaks: Vec<Option<f64>>,
    least: Vec<Option<f64>>,
    stable: bool,
    multipliers: Vec<(f64, f64)>,
    error: Option<f64>,
    note: String,
}

struct Rows {
    parameter: String,
    rows: Vec<Row>,
}

impl Row {
    fn is_coded(&self) -> bool {
        !self.code.is_empty() && self.branch > 0
    }

    fn is_bifurcation(&self) -> bool {
        BIFURCATIONS.contains(&self.code.as_str())
    }

    fn object(&self) -> &'static str {
        if self.orbit { "orbit" } else { "fixed point" }
    }

    fn name(&self) -> String {
        format!("{} {}, branch {}, {:.6}", self.model, self.code, self.branch, self.value)
    }

    /// The value with the digits that are true, and its error.
    fn place(&self) -> String {
        match self.error.filter(|error| *error > 0.0 && self.is_bifurcation()) {
            Some(error) => {
                let digits = (-error.log10()).ceil().clamp(0.0, 9.0) as usize;
                format!("{:.digits$} ± {error:.0e}", self.value)
            }
            None => format!("{:.6}", self.value),
        }
    }
}

impl Rows {
    /// `None` where a column is missing.
    fn read(table: &Table) -> Option<Rows> {
        let text = |name: &str| table.text(name);
        let (models, types, codes) = (text("model")?, text("type")?, text("code")?);
        let (stable, notes, parameters) = (text("stable")?, text("note")?, text("parameter")?);
        let (branches, values) = (table.integer("branch")?, table.real("value")?);
        let (periods, errors) = (table.real("period_ms")?, table.real("error")?);
        let of = |prefix: &str| -> Vec<&[Option<f64>]> {
            let columns = table.columns.iter().filter(|(name, _)| name.starts_with(prefix));
            columns.filter_map(|(name, _)| table.real(name)).collect()
        };
        let (rates, peaks, least) = (of("rate_"), of("peak_"), of("min_"));
        let parts =
            |i: usize| Some((table.real(&format!("multiplier_{i}_re"))?, table.real(&format!("multiplier_{i}_im"))?));
        let multipliers = (1..=MULTIPLIERS).map(parts).collect::<Option<Vec<_>>>()?;
        let owned = |texts: &[Option<String>], i: usize| texts[i].clone().unwrap_or_default();
        let row = |i: usize| Row {
            model: owned(models, i),
            branch: branches[i],
            orbit: owned(types, i) == "PO",
            code: owned(codes, i),
            value: values[i].unwrap_or(f64::NAN),
            period: periods[i],
            rates: rates.iter().map(|column| column[i]).collect(),
            peaks: peaks.iter().map(|column| column[i]).collect(),
            least: least.iter().map(|column| column[i]).collect(),
            stable: owned(stable, i) == "true",
            multipliers: multipliers.iter().filter_map(|(re, im)| re[i].zip(im[i])).collect(),
            error: errors[i],
            note: owned(notes, i),
        };
        let parameter = owned(parameters, 0);
        (table.rows > 0).then(|| Rows { parameter, rows: (0..table.rows).map(row).collect() })
    }
}

/// Rate and extremes of a population along the branches, with the ensemble where the scan goes along the same parameter.
fn diagram(results: &Results, rows: &Rows, population: usize, name: &str) -> Figure {
    let mut rate = ensemble(results, rows, population);
    rate.extend(marks(results, rows, |row| row.rates[population]));
    let mut extremes = marks(results, rows, |row| row.peaks[population]);
    extremes.extend(marks(results, rows, |row| row.least[population].filter(|_| row.orbit)));
    let x = || Scale::new(&rows.parameter, "");
    let panels = vec![
        Panel::new(x(), Scale::new(&format!("rate of {name}"), "Hz"), rate),
        Panel::new(x(), Scale::new(&format!("highest and lowest rate of {name}"), "Hz"), extremes),
    ];
    let caption = "Fixed points and orbits: drawn through where stable, dashed where not; bifurcations marked and listed below. \
                   Lines with points: means over realisations and their 95 % intervals.";
    Figure::new(format!("branches-{name}"), format!("Bifurcation diagram of {name}"), caption.into(), panels)
}

/// Colour of a model: that of the report, or the next one.
fn colour(results: &Results, model: &str) -> Colour {
    let place = results.models.iter().position(|other| other.label == model);
    place.map_or(Colour::Model(if model.contains("coloured") { 3 } else { 2 }), |model| results.colour(model))
}

/// Pieces of one stability of every branch, and its bifurcations.
fn marks(results: &Results, rows: &Rows, of: impl Fn(&Row) -> Option<f64>) -> Vec<Mark> {
    let mut marks = vec![];
    for branch in rows.rows.chunk_by(|a, b| (&a.model, a.branch) == (&b.model, b.branch)) {
        if branch[0].branch == 0 {
            continue;
        }
        let colour = colour(results, &branch[0].model);
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
                    "{} {}s, {}",
                    branch[0].model,
                    branch[0].object(),
                    if stable(i) { "stable" } else { "unstable" }
                );
                let y: Vec<Option<f64>> = piece.iter().map(&of).collect();
                if y.iter().any(Option::is_some) {
                    marks.push(Mark::Line(Line {
                        name,
                        colour,
                        dash: usize::from(!stable(i)),
                        markers: false,
                        x: piece.iter().map(|row| row.value).collect(),
                        low: vec![None; y.len()],
                        high: vec![None; y.len()],
                        y,
                        n: vec![],
                    }));
                }
                first = i + 1;
            }
        }
        for code in BIFURCATIONS {
            let points = branch.iter().filter(|row| row.code == code).filter_map(|row| Some((row.value, of(row)?)));
            let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
            if !x.is_empty() {
                marks.push(Mark::Scatter { name: code.into(), colour, x, y });
            }
        }
    }
    marks
}

/// Mean rates of the other models along the same parameter.
fn ensemble(results: &Results, rows: &Rows, population: usize) -> Vec<Mark> {
    let scan = &results.scan;
    let axis = |dimension: &usize| {
        let axes = &scan.dimensions[*dimension].axes;
        axes.len() == 1 && scan.axes[axes[0]].0 == rows.parameter
    };
    let Some(along) = (0..scan.dimensions.len()).find(axis).filter(|_| scan.dimensions.len() == 1) else {
        return vec![];
    };
    let rate = format!("rate_{}", results.populations[population]);
    let Some(statistic) = results.statistics.iter().position(|column| column.name == rate) else { return vec![] };
    let slices = scan.slices(&[along], 1);
    let Some((_, points)) = slices.first() else { return vec![] };
    let Some(variety) = scan.varieties().iter().next() else { return vec![] };
    let models = (0..results.models.len()).filter(|&model| !results.models[model].deterministic);
    let lines = models.filter(|&model| results.has(model, statistic)).map(|model| {
        let line = scan.line(along, points, variety);
        let summaries: Vec<_> = line.iter().map(|&(_, point)| results.summary(model, point, statistic)).collect();
        let (low, high) = summaries.iter().map(|summary| summary.and_then(|s| s.ci95)).map(Option::unzip).unzip();
        Mark::Line(Line {
            name: results.models[model].label.clone(),
            colour: results.colour(model),
            dash: 0,
            markers: true,
            x: line.iter().map(|&(place, _)| scan.dimensions[along].number(place)).collect(),
            y: summaries.iter().map(|summary| summary.and_then(|s| s.mean)).collect(),
            low,
            high,
            n: summaries.iter().map(|summary| summary.map_or(0, |s| s.n)).collect(),
        })
    });
    lines.collect()
}

/// The leading multipliers of a point and the unit circle.
fn plane(results: &Results, row: &Row) -> Figure {
    let angles = (0..=120).map(|i| TAU * f64::from(i) / 120.0);
    let (x, y) = angles.map(|angle| (angle.cos(), angle.sin())).unzip();
    let circle = Mark::Path { name: "unit circle".into(), colour: Colour::Ink, x, y };
    let (x, y) = row.multipliers.iter().copied().unzip();
    let points = Mark::Scatter { name: row.model.clone(), colour: colour(results, &row.model), x, y };
    let what = if row.orbit { "Multipliers of the orbit" } else { "Eigenvalues of a step" };
    let panel = Panel::new(Scale::new("real part", ""), Scale::new("imaginary part", ""), vec![circle, points]);
    let id = format!("multipliers-{}-{}-{}-{:.6}", row.model.replace('+', "-"), row.branch, row.code, row.value);
    let caption = format!("{what} at {}: stable inside of the circle. {}", row.place(), row.note);
    Figure { slot: "multipliers".into(), ..Figure::new(id, what.into(), caption, vec![panel]) }
}

/// What changes where.
fn sentences(rows: &Rows) -> String {
    let name = |code: &str| match code {
        "HB" => "an orbit is born (HB)",
        "LP" => "fold (LP)",
        "PD" => "period doubling (PD)",
        "NS" => "a torus is born (NS)",
        _ => "branches cross (BP)",
    };
    let mut text = String::new();
    for row in rows.rows.iter().filter(|row| row.is_bifurcation()).take(12) {
        text += &format!("{}: {} of the {} at {}. ", row.model, name(&row.code), row.object(), row.place());
    }
    text + "What is analysed is the map at the configured time step and bins: both move these values."
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
