//! snn-ensemble: ensembles of finite spiking networks, next to the differential equations reduced from them.

mod cli;

use clap::Parser;
use cli::{Arguments, Command, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Run(run) => run.execute(),
        Command::Check(check) => check.execute(),
        Command::Validate(validate) => validate.execute(),
        Command::Branches(branches) => branches.execute(),
        Command::Report(report) => report.execute(),
        Command::Merge(merge) => merge.execute(),
        Command::Bench(bench) => bench.execute(),
        Command::Devices => cli::devices::execute(),
        Command::Schema(schema) => schema.execute(),
    };
    match outcome {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::of_error(&error).code()
        }
    }
}
