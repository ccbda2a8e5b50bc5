//! The command line: arguments, exit codes, and one file per command.

pub mod bench;
pub mod branches;
pub mod check;
pub mod devices;
pub mod merge;
pub mod report;
pub mod run;
pub mod schema;
mod summary;
pub mod validate;
mod warnings;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use snn_ensemble::config::{self, ConfigErrors, Experiment};
use snn_ensemble::ensemble::identity::ARITHMETIC_VERSION;
use snn_ensemble::ensemble::run::RunError;
use snn_ensemble::results::ResultError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

/// Ensembles of finite spiking networks on any GPU, next to the differential equations reduced from them.
#[derive(Parser)]
#[command(version = VERSION, long_version = LONG_VERSION.as_str(), after_help = EXIT_CODES, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What two programs have to share to give the same numbers, and what this one can use.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let gpu = match std::env::consts::OS {
        "macos" => "Metal",
        "windows" => "Vulkan, DX12",
        _ => "Vulkan",
    };
    let cpu = std::env::consts::ARCH;
    format!(
        "{VERSION}\narithmetic {ARITHMETIC_VERSION}: equal configs give equal numbers\nbackends: CPU ({cpu}), GPU by {gpu}"
    )
});
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("SNN_ENSEMBLE_COMMIT"), ")");
const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed while running, 2 bad usage or config, 3 a comparison found a \
                          difference, 130 interrupted (what was finished is saved; --resume goes on).";

#[derive(Subcommand)]
pub enum Command {
    /// Run an experiment and write its results
    Run(run::RunArguments),
    /// Resolve and explain a config: members, memory, cost; run nothing
    Check(check::CheckArguments),
    /// Compute the same members on the CPU and on a GPU, or stored ones again, and compare every number
    Validate(validate::ValidateArguments),
    /// Follow fixed points and orbits of dsode along a parameter: their stability, and where it changes
    Branches(branches::BranchesArguments),
    /// Build the report of a result directory again, and its figures as files
    Report(report::ReportArguments),
    /// Join the result directories of shards
    Merge(merge::MergeArguments),
    /// Measure the throughput of this machine
    Bench(bench::BenchArguments),
    /// List the adapters of this machine, and which would be used and why
    Devices,
    /// Print the JSON Schema of the config, for editor completion
    Schema(schema::SchemaArguments),
}

/// A config file and what overrides it.
#[derive(Args)]
pub struct ConfigArguments {
    /// Experiment in YAML
    pub config: PathBuf,
    /// Override a value by its path, e.g. --set "projections.E<-I.p=0.6"
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// A GPU if there is one, else the CPU
    Auto,
    Cpu,
    /// The best adapter, a software one if there is no other
    Gpu,
}

impl ConfigArguments {
    pub fn load(&self, extra: &[String]) -> Result<Experiment> {
        let text = std::fs::read_to_string(&self.config)
            .map_err(|source| Unreadable { path: self.config.clone(), source })
            .context("the config cannot be read")?;
        let overrides = [&self.set[..], extra].concat();
        Ok(config::load(&text, &name_of(&self.config), &overrides)?)
    }
}

/// A file that a user named and that cannot be read: bad usage.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

/// Bad usage that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed,
    BadInput,
    /// Validation found a difference.
    Different,
    Interrupted,
}

impl Outcome {
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::BadInput => 2,
            Outcome::Different => 3,
            Outcome::Interrupted => 130,
        })
    }

    /// What kind of failure an error is.
    pub fn of_error(error: &anyhow::Error) -> Outcome {
        let bad_input = error.downcast_ref::<ConfigErrors>().is_some()
            || error.downcast_ref::<Unreadable>().is_some()
            || error.downcast_ref::<Usage>().is_some()
            || matches!(error.downcast_ref(), Some(RunError::Result(ResultError::ForeignConfig { .. })))
            || error.downcast_ref::<snn_ensemble::ensemble::model_at_point::PointError>().is_some();
        let wrong = matches!(error.downcast_ref(), Some(RunError::WrongDevice { .. }));
        match (bad_input, wrong) {
            (true, _) => Outcome::BadInput,
            (_, true) => Outcome::Different,
            _ => Outcome::Failed,
        }
    }
}
