//! snn-ensemble: ensembles of finite spiking networks, next to the differential equations reduced from them.

mod cli;

use anyhow::Result;
use clap::Parser;
use cli::output::{ended, note};
use cli::{Arguments, Command, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::surroundings::prepare();
    cli::signals::follow_parent();
    let arguments = Arguments::try_parse().unwrap_or_else(|told| {
        told.print().unwrap_or_else(|error| ended(&error));
        std::process::exit(told.exit_code())
    });
    let outcome = execute(&arguments).unwrap_or_else(|error| {
        let advice = cli::advice(&error, &arguments.command).map_or(String::new(), |advice| format!("; {advice}"));
        note!("error: {}{advice}", cli::told(&error));
        Outcome::of_error(&error)
    });
    outcome.code()
}

fn execute(arguments: &Arguments) -> Result<Outcome> {
    cli::threads::prepare(arguments.threads.as_deref())?;
    match &arguments.command {
        Command::Run(run) => run.execute(),
        Command::Check(check) => check.execute(),
        Command::Validate(validate) => validate.execute(),
        Command::Branches(branches) => branches.execute(),
        Command::Report(report) => report.execute(),
        Command::Merge(merge) => merge.execute(),
        Command::Bench(bench) => bench.execute(),
        Command::Devices => cli::devices::execute(),
        Command::Schema(schema) => schema.execute(),
        Command::Completions(completions) => completions.execute(),
    }
}
