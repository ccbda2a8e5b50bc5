//! Stored results, from another machine or version, against the same members computed here on the CPU.

use super::reduced::{ALIKE, RATE, cpu_rates, relative, rounding};
use super::verdict::{Check, Tier};
use super::{Chosen, ValidateError};
use crate::ensemble::checkpoint::Start;
use crate::ensemble::cpu;
use crate::ensemble::identity::{ARITHMETIC_VERSION, identity};
use crate::ensemble::recorder::Recorder;
use crate::ensemble::sink::Watcher;
use crate::ensemble::{Ensemble, MemberId, ModelAtPoint, reduced};
use crate::model::{Seeding, Variant, member_key};
use crate::network::cpu_member::{DISPATCH_STEPS, PreparedNetwork};
use crate::results::{Identity, Manifest, MemberLog, Record, ResultSchema};
use crate::statistics::MemberStatistics;
use crate::statistics::sample::mean_and_error;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A directory with finished members of an experiment.
pub struct Stored {
    log: MemberLog,
    /// The device and version that computed them, as far as their manifest tells.
    pub origin: String,
    /// Its `dsode` was computed in f32 on a GPU.
    on_gpu: bool,
    /// Another version of the arithmetic computed it.
    pub arithmetic: Option<u32>,
}

impl Stored {
    /// Errors: no results, or those of another experiment.
    pub fn open(directory: &Path, ensemble: &Ensemble) -> Result<Stored, ValidateError> {
        let log = MemberLog::read_only(directory)?;
        let there = log.schema();
        let name = directory.display().to_string();
        let on_gpu = there.identity.dsode_on_gpu;
        // Numbers of another version, or of another device, are what is to be compared.
        let identity = identity(&ensemble.experiment, false);
        let identity = Identity { arithmetic: there.identity.arithmetic, dsode_on_gpu: on_gpu, ..identity };
        let populations = ensemble.schema.populations.clone();
        let differences = there.differences(&ResultSchema { identity, populations, ..there.clone() });
        if !differences.is_empty() {
            return Err(ValidateError::OtherExperiment { directory: name, differences });
        }
        let manifest = Manifest::read(directory).ok();
        let origin = manifest.as_ref().map_or(name.clone(), |m| {
            let device = m.adapter.as_ref().map_or(m.backend.clone(), |a| format!("{} ({})", a.name, a.driver));
            format!("{name}: {device}, version {}", m.version)
        });
        let arithmetic = manifest.map(|m| m.arithmetic_version).filter(|&version| version != ARITHMETIC_VERSION);
        Ok(Stored { log, origin, on_gpu, arithmetic })
    }

    /// At most `members` finished ones of every model, by the seed.
    pub fn sample(&self, ensemble: &Ensemble, members: u32) -> Result<Vec<Chosen>, ValidateError> {
        let mut chosen: Vec<Chosen> = Vec::new();
        let order = self.log.order();
        let points = &ensemble.schema.points;
        let point_of: HashMap<&str, u32> = (0..).zip(points.iter()).map(|(i, point)| (point.key.as_str(), i)).collect();
        for (model, schema) in ensemble.schema.models.iter().enumerate() {
            let index = self.log.schema().models.iter().position(|there| there.key() == schema.key());
            let here = |place: &crate::results::log::Place| {
                let key = self.log.schema().points[place.point as usize].key.as_str();
                let point = *point_of.get(key)?;
                Some(MemberId { model: model as u32, point, realisation: place.realisation })
            };
            let of_model = order.iter().filter(|place| Some(place.model as usize) == index);
            // A carried member depends on all before it in its chain: only the chains' beginnings can be computed alone.
            let alone =
                |member: &MemberId| crate::ensemble::sweep::begins_line(&ensemble.experiment, member.point as usize);
            let mut found: Vec<MemberId> = of_model.filter_map(here).filter(alone).collect();
            found.sort_by_cached_key(|m| {
                let text = format!("against {} {}", m.model, m.point);
                member_key(Seeding::Independent, ensemble.experiment.seed, &text, m.realisation)
            });
            for member in found.into_iter().take(members as usize) {
                let (point, realisations) = (member.point, vec![member.realisation]);
                chosen.push(Chosen { model: member.model, point, realisations });
            }
        }
        if chosen.is_empty() {
            return Err(ValidateError::NothingStored { directory: self.origin.clone() });
        }
        Ok(chosen)
    }

