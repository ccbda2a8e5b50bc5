//! `run CONFIG`: compute an experiment into its result directory.

use super::output::{note, quoted, say};
use super::{Backend, ConfigArguments, Outcome, Usage, summary};
use anyhow::{Result, anyhow};
use clap::Args;
use snn_ensemble::config::Experiment;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::run::{Finished, Options, RunError, run};
use snn_ensemble::ensemble::schedule::Shard;
use snn_ensemble::ensemble::self_check::{Checked, Verify};
use snn_ensemble::ensemble::{Ensemble, progress::engineering};
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::selection::Selection;
use snn_ensemble::gpu::{Gpu, GpuError};
use snn_ensemble::model::Variant;
use snn_ensemble::report::Written;
use snn_ensemble::results::{FilesLock, file};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[derive(Args)]
pub struct RunArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Result directory; default out/NAME
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "auto")]
    backend: Backend,
    /// Adapter by its number in `devices`, a part of its name or its PCI address; several with commas between; `all`; `slurm`: the one
    /// numbered SLURM_LOCALID. Implies --backend gpu
    #[arg(long, value_name = "N|NAME,...")]
    device: Option<String>,
    /// Override the config's seed
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    seed: Option<String>,
    /// Compute part K of N only (1 <= K <= N); `slurm/N`: K is the task of a Slurm job array 1-N; `srun/N`: the task of srun -n N.
    /// `merge` joins the parts
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Go on with what the directory holds, begin where it holds nothing: what a run does anyway, said in a script
    #[arg(long)]
    resume: bool,
    /// Members on a GPU that the CPU computes too, in the background; 0 switches this off. Default: 1 % of them, at most 8, for
    /// each device.
    /// (dsode with finite-size noise is checked by `validate` only.)
    #[arg(long, value_name = "N")]
    verify: Option<u32>,
    /// No progress, no summary
    #[arg(long)]
    quiet: bool,
}

impl RunArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let seed: Vec<String> = self.seed.iter().map(|seed| format!("seed={seed}")).collect();
        let text = self.config.read()?;
        let experiment = self.config.parse(&text, &seed)?;
        super::warnings::print(&experiment);
        let shard = self.shard.as_deref().map_or(Ok(Shard::WHOLE), Shard::parse);
        let shard = shard.map_err(|e| Usage(format!("--shard: {e}")))?;
        let directory = self.out.clone().unwrap_or_else(|| Path::new("out").join(&experiment.name));
        let config = resolved(&text, &experiment);
        self.keep_what_was_read(&directory, &text, &config)?;
        if self.backend == Backend::Cpu && self.verify.is_some() {
            return Err(Usage("--verify checks members of a GPU, --backend cpu uses none".into()).into());
        }
        let gpus = open(self.backend, self.device.as_deref(), self.quiet)?;
        let mut devices: Vec<Device> = gpus.into_iter().map(Device::new).collect();
        let ensemble = Ensemble::on(experiment, devices.iter().map(|device| &device.gpu))?;
        let (stop, idle) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
        super::signals::listen(&stop, &idle);
        let verify = self.verify.map_or(Verify::Share, Verify::Members);
        let (config, command, text) = (Some(config), Some(self.command()), Some(text));
        let options = Options { shard, quiet: self.quiet, verify, config, command, text, idle, ..Options::new(&stop) };
        let finished = run(&ensemble, &directory, &mut devices, &options).map_err(|error| match error {
            RunError::Batch(error) => {
                anyhow!("{error}; what was finished is in {}, --resume goes on", directory.display())
            }
            other => other.into(),
        })?;
        // Reports of other processes wait until this one's is written.
        let _files = FilesLock::acquire(&directory)?;
        if is_shown(&ensemble) && !self.quiet {
            note!("{} members are saved; the report follows", finished.members);
        }
        let report = (is_shown(&ensemble) && finished.members > 0).then(|| snn_ensemble::report::write(&directory));
        let written = report.as_ref().and_then(|report| report.as_ref().ok());
        let outcome = self.conclude(&ensemble, &directory, &finished, written)?;
        match report {
            None => Ok(outcome),
            Some(Ok(Written { path, .. })) => {
                if !self.quiet {
                    say!("report: {}", path.display());
                }
                Ok(outcome)
            }
            Some(Err(error)) => {
                let place = directory.display();
                note!("error: all results are saved in {place}, but their report is not: {error}");
                note!("`snn-ensemble report {}` writes it", quoted(&place.to_string()));
                Ok(Outcome::Failed)
            }
        }
    }

    /// What gives these results once more, on this machine or another: a path that holds elsewhere, and all overrides.
    fn command(&self) -> String {
        let config = &self.config.config;
        let config = if config.is_absolute() { Path::new(config.file_name().unwrap_or_default()) } else { config };
        let mut command = format!("snn-ensemble run {}", quoted(&config.display().to_string()));
        self.config.set.iter().for_each(|set| command += &format!(" --set {}", quoted(set)));
        self.seed.iter().for_each(|seed| command += &format!(" --seed {seed}"));
        command
    }

    /// No result replaces the file that the config was read from, unless it is the same resolved config.
    fn keep_what_was_read(&self, directory: &Path, text: &str, resolved: &str) -> Result<(), Usage> {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        let read = &self.config.config;
        let Some(name) = file::ALL.into_iter().find(|name| {
            let path = real(&directory.join(name));
            path.is_some() && path == real(read)
        }) else {
            return Ok(());
        };
        if name == file::CONFIG && text == resolved {
            return Ok(());
        }
        let (read, directory) = (read.display(), directory.display());
        Err(Usage(format!(
            "{read}: {name} of a run into {directory} would replace this file; choose another directory with --out, or give \
             the file another name"
        )))
    }

    /// Tells what was found, what was computed and what failed.
    fn conclude(
        &self,
        ensemble: &Ensemble,
        directory: &Path,
        finished: &Finished,
        written: Option<&Written>,
    ) -> Result<Outcome> {
        if !self.quiet {
            if is_shown(ensemble) {
                match written {
                    Some(written) => summary::print(ensemble, &written.rows),
                    None => summary::print(ensemble, &summary::rows(directory, ensemble)?),
                }
                written.into_iter().for_each(super::report::findings);
            } else {
                say!("too many points for a report: points.csv has them all, `report` makes one all the same");
            }
            let (work, biological) = finished.rates;
            let Finished { members, computed, seconds, .. } = finished;
            let speed = || {
                let has_bins = ensemble.experiment.models.iter().any(|model| matches!(model, Variant::Dsode { .. }));
                let of_bins = if has_bins { " (a bin of dsode counts as a neuron)" } else { "" };
                format!(": {} neuron-steps/s{of_bins}, {biological:.1} biological s/s", engineering(work))
            };
            say!(
                "{members} members ({computed} now) in {seconds:.1} s{}",
                if *computed > 0 { speed() } else { String::new() }
            );
            if let Some(Checked { equal, chosen: 1.., seconds }) = finished.checked {
                say!("self-check: {equal} members equal on the CPU, in {seconds:.1} s of one thread");
            }
            say!("results: {}", directory.display());
        }
        if finished.beyond > 0 && !self.quiet {
            note!(
                "note: {} more members of other points, models or realisations stay in {}; the tables and config.yaml are those of \
                 this config, and a run of the one before makes them of all again, without computing anything",
                finished.beyond,
                file::LOG
            );
        }
        written.into_iter().for_each(|written| summary::warn(ensemble, &written.rows));
        for device in &finished.lost {
            note!("warning: {device}; the other devices went on without it");
        }
        super::skipped::print(ensemble);
        super::skipped::failures(ensemble, &finished.failures);
        if finished.interrupted {
            note!("interrupted; what was finished is in {}, --resume goes on", directory.display());
            return Ok(Outcome::Interrupted);
        }
        Ok(if finished.failures.is_empty() { super::skipped::outcome(ensemble) } else { Outcome::Failed })
    }
}

