//! What is measured: the example network, grown, thinned, driven and reduced.
//!
//! Strengths go with 1/N, so that every size has the same rates; voltages begin spread out, so that spikes are there from the
//! first step on.

use crate::config::{ConfigErrors, Experiment, load};
use crate::ensemble::ModelAtPoint;
use serde::Serialize;

const EXAMPLE: &str = include_str!("../../configs/quickstart.yaml");
/// Neurons of the example, a quarter of them inhibitory, and its strengths.
const NEURONS: u32 = 400;
const STRENGTHS: [(&str, f64); 4] = [("E<-E", 0.95), ("E<-I", 2.71), ("I<-E", 1.25), ("I<-I", 2.45)];
const SIZES: [u32; 5] = [100, 400, 1000, 4000, 20_000];
/// Widths of 140, 70, 35, 14 and 7 voltage bins per population.
const WIDTHS: [f64; 5] = [1.0, 2.0, 4.0, 10.0, 20.0];
/// Drive rates in 1/ms, from hardly a spike to four times the example's rate.
const DRIVES: [f64; 6] = [2.0, 4.0, 7.0, 10.0, 15.0, 20.0];

/// What the cost of a step is measured along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Law {
    /// Members side by side.
    Members,
    /// Neurons of a network.
    Neurons,
    /// Firing rate in Hz.
    Spikes,
    /// Voltage bins of `dsode`.
    Bins,
}

impl Law {
    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            Law::Members => "members",
            Law::Neurons => "neurons",
            Law::Spikes => "spikes",
            Law::Bins => "bins",
        }
    }
}

/// One line of the table: a network or reduced model that is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Model, size and connectivity, by which `--only` chooses.
    pub name: String,
    /// An entry of a config's `models`.
    model: String,
    neurons: u32,
    quenched: bool,
    /// Rate of the drive in 1/ms.
    drive: f64,
    /// The cost law that it belongs to, and its place along it.
    pub law: Option<(Law, f64)>,
}

impl Case {
    fn network(model: &str, neurons: u32, quenched: bool) -> Case {
        let connectivity = if quenched { " quenched" } else { "" };
        let name = format!("{} N={neurons}{connectivity}", label(model));
        Case { name, model: model.to_string(), neurons, quenched, drive: 7.0, law: None }
    }

    fn reduced(options: &str, width: f64) -> Case {
        let model = format!("{{dsode: {{{options}bin: {width}}}}}");
        let bins = 140.0 / width;
        let options =
            options.replace("closure: ", "").replace("density: ", "").replace(": finite_size", "").replace(", ", " ");
        let name = format!("dsode {options}bins={bins}");
        Case { name, model, neurons: NEURONS, quenched: false, drive: 7.0, law: None }
    }

    /// The experiment of `members` members of `steps` steps.
    pub fn experiment(&self, members: usize, steps: u32) -> Result<Experiment, ConfigErrors> {
        let deterministic = self.model.contains("dsode") && !self.model.contains("finite_size");
        let mut set = vec![
            format!("populations.E.size={}", self.neurons / 4 * 3),
            format!("populations.I.size={}", self.neurons / 4),
            format!("connectivity={}", if self.quenched { "quenched" } else { "annealed" }),
            format!("models=[{}]", self.model),
            format!("realisations={}", if deterministic { 1 } else { members }),
            format!("time.duration={}", f64::from(steps) / 10.0),
            "time.discard=0".to_string(),
        ];
        for population in ["E", "I"] {
            set.push(format!("populations.{population}.initial=uniform"));
            set.push(format!("populations.{population}.drive.rate={}", self.drive));
        }
        for (projection, s) in STRENGTHS {
            let s = s * f64::from(NEURONS) / f64::from(self.neurons);
            set.push(format!("projections.{projection}.s={s}"));
        }
        if deterministic && members > 1 {
            set.push(format!("scan=[{{path: projections.E<-I.p, linspace: [0.75, 0.85, {members}]}}]"));
        }
        load(EXAMPLE, "the example", &set)
    }
}

fn label(model: &str) -> &str {
    if model.contains("coloured") { "markov coloured" } else { model }
}

/// The table of this machine.
pub fn suite() -> Vec<Case> {
    let mut cases = vec![];
    for quenched in [false, true] {
        cases.extend(SIZES.map(|neurons| Case::network("snn", neurons, quenched)));
    }
    cases.extend(SIZES.map(|neurons| Case::network("markov", neurons, false)));
    cases.push(Case::network("{markov: {closure: coloured}}", NEURONS, false));
    for width in [4.0, 1.0] {
        cases.push(Case::reduced("", width));
        cases.push(Case::reduced("closure: coloured, ", width));
    }
    cases.push(Case::reduced("noise: finite_size, ", 4.0));
    cases.push(Case::reduced("closure: coloured, noise: finite_size, ", 4.0));
    cases.push(Case::reduced("closure: coloured, density: linear, ", 4.0));
    cases.push(Case::reduced("closure: coloured, density: linear, noise: finite_size, ", 4.0));
    cases
}

/// What the cost of a step depends on, one thing at a time.
pub fn laws() -> Vec<Case> {
    let of = |law: Law, x: f64, case: Case| Case { law: Some((law, x)), ..case };
    let mut cases = vec![
        of(Law::Members, 0.0, Case::network("snn", NEURONS, false)),
        of(Law::Members, 0.0, Case::reduced("", 4.0)),
    ];
    for quenched in [false, true] {
        let sizes = [48, 100, 200, 400, 1000, 2000, 4000, 10_000, 20_000];
        cases
            .extend(sizes.map(|neurons| of(Law::Neurons, f64::from(neurons), Case::network("snn", neurons, quenched))));
    }
    for quenched in [false, true] {
        cases.extend(DRIVES.map(|drive| {
            let mut case = of(Law::Spikes, drive, Case::network("snn", 4000, quenched));
            case.name += &format!(" drive={drive}");
            Case { drive, ..case }
        }));
    }
    for options in ["", "closure: coloured, "] {
        cases.extend(WIDTHS.map(|width| of(Law::Bins, 140.0 / width, Case::reduced(options, width))));
    }
    cases
}

/// What a member of `at_point` does in a step is counted in.
pub fn unit(at_point: &ModelAtPoint) -> &'static str {
    if crate::network::shape::Model::of(&at_point.variant).is_some() { "neuron-steps" } else { "trajectory-steps" }
}
