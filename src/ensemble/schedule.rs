//! Which members a run still has to compute, round by round.
//!
//! A fixed ensemble is one round. An adaptive one adds realisations where the rule is not met yet; it looks at the first
//! min 2^k realisations only, so its decisions do not depend on who computed what, and when.

use super::model_at_point::{Ensemble, MemberId};
use crate::config::Realisations;
use crate::results::{MemberLog, ResultError};
use crate::statistics::{Precision, Summary};
use std::collections::BTreeMap;

/// Part K of N of a run, K from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub part: u32,
    pub of: u32,
}

impl Shard {
    /// `K/N`, or `slurm` for the task of a Slurm job array.
    pub fn parse(text: &str) -> Result<Shard, String> {
        let variable = |name: &str| {
            let value =
                std::env::var(name).map_err(|_| format!("`--shard slurm` needs {name}, set in a Slurm job array"))?;
            value.parse::<u32>().map_err(|_| format!("{name} is {value:?}, allowed: a whole number"))
        };
        let (part, of) = if text == "slurm" {
            let first = variable("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
            (variable("SLURM_ARRAY_TASK_ID")?.saturating_sub(first) + 1, variable("SLURM_ARRAY_TASK_COUNT")?)
        } else {
            let parsed = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
            parsed.ok_or_else(|| format!("found {text:?}, allowed: K/N with 1 <= K <= N, or `slurm`"))?
        };
        if part == 0 || part > of {
            return Err(format!("found shard {part} of {of}, allowed: K/N with 1 <= K <= N"));
        }
        Ok(Shard { part, of })
    }

    fn owns(self, index: u64) -> bool {
        index % u64::from(self.of) == u64::from(self.part - 1)
    }
}

/// Every (model, point) pair with the realisations that it is known to need.
pub struct Schedule<'a> {
    ensemble: &'a Ensemble,
    shard: Shard,
    /// Realisations wanted so far, by model and point.
    wanted: Vec<Vec<u32>>,
}

impl<'a> Schedule<'a> {
    pub fn new(ensemble: &'a Ensemble, shard: Option<Shard>) -> Schedule<'a> {
        let points = ensemble.schema.points.len();
        let models = 0..ensemble.schema.models.len() as u32;
        let wanted = models.map(|model| vec![ensemble.realisations(model); points]).collect();
        Schedule { ensemble, shard: shard.unwrap_or(Shard { part: 1, of: 1 }), wanted }
    }

    /// Members of this shard that are wanted and not in the log, in the order of the schema; and how many are.
    pub fn missing(&self, log: &MemberLog) -> (Vec<MemberId>, u64) {
        let (mut missing, mut there) = (Vec::new(), 0);
        let mut index = 0u64;
        for (model, points) in self.wanted.iter().enumerate() {
            for (point, &wanted) in points.iter().enumerate() {
                for realisation in 0..wanted {
                    let mine = self.shard.owns(if self.by_point() { point as u64 } else { index });
                    index += 1;
                    let member = MemberId { model: model as u32, point: point as u32, realisation };
                    if !mine {
                        continue;
                    }
                    if log.contains(&self.ensemble.record_key(member)) {
                        there += 1;
                    } else {
                        missing.push(member);
                    }
                }
            }
        }
        (missing, there)
    }

    /// Adaptive ensembles are split by point: the rule needs all realisations of one.
    fn by_point(&self) -> bool {
        matches!(self.ensemble.experiment.realisations, Realisations::Adaptive { .. })
    }

    /// Doubles the realisations wherever the rule is not met; returns how many more that makes.
    pub fn extend(&mut self, log: &mut MemberLog) -> Result<u64, ResultError> {
        let Realisations::Adaptive { max, ref until, .. } = self.ensemble.experiment.realisations else { return Ok(0) };
        let mut more = 0;
        for (model, points) in self.wanted.iter_mut().enumerate() {
            if self.ensemble.schema.models[model].deterministic {
                continue;
            }
            for (point, wanted) in points.iter_mut().enumerate() {
                let next = wanted.saturating_mul(2).min(max);
                if next == *wanted || !self.shard.owns(point as u64) {
                    continue;
                }
                let member = MemberId { model: model as u32, point: point as u32, realisation: *wanted };
                if !precise(self.ensemble, log, member, until)? {
                    more += u64::from(next - *wanted);
                    *wanted = next;
                }
            }
        }
        Ok(more)
    }
}

/// Whether the first `before.realisation` members of a model and point are enough for every rule.
fn precise(
    ensemble: &Ensemble,
    log: &mut MemberLog,
    before: MemberId,
    until: &BTreeMap<String, f64>,
) -> Result<bool, ResultError> {
    let mut values: Vec<Vec<Option<f64>>> = vec![Vec::new(); until.len()];
    for realisation in 0..before.realisation {
        let key = ensemble.record_key(MemberId { realisation, ..before });
        // A member that failed leaves nothing to add.
        let Some(record) = log.read(&key)? else { continue };
        for (values, name) in values.iter_mut().zip(until.keys()) {
            let column = ensemble.schema.statistics.iter().position(|s| s == name);
            values.push(column.and_then(|c| record.statistics.values[c]));
        }
    }
    let met = values
        .into_iter()
        .zip(until.values())
        .all(|(values, &limit)| !Precision::of(&Summary::of(values), limit).asks_for_more());
    Ok(met)
}
