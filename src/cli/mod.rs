//! The command line: arguments, exit codes, and one file per command.

pub mod bench;
pub mod branches;
pub mod check;
pub mod completions;
pub mod devices;
mod estimate;
pub mod merge;
pub mod output;
pub mod report;
pub mod run;
pub mod schema;
pub mod signals;
mod skipped;
mod summary;
pub mod surroundings;
pub mod threads;
pub mod validate;
mod warnings;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use snn_ensemble::config::{self, ConfigErrors, Experiment};
use snn_ensemble::ensemble::identity::ARITHMETIC_VERSION;
use snn_ensemble::ensemble::run::RunError;
use snn_ensemble::gpu::adapter::STATIC;
use snn_ensemble::report::ReportError;
use snn_ensemble::results::ResultError;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

/// Ensembles of finite spiking networks on any GPU, next to the differential equations reduced from them.
#[derive(Parser)]
#[command(version = VERSION, long_version = LONG_VERSION.as_str(), after_help = EXIT_CODES, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// CPU threads; default: one for each core, or RAYON_NUM_THREADS
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
}

/// What two programs have to share to give the same numbers, and what this one can use.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let gpu = match std::env::consts::OS {
        _ if STATIC => "no driver, since it is linked statically",
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
const EXIT_CODES: &str = "Exit codes: 0 done, 1 something failed or was skipped, 2 bad usage or config, 3 a comparison found a \
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
    /// Print what a shell completes, or write the manual pages
    Completions(completions::CompletionsArguments),
}

/// A config file and what overrides it.
#[derive(Args)]
pub struct ConfigArguments {
    /// Experiment in YAML; `-`: standard input
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
        Ok(self.parse(&self.read()?, extra)?)
    }

    /// The config's text. It is read once: a pipe has it only once.
    pub fn read(&self) -> Result<String> {
        let read = if self.is_standard_input() {
            text_of(std::io::stdin().lock())
        } else {
            std::fs::File::open(&self.config).and_then(text_of)
        };
        let name = self.name();
        read.map_err(|source| Unreadable { name, source }).context("the config cannot be read")
    }

    pub fn parse(&self, text: &str, extra: &[String]) -> Result<Experiment, ConfigErrors> {
        config::load(text, &self.name(), &[&self.set[..], extra].concat())
    }

    pub fn is_standard_input(&self) -> bool {
        self.config.as_os_str() == "-"
    }

    fn name(&self) -> String {
        if self.is_standard_input() { "standard input".into() } else { self.config.display().to_string() }
    }
}

/// What is there, as far as it takes to see that it is too long for a config.
fn text_of(from: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    from.take(config::limits::FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&b| b == b'\n').count();
        let found = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16, as Windows PowerShell writes with >".to_string(),
            _ => format!("line {line} is not UTF-8"),
        };
        std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{found}; save it as UTF-8"))
    })
}

/// A file that a user named and that cannot be read: bad usage.
#[derive(Debug, thiserror::Error)]
#[error("{name}")]
struct Unreadable {
    name: String,
    source: std::io::Error,
}

/// Bad usage that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// A message with its causes, each once: some name their cause themselves.
pub fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told += &format!(": {cause}");
        }
    }
    told
}

/// What a run's files say, if that is what went wrong.
fn of_run(error: &anyhow::Error) -> Option<&ResultError> {
    match error.downcast_ref() {
        Some(RunError::Result(error)) => Some(error),
        _ => error.downcast_ref(),
    }
}

/// What a run, or a report, could do about an error, in its own options.
pub fn advice(error: &anyhow::Error, command: &Command) -> Option<&'static str> {
    match (command, error.downcast_ref()) {
        (Command::Run(_) | Command::Branches(_), _) => of_run(error)?.advice(),
        (Command::Report(_), Some(ReportError::Result(error))) => error.advice_of_report(),
        _ => None,
    }
}

/// How a command ended; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Done,
    Failed,
    BadInput,
    /// Validation found a difference.
    Different,
    Interrupted,
}

impl Outcome {
    pub fn status(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::BadInput => 2,
            Outcome::Different => 3,
            Outcome::Interrupted => 130,
        }
    }

    pub fn code(self) -> ExitCode {
        ExitCode::from(self.status())
    }

    /// What kind of failure an error is.
    pub fn of_error(error: &anyhow::Error) -> Outcome {
        let bad_input = error.downcast_ref::<ConfigErrors>().is_some()
            || error.downcast_ref::<Unreadable>().is_some()
            || error.downcast_ref::<Usage>().is_some()
            || of_run(error).is_some_and(ResultError::is_wrong_directory)
            || error.downcast_ref::<snn_ensemble::ensemble::model_at_point::PointError>().is_some();
        let wrong = matches!(error.downcast_ref(), Some(RunError::WrongDevice { .. }));
        match (bad_input, wrong) {
            (true, _) => Outcome::BadInput,
            (_, true) => Outcome::Different,
            _ => Outcome::Failed,
        }
    }
}
