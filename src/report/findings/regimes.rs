//! What a trajectory does, as a map tells it apart: from the columns `period`, `lyapunov` and `lyapunov_se`.

use crate::report::figure::{Cell, TableView};
use crate::report::read::Results;

pub const TABLE: &str = "regimes";

/// In the order of the map's colours.
pub const CLASSES: [&str; 8] =
    ["steady", "period 1", "period 2", "period 4", "period 8", "other", "chaotic", "unsettled"];
/// Standard errors by which the exponent of chaos is above 0.
const CHAOTIC: f64 = 3.0;

/// What the colours are.
pub const CAPTION: &str = "What the trajectory does after its transient: steady; an orbit of so many returns to the section (other: of \
                           another number); chaotic: it does not repeat, and its exponent is more than three standard errors above 0; \
                           unsettled: it does not repeat, and is no chaos by that";

/// Reads the regime of members of deterministic models.
pub struct Regimes<'a> {
    results: &'a Results,
    /// Indices of the columns period, lyapunov, lyapunov_se.
    columns: [usize; 3],
}

impl<'a> Regimes<'a> {
    /// `None` where no regime was followed.
    pub fn of(results: &'a Results) -> Option<Self> {
        let place = |name: &str| results.statistics.iter().position(|column| column.name == name);
        let columns = [place("period")?, place("lyapunov")?, place("lyapunov_se")?];
        Some(Regimes { results, columns })
    }

    /// Whether a model has regimes.
    pub fn has(&self, model: usize) -> bool {
        self.results.has(model, self.columns[0])
    }

    /// Place in [`CLASSES`] of what a model does at a point.
    pub fn class(&self, model: usize, point: u32) -> Option<usize> {
        let mean = |column: usize| self.results.summary(model, point, column)?.mean;
        let [period, exponent, error] = self.columns.map(mean);
        Some(class(period? as i64, exponent, error))
    }

    /// At how many points each model is in each regime.
    pub fn view(&self) -> TableView {
        let models = (0..self.results.models.len()).filter(|&model| self.has(model));
        let row = |model: usize| {
            let found: Vec<usize> = self.results.scan.points.keys().filter_map(|&p| self.class(model, p)).collect();
            let count = |class: usize| match found.iter().filter(|&&other| other == class).count() {
                0 => Cell::from("–"),
                n => Cell::from(n.to_string()),
            };
            let label = Cell::from(self.results.models[model].label.as_str());
            std::iter::once(label).chain((0..CLASSES.len()).map(count)).collect()
        };
        TableView {
            id: TABLE.into(),
            caption: format!("Regimes, at how many of {} points.", self.results.scan.points.len()),
            header: std::iter::once("model").chain(CLASSES).map(String::from).collect(),
            rows: models.map(row).collect(),
        }
    }
}

fn class(period: i64, exponent: Option<f64>, error: Option<f64>) -> usize {
    match period {
        0 => 0,
        1 => 1,
        2 => 2,
        4 => 3,
        8 => 4,
        -1 => {
            let chaotic = exponent.zip(error).is_some_and(|(exponent, error)| exponent > CHAOTIC * error);
            if chaotic { 6 } else { 7 }
        }
        _ => 5,
    }
}
