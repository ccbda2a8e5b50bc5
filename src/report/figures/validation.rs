//! What `validate` found, as the table of whatever it wrote.

use crate::report::figure::{Cell, Section, TableView, Verdict};
use crate::report::read::Results;
use serde_json::Value;

pub fn section(results: &Results) -> Option<Section> {
    let mut rows = Vec::new();
    flatten("", results.validation.as_ref()?, &mut rows);
    let header = vec!["check".to_string(), "result".to_string()];
    let caption =
        "CPU and GPU compared: spike counts exactly, the differential equations by their table of tolerances.".into();
    let table = TableView { id: "validation".into(), caption, header, rows };
    Some(Section { id: "validation".into(), title: "Validation".into(), tables: vec![table], ..Section::default() })
}

fn flatten(path: &str, value: &Value, rows: &mut Vec<Vec<Cell>>) {
    let below = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, rows)),
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            list.iter().enumerate().for_each(|(i, item)| flatten(&below(&i.to_string()), item, rows));
        }
        Value::Bool(passed) => {
            let verdict = if *passed { Verdict::Within } else { Verdict::Outside };
            rows.push(vec![Cell::from(path), Cell { text: if *passed { "yes" } else { "no" }.into(), verdict }]);
        }
        Value::String(text) => rows.push(vec![Cell::from(path), Cell::from(text.as_str())]),
        other => rows.push(vec![Cell::from(path), Cell::from(other.to_string())]),
    }
}
