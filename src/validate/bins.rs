//! Are the voltage bins of nonlinear neurons narrow enough? Rates of the first point with them and with bins of half their width.
//!
//! Where f vanishes, all neurons of a bin that is wider than their spread stay in it: what automatic bins rest on (`model/bins`), a
//! slope of the density that a leak makes, says nothing of that.

use super::ValidateError;
use super::convergence::{alone, rates_of};
use crate::config::{Experiment, Time};
use crate::ensemble::Ensemble;
use crate::model::Variant;
use crate::statistics::sample::mean_and_error;

/// Difference of a rate that is small, and rates in Hz whose differences do not count.
const TOLERANCE: f64 = 0.05;
const NO_RATE: f64 = 0.05;
/// Standard errors that a difference must be clear of.
const ERRORS: f64 = 2.0;
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
             {WINDOW} ms, with {half} at {narrow:.2} Hz; take {half} or less"
        )
    }
}

/// Every such rate of every `dsode` with nonlinear neurons.
pub fn wide_bins(experiment: &Experiment) -> Result<Vec<WideBins>, ValidateError> {
    let mut wide = vec![];
    if experiment.network.populations.iter().all(|p| p.neuron.is_lif()) {
        return Ok(wide);
    }
    for (index, &model) in experiment.models.iter().enumerate() {
        let Variant::Dsode { bin: Some(bin), closure, density, noise, v_min, precision } = model else { continue };
        let of_width = |bin: f64| -> Result<Vec<(f64, f64)>, ValidateError> {
            let model = Variant::Dsode { bin: Some(bin), closure, density, noise, v_min, precision };
            let short = alone(&Experiment { models: vec![model], ..experiment.clone() }, &experiment.point(0).network);
            let steps = (WINDOW.min(short.time.duration) / short.network.dt).round().max(1.0);
            let time = Time { discard: 0.0, duration: steps * short.network.dt };
            let ensemble = Ensemble::new(Experiment { time, ..short }, false)?;
            let members = rates_of(&ensemble, 0, if model.is_deterministic() { 1 } else { REALISATIONS })?;
            let of = |pop: usize| mean_and_error(&members.iter().map(|member| member[pop]).collect::<Vec<_>>());
            Ok((0..experiment.network.populations.len()).map(of).collect())
        };
        let names = experiment.network.populations.iter().map(|p| p.name.clone());
        for ((population, a), b) in names.zip(of_width(bin)?).zip(of_width(0.5 * bin)?) {
            let (difference, error) = ((a.0 - b.0).abs(), ERRORS * a.1.hypot(b.1));
            if difference - error > (TOLERANCE * a.0.max(b.0)).max(NO_RATE) {
                wide.push(WideBins { model: index, population, bin, rates: [a, b] });
            }
        }
    }
    Ok(wide)
}