    /// Computes the chosen members again; `done` sees each check as soon as it is made.
    pub fn compare(
        &mut self,
        ensemble: &Ensemble,
        chosen: &[Chosen],
        mut done: impl FnMut(&Check),
    ) -> Result<Vec<Check>, ValidateError> {
        let mut checks = Vec::new();
        for chosen in chosen {
            let at_point = ensemble.at_point(chosen.model, chosen.point)?;
            for &realisation in &chosen.realisations {
                let Some(stored) = self.log.read(&at_point.record_key(realisation))? else { continue };
                let check =
                    if self.on_gpu && matches!(at_point.variant, Variant::Dsode { .. }) && !at_point.follows_regime() {
                        self.rates(ensemble, &at_point, chosen.point, realisation, &stored)?
                    } else {
                        let here = recompute(ensemble, &at_point, realisation)?;
                        self.hashes(&at_point, chosen.point, &stored.statistics, &here.statistics, realisation)
                    };
                done(&check);
                checks.push(check);
            }
        }
        Ok(checks)
    }

    fn hashes(
        &self,
        at_point: &ModelAtPoint,
        point: u32,
        stored: &MemberStatistics,
        here: &MemberStatistics,
        realisation: u32,
    ) -> Check {
        let hash = |s: &MemberStatistics| s.spike_hash.or(s.rate_hash).map_or("none".into(), |h| format!("{h:016x}"));
        let ok = (stored.spike_hash, stored.rate_hash) == (here.spike_hash, here.rate_hash);
        let location = if ok {
            format!("realisation {realisation}, hash {}", hash(here))
        } else {
            format!("realisation {realisation}: hash {} there, {} here", hash(stored), hash(here))
        };
        Check {
            model: at_point.variant.label(),
            tier: Tier::SpikeCounts,
            point,
            members: 1,
            compared: u64::from(at_point.steps) * at_point.network.populations.len() as u64,
            largest_error: None,
            tolerance: None,
            location,
            ok,
        }
    }

    /// Mean rates of a trajectory in f32 against f64, whose blocks tell the standard error of both.
    fn rates(
        &self,
        ensemble: &Ensemble,
        at_point: &ModelAtPoint,
        point: u32,
        realisation: u32,
        stored: &Record,
    ) -> Result<Check, ValidateError> {
        let keys = [ensemble.random_key(at_point, realisation)];
        let exact = cpu_rates::<f64>(at_point, &keys)?;
        let rounding = rounding(at_point, &keys, &exact)?;
        let statistics = &self.log.schema().statistics;
        let compared = at_point.network.populations.iter().enumerate().map(|(q, population)| {
            let column = statistics.iter().position(|name| *name == format!("rate_{}", population.name));
            let rate = column.and_then(|c| stored.statistics.values[c]).unwrap_or(0.0);
            let (expected, error) = mean_and_error(&exact.0[q]);
            // As far apart as two independent runs.
            let (apart, allowed) = relative((rate - expected, error * std::f64::consts::SQRT_2), expected);
            let text = format!("rate_{}: {rate:.3} Hz there, {expected:.3} Hz in f64", population.name);
            (apart, allowed + ALIKE * rounding[q], text)
        });
        let worst = compared.max_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (error, tolerance, text) = worst.unwrap_or((0.0, RATE, String::new()));
        Ok(Check {
            model: at_point.variant.label(),
            tier: Tier::Statistics,
            point,
            members: 1,
            compared: at_point.network.populations.len() as u64,
            largest_error: Some(error),
            tolerance: Some(tolerance),
            location: format!("realisation {realisation}, {text}"),
            ok: error <= tolerance,
        })
    }
}

/// A member from time 0 to its end on the CPU, without recorded series.
pub fn recompute(ensemble: &Ensemble, at_point: &ModelAtPoint, realisation: u32) -> Result<Record, ValidateError> {
    let key = ensemble.random_key(at_point, realisation);
    let recorder = Recorder::none();
    let mut watcher = Watcher::alone();
    let ended = match at_point.variant {
        Variant::Dsode { .. } => reduced::run(at_point, key, Start::BEGIN, &recorder, &mut watcher)?,
        _ => {
            let network = Arc::new(PreparedNetwork::new(&at_point.member_setup(), DISPATCH_STEPS)?);
            cpu::run(&network, at_point, key, Start::BEGIN, &recorder, true, &mut watcher)?
        }
    };
    // Nobody stops a member that is computed alone.
    let (observer, _) = ended.expect("a member without a run to interrupt it");
    Ok(observer.finish(&at_point.plan, at_point.record_key(realisation)))
}
