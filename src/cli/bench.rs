//! `bench`: the throughput table of this machine.

use super::output::{say, write_error};
use super::run::open;
use super::{Backend, Outcome, Usage};
use anyhow::Result;
use clap::Args;
use snn_ensemble::bench::peak::{peak, peak_of};
use snn_ensemble::bench::suite::{laws, suite};
use snn_ensemble::bench::{measure, table};
use snn_ensemble::ensemble::gpu::Device;
use snn_ensemble::results::AtomicFile;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Args)]
pub struct BenchArguments {
    #[arg(long, value_enum, default_value = "auto")]
    backend: Backend,
    /// Adapter by its number in `devices`, a part of its name or its PCI address; implies --backend gpu
    #[arg(long, value_name = "N|NAME")]
    device: Option<String>,
    /// Also write every number into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Seconds for the whole table, shared out over its rows
    #[arg(long, value_name = "S", default_value_t = 120.0)]
    seconds: f64,
    /// Only rows whose name contains one of these texts, e.g. --only "N=400,dsode"
    #[arg(long, value_name = "TEXT", value_delimiter = ',')]
    only: Vec<String>,
    /// The cost of a step along members, neurons, spikes and bins instead of the table
    #[arg(long)]
    laws: bool,
}

impl BenchArguments {
    pub fn execute(&self) -> Result<Outcome> {
        if !(self.seconds > 0.0 && self.seconds <= 86_400.0) {
            return Err(Usage(format!("--seconds: found {}, allowed: above 0, at most 86400", self.seconds)).into());
        }
        let mut cases = if self.laws { laws() } else { suite() };
        let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
        cases.retain(|case| self.only.is_empty() || self.only.iter().any(|text| names_it(&case.name, text.trim())));
        if cases.is_empty() {
            let wanted = self.only.join(",");
            return Err(Usage(format!("--only {wanted}: no row has it in its name; rows: {}", names.join(", "))).into());
        }
        let mut gpus = open(self.backend, self.device.as_deref(), false)?;
        let mut device = gpus.pop().map(Device::new);
        if !gpus.is_empty() {
            return Err(Usage("--device: bench measures one device".into()).into());
        }
        let begun = Instant::now();
        let threads = rayon::current_num_threads();
        let peak = match &device {
            Some(device) => peak_of(&device.gpu)?,
            None => peak(threads),
        };
        let budget = self.seconds / cases.len() as f64;
        let mut bench = table::BenchTable {
            version: env!("CARGO_PKG_VERSION").to_string(),
            commit: env!("SNN_ENSEMBLE_COMMIT").to_string(),
            backend: if device.is_some() { "gpu" } else { "cpu" },
            device: device.as_ref().map_or_else(processor, |device| device.gpu.info.name.clone()),
            threads,
            peak,
            cases: Vec::with_capacity(cases.len()),
            seconds: 0.0,
        };
        // Whether it can be written is not found out after the first row.
        let is_file = |path: &&PathBuf| !path.exists() || path.is_file();
        self.json.iter().filter(is_file).try_for_each(|path| AtomicFile::create(path).map(drop))?;
        say!("{} ({}), {} {}", bench.device, bench.backend, env!("CARGO_PKG_VERSION"), bench.commit);
        say!();
        let (columns, head) = table::begin(&cases);
        head.iter().for_each(|line| say!("{line}"));
        for case in &cases {
            let progress = std::io::stderr().is_terminal();
            if progress {
                write_error(format_args!("{}/{} {}", bench.cases.len() + 1, cases.len(), case.name));
            }
            let row = measure(case, budget, device.as_mut(), &peak);
            if progress {
                write_error(format_args!("\r{:<60}\r", ""));
            }
            // At once, and into the file: a bench that is stopped, or fails, keeps what it has measured.
            let row = row?;
            row.lines(&columns).iter().for_each(|line| say!("{line}"));
            bench.cases.push(row);
            bench.seconds = begun.elapsed().as_secs_f64();
            // A pipe takes it once.
            if let Some(path) = self.json.as_ref().filter(|path| is_file(path) || bench.cases.len() == cases.len()) {
                AtomicFile::write_all(path, serde_json::to_string_pretty(&bench)?.as_bytes())?;
            }
        }
        say!();
        table::notes(&bench).iter().for_each(|line| say!("{line}"));
        say!("{:.0} s, {threads} CPU threads", bench.seconds);
        Ok(Outcome::Done)
    }
}

/// Whether `name` has `text` in it, with numbers taken whole: N=400 is no part of N=4000.
fn names_it(name: &str, text: &str) -> bool {
    let whole = |(at, _): (usize, &str)| !name[at + text.len()..].starts_with(|c: char| c.is_ascii_digit());
    !text.is_empty() && name.match_indices(text).any(whole)
}

/// What the system calls its processor.
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, n)| n));
    name.map_or(std::env::consts::ARCH, str::trim).to_string()
}
