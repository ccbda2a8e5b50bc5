//! What a trajectory does, as a map tells it apart: from the columns `period`, `lyapunov` and `lyapunov_se`.

use crate::report::numbers::{plain, with_unit};
use crate::report::read::Results;
use crate::report::read::dimensions::Dimension;
use crate::report::table::{Cell, TableView};

pub const TABLE: &str = "regimes";

/// In the order of the map's colours.
pub const CLASSES: [&str; 8] =
    ["steady", "period 1", "period 2", "period 4", "period 8", "other", "chaotic", "unsettled"];
/// Standard errors by which the exponent of chaos is above 0.
const CHAOTIC: f64 = 3.0;
/// Stretches of a regime that a sentence tells.
const TOLD: usize = 3;

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

    /// At how many points of a grid each model is in each regime.
    pub fn counts(&self) -> TableView {
        let found: Vec<u32> = self.results.scan.points.keys().copied().collect();
        let row = |model: usize| {
            let classes: Vec<_> = found.iter().map(|&point| self.class(model, point)).collect();
            let count = |class: usize| classes.iter().filter(|&&other| other == Some(class)).count();
            let cell = |n: usize| Cell::from((n > 0).then(|| n.to_string()));
            (self.results.models[model].label.clone(), (0..CLASSES.len()).map(|class| cell(count(class))).collect())
        };
        let rows = self.models().map(row).collect();
        table(format!("Regimes, at how many of {} points.", found.len()), rows)
    }

    /// Between which values of a scan along one dimension each model is in each regime.
    pub fn stretches(&self) -> TableView {
        let (scan, along) = (&self.results.scan, &self.results.scan.dimensions[0]);
        let all: Vec<u32> = scan.points.keys().copied().collect();
        let row = |model: usize, variety: &str| {
            let line = scan.line(0, &all, variety);
            let classes: Vec<_> = line.iter().map(|&(place, point)| (self.class(model, point), place)).collect();
            let stretches: Vec<_> = classes.chunk_by(|a, b| a.0 == b.0).collect();
            let cell = |class: usize| {
                let of = stretches.iter().filter(|stretch| stretch[0].0 == Some(class));
                let of = of.map(|stretch| between(along, stretch[0].1, stretch[stretch.len() - 1].1));
                Cell::listed(&of.collect::<Vec<_>>(), TOLD, ", ")
            };
            let label = format!("{} {variety}", self.results.models[model].label).trim_end().to_string();
            (label, (0..CLASSES.len()).map(cell).collect())
        };
        let varieties = scan.varieties();
        let rows = self.models().flat_map(|model| varieties.iter().map(move |variety| row(model, variety))).collect();
        let axis = with_unit(&along.label, &along.unit);
        table(format!("Regimes: at which {axis}, from the first to the last point of each stretch. {CAPTION}."), rows)
    }

    fn models(&self) -> impl Iterator<Item = usize> {
        (0..self.results.models.len()).filter(|&model| self.has(model))
    }
}

/// A row per model, a column per regime.
fn table(caption: String, rows: Vec<(String, Vec<Cell>)>) -> TableView {
    TableView::named(TABLE, caption, "model", CLASSES.map(String::from), rows)
}

/// "5.2 to 6.8", or the one value.
fn between(along: &Dimension, first: usize, last: usize) -> String {
    let [first, last] = [first, last].map(|place| plain(along.number(place)));
    if first == last { first } else { format!("{first} to {last}") }
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
