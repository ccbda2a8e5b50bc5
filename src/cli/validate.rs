//! `validate CONFIG`: the same members on the CPU and on a GPU, or stored ones again, compared number by number.

use super::output::{note, quoted, say};
use super::{ConfigArguments, Outcome, Usage};
use anyhow::{Context, Result};
use clap::Args;
use snn_ensemble::align;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::selection::Selection;
use snn_ensemble::gpu::{Gpu, GpuError};
use snn_ensemble::results::{FilesLock, ResultError, file};
use snn_ensemble::validate::against::Stored;
use snn_ensemble::validate::{Check, ValidateError, Validation, Verdict, sample, validate};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct ValidateArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Members of every model, spread over the points
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u32).range(1..))]
    members: u32,
    /// Adapter by its number in `devices`, a part of its name or its PCI address; default: the best, a software one if there is no other
    #[arg(long, value_name = "N|NAME")]
    device: Option<String>,
    /// Directory for validation.json; default: out/NAME
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Compare the results in DIR, of another machine or version, with the CPU of this one; needs no GPU
    #[arg(long, value_name = "DIR", conflicts_with = "device")]
    against: Option<PathBuf>,
}

const NO_ADAPTER: &str = "there is no GPU to compare with: install the driver of this machine's GPU (Vulkan, Metal or DX12), \
                          or a software adapter (Mesa's llvmpipe: mesa-vulkan-drivers on Debian, Ubuntu and Fedora)";

impl ValidateArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let experiment = self.config.load(&[])?;
        let directory = self.out.clone().unwrap_or_else(|| Path::new("out").join(&experiment.name));
        // Before anything is computed.
        let create = || std::fs::create_dir_all(&directory).map_err(|e| ResultError::io(&directory, e));
        let (ensemble, gpu, checks) = match &self.against {
            Some(stored) => {
                let ensemble = Ensemble::new(experiment, false)?;
                if !stored.join(file::LOG).exists() {
                    return Err(Usage(format!("--against: {} is no result directory", stored.display())).into());
                }
                create()?;
                let (origin, checks) = self.stored(&ensemble, stored)?;
                (ensemble, origin, checks)
            }
            None => {
                let gpu = self.open()?;
                let ensemble = Ensemble::on(experiment, std::iter::once(&gpu))?;
                create()?;
                let chosen = sample(&ensemble, self.members);
                let mut table = Table::begin(&ensemble);
                let checks = validate(&ensemble, &chosen, &gpu, |check| table.row(check))?;
                let (name, driver) = (&gpu.info.name, format!("{} {}", gpu.info.driver, gpu.info.driver_info));
                (ensemble, format!("{name} ({}, {})", gpu.info.backend, driver.trim()), checks)
            }
        };
        let verdict = Verdict::of(&checks);
        let validation = Validation {
            verdict,
            command: command(),
            cpu: format!("{}, {} threads", std::env::consts::ARCH, rayon::current_num_threads()),
            gpu,
            stored: self.against.is_some(),
            version: super::VERSION.to_string(),
            checks,
        };
        self.write(&validation, &directory)?;
        super::skipped::print(&ensemble);
        Ok(match verdict {
            Verdict::Equal | Verdict::WithinTolerance => super::skipped::outcome(&ensemble),
            Verdict::Different => Outcome::Different,
        })
    }

    fn open(&self) -> Result<Gpu> {
        let choice = self.device.as_deref().map_or(Ok(Choice::Any), Selection::one);
        choice.and_then(|choice| Gpu::open(&choice)).map_err(|error| match error {
            GpuError::NoAdapter { .. } => Usage(NO_ADAPTER.into()).into(),
            GpuError::NoSuchDevice { .. } | GpuError::Selection(_) => Usage(error.to_string()).into(),
            error => error.into(),
        })
    }

    fn stored(&self, ensemble: &Ensemble, directory: &Path) -> Result<(String, Vec<Check>)> {
        let mut stored = Stored::open(directory, ensemble).map_err(usage)?;
        if let Some(version) = stored.arithmetic {
            let ours = snn_ensemble::ensemble::identity::ARITHMETIC_VERSION;
            note!(
                "note: computed with arithmetic {version}, this program has {ours}; other numbers are to be expected"
            );
        }
        let chosen = stored.sample(ensemble, self.members).map_err(usage)?;
        let mut table = Table::begin(ensemble);
        let checks = stored.compare(ensemble, &chosen, |check| table.row(check))?;
        Ok((stored.origin.clone(), checks))
    }

    fn write(&self, validation: &Validation, directory: &Path) -> Result<()> {
        let Validation { checks, verdict, .. } = validation;
        let [here, other] = validation.sides();
        say!("{here} and {other}:");
        for check in checks.iter().filter(|check| !check.ok) {
            let Check { model, point, location, .. } = check;
            say!("difference: {model}, point {point}, {}: {location}", check.tier.name());
        }
        let numbers: u64 = checks.iter().map(|check| check.compared).sum();
        match verdict {
            Verdict::Equal | Verdict::WithinTolerance => {
                say!("{}: {} checks of {numbers} numbers", verdict.name(), checks.len());
            }
            Verdict::Different => say!(
                "DIFFERENT: {} of {} checks; please report this with validation.json",
                checks.iter().filter(|check| !check.ok).count(),
                checks.len()
            ),
        }
        let _files = FilesLock::acquire(directory)?;
        validation.write(directory).context("validation.json could not be written")?;
        if directory.join(file::MEMBERS).exists() {
            snn_ensemble::report::write(directory)?;
        }
        say!("written: {}", directory.join(file::VALIDATION).display());
        Ok(())
    }
}

/// A directory that does not fit the config is bad usage.
fn usage(error: ValidateError) -> anyhow::Error {
    match error {
        ValidateError::OtherExperiment { .. } | ValidateError::NothingStored { .. } => Usage(error.to_string()).into(),
        error => error.into(),
    }
}

/// What was typed, without the program's place.
fn command() -> String {
    let typed = std::env::args().skip(1).map(|word| quoted(&word));
    std::iter::once("snn-ensemble".to_string()).chain(typed).collect::<Vec<_>>().join(" ")
}

/// Prints rows as the checks are made, in columns that fit every model's name.
struct Table {
    widths: Vec<usize>,
}

impl Table {
    fn begin(ensemble: &Ensemble) -> Table {
        let header = Check::HEADER.map(str::to_string);
        let mut widths = align::widths(&[header.to_vec()]);
        widths[0] = ensemble.schema.models.iter().map(|m| m.label.len()).max().unwrap_or(0).max(widths[0]);
        widths[1] = "short horizon".len();
        widths[4] = 12;
        say!("{}", align::line(&header, &widths));
        Table { widths }
    }

    fn row(&mut self, check: &Check) {
        say!("{}", align::line(&check.cells(), &self.widths));
    }
}
