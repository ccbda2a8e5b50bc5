//! Which members a run still has to compute, round by round.
//!
//! A fixed ensemble is one round. An adaptive one adds realisations where the rule is not met yet; it looks at the first
//! min 2^k realisations of a point only. In a sweep a realisation is computed point after point, up to the last one that asks
//! for it, and counts at every point on its way. So what is computed is a function of config and seed alone, and does not depend
//! on who computed what, and when.

use super::chain::Chain;
use super::model_at_point::MemberId;
use super::points::Ensemble;
use super::sweep::Lines;
use crate::config::{Realisations, shortened};
use crate::model::Variant;
use crate::results::{MemberLog, ResultError};
use crate::statistics::table::domain_of;
use crate::statistics::{Precision, Summary};
use std::collections::{BTreeMap, HashSet};

/// Part K of N of a run, K from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// K.
    pub part: u32,
    /// N.
    pub of: u32,
}

impl Shard {
    /// All of a run.
    pub const WHOLE: Shard = Shard { part: 1, of: 1 };

    /// As a manifest has it: "2/7"; `None` for all of a run.
    pub fn name(&self) -> Option<String> {
        (*self != Shard::WHOLE).then(|| self.to_string())
    }

    /// `K/N`; `slurm/N`: K is the task of a Slurm job array, whatever tasks were submitted with it; `srun/N`: the task, counted from
    /// 1, of a job step of N tasks.
    ///
    /// # Errors
    /// Text that is none of these, a task outside of the N, or no task at all.
    pub fn parse(text: &str) -> Result<Shard, String> {
        let text = &*shortened(text);
        let allowed = || {
            format!(
                "found {text:?}, allowed: K/N with 1 <= K <= N, `slurm/N` in a job array 1-N, or `srun/N` in N tasks of srun"
            )
        };
        let (part, of) = match (text, text.split_once('/')) {
            ("slurm", _) => return Err("`slurm` needs the number of parts: use `slurm/N` with --array=1-N".into()),
            ("srun", _) => return Err("`srun` needs the number of parts: use `srun/N` with srun -n N".into()),
            (_, parts) => parts.ok_or_else(allowed)?,
        };
        let of: u32 = of.parse().ok().filter(|&of| of > 0).ok_or_else(allowed)?;
        // The first task's number, and what gives the right ones.
        let (variable, first, usage) = match part {
            "slurm" => ("SLURM_ARRAY_TASK_ID", 1, format!("--array=1-{of}")),
            "srun" => ("SLURM_PROCID", 0, format!("srun -n {of}")),
            part => {
                let part = part.parse().ok().filter(|part| (1..=of).contains(part)).ok_or_else(allowed)?;
                return Ok(Shard { part, of });
            }
        };
        let task = std::env::var(variable).map_err(|_| format!("`{text}` needs {variable}; use {usage}"))?;
        let last = of - 1 + first;
        match task.parse::<u32>() {
            Ok(task) if (first..=last).contains(&task) => Ok(Shard { part: task - first + 1, of }),
            _ => Err(format!("{variable} is {task:?}, allowed: {first} to {last}; use {usage}")),
        }
    }

