//! `schema`: the JSON Schema of the config.

use super::Outcome;
use anyhow::Result;

pub fn execute() -> Result<Outcome> {
    println!("{}", serde_json::to_string_pretty(&crate::config::schema())?);
    Ok(Outcome::Done)
}
