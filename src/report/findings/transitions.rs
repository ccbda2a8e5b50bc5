//! Where along a scan statistics of each model cross the levels that tell of a transition.

use crate::report::figure::{Cell, TableView};
use crate::report::read::Results;
use crate::report::read::transitions::Crossing;

pub const TABLE: &str = "transitions";

/// Names of what is crossed, each once.
pub fn names(results: &Results) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in results.transitions.iter().map(Crossing::name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A row per model, a column per statistic and population; of several places the first ones come first.
pub fn view(results: &Results) -> Option<TableView> {
    let names = names(results);
    let cell = |model: &str, name: &String| {
        let of = results.transitions.iter().filter(|crossing| crossing.model == model && crossing.name() == *name);
        let places: Vec<String> = of.map(|crossing| format!("{}; {}", crossing.place(), crossing.direction)).collect();
        Cell::from(if places.is_empty() { "–".into() } else { places.join("; ") })
    };
    let rows = results.models.iter().map(|model| {
        let cells = names.iter().map(|name| cell(&model.label, name));
        std::iter::once(Cell::from(model.label.as_str())).chain(cells).collect()
    });
    let rows = rows.collect();
    let mut definitions: Vec<&str> = Vec::new();
    for definition in results.transitions.iter().map(|crossing| crossing.definition.as_str()) {
        if !definitions.contains(&definition) {
            definitions.push(definition);
        }
    }
    let caption = format!(
        "Where means cross levels, with the 95 % interval over realisations drawn anew; between points means are straight lines (on an axis of factors in the logarithm), which no \
         interval knows of; {}.",
        definitions.join("; ")
    );
    let header = std::iter::once("model".to_string()).chain(names.iter().cloned()).collect();
    (!names.is_empty()).then(|| TableView { id: TABLE.into(), caption, header, rows })
}
