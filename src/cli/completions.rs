//! `completions`: what a shell completes, and the manual pages, from the commands as they are.

use super::output::write;
use super::{Arguments, Outcome};
use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Args)]
pub struct CompletionsArguments {
    /// Shell whose completions are printed
    #[arg(required_unless_present = "man")]
    shell: Option<Shell>,
    /// Write a manual page of every command into this directory instead
    #[arg(long, value_name = "DIR", conflicts_with = "shell")]
    man: Option<PathBuf>,
}

impl CompletionsArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let command = Arguments::command();
        let mut text = Vec::new();
        if let Some(shell) = self.shell {
            let name = command.get_name().to_string();
            clap_complete::generate(shell, &mut command.clone(), name, &mut text);
            write(format_args!("{}", String::from_utf8(text)?));
        }
        if let Some(directory) = &self.man {
            std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
            clap_mangen::generate_to(command, directory).with_context(|| directory.display().to_string())?;
        }
        Ok(Outcome::Done)
    }
}
