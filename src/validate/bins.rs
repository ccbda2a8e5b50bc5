//! Are the voltage bins narrow enough where no noise of a step tells how narrow they should be? Rates of the first point with them and with
//! bins of half their width.
//!
//! Where f of a nonlinear neuron vanishes, all neurons of a bin that is wider than their spread stay in it: what automatic bins rest on
//! (`model/bins`), a slope of the density that a leak makes, says nothing of that. Nor does it of leaky neurons whose only noise is that of
//! kicks that last.

use super::ValidateError;
use super::convergence::{alone, rates_of};
use crate::config::{Experiment, Time};
use crate::ensemble::Ensemble;
use crate::model::bins::counts;
use crate::model::{AutomaticBins, Bins, Network, Variant};
use crate::statistics::sample::mean_and_error;

/// Difference of a rate that is small, and rates in Hz whose differences do not count.
const TOLERANCE: f64 = 0.05;
const NO_RATE: f64 = 0.05;
/// Standard errors that a difference must be clear of.
const ERRORS: f64 = 2.0;
/// Squares of bins times steps, beyond which nothing is run.
const WORK: f64 = 1e9;
/// ms that are run, and realisations with finite-size noise.
const WINDOW: f64 = 200.0;
const REALISATIONS: u32 = 8;

/// A rate that is another one with bins of half the width.
#[derive(Clone, Debug, PartialEq)]
pub struct WideBins {
    /// Index of the model.
    pub model: usize,
    pub population: String,
    /// Width in the network's voltage unit.
    pub bin: f64,
    /// Mean and standard error in Hz, with these bins and with bins of half their width.
    pub rates: [(f64, f64); 2],
}

impl std::fmt::Display for WideBins {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let WideBins { model, population, bin, rates: [(wide, _), (narrow, _)] } = self;
        let half = 0.5 * bin;
        write!(
            f,
            "models.{model}.dsode.bin: {bin} is too wide for population {population}, which fires at {wide:.2} Hz in the first \
             {WINDOW} ms, with {half} at {narrow:.2} Hz; take {half} or less, or density: linear"
        )
    }
}

/// Every such rate of every `dsode`.
pub fn wide_bins(experiment: &Experiment) -> Result<Vec<WideBins>, ValidateError> {
    let mut wide = vec![];
    let automatic = &experiment.automatic_bins;
    let mut populations = experiment.network.populations.iter().zip(automatic);
    if !populations.any(|(p, bins)| !p.neuron.is_lif() || (p.tau_m.is_some() && bins.noise_width().is_infinite())) {
        return Ok(wide);
    }
    let network = &experiment.point(0).network;
    for (index, model) in experiment.models.iter().enumerate() {
        let bins = experiment.bins(network, model);
        let work =
            counts(network, &bins).iter().map(|&count| f64::from(count).powi(2)).sum::<f64>() * (WINDOW / network.dt);
        if bins.is_empty() || work > WORK {
            continue;
        }
        let halved = automatic.iter().map(|bins| bins.halved()).collect();
        let rates = [
            short_rates(experiment, network, *model, automatic.clone())?,
            short_rates(experiment, network, model.with_half_bins(), halved)?,
        ];
        for (pop, Bins { width, .. }) in bins.iter().enumerate() {
            let [a, b] = rates.each_ref().map(|rates| rates[pop]);
            let (difference, error) = ((a.0 - b.0).abs(), ERRORS * a.1.hypot(b.1));
            if difference - error > (TOLERANCE * a.0.max(b.0)).max(NO_RATE) {
                let population = network.populations[pop].name.clone();
                wide.push(WideBins { model: index, population, bin: *width, rates: [a, b] });
            }
        }
    }
    Ok(wide)
}

/// Mean rate and its standard error of each population in the first ms of one model, with these automatic bins.
fn short_rates(
    experiment: &Experiment,
    network: &Network,
    model: Variant,
    automatic: Vec<AutomaticBins>,
) -> Result<Vec<(f64, f64)>, ValidateError> {
    let short = Experiment { models: vec![model], ..alone(experiment, network) };
    let steps = (WINDOW.min(short.time.duration) / network.dt).round().max(1.0);
    let time = Time { discard: 0.0, duration: steps * network.dt };
    let mut ensemble = Ensemble::new(Experiment { time, ..short }, false)?;
    ensemble.experiment.automatic_bins = automatic;
    let members = rates_of(&ensemble, 0, if model.is_deterministic() { 1 } else { REALISATIONS })?;
    let of = |pop: usize| mean_and_error(&members.iter().map(|member| member[pop]).collect::<Vec<_>>());
    Ok((0..network.populations.len()).map(of).collect())
}
