//! What two structs do not share, field by field.

use serde::Serialize;
use serde_json::Value;

/// A field with other values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `analysis.burst.height`.
    pub field: String,
    /// Its value in the first struct, as a config would have it.
    pub there: String,
    /// Its value in the second struct, as a config would have it.
    pub here: String,
}

/// All fields in which two structs differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences(pub Vec<Difference>);

impl Differences {
    /// All fields in which two structs of one type differ.
    pub fn between<T: Serialize>(there: &T, here: &T) -> Differences {
        let mut differences = Differences::default();
        // Plain data always serialises.
        let value = |of: &T| serde_json::to_value(of).expect("plain data");
        differences.walk("", &value(there), &value(here));
        differences
    }

    /// Whether the structs are equal.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `seed is 1 there and 2 here; time.duration is ...`, with names for both sides.
    pub fn told(&self, there: &str, here: &str) -> String {
        let told = self.0.iter().map(|d| format!("{} is {} {there} and {} {here}", d.field, d.there, d.here));
        told.collect::<Vec<_>>().join("; ")
    }

    fn walk(&mut self, field: &str, there: &Value, here: &Value) {
        match (there, here) {
            (there, here) if there == here => {}
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                for key in keys {
                    let below = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
                    self.walk(&below, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                }
            }
            _ => self.0.push(Difference { field: field.to_string(), there: text(there), here: text(here) }),
        }
    }
}

impl std::fmt::Display for Differences {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.told("there", "here"))
    }
}

/// A value as in a config.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        // 2.0 is 2, and a seed of 64 bits no rounded one
        Value::Number(number) if number.is_f64() => number.as_f64().map_or(number.to_string(), |x| x.to_string()),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{key}: {}", text(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
