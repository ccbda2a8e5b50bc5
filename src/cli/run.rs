//! `run CONFIG`: compute an experiment into its result directory.

use super::{Backend, ConfigArguments, Outcome, Usage, summary};
use anyhow::{Result, anyhow};
use clap::Args;
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::ensemble::model_at_point::ARITHMETIC_VERSION;
use snn_ensemble::ensemble::run::{Finished, Options, RunError, run};
use snn_ensemble::ensemble::schedule::Shard;
use snn_ensemble::ensemble::self_check::{Checked, Verify};
use snn_ensemble::ensemble::{Ensemble, progress::engineering};
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::{Gpu, GpuError};
use snn_ensemble::results::{Adapter, AtomicFile, Manifest, ResultError, file};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Args)]
pub struct RunArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Result directory; default out/NAME
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "auto")]
    backend: Backend,
    /// Adapter by its number in `devices` or a part of its name; implies --backend gpu
    #[arg(long, value_name = "N|NAME")]
    device: Option<String>,
    /// Override the config's seed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Compute part K of N only (1 <= K <= N), or `slurm` inside a job array; `merge` joins the parts
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Go on with an interrupted run; an error if there is none
    #[arg(long)]
    resume: bool,
    /// Members on a GPU that the CPU computes too, in the background; 0 switches this off. Default: 1 % of them, at most 8.
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
        let experiment = self.config.load(&seed)?;
        let shard = self.shard.as_deref().map(Shard::parse).transpose().map_err(|e| Usage(format!("--shard: {e}")))?;
        let directory = self.out.clone().unwrap_or_else(|| Path::new("out").join(&experiment.name));
        if self.resume && !directory.join(snn_ensemble::results::file::LOG).exists() {
            return Err(Usage(format!("--resume: {} holds no interrupted run", directory.display())).into());
        }
        let mut device = open(self.backend, self.device.as_deref(), self.quiet)?.map(Device::new);
        let ensemble = Ensemble::new(experiment, device.is_some())?;
        let stop = Arc::new(AtomicBool::new(false));
        let heard = stop.clone();
        // A second handler in one process is refused; the first one serves then.
        let _ = ctrlc::set_handler(move || heard.store(true, Ordering::Relaxed));
        let verify = self.verify.map_or(Verify::Share, Verify::Members);
        let options = Options { shard, quiet: self.quiet, verify, ..Options::new(&stop) };
        let finished = run(&ensemble, &directory, device.as_mut(), &options).map_err(|error| match error {
            RunError::Result(error @ ResultError::OtherExperiment { .. }) => {
                anyhow!("{error}{}", differences(&directory, &ensemble))
            }
            RunError::Batch(error) => {
                anyhow!("{error}; what was finished is in {}, --resume goes on", directory.display())
            }
            other => other.into(),
        })?;
        let manifest = manifest(&ensemble, device.as_ref(), &finished, self.shard.clone());
        Manifest { command: Some(self.command()), ..manifest }.write(&directory)?;
        if finished.interrupted {
            return self.conclude(&ensemble, &directory, &finished);
        }
        self.head_config(&ensemble, &directory)?;
        let report = is_shown(&ensemble).then(|| snn_ensemble::report::write(&directory));
        let outcome = self.conclude(&ensemble, &directory, &finished)?;
        match report {
            None => Ok(outcome),
            Some(Ok(path)) => {
                if !self.quiet {
                    println!("report: {}", path.display());
                }
                Ok(outcome)
            }
            Some(Err(error)) => {
                let place = directory.display();
                eprintln!("error: all results are saved in {place}, but their report is not: {error}");
                eprintln!("`snn-ensemble report {place}` writes it");
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

    /// Puts the comment that heads the config above the resolved one: the question that the results answer.
    fn head_config(&self, ensemble: &Ensemble, directory: &Path) -> Result<()> {
        let text = std::fs::read_to_string(&self.config.config).unwrap_or_default();
        if let Some(question) = snn_ensemble::report::read::question(&text) {
            let comment: String = question.lines().map(|line| format!("# {line}\n")).collect();
            let path = directory.join(file::CONFIG);
            AtomicFile::write_all(&path, (comment + &ensemble.experiment.to_yaml()).as_bytes())?;
        }
        Ok(())
    }

    /// Tells what was computed and what failed.
    fn conclude(&self, ensemble: &Ensemble, directory: &Path, finished: &Finished) -> Result<Outcome> {
        if !self.quiet {
            if is_shown(ensemble) {
                summary::print(directory, ensemble)?;
            } else {
                println!("too many points for a report: points.csv has them all, `report` makes one all the same");
            }
            let (work, biological) = finished.rates;
            let Finished { members, computed, seconds, .. } = finished;
            println!(
                "{members} members ({computed} now) in {seconds:.1} s: {} neuron-steps/s, {biological:.1} biological s/s",
                engineering(work)
            );
            if let Some(Checked { equal, chosen: 1.., seconds }) = finished.checked {
                println!("self-check: {equal} members equal on the CPU, in {seconds:.1} s of one thread");
            }
            println!("results: {}", directory.display());
        }
        for (member, error) in finished.failures.iter().take(10) {
            let model = &ensemble.schema.models[member.model as usize].label;
            let place = ensemble.schema.place(member.point);
            eprintln!("error: {model}, {place} realisation {}: {error}", member.realisation);
        }
        if finished.failures.len() > 10 {
            eprintln!("error: {} more members failed", finished.failures.len() - 10);
        }
        if finished.interrupted {
            eprintln!("interrupted; what was finished is in {}, --resume goes on", directory.display());
            return Ok(Outcome::Interrupted);
        }
        Ok(if finished.failures.is_empty() { Outcome::Done } else { Outcome::Failed })
    }
}

/// Few enough points for a page and a table.
fn is_shown(ensemble: &Ensemble) -> bool {
    ensemble.schema.points.len() * ensemble.schema.models.len() <= snn_ensemble::report::MOST_ROWS
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+=".contains(c));
    if plain { text.to_string() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The device that `--backend` and `--device` mean; `None` for the CPU backend.
pub fn open(backend: Backend, device: Option<&str>, quiet: bool) -> Result<Option<Gpu>> {
    let choice = match (backend, device) {
        (Backend::Cpu, Some(_)) => {
            return Err(Usage("--device names an adapter, --backend cpu uses none".into()).into());
        }
        (Backend::Cpu, None) => return Ok(None),
        (_, Some(device)) => Choice::parse(device),
        (Backend::Gpu, None) => Choice::Any,
        (Backend::Auto, None) => Choice::Hardware,
    };
    match Gpu::open(&choice) {
        Ok(gpu) => {
            if gpu.is_software() {
                eprintln!("warning: {} computes on the CPU; --backend cpu is much faster", gpu.info.name);
            } else if !quiet {
                eprintln!("device: {} ({:?}, {})", gpu.info.name, gpu.info.backend, gpu.info.driver_info);
            }
            Ok(Some(gpu))
        }
        Err(GpuError::NoAdapter { .. }) if backend == Backend::Auto && device.is_none() => {
            if !quiet {
                eprintln!("device: the CPU backend, {} threads (no GPU found)", rayon::current_num_threads());
            }
            Ok(None)
        }
        Err(error @ (GpuError::NoSuchDevice { .. } | GpuError::NoAdapter { .. })) => {
            Err(Usage(error.to_string()).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn manifest(ensemble: &Ensemble, device: Option<&Device>, finished: &Finished, shard: Option<String>) -> Manifest {
    let gpu = device.map(|d| &d.gpu);
    let limits = gpu.map(|gpu| {
        [
            ("max_storage_buffer_binding_size".to_string(), gpu.binding_limit()),
            ("max_compute_workgroup_storage_size".to_string(), gpu.limits.max_compute_workgroup_storage_size.into()),
            (
                "max_compute_invocations_per_workgroup".to_string(),
                gpu.limits.max_compute_invocations_per_workgroup.into(),
            ),
        ]
    });
    let rates =
        [("neuron_steps_per_s".to_string(), finished.rates.0), ("biological_s_per_s".to_string(), finished.rates.1)];
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_string(),
        commit: Some(env!("SNN_ENSEMBLE_COMMIT").to_string()).filter(|commit| commit != "unknown"),
        arithmetic_version: ARITHMETIC_VERSION,
        tables_hash: snn_ensemble::random::tables_hash(),
        config_hash: ensemble.experiment.hash(),
        seed: ensemble.experiment.seed,
        command: None,
        backend: if gpu.is_some() { "gpu" } else { "cpu" }.to_string(),
        adapter: gpu.map(|gpu| Adapter {
            name: gpu.info.name.clone(),
            api: gpu.info.backend.to_str().to_string(),
            driver: format!("{} {}", gpu.info.driver, gpu.info.driver_info).trim().to_string(),
        }),
        limits: limits.into_iter().flatten().collect(),
        shard,
        members: finished.members as u64,
        wall_time_s: finished.seconds,
        rates: rates.into_iter().collect(),
        warnings: vec![],
    }
}

/// Lines in which the config of `directory` and this one differ.
fn differences(directory: &Path, ensemble: &Ensemble) -> String {
    let Ok(old) = std::fs::read_to_string(directory.join("config.yaml")) else { return String::new() };
    let new = ensemble.experiment.to_yaml();
    let only = |a: &str, b: &str, sign: char| -> String {
        let other: Vec<&str> = b.lines().collect();
        a.lines().filter(|line| !other.contains(line)).map(|line| format!("\n  {sign} {line}")).collect()
    };
    format!("; there (-) and here (+):{}{}", only(&old, &new, '-'), only(&new, &old, '+'))
}