/// Text of the resolved config, under the comment that heads the config: the question that the results answer.
fn resolved(text: &str, experiment: &Experiment) -> String {
    let question = snn_ensemble::report::read::question(text).unwrap_or_default();
    let comment: String = question.lines().map(|line| format!("# {line}\n")).collect();
    comment + &experiment.to_yaml()
}

/// Few enough points for a page and a table.
pub fn is_shown(ensemble: &Ensemble) -> bool {
    ensemble.schema.points.len() * ensemble.schema.models.len() <= snn_ensemble::report::MOST_ROWS
}

/// The devices that `--backend` and `--device` mean; none for the CPU backend.
pub fn open(backend: Backend, device: Option<&str>, quiet: bool) -> Result<Vec<Gpu>> {
    let choices = match (backend, device) {
        (Backend::Cpu, Some(_)) => {
            return Err(Usage("--device names an adapter, --backend cpu uses none".into()).into());
        }
        (Backend::Cpu, None) => return Ok(vec![]),
        (_, Some(device)) => Selection::parse(device).and_then(|selection| selection.choices()),
        (Backend::Gpu, None) => Ok(vec![Choice::Any]),
        (Backend::Auto, None) => Ok(vec![Choice::Hardware]),
    };
    match choices.and_then(|choices| choices.iter().map(Gpu::open).collect::<Result<Vec<Gpu>, _>>()) {
        Ok(gpus) => {
            for gpu in &gpus {
                if gpu.is_software() {
                    note!("warning: {} computes on the CPU; --backend cpu is much faster", gpu.name());
                } else if !quiet {
                    note!("device: {} ({:?}, {})", gpu.name(), gpu.info.backend, gpu.info.driver_info);
                }
            }
            Ok(gpus)
        }
        Err(GpuError::NoAdapter { .. }) if backend == Backend::Auto && device.is_none() => {
            if !quiet {
                note!("device: the CPU backend, {} threads (no GPU found)", rayon::current_num_threads());
            }
            Ok(vec![])
        }
        Err(error @ (GpuError::NoSuchDevice { .. } | GpuError::NoAdapter { .. } | GpuError::Selection(_))) => {
            Err(Usage(error.to_string()).into())
        }
        Err(error) => Err(error.into()),
    }
}
