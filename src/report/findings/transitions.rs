//! Where along a scan statistics of each model cross the levels that tell of a transition.

use crate::report::read::Results;
use crate::report::read::transitions::Crossing;
use crate::report::table::{Cell, TableView};

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
        let mut of = results.transitions.iter().filter(|crossing| crossing.model == model && crossing.name() == *name);
        let Some(first) = of.next() else { return Cell::nothing() };
        let others: Vec<String> = of.map(|other| format!("; {}; {}", other.place(), other.direction)).collect();
        let rest = format!("; {}{}", first.direction, others.concat());
        Cell { rest, more: others.len(), ..Cell::from(first.place()) }
    };
    let rows = results.models.iter().map(|model| {
        let cells = names.iter().map(|name| cell(&model.label, name));
        (model.label.clone(), cells.collect::<Vec<_>>())
    });
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
    (!names.is_empty()).then(|| TableView::named(TABLE, caption, "model", names.iter().cloned(), rows))
}
