//! Every scalar statistic: name, unit, definition. Columns are named STATISTIC_POPULATION (`rate_E`).

use super::layout::{Layout, LayoutError};
use std::collections::HashSet;

/// One scalar per member and population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistic {
    pub name: &'static str,
    /// `1` for a pure number.
    pub unit: &'static str,
    pub doc: &'static str,
    needs: Needs,
}

/// What must be recorded for a statistic to have columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Counts,
    Threshold,
    Voltage,
    Attractor,
}

impl Statistic {
    /// Every experiment has it, whatever it records.
    pub fn is_always_recorded(&self) -> bool {
        self.needs == Needs::Counts
    }
}

/// A statistic of a population: a column of `members.parquet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub statistic: &'static Statistic,
    /// Index into [`Layout::populations`].
    pub population: usize,
}

const fn statistic(name: &'static str, unit: &'static str, needs: Needs, doc: &'static str) -> Statistic {
    Statistic { name, unit, doc, needs }
}

use Needs::{Attractor, Counts, Threshold, Voltage};

/// In the order of the columns.
///
/// Smoothed rate: centred moving average of the counts over the largest odd number of steps within 1 ms, defined where all
/// of these steps lie in the window.
#[rustfmt::skip]
pub const TABLE: [Statistic; 21] = [
    statistic("rate", "Hz", Counts, "spikes per neuron and time"),
    statistic("rate_sd", "Hz", Counts, "standard deviation over time of the smoothed rate per neuron"),
    statistic("fano", "1", Counts, "variance over mean of the spike counts in consecutive windows of 10 ms from the end of the transient"),
    statistic("cv_isi", "1", Counts, "standard deviation over mean of all interspike intervals of all neurons (networks only)"),
    statistic("ssi", "1", Counts, "spike synchrony index: share of the population that fires within 0.5 ms of a spike, mean over spikes"),
    statistic("psd_peak_hz", "Hz", Counts, "frequency of the largest Welch density of the population rate in the band"),
    statistic("psd_peak_power", "Hz^2/Hz", Counts, "that density"),
    statistic("burst_rate", "1/s", Counts, "bursts per time; a burst is a maximum of the smoothed population rate that is high enough and largest within the burst distance"),
    statistic("burst_peak_mean", "spikes/ms", Counts, "smoothed population rate at the peak of a burst, mean"),
    statistic("burst_peak_sd", "spikes/ms", Counts, "the same, standard deviation"),
    statistic("burst_size_mean", "spikes", Counts, "spikes within 4 ms of the peak, mean over bursts at least that far from the window's ends"),
    statistic("burst_size_sd", "spikes", Counts, "the same, standard deviation"),
    statistic("burst_interval_mean", "ms", Counts, "time between consecutive peaks, mean"),
    statistic("burst_interval_cv", "1", Counts, "the same, standard deviation over mean"),
    statistic("burst_lag1", "1", Counts, "correlation of consecutive peak heights; near -1: alternation"),
    statistic("fraction_above", "1", Threshold, "share of time with the smoothed rate per neuron above the threshold"),
    statistic("dwell_above_mean", "ms", Threshold, "mean length of stretches above the threshold whose both ends were seen"),
    statistic("dwell_below_mean", "ms", Threshold, "mean length of stretches below the threshold whose both ends were seen"),
    statistic("refractory", "1", Voltage, "share of refractory neurons, mean over samples every 1 ms"),
    statistic("kicks_exc", "kicks", Attractor, "pending excitatory kicks per neuron, mean over samples every 1 ms"),
    statistic("kicks_inh", "kicks", Attractor, "pending inhibitory kicks per neuron, mean over samples every 1 ms"),
];

/// The columns of an experiment, statistic by statistic.
///
/// Errors: two columns of the same name (populations `E` and `sd_E`: `rate_sd_E` is both).
pub fn columns(layout: &Layout) -> Result<Vec<Column>, LayoutError> {
    let recorded = |needs| match needs {
        Counts => true,
        Threshold => layout.analysis.state_threshold.is_some(),
        Voltage => layout.populations.iter().any(|p| p.voltage.is_some()),
        Attractor => layout.analysis.attractor.is_some(),
    };
    let mut columns = Vec::new();
    let mut names = HashSet::new();
    for statistic in TABLE.iter().filter(|s| recorded(s.needs)) {
        for (population, p) in layout.populations.iter().enumerate() {
            let name = format!("{}_{}", statistic.name, p.name);
            if !names.insert(name.clone()) {
                return Err(LayoutError::DuplicateColumn { column: name });
            }
            columns.push(Column { name, statistic, population });
        }
    }
    Ok(columns)
}
