//! Which members are compared: of every model the same number, spread over the points, chosen by the seed.

use crate::ensemble::Ensemble;
use crate::model::{Seeding, member_key};

/// Realisations of one model at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub model: u32,
    pub point: u32,
    pub realisations: Vec<u32>,
}

/// `members` of every model (fewer where it has fewer), one point out of each of as many stretches of the scan as there are
/// members, or as points; what is skipped has none.
pub fn sample(ensemble: &Ensemble, members: u32) -> Vec<Chosen> {
    let points = ensemble.schema.points.len() as u32;
    let mut chosen = Vec::new();
    for model in 0..ensemble.schema.models.len() as u32 {
        let available = ensemble.realisations(model);
        let stretches = members.clamp(1, points);
        for stretch in 0..stretches {
            // Any well-mixed words of seed, model and stretch.
            let text = format!("validate {model} {stretch}");
            let words = member_key(Seeding::Independent, ensemble.experiment.seed, &text, 0);
            let place = |i: u32| (u64::from(i) * u64::from(points) / u64::from(stretches)) as u32;
            let (from, to) = (place(stretch), place(stretch + 1));
            let wanted = members / stretches + u32::from(stretch < members % stretches);
            let first = words[1] % available.max(1);
            let realisations = (0..wanted.min(available)).map(|i| (first + i) % available);
            let stretch: Vec<u32> = (from..to).filter(|&point| !ensemble.skipped.holds(model, point)).collect();
            if !stretch.is_empty() {
                let point = stretch[words[0] as usize % stretch.len()];
                chosen.push(Chosen { model, point, realisations: realisations.collect() });
            }
        }
    }
    chosen
}
