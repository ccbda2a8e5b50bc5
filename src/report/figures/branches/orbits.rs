//! Orbits over a period: rates, and mean kick counts against each other.

use super::rows::Row;
use crate::report::error::ReportError;
use crate::report::figure::{Figure, Panel, Scale};
use crate::report::mark::{Colour, Line, Mark};
use crate::report::read::Results;
use crate::results::{Table, file};
use std::path::Path;

/// The table of orbits.
pub struct Orbits {
    table: Table,
}

impl Orbits {
    /// `None` where there is none.
    pub fn read(directory: &Path) -> Result<Option<Orbits>, ReportError> {
        let path = directory.join(file::ORBITS);
        let table = path.is_file().then(|| Table::read(&path)).transpose()?;
        Ok(table.map(|table| Orbits { table }))
    }

    /// The orbit at a row of the table of branches, if that was stored.
    pub fn figures(&self, results: &Results, row: &Row) -> Vec<Figure> {
        let steps = self.steps(row).unwrap_or_default();
        if steps.is_empty() {
            return vec![];
        }
        let column = |name: &str| -> Vec<f64> {
            let numbers = self.table.real(name).unwrap_or_default();
            steps.iter().map(|&step| numbers.get(step).copied().flatten().unwrap_or(f64::NAN)).collect()
        };
        let named = |prefix: &str| -> Vec<String> {
            let names = self.table.columns.iter().map(|(name, _)| name.clone());
            names.filter(|name| name.starts_with(prefix)).collect()
        };
        let id = |what: &str| format!("{what}-{}-{}-{}", row.model.replace('+', "-"), row.branch, row.point);
        let caption = format!("{} at {}, {}.", row.model, row.place(), if row.stable { "stable" } else { "unstable" });
        let t = column("t");
        let rates = named("rate_").into_iter().enumerate().map(|(dash, name)| {
            let y = column(&name).into_iter().map(Some).collect();
            let name = name.trim_start_matches("rate_");
            let line = Line::new(name, results.colour_of(&row.model), t.clone(), y);
            Mark::Line(Line { dash, markers: false, ..line })
        });
        let panel = Panel::new(Scale::new("time", "ms"), Scale::new("rate", "Hz"), rates.collect());
        let title = "Rates over a period".to_string();
        let mut figures = vec![Figure {
            slot: "orbit-rates".into(),
            ..Figure::new(id("orbit"), title, caption.clone(), vec![panel])
        }];
        // The plane of what the first population receives; of a single projection there is none.
        if let [x, y, ..] = &named("mu_")[..] {
            let scale = |name: &str| Scale::new(&format!("kicks {}", name.trim_start_matches("mu_")), "");
            let colour: Colour = results.colour_of(&row.model);
            let path = Mark::Path { name: row.model.clone(), colour, dash: 0, x: column(x), y: column(y) };
            let title = "The orbit in the plane of mean kick counts".into();
            let panels = vec![Panel::new(scale(x), scale(y), vec![path])];
            figures
                .push(Figure { slot: "orbit-plane".into(), ..Figure::new(id("orbit-plane"), title, caption, panels) });
        }
        figures
    }

    /// Rows of the table that are of this orbit.
    fn steps(&self, row: &Row) -> Option<Vec<usize>> {
        let (models, branches, points) =
            (self.table.text("model")?, self.table.integer("branch")?, self.table.integer("point")?);
        let is = |&i: &usize| {
            models[i].as_deref() == Some(row.model.as_str()) && (branches[i], points[i]) == (row.branch, row.point)
        };
        Some((0..self.table.rows).filter(is).collect())
    }
}
