//! `validation.json`: what was compared, how far apart it was, and the verdict.

use crate::results::{AtomicFile, ResultError, file};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    pub verdict: Verdict,
    /// The command that makes this file again.
    pub command: String,
    pub cpu: String,
    /// The adapter and its driver, or where the stored results come from.
    pub gpu: String,
    /// Whether the other side is stored results rather than a GPU.
    #[serde(default)]
    pub stored: bool,
    /// Of this program, with its commit.
    pub version: String,
    pub checks: Vec<Check>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every number, exactly.
    Equal,
    /// Some numbers differ, none by more than its tolerance.
    WithinTolerance,
    Different,
}

/// One model at one point, in one respect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// [`crate::model::Variant::label`].
    pub model: String,
    pub tier: Tier,
    /// Index into [`crate::results::ResultSchema::points`].
    pub point: u32,
    pub members: u32,
    /// Numbers compared.
    pub compared: u64,
    /// Absent where equality is asked for.
    pub largest_error: Option<f64>,
    pub tolerance: Option<f64>,
    /// Where the first difference is, or what was looked at.
    #[serde(rename = "where")]
    pub location: String,
    pub ok: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tier {
    /// Exact.
    #[serde(rename = "spike counts")]
    SpikeCounts,
    /// In units of N 2^-23 per bin.
    #[serde(rename = "step")]
    Step,
    /// Relative to the peak of the rate.
    #[serde(rename = "short horizon")]
    ShortHorizon,
    /// Relative error of the mean rate.
    #[serde(rename = "statistics")]
    Statistics,
}

impl Tier {
    pub fn name(self) -> &'static str {
        match self {
            Tier::SpikeCounts => "spike counts",
            Tier::Step => "step",
            Tier::ShortHorizon => "short horizon",
            Tier::Statistics => "statistics",
        }
    }

    /// What errors and tolerances are given in.
    pub fn unit(self) -> &'static str {
        match self {
            Tier::SpikeCounts => "spikes",
            Tier::Step => "N 2^-23 per bin",
            Tier::ShortHorizon => "of the peak rate",
            Tier::Statistics => "of the mean rate",
        }
    }
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Equal => "equal",
            Verdict::WithinTolerance => "equal within tolerance",
            Verdict::Different => "different",
        }
    }

    /// The worst of all.
    pub fn of(checks: &[Check]) -> Verdict {
        checks.iter().map(Check::verdict).max().unwrap_or(Verdict::Equal)
    }
}

impl Check {
    pub fn verdict(&self) -> Verdict {
        match (self.ok, self.largest_error) {
            (false, _) => Verdict::Different,
            (true, Some(error)) if error != 0.0 => Verdict::WithinTolerance,
            (true, _) => Verdict::Equal,
        }
    }

    /// Model, tier, point, members, numbers compared, largest error and its tolerance, verdict.
    pub fn cells(&self) -> [String; 8] {
        let number = |x: Option<f64>| x.map_or_else(|| "exact".to_string(), |x| format!("{x:.2e}"));
        let error = if self.tolerance.is_some() {
            number(self.largest_error)
        } else if self.ok {
            "0".to_string()
        } else {
            "-".to_string()
        };
        [
            self.model.clone(),
            self.tier.name().to_string(),
            self.point.to_string(),
            self.members.to_string(),
            self.compared.to_string(),
            error,
            number(self.tolerance),
            match self.verdict() {
                Verdict::Equal => "equal".to_string(),
                Verdict::WithinTolerance => format!("within tolerance, {}", self.tier.unit()),
                Verdict::Different => "DIFFERENT".to_string(),
            },
        ]
    }

    pub const HEADER: [&str; 8] =
        ["model", "tier", "point", "members", "numbers", "largest error", "tolerance", "verdict"];
}

impl Validation {
    /// What was compared with what.
    pub fn sides(&self) -> [String; 2] {
        let other = if self.stored { "stored results" } else { "GPU" };
        [format!("this CPU ({})", self.cpu), format!("{other} ({})", self.gpu)]
    }

    pub fn write(&self, directory: &Path) -> Result<(), ResultError> {
        std::fs::create_dir_all(directory).map_err(|e| ResultError::io(directory, e))?;
        let path = directory.join(file::VALIDATION);
        let text =
            serde_json::to_string_pretty(self).map_err(|source| ResultError::Json { path: path.clone(), source })?;
        AtomicFile::write_all(&path, (text + "\n").as_bytes())
    }
}
