//! JSON Schema and reference table of the config, made from the table of keys.

use super::keys::EXPERIMENT;
use super::kind::{Fallback, Key, Kind};
use serde_json::{Map, Value, json};

/// JSON Schema (draft 2020-12) for editor completion. What keys say together is checked by `load` only.
pub fn schema() -> Value {
    let mut schema = kind(&Kind::Map(EXPERIMENT));
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "snn-ensemble config".into();
    schema
}

fn kind(value: &Kind) -> Value {
    match value {
        Kind::Real(range) => {
            let bound = if range.above { "exclusiveMinimum" } else { "minimum" };
            json!({"type": "number", bound: range.min, "maximum": range.max})
        }
        Kind::Count { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Text(_) => json!({"type": "string"}),
        Kind::Word(words) => json!({"enum": words}),
        Kind::List(inner) => json!({"type": "array", "items": kind(inner)}),
        Kind::Tuple(_, places) => {
            let items: Vec<Value> = places.iter().map(kind).collect();
            json!({"type": "array", "prefixItems": items, "items": false, "minItems": items.len()})
        }
        Kind::Map(keys) => map(keys),
        Kind::Named(what, inner) => {
            json!({"type": "object", "propertyNames": {"description": what}, "additionalProperties": kind(inner)})
        }
        Kind::Either(kinds) => json!({"anyOf": kinds.iter().map(kind).collect::<Vec<_>>()}),
    }
}

fn map(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.into(), property(key))).collect();
    let is_required = |key: &&Key| matches!(key.fallback, Fallback::Required);
    let required: Vec<&str> = keys.iter().filter(is_required).map(|key| key.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn property(key: &Key) -> Value {
    let mut schema = kind(&key.kind);
    let unit = if key.unit.is_empty() { String::new() } else { format!(" ({})", key.unit) };
    schema["description"] = format!("{}{unit}", key.doc).into();
    match key.fallback {
        Fallback::Real(x) => schema["default"] = x.into(),
        Fallback::Pair(pair) => schema["default"] = json!(pair),
        Fallback::Count(n) => schema["default"] = n.into(),
        Fallback::Flag(flag) => schema["default"] = flag.into(),
        Fallback::Word(word) => schema["default"] = word.into(),
        Fallback::Required | Fallback::Same(_) | Fallback::Depends(_) | Fallback::Inside | Fallback::Alternative => {}
    }
    schema
}

/// Every key with default, what is allowed and meaning, as a page in Markdown.
pub fn reference() -> String {
    let mut table = "\
# Every key of a config

`*` stands for a name or for an entry of a list. An example: [README](../README.md#config); the equations: [models.md](models.md#the-equations). \
Written by `snn-ensemble schema --reference`.

| key | default | allowed | meaning |\n|---|---|---|---|\n".to_string();
    rows(EXPERIMENT, "", &mut table);
    table
}

fn rows(keys: &[Key], path: &str, table: &mut String) {
    for key in keys {
        let path = format!("{path}{}", key.name);
        let default = match key.fallback {
            Fallback::Required => "required".into(),
            ref fallback => fallback.text().unwrap_or_default(),
        };
        *table += &format!("| `{path}` | {default} | {} | {} |\n", short(key), key.doc);
        below(&key.kind, &path, table);
    }
}

/// What is allowed; a map's keys have rows of their own.
fn short(key: &Key) -> String {
    fn short(kind: &Kind, unit: &str) -> String {
        match kind {
            Kind::Map(_) => "a map".into(),
            Kind::Named(what, _) => format!("a map by {what}"),
            Kind::List(inner) => format!("a list, each entry {}", short(inner, unit)),
            Kind::Either(kinds) => kinds.iter().map(|kind| short(kind, unit)).collect::<Vec<_>>().join(" or "),
            kind => kind.allowed(unit),
        }
    }
    short(&key.kind, key.unit)
}

fn below(kind: &Kind, path: &str, table: &mut String) {
    match kind {
        Kind::Map(keys) => rows(keys, &format!("{path}."), table),
        Kind::Named(_, inner) => below(inner, &format!("{path}.*"), table),
        Kind::List(inner) => below(inner, &format!("{path}.*"), table),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| below(kind, path, table)),
        _ => {}
    }
}
