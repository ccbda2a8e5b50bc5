//! What the statistics of an experiment's members are computed over.

use crate::config::Experiment;
use crate::model::{Network, Variant};
use crate::statistics::{BinAxis, Layout, PopulationLayout};

/// What the statistics of `model` at a point are computed over.
pub fn layout(experiment: &Experiment, network: &Network, model: &Variant) -> Layout {
    let bins = experiment.bins(network, &Variant::DSODE);
    let populations = network.populations.iter().enumerate().map(|(pop, population)| {
        let voltage =
            experiment.record.voltage.then(|| BinAxis::voltage(bins[pop].v_min, population.v_th, bins[pop].width));
        PopulationLayout::new(network, pop, voltage)
    });
    Layout {
        dt: network.dt,
        duration: experiment.time.duration,
        discard: experiment.time.discard,
        populations: populations.collect(),
        analysis: experiment.analysis.clone(),
        joint: experiment.record.attractor,
        whole_counts: !matches!(model, Variant::Dsode { .. }),
    }
}
