//! `schema`: the JSON Schema of the config, or the table of its keys, or that of the statistics.

use super::Outcome;
use super::output::say;
use anyhow::Result;
use clap::Args;

#[derive(Args)]
pub struct SchemaArguments {
    /// Print every key with unit, default and range as Markdown instead
    #[arg(long)]
    reference: bool,
    /// Print every statistic with unit and definition as Markdown instead
    #[arg(long, conflicts_with = "reference")]
    statistics: bool,
}

impl SchemaArguments {
    pub fn execute(&self) -> Result<Outcome> {
        if self.reference {
            say!("{}", snn_ensemble::config::reference().trim_end());
        } else if self.statistics {
            say!("{}", snn_ensemble::statistics::table::reference().trim_end());
        } else {
            say!("{}", serde_json::to_string_pretty(&snn_ensemble::config::schema())?);
        }
        Ok(Outcome::Done)
    }
}
