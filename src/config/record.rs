//! What is recorded, from the tree.

use super::analysis::{populations, span};
use super::error::Problem;
use super::experiment::{Neurons, Recording, Spikes, Time, Traces};
use super::section::{Report, Section};
use crate::model::{Network, Variant};

pub(super) fn read(root: &Section, network: &Network, time: &Time, report: &mut Report) -> Recording {
    let section = root.section(report, "record");
    let every = |of: &Section, report: &mut Report| of.get("every").map_or(network.dt, |_| of.real(report, "every"));
    let traces = section.optional_section(report, "traces");
    let traces =
        traces.map(|traces| Traces { members: traces.count(report, "members") as u32, every: every(&traces, report) });
    let spikes = section.optional_section(report, "spikes").map(|section| spikes(&section, time, report));
    let neurons = section.optional_section(report, "neurons").map(|section| {
        let named = section.get("populations").is_some();
        let all = (0..network.populations.len()).collect();
        let [from, to] = span(&section, time, report);
        Neurons {
            members: section.count(report, "members") as u32,
            populations: if named {
                populations(&section, network, "names of populations; without it all", report)
            } else {
                all
            },
            count: section.count(report, "count") as u32,
            from,
            to,
            every: every(&section, report),
        }
    });
    let [voltage, attractor] = ["voltage", "attractor"].map(|name| section.flag(report, name));
    Recording { traces, spikes, voltage, attractor, neurons }
}

fn spikes(section: &Section, time: &Time, report: &mut Report) -> Spikes {
    let [from, to] = span(section, time, report);
    Spikes { members: section.count(report, "members") as u32, from, to }
}

/// Whether any model has what is recorded.
pub(super) fn check(root: &Section, record: &Recording, models: &[Variant], report: &mut Report) {
    let has_neurons = |model: &Variant| !matches!(model, Variant::Dsode { .. });
    if record.neurons.is_some() && !models.is_empty() && !models.iter().any(has_neurons) {
        let (found, allowed) = ("neurons of dsode, which has densities of them", "neurons of snn or markov");
        let problem = Problem::fixable(found, allowed, "add one of these models, or record.voltage for the densities");
        root.fail_at(report, "record.neurons", problem);
    }
}
