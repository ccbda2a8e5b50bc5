//! `schema`: the JSON Schema of the config, or the table of its keys.

use super::Outcome;
use anyhow::Result;
use clap::Args;

#[derive(Args)]
pub struct SchemaArguments {
    /// Print every key with unit, default and range as Markdown instead
    #[arg(long)]
    reference: bool,
}

impl SchemaArguments {
    pub fn execute(&self) -> Result<Outcome> {
        if self.reference {
            print!("{}", snn_ensemble::config::reference());
        } else {
            println!("{}", serde_json::to_string_pretty(&snn_ensemble::config::schema())?);
        }
        Ok(Outcome::Done)
    }
}
