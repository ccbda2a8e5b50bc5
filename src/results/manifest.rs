//! `manifest.json`: where results come from.

use super::atomic::AtomicFile;
use super::error::ResultError;
use super::file;
use crate::model::{AutomaticBins, BinLimit, Bins};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Program, device and config that gave the results of a directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this program.
    pub version: String,
    /// Commit of its source, where known.
    pub commit: Option<String>,
    /// Changes whenever equal configs would give other numbers.
    pub arithmetic_version: u32,
    /// SHA-256 of the integer tables of the random variates.
    pub tables_hash: String,
    /// SHA-256 of the tables of drifts of the first point's nonlinear neurons in `snn`; none without such neurons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drifts_hash: Option<String>,
    /// SHA-256 of `config.yaml`, without the comment that heads it.
    pub config_hash: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// What gives these results: the config as it was named, and what overrode it.
    #[serde(default)]
    pub command: Option<String>,
    /// The config as it was read, before anything overrode it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// `cpu` or `gpu`; of merged parts `cpu, gpu` where they differ.
    pub backend: String,
    /// The GPU that was used, or GPUs; `None` on the CPU, and of merged parts unless all had the same.
    pub adapter: Option<Adapter>,
    /// CPU threads.
    #[serde(default)]
    pub threads: usize,
    /// The device limits that batches were sized by; of several devices the least.
    pub limits: BTreeMap<String, u64>,
    /// `K/N` where the run was one of several.
    pub shard: Option<String>,
    /// Every member was computed; otherwise the run was interrupted, or parts are missing in a merged one.
    pub complete: bool,
    /// Rows of `members.parquet`.
    pub members: u64,
    /// Seconds, of the last run in this directory that computed anything; of merged ones, of all together.
    pub wall_time_s: f64,
    /// By name: `neuron_steps_per_s`, and `biological_s_per_s` (biological seconds of all members together).
    pub rates: BTreeMap<String, f64>,
    /// Automatic voltage bins of each population, where they are used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub voltage_bins: BTreeMap<String, ChosenBins>,
    /// Models and points that cannot be computed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// Warnings of the run.
    pub warnings: Vec<String>,
    /// Every run that computed something, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<PastRun>,
}

/// A run that computed something in the directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastRun {
    /// Version of this program.
    pub version: String,
    /// Commit of its source, where known.
    pub commit: Option<String>,
    /// [`Manifest::config_hash`] of its config.
    pub config_hash: String,
    /// What was typed.
    pub command: Option<String>,
    /// `cpu` or `gpu`.
    pub backend: String,
    /// The GPU that was used.
    pub adapter: Option<Adapter>,
    /// CPU threads.
    pub threads: usize,
    /// Members that it computed.
    pub members: u64,
    /// Seconds.
    pub wall_time_s: f64,
    /// As [`Manifest::rates`].
    pub rates: BTreeMap<String, f64>,
}

/// A GPU and its driver; of several, their names and drivers with commas between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// As the driver gives it.
    pub name: String,
    /// `vulkan`, `metal`, `dx12`.
    pub api: String,
    /// Name and version, as far as the driver gives them.
    pub driver: String,
}

/// Automatic voltage bins of a population, at the point with the highest threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenBins {
    /// Lower edge of the lowest bin, in the network's voltage unit.
    pub v_min: f64,
    /// Bin width, in the network's voltage unit.
    pub bin: f64,
    /// Number of bins from `v_min` to the threshold.
    pub bins: u32,
    /// What they have to resolve.
    pub limit: BinLimit,
}

impl From<&AutomaticBins> for ChosenBins {
    fn from(automatic: &AutomaticBins) -> ChosenBins {
        let (Bins { v_min, width }, (bins, limit)) = (automatic.at_most(None, None), automatic.chosen());
        ChosenBins { v_min, bin: width, bins, limit }
    }
}

impl Manifest {
    /// The manifest after this run, which computed `members`, on top of what was there `before`. A run that computed none leaves
    /// what it says of the device, the command and the speed as it was.
    pub fn after(self, before: Option<Manifest>, members: u64) -> Manifest {
        let mut runs = before.as_ref().map_or(vec![], |before| before.runs.clone());
        if members > 0 {
            runs.push(self.past(members));
            return Manifest { runs, ..self };
        }
        match before {
            None => self,
            Some(before) => Manifest {
                config_hash: self.config_hash,
                seed: self.seed,
                config: self.config,
                shard: self.shard,
                skipped: self.skipped,
                voltage_bins: self.voltage_bins,
                warnings: self.warnings,
                runs,
                ..before
            },
        }
    }

    /// The manifest while this run goes on: what was there `before`, and the run with no members yet, so that it is named even if it is
    /// killed.
    pub fn begun(&self, before: Option<Manifest>) -> Manifest {
        let mut manifest = before.unwrap_or_else(|| self.clone());
        manifest.runs.push(self.past(0));
        Manifest { shard: self.shard.clone(), complete: false, ..manifest }
    }

    /// What a run that was killed has left: of all `members` in the directory those that no run before it has computed.
    pub fn settled(mut self, members: u64) -> Manifest {
        let known: u64 = self.runs.iter().map(|run| run.members).sum();
        match self.runs.last_mut() {
            Some(last) if last.members == 0 && members > known => last.members = members - known,
            Some(last) if last.members == 0 => drop(self.runs.pop()),
            _ => {}
        }
        self
    }

    fn past(&self, members: u64) -> PastRun {
        PastRun {
            version: self.version.clone(),
            commit: self.commit.clone(),
            config_hash: self.config_hash.clone(),
            command: self.command.clone(),
            backend: self.backend.clone(),
            adapter: self.adapter.clone(),
            threads: self.threads,
            members,
            wall_time_s: self.wall_time_s,
            rates: self.rates.clone(),
        }
    }

    /// Writes `manifest.json` whole, over one that is there.
    pub fn write(&self, directory: &Path) -> Result<(), ResultError> {
        let path = directory.join(file::MANIFEST);
        let text =
            serde_json::to_string_pretty(self).map_err(|source| ResultError::Json { path: path.clone(), source })?;
        AtomicFile::write_all(&path, (text + "\n").as_bytes())
    }

    /// Reads `manifest.json`.
    pub fn read(directory: &Path) -> Result<Manifest, ResultError> {
        let path = directory.join(file::MANIFEST);
        let text = fs::read(&path).map_err(|e| ResultError::io(&path, e))?;
        serde_json::from_slice(&text).map_err(|source| ResultError::Json { path, source })
    }
}