    fn owns(self, index: u64) -> bool {
        index % u64::from(self.of) == u64::from(self.part - 1)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// Every model and point with the realisations that it is known to need.
pub struct Schedule<'a> {
    ensemble: &'a Ensemble,
    shard: Shard,
    lines: Lines,
    /// By model and point.
    needs: Vec<Vec<Need>>,
    /// Members that have no result and get none.
    given_up: HashSet<MemberId>,
}

/// What the rule asks for at a point, as far as it is known.
#[derive(Clone, Copy)]
struct Need {
    realisations: u32,
    met: bool,
}

/// What is left to do.
pub struct Missing {
    /// In the order of work. Members before the first missing one may have a result already.
    pub chains: Vec<Chain>,
    /// Members without a result.
    pub members: Vec<MemberId>,
    /// Members with one.
    pub there: u64,
}

impl<'a> Schedule<'a> {
    /// Before anything is known of results; [`Schedule::extend`] takes those of a log into account.
    pub fn new(ensemble: &'a Ensemble, shard: Shard) -> Schedule<'a> {
        let points = ensemble.schema.points.len();
        let models = 0..ensemble.schema.models.len() as u32;
        let need = |model, point| match ensemble.skipped.holds(model, point) {
            true => Need { realisations: 0, met: true },
            false => Need { realisations: ensemble.realisations(model), met: false },
        };
        let needs = models.map(|model| (0..points as u32).map(|point| need(model, point)).collect()).collect();
        let lines = Lines::new(&ensemble.experiment);
        Schedule { ensemble, shard, lines, needs, given_up: HashSet::new() }
    }

    /// How many realisations belong to the results, by model and point: those that the point asks for, or one behind it in its line.
    pub fn realisations(&self) -> Vec<Vec<u32>> {
        let of_model = |needs: &Vec<Need>| {
            let mut realisations = vec![0; needs.len()];
            for line in self.lines.iter() {
                let mut most = 0;
                for &point in line.iter().rev() {
                    most = most.max(needs[point as usize].realisations);
                    realisations[point as usize] = most;
                }
            }
            realisations
        };
        self.needs.iter().map(of_model).collect()
    }

    /// The chains of this shard with a member that is not in the log.
    ///
    /// A fixed ensemble is split by chain. An adaptive one is split by model and line, since the rule needs all realisations.
    pub fn missing(&self, log: &MemberLog) -> Missing {
        let by_line = matches!(self.ensemble.experiment.realisations, Realisations::Adaptive { .. });
        let mut missing = Missing { chains: Vec::new(), members: Vec::new(), there: 0 };
        let mut index = 0;
        for (model, realisations) in self.realisations().into_iter().enumerate() {
            for line in self.lines.iter() {
                for realisation in 0..realisations[line[0] as usize] {
                    let mine = self.shard.owns(index);
                    index += u64::from(!by_line);
                    if !mine {
                        continue;
                    }
                    let length = line.partition_point(|&point| realisations[point as usize] > realisation);
                    let member = |&point: &u32| MemberId { model: model as u32, point, realisation };
                    let members =
                        line[..length].iter().map(member).take_while(|member| !self.given_up.contains(member));
                    let members: Vec<MemberId> = members.collect();
                    let known = missing.members.len();
                    missing.members.extend(members.iter().filter(|member| self.is_absent(**member, log)));
                    let absent = missing.members.len() - known;
                    missing.there += (members.len() - absent) as u64;
                    if absent > 0 {
                        missing.chains.push(Chain { members });
                    }
                }
                index += u64::from(by_line);
            }
        }
        missing.chains.sort_by_cached_key(|chain| self.rank(chain));
        missing
    }

    /// The order of work: cheap models first, then a coarse grid of points before a finer one, so that a run that is stopped shows the
    /// whole of a scan early.
    fn rank(&self, chain: &Chain) -> (u32, u32, u32, u32, u32) {
        let MemberId { model, point, realisation } = chain.members[0];
        let cost = match self.ensemble.experiment.models[model as usize] {
            variant @ Variant::Dsode { .. } => u32::from(!variant.is_deterministic()),
            Variant::Markov { .. } => 2,
            Variant::Snn => 3,
        };
        (cost, model, self.ensemble.experiment.scan.fineness(point as usize), point, realisation)
    }

    /// Takes it that those of `members` which still have no result have failed.
    pub fn give_up(&mut self, members: &[MemberId], log: &MemberLog) {
        let absent: Vec<MemberId> = members.iter().copied().filter(|&member| self.is_absent(member, log)).collect();
        self.given_up.extend(absent);
    }

    fn is_absent(&self, member: MemberId, log: &MemberLog) -> bool {
        !log.contains(&self.ensemble.record_key(member))
    }

    /// Doubles the realisations of every point whose first ones are all there and do not meet the rule.
    pub fn extend(&mut self, log: &mut MemberLog) -> Result<(), ResultError> {
        let Realisations::Adaptive { max, ref until, .. } = self.ensemble.experiment.realisations else {
            return Ok(());
        };
        for (model, needs) in self.needs.iter_mut().enumerate() {
            if self.ensemble.schema.models[model].deterministic {
                continue;
            }
            for line in self.lines.iter() {
                for (place, &point) in line.iter().enumerate() {
                    let need = &mut needs[point as usize];
                    while !need.met && need.realisations < max {
                        let at = |point, realisation| MemberId { model: model as u32, point, realisation };
                        let known = |realisation| {
                            log.contains(&self.ensemble.record_key(at(point, realisation)))
                                || line[..=place].iter().any(|&before| self.given_up.contains(&at(before, realisation)))
                        };
                        if !(0..need.realisations).all(known) {
                            break;
                        }
                        need.met = precise(self.ensemble, log, at(point, need.realisations), until)?;
                        if !need.met {
                            need.realisations = need.realisations.saturating_mul(2).min(max);
                        }
                    }
                }
            }
        }
        Ok(())
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
        .zip(until)
        .all(|(values, (name, &limit))| !Precision::of(&Summary::on(domain_of(name), values), limit).asks_for_more());
    Ok(met)
}
