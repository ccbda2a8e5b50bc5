//! Curves of bifurcations in the plane of two parameters.

use crate::report::figure::{Figure, Panel, Scale};
use crate::report::read::Results;
use crate::report::read::curves::CurveRow;
use crate::report::read::dimensions::label;
use crate::report::table::{Cell, TableView};

/// All curves in their plane.
pub fn figure(results: &Results) -> Option<Figure> {
    let paths = results.curves.paths()?;
    let mut models: Vec<&str> = results.curves.rows.iter().map(|row| row.model.as_str()).collect();
    models.dedup();
    let marks = models.iter().flat_map(|model| {
        let name = |code: &str| format!("{model}, {code}");
        results.curves.marks(model, paths, results.colour_of(model), name)
    });
    let [x, y] = paths.map(|path| {
        let unit = crate::config::Parameter::find(path, &results.experiment.network);
        Scale::new(&label(&[path], true), unit.map_or("", |parameter| parameter.unit()))
    });
    let caption = "Where stability changes: HB, Hopf bifurcations, drawn through; PD, period doublings, dashed; LP, folds, dotted; NS, tori, \
                   dashed and dotted. A curve ends at the edges of both ranges, or where the table below says so.";
    let panels = vec![Panel::new(x, y, marks.collect())];
    Some(Figure::new("curves".into(), "Bifurcations in the plane of both parameters".into(), caption.into(), panels))
}

/// Where each curve begins and ends.
pub fn table(results: &Results) -> Option<TableView> {
    let [first, second] = results.curves.paths()?;
    let names = ["model", "curve", "code", "points", first, second, "frequency (Hz)", "note"];
    let span = |rows: &[CurveRow], of: fn(&CurveRow) -> f64| {
        let (low, high) =
            rows.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        Cell::from((low <= high).then(|| format!("{low:.4} to {high:.4}")))
    };
    let row = |rows: &[CurveRow]| -> Vec<Cell> {
        let notes: Vec<&str> = rows
            .iter()
            .filter(|row| !row.end.is_empty() && !row.note.is_empty())
            .map(|row| row.note.as_str())
            .collect();
        let cells = [
            Cell::from(rows[0].model.as_str()),
            Cell::from(rows[0].curve.to_string()),
            Cell::from(rows[0].code.as_str()),
            Cell::from(rows.len().to_string()),
            span(rows, |row| row.value),
            span(rows, |row| row.second_value),
            span(rows, |row| row.frequency_hz.unwrap_or(f64::NAN)),
            Cell::from(notes.join("; ")),
        ];
        cells.into()
    };
    Some(TableView {
        id: "curves".into(),
        caption: "Curves in the plane of both parameters.".into(),
        header: names.map(String::from).to_vec(),
        rows: results.curves.each().map(row).collect(),
    })
}
